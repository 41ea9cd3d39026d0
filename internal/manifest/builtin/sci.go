package builtin

import (
	"context"
	"fmt"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/value"
)

// sci divides carbon by functional units.
type sci struct {
	unit param
	rows rowCheck
}

func bindSci(s *settings) runner {
	s.require()
	s.refine(func(config value.Value, r *report) {
		if unit, _ := config.Map().Get("functional-unit").Str(); unit == "" {
			r.add("", "custom", "`functional-unit` should be provided in your config")
		}
	}, field{"functional-unit", text(0)})
	rows := rowCheck{cells: []cell{numeric("carbon", atLeast(0)), numeric("duration", atLeast(1))}}
	return &sci{unit: s.metricOrNumber("functional-unit"), rows: rows}
}

func (p *sci) check(c *call) error {
	err := c.checkRows(p.rows)
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
func (p *sci) checkUnits(c *call) *diag.Problem {
	if p.unit.expr != nil {
		return nil
	}
	name := p.unit.checkName(c.options)
	if v, ok := c.vec(name); ok && allWithin(v, atLeast(0)) {
		return nil
	}
	var found *diag.Problem
	for row := range c.in.Len() {
		v := c.at(row, name)
		if units, ok := p.countOf(c, v); ok && units >= 0 {
			continue
		}
		if found != nil {
			found.Rows++
			continue
		}
		found = notUnits().AtRow(row).WithMetric(c.name(name))
		found.Hint = c.hint(row, c.name(name), v)
	}
	return found
}

func notUnits() *diag.Problem {
	return diag.New("MissingInputDataError",
		"`functional-unit` value is missing from input data or it is not a positive integer")
}

// countOf returns the number that a value is.
func (p *sci) countOf(c *call, v value.Value) (float64, bool) {
	if c.options.CoerceNumbers {
		return expr.ScriptNumber(v), v.Kind() != value.Absent
	}
	return v.Float()
}

func (p *sci) compute(_ context.Context, c *call) (*frame.Frame, error) {
	numbers, err := c.resolve(p.unit)
	if err != nil {
		return nil, err
	}
	units := numbers.Vec()
	if p.unit.expr != nil && !allWithin(units, atLeast(0)) {
		return nil, notUnits().WithHint("%s is negative in a row", p.unit.expr).AtRow(firstBelow(units, 0))
	}
	carbon := c.numbersOf("carbon")
	zeros := p.zeroRows(c, units)
	if len(zeros) == 0 {
		return c.emitVec(c.in, target{text: "sci"}, expr.Of(carbon).Div(expr.Of(units)).Vec())
	}
	zeroResult := func(int) value.Value { return value.OfNull() }
	if c.options.ZeroUnitsIsCarbon {
		c.warn(fmt.Sprintf("-- SKIPPING -- DivisionByZero: you are attempting to divide by zero in Sci plugin : inputs[%d]\n", zeros[0]))
		zeroResult = func(row int) value.Value { return c.at(row, "carbon") }
	} else {
		c.notice("zero-units", "Impact Framework gives the carbon itself where there are no functional units; here the SCI is missing")
		c.warn(fmt.Sprintf("row %d and %d more have no functional units: their SCI is missing", zeros[0]+1, len(zeros)-1))
	}
	vals := make([]value.Value, c.in.Len())
	for row := range vals {
		vals[row] = value.OfNumber(carbon.At(row) / units.At(row))
	}
	for _, row := range zeros {
		vals[row] = zeroResult(row)
	}
	return c.emit(c.in, target{text: "sci"}, frame.NewColumn("", vals))
}

// zeroRows returns the rows whose functional units are the number 0. What is
// only made into 0, such as null, is divided by.
func (p *sci) zeroRows(c *call, units frame.Vec) []int {
	if f, ok := units.Constant(); ok && f != 0 {
		return nil
	}
	name, plain := p.unit.plain(c.options)
	_, numbers := c.vec(name)
	var zeros []int
	for row := range units.Len() {
		if units.At(row) != 0 {
			continue
		}
		if plain && !numbers && c.at(row, name).Kind() != value.Number {
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
