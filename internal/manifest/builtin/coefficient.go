package builtin

import (
	"context"

	"github.com/dendro-carbon/dendro/internal/frame"
)

// coefficient multiplies a metric by a number.
type coefficient struct {
	input       param
	coefficient param
	output      target
	rows        rowCheck
}

func bindCoefficient(s *settings) runner {
	s.require()
	s.check(
		field{"coefficient", s.arithmetic("coefficient", number(anyNumber()))},
		field{"input-parameter", text(1)},
		field{"output-parameter", text(1)},
	)
	p := &coefficient{
		input:       s.metricOrNumber("input-parameter"),
		coefficient: s.quantity("coefficient", 0),
		output:      s.output("output-parameter"),
	}
	if p.input.expr == nil {
		// Impact Framework's message names the key of the config, not the metric.
		input := numeric(p.input.checkName(s.options), anyNumber())
		input.label = "input-parameter"
		p.rows.cells = []cell{input}
	}
	return p
}

func (p *coefficient) check(c *call) error { return c.checkRows(p.rows) }

func (p *coefficient) compute(_ context.Context, c *call) (*frame.Frame, error) {
	input, err := c.resolve(p.input)
	if err != nil {
		return nil, err
	}
	factor, err := c.resolve(p.coefficient)
	if err != nil {
		return nil, err
	}
	return c.emitVec(c.in, p.output, input.Mul(factor).Vec())
}
