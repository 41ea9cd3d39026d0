package builtin

import (
	"context"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
)

// exponent raises a metric to a power.
type exponent struct {
	input    param
	exponent param
	output   target
	rows     rowCheck
}

func bindExponent(s *settings) runner {
	s.require()
	power := number(anyNumber())
	if !s.options.CoerceNumbers {
		power = s.arithmetic("exponent", power)
	}
	s.check(
		field{"input-parameter", text(1)},
		field{"exponent", power},
		field{"output-parameter", text(1)},
	)
	p := &exponent{
		input:    s.metric("input-parameter"),
		exponent: s.quantity("exponent", 0),
		output:   s.output("output-parameter"),
	}
	if p.input.expr == nil {
		p.rows.cells = []cell{numeric(p.input.checkName(s.options), anyNumber())}
	}
	return p
}

func (p *exponent) check(c *call) error { return c.checkRows(p.rows) }

func (p *exponent) compute(_ context.Context, c *call) (*frame.Frame, error) {
	base, err := c.resolve(p.input)
	if err != nil {
		return nil, err
	}
	power, err := c.resolve(p.exponent)
	if err != nil {
		return nil, err
	}
	return c.emitVec(c.in, p.output, powers(base.Vec(), power.Vec()))
}

// powers raises each number to the power in the same row.
func powers(base, power frame.Vec) frame.Vec {
	x, xConstant := base.Constant()
	y, yConstant := power.Constant()
	if xConstant && yConstant {
		return frame.ConstantVec(expr.Pow(x, y), base.Len())
	}
	out := make([]float64, base.Len())
	for i := range out {
		out[i] = expr.Pow(base.At(i), power.At(i))
	}
	return frame.VecOf(out)
}
