package plugin

import (
	"math"
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/value"
)

// The name of an output may be an expression, such as = 2 * 'carbon-product':
// the first name in it is the output's, and stands for the plugin's result.

// Target is where the result of a plugin goes.
type Target struct {
	Text string
	expr *expr.Expr // nil when Text is a plain name, or evaluated as text
}

// Output returns the target that a config value names.
func (s *Settings) Output(key string) Target {
	t := Target{Text: s.Text(key)}
	if expr.Is(t.Text) && !Scripted(s.Options) {
		t.expr = s.expression(key, t.Text)
		if t.expr != nil && len(t.formula(nil).Names()) == 0 {
			s.Fail(badOutput(t.Text).WithHint("name the output: = 2 * product writes twice the result to product"), key)
		}
	}
	return t
}

// badOutput is the problem of an output whose name cannot be used.
func badOutput(text string) *diag.Problem {
	return diag.New("WrongArithmeticExpressionError", "The output parameter `%s` contains an invalid arithmetic expression. "+
		"It should start with `=` and include the symbols `*`, `+`, `-` and `/`.", text)
}

// formula binds an expression to the metrics of the rows. The name of the output
// is the first, whatever the rows have.
func (t Target) formula(known func(string) bool) *expr.Formula {
	if known == nil {
		known = func(string) bool { return false }
	}
	return t.expr.Bind(known)
}

// Emit returns the frame with the plugin's result.
func (c *Call) Emit(f *frame.Frame, t Target, result *frame.Column) (*frame.Frame, error) {
	if t.expr == nil {
		c.noticeName(f, t.Text)
		return f.With(result.Renamed(c.OutName(t.Text))), nil
	}
	if c.In.Len() == 0 {
		return f, nil
	}
	name := t.formula(nil).Names()[0]
	numbers, ok := result.Vec()
	if !ok {
		return nil, expr.NotOperand(name, firstText(result)).WithMetric(name).
			WithHint("%s calculates with the result, which is not a number", t.Text)
	}
	formula := t.formula(func(s string) bool { return s == name || c.In.Find(c.Name(s)) >= 0 })
	for _, other := range formula.Names() {
		if other == name {
			continue
		}
		if err := c.checkOperand(other); err != nil {
			return nil, err
		}
	}
	v, zeroAt := formula.Columns(c.In.Len(), func(s string) frame.Vec {
		if s == name {
			return numbers
		}
		v, _ := c.Vec(s)
		return v
	})
	if zeroAt >= 0 {
		return nil, expr.DivisionByZero(t.Text).WithMetric(name).AtRow(zeroAt)
	}
	c.noticeOutput(t, name, numbers, v)
	return f.With(expr.Column(c.OutName(name), v)), nil
}

// EmitNothing returns the rows for a plugin that has no result.
func (c *Call) EmitNothing(t Target) *frame.Frame {
	if Scripted(c.Options) {
		return c.In.With(frame.NewConstant(t.Text, c.In.Len(), value.Value{}))
	}
	return c.In.Without(c.OutName(t.Text))
}

// EmitVec is [Call.Emit] for numbers.
func (c *Call) EmitVec(f *frame.Frame, t Target, v frame.Vec) (*frame.Frame, error) {
	return c.Emit(f, t, expr.Column("", v))
}

// firstText returns a value of the column that is not a number.
func firstText(c *frame.Column) value.Value {
	for row := range c.Len() {
		if v := c.At(row); v.Kind() != value.Number {
			return v
		}
	}
	return value.Value{}
}

// noticeName tells of names that Impact Framework refuses. It looks only at
// those that are new in the first row.
func (c *Call) noticeName(f *frame.Frame, name string) {
	if c.Options.PlainNamesOnly || f.Len() == 0 || f.Has(0, name) {
		return
	}
	if plain, err := expr.ScriptName(name); err != nil || plain.String() != name {
		c.Notice("plain-names", "Impact Framework refuses the name "+name)
	}
}

// noticeOutput tells of an output's expression to which Impact Framework gives
// another value, or another name. The text that it evaluates differs by sign and
// by what is no finite number, so one row of each kind is looked at.
func (c *Call) noticeOutput(t Target, name string, before, after frame.Vec) {
	var seen [4]bool
	for row := range before.Len() {
		kind := kindOf(before.At(row))
		if seen[kind] {
			continue
		}
		seen[kind] = true
		plain, v, err := expr.ScriptOutput(t.Text, value.OfNumber(before.At(row)))
		if f, ok := v.Float(); err != nil || plain != name || !ok || f != after.At(row) {
			c.Notice("plain-names", "Impact Framework gives "+t.Text+" another value or name")
			return
		}
	}
}

// kindOf tells numbers apart that are written in different ways.
func kindOf(f float64) int {
	switch {
	case f != f || math.IsInf(f, 0):
		return 0
	case f < 0:
		return 1
	case f == 0:
		return 2
	}
	return 3
}

// scriptOutput evaluates the name of an output as Impact Framework does: the
// first key that the first row did not have before is taken for it.
func (c *Call) scriptOutput(out *frame.Frame) (*frame.Frame, error) {
	key, ok := newKey(c.In, out)
	if !ok || !c.Options.PlainNamesOnly && !strings.Contains(key, "=") {
		return out, nil
	}
	if name, err := expr.ScriptName(key); err == nil && name.Kind() == value.Text && name.String() == key {
		return out, nil
	}
	name := ""
	results := make([]value.Value, out.Len())
	for row := range results {
		var err error
		if name, results[row], err = expr.ScriptOutput(key, out.At(row, key)); err != nil {
			return nil, AsProblem(err).WithMetric(key)
		}
	}
	return out.Without(key).With(frame.NewColumn(name, results)), nil
}

// newKey returns the first key of the first row of out that in does not have.
func newKey(in, out *frame.Frame) (string, bool) {
	for _, k := range out.Keys(0) {
		if name := out.Columns()[k].Name(); !in.Has(0, name) {
			return name, true
		}
	}
	return "", false
}

// withIntegersFirst returns the frame with the keys that are integers in front,
// as in any object of JavaScript.
func withIntegersFirst(f *frame.Frame) *frame.Frame {
	for _, c := range f.Columns() {
		if name := c.Name(); name == "" || name[0] < '0' || name[0] > '9' {
			continue
		}
		b := frame.NewBuilder(f.Len())
		for row := range f.Len() {
			m := f.Row(row)
			m.IntegerKeysFirst()
			b.Row(m)
		}
		return b.Frame()
	}
	return f
}
