package pivot

import (
	"io"
	"strconv"

	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// WriteIF11 writes the table of one metric as if-csv 1.1.0 does: a component's
// values stand one after another from the first column on, whatever their
// times; without aggregation they begin a new row only when the row above is
// full. aggregation says whether the manifest has an aggregation block. The only
// errors are those of w.
func WriteIF11(w io.Writer, root *tree.Node, metric string, aggregation bool) error {
	t := &positional{metric: metric, aggregation: aggregation, header: []string{"Path"}, seen: map[string]bool{"Path": true}}
	for n := range root.Walk() {
		t.node(n)
	}
	out := newWriter(w)
	for _, name := range t.header {
		out.field(name)
	}
	out.end()
	for _, row := range t.rows {
		out.field(row.label)
		for _, v := range row.values[:min(len(row.values), len(t.header)-1)] {
			out.value(castIF11(v))
		}
		out.end()
	}
	return out.flush()
}

// positional is if-csv's table while it is made.
type positional struct {
	metric      string
	aggregation bool
	header      []string
	seen        map[string]bool // the texts of header
	rows        []positionalRow
}

type positionalRow struct {
	label  string
	values []value.Value
}

func (t *positional) node(n *tree.Node) {
	label := n.Path + "." + t.metric
	if n.Aggregated != nil {
		if n.Path == "tree" {
			t.head("Aggregated")
		}
		t.rows = append(t.rows, positionalRow{label, []value.Value{n.Aggregated.Get(t.metric)}})
	}
	for row := range n.Outputs.Len() {
		if at := timestampOf(n.Outputs, row); !t.seen[at] {
			t.head(at)
		}
		v := n.Outputs.At(row, t.metric)
		if len(t.rows) == 0 || !t.aggregation && 1+len(t.rows[len(t.rows)-1].values) == len(t.header) {
			t.rows = append(t.rows, positionalRow{label: label})
		}
		last := &t.rows[len(t.rows)-1]
		last.values = append(last.values, v)
	}
}

func (t *positional) head(name string) {
	t.header = append(t.header, name)
	t.seen[name] = true
}

// castIF11 returns a value as if-csv's writer prints it: true as 1, false as
// nothing, a time in ms.
func castIF11(v value.Value) value.Value {
	if b, ok := v.Bool(); ok {
		if b {
			return value.OfText("1")
		}
		return value.Value{}
	}
	if ms, ok := v.Millis(); ok {
		return value.OfText(strconv.FormatInt(ms, 10))
	}
	return v
}
