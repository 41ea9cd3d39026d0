package plugin

import (
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Param is a value of the config that stands for numbers: the name of a metric,
// an expression, or a number. The zero Param stands for nothing.
type Param struct {
	Key string
	Raw value.Value // as the config has it
	// Expr is the expression that Raw is, nil when it is none. It stays nil when
	// expressions are evaluated as text: then [Call.Evaluated] has the value.
	Expr *expr.Expr
	// number says that a text which is no expression is not a name: it is made
	// into a number as JavaScript does.
	number bool
	// either says that a name that JavaScript takes for a number is that number.
	either bool
}

// Scripted reports whether expressions are evaluated as text.
func Scripted(o compat.Options) bool { return o.LastRowExpressions }

// invalidExpression is the problem of an expression that cannot be read.
func invalidExpression(key string, why error) *diag.Problem {
	return diag.New(InputValidation, "The `%s` contains an invalid arithmetic expression. "+
		"It should start with `=` and include the symbols `*`, `+`, `-` and `/`.", key).WithHint("%s", why)
}

// Metric returns a config value that is the name of a metric or an expression.
func (s *Settings) Metric(key string) Param {
	p := Param{Key: key, Raw: s.Config.Get(key)}
	if t, ok := p.Raw.Str(); ok && expr.Is(t) && !Scripted(s.Options) {
		p.Expr = s.expression(key, t)
	}
	return p
}

// MetricOrNumber is [Settings.Metric] where the original also takes names that
// JavaScript reads as numbers for numbers.
func (s *Settings) MetricOrNumber(key string) Param {
	p := s.Metric(key)
	p.either = true
	return p
}

// Quantity returns a config value that is a number, an expression, or a constant
// expression without an equals sign; without one, the number otherwise.
func (s *Settings) Quantity(key string, otherwise float64) Param {
	p := Param{Key: key, Raw: s.Config.Get(key), number: true}
	if p.Raw.Kind() == value.Absent {
		p.Raw = value.OfNumber(otherwise)
	}
	if t, ok := p.Raw.Str(); ok && !Scripted(s.Options) {
		p.Expr = s.expression(key, t)
	}
	return p
}

func (s *Settings) expression(key, text string) *expr.Expr {
	e, err := expr.Parse(text)
	if err != nil {
		s.Fail(invalidExpression(key, err), key)
	}
	return e
}

// Arithmetic accepts what the schema accepts, and texts that are expressions
// whose value, if it is a constant, the schema accepts.
func (s *Settings) Arithmetic(key string, sc Schema) Schema {
	return func(v value.Value, path string, r *Report) bool {
		t, ok := v.Str()
		switch {
		case !ok:
		case s.Options.CoerceNumbers:
			checked, err := expr.CheckScript(key, t, true)
			if err != nil {
				s.Fail(AsProblem(err), key)
			}
			v = checked
		default:
			if number, ok := s.Constant(key, t); ok {
				v = number
			} else if expr.Is(t) {
				return true
			}
		}
		return sc(v, path, r)
	}
}

// Constant returns the value of a constant expression; ok is false when the
// text is none. What is wrong with an expression is reported.
func (s *Settings) Constant(key, text string) (v value.Value, ok bool) {
	e, err := expr.Parse(text)
	if err != nil {
		if expr.Is(text) {
			s.Fail(invalidExpression(key, err), key)
		}
		return value.Value{}, false
	}
	f := e.Bind(func(string) bool { return false })
	if len(f.Names()) > 0 {
		return value.Value{}, false
	}
	number, ok := f.Row(nil)
	if !ok {
		s.Fail(expr.DivisionByZero(text), key)
	}
	return value.OfNumber(number), ok
}

// checkNames fails as Impact Framework does when it looks for names in config
// values that are broken arithmetic.
func (s *Settings) checkNames() {
	for i := range s.Config.Len() {
		if t, ok := s.Config.At(i).Str(); ok {
			if _, err := expr.ScriptName(t); err != nil {
				s.Fail(AsProblem(err), s.Config.Key(i))
			}
		}
	}
}

// AsProblem returns the problem that an error of package expr is.
func AsProblem(err error) *diag.Problem {
	var list diag.List
	list.Add(err)
	return list[0]
}

// CheckName returns the metric that the rows are checked to have. It is not
// always the one that is read: if only plain names are names, it is the first
// plain name in the text.
func (p Param) CheckName(o compat.Options) string { return p.CheckValue(o).String() }

// CheckValue is [Param.CheckName] for what may be a number instead.
func (p Param) CheckValue(o compat.Options) value.Value {
	t, ok := p.Raw.Str()
	if ok && o.PlainNamesOnly {
		if name, err := expr.ScriptName(t); err == nil {
			return name
		}
	}
	return p.Raw
}

// Plain returns the metric that a param names; ok is false if it is not a name.
func (p Param) Plain(o compat.Options) (name string, ok bool) {
	t, isText := p.Raw.Str()
	return t, isText && p.Expr == nil && !(Scripted(o) && strings.Contains(t, "="))
}

// Resolve returns the numbers that a param stands for, one per row. Names are
// known to be columns of numbers.
func (c *Call) Resolve(p Param) (expr.Series, error) {
	if p.Expr != nil {
		return c.Columns(p)
	}
	v := p.Raw
	if c.Evaluated.Has(p.Key) {
		v = c.Evaluated.Get(p.Key)
	}
	if f, ok := v.Float(); ok {
		return expr.Constant(f, c.In.Len()), nil
	}
	number := expr.ScriptNumber(v)
	if name, ok := v.Str(); ok && !p.number && !(p.either && Scripted(c.Options) && number == number) {
		return expr.Of(c.NumbersOf(name)), nil
	}
	return expr.Constant(number, c.In.Len()), nil
}

// NumbersOf returns a metric as numbers, made into numbers as JavaScript does
// where they are none.
func (c *Call) NumbersOf(name string) frame.Vec {
	if v, ok := c.Vec(name); ok {
		return v
	}
	nums := make([]float64, c.In.Len())
	for row := range nums {
		nums[row] = NumberOf(c.At(row, name))
	}
	return frame.VecOf(nums)
}

// NumberOf is the number that JavaScript makes of a value.
func NumberOf(v value.Value) float64 { return expr.ScriptNumber(v) }

// Columns calculates the expression of a param.
func (c *Call) Columns(p Param) (expr.Series, error) {
	formula := p.Expr.Bind(c.Has)
	for _, name := range formula.Names() {
		if err := c.checkOperand(name); err != nil {
			return expr.Series{}, err
		}
	}
	v, zeroAt := formula.Series(c.In.Len(), func(name string) frame.Vec {
		v, _ := c.Vec(name)
		return v
	})
	if zeroAt >= 0 {
		return v, expr.DivisionByZero(p.Expr.String()).AtRow(zeroAt)
	}
	c.noticeExpression(p, v.Vec())
	return v, nil
}

// checkOperand returns the problem of a metric of an expression that some row
// does not have as a number.
func (c *Call) checkOperand(name string) error {
	if _, ok := c.Vec(name); ok {
		return nil
	}
	var found *diag.Problem
	for row := range c.In.Len() {
		v := c.At(row, name)
		if f, ok := v.Float(); ok && f == f {
			continue
		}
		if found != nil {
			found.Rows++
			continue
		}
		found = expr.NotOperand(name, v).AtRow(row).WithMetric(name)
		found.Hint = c.Hint(row, name, v)
	}
	if found != nil {
		return found
	}
	return nil
}
