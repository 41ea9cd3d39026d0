package builtin

import (
	"context"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
)

// fold is Multiply, Subtract and Sum: some metrics of a row made into one.
type fold struct {
	inputs  []string
	output  target
	rows    rowCheck
	compose func(*fold, *call) (frame.Vec, bool)
}

func bindMultiply(s *settings) runner { s.require(); return bindFold(s, (*fold).product) }
func bindSubtract(s *settings) runner { s.require(); return bindFold(s, (*fold).difference) }
func bindSum(s *settings) runner      { return bindFold(s, (*fold).sum) }

func bindFold(s *settings, compose func(*fold, *call) (frame.Vec, bool)) runner {
	s.check(field{"input-parameters", listOf(text(0))}, field{"output-parameter", text(1)})
	p := &fold{inputs: s.texts("input-parameters"), output: s.output("output-parameter"), compose: compose}
	for _, name := range p.inputs {
		p.rows.cells = override(p.rows.cells, numeric(name, anyNumber()))
	}
	return p
}

func (p *fold) check(c *call) error { return c.checkRows(p.rows) }

func (p *fold) compute(_ context.Context, c *call) (*frame.Frame, error) {
	v, ok := p.compose(p, c)
	if !ok {
		return c.emitNothing(p.output), nil
	}
	return c.emitVec(c.in, p.output, v)
}

// product multiplies from 1 and from left to right.
func (p *fold) product(c *call) (frame.Vec, bool) {
	out := expr.Constant(1, c.in.Len())
	for _, name := range p.inputs {
		out = out.Mul(c.series(name))
	}
	return out.Vec(), true
}

// difference takes all others from the first; of nothing there is none.
func (p *fold) difference(c *call) (frame.Vec, bool) {
	if len(p.inputs) == 0 {
		return frame.Vec{}, false
	}
	out := c.series(p.inputs[0])
	for _, name := range p.inputs[1:] {
		out = out.Sub(c.series(name))
	}
	return out.Vec(), true
}

// sum adds from 0 and from left to right.
func (p *fold) sum(c *call) (frame.Vec, bool) {
	out := expr.Constant(0, c.in.Len())
	for _, name := range p.inputs {
		out = out.Add(c.series(name))
	}
	return out.Vec(), true
}
