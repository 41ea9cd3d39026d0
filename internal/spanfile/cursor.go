package spanfile

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// errShort says that the bytes at hand end inside a value: with more of the file
// it may be whole.
var errShort = errors.New("ends inside a value")

// maxDepth bounds the nesting of what is skipped. Attribute values of OTLP nest
// by two levels for each of theirs.
const maxDepth = 128

// cursor scans JSON that lies in memory. Every method leaves pos behind what it
// consumed; after an error pos is where scanning stopped.
type cursor struct {
	data []byte
	pos  int
	// scratch holds the last string that had escapes.
	scratch []byte
}

// syntaxError is a place where something else stands than JSON, or the messages
// of OTLP, have there.
type syntaxError struct{ want string }

func (e *syntaxError) Error() string { return "want " + e.want }

// wrong returns the error for what stands at pos: the end, or something else
// than wanted.
func (c *cursor) wrong(want string) error {
	if c.pos >= len(c.data) {
		return errShort
	}
	return &syntaxError{want}
}

// space skips white space and returns the byte that follows, or 0 at the end.
func (c *cursor) space() byte {
	for c.pos < len(c.data) {
		switch b := c.data[c.pos]; b {
		case ' ', '\n', '\t', '\r':
			c.pos++
		default:
			return b
		}
	}
	return 0
}

// accept skips white space and consumes b if it comes next.
func (c *cursor) accept(b byte) bool {
	if c.space() != b || c.pos >= len(c.data) {
		return false
	}
	c.pos++
	return true
}

// member scans up to the value of the next member of an object whose `{` has
// been consumed, and returns its name; more is false at the closing `}`. The
// name is good until the next string is scanned.
func (c *cursor) member(first bool) (name []byte, more bool, err error) {
	if c.accept('}') {
		return nil, false, nil
	}
	if !first && !c.accept(',') {
		return nil, false, c.wrong("a comma or } between members")
	}
	if !first && c.space() != '"' {
		return nil, false, c.wrong("the name of a member")
	}
	name, err = c.text()
	if err != nil {
		return nil, false, err
	}
	if !c.accept(':') {
		return nil, false, c.wrong("a colon after a name")
	}
	return name, true, nil
}

// element scans up to the next element of an array whose `[` has been consumed;
// more is false at the closing `]`.
func (c *cursor) element(first bool) (more bool, err error) {
	if c.accept(']') {
		return false, nil
	}
	if first {
		return true, nil
	}
	if !c.accept(',') {
		return false, c.wrong("a comma or ] between elements")
	}
	return true, nil
}

// text scans a string. The result is good until the next call.
func (c *cursor) text() ([]byte, error) {
	if c.space() != '"' {
		return nil, c.wrong("a string")
	}
	start := c.pos + 1
	at := stop(c.data, start)
	if at < len(c.data) && c.data[at] == '"' {
		c.pos = at + 1
		return c.data[start:at], nil
	}
	return c.escaped(start, at)
}

// raw consumes a string of which nothing but its extent matters. The caller
// knows that it begins here.
func (c *cursor) raw() error {
	at := c.pos + 1
	for {
		at = stop(c.data, at)
		if at >= len(c.data) {
			c.pos = len(c.data)
			return errShort
		}
		switch c.data[at] {
		case '"':
			c.pos = at + 1
			return nil
		case '\\':
			_, next, err := unescape(c.data, at)
			if err != nil {
				c.pos = at
				return err
			}
			at = next
		default:
			c.pos = at
			return &syntaxError{"no control character in a string"}
		}
	}
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// stop returns where the run of plain characters from i ends: the first quote,
// backslash or control character, or len(data).
func stop(data []byte, i int) int {
	for i+8 <= len(data) {
		word := binary.LittleEndian.Uint64(data[i:])
		quote := word ^ ('"' * ones)
		slash := word ^ ('\\' * ones)
		// A byte of the word is marked if it is zero after the exclusive or, or
		// below 0x20. Borrows only ever mark bytes above the first true mark.
		marks := ((quote - ones) &^ quote) | ((slash - ones) &^ slash) | ((word - 0x20*ones) &^ word)
		if marks &= highs; marks != 0 {
			return i + bits.TrailingZeros64(marks)/8
		}
		i += 8
	}
	for i < len(data) && data[i] != '"' && data[i] != '\\' && data[i] >= 0x20 {
		i++
	}
	return i
}

// literal consumes one of true, false and null.
func (c *cursor) literal(word string) error {
	rest := c.data[c.pos:]
	if len(rest) < len(word) {
		if string(rest) == word[:len(rest)] {
			c.pos = len(c.data)
			return errShort
		}
		return &syntaxError{"a value"}
	}
	if string(rest[:len(word)]) != word {
		return &syntaxError{"a value"}
	}
	c.pos += len(word)
	return nil
}

// null consumes the value null if it comes next.
func (c *cursor) null() (bool, error) {
	if c.space() != 'n' {
		return false, nil
	}
	return true, c.literal("null")
}

// skip consumes any value, and holds it to the grammar of JSON.
func (c *cursor) skip() error { return c.skipBelow(maxDepth) }

func (c *cursor) skipBelow(depth int) error {
	switch b := c.space(); {
	case b == '"':
		return c.raw()
	case b == '{' || b == '[':
		if depth == 0 {
			return &syntaxError{"less nesting: the limit is 128 levels"}
		}
		c.pos++
		return c.skipInside(b, depth-1)
	case b == 't':
		return c.literal("true")
	case b == 'f':
		return c.literal("false")
	case b == 'n':
		return c.literal("null")
	case b == '-' || b >= '0' && b <= '9':
		_, err := c.number()
		return err
	}
	return c.wrong("a value")
}

// skipInside consumes the rest of an object or an array.
func (c *cursor) skipInside(open byte, depth int) error {
	for first := true; ; first = false {
		var more bool
		var err error
		if open == '{' {
			more, err = c.skipName(first)
		} else {
			more, err = c.element(first)
		}
		if err != nil || !more {
			return err
		}
		if err := c.skipBelow(depth); err != nil {
			return err
		}
	}
}

// skipName is member without the name.
func (c *cursor) skipName(first bool) (more bool, err error) {
	if c.accept('}') {
		return false, nil
	}
	if !first && !c.accept(',') {
		return false, c.wrong("a comma or } between members")
	}
	if c.space() != '"' {
		return false, c.wrong("the name of a member")
	}
	if err := c.raw(); err != nil {
		return false, err
	}
	if !c.accept(':') {
		return false, c.wrong("a colon after a name")
	}
	return true, nil
}
