package canon

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Append appends the canonical text of a JSON text. On an error, which wraps
// [ErrSyntax], what it appended is of no use.
func Append(dst, text []byte) ([]byte, error) {
	var c Canonicalizer
	return c.Append(dst, text)
}

// Canonicalizer is [Append] with memory that is used again. The zero value is ready.
type Canonicalizer struct {
	// Exact writes numbers as [AppendDecimal] does, so that no digit of one is
	// lost: the form of disclosures.
	Exact bool

	scanner Scanner
	members []member // of all objects that are open
	keys    []byte   // of these members
	scratch []byte
}

// member is a member of an object in the output.
type member struct {
	key      span // in keys
	from, to int  // in the output
}

type span struct{ from, to int }

// Append is [Append].
func (c *Canonicalizer) Append(dst, text []byte) ([]byte, error) {
	if !utf8.Valid(text) {
		return dst, fmt.Errorf("%w: not UTF-8", ErrSyntax)
	}
	c.scanner.Reset(text)
	c.members, c.keys = c.members[:0], c.keys[:0]
	dst = c.value(dst)
	return dst, c.scanner.End()
}

func (c *Canonicalizer) value(dst []byte) []byte {
	s := &c.scanner
	switch s.Peek() {
	case '{':
		return c.object(dst)
	case '[':
		return c.array(dst)
	case '"':
		return AppendString(dst, string(s.TextBytes()))
	case 't', 'f', 'n':
		return append(dst, s.Skip()...)
	}
	return c.number(dst)
}

func (c *Canonicalizer) array(dst []byte) []byte {
	dst = append(dst, '[')
	c.scanner.Array()
	for first := true; c.scanner.Next(); first = false {
		if !first {
			dst = append(dst, ',')
		}
		dst = c.value(dst)
	}
	return append(dst, ']')
}

func (c *Canonicalizer) object(dst []byte) []byte {
	base, keys := len(c.members), len(c.keys)
	dst = append(dst, '{')
	begin := len(dst)
	c.scanner.Object()
	for {
		key, more := c.scanner.Key()
		if !more {
			break
		}
		at := span{len(c.keys), len(c.keys) + len(key)}
		c.keys = append(c.keys, key...)
		from := len(dst)
		dst = append(AppendString(dst, string(key)), ':')
		dst = c.value(dst)
		c.members = append(c.members, member{at, from, len(dst)})
		dst = append(dst, ',')
	}
	members := c.members[base:]
	if len(members) > 0 {
		dst = dst[:len(dst)-1] // the last comma
	}
	if !c.ordered(members) {
		dst = c.order(dst, begin, members)
	}
	c.members, c.keys = c.members[:base], c.keys[:keys]
	return append(dst, '}')
}

func (c *Canonicalizer) key(m member) []byte { return c.keys[m.key.from:m.key.to] }

func (c *Canonicalizer) ordered(members []member) bool {
	for i := 1; i < len(members); i++ {
		if bytes.Compare(c.key(members[i-1]), c.key(members[i])) >= 0 {
			return false
		}
	}
	return true
}

// order writes the members again, sorted, the last of equal keys alone.
func (c *Canonicalizer) order(dst []byte, begin int, members []member) []byte {
	slices.SortFunc(members, func(a, b member) int {
		return cmp.Or(bytes.Compare(c.key(a), c.key(b)), cmp.Compare(a.from, b.from))
	})
	c.scratch = c.scratch[:0]
	for i, m := range members {
		if i+1 < len(members) && bytes.Equal(c.key(m), c.key(members[i+1])) {
			continue
		}
		c.scratch = append(append(c.scratch, dst[m.from:m.to]...), ',')
	}
	return append(dst[:begin], c.scratch[:len(c.scratch)-1]...)
}

// number writes an integer of 64 bits as it is and all others as floats.
func (c *Canonicalizer) number(dst []byte) []byte {
	text := c.scanner.Number()
	if c.scanner.err != nil {
		return dst
	}
	if c.Exact {
		return c.decimal(dst, text)
	}
	if isInteger(text) {
		return append(dst, text...)
	}
	x, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		c.scanner.Fail("a number that is too large")
		return dst
	}
	return AppendFloat(dst, x)
}

func (c *Canonicalizer) decimal(dst, text []byte) []byte {
	out, ok := AppendDecimal(dst, text)
	if !ok {
		c.scanner.Fail("a number of too many digits")
		return dst
	}
	return out
}

func isInteger(text []byte) bool {
	if bytes.ContainsAny(text, ".eE") || string(text) == "-0" {
		return false
	}
	if text[0] == '-' {
		_, err := strconv.ParseInt(string(text), 10, 64)
		return err == nil
	}
	_, err := strconv.ParseUint(string(text), 10, 64)
	return err == nil
}
