package table

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/value"
)

// ndjsonReader reads one flat JSON object per line. Keys keep their order; a
// key that a line lacks is absent in its row. Empty lines are skipped.
type ndjsonReader struct {
	lines    lines
	problems problems
	cells    cells
	line     string // the rest of the current line
	seen     []int  // per column, the last line that had it
}

func readNDJSON(name string, in *input) (*frame.Frame, error) {
	r := &ndjsonReader{lines: lines{r: in}, problems: problems{file: name, class: ClassRead}}
	r.lines.fill()
	r.cells.b = frame.NewBuilder(r.lines.room(in.size))
	for r.next() && len(r.problems.list) < maxProblems {
		r.row()
	}
	if r.lines.err != nil {
		return nil, r.lines.err
	}
	if err := r.problems.list.Err(); err != nil {
		return nil, err
	}
	return r.cells.b.Frame(), nil
}

// next goes to the next line that is not empty.
func (r *ndjsonReader) next() (ok bool) {
	for {
		if r.line, ok = r.lines.next(); !ok {
			return false
		}
		if r.lines.n == 1 {
			r.line = strings.TrimPrefix(r.line, "\ufeff")
		}
		if r.space(); r.line != "" {
			return true
		}
	}
}

// row reads the current line.
func (r *ndjsonReader) row() {
	b := r.cells.b
	b.Begin()
	if err := r.object(); err != nil {
		r.problems.add(r.lines.n, "write each observation on a line of its own, as a flat object", "%v", err)
		return
	}
	b.End()
}

func (r *ndjsonReader) object() error {
	if !r.take('{') {
		return r.unexpected("an object")
	}
	if r.take('}') {
		return r.end()
	}
	for {
		if err := r.member(); err != nil {
			return err
		}
		if r.take(',') {
			continue
		}
		if r.take('}') {
			return r.end()
		}
		return r.unexpected("a comma or }")
	}
}

func (r *ndjsonReader) end() error {
	if r.line != "" {
		return r.unexpected("the end of the line")
	}
	return nil
}

// member reads a key and its value.
func (r *ndjsonReader) member() error {
	key, err := r.text("a key")
	if err != nil {
		return err
	}
	if !r.take(':') {
		return r.unexpected("a colon")
	}
	col, expected := r.cells.b.Expect()
	if col < 0 || expected != key {
		if !utf8.ValidString(key) {
			return errors.New("a key is not UTF-8")
		}
		if col = r.cells.b.Column(strings.Clone(key)); col >= maxColumns {
			return fmt.Errorf("more than %d different keys", maxColumns)
		}
	}
	for col >= len(r.seen) {
		r.seen = append(r.seen, 0)
	}
	if r.seen[col] == r.lines.n {
		return fmt.Errorf("the key %q is there twice", key)
	}
	r.seen[col] = r.lines.n
	return r.value(col, key)
}

func (r *ndjsonReader) value(col int, key string) error {
	b := r.cells.b
	if r.line == "" {
		return r.unexpected("a value")
	}
	switch c := r.line[0]; {
	case c == '"':
		s, err := r.text("")
		if err != nil {
			return err
		}
		if !r.cells.text(col, s) {
			return fmt.Errorf("the value of %q is not UTF-8", key)
		}
	case c == '{' || c == '[':
		return fmt.Errorf("the value of %q is not a number, a text, true, false or null", key)
	case r.word("null"):
		b.Value(col, value.OfNull())
	case r.word("true"):
		b.Value(col, value.OfBool(true))
	case r.word("false"):
		b.Value(col, value.OfBool(false))
	default:
		f, n := number(r.line)
		if n == 0 {
			return r.unexpected("a value")
		}
		b.Number(col, f)
		r.line = r.line[n:]
	}
	r.space()
	return nil
}

// text reads a string and the space behind it.
func (r *ndjsonReader) text(what string) (string, error) {
	if r.line == "" || r.line[0] != '"' {
		return "", r.unexpected(what)
	}
	end, plain := stringEnd(r.line)
	if end == 0 {
		return "", r.unexpected("a string with its closing quote and without control characters")
	}
	s := r.line[1 : end-1]
	if !plain {
		if !utf8.ValidString(s) { // encoding/json would put replacement characters
			return "", r.unexpected("a string in UTF-8")
		}
		var ok bool
		if s, ok = unescape(r.line[:end]); !ok {
			return "", r.unexpected("a string with valid escapes")
		}
	}
	r.line = r.line[end:]
	r.space()
	return s, nil
}

// unescape reads a string with escapes. (It stands alone because the text
// escapes to the heap here.)
func unescape(quoted string) (s string, ok bool) {
	err := json.Unmarshal([]byte(quoted), &s)
	return s, err == nil
}

// stringEnd returns where the string that begins s ends, 0 when it does not or
// holds a control character; plain when it has no escapes.
func stringEnd(s string) (end int, plain bool) {
	plain = true
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return i + 1, plain
		case c == '\\':
			plain = false
			i++
		case c < 0x20:
			return 0, false
		}
	}
	return 0, false
}

// take skips a character and the space behind it, if it comes next.
func (r *ndjsonReader) take(c byte) bool {
	if r.line == "" || r.line[0] != c {
		return false
	}
	r.line = r.line[1:]
	r.space()
	return true
}

func (r *ndjsonReader) word(w string) bool {
	if !strings.HasPrefix(r.line, w) {
		return false
	}
	r.line = r.line[len(w):]
	return true
}

func (r *ndjsonReader) space() {
	i := 0
	for i < len(r.line) && (r.line[i] == ' ' || r.line[i] == '\t' || r.line[i] == '\r') {
		i++
	}
	r.line = r.line[i:]
}

func (r *ndjsonReader) unexpected(want string) error {
	if r.line == "" {
		return fmt.Errorf("the line ends where %s should be", want)
	}
	const room = 20
	rest := r.line
	if len(rest) > room {
		rest = strings.ToValidUTF8(rest[:room], "") + "…"
	}
	return fmt.Errorf("%q stands where %s should be", rest, want)
}
