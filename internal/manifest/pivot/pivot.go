// Package pivot lays the outputs of a tree out as a table for spreadsheets: one
// row for each component and metric, one column for each timestamp.
//
//	Path,Aggregated,2024-01-01T00:00:00.000Z,2024-01-01T00:01:00.000Z
//	tree.carbon,3,1,2
//	tree.children.a.carbon,2.5,1,1.5
//
// The column Aggregated holds the sum over time and is there if any component
// has one. A cell without a value is empty: the component has no such
// observation, or null. Times are in ascending order; timestamps that are not
// instants follow, in the order of the tree. A component that has one timestamp
// twice gets two columns for it. The form is if-csv's, whose rows were not
// aligned to their columns; [WriteIF11] still writes it so.
package pivot

import (
	"io"
	"slices"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

const (
	keyTimestamp = "timestamp"
	keyDuration  = "duration"
)

// Metrics returns the metrics of a tree's outputs and aggregated values, in the
// order in which they are met; timestamp and duration are none.
func Metrics(root *tree.Node) []string {
	var all []string
	seen := make(map[string]bool)
	for n := range root.Walk() {
		for _, name := range metricsOf(n) {
			if !seen[name] {
				seen[name] = true
				all = append(all, name)
			}
		}
	}
	return all
}

func metricsOf(n *tree.Node) []string {
	var names []string
	for _, c := range n.Outputs.Columns() {
		if c.Name() != keyTimestamp && c.Name() != keyDuration {
			names = append(names, c.Name())
		}
	}
	for name := range n.Aggregated.All() {
		if n.Outputs.Find(name) < 0 {
			names = append(names, name)
		}
	}
	return names
}

// Write writes the table of the metrics, of all when none is given. A component
// without a metric gets no row for it. The only errors are those of w.
func Write(w io.Writer, root *tree.Node, metrics ...string) error {
	axis := newAxis(root)
	out := newWriter(w)
	out.field("Path")
	aggregated := hasAggregated(root)
	if aggregated {
		out.field("Aggregated")
	}
	for _, column := range axis.columns {
		out.field(column.header)
	}
	out.end()
	for n := range root.Walk() {
		names := metrics
		if len(names) == 0 {
			names = metricsOf(n)
		}
		rows := axis.rowsOf(n.Outputs)
		for _, name := range names {
			if n.Outputs.Find(name) < 0 && !n.Aggregated.Has(name) {
				continue
			}
			out.field(n.Path + "." + name)
			if aggregated {
				out.value(n.Aggregated.Get(name))
			}
			writeCells(out, n.Outputs, name, rows)
			out.end()
		}
	}
	return out.flush()
}

func hasAggregated(root *tree.Node) bool {
	for n := range root.Walk() {
		if n.Aggregated != nil {
			return true
		}
	}
	return false
}

// writeCells writes the values of a metric; rows has, for each column of the
// table, the row of the frame that belongs there, or -1.
func writeCells(out *writer, f *frame.Frame, name string, rows []int) {
	complete := f.Complete(name)
	c := f.Column(name)
	for _, row := range rows {
		switch {
		case row < 0 || c == nil, !complete && !f.Has(row, name):
			out.value(value.Value{})
		default:
			out.value(c.At(row))
		}
	}
}

// key is what tells the columns of the table apart.
type key struct {
	at   int64 // in ms since 1970-01-01 UTC
	text string
	nth  int // how many rows of the component had the same before
}

func (k key) isTime() bool { return k.text == "" }

type column struct {
	key
	header string
}

// axis is the columns of the table.
type axis struct {
	columns []column
	index   map[key]int
	last    *frame.Frame // the frame whose rows are in lastRows
	rows    []int
}

func newAxis(root *tree.Node) *axis {
	a := &axis{index: make(map[key]int)}
	var last *frame.Frame
	for n := range root.Walk() {
		if n.Outputs.Len() == 0 || sameTimes(last, n.Outputs) {
			continue
		}
		last = n.Outputs
		for row, k := range keysOf(n.Outputs) {
			if _, ok := a.index[k]; !ok {
				a.index[k] = len(a.columns)
				a.columns = append(a.columns, column{k, timestampOf(n.Outputs, row)})
			}
		}
	}
	slices.SortStableFunc(a.columns, func(x, y column) int { return compare(x.key, y.key) })
	for i, c := range a.columns {
		a.index[c.key] = i
	}
	return a
}

func timestampOf(f *frame.Frame, row int) string {
	if v := f.At(row, keyTimestamp); !v.IsNullish() {
		return v.String()
	}
	return ""
}

func compare(x, y key) int {
	switch {
	case x.isTime() && y.isTime() && x.at != y.at:
		return order(x.at < y.at)
	case x.isTime() && y.isTime():
		return x.nth - y.nth
	case x.isTime() != y.isTime():
		return order(x.isTime())
	}
	return 0
}

func order(less bool) int {
	if less {
		return -1
	}
	return 1
}

// sameTimes reports whether two frames have the same timestamps, by a test that
// is quick and may be wrong in saying no.
func sameTimes(f, g *frame.Frame) bool {
	if f == nil || g == nil || f.Len() != g.Len() || !f.Complete(keyTimestamp) || !g.Complete(keyTimestamp) {
		return false
	}
	x, _ := f.Column(keyTimestamp).Times()
	y, _ := g.Column(keyTimestamp).Times()
	return x != nil && slices.Equal(x, y)
}

// keysOf returns the key of each row.
func keysOf(f *frame.Frame) []key {
	keys := make([]key, f.Len())
	seen := make(map[key]int, f.Len())
	for row := range keys {
		k := keyOf(f.At(row, keyTimestamp))
		seen[k]++
		k.nth = seen[k] - 1
		keys[row] = k
	}
	return keys
}

// keyOf returns the key of a timestamp; the nth is still to be counted. An
// instant is the same however it is written.
func keyOf(v value.Value) key {
	if ms, ok := v.Millis(); ok {
		return key{at: ms}
	}
	s, _ := v.Str()
	if ms, layout := value.ParseISO(s); layout != value.NoLayout {
		return key{at: ms}
	}
	if v.IsNullish() {
		return key{text: "\x00"} // unlike any text in the table
	}
	return key{text: v.Kind().String() + " " + v.String()}
}

// rowsOf returns, for each column of the table, the row that belongs there. The
// slice is valid until the next call.
func (a *axis) rowsOf(f *frame.Frame) []int {
	if a.rows != nil && sameTimes(a.last, f) {
		return a.rows
	}
	a.last = f
	a.rows = slices.Repeat([]int{-1}, len(a.columns))
	for row, k := range keysOf(f) {
		a.rows[a.index[k]] = row
	}
	return a.rows
}
