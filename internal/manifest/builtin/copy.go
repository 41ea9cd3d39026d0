package builtin

import (
	"context"
	"slices"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/value"
)

// copying gives a metric a second name, or another one.
type copying struct {
	from param
	keep bool
	to   target
}

func bindCopy(s *settings) runner {
	s.require()
	s.check(
		field{"keep-existing", boolean()},
		field{"from", text(1)},
		field{"to", text(1)},
	)
	keep, _ := s.config.Get("keep-existing").Bool()
	return &copying{from: s.metric("from"), keep: keep, to: s.output("to")}
}

func (p *copying) check(c *call) error {
	if p.from.expr != nil {
		return nil
	}
	name := p.from.checkName(c.options)
	if col := c.in.Column(c.name(name)); col != nil && c.in.Complete(c.name(name)) && copies(col) {
		return nil
	}
	return c.checkRows(rowCheck{cells: []cell{{name: name, schema: anyOf(text(0), number(anyNumber()))}}})
}

// copies reports whether a column shows that all it holds may be copied.
func copies(col *frame.Column) bool {
	if v, ok := col.Vec(); ok {
		return allWithin(v, anyNumber())
	}
	if v, ok := col.Constant(); ok {
		return v.Kind() == value.Text
	}
	_, layout := col.Times()
	return col.Rep() == frame.Texts || col.Rep() == frame.Times && layout != value.NoLayout
}

func (p *copying) compute(_ context.Context, c *call) (*frame.Frame, error) {
	if scripted(c.options) {
		return p.asText(c)
	}
	result, source, err := p.source(c)
	if err != nil || p.keep {
		return p.emit(c, c.in, result, err)
	}
	rest := c.in.Without(c.name(source))
	if p.from.expr == nil {
		p.noticeFalsy(c, source)
	}
	return p.emit(c, rest, result, err)
}

func (p *copying) emit(c *call, f *frame.Frame, result *frame.Column, err error) (*frame.Frame, error) {
	if err != nil {
		return nil, err
	}
	return c.emit(f, p.to, result)
}

// source returns what is copied, and the metric that it comes from.
func (p *copying) source(c *call) (*frame.Column, string, error) {
	if p.from.expr == nil {
		name := p.from.checkName(c.options)
		return c.column(name), name, nil
	}
	numbers, err := c.columns(p.from)
	name := ""
	if names := p.from.expr.Bind(c.has).Names(); len(names) > 0 {
		name = names[0]
	}
	return expr.Column("", numbers.Vec()), name, err
}

func (p *copying) noticeFalsy(c *call, source string) {
	if !allTruthy(c.column(source)) {
		c.notice("copy-falsy", "Impact Framework keeps "+source+" in the rows where it is 0 or empty")
	}
}

// allTruthy reports whether all values are true in JavaScript's sense.
func allTruthy(col *frame.Column) bool {
	if v, ok := col.Constant(); ok {
		return v.Truthy()
	}
	if v, ok := col.Vec(); ok {
		return !hasZero(v) && allWithin(v, anyNumber())
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
func (p *copying) asText(c *call) (*frame.Frame, error) {
	from := c.evaluated.Get(p.from.key)
	if c.evaluated == nil {
		from = p.from.raw
	}
	if f := expr.ScriptNumber(from); f == f {
		result := frame.NewConstant("", c.in.Len(), from)
		if !p.keep {
			c.in = c.in.Without(p.pureFrom(c))
		}
		return c.emit(c.in, p.to, result)
	}
	name, _ := from.Str()
	if col := c.in.Column(name); col != nil && c.in.Complete(name) && allTruthy(col) {
		if !p.keep {
			c.in = c.in.Without(p.pureFrom(c))
		}
		return c.in.With(col.Renamed(p.to.text)), nil
	}
	vals := make([]value.Value, c.in.Len())
	for row := range vals {
		vals[row] = c.in.At(row, name)
	}
	if !p.keep {
		c.in = withoutTruthy(c.in, vals, p.pureFrom(c))
	}
	return c.in.With(frame.NewColumn(p.to.text, vals)), nil
}

// pureFrom is the metric that is removed: the name in from.
func (p *copying) pureFrom(c *call) string {
	t, _ := p.from.raw.Str()
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
