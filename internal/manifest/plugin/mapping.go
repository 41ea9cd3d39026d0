package plugin

import (
	"strings"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/value"
)

// A mapping gives a metric that the plugin calls by one name (the key) another
// name in the data (the value). Nothing is renamed for it: a plugin reads and
// writes through [Call.Name] and [Call.OutName], so what it does not touch keeps
// its name, its place and its value.

// Name returns the column in which the data hold what the plugin calls so: the
// mapped one if any row has it.
func (c *Call) Name(plugin string) string {
	if data := c.OutName(plugin); data != plugin && c.In.Find(data) >= 0 {
		return data
	}
	return plugin
}

// OutName returns the column in which to put what the plugin calls so.
func (c *Call) OutName(plugin string) string {
	if data, ok := c.Mapping.Get(plugin).Str(); ok {
		return data
	}
	return plugin
}

// At returns what a row holds under a name of the plugin.
func (c *Call) At(row int, plugin string) value.Value {
	if data := c.Name(plugin); data != plugin && c.In.Has(row, data) {
		return c.In.At(row, data)
	}
	return c.In.At(row, plugin)
}

// Has reports whether any row has a metric.
func (c *Call) Has(plugin string) bool { return c.In.Find(c.Name(plugin)) >= 0 }

// Column returns a metric that every row is known to have.
func (c *Call) Column(plugin string) *frame.Column {
	name := c.Name(plugin)
	if name == plugin || c.In.Complete(name) {
		return c.In.Column(name)
	}
	vals := make([]value.Value, c.In.Len())
	for row := range vals {
		vals[row] = c.At(row, plugin)
	}
	return frame.NewColumn(name, vals)
}

// Vec returns a metric as numbers; ok is false unless every row has a number.
func (c *Call) Vec(plugin string) (v frame.Vec, ok bool) {
	data := c.Name(plugin)
	if data == plugin || c.In.Complete(data) {
		return c.In.Vec(data)
	}
	nums := make([]float64, c.In.Len())
	for row := range nums {
		if nums[row], ok = c.At(row, plugin).Float(); !ok {
			return frame.Vec{}, false
		}
	}
	return frame.VecOf(nums), true
}

// Series returns a metric that is known to have a number in every row.
func (c *Call) Series(plugin string) expr.Series {
	v, _ := c.Vec(plugin)
	return expr.Of(v)
}

// mapConfig returns the config with the names of a mapping replaced, keys and
// values alike, and the mapping without what the config used: Impact Framework
// takes each value that it has seen in the config out of the mapping, which all
// later components share. The error is that of an expression in the config.
func mapConfig(config, mapping *value.Map) (mapped, rest *value.Map, err error) {
	if mapping == nil {
		return config, nil, nil
	}
	m := &mapper{rest: mapping.Clone()}
	return m.object(config), m.rest, m.err
}

// mapper replaces names in a config.
type mapper struct {
	rest *value.Map // the mapping without what has been used
	err  error
}

func (m *mapper) object(config *value.Map) *value.Map {
	out := value.NewMap(config.Len())
	var seen []value.Value
	for i := range config.Len() {
		key := config.Key(i)
		if name, ok := m.rest.Get(key).Str(); ok && name != "" {
			key = name
		}
		out.SetAt(key, m.value(config.At(i), &seen), config.LineAt(i))
	}
	m.forget(seen)
	return out
}

func (m *mapper) value(v value.Value, seen *[]value.Value) value.Value {
	switch v.Kind() {
	case value.Object, value.Time: // a time is an object without keys
		return value.OfMap(m.object(v.Map()))
	case value.List:
		var inner []value.Value
		list := make([]value.Value, len(v.List()))
		for i, x := range v.List() {
			list[i] = m.value(x, &inner)
		}
		m.forget(inner)
		return value.OfList(list)
	}
	s, isText := v.Str()
	if !isText || !strings.Contains(s, "=") {
		*seen = append(*seen, v)
		if data := m.rest.Get(s); isText && data.Kind() == value.Text {
			return data
		}
		return v
	}
	name, err := expr.ScriptName(s)
	if err != nil {
		if m.err == nil {
			m.err = err
		}
		return v
	}
	*seen = append(*seen, name)
	if data, ok := m.rest.Get(name.String()).Str(); ok {
		return value.OfText(strings.Replace(s, name.String(), data, 1))
	}
	return v
}

func (m *mapper) forget(seen []value.Value) {
	for _, v := range seen {
		m.rest.Delete(v.String())
	}
}

// mapInputs returns the rows with the plugin's names beside those of the data,
// as Impact Framework hands them to a plugin.
func mapInputs(in *frame.Frame, mapping *value.Map) *frame.Frame {
	return byShape(in, func(f *frame.Frame) *frame.Frame {
		out := f
		for plugin, data := range mapping.All() {
			if name, ok := data.Str(); ok && out.Find(name) >= 0 {
				out = out.With(columnOr(f.Column(name), plugin, f.Len()))
			}
		}
		return out
	})
}

// columnOr returns the column under a new name, a column of nothing if there is
// none.
func columnOr(c *frame.Column, name string, rows int) *frame.Column {
	if c == nil {
		return frame.NewConstant(name, rows, value.Value{})
	}
	return c.Renamed(name)
}

// mapOutputs returns the plugin's rows in the data's names: each over the input
// row of the same number, from which the plugin's names are taken whose
// counterparts it has.
func mapOutputs(in, out *frame.Frame, mapping *value.Map) *frame.Frame {
	under := byShape(in, func(f *frame.Frame) *frame.Frame {
		g := f
		for plugin, data := range mapping.All() {
			if name, ok := data.Str(); ok && g.Find(name) >= 0 {
				g = g.Without(plugin)
			}
		}
		return g
	})
	over := byShape(out, func(f *frame.Frame) *frame.Frame {
		g := frame.New(f.Len())
		for _, c := range f.Columns() {
			name := c.Name()
			if data, ok := mapping.Get(name).Str(); ok {
				name = data
			}
			g = g.With(c.Renamed(name))
		}
		return g
	})
	return overlay(under, over)
}

// byShape applies a function to the rows of each shape and puts the rows back
// in their order. The function must keep the number of rows.
func byShape(f *frame.Frame, do func(*frame.Frame) *frame.Frame) *frame.Frame {
	if f.Uniform() {
		return do(f)
	}
	b := frame.NewBuilder(f.Len())
	for row := range f.Len() {
		b.CopyRow(do(frame.FromRows([]*value.Map{f.Row(row)})), 0)
	}
	return b.Frame()
}

// overlay returns the rows of over, each with what the row of under of the same
// number has beside: first the keys that are integers, as in all of
// JavaScript's objects, then those of under, in their order.
func overlay(under, over *frame.Frame) *frame.Frame {
	switch {
	case !under.Uniform() || !over.Uniform():
	case under.Len() == 0 || startsWith(over, under):
		return integersFirst(over)
	case under.Len() == over.Len():
		out := under
		for _, c := range over.Columns() {
			out = out.With(c)
		}
		return integersFirst(out)
	}
	b := frame.NewBuilder(over.Len())
	for row := range over.Len() {
		m := value.NewMap(0)
		if row < under.Len() {
			m = under.Row(row)
		}
		for key, v := range over.Row(row).All() {
			m.Set(key, v)
		}
		m.IntegerKeysFirst()
		b.Row(m)
	}
	return b.Frame()
}

// startsWith reports whether a frame has the columns of another before any
// others.
func startsWith(f, with *frame.Frame) bool {
	if len(f.Columns()) < len(with.Columns()) {
		return false
	}
	for i, c := range with.Columns() {
		if f.Columns()[i].Name() != c.Name() {
			return false
		}
	}
	return true
}

// integersFirst returns a uniform frame with the columns in front whose names
// are integers.
func integersFirst(f *frame.Frame) *frame.Frame {
	names := value.NewMap(len(f.Columns()))
	for i, c := range f.Columns() {
		names.Set(c.Name(), value.OfNumber(float64(i)))
	}
	names.IntegerKeysFirst()
	columns := make([]*frame.Column, names.Len())
	moved := false
	for i := range columns {
		at, _ := names.At(i).Float()
		columns[i] = f.Columns()[int(at)]
		moved = moved || int(at) != i
	}
	if !moved {
		return f
	}
	return frame.New(f.Len(), columns...)
}
