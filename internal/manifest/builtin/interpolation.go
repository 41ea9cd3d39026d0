package builtin

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sort"

	"github.com/dendro-carbon/dendro/internal/manifest/plugin"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/curve"
	"github.com/dendro-carbon/dendro/internal/value"
)

// interpolation reads a metric off a curve through given points.
type interpolation struct {
	input   plugin.Param
	output  plugin.Target
	curve   curve.Curve
	low     float64 // the range of x
	high    float64
	twisted bool   // Impact Framework's curve is another one
	name    string // the metric whose rows are checked; "" for an expression
	rows    plugin.RowCheck
}

// off is the text that says that a machine does not run: 0 on any curve.
const off = "off"

func bindInterpolation(s *plugin.Settings) plugin.Runner {
	s.Require()
	checkSortable(s, "x")
	checkSortable(s, "y")
	if s.Options.SortedCurves && s.Problem == nil {
		s.Config = sortedApart(s.Config)
	}
	s.Refine(checkPoints,
		plugin.Key("method", plugin.Optional(plugin.OneOfEnum(curve.Linear, curve.Spline, curve.Polynomial))),
		plugin.Key("x", plugin.ListOf(plugin.Number(plugin.AnyNumber()))),
		plugin.Key("y", plugin.ListOf(plugin.Number(plugin.AnyNumber()))),
		plugin.Key("input-parameter", plugin.Text(0)),
		plugin.Key("output-parameter", plugin.Text(0)),
	)
	p := &interpolation{input: s.Metric("input-parameter"), output: s.Output("output-parameter")}
	if s.Problem != nil {
		return p
	}
	p.rows = plugin.RowCheck{Indexed: true, Cells: []plugin.Cell{
		{Name: plugin.Timestamp, Schema: plugin.AnyOf(plugin.Text(0), plugin.Date())},
		plugin.Numeric("duration", plugin.AnyNumber()),
	}}
	if p.input.Expr == nil {
		p.name = p.input.CheckName(s.Options)
		p.rows.Cells = plugin.Override(p.rows.Cells, plugin.Cell{Name: p.name, Schema: plugin.AnyOf(plugin.Number(plugin.AtLeast(0)), plugin.Literal(off))})
	}
	x, y := s.Numbers("x"), s.Numbers("y")
	if !s.Options.SortedCurves {
		p.twisted = sortCurve(x, y)
	}
	checkDistinct(s, x)
	if s.Problem == nil {
		p.low, p.high = x[0], x[len(x)-1]
		p.curve = curve.New(s.Text("method"), x, y)
	}
	return p
}

// checkSortable fails, if that is wanted, as JavaScript does that sorts what is not
// there.
func checkSortable(s *plugin.Settings, key string) {
	if !s.Options.ScriptErrors {
		return
	}
	switch v := s.Config.Get(key); v.Kind() {
	case value.List:
	case value.Absent, value.Null:
		s.Fail(diag.New("TypeError", "Cannot read properties of %s (reading 'sort')", v.Kind()).
			WithHint("give the curve's points as lists x and y"), key)
	default:
		s.Fail(diag.New("TypeError", "items.sort is not a function").
			WithHint("%s must be a list of numbers", key), key)
	}
}

// sortedApart returns the config with the lists of its points sorted, each by
// itself and before any look at what is in them: values whose difference is not a
// number count as equal.
func sortedApart(config *value.Map) *value.Map {
	out := config.Clone()
	for _, key := range []string{"x", "y"} {
		list := slices.Clone(config.Get(key).List())
		slices.SortStableFunc(list, func(a, b value.Value) int {
			difference := plugin.NumberOf(a) - plugin.NumberOf(b)
			if math.IsNaN(difference) {
				return 0
			}
			return cmp.Compare(difference, 0)
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

func checkPoints(config value.Value, r *plugin.Report) {
	x, y := config.Map().Get("x").List(), config.Map().Get("y").List()
	if len(x) != len(y) {
		r.Add("", "custom", "The length of `x` and `y` should be equal")
	}
	if len(x) <= 1 || len(y) <= 1 {
		r.Add("", "custom", "the length of the input arrays must be greater than 1")
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
func checkDistinct(s *plugin.Settings, x []float64) {
	method := s.Text("method")
	if s.Options.SortedCurves || method != curve.Spline && method != curve.Polynomial {
		return
	}
	for i := range x[1:] {
		if x[i] == x[i+1] {
			s.Fail(diag.New(plugin.InputValidation, "`x` has %s twice: no %s goes through both points",
				value.NumberText(x[i]), method).WithHint("remove one of the points, or use method: linear"), "x")
		}
	}
}

func (p *interpolation) Check(c *plugin.Call) error {
	if p.twisted {
		c.Notice("sorted-curve", "Impact Framework sorts x and y each by itself, which makes another curve of these points")
	}
	if p.fits(c) {
		return nil
	}
	rows := p.rows
	if p.input.Expr == nil {
		rows.Refine = func(row int, r *plugin.Report) {
			if f, ok := c.At(row, p.name).Float(); ok && !(f >= p.low && f <= p.high) {
				r.Add("", "custom", "%s", outOfRange)
			}
		}
	}
	return p.located(c, p.name, c.CheckRows(rows))
}

// fits reports whether whole columns show that every row is right.
func (p *interpolation) fits(c *plugin.Call) bool {
	if !hasTimes(c) || !c.ColumnsFit(p.rows.Cells[1:2]) {
		return false
	}
	if p.input.Expr != nil {
		return true
	}
	v, ok := c.Vec(p.name)
	return ok && p.covers(v)
}

const outOfRange = "The target x value must be within the range of the given x values"

// located adds to a value out of range which one it is.
func (p *interpolation) located(c *plugin.Call, name string, err error) error {
	problem, ok := err.(*diag.Problem)
	if ok && problem.Metric == "" && problem.Row > 0 {
		problem.Metric = c.Name(name)
		problem.Hint = "x goes from " + value.NumberText(p.low) + " to " + value.NumberText(p.high) +
			"; the value is " + plugin.Describe(c.At(problem.Row-1, name))
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
func hasTimes(c *plugin.Call) bool {
	name := c.Name(plugin.Timestamp)
	col := c.In.Column(name)
	if col == nil || !c.In.Complete(name) {
		return false
	}
	if v, ok := col.Constant(); ok {
		return v.Kind() == value.Text || v.Kind() == value.Time
	}
	return col.Rep() == frame.Times || col.Rep() == frame.Texts
}

func (p *interpolation) Compute(ctx context.Context, c *plugin.Call) (*frame.Frame, error) {
	name, plain := p.input.Plain(c.Options)
	if plain && c.Evaluated != nil {
		plain = c.Evaluated.Get(p.input.Key).Kind() == value.Text
	}
	if _, numbers := c.Vec(name); plain && !numbers {
		return p.withOff(c, name)
	}
	input, err := c.Resolve(p.input)
	if err != nil {
		return nil, err
	}
	v := input.Vec()
	if p.input.Expr != nil && !p.covers(v) {
		return nil, p.expressionOut(v)
	}
	values, err := p.values(ctx, v)
	if err != nil {
		return nil, err
	}
	return c.EmitVec(c.In, p.output, values)
}

// expressionOut is the problem of an expression whose value is not on the curve.
func (p *interpolation) expressionOut(input frame.Vec) *diag.Problem {
	row := 0
	for row < input.Len()-1 && input.At(row) >= 0 && input.At(row) >= p.low && input.At(row) <= p.high {
		row++
	}
	return diag.New(plugin.InputValidation, outOfRange).AtRow(row).WithHint("x goes from %s to %s; %s is %s",
		value.NumberText(p.low), value.NumberText(p.high), p.input.Expr, value.NumberText(input.At(row)))
}

// values reads every number off the curve. It ends early with the context's
// error: a polynomial through many points takes its time.
func (p *interpolation) values(ctx context.Context, v frame.Vec) (frame.Vec, error) {
	if f, ok := v.Constant(); ok {
		if v.Len() == 0 {
			return v, nil
		}
		return frame.ConstantVec(p.curve.At(f), v.Len()), nil
	}
	out := make([]float64, v.Len())
	for i, f := range v.Floats() {
		if i%64 == 0 && ctx.Err() != nil {
			return v, context.Cause(ctx)
		}
		out[i] = p.curve.At(f)
	}
	return frame.VecOf(out), nil
}

// withOff handles rows some of which are off: input and output are 0 there.
func (p *interpolation) withOff(c *plugin.Call, name string) (*frame.Frame, error) {
	in, out := make([]value.Value, c.In.Len()), make([]float64, c.In.Len())
	anyOff := false
	for row := range in {
		in[row] = c.At(row, name)
		if s, ok := in[row].Str(); ok && s == off {
			in[row], anyOff = value.OfNumber(0), true
			continue
		}
		out[row] = p.curve.At(plugin.NumberOf(in[row]))
	}
	rows := c.In
	if anyOff {
		rows = rows.With(frame.NewColumn(c.Name(name), in))
	}
	return c.EmitVec(rows, p.output, frame.VecOf(out))
}
