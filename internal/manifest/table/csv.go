package table

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/value"
)

// maxColumns bounds the work on a header; a file with more is not a table.
const maxColumns = 10_000

// csvReader reads CSV as RFC 4180 has it and encoding/csv reads it: fields are
// separated by commas, records by \n or \r\n, empty lines are skipped, a field
// in double quotes may hold all of these, and two quotes in it stand for one.
type csvReader struct {
	lines    lines
	problems problems
	cells    cells
	columns  int
	scratch  []string // the fields of the record being read
}

func readCSV(name string, in *input) (*frame.Frame, error) {
	r := &csvReader{lines: lines{r: in}, problems: problems{file: name, class: ClassCSV}}
	if r.header(in) {
		for r.record() {
		}
	}
	if r.lines.err != nil {
		return nil, r.lines.err
	}
	if err := r.problems.list.Err(); err != nil {
		return nil, err
	}
	return r.cells.b.Frame(), nil
}

// header reads the names of the columns.
func (r *csvReader) header(in *input) bool {
	line, ok := r.line()
	if !ok {
		if r.lines.err == nil {
			r.problems.add(0, "give it a first line with the names of its columns", "the file is empty")
		}
		return false
	}
	at := r.lines.n
	names, ok := r.fields(strings.TrimPrefix(line, "\ufeff"))
	if !ok {
		return false
	}
	if len(names) > maxColumns {
		r.problems.add(at, "", "%d columns; the limit is %d", len(names), maxColumns)
		return false
	}
	if slices.ContainsFunc(names, func(name string) bool { return strings.Contains(name, "\r") }) { // all records would be part of the header
		r.problems.add(at, `save the file with the line ends \n or \r\n`, "a carriage return within the header, which ends no line")
		return false
	}
	r.cells.b = frame.NewBuilder(r.lines.room(in.size))
	seen := make(map[string]int, len(names))
	for i, name := range names {
		first, twice := seen[name]
		switch {
		case name == "":
			ok = r.problems.add(at, "give each column a name", "column %d has no name", i+1) && ok
		case twice:
			ok = r.problems.add(at, "rename one of them", "columns %d and %d are both called %q", first+1, i+1, name) && ok
		case !utf8.ValidString(name):
			ok = r.problems.add(at, "save the file as UTF-8", "the name of column %d is not UTF-8", i+1) && ok
		default:
			seen[name] = i
			r.cells.b.Column(strings.Clone(name))
		}
	}
	r.columns = len(names)
	return ok && len(r.problems.list) == 0
}

// line returns the next line that is not empty.
func (r *csvReader) line() (string, bool) {
	for {
		line, ok := r.lines.next()
		if !ok || line != "" {
			return line, ok
		}
	}
}

// record reads one record. It returns false at the end, or when there are too
// many problems.
func (r *csvReader) record() bool {
	line, ok := r.line()
	if !ok {
		return false
	}
	if len(r.problems.list) > 0 || strings.IndexByte(line, '"') >= 0 {
		return r.general(line)
	}
	if 1+strings.Count(line, ",") != r.columns {
		return r.wrongLength(r.lines.n, 1+strings.Count(line, ","))
	}
	b := r.cells.b
	b.Begin()
	for col := range r.columns {
		f, n := number(line)
		if n > 0 && (n == len(line) || line[n] == ',') {
			b.Number(col, f)
		} else {
			if n = strings.IndexByte(line, ','); n < 0 {
				n = len(line)
			}
			r.field(col, line[:n])
		}
		line = line[min(n+1, len(line)):]
	}
	b.End()
	return len(r.problems.list) < maxProblems
}

// general reads a record with quotes, or one that is only checked because the
// file is no longer good.
func (r *csvReader) general(line string) bool {
	at := r.lines.n
	fields, ok := r.fields(line)
	if !ok {
		return len(r.problems.list) < maxProblems
	}
	if len(fields) != r.columns {
		return r.wrongLength(at, len(fields))
	}
	r.cells.b.Begin()
	for col, field := range fields {
		if f, n := number(field); n > 0 && n == len(field) {
			r.cells.b.Number(col, f)
		} else {
			r.field(col, field)
		}
	}
	r.cells.b.End()
	return len(r.problems.list) < maxProblems
}

// field adds a field that is not a number.
func (r *csvReader) field(col int, s string) {
	if s == "" {
		r.cells.b.Value(col, value.OfNull())
	} else if !r.cells.text(col, s) {
		r.problems.add(r.lines.n, "save the file as UTF-8", "field %d is not UTF-8", col+1)
	}
}

func (r *csvReader) wrongLength(line, got int) bool {
	hint := "quote a field that holds a comma"
	if got < r.columns {
		hint = "write a comma for each field that is empty, or remove the line"
	}
	return r.problems.add(line, hint, "%s where the header names %d", plural(got, "field"), r.columns)
}

// fields splits a record that begins with the line, reading further lines as
// quoted fields need them. ok is false when quotes are not in order.
func (r *csvReader) fields(line string) (fields []string, ok bool) {
	fields = r.scratch[:0]
	defer func() { r.scratch = fields[:0] }()
	for {
		if line == "" || line[0] != '"' {
			field, rest, more := strings.Cut(line, ",")
			if strings.IndexByte(field, '"') >= 0 {
				r.problems.add(r.lines.n, `put the whole field in quotes and double those within: "a ""b"" c"`,
					"a quote within field %d, which does not begin with one", len(fields)+1)
				return fields, false
			}
			fields = append(fields, field)
			if !more {
				return fields, true
			}
			line = rest
			continue
		}
		field, rest, ok := r.quoted(line[1:], len(fields)+1)
		if !ok {
			return fields, false
		}
		fields = append(fields, field)
		if rest == "" {
			return fields, true
		}
		line = rest[1:]
	}
}

// quoted reads a field from behind its opening quote and returns what follows
// its closing one: nothing, or a comma and more.
func (r *csvReader) quoted(line string, field int) (text, rest string, ok bool) {
	at := r.lines.n
	var b strings.Builder
	for {
		i := strings.IndexByte(line, '"')
		if i >= 0 && b.Len() == 0 && (i+1 == len(line) || line[i+1] == ',') {
			return line[:i], line[i+1:], true
		}
		if i < 0 {
			b.WriteString(line)
			b.WriteByte('\n')
			if line, ok = r.lines.next(); !ok || b.Len() > maxLine {
				r.problems.add(at, "close it", "the quote that opens field %d is not closed", field)
				return "", "", false
			}
			continue
		}
		b.WriteString(line[:i])
		line = line[i+1:]
		switch {
		case line == "" || line[0] == ',':
			return b.String(), line, true
		case line[0] != '"':
			r.problems.add(r.lines.n, `put a comma behind it, or double it: ""`, "text behind the quote that closes field %d", field)
			return "", "", false
		}
		b.WriteByte('"')
		line = line[1:]
	}
}
