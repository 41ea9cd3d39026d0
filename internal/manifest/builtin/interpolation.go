package builtin

import (
	"cmp"
	"context"
	"slices"
	"sort"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/curve"
	"github.com/dendro-carbon/dendro/internal/value"
)

// interpolation reads a metric off a curve through given points.
type interpolation struct {
	input   param
	output  target
	curve   curve.Curve
	low     float64 // the range of x
	high    float64
	twisted bool   // Impact Framework's curve is another one
	name    string // the metric whose rows are checked; "" for an expression
	rows    rowCheck
}

// off is the text that says that a machine does not run: 0 on any curve.
const off = "off"

func bindInterpolation(s *settings) runner {
	s.require()
	s.points("x")
	s.points("y")
	if s.options.SortedCurves && s.problem == nil {
		s.config = sortedApart(s.config)
	}
	s.refine(checkPoints,
		field{"method", optional(oneOfEnum(curve.Linear, curve.Spline, curve.Polynomial))},
		field{"x", listOf(number(anyNumber()))},
		field{"y", listOf(number(anyNumber()))},
		field{"input-parameter", text(0)},
		field{"output-parameter", text(0)},
	)
	p := &interpolation{input: s.metric("input-parameter"), output: s.output("output-parameter")}
	if s.problem != nil {
		return p
	}
	p.rows = rowCheck{indexed: true, cells: []cell{
		{name: timestamp, schema: anyOf(text(0), date())},
		numeric("duration", anyNumber()),
	}}
	if p.input.expr == nil {
		p.name = p.input.checkName(s.options)
		p.rows.cells = override(p.rows.cells, cell{name: p.name, schema: anyOf(number(atLeast(0)), literal(off))})
	}
	x, y := s.numbers("x"), s.numbers("y")
	if !s.options.SortedCurves {
		p.twisted = sortCurve(x, y)
	}
	s.checkDistinct(x)
	if s.problem == nil {
		p.low, p.high = x[0], x[len(x)-1]
		p.curve = curve.New(s.text("method"), x, y)
	}
	return p
}

// points fails, if that is wanted, as JavaScript does that sorts what is not
// there.
func (s *settings) points(key string) {
	if !s.options.ScriptErrors {
		return
	}
	switch v := s.config.Get(key); v.Kind() {
	case value.List:
	case value.Absent, value.Null:
		s.fail(diag.New("TypeError", "Cannot read properties of %s (reading 'sort')", v.Kind()).
			WithHint("give the curve's points as lists x and y"), key)
	default:
		s.fail(diag.New("TypeError", "items.sort is not a function").
			WithHint("%s must be a list of numbers", key), key)
	}
}

// sortedApart returns the config with the lists of its points sorted, each by
// itself and before any look at what is in them.
func sortedApart(config *value.Map) *value.Map {
	out := config.Clone()
	for _, key := range []string{"x", "y"} {
		list := slices.Clone(config.Get(key).List())
		slices.SortStableFunc(list, func(a, b value.Value) int {
			return cmp.Compare(numberOf(a)-numberOf(b), 0)
		})
		out.Set(key, value.OfList(list))
	}
	return out
}

func settleCurve(config *value.Map, o compat.Options) *value.Map {
	if !o.SortedCurves {
		return config
	}
	return sortedApart(config)
}

func checkPoints(config value.Value, r *report) {
	x, y := config.Map().Get("x").List(), config.Map().Get("y").List()
	if len(x) != len(y) {
		r.add("", "custom", "The length of `x` and `y` should be equal")
	}
	if len(x) <= 1 || len(y) <= 1 {
		r.add("", "custom", "the length of the input arrays must be greater than 1")
	}
}

// sortCurve sorts points by x, in pairs. It reports whether sorting each list by
// itself would give another curve.
func sortCurve(x, y []float64) (differ bool) {
	sort.Stable(&points{x, y})
	return !slices.IsSorted(y)
}

// points are pairs to sort by x.
type points struct {
	x, y []float64
}

func (p *points) Len() int           { return len(p.x) }
func (p *points) Less(i, j int) bool { return p.x[i] < p.x[j] }
func (p *points) Swap(i, j int) {
	p.x[i], p.x[j] = p.x[j], p.x[i]
	p.y[i], p.y[j] = p.y[j], p.y[i]
}

// checkDistinct refuses points of equal x where no curve goes through them.
func (s *settings) checkDistinct(x []float64) {
	method := s.text("method")
	if s.options.SortedCurves || method != curve.Spline && method != curve.Polynomial {
		return
	}
	for i := range x[1:] {
		if x[i] == x[i+1] {
			s.fail(diag.New(inputValidation, "`x` has %s twice: no %s goes through both points",
				value.NumberText(x[i]), method).WithHint("remove one of the points, or use method: linear"), "x")
		}
	}
}

func (p *interpolation) check(c *call) error {
	if p.twisted {
		c.notice("sorted-curve", "Impact Framework sorts x and y each by itself, which makes another curve of these points")
	}
	if p.fits(c) {
		return nil
	}
	rows := p.rows
	if p.input.expr == nil {
		rows.refine = func(row int, r *report) {
			if f, ok := c.at(row, p.name).Float(); ok && !(f >= p.low && f <= p.high) {
				r.add("", "custom", "%s", outOfRange)
			}
		}
	}
	return p.located(c, p.name, c.checkRows(rows))
}

// fits reports whether whole columns show that every row is right.
func (p *interpolation) fits(c *call) bool {
	if !c.hasTimes() || !c.columnsFit(p.rows.cells[1:2]) {
		return false
	}
	if p.input.expr != nil {
		return true
	}
	v, ok := c.vec(p.name)
	return ok && p.covers(v)
}

const outOfRange = "The target x value must be within the range of the given x values"

// located adds to a value out of range which one it is.
func (p *interpolation) located(c *call, name string, err error) error {
	problem, ok := err.(*diag.Problem)
	if ok && problem.Metric == "" && problem.Row > 0 {
		problem.Metric = c.name(name)
		problem.Hint = "x goes from " + value.NumberText(p.low) + " to " + value.NumberText(p.high) +
			"; the value is " + describe(c.at(problem.Row-1, name))
	}
	return err
}

// covers reports whether all numbers are in the range of the curve.
func (p *interpolation) covers(v frame.Vec) bool {
	for row := range v.Len() {
		if f := v.At(row); !(f >= 0 && f >= p.low && f <= p.high) {
			return false
		}
		if _, constant := v.Constant(); constant {
			return true
		}
	}
	return true
}

// hasTimes reports whether the column of timestamps shows that every row has a
// text or a time in it.
func (c *call) hasTimes() bool {
	name := c.name(timestamp)
	col := c.in.Column(name)
	if col == nil || !c.in.Complete(name) {
		return false
	}
	if v, ok := col.Constant(); ok {
		return v.Kind() == value.Text || v.Kind() == value.Time
	}
	return col.Rep() == frame.Times || col.Rep() == frame.Texts
}

func (p *interpolation) compute(_ context.Context, c *call) (*frame.Frame, error) {
	name, plain := p.input.plain(c.options)
	if plain && c.evaluated != nil {
		plain = c.evaluated.Get(p.input.key).Kind() == value.Text
	}
	if _, numbers := c.vec(name); plain && !numbers {
		return p.withOff(c, name)
	}
	input, err := c.resolve(p.input)
	if err != nil {
		return nil, err
	}
	v := input.Vec()
	if p.input.expr != nil && !p.covers(v) {
		return nil, p.expressionOut(v)
	}
	return c.emitVec(c.in, p.output, p.values(v))
}

// expressionOut is the problem of an expression whose value is not on the curve.
func (p *interpolation) expressionOut(input frame.Vec) *diag.Problem {
	row := 0
	for row < input.Len()-1 && input.At(row) >= 0 && input.At(row) >= p.low && input.At(row) <= p.high {
		row++
	}
	return diag.New(inputValidation, outOfRange).AtRow(row).WithHint("x goes from %s to %s; %s is %s",
		value.NumberText(p.low), value.NumberText(p.high), p.input.expr, value.NumberText(input.At(row)))
}

// values reads every number off the curve.
func (p *interpolation) values(v frame.Vec) frame.Vec {
	if f, ok := v.Constant(); ok {
		if v.Len() == 0 {
			return v
		}
		return frame.ConstantVec(p.curve.At(f), v.Len())
	}
	out := make([]float64, v.Len())
	for i, f := range v.Floats() {
		out[i] = p.curve.At(f)
	}
	return frame.VecOf(out)
}

// withOff handles rows some of which are off: input and output are 0 there.
func (p *interpolation) withOff(c *call, name string) (*frame.Frame, error) {
	in, out := make([]value.Value, c.in.Len()), make([]float64, c.in.Len())
	anyOff := false
	for row := range in {
		in[row] = c.at(row, name)
		if s, ok := in[row].Str(); ok && s == off {
			in[row], anyOff = value.OfNumber(0), true
			continue
		}
		out[row] = p.curve.At(numberOf(in[row]))
	}
	rows := c.in
	if anyOff {
		rows = rows.With(frame.NewColumn(c.name(name), in))
	}
	return c.emitVec(rows, p.output, frame.VecOf(out))
}
