package canon

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxDepth is how deep arrays and objects may lie in one another.
const MaxDepth = 128

// ErrSyntax is wrapped by the errors of text that is not JSON, or not the JSON
// that was asked for.
var ErrSyntax = errors.New("not valid JSON")

// Scanner reads one JSON text value by value. Whoever reads asks for what should
// come next; the first thing that is wrong stops the scanner, and all later answers
// are zero values. The zero Scanner reads an empty text.
//
//	s.Object()
//	for key, more := s.Key(); more; key, more = s.Key() {
//		… read the value, or Skip it …
//	}
//	return s.End()
type Scanner struct {
	data  []byte
	pos   int
	depth int
	fresh bool // the array or object has no element yet
	err   error
	text  []byte // of strings with escapes
	loose bool
}

// Reset makes the scanner read another text, which it does not copy.
func (s *Scanner) Reset(data []byte) {
	*s = Scanner{data: data, text: s.text[:0]}
}

// Err returns what is wrong, wrapping [ErrSyntax], or nil.
func (s *Scanner) Err() error { return s.err }

// Loose reports whether what was read is not canonical, as far as that shows while reading: there is
// space between values, or a text or a number is not in its one form. It does not look at the
// order of keys and at the last digits of numbers.
func (s *Scanner) Loose() bool { return s.loose }

// Rest returns the text that is not read yet, from the next value on.
func (s *Scanner) Rest() []byte {
	s.Peek()
	return s.data[s.pos:]
}

// Fail stops the scanner: the value read last is not what its place asks for.
func (s *Scanner) Fail(what string) {
	if s.err == nil {
		s.err = fmt.Errorf("%w: byte %d: %s", ErrSyntax, s.pos, what)
		s.pos = len(s.data)
	}
}

// End checks that nothing but space follows, and returns [Scanner.Err].
func (s *Scanner) End() error {
	if s.Peek(); s.err == nil && s.pos < len(s.data) {
		s.Fail("something follows the value")
	}
	return s.err
}

// Peek returns the first byte of what comes next, or 0 at the end: { [ " t f n - or a
// digit begins a value.
func (s *Scanner) Peek() byte {
	if s.pos < len(s.data) && s.data[s.pos] > ' ' {
		return s.data[s.pos]
	}
	return s.space()
}

// space is Peek behind what may be space.
func (s *Scanner) space() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
			s.loose = true
		default:
			return c
		}
	}
	return 0
}

// Object begins an object. Its members are read with [Scanner.Key].
func (s *Scanner) Object() bool { return s.open('{', "expected an object") }

// Array begins an array. Its elements are read with [Scanner.Next].
func (s *Scanner) Array() bool { return s.open('[', "expected an array") }

func (s *Scanner) open(c byte, what string) bool {
	if s.Peek() != c {
		s.Fail(what)
		return false
	}
	if s.depth++; s.depth > MaxDepth {
		s.Fail("too deep")
		return false
	}
	s.pos++
	s.fresh = true
	return true
}

// Next reports whether the array goes on, and goes to its next element. At the
// array's end it leaves it.
func (s *Scanner) Next() bool { return s.more(']') }

// Key returns the key of the next member of the object, to be read before the next
// call of any method: it lies in the scanner's memory. At the object's end it leaves
// the object and returns false.
func (s *Scanner) Key() ([]byte, bool) {
	// Without space and escapes a key is found at once. After an error there is no text left.
	i := s.pos
	if !s.fresh && i < len(s.data) && s.data[i] == ',' {
		i++
	}
	if (s.fresh || i > s.pos) && i < len(s.data) && s.data[i] == '"' {
		end := plain(s.data, i+1)
		if end+1 < len(s.data) && s.data[end] == '"' && s.data[end+1] == ':' {
			s.fresh, s.pos = false, end+2
			return s.data[i+1 : end], true
		}
	}
	return s.keyAfterSpace()
}

// keyAfterSpace is Key for any text.
func (s *Scanner) keyAfterSpace() ([]byte, bool) {
	if !s.more('}') {
		return nil, false
	}
	key := s.TextBytes()
	if s.Peek() != ':' {
		s.Fail("expected a colon")
		return nil, false
	}
	s.pos++
	return key, s.err == nil
}

func (s *Scanner) more(end byte) bool {
	c := s.Peek()
	if s.err != nil {
		return false
	}
	fresh := s.fresh
	s.fresh = false
	switch {
	case c == end:
		s.pos++
		s.depth--
		return false
	case fresh:
		return true
	case c != ',':
		s.Fail("expected a comma or the end")
		return false
	}
	s.pos++
	if s.Peek() == end {
		s.Fail("a comma without a value")
		return false
	}
	return true
}

// TextBytes reads a string. It lies in the text, or in the scanner's memory until
// the next call.
func (s *Scanner) TextBytes() []byte {
	if s.Peek() != '"' {
		s.Fail("expected a string")
		return nil
	}
	from := s.pos + 1
	i := plain(s.data, from)
	switch {
	case i == len(s.data):
		s.Fail("a string without an end")
		return nil
	case s.data[i] == '"':
		s.pos = i + 1
		return s.data[from:i]
	case s.data[i] == '\\':
		return s.escaped(from, i)
	}
	s.pos = i
	s.Fail("a control character in a string")
	return nil
}

// plain returns where the first byte from i on is that has a meaning in a string: a quote,
// a backslash or a control character. It looks at eight bytes at a time.
func plain(data []byte, i int) int {
	const (
		ones  = 0x0101010101010101
		highs = 0x80 * ones
	)
	for ; i+8 <= len(data); i += 8 {
		x := binary.LittleEndian.Uint64(data[i:])
		quote, slash := x^('"'*ones), x^('\\'*ones)
		// The highest bit of the first byte that is 0, or below a space, is set; bits above
		// it may be set by what is carried.
		found := ((quote-ones)&^quote | (slash-ones)&^slash | (x-' '*ones)&^x) & highs
		if found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for ; i < len(data); i++ {
		if c := data[i]; c == '"' || c == '\\' || c < ' ' {
			return i
		}
	}
	return i
}

// Text reads a string and copies it.
func (s *Scanner) Text() string { return string(s.TextBytes()) }

// escaped reads on in a string from its first backslash.
func (s *Scanner) escaped(from, i int) []byte {
	s.text = append(s.text[:0], s.data[from:i]...)
	s.pos = i
	for s.pos < len(s.data) {
		c := s.data[s.pos]
		s.pos++
		switch {
		case c == '"':
			return s.text
		case c < ' ':
			s.Fail("a control character in a string")
			return nil
		case c != '\\':
			s.text = append(s.text, c)
		case !s.escape():
			return nil
		}
	}
	s.Fail("a string without an end")
	return nil
}

// escape reads what follows a backslash.
func (s *Scanner) escape() bool {
	if s.pos >= len(s.data) {
		s.Fail("a string without an end")
		return false
	}
	c := s.data[s.pos]
	s.pos++
	s.loose = s.loose || c == '/' || c == 'u' // mostly; those that need it are rare
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		return s.unicode()
	default:
		s.Fail("an unknown escape")
		return false
	}
	s.text = append(s.text, c)
	return true
}

func (s *Scanner) unicode() bool {
	r := s.hex()
	if utf16.IsSurrogate(r) {
		if s.pos+2 <= len(s.data) && s.data[s.pos] == '\\' && s.data[s.pos+1] == 'u' {
			s.pos += 2
			r = utf16.DecodeRune(r, s.hex())
		} else {
			r = utf8.RuneError
		}
		if r == utf8.RuneError {
			s.Fail("half of a surrogate pair")
		}
	}
	s.text = utf8.AppendRune(s.text, r)
	return s.err == nil
}

func (s *Scanner) hex() rune {
	if s.pos+4 > len(s.data) {
		s.Fail("an escape without an end")
		return 0
	}
	x, err := strconv.ParseUint(string(s.data[s.pos:s.pos+4]), 16, 16)
	if err != nil {
		s.Fail("expected four hexadecimal digits")
		return 0
	}
	s.pos += 4
	return rune(x)
}

// Bool reads true or false.
func (s *Scanner) Bool() bool {
	if s.Peek() == 't' {
		s.word("true")
		return s.err == nil
	}
	s.word("false")
	return false
}

// Null reads null if that comes next, and reports whether it did.
func (s *Scanner) Null() bool {
	if s.Peek() != 'n' {
		return false
	}
	s.word("null")
	return s.err == nil
}

func (s *Scanner) word(w string) {
	if end := s.pos + len(w); end <= len(s.data) && string(s.data[s.pos:end]) == w {
		s.pos = end
		return
	}
	s.Fail("expected a value")
}
