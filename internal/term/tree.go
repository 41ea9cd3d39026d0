package term

import (
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/dendro-carbon/dendro/internal/manifest/emit"
	"github.com/dendro-carbon/dendro/internal/value"
)

// TreeOptions say how a tree is shown. The zero value is ready to use.
type TreeOptions struct {
	// Unit returns the unit of a metric, "" if it is not known or has none. It
	// may be nil.
	Unit func(metric string) string
	// Summed reports whether a metric is summed over components, so that a share
	// of the whole makes sense. Where it is nil, the numbers alone decide: they
	// must add up in either case.
	Summed func(metric string) bool
	// Screen is what the tree is shown on; nil is what the writer leads to.
	Screen *Screen
}

// Tree prints the components of a document as a tree, each with its aggregated
// values. Where the parts of every component add up to it, a value has its
// share of the root's beside it; where a component has outputs, a spark line
// shows them over time. A tree in which nothing is aggregated shows how many
// observations there are.
//
// Values and shares of parts add up to their whole as they are printed: the
// last digit is divided by largest remainders. A value that is missing is –.
// The only errors are those of w.
func Tree(w io.Writer, doc *emit.Document, opts TreeOptions) error {
	if doc.Tree == nil {
		return nil
	}
	screen := opts.Screen
	if screen == nil {
		found := ScreenOf(w)
		screen = &found
	}
	t := &treeTable{screen: *screen, lines: lines(doc.Tree), title: title(doc)}
	for _, metric := range metrics(t.lines) {
		t.blocks = append(t.blocks, t.block(metric, opts))
	}
	if len(t.blocks) == 0 {
		t.blocks = t.rowCounts()
	}
	t.fit()
	_, err := io.WriteString(w, t.render())
	return err
}

func title(doc *emit.Document) string {
	if name, _ := doc.Head.Get("name").Str(); name != "" {
		return printable(name)
	}
	return "tree"
}

// missing stands for a value that is not there.
const missing = "–"

// block returns the columns of a metric.
func (t *treeTable) block(metric string, opts TreeOptions) *block {
	b := &block{name: printable(metric), values: make([]string, len(t.lines))}
	numbers := numbersOf(t.lines, metric)
	s := scaleOf(numbers)
	for i, l := range t.lines {
		switch v := l.node.Aggregated.Get(metric); v.Kind() {
		case value.Number:
			b.values[i] = s.format(numbers[i])
		case value.Absent, value.Null:
			b.values[i] = missing
		default:
			b.values[i] = printable(v.String())
		}
	}
	switch {
	case (opts.Summed == nil || opts.Summed(metric)) && addsUp(t.lines, numbers):
		t.divide(b, numbers, s)
	case opts.Summed == nil || !slices.ContainsFunc(numbers[1:], func(f float64) bool { return f == f }):
	case opts.Summed(metric):
		t.noShare[1] = append(t.noShare[1], b.name)
	default:
		t.noShare[0] = append(t.noShare[0], b.name)
	}
	b.unit = s.prefix()
	if opts.Unit != nil {
		b.unit = strings.TrimSpace(b.unit + " " + printable(opts.Unit(metric)))
	}
	t.sparks(b, metric)
	return b
}

// divide sets the values and shares of a metric that adds up.
func (t *treeTable) divide(b *block, numbers []float64, s scale) {
	units, shares := make([]float64, len(numbers)), make([]float64, len(numbers))
	for i, f := range numbers {
		units[i], shares[i] = s.units(f), 1000*f/numbers[0]
	}
	for i, n := range divideDown(t.lines, units, int64(math.RoundToEven(units[0]))) {
		if !math.IsNaN(numbers[i]) {
			b.values[i] = s.formatUnits(n)
		}
	}
	if numbers[0] == 0 {
		return
	}
	b.shares = make([]string, len(numbers))
	tenths := scale{decimals: 1}
	for i, n := range divideDown(t.lines, shares, 1000) {
		if !math.IsNaN(numbers[i]) {
			b.shares[i] = tenths.formatUnits(n) + " %"
		}
	}
}

// sparkWidth is the most columns that a spark line has.
const sparkWidth = 16

func (t *treeTable) sparks(b *block, metric string) {
	sparks, any := make([]string, len(t.lines)), false
	for i, l := range t.lines {
		if l.node.Outputs.Column(metric) != nil {
			sparks[i] = spark(l.node.Outputs, metric, sparkWidth)
			any = any || strings.Trim(sparks[i], " ") != ""
		}
	}
	if any {
		b.sparks = sparks
	}
}

// rowCounts returns the columns of a tree in which nothing is aggregated.
func (t *treeTable) rowCounts() []*block {
	inputs := &block{name: "inputs", unit: "rows", values: make([]string, len(t.lines))}
	outputs := &block{name: "outputs", unit: "rows", values: make([]string, len(t.lines))}
	for i, l := range t.lines {
		inputs.values[i], outputs.values[i] = missing, missing
		if l.node.Inputs != nil {
			inputs.values[i] = strconv.Itoa(l.node.Inputs.Len())
		}
		if l.node.Outputs != nil {
			outputs.values[i] = strconv.Itoa(l.node.Outputs.Len())
		}
	}
	return []*block{inputs, outputs}
}
