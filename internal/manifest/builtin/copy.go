package builtin

import (
	"context"
	"slices"

	"github.com/dendro-carbon/dendro/internal/manifest/plugin"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/value"
)

// copying gives a metric a second name, or another one.
type copying struct {
	from plugin.Param
	keep bool
	to   plugin.Target
}

func bindCopy(s *plugin.Settings) plugin.Runner {
	s.Require()
	s.Check(
		plugin.Key("keep-existing", plugin.Boolean()),
		plugin.Key("from", plugin.Text(1)),
		plugin.Key("to", plugin.Text(1)),
	)
	keep, _ := s.Config.Get("keep-existing").Bool()
	return &copying{from: s.Metric("from"), keep: keep, to: s.Output("to")}
}

func (p *copying) Check(c *plugin.Call) error {
	if p.from.Expr != nil {
		return nil
	}
	name := p.from.CheckName(c.Options)
	if col := c.In.Column(c.Name(name)); col != nil && c.In.Complete(c.Name(name)) && copies(col) {
		return nil
	}
	return c.CheckRows(plugin.RowCheck{Cells: []plugin.Cell{{Name: name, Schema: plugin.AnyOf(plugin.Text(0), plugin.Number(plugin.AnyNumber()))}}})
}

// copies reports whether a column shows that all it holds may be copied.
func copies(col *frame.Column) bool {
	if v, ok := col.Vec(); ok {
		return plugin.AllWithin(v, plugin.AnyNumber())
	}
	if v, ok := col.Constant(); ok {
		return v.Kind() == value.Text
	}
	_, layout := col.Times()
	return col.Rep() == frame.Texts || col.Rep() == frame.Times && layout != value.NoLayout
}

func (p *copying) Compute(_ context.Context, c *plugin.Call) (*frame.Frame, error) {
	if plugin.Scripted(c.Options) {
		return p.asText(c)
	}
	result, source, err := p.source(c)
	if err != nil || p.keep {
		return p.emit(c, c.In, result, err)
	}
	rest := c.In.Without(c.Name(source))
	if p.from.Expr == nil {
		p.noticeFalsy(c, source)
	}
	return p.emit(c, rest, result, err)
}

func (p *copying) emit(c *plugin.Call, f *frame.Frame, result *frame.Column, err error) (*frame.Frame, error) {
	if err != nil {
		return nil, err
	}
	return c.Emit(f, p.to, result)
}

// source returns what is copied, and the metric that it comes from.
func (p *copying) source(c *plugin.Call) (*frame.Column, string, error) {
	if p.from.Expr == nil {
		name := p.from.CheckName(c.Options)
		return c.Column(name), name, nil
	}
	numbers, err := c.Columns(p.from)
	name := ""
	if names := p.from.Expr.Bind(c.Has).Names(); len(names) > 0 {
		name = names[0]
	}
	return expr.Column("", numbers.Vec()), name, err
}

func (p *copying) noticeFalsy(c *plugin.Call, source string) {
	if !allTruthy(c.Column(source)) {
		c.Notice("copy-falsy", "Impact Framework keeps "+source+" in the rows where it is 0 or empty")
	}
}

// allTruthy reports whether all values are true in JavaScript's sense.
func allTruthy(col *frame.Column) bool {
	if v, ok := col.Constant(); ok {
		return v.Truthy()
	}
	if v, ok := col.Vec(); ok {
		return !hasZero(v) && plugin.AllWithin(v, plugin.AnyNumber())
	}
	if texts := col.Texts(); texts != nil {
		return !slices.Contains(texts, "")
	}
	for row := range col.Len() {
		if !col.At(row).Truthy() {
			return false
		}
	}
	return true
}

// asText copies as Impact Framework does. It removes the source where it is
// true in JavaScript's sense, and where a number is copied.
func (p *copying) asText(c *plugin.Call) (*frame.Frame, error) {
	from := c.Evaluated.Get(p.from.Key)
	if c.Evaluated == nil {
		from = p.from.Raw
	}
	if f := expr.ScriptNumber(from); f == f {
		result := frame.NewConstant("", c.In.Len(), from)
		if !p.keep {
			c.In = c.In.Without(p.pureFrom(c))
		}
		return c.Emit(c.In, p.to, result)
	}
	name, _ := from.Str()
	if col := c.In.Column(name); col != nil && c.In.Complete(name) && allTruthy(col) {
		if !p.keep {
			c.In = c.In.Without(p.pureFrom(c))
		}
		return c.In.With(col.Renamed(p.to.Text)), nil
	}
	vals := make([]value.Value, c.In.Len())
	for row := range vals {
		vals[row] = c.In.At(row, name)
	}
	if !p.keep {
		c.In = withoutTruthy(c.In, vals, p.pureFrom(c))
	}
	return c.In.With(frame.NewColumn(p.to.Text, vals)), nil
}

// pureFrom is the metric that is removed: the name in from.
func (p *copying) pureFrom(c *plugin.Call) string {
	t, _ := p.from.Raw.Str()
	if name, err := expr.ScriptName(t); err == nil {
		return name.String()
	}
	return t
}

// withoutTruthy returns the frame without a key in the rows whose value is true
// in JavaScript's sense.
func withoutTruthy(f *frame.Frame, vals []value.Value, name string) *frame.Frame {
	if f.Find(name) < 0 {
		return f
	}
	b := frame.NewBuilder(f.Len())
	for row, v := range vals {
		m := f.Row(row)
		if v.Truthy() {
			m.Delete(name)
		}
		b.Row(m)
	}
	return b.Frame()
}
