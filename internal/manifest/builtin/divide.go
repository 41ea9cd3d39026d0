package builtin

import (
	"context"
	"fmt"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/value"
)

// division divides a metric by a metric or a number.
type division struct {
	numerator   param
	denominator param
	output      target
	rows        rowCheck
}

func bindDivide(s *settings) runner {
	s.require()
	s.check(
		field{"numerator", text(1)},
		field{"denominator", anyOf(text(0), number(anyNumber()))},
		field{"output", text(0)},
	)
	p := &division{numerator: s.metric("numerator"), denominator: s.metric("denominator"), output: s.output("output")}
	if t, ok := p.denominator.raw.Str(); ok && !scripted(s.options) {
		if v, ok := s.constant("denominator", t); ok {
			p.denominator = param{key: "denominator", raw: v}
		}
	}
	if f, ok := p.denominator.raw.Float(); ok && f == 0 && !s.options.ZeroDivisionPasses {
		s.fail(diag.New("ZeroDivisionArithmeticOperationError", "The `denominator` is 0, by which nothing can be divided.").
			WithHint("Impact Framework gives the numerator here; give a denominator other than 0"), "denominator")
	}
	if p.numerator.expr == nil {
		p.rows.cells = append(p.rows.cells, numeric(p.numerator.checkName(s.options), anyNumber()))
	}
	if p.denominator.expr == nil {
		below := numeric(p.denominator.checkName(s.options), anyNumber())
		below.optional = true
		p.rows.cells = override(p.rows.cells, below)
	}
	return p
}

func (p *division) check(c *call) error {
	err := c.checkRows(p.rows)
	below := p.checkDenominator(c)
	if first, ok := err.(*diag.Problem); ok && (below == nil || first.Row <= below.Row) {
		return first
	}
	if below != nil {
		return below
	}
	return nil
}

// checkDenominator returns the problem of rows that name a denominator and have
// none, or have 0.
func (p *division) checkDenominator(c *call) *diag.Problem {
	name, ok := p.denominator.checkValue(c.options).Str()
	if !ok || p.denominator.expr != nil {
		return nil
	}
	var found *diag.Problem
	if v, ok := c.vec(name); ok && !hasZero(v) {
		return nil
	}
	for row := range c.in.Len() {
		v := c.at(row, name)
		if v.Truthy() {
			continue
		}
		if found != nil {
			found.Rows++
			continue
		}
		found = p.noDenominator(c, row, name, v)
	}
	return found
}

func (p *division) noDenominator(c *call, row int, name string, v value.Value) *diag.Problem {
	if f, ok := v.Float(); ok && f == 0 && !c.options.ZeroDivisionPasses {
		return diag.New("ZeroDivisionArithmeticOperationError", "The `denominator` %s is 0, by which nothing can be divided.", name).
			WithMetric(c.name(name)).AtRow(row).
			WithHint("leave the row out, or say what %s is when there is none", name)
	}
	problem := diag.New("MissingInputDataError", "%s is missing from the input array, or has nullish value.", name).
		WithMetric(c.name(name)).AtRow(row)
	problem.Hint = c.hint(row, c.name(name), v)
	return problem
}

func hasZero(v frame.Vec) bool {
	if f, ok := v.Constant(); ok {
		return f == 0
	}
	for _, f := range v.Floats() {
		if f == 0 {
			return true
		}
	}
	return false
}

func (p *division) compute(_ context.Context, c *call) (*frame.Frame, error) {
	above, err := p.side(c, p.numerator)
	if err != nil {
		return nil, err
	}
	below, err := p.side(c, p.denominator)
	if err != nil {
		return nil, err
	}
	divisor := below.Vec()
	if !hasZero(divisor) {
		return c.emitVec(c.in, p.output, above.Div(below).Vec())
	}
	if !c.options.ZeroDivisionPasses {
		return nil, expr.DivisionByZero(p.denominator.raw.String()).AtRow(firstZero(divisor))
	}
	dividend := above.Vec()
	c.warn(fmt.Sprintf("-- SKIPPING -- DivisionByZero: you are attempting to divide by zero in Divide plugin : inputs[%d]\n", firstZero(divisor)))
	out := make([]float64, c.in.Len())
	for row := range out {
		out[row] = dividend.At(row)
		if d := divisor.At(row); d != 0 {
			out[row] /= d
		}
	}
	return c.emitVec(c.in, p.output, frame.VecOf(out))
}

func firstZero(v frame.Vec) int {
	for row := range v.Len() {
		if v.At(row) == 0 {
			return row
		}
	}
	return 0
}

// side returns the numbers above or below the line.
func (p *division) side(c *call, of param) (expr.Series, error) {
	v, err := c.resolve(of)
	if err != nil || !c.has(of.key) {
		return v, err
	}
	if name, plain := of.plain(c.options); plain && name == of.key {
		return v, nil
	}
	if !c.options.DivideRowKeys {
		c.notice("divide-row-keys", "Impact Framework divides with the rows' own "+of.key+" instead of the configured one")
		return v, nil
	}
	configured, out := v.Vec(), make([]float64, c.in.Len())
	for row := range out {
		out[row] = configured.At(row)
		if own := c.at(row, of.key); own.Truthy() {
			out[row] = ownSide(c, row, own)
		}
	}
	return expr.Of(frame.VecOf(out)), nil
}

// ownSide is a row's own numerator or denominator: a number, or the name of the
// metric that is one.
func ownSide(c *call, row int, own value.Value) float64 {
	if f, ok := own.Float(); ok {
		return f
	}
	return expr.ScriptNumber(c.at(row, own.String()))
}
