package aggregate_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/dendro-carbon/dendro/internal/aggregate"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// naive is Impact Framework's aggregation as it is described, row by row on maps
// and without a thought for speed: what the real one is compared with.
type naive struct {
	kind    aggregate.Kind
	metrics []string
	methods *metric.Registry
}

// failure is what the description throws.
type failure string

func throw(format string, args ...any) { panic(failure(fmt.Sprintf(format, args...))) }

// aggregate returns the text of the first error.
func (n naive) aggregate(root *tree.Node) (problem string) {
	defer func() {
		if r := recover(); r != nil {
			f, ok := r.(failure)
			if !ok {
				panic(r)
			}
			problem = string(f)
		}
	}()
	n.node(root)
	return ""
}

func (n naive) node(node *tree.Node) {
	for _, child := range node.Children {
		n.node(child)
	}
	switch {
	case node.IsLeaf() && n.kind&aggregate.Horizontal != 0:
		if node.Outputs == nil {
			throw("TypeError: Cannot read properties of undefined (reading 'reduce')")
		}
		node.SetAggregated(n.fold(node.Outputs.Rows(), false))
	case !node.IsLeaf() && n.kind&aggregate.Vertical != 0:
		n.group(node)
	}
}

func (n naive) group(node *tree.Node) {
	if len(node.Children) == 0 {
		throw("TypeError: Cannot read properties of undefined (reading 'outputs')")
	}
	if node.Children[0].Outputs == nil {
		throw("TypeError: Cannot read properties of undefined (reading 'length')")
	}
	list := []value.Value{}
	var outputs []*value.Map
	for i := range node.Children[0].Outputs.Len() {
		var rows []*value.Map
		for _, child := range node.Children {
			if child.Outputs == nil {
				throw("TypeError: Cannot read properties of undefined (reading '0')")
			}
			var row *value.Map
			if i < child.Outputs.Len() {
				row = child.Outputs.Row(i)
			}
			rows = append(rows, row)
		}
		outputs = append(outputs, n.fold(rows, true))
		list = append(list, value.OfMap(outputs[i]))
	}
	node.SetOutputs(rows(value.OfList(list)))
	node.SetAggregated(n.fold(outputs, false))
}

func (n naive) fold(rows []*value.Map, components bool) *value.Map {
	acc := value.NewMap(8)
	for i, row := range rows {
		for _, name := range append(append([]string{}, n.metrics...), "timestamp", "duration") {
			if row == nil {
				throw("TypeError: Cannot use 'in' operator to search for '%s' in undefined", name)
			}
			if !row.Has(name) {
				throw("MissingAggregationParamError: Aggregation metric %s is not found in inputs[%d].", name, i)
			}
			if name == "timestamp" || name == "duration" {
				if components {
					acc.Set(name, row.Get(name))
				}
				continue
			}
			n.metric(acc, name, row.Get(name), step{components, i == len(rows)-1, len(rows)})
		}
	}
	return acc
}

type step struct {
	components, last bool
	of               int
}

func (n naive) metric(acc *value.Map, name string, v value.Value, at step) {
	method := metric.Copy
	if info, ok := n.methods.Lookup(name); ok {
		method = info.Time
		if at.components {
			method = info.Component
		}
	}
	switch method {
	case metric.None:
	case metric.Copy:
		acc.Set(name, v)
	default:
		sum, _ := acc.Get(name).Float()
		sum += javascriptFloat(v)
		if method == metric.Avg && at.last {
			sum /= float64(at.of)
		}
		acc.Set(name, value.OfNumber(sum))
	}
}

// javascriptFloat is parseFloat(String(v)).
func javascriptFloat(v value.Value) float64 {
	if list := v.List(); list != nil {
		text := ""
		for i, item := range list {
			if i > 0 {
				text += ","
			}
			if !item.IsNullish() {
				text += item.String()
			}
		}
		return value.ParseFloat(text)
	}
	if _, isDate := v.Millis(); isDate {
		return math.NaN() // "Thu Jan 01 1970 …"
	}
	return value.ParseFloat(v.String())
}

// dice makes a tree of bytes.
type dice struct {
	bytes []byte
	wild  bool // also what is wrong
}

func (d *dice) roll(sides int) int {
	if len(d.bytes) == 0 {
		return 0
	}
	b := d.bytes[0]
	d.bytes = d.bytes[1:]
	return int(b) % sides
}

func (d *dice) chance(oneIn int) bool { return d.wild && d.roll(oneIn) == oneIn-1 }

func (d *dice) node(name, path string, depth, steps int) *tree.Node {
	n := tree.New(name, path)
	if depth == 0 || d.roll(3) == 0 {
		if !d.chance(15) {
			n.SetOutputs(rows(d.rows(steps)))
		}
		return n
	}
	var children []*tree.Node
	for i := range d.roll(7) {
		name := fmt.Sprint("c", i)
		children = append(children, d.node(name, path+".children."+name, depth-1, steps))
	}
	if len(children) == 0 && !d.chance(2) {
		children = append(children, d.node("c", path+".children.c", depth-1, steps))
	}
	n.SetChildren(children)
	return n
}

func (d *dice) rows(steps int) value.Value {
	if d.chance(8) {
		steps = d.roll(6)
	}
	length := 60
	if d.chance(8) {
		length = 30 * d.roll(5)
	}
	var list []value.Value
	form := d.roll(4)
	for i := range steps {
		row := value.NewMap(8)
		row.Set("timestamp", value.OfText(stamp(i*length)))
		row.Set("duration", value.OfNumber(float64(length)))
		for k, name := range []string{"s", "a", "c", "m"} {
			if !d.chance(60) {
				row.Set(name, d.value(form, k))
			}
		}
		list = append(list, value.OfMap(row))
	}
	return value.OfList(list)
}

func (d *dice) value(form, k int) value.Value {
	if d.chance(30) {
		return [...]value.Value{
			value.OfNull(), value.OfText("10abc"), value.OfBool(true), value.OfText(""),
			{},
			value.OfList([]value.Value{value.OfNumber(2), value.OfText("x")}), value.OfTime(0),
			value.OfMap(value.NewMap(0)),
		}[d.roll(8)]
	}
	switch form {
	case 0:
		return value.OfNumber(float64(k) + 0.1) // constant
	case 1:
		return value.OfNumber(float64(d.roll(2))) // exact multiples
	}
	return value.OfNumber(float64(d.roll(256))/10 - 3)
}

// likeNaive compares Run under all of Impact Framework's behaviours with the
// description.
func likeNaive(t *testing.T, bytes []byte) {
	t.Helper()
	d := dice{bytes, true}
	kind := aggregate.Kind(1 + d.roll(3))
	metrics := [][]string{{"s", "a", "c", "m"}, {"s", "a", "s", "a", "a"}, {"c"}, {"m", "duration", "s"}, {}}[d.roll(5)]
	r := [...]*metric.Registry{
		methods("s sum sum", "a avg avg", "c copy copy", "m avg sum"),
		methods("s avg avg", "a sum avg", "c sum copy", "m copy sum"),
		methods("s sum none", "a none avg", "m none none"),
	}[d.roll(3)]
	steps := d.roll(7)
	rest := d.bytes
	got := (&dice{rest, true}).node("", "tree", 4, steps)
	want := (&dice{rest, true}).node("", "tree", 4, steps)
	problem := naive{kind, metrics, r}.aggregate(want)
	_, err := aggregated(got, r, aggregate.Config{Metrics: metrics, Kind: kind}, if11())
	if err != nil {
		var list diag.List
		list.Add(err)
		if list[0].Short() != problem {
			t.Errorf("got %q, want %q\n%s", list[0].Short(), problem, show(want))
		}
		return
	}
	if problem != "" {
		t.Errorf("no error, want %s", problem)
	} else if g, w := show(got), show(want); g != w {
		i := 0
		for i < min(len(g), len(w)) && g[i] == w[i] {
			i++
		}
		t.Errorf("at %d: got\n…%.300s\nwant\n…%.300s\nin\n%s", i, g[max(i-100, 0):], w[max(i-100, 0):], w)
	}
}
