package table

import (
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/value"
)

// maxLoose is the largest file read as Impact Framework does: its reader needs
// all of it at once.
const maxLoose = 1 << 30

// looseReader reads CSV by the rules of csv-parse 5.6 with the options columns,
// cast and skip_empty_lines. What differs from RFC 4180: the first line end of
// the file, \n, \r\n or \r, is the only one that ends records.
type looseReader struct {
	s       string
	pos     int
	end     string // what ends a record, "" until the first line end
	line    int
	newline bool     // a line end was passed and is not counted yet
	names   []string // nil before the header
	fields  []string // of the record being read
	field   string
	quoted  bool // the field being read was in quotes
}

func readLoose(name string, in *input) (*frame.Frame, error) {
	data, err := io.ReadAll(io.LimitReader(in, maxLoose+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxLoose {
		return nil, ErrTooLarge
	}
	r := &looseReader{s: replaceInvalid(string(data)), line: 1}
	f, problem := r.frame()
	if problem != nil {
		problem.File, problem.Line = name, r.line
		return nil, diag.List{problem}
	}
	return f, nil
}

// replaceInvalid returns text with each byte that is not UTF-8 replaced, as a file
// in another encoding has them: every one of several stays visible.
func replaceInvalid(s string) string {
	return strings.Map(func(r rune) rune { return r }, s)
}

// looseProblem returns a problem in csv-parse's words.
func looseProblem(format string, args ...any) *diag.Problem {
	return diag.New(ClassCSV, "Error: "+format, args...)
}

func (r *looseReader) frame() (*frame.Frame, *diag.Problem) {
	cells := cells{b: frame.NewBuilder(0)}
	var source []int // per column, the field that goes there
	for {
		ok, problem := r.record()
		switch {
		case problem != nil:
			return nil, problem
		case !ok:
			return cells.b.Frame(), nil
		case r.names == nil:
			if source, problem = r.header(cells.b); problem != nil {
				return nil, problem
			}
		case len(r.fields) != len(r.names):
			return nil, looseProblem("Invalid Record Length: columns length is %d, got %d on line %d",
				len(r.names), len(r.fields), r.line)
		default:
			r.add(&cells, source)
		}
	}
}

// header takes the names of the columns. Names are cast like any field, and a
// number is no name. Columns of one name share the place of the first, where
// the value of the last stands.
func (r *looseReader) header(b *frame.Builder) (source []int, problem *diag.Problem) {
	r.names = slices.Clone(r.fields)
	if len(r.names) > maxColumns {
		return nil, looseProblem("%d columns; the limit is %d", len(r.names), maxColumns)
	}
	for i, name := range r.names {
		if f, ok := CastLoose(name); ok {
			return nil, looseProblem("Invalid column definition: expect a string or a literal object, got %s at position %d",
				value.NumberText(f), i)
		}
		if col := b.Column(name); col < len(source) {
			source[col] = i
		} else {
			source = append(source, i)
		}
	}
	return source, nil
}

func (r *looseReader) add(c *cells, source []int) {
	c.b.Begin()
	for col, i := range source {
		if f, ok := CastLoose(r.fields[i]); ok {
			c.b.Number(col, f)
		} else {
			c.text(col, r.fields[i])
		}
	}
	c.b.End()
}

// CastLoose returns the number that Impact Framework makes of a field: the one at its start,
// if JavaScript takes all of it for some number.
func CastLoose(s string) (float64, bool) {
	if f, n := number(s); n > 0 && n == len(s) {
		return f, true
	}
	if s == "" || s[0]|0x20 >= 'a' && s[0]|0x20 <= 'z' {
		return 0, false // also Infinity, which is no number here
	}
	f := value.ParseFloat(s)
	return f, value.ToNumber(s)-f+1 >= 0
}

// record reads the fields of the next record that is not an empty line; ok is
// false when there is none.
func (r *looseReader) record() (ok bool, problem *diag.Problem) {
	r.fields = r.fields[:0]
	for r.pos < len(r.s) {
		c := r.step()
		switch {
		case c == '"':
			if problem := r.quote(); problem != nil {
				return false, problem
			}
		case r.end != "" && strings.HasPrefix(r.s[r.pos:], r.end):
			r.pos += len(r.end)
			if r.begun() {
				r.endField()
				return true, nil
			}
		case c == ',':
			r.pos++
			r.endField()
		default:
			r.plain()
		}
	}
	if ok = r.begun(); ok {
		r.endField()
	}
	return ok, nil
}

// plain adds a character that means nothing, and those like it that follow.
func (r *looseReader) plain() {
	start := r.pos
	r.pos++
	for !r.newline && r.pos < len(r.s) {
		if c := r.s[r.pos]; c == ',' || c == '"' || c == '\n' || c == '\r' {
			break
		}
		r.pos++
	}
	r.field += r.s[start:r.pos]
}

// begun reports whether there is anything of the record that is being read.
func (r *looseReader) begun() bool { return r.quoted || len(r.fields) > 0 || r.field != "" }

func (r *looseReader) endField() {
	r.fields = append(r.fields, r.field)
	r.field, r.quoted = "", false
}

// step looks at the next byte: it counts lines and finds out what ends records.
func (r *looseReader) step() byte {
	if r.newline {
		r.line++
	}
	c := r.s[r.pos]
	r.newline = c == '\r' || c == '\n'
	if r.newline && r.end == "" {
		r.discover(r.pos)
	}
	return c
}

// discover takes the line end at a position, if there is one, for the end of
// records.
func (r *looseReader) discover(at int) bool {
	for _, end := range [...]string{"\r\n", "\n", "\r"} {
		if strings.HasPrefix(r.s[at:], end) {
			r.end = end
			return true
		}
	}
	return false
}

// quote reads what an opening quote opens, up to and with its closing quote.
func (r *looseReader) quote() *diag.Problem {
	if r.field != "" {
		return r.quoteInside()
	}
	r.pos++
	var field []byte
	for r.pos < len(r.s) {
		if r.newline {
			r.line++
		}
		c := r.s[r.pos]
		r.newline = c == '\r' || c == '\n'
		r.pos++
		switch {
		case c != '"':
			field = append(field, c)
		case r.pos < len(r.s) && r.s[r.pos] == '"':
			field = append(field, c)
			r.pos++
		default:
			r.field, r.quoted = string(field), true
			return r.closed()
		}
	}
	return looseProblem("Quote Not Closed: the parsing is finished with an opening quote at line %d", r.line)
}

// quoteInside returns the problem of a quote within a field that does not begin
// with one.
func (r *looseReader) quoteInside() *diag.Problem {
	column := strconv.Itoa(len(r.fields))
	if r.names != nil {
		column = "null"
		if len(r.fields) < len(r.names) {
			column = jsonText(r.names[len(r.fields)])
		}
	}
	text := jsonText(r.field)
	if r.field == "\ufeff" {
		text += " (utf8 bom)"
	}
	return looseProblem("Invalid Opening Quote: a quote is found on field %s at line %d, value is %s", column, r.line, text)
}

// jsonText returns a text as JSON, which cannot fail.
func jsonText(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s)
	return strings.TrimSuffix(b.String(), "\n")
}

// closed checks what follows a closing quote.
func (r *looseReader) closed() *diag.Problem {
	if r.pos == len(r.s) || r.s[r.pos] == ',' || r.s[r.pos] == 0 {
		return nil
	}
	if r.end == "" && r.discover(r.pos) || r.end != "" && strings.HasPrefix(r.s[r.pos:], r.end) {
		return nil
	}
	return looseProblem(`Invalid Closing Quote: got "%c" at line %d instead of delimiter, record delimiter, `+
		"trimable character (if activated) or comment", r.s[r.pos], r.line)
}
