package emit

import (
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// The columns that every table begins with.
const (
	columnComponent = "component"
	columnRecord    = "record"
	columnTimestamp = "timestamp"
	columnDuration  = "duration"
)

// What stands in the column record.
const (
	recordOutput     = "output"
	recordAggregated = "aggregated"
)

// CSV writes the observations of all components as one table. Its columns are
// component (the path of the component), record, timestamp, duration, and each
// metric in the order of first appearance. A component has one line per row of
// its outputs, with "output" under record, and after those one line of its
// aggregated values, if it has any, with "aggregated" under record and without
// a time. With OnlyAggregated there are only the latter.
//
// Cells are quoted where RFC 4180 wants it, lines end with a line feed. A cell
// without anything in it is a value that is missing or null; a text that is
// empty is written as "". Numbers are the shortest texts that read back as the
// same numbers, or NaN, Infinity, -Infinity. Lists and objects are JSON. The
// only errors are those of w.
func CSV(w io.Writer, doc *Document, opts Options) error {
	return run(w, opts.Workers, func(pipe *pipeline) {
		t := &table{output: output{pipe: pipe, opts: opts}}
		t.collect(doc)
		t.header()
		if doc.Tree != nil {
			for n := range doc.Tree.Walk() {
				t.node(n)
			}
		}
		t.drain()
	})
}

// table writes CSV.
type table struct {
	output
	names []string       // the columns behind component and record
	at    map[string]int // their positions
}

// collect finds the columns of the table.
func (t *table) collect(doc *Document) {
	t.at = make(map[string]int)
	t.column(columnTimestamp)
	t.column(columnDuration)
	if doc.Tree == nil {
		return
	}
	for n := range doc.Tree.Walk() {
		for _, c := range t.outputs(n).Columns() {
			t.column(c.Name())
		}
		for name, v := range n.Aggregated.All() {
			if v.Kind() != value.Absent {
				t.column(name)
			}
		}
	}
}

func (t *table) column(name string) {
	if _, known := t.at[name]; !known {
		t.at[name] = len(t.names)
		t.names = append(t.names, name)
	}
}

func (t *table) outputs(n *tree.Node) *frame.Frame {
	if t.opts.OnlyAggregated {
		return nil
	}
	return n.Outputs
}

func (t *table) header() {
	t.buf = append(t.buf, columnComponent+","+columnRecord...)
	for _, name := range t.names {
		t.buf = appendCSVText(append(t.buf, ','), name)
	}
	t.buf = append(t.buf, '\n')
}

func (t *table) node(n *tree.Node) {
	if f := t.outputs(n); f.Len() > 0 {
		t.drain()
		t.pipe.rows(t.rowsOf(f, n.Path), 0, f.Len())
	}
	if n.Aggregated != nil {
		t.buf = append(appendCSVText(t.buf, n.Path), ","+recordAggregated...)
		for _, name := range t.names {
			t.buf = appendCSV(append(t.buf, ','), n.Aggregated.Get(name))
		}
		t.buf = append(t.buf, '\n')
		t.spill()
	}
}

// rowsOf returns how the rows of a component's outputs are written.
func (t *table) rowsOf(f *frame.Frame, path string) rowSource {
	start := append(appendCSVText(nil, path), ","+recordOutput...)
	p := &plan{form: form{syn: csvSyntax}}
	if f.Len() < 3 || !p.addShapes(f, func(cols []*frame.Column) shape { return t.shape(cols, start) }) {
		return sparse{f, t.names, start}
	}
	return p
}

func (t *table) shape(cols []*frame.Column, start []byte) shape {
	places := make([]*frame.Column, len(t.names))
	for _, c := range cols {
		places[t.at[c.Name()]] = c
	}
	var s shape
	lead := slices.Clone(start)
	for _, c := range places {
		lead = append(lead, ',')
		if c == nil {
			continue
		}
		if one, ok := c.Constant(); ok {
			lead = appendCSV(lead, one)
			continue
		}
		lead = s.add(lead, c, false, csvSyntax)
	}
	s.tail = append(lead, '\n')
	return s
}

// sparse writes rows one by one, looking each cell up: few rows, or rows that
// have little in common.
type sparse struct {
	frame *frame.Frame
	names []string
	start []byte
}

func (s sparse) rowSize() int { return len(s.start) + 12*len(s.names) }

func (s sparse) appendRows(dst []byte, from, to int) []byte {
	for row := from; row < to; row++ {
		dst = append(dst, s.start...)
		for _, name := range s.names {
			dst = appendCSV(append(dst, ','), s.frame.At(row, name))
		}
		dst = append(dst, '\n')
	}
	return dst
}

// appendCSV writes a cell.
func appendCSV(dst []byte, v value.Value) []byte {
	switch v.Kind() {
	case value.Absent, value.Null:
		return dst
	case value.Number:
		f, _ := v.Float()
		return appendNumber(dst, f, csvSyntax)
	case value.Text:
		s, _ := v.Str()
		return appendCSVText(dst, s)
	case value.Time:
		ms, _ := v.Millis()
		return appendTime(dst, ms)
	case value.List, value.Object:
		return appendCSVText(dst, string(AppendJSON(nil, v)))
	}
	return append(dst, v.String()...)
}

// appendCSVText writes a text, in quotes if it is empty or holds a comma, a
// quote or a line end.
func appendCSVText(dst []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, string(utf8.RuneError))
	}
	if s != "" && !strings.ContainsAny(s, ",\"\r\n") {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			return append(append(dst, s...), '"')
		}
		dst = append(append(dst, s[:i]...), `""`...)
		s = s[i+1:]
	}
}
