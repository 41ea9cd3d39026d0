package builtin

import (
	"context"

	"github.com/dendro-carbon/dendro/internal/manifest/plugin"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
)

// fold is Multiply, Subtract and Sum: some metrics of a row made into one.
type fold struct {
	inputs  []string
	output  plugin.Target
	rows    plugin.RowCheck
	compose func(*fold, *plugin.Call) (frame.Vec, bool)
}

func bindMultiply(s *plugin.Settings) plugin.Runner { s.Require(); return bindFold(s, (*fold).product) }

func bindSubtract(s *plugin.Settings) plugin.Runner {
	s.Require()
	return bindFold(s, (*fold).difference)
}
func bindSum(s *plugin.Settings) plugin.Runner { return bindFold(s, (*fold).sum) }

func bindFold(s *plugin.Settings, compose func(*fold, *plugin.Call) (frame.Vec, bool)) plugin.Runner {
	s.Check(plugin.Key("input-parameters", plugin.ListOf(plugin.Text(0))), plugin.Key("output-parameter", plugin.Text(1)))
	p := &fold{inputs: s.Texts("input-parameters"), output: s.Output("output-parameter"), compose: compose}
	for _, name := range p.inputs {
		p.rows.Cells = plugin.Override(p.rows.Cells, plugin.Numeric(name, plugin.AnyNumber()))
	}
	return p
}

func (p *fold) Check(c *plugin.Call) error { return c.CheckRows(p.rows) }

func (p *fold) Compute(_ context.Context, c *plugin.Call) (*frame.Frame, error) {
	v, ok := p.compose(p, c)
	if !ok {
		return c.EmitNothing(p.output), nil
	}
	return c.EmitVec(c.In, p.output, v)
}

// product multiplies from 1 and from left to right.
func (p *fold) product(c *plugin.Call) (frame.Vec, bool) {
	out := expr.Constant(1, c.In.Len())
	for _, name := range p.inputs {
		out = out.Mul(c.Series(name))
	}
	return out.Vec(), true
}

// difference takes all others from the first; of nothing there is none.
func (p *fold) difference(c *plugin.Call) (frame.Vec, bool) {
	if len(p.inputs) == 0 {
		return frame.Vec{}, false
	}
	out := c.Series(p.inputs[0])
	for _, name := range p.inputs[1:] {
		out = out.Sub(c.Series(name))
	}
	return out.Vec(), true
}

// sum adds from 0 and from left to right.
func (p *fold) sum(c *plugin.Call) (frame.Vec, bool) {
	out := expr.Constant(0, c.In.Len())
	for _, name := range p.inputs {
		out = out.Add(c.Series(name))
	}
	return out.Vec(), true
}
