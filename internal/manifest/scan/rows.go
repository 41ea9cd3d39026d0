package scan

import (
	"strings"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Lines are the lines of a source, counting from 1, on which rows begin.
type Lines struct {
	first, step int32   // row i is on first + i·step, while each is nil
	n           int32   // rows
	each        []int32 // or the line of every row
}

// At returns the line of a row.
func (l *Lines) At(row int) int {
	if l.each != nil {
		return int(l.each[row])
	}
	return int(l.first) + row*int(l.step)
}

// Add notes the line of the next row.
func (l *Lines) Add(line int) {
	switch {
	case l.each != nil:
		l.each = append(l.each, int32(line))
	case l.n == 0:
		l.first = int32(line)
	case l.n == 1:
		l.step = int32(line) - l.first
	case line != l.At(int(l.n)):
		each := make([]int32, l.n, 2*l.n)
		for row := range each {
			each[row] = int32(l.At(row))
		}
		l.each = append(each, int32(line))
	}
	l.n++
}

// Reader reads lists one after another; the zero value is ready. Their frames share what they have in
// common, see [frame.Builder.Reset].
type Reader struct {
	b           *frame.Builder
	guess, flow []lead // room for them
}

// Rows reads a list whose items are maps of scalars. It is false when anything
// in the list is written in a way that only a YAML library should judge. With
// integerKeysFirst it leaves the library also the rows whose keys are to be put
// in another order.
//
// The frame keeps nothing of src.
func (in *Reader) Rows(src string, list List, integerKeysFirst bool) (*frame.Frame, Lines, bool) {
	if in.b == nil {
		in.b = frame.NewBuilder(0)
	}
	in.b.Reset(list.Rows)
	r := rows{
		s: src[list.Start:list.End], dash: list.Indent, column: -1,
		line: list.Line, integers: integerKeysFirst, b: in.b, guess: in.guess[:0], flow: in.flow[:0],
	}
	defer func() {
		in.guess, in.flow = r.guess, r.flow
		clear(in.guess[:cap(in.guess)]) // they refer to src
		clear(in.flow[:cap(in.flow)])
	}()
	for r.s != "" {
		if g := r.guessed(); g != nil {
			if !r.follow(g) {
				return nil, Lines{}, false
			}
		} else if !r.unexpected() {
			return nil, Lines{}, false
		}
	}
	if !r.endRow() || r.b.Len() == 0 || r.b.Sparse() {
		return nil, Lines{}, false
	}
	return r.b.Frame(), r.lines, true
}

// rows reads a list line by line. Most lines begin like the one that stood at
// this place of the row before, up to the value; that is all there is to
// compare then.
type rows struct {
	s        string // what has not been read; begins with a line
	line     int    // its number
	dash     int    // spaces before the dashes
	column   int    // spaces before the keys of the current row, -1 when it is closed
	integers bool   // rows with integer keys are for the library

	b     *frame.Builder
	open  bool // a row has begun
	lines Lines

	guess []lead // the lines of the row before, as far as the current row is like it
	next  int    // how many lines of the current row have been read
	flow  []lead // the pairs of the row before, when it was in braces
}

// lead is how a line begins, up to the value.
type lead struct {
	text string
	col  int
	null bool // there is no value, and the text ends with the line

	written, value string // what stood behind it, and the text that it was: labels repeat
}

// guessed returns how the line begins, if it is as the row before has it.
func (r *rows) guessed() *lead {
	if r.next == len(r.guess) {
		if r.next == 0 || !strings.HasPrefix(r.s, r.guess[0].text) {
			return nil
		}
		r.next = 0
		return &r.guess[0]
	}
	if strings.HasPrefix(r.s, r.guess[r.next].text) {
		return &r.guess[r.next]
	}
	return nil
}

// follow reads a line that begins as guessed.
func (r *rows) follow(g *lead) bool {
	if r.next == 0 && !r.beginRow() {
		return false
	}
	rest, ok := r.s[len(g.text):], true
	switch {
	case g.null:
		r.b.Value(g.col, value.OfNull())
	case g.written != "" && strings.HasPrefix(rest, g.written):
		r.b.Borrowed(g.col, g.value)
		rest = rest[len(g.written):]
	default:
		rest, ok = r.scalar(rest, g)
	}
	r.next, r.s, r.line = r.next+1, rest, r.line+1
	return ok
}

// unexpected reads any other line.
func (r *rows) unexpected() bool {
	if blank(r.s) {
		return r.skipBlank()
	}
	n := spaces(r.s)
	switch {
	case n == r.dash && isDash(r.s[n:]):
		return r.item(n)
	case n == r.column:
		return r.pair(n)
	}
	return false
}

// skipBlank skips a line without content.
func (r *rows) skipBlank() bool {
	line, rest, _ := strings.Cut(r.s, "\n")
	if !printable(strings.TrimSuffix(line, "\r")) {
		return false
	}
	r.s, r.line = rest, r.line+1
	return true
}

// item reads a line that begins with a dash, after n spaces.
func (r *rows) item(n int) bool {
	if r.next < len(r.guess) { // the row before was shorter than the one before it
		r.guess = r.guess[:r.next]
		return true
	}
	first := n + 1 + spaces(r.s[n+1:])
	if first == len(r.s) || !r.beginRow() {
		return false
	}
	r.guess, r.next = r.guess[:0], 0
	if r.s[first] == '{' {
		r.column = -1
		rest, ok := r.flowMap(r.s[first+1:])
		r.s, r.line = rest, r.line+1
		return ok
	}
	r.column = first
	return r.pair(first)
}

// pair reads a key that begins after n bytes of the line, and its value.
func (r *rows) pair(n int) bool {
	name, length, ok := key(r.s[n:])
	if !ok || r.integers && name[0]-'0' <= 9 || r.b.Sparse() {
		return false
	}
	colon := n + length
	at := colon + spaces(r.s[colon:])
	col := r.b.Column(name)
	r.guess = append(r.guess[:r.next], lead{text: r.s[:at], col: col})
	g := &r.guess[r.next]
	rest, ok := endLine(r.s[colon:])
	switch {
	case ok && !strings.Contains(r.s[at:len(r.s)-len(rest)], "#"):
		g.text, g.null = r.s[:len(r.s)-len(rest)], true
		r.b.Value(col, value.OfNull())
	case at == colon:
		return false
	default:
		rest, ok = r.scalar(r.s[at:], g)
	}
	r.next, r.s, r.line = r.next+1, rest, r.line+1
	return ok
}

// beginRow ends the row before, if there is one, and begins the next.
func (r *rows) beginRow() bool {
	ok := r.endRow()
	r.b.Begin()
	r.open = true
	r.lines.Add(r.line)
	return ok
}

// endRow ends the current row; it is false if a key was there twice.
func (r *rows) endRow() bool {
	if !r.open {
		return true
	}
	r.open = false
	return r.b.End() == ""
}

// scalar adds the value at the beginning of s, which takes the rest of the
// line. It returns what follows the line.
func (r *rows) scalar(s string, g *lead) (rest string, ok bool) {
	if s == "" {
		return "", false
	}
	switch c := s[0]; {
	case c == ' ': // more of them than in the row before
		return r.scalar(s[spaces(s):], g)
	case c == '\n':
		r.b.Value(g.col, value.OfNull())
		return s[1:], true
	case c-'0' <= 9 || c == '-':
		if f, n := decimal(s); n > 0 && n < len(s) && s[n] == '\n' {
			r.b.Number(g.col, f)
			return s[n+1:], true
		}
	case c == '\'' || c == '"':
		text, rest, ok := quoted(s)
		if !ok {
			return "", false
		}
		rest, ok = endLine(rest)
		return rest, ok && r.text(g, text, s[:len(s)-len(rest)])
	}
	return r.plain(s, g)
}

// plain adds the unquoted scalar at the beginning of s, which takes the rest
// of the line.
func (r *rows) plain(s string, g *lead) (rest string, ok bool) {
	line, rest, _ := strings.Cut(s, "\n")
	line = strings.TrimSuffix(line, "\r")
	if ms, ok := instant(line); ok {
		r.b.Value(g.col, value.OfTime(ms))
		return rest, true
	}
	text, ok := plainText(line)
	if !ok {
		return "", false
	}
	if v := Resolve(text); v.Kind() != value.Text {
		r.b.Value(g.col, v)
		return rest, true
	}
	return rest, r.text(g, text, s[:len(s)-len(rest)])
}

// text adds a text and remembers what it was written as, up to what ended it.
// It refuses one that is not printable.
func (r *rows) text(g *lead, text, written string) bool {
	if ms, layout := value.ParseISO(text); layout != value.NoLayout {
		r.b.Instant(g.col, ms, layout)
		return true
	}
	r.b.Borrowed(g.col, text)
	g.written, g.value = written, text
	return printable(text)
}
