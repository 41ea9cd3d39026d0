package builtin

import (
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/value"
)

// A mapping gives a metric that the plugin calls by one name (the key) another
// name in the data (the value). Nothing is renamed for it: a plugin reads and
// writes through [call.name] and [call.outName], so what it does not touch keeps
// its name, its place and its value.

// name returns the column in which the data hold what the plugin calls so: the
// mapped one if any row has it.
func (c *call) name(plugin string) string {
	if data := c.outName(plugin); data != plugin && c.in.Find(data) >= 0 {
		return data
	}
	return plugin
}

// outName returns the column in which to put what the plugin calls so.
func (c *call) outName(plugin string) string {
	if data, ok := c.mapping.Get(plugin).Str(); ok {
		return data
	}
	return plugin
}

// at returns what a row holds under a name of the plugin.
func (c *call) at(row int, plugin string) value.Value {
	if data := c.name(plugin); data != plugin && c.in.Has(row, data) {
		return c.in.At(row, data)
	}
	return c.in.At(row, plugin)
}

// vec returns a metric as numbers; ok is false unless every row has a number.
func (c *call) vec(plugin string) (v frame.Vec, ok bool) {
	data := c.name(plugin)
	if data == plugin || c.in.Complete(data) {
		return c.in.Vec(data)
	}
	nums := make([]float64, c.in.Len())
	for row := range nums {
		if nums[row], ok = c.at(row, plugin).Float(); !ok {
			return frame.Vec{}, false
		}
	}
	return frame.VecOf(nums), true
}

// series returns a metric that is known to have a number in every row.
func (c *call) series(plugin string) expr.Series {
	v, _ := c.vec(plugin)
	return expr.Of(v)
}

// put returns the frame with a result of the plugin, in the place of the column
// of that name if there is one.
func (c *call) put(f *frame.Frame, plugin string, v frame.Vec) *frame.Frame {
	return f.With(columnOf(c.outName(plugin), v))
}

// columnOf returns the column of a Vec; what is constant stays so.
func columnOf(name string, v frame.Vec) *frame.Column {
	if f, ok := v.Constant(); ok {
		return frame.NewConstant(name, v.Len(), value.OfNumber(f))
	}
	return frame.NewNumbers(name, v.Floats())
}
