package builtin

import (
	"context"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
)

// coefficient multiplies a metric by a number.
type coefficient struct {
	input       param
	coefficient param
	output      target
}

func bindCoefficient(s *settings) runner {
	s.require()
	s.check(
		field{"coefficient", s.arithmetic("coefficient", number(anyNumber()))},
		field{"input-parameter", text(1)},
		field{"output-parameter", text(1)},
	)
	return &coefficient{
		input:       s.metricOrNumber("input-parameter"),
		coefficient: s.quantity("coefficient", 0),
		output:      s.output("output-parameter"),
	}
}

func (p *coefficient) check(c *call) error {
	if p.input.expr != nil {
		return nil
	}
	// Impact Framework's message names the key of the config, not the metric.
	input := numeric(p.input.checkName(c.options), anyNumber())
	input.label = "input-parameter"
	return c.checkRows(rowCheck{cells: []cell{input}})
}

func (p *coefficient) compute(_ context.Context, c *call) (*frame.Frame, error) {
	input, err := c.resolve(p.input)
	if err != nil {
		return nil, err
	}
	factor, err := c.resolve(p.coefficient)
	if err != nil {
		return nil, err
	}
	return c.emitVec(c.in, p.output, expr.Of(input).Mul(expr.Of(factor)).Vec())
}
