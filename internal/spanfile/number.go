package spanfile

import (
	"math"
	"strconv"
)

// number scans a number by the grammar of JSON and returns its text.
func (c *cursor) number() ([]byte, error) {
	start, data := c.pos, c.data
	if start < len(data) && data[start] == '-' {
		c.pos++
	}
	switch {
	case c.pos < len(data) && data[c.pos] == '0':
		c.pos++
	case !c.digits():
		return nil, c.wrong("a digit")
	}
	if c.pos < len(data) && data[c.pos] == '.' {
		if c.pos++; !c.digits() {
			return nil, c.wrong("a digit behind the point")
		}
	}
	if c.pos < len(data) && data[c.pos]|0x20 == 'e' {
		c.pos++
		if c.pos < len(data) && (data[c.pos] == '+' || data[c.pos] == '-') {
			c.pos++
		}
		if !c.digits() {
			return nil, c.wrong("a digit of the exponent")
		}
	}
	if c.pos >= len(data) { // a number inside an object goes on or is followed by something
		return nil, errShort
	}
	return data[start:c.pos], nil
}

// digits consumes digits and reports whether there were any.
func (c *cursor) digits() bool {
	start := c.pos
	for c.pos < len(c.data) && c.data[c.pos] >= '0' && c.data[c.pos] <= '9' {
		c.pos++
	}
	return c.pos > start
}

// scalar scans a string or a number, as JSON of protobuf writes 64-bit
// integers in either way; ok is false, and the value skipped, for anything else.
func (c *cursor) scalar() (text []byte, ok bool, err error) {
	switch b := c.space(); {
	case b == '"':
		text, err = c.text()
	case b == '-' || b >= '0' && b <= '9':
		text, err = c.number()
	default:
		return nil, false, c.skip()
	}
	return text, err == nil, err
}

// unsigned scans an integer from 0 to 2^64-1, as a number or in a string. ok is
// false, and the value skipped, for anything else.
func (c *cursor) unsigned() (n uint64, ok bool, err error) {
	text, ok, err := c.scalar()
	if !ok {
		return 0, false, err
	}
	n, ok = parseUnsigned(text)
	return n, ok, nil
}

// integer is unsigned for integers that have a sign.
func (c *cursor) integer() (n int64, ok bool, err error) {
	text, ok, err := c.scalar()
	if !ok {
		return 0, false, err
	}
	negative := len(text) > 0 && text[0] == '-'
	if negative {
		text = text[1:]
	}
	size, ok := parseUnsigned(text)
	switch {
	case !ok:
		return 0, false, nil
	case negative && size <= 1<<63:
		return -int64(size), true, nil
	case !negative && size <= math.MaxInt64:
		return int64(size), true, nil
	}
	return 0, false, nil
}

// parseUnsigned reads an integer. Forms with a point or an exponent are numbers
// all the same if they are whole: 2e3 is 2000.
func parseUnsigned(text []byte) (n uint64, ok bool) {
	const safe = 19 // digits that always fit
	if len(text) == 0 || len(text) > safe {
		return parseWhole(text)
	}
	for _, b := range text {
		digit := b - '0'
		if digit > 9 {
			return parseWhole(text)
		}
		n = n*10 + uint64(digit)
	}
	return n, true
}

func parseWhole(text []byte) (uint64, bool) {
	if n, err := strconv.ParseUint(string(text), 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || f < 0 || f != math.Trunc(f) || f >= 1<<64 {
		return 0, false
	}
	return uint64(f), true
}
