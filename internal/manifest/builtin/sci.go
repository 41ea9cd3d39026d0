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

// sci divides carbon by functional units.
type sci struct {
	unit plugin.Param
	rows plugin.RowCheck
}

func bindSci(s *plugin.Settings) plugin.Runner {
	s.Require()
	s.Refine(func(config value.Value, r *plugin.Report) {
		if unit, _ := config.Map().Get("functional-unit").Str(); unit == "" {
			r.Add("", "custom", "`functional-unit` should be provided in your config")
		}
	}, plugin.Key("functional-unit", plugin.Text(0)))
	rows := plugin.RowCheck{Cells: []plugin.Cell{plugin.Numeric("carbon", plugin.AtLeast(0)), plugin.Numeric("duration", plugin.AtLeast(1))}}
	return &sci{unit: s.MetricOrNumber("functional-unit"), rows: rows}
}

func (p *sci) Check(c *plugin.Call) error {
	err := c.CheckRows(p.rows)
	units := p.checkUnits(c)
	if first, ok := err.(*diag.Problem); ok && (units == nil || first.Row < units.Row) {
		return first
	}
	if units != nil {
		return units
	}
	return nil
}

// checkUnits returns the problem of rows without a number of functional units.
func (p *sci) checkUnits(c *plugin.Call) *diag.Problem {
	if p.unit.Expr != nil {
		return nil
	}
	name := p.unit.CheckName(c.Options)
	if v, ok := c.Vec(name); ok && plugin.AllWithin(v, plugin.AtLeast(0)) {
		return nil
	}
	var found *diag.Problem
	for row := range c.In.Len() {
		v := c.At(row, name)
		if units, ok := p.countOf(c, v); ok && units >= 0 {
			continue
		}
		if found != nil {
			found.Rows++
			continue
		}
		found = notUnits().AtRow(row).WithMetric(c.Name(name))
		found.Hint = c.Hint(row, c.Name(name), v)
	}
	return found
}

func notUnits() *diag.Problem {
	return diag.New("MissingInputDataError",
		"`functional-unit` value is missing from input data or it is not a positive integer")
}

// countOf returns the number that a value is.
func (p *sci) countOf(c *plugin.Call, v value.Value) (float64, bool) {
	if c.Options.CoerceNumbers {
		return expr.ScriptNumber(v), v.Kind() != value.Absent
	}
	return v.Float()
}

func (p *sci) Compute(_ context.Context, c *plugin.Call) (*frame.Frame, error) {
	numbers, err := c.Resolve(p.unit)
	if err != nil {
		return nil, err
	}
	units := numbers.Vec()
	if p.unit.Expr != nil && !plugin.AllWithin(units, plugin.AtLeast(0)) {
		return nil, notUnits().WithHint("%s is negative in a row", p.unit.Expr).AtRow(firstBelow(units, 0))
	}
	carbon := c.NumbersOf("carbon")
	zeros := p.zeroRows(c, units)
	if len(zeros) == 0 {
		return c.EmitVec(c.In, plugin.Target{Text: "sci"}, expr.Of(carbon).Div(expr.Of(units)).Vec())
	}
	zeroResult := func(int) value.Value { return value.OfNull() }
	if c.Options.ZeroUnitsIsCarbon {
		c.Warn(fmt.Sprintf("-- SKIPPING -- DivisionByZero: you are attempting to divide by zero in Sci plugin : inputs[%d]\n", zeros[0]))
		zeroResult = func(row int) value.Value { return c.At(row, "carbon") }
	} else {
		c.Notice("zero-units", "Impact Framework gives the carbon itself where there are no functional units; here the SCI is missing")
		c.Warn(withoutUnits(zeros))
	}
	vals := make([]value.Value, c.In.Len())
	for row := range vals {
		vals[row] = value.OfNumber(carbon.At(row) / units.At(row))
	}
	for _, row := range zeros {
		vals[row] = zeroResult(row)
	}
	return c.Emit(c.In, plugin.Target{Text: "sci"}, frame.NewColumn("", vals))
}

// withoutUnits says which rows have no SCI.
func withoutUnits(rows []int) string {
	text := fmt.Sprintf("row %d has", rows[0]+1)
	if more := len(rows) - 1; more > 0 {
		text = fmt.Sprintf("row %d and %d more have", rows[0]+1, more)
	}
	return text + " no functional units: SCI is missing there"
}

// zeroRows returns the rows whose functional units are the number 0. What is
// only made into 0, such as null, is divided by.
func (p *sci) zeroRows(c *plugin.Call, units frame.Vec) []int {
	if f, ok := units.Constant(); ok && f != 0 {
		return nil
	}
	name, plain := p.unit.Plain(c.Options)
	_, numbers := c.Vec(name)
	var zeros []int
	for row := range units.Len() {
		if units.At(row) != 0 {
			continue
		}
		if plain && !numbers && c.At(row, name).Kind() != value.Number {
			continue
		}
		zeros = append(zeros, row)
	}
	return zeros
}

// firstBelow returns the first row with a number that is not at least so much.
func firstBelow(v frame.Vec, least float64) int {
	for row := range v.Len() {
		if !(v.At(row) >= least) {
			return row
		}
	}
	return 0
}
