package builtin

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/dendro-carbon/dendro/internal/manifest/plugin"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
)

// timeUnit is a unit of time under one of its names.
type timeUnit struct {
	name    string
	seconds float64
}

// timeUnits returns the units, in the order in which messages list them. What a
// reader would get wrong: m is a month. A month is 1/12 of the year, which is
// 365.2425 days; Impact Framework has 2628336 s for it, 1590 s less than that.
func timeUnits() []timeUnit {
	return []timeUnit{
		{"s", 1},
		{"second", 1},
		{"sec", 1},
		{"secs", 1},
		{"seconds", 1},
		{"min", 60},
		{"mins", 60},
		{"minute", 60},
		{"minutes", 60},
		{"h", 3600},
		{"hs", 3600},
		{"hr", 3600},
		{"hrs", 3600},
		{"hour", 3600},
		{"hours", 3600},
		{"d", 86400},
		{"ds", 86400},
		{"day", 86400},
		{"days", 86400},
		{"w", 604800},
		{"ws", 604800},
		{"wk", 604800},
		{"wks", 604800},
		{"week", 604800},
		{"weeks", 604800},
		{"m", 2628336},
		{"mnth", 2628336},
		{"mth", 2628336},
		{"mnths", 2628336},
		{"mths", 2628336},
		{"month", 2628336},
		{"months", 2628336},
		{"y", 31556952},
		{"ys", 31556952},
		{"yr", 31556952},
		{"yrs", 31556952},
		{"year", 31556952},
		{"years", 31556952},
	}
}

// secondsOf returns the length of a unit, 0 if there is none of that name.
func secondsOf(name string) float64 {
	for _, u := range timeUnits() {
		if u.name == name {
			return u.seconds
		}
	}
	return 0
}

// timeConverter brings a quantity per unit of time to another unit, or to the
// duration of the row.
type timeConverter struct {
	input    plugin.Param
	from, to float64 // seconds; to is 0 for the row's duration
	output   plugin.Target
	rows     plugin.RowCheck
}

func bindTimeConverter(s *plugin.Settings) plugin.Runner {
	s.Require()
	var names []string
	for _, u := range timeUnits() {
		names = append(names, u.name)
	}
	s.Check(
		plugin.Key("input-parameter", plugin.Text(0)),
		plugin.Key("original-time-unit", plugin.OneOf(names...)),
		plugin.Key("new-time-unit", plugin.OneOf(append([]string{"duration"}, names...)...)),
		plugin.Key("output-parameter", plugin.Text(1)),
	)
	p := &timeConverter{
		input:  s.MetricOrNumber("input-parameter"),
		from:   secondsOf(s.Text("original-time-unit")),
		to:     secondsOf(s.Text("new-time-unit")),
		output: s.Output("output-parameter"),
		rows:   plugin.RowCheck{Cells: []plugin.Cell{plugin.Numeric("duration", plugin.AtLeast(1))}},
	}
	if p.input.Expr == nil {
		p.rows.Cells = plugin.Override(p.rows.Cells, plugin.Numeric(p.input.CheckName(s.Options), plugin.AnyNumber()))
	}
	return p
}

func (p *timeConverter) Check(c *plugin.Call) error { return c.CheckRows(p.rows) }

func (p *timeConverter) Compute(_ context.Context, c *plugin.Call) (*frame.Frame, error) {
	input, err := c.Resolve(p.input)
	if err != nil {
		return nil, err
	}
	to := expr.Constant(p.to, c.In.Len())
	if p.to == 0 {
		to = expr.Of(c.NumbersOf("duration"))
	}
	result := input.Div(expr.Constant(p.from, c.In.Len())).Mul(to).Vec()
	if c.Options.ConverterSixDecimals {
		result = rounded(result)
	} else if differsRounded(result) {
		c.Notice("six-decimals", "Impact Framework rounds the result to six decimals")
	}
	return c.EmitVec(c.In, p.output, result)
}

func rounded(v frame.Vec) frame.Vec {
	if f, ok := v.Constant(); ok {
		return frame.ConstantVec(toSixDecimals(f), v.Len())
	}
	out := make([]float64, v.Len())
	for i := range out {
		out[i] = toSixDecimals(v.At(i))
	}
	return frame.VecOf(out)
}

// differsRounded reports whether rounding would change a number. It is asked
// once per run and nearly always answered by the first.
func differsRounded(v frame.Vec) bool {
	for i := range v.Len() {
		if f := v.At(i); f == f && toSixDecimals(f) != f {
			return true
		}
		if _, constant := v.Constant(); constant {
			return false
		}
	}
	return false
}

// toSixDecimals returns the number nearest to the decimal number of six places
// that is nearest to f, halves away from zero: JavaScript's
// Number(f.toFixed(6)). (ECMA-262, Number.prototype.toFixed.)
func toSixDecimals(f float64) float64 {
	const scale = 1e6
	abs := math.Abs(f)
	p := abs * scale
	if !(p < 1<<51) {
		return roundLarge(f, abs)
	}
	// p is rounded; rest is exactly what the rounding took away. It matters only
	// where p itself is half way.
	rest := math.FMA(abs, scale, -p)
	n := math.Floor(p)
	if d := p - n; d > 0.5 || d == 0.5 && rest >= 0 {
		n++
	}
	return withSign(n/scale, f)
}

// roundLarge is [toSixDecimals] where a number has few bits left for decimals.
func roundLarge(f, abs float64) float64 {
	if !(abs < 1<<53) {
		return f // no decimals, infinite, or not a number
	}
	whole := math.Floor(abs)
	n := int64(math.Floor((abs-whole)*1e6 + 0.5)) // exact: at most 21 bits times 20 bits
	if n == 1e6 {
		return withSign(whole+1, f)
	}
	r, _ := strconv.ParseFloat(fmt.Sprintf("%.0f.%06d", whole, n), 64) // reads what it wrote
	return withSign(r, f)
}

// withSign returns abs with the sign of f; -0 has none, as in toFixed.
func withSign(abs, f float64) float64 {
	if f < 0 {
		return -abs
	}
	return abs
}
