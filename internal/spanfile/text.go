package spanfile

import (
	"unicode/utf16"
	"unicode/utf8"
)

// escaped scans on in a string that began at start and whose first plain run
// ended at at. The result lies in scratch.
func (c *cursor) escaped(start, at int) ([]byte, error) {
	c.scratch = c.scratch[:0]
	for {
		if at >= len(c.data) {
			c.pos = len(c.data)
			return nil, errShort
		}
		c.scratch = append(c.scratch, c.data[start:at]...)
		switch c.data[at] {
		case '"':
			c.pos = at + 1
			return c.scratch, nil
		case '\\':
			r, next, err := unescape(c.data, at)
			if err != nil {
				c.pos = at
				return nil, err
			}
			c.scratch = utf8.AppendRune(c.scratch, r)
			start, at = next, stop(c.data, next)
		default:
			c.pos = at
			return nil, &syntaxError{"no control character in a string"}
		}
	}
}

// unescape reads the escape whose backslash is at i and returns its character
// and the place behind it. Halves of surrogate pairs without their other half
// become U+FFFD.
func unescape(data []byte, i int) (r rune, next int, err error) {
	if i+1 >= len(data) {
		return 0, 0, errShort
	}
	switch data[i+1] {
	case '"', '\\', '/':
		return rune(data[i+1]), i + 2, nil
	case 'b':
		return '\b', i + 2, nil
	case 'f':
		return '\f', i + 2, nil
	case 'n':
		return '\n', i + 2, nil
	case 'r':
		return '\r', i + 2, nil
	case 't':
		return '\t', i + 2, nil
	case 'u':
		return unescapeHex(data, i)
	}
	return 0, 0, &syntaxError{"an escape sequence that JSON knows"}
}

func unescapeHex(data []byte, i int) (r rune, next int, err error) {
	r, err = hex4(data, i+2)
	if err != nil || !utf16.IsSurrogate(r) {
		return r, i + 6, err
	}
	if i+7 >= len(data) { // the other half may come with more bytes
		return utf8.RuneError, i + 6, errAfter(data, i+6)
	}
	if data[i+6] != '\\' || data[i+7] != 'u' {
		return utf8.RuneError, i + 6, nil
	}
	low, err := hex4(data, i+8)
	if err != nil {
		return 0, 0, err
	}
	if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
		return pair, i + 12, nil
	}
	return utf8.RuneError, i + 6, nil
}

// errAfter tells whether the bytes from i on can still become a second escape.
func errAfter(data []byte, i int) error {
	if i < len(data) && data[i] != '\\' {
		return nil
	}
	return errShort
}

func hex4(data []byte, i int) (rune, error) {
	var r rune
	for end := i + 4; i < end; i++ {
		if i >= len(data) {
			return 0, errShort
		}
		digit, ok := hexDigit(data[i])
		if !ok {
			return 0, &syntaxError{"four hexadecimal digits after \\u"}
		}
		r = r<<4 | rune(digit)
	}
	return r, nil
}

func hexDigit(b byte) (value byte, ok bool) {
	switch {
	case b >= '0' && b <= '9':
		return b - '0', true
	case b >= 'a' && b <= 'f':
		return b - 'a' + 10, true
	case b >= 'A' && b <= 'F':
		return b - 'A' + 10, true
	}
	return 0, false
}
