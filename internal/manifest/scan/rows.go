package scan

import (
	"strings"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Lines are the lines of a source, counting from 1, on which rows begin.
type Lines struct {
	First, Step int     // row i is on First + i·Step, while each is nil
	each        []int32 // or the line of every row
	n           int
}

// At returns the line of a row.
func (l *Lines) At(row int) int {
	if l.each != nil {
		return int(l.each[row])
	}
	return l.First + row*l.Step
}

// Add notes the line of the next row.
func (l *Lines) Add(line int) {
	switch {
	case l.each != nil:
		l.each = append(l.each, int32(line))
	case l.n == 0:
		l.First = line
	case l.n == 1:
		l.Step = line - l.First
	case line != l.First+l.n*l.Step:
		each := make([]int32, l.n, 2*l.n)
		for row := range each {
			each[row] = int32(l.At(row))
		}
		l.each = append(each, int32(line))
	}
	l.n++
}

// Rows reads a list whose items are maps of scalars. It is false when anything
// in the list is written in a way that only a YAML library should judge. With
// integerKeysFirst it leaves the library also the rows whose keys are to be put
// in another order.
//
// The frame keeps nothing of src.
func Rows(src string, list List, integerKeysFirst bool) (*frame.Frame, Lines, bool) {
	r := rows{s: src[list.Start:list.End], dash: list.Indent, column: -1,
		line: list.Line, integers: integerKeysFirst, b: frame.NewBuilder(list.Rows)}
	for r.s != "" {
		if g := r.guessed(); g != nil {
			if !r.follow(g) {
				return nil, Lines{}, false
			}
		} else if !r.unexpected() {
			return nil, Lines{}, false
		}
	}
	if !r.endRow() || r.b.Len() == 0 {
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
}

// lead is how a line begins, up to the value.
type lead struct {
	text string
	col  int
	null bool // there is no value, and the text ends with the line
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
	if g.null {
		r.b.Value(g.col, value.OfNull())
	} else {
		rest, ok = r.scalar(rest, g.col)
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
	if !ok || r.integers && name[0]-'0' <= 9 {
		return false
	}
	colon := n + length
	at := colon + spaces(r.s[colon:])
	col := r.b.Column(name)
	r.guess = append(r.guess[:r.next], lead{text: r.s[:at], col: col})
	if rest, ok := endLine(r.s[colon:]); ok && !strings.Contains(r.s[colon:len(r.s)-len(rest)], "#") {
		r.b.Value(col, value.OfNull())
		r.guess[r.next].text, r.guess[r.next].null = r.s[:len(r.s)-len(rest)], true
		r.next, r.s, r.line = r.next+1, rest, r.line+1
		return true
	}
	if at == colon {
		return false
	}
	rest, ok := r.scalar(r.s[at:], col)
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
func (r *rows) scalar(s string, col int) (rest string, ok bool) {
	if s == "" {
		return "", false
	}
	switch c := s[0]; {
	case c-'0' <= 9 || c == '-':
		if f, n := decimal(s); n > 0 && n < len(s) && s[n] == '\n' {
			r.b.Number(col, f)
			return s[n+1:], true
		}
	case c == '\'' || c == '"':
		rest, ok := r.quoted(s, col)
		if !ok {
			return "", false
		}
		return endLine(rest)
	}
	return r.plain(s, col)
}

// quoted adds the quoted text at the beginning of s and returns what follows
// the closing quote.
func (r *rows) quoted(s string, col int) (rest string, ok bool) {
	n := strings.IndexByte(s[1:], s[0])
	if n < 0 {
		return "", false
	}
	text, rest := s[1:1+n], s[n+2:]
	if ms, layout := value.ParseISO(text); layout != value.NoLayout {
		r.b.Instant(col, ms, layout)
		return rest, true
	}
	if s[0] == '"' && strings.IndexByte(text, '\\') >= 0 || rest != "" && rest[0] == s[0] || !printable(text) {
		return "", false
	}
	r.b.Borrowed(col, text)
	return rest, true
}

// plain adds the unquoted scalar at the beginning of s, which takes the rest
// of the line.
func (r *rows) plain(s string, col int) (rest string, ok bool) {
	line, rest, _ := strings.Cut(s, "\n")
	line = strings.TrimSuffix(line, "\r")
	text, ok := plainText(line)
	if !ok {
		return "", false
	}
	r.resolved(col, text)
	return rest, true
}

// resolved adds the value that an unquoted scalar is.
func (r *rows) resolved(col int, text string) {
	v := Resolve(text)
	switch f, isNumber := v.Float(); {
	case isNumber:
		r.b.Number(col, f)
	case v.Kind() == value.Text:
		r.b.Borrowed(col, text)
	default:
		r.b.Value(col, v)
	}
}
