package builtin

import (
	"context"

	"github.com/dendro-carbon/dendro/internal/manifest/plugin"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
)

// exponent raises a metric to a power.
type exponent struct {
	input    plugin.Param
	exponent plugin.Param
	output   plugin.Target
	rows     plugin.RowCheck
}

func bindExponent(s *plugin.Settings) plugin.Runner {
	s.Require()
	power := plugin.Number(plugin.AnyNumber())
	if !s.Options.CoerceNumbers {
		power = s.Arithmetic("exponent", power)
	}
	s.Check(
		plugin.Key("input-parameter", plugin.Text(1)),
		plugin.Key("exponent", power),
		plugin.Key("output-parameter", plugin.Text(1)),
	)
	p := &exponent{
		input:    s.Metric("input-parameter"),
		exponent: s.Quantity("exponent", 0),
		output:   s.Output("output-parameter"),
	}
	if p.input.Expr == nil {
		p.rows.Cells = []plugin.Cell{plugin.Numeric(p.input.CheckName(s.Options), plugin.AnyNumber())}
	}
	return p
}

func (p *exponent) Check(c *plugin.Call) error { return c.CheckRows(p.rows) }

func (p *exponent) Compute(_ context.Context, c *plugin.Call) (*frame.Frame, error) {
	base, err := c.Resolve(p.input)
	if err != nil {
		return nil, err
	}
	power, err := c.Resolve(p.exponent)
	if err != nil {
		return nil, err
	}
	return c.EmitVec(c.In, p.output, powers(base.Vec(), power.Vec()))
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
