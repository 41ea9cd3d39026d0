package builtin

import (
	"context"
	"fmt"

	"github.com/dendro-carbon/dendro/internal/manifest/plugin"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/value"
)

// division divides a metric by a metric or a number.
type division struct {
	numerator   plugin.Param
	denominator plugin.Param
	output      plugin.Target
	misread     bool // Impact Framework does not take the denominator for a number
	rows        plugin.RowCheck
}

func bindDivide(s *plugin.Settings) plugin.Runner {
	s.Require()
	s.Check(
		plugin.Key("numerator", plugin.Text(1)),
		plugin.Key("denominator", plugin.AnyOf(plugin.Text(0), plugin.Number(plugin.AnyNumber()))),
		plugin.Key("output", plugin.Text(0)),
	)
	p := &division{numerator: s.Metric("numerator"), denominator: s.Metric("denominator"), output: s.Output("output")}
	if t, ok := p.denominator.Raw.Str(); ok && !plugin.Scripted(s.Options) {
		if v, ok := s.Constant("denominator", t); ok {
			p.denominator = plugin.Param{Key: "denominator", Raw: v}
			none := func(string) (value.Value, bool) { return value.Value{}, false }
			number, err := expr.ScriptValue(t, none)
			p.misread = err != nil || !value.Equal(number, v)
		}
	}
	if f, ok := p.denominator.Raw.Float(); ok && f == 0 && !s.Options.ZeroDivisionPasses {
		s.Fail(diag.New("ZeroDivisionArithmeticOperationError", "The `denominator` is 0, by which nothing can be divided.").
			WithHint("Impact Framework gives the numerator here; give a denominator other than 0"), "denominator")
	}
	if p.numerator.Expr == nil {
		p.rows.Cells = append(p.rows.Cells, plugin.Numeric(p.numerator.CheckName(s.Options), plugin.AnyNumber()))
	}
	if p.denominator.Expr == nil {
		below := plugin.Numeric(p.denominator.CheckName(s.Options), plugin.AnyNumber())
		below.Optional = true
		p.rows.Cells = plugin.Override(p.rows.Cells, below)
	}
	return p
}

func (p *division) Check(c *plugin.Call) error {
	err := c.CheckRows(p.rows)
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
func (p *division) checkDenominator(c *plugin.Call) *diag.Problem {
	name, ok := p.denominator.CheckValue(c.Options).Str()
	if !ok || p.denominator.Expr != nil {
		return nil
	}
	var found *diag.Problem
	if v, ok := c.Vec(name); ok && !hasZero(v) {
		return nil
	}
	for row := range c.In.Len() {
		v := c.At(row, name)
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

func (p *division) noDenominator(c *plugin.Call, row int, name string, v value.Value) *diag.Problem {
	if f, ok := v.Float(); ok && f == 0 && !c.Options.ZeroDivisionPasses {
		return diag.New("ZeroDivisionArithmeticOperationError", "The `denominator` %s is 0, by which nothing can be divided.", name).
			WithMetric(c.Name(name)).AtRow(row).
			WithHint("leave the row out, or say what %s is when there is none", name)
	}
	problem := diag.New("MissingInputDataError", "%s is missing from the input array, or has nullish value.", name).
		WithMetric(c.Name(name)).AtRow(row)
	problem.Hint = c.Hint(row, c.Name(name), v)
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

func (p *division) Compute(_ context.Context, c *plugin.Call) (*frame.Frame, error) {
	if p.misread {
		c.Notice("coerced-number", "Impact Framework takes the denominator for the name of a metric")
	}
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
		return c.EmitVec(c.In, p.output, above.Div(below).Vec())
	}
	if !c.Options.ZeroDivisionPasses {
		return nil, expr.DivisionByZero(p.denominator.Raw.String()).AtRow(firstZero(divisor))
	}
	dividend := above.Vec()
	c.Warn(fmt.Sprintf("-- SKIPPING -- DivisionByZero: you are attempting to divide by zero in Divide plugin : inputs[%d]\n", firstZero(divisor)))
	out := make([]float64, c.In.Len())
	for row := range out {
		out[row] = dividend.At(row)
		if d := divisor.At(row); d != 0 {
			out[row] /= d
		}
	}
	return c.EmitVec(c.In, p.output, frame.VecOf(out))
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
func (p *division) side(c *plugin.Call, of plugin.Param) (expr.Series, error) {
	v, err := c.Resolve(of)
	if err != nil || !c.Has(of.Key) {
		return v, err
	}
	if name, plain := of.Plain(c.Options); plain && name == of.Key {
		return v, nil
	}
	if !c.Options.DivideRowKeys {
		c.Notice("divide-row-keys", "Impact Framework divides with the rows' own "+of.Key+" instead of the configured one")
		return v, nil
	}
	configured, out := v.Vec(), make([]float64, c.In.Len())
	for row := range out {
		out[row] = configured.At(row)
		if own := c.At(row, of.Key); own.Truthy() {
			out[row] = ownSide(c, row, own)
		}
	}
	return expr.Of(frame.VecOf(out)), nil
}

// ownSide is a row's own numerator or denominator: a number, or the name of the
// metric that is one.
func ownSide(c *plugin.Call, row int, own value.Value) float64 {
	if f, ok := own.Float(); ok {
		return f
	}
	return expr.ScriptNumber(c.At(row, own.String()))
}
