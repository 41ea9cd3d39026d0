package aggregate_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/aggregate"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// if11 is every behaviour of Impact Framework that there is.
func if11() aggregate.Options {
	return aggregate.Options{
		UnknownMetricCopies: true, IgnoreSkipComponents: true, NoneComponentFails: true,
		FirstChildLength: true, UnweightedAverages: true, DuplicateMetricsTwice: true, ParseFloatText: true,
		EmptyInputsFail: true,
	}
}

// methods makes a registry of lines "name time component".
func methods(lines ...string) *metric.Registry {
	r := &metric.Registry{}
	for _, line := range lines {
		f := strings.Fields(line)
		over, err1 := metric.ParseMethod(f[1])
		part, err2 := metric.ParseMethod(f[2])
		if err1 != nil || err2 != nil {
			panic(line)
		}
		r.Set(metric.Info{Name: f[0], Time: over, Component: part})
	}
	return r
}

// parse reads JSON, keys in order. NaN and the infinities are written as texts.
func parse(text string) value.Value {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	v, err := decode(d)
	if err != nil {
		panic(fmt.Sprintf("%v in %s", err, text))
	}
	return v
}

func decode(d *json.Decoder) (value.Value, error) {
	token, err := d.Token()
	if err != nil {
		return value.Value{}, err
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '[' {
			return decodeList(d)
		}
		return decodeMap(d)
	case json.Number:
		f, err := strconv.ParseFloat(t.String(), 64)
		return value.OfNumber(f), err
	case string:
		switch t {
		case "NaN", "Infinity", "-Infinity":
			return value.OfNumber(value.ParseFloat(t)), nil
		}
		return value.OfText(t), nil
	case bool:
		return value.OfBool(t), nil
	}
	return value.OfNull(), nil
}

func decodeList(d *json.Decoder) (value.Value, error) {
	var list []value.Value
	for d.More() {
		v, err := decode(d)
		if err != nil {
			return v, err
		}
		list = append(list, v)
	}
	_, err := d.Token()
	return value.OfList(list), err
}

func decodeMap(d *json.Decoder) (value.Value, error) {
	m := value.NewMap(8)
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return value.Value{}, err
		}
		v, err := decode(d)
		if err != nil {
			return v, err
		}
		m.Set(key.(string), v)
	}
	_, err := d.Token()
	return value.OfMap(m), err
}

// grow makes a tree of its JSON.
func grow(text string) *tree.Node { return node("", "tree", parse(text).Map()) }

func node(name, path string, m *value.Map) *tree.Node {
	n := tree.New(name, path)
	for key, v := range m.All() {
		n.Attrs.Set(key, v)
		switch key {
		case tree.KeyChildren:
			for name, child := range v.Map().All() {
				n.Children = append(n.Children, node(name, path+".children."+name, child.Map()))
			}
		case tree.KeyInputs:
			n.Inputs = rows(v)
		case tree.KeyOutputs:
			n.Outputs = rows(v)
		case tree.KeyAggregated:
			n.Aggregated = v.Map()
		}
	}
	return n
}

func rows(v value.Value) *frame.Frame {
	if v.Kind() != value.List {
		return nil
	}
	var maps []*value.Map
	for _, row := range v.List() {
		maps = append(maps, row.Map())
	}
	return frame.FromRows(maps)
}

// show writes a node as JSON, in the order of its keys.
func show(n *tree.Node) string {
	var b strings.Builder
	showNode(&b, n)
	return b.String()
}

func showNode(b *strings.Builder, n *tree.Node) {
	b.WriteByte('{')
	for i, key := range n.Attrs.Keys() {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(b, "%q:", key)
		switch key {
		case tree.KeyChildren:
			b.WriteByte('{')
			for i, child := range n.Children {
				if i > 0 {
					b.WriteByte(',')
				}
				fmt.Fprintf(b, "%q:", child.Name)
				showNode(b, child)
			}
			b.WriteByte('}')
		case tree.KeyInputs:
			showFrame(b, n.Inputs)
		case tree.KeyOutputs:
			showFrame(b, n.Outputs)
		case tree.KeyAggregated:
			showValue(b, value.OfMap(n.Aggregated))
		default:
			showValue(b, n.Attrs.Get(key))
		}
	}
	b.WriteByte('}')
}

func showFrame(b *strings.Builder, f *frame.Frame) {
	if f == nil {
		b.WriteString("null")
		return
	}
	list := make([]value.Value, f.Len())
	for i := range list {
		list[i] = value.OfMap(f.Row(i))
	}
	showValue(b, value.OfList(list))
}

func showValue(b *strings.Builder, v value.Value) {
	switch v.Kind() {
	case value.List:
		b.WriteByte('[')
		for i, item := range v.List() {
			if i > 0 {
				b.WriteByte(',')
			}
			showValue(b, item)
		}
		b.WriteByte(']')
	case value.Object:
		b.WriteByte('{')
		for i, key := range v.Map().Keys() {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(b, "%q:", key)
			showValue(b, v.Map().At(i))
		}
		b.WriteByte('}')
	case value.Number:
		f, _ := v.Float()
		if f == 0 && math.Signbit(f) {
			b.WriteByte('-')
		}
		b.WriteString(value.NumberText(f))
	case value.Text:
		s, _ := v.Str()
		fmt.Fprintf(b, "%q", s)
	default:
		b.WriteString(v.String())
	}
}

// leaf writes a leaf's JSON: rows of minutes from 2024-01-01T00:00Z on, with one
// value of each metric per row. A metric is "name: v0 v1 …", its values JSON.
func leaf(metrics ...string) string { return shifted(0, 60, metrics...) }

// shifted is leaf with the first step and the length of steps in seconds.
func shifted(begin, length int, metrics ...string) string {
	var rows []string
	for _, m := range metrics {
		name, vals, _ := strings.Cut(m, ": ")
		for i, v := range strings.Fields(vals) {
			if i == len(rows) {
				rows = append(rows, fmt.Sprintf(`"timestamp":%q,"duration":%d`, stamp(begin+i*length), length))
			}
			rows[i] += fmt.Sprintf(",%q:%s", name, v)
		}
	}
	return `{"outputs":[{` + strings.Join(rows, "},{") + `}]}`
}

func stamp(second int) string {
	return string(value.AppendISO(nil, 1704067200000+int64(second)*1000, value.ISOMillis))
}

// group writes a group's JSON of "name", part, "name", part, …
func group(parts ...string) string {
	var b strings.Builder
	for i := 0; i < len(parts); i += 2 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:%s", parts[i], parts[i+1])
	}
	return `{"children":{` + b.String() + `}}`
}

// at returns a node by its names.
func at(root *tree.Node, names ...string) *tree.Node {
	for _, name := range names {
		for _, child := range root.Children {
			if child.Name == name {
				root = child
				break
			}
		}
	}
	return root
}

// column shows one metric of a node's outputs.
func column(n *tree.Node, name string) string {
	vals := make([]string, n.Outputs.Len())
	for i := range vals {
		var b strings.Builder
		showValue(&b, n.Outputs.At(i, name))
		vals[i] = b.String()
	}
	return strings.Join(vals, " ")
}

// total shows one metric of a node's aggregated.
func total(n *tree.Node, name string) string {
	var b strings.Builder
	showValue(&b, n.Aggregated.Get(name))
	return b.String()
}

// aggregated aggregates a tree in place.
func aggregated(root *tree.Node, r *metric.Registry, cfg aggregate.Config, opts aggregate.Options) (aggregate.Report, error) {
	a, err := aggregate.New(r, cfg, opts)
	if err != nil {
		return aggregate.Report{}, err
	}
	a.Tree(root, nil, nil)
	return a.Result()
}

// run aggregates without errors.
func run(t testing.TB, root *tree.Node, r *metric.Registry, cfg aggregate.Config, opts aggregate.Options) aggregate.Report {
	t.Helper()
	report, err := aggregated(root, r, cfg, opts)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// fails aggregates and returns the problems.
func fails(t testing.TB, root *tree.Node, r *metric.Registry, cfg aggregate.Config, opts aggregate.Options) string {
	t.Helper()
	_, err := aggregated(root, r, cfg, opts)
	if err == nil {
		t.Fatalf("no error: %s", show(root))
	}
	return err.Error()
}
