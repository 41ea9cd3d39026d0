package builtin

import (
	"context"

	"github.com/dendro-carbon/dendro/internal/manifest/plugin"

	"github.com/dendro-carbon/dendro/internal/frame"
)

// coefficient multiplies a metric by a number.
type coefficient struct {
	input       plugin.Param
	coefficient plugin.Param
	output      plugin.Target
	rows        plugin.RowCheck
}

func bindCoefficient(s *plugin.Settings) plugin.Runner {
	s.Require()
	s.Check(
		plugin.Key("coefficient", s.Arithmetic("coefficient", plugin.Number(plugin.AnyNumber()))),
		plugin.Key("input-parameter", plugin.Text(1)),
		plugin.Key("output-parameter", plugin.Text(1)),
	)
	p := &coefficient{
		input:       s.MetricOrNumber("input-parameter"),
		coefficient: s.Quantity("coefficient", 0),
		output:      s.Output("output-parameter"),
	}
	if p.input.Expr == nil {
		// Impact Framework's message names the key of the config, not the metric.
		input := plugin.Numeric(p.input.CheckName(s.Options), plugin.AnyNumber())
		input.Label = "input-parameter"
		p.rows.Cells = []plugin.Cell{input}
	}
	return p
}

func (p *coefficient) Check(c *plugin.Call) error { return c.CheckRows(p.rows) }

func (p *coefficient) Compute(_ context.Context, c *plugin.Call) (*frame.Frame, error) {
	input, err := c.Resolve(p.input)
	if err != nil {
		return nil, err
	}
	factor, err := c.Resolve(p.coefficient)
	if err != nil {
		return nil, err
	}
	return c.EmitVec(c.In, p.output, input.Mul(factor).Vec())
}
