package builtin

import (
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/value"
)

// param is a value of the config that stands for numbers: the name of a metric,
// an expression, or a number. The zero param stands for nothing.
type param struct {
	key string
	raw value.Value // as the config has it
	// expr is the expression that raw is, nil when it is none. It stays nil when
	// expressions are evaluated as Impact Framework does, from call.evaluated.
	expr *expr.Expr
	// number says that a text which is no expression is not a name: it is made
	// into a number as JavaScript does.
	number bool
	// either says that a name that JavaScript takes for a number is that number.
	either bool
}

// scripted reports whether expressions are evaluated as text.
func scripted(o compat.Options) bool { return o.LastRowExpressions }

// invalidExpression is the problem of an expression that cannot be read.
func invalidExpression(key string, why error) *diag.Problem {
	return diag.New(inputValidation, "The `%s` contains an invalid arithmetic expression. "+
		"It should start with `=` and include the symbols `*`, `+`, `-` and `/`.", key).WithHint("%s", why)
}

// metric returns a config value that is the name of a metric or an expression.
func (s *settings) metric(key string) param {
	p := param{key: key, raw: s.config.Get(key)}
	if t, ok := p.raw.Str(); ok && expr.Is(t) && !scripted(s.options) {
		p.expr = s.expression(key, t)
	}
	return p
}

// metricOrNumber is [settings.metric] where the original also takes names that
// JavaScript reads as numbers for numbers.
func (s *settings) metricOrNumber(key string) param {
	p := s.metric(key)
	p.either = true
	return p
}

// quantity returns a config value that is a number, an expression, or a constant
// expression without an equals sign; without one, the number otherwise.
func (s *settings) quantity(key string, otherwise float64) param {
	p := param{key: key, raw: s.config.Get(key), number: true}
	if p.raw.Kind() == value.Absent {
		p.raw = value.OfNumber(otherwise)
	}
	if t, ok := p.raw.Str(); ok && !scripted(s.options) {
		p.expr = s.expression(key, t)
	}
	return p
}

func (s *settings) expression(key, text string) *expr.Expr {
	e, err := expr.Parse(text)
	if err != nil {
		s.fail(invalidExpression(key, err), key)
	}
	return e
}

// arithmetic accepts what the schema accepts, and texts that are expressions
// whose value, if it is a constant, the schema accepts.
func (s *settings) arithmetic(key string, sc schema) schema {
	return func(v value.Value, path string, r *report) bool {
		t, ok := v.Str()
		switch {
		case !ok:
		case s.options.CoerceNumbers:
			checked, err := expr.CheckScript(key, t, true)
			if err != nil {
				s.fail(asProblem(err), key)
			}
			v = checked
		default:
			if number, ok := s.constant(key, t); ok {
				v = number
			} else if expr.Is(t) {
				return true
			}
		}
		return sc(v, path, r)
	}
}

// constant returns the value of a constant expression; ok is false when the
// text is none. What is wrong with an expression is reported.
func (s *settings) constant(key, text string) (v value.Value, ok bool) {
	e, err := expr.Parse(text)
	if err != nil {
		if expr.Is(text) {
			s.fail(invalidExpression(key, err), key)
		}
		return value.Value{}, false
	}
	f := e.Bind(func(string) bool { return false })
	if len(f.Names()) > 0 {
		return value.Value{}, false
	}
	number, ok := f.Row(nil)
	if !ok {
		s.fail(expr.DivisionByZero(text), key)
	}
	return value.OfNumber(number), ok
}

// checkNames fails as Impact Framework does when it looks for names in config
// values that are broken arithmetic.
func (s *settings) checkNames() {
	for i := range s.config.Len() {
		if t, ok := s.config.At(i).Str(); ok {
			if _, err := expr.ScriptName(t); err != nil {
				s.fail(asProblem(err), s.config.Key(i))
			}
		}
	}
}

// asProblem returns the problem that an error of package expr is.
func asProblem(err error) *diag.Problem {
	var list diag.List
	list.Add(err)
	return list[0]
}

// checkName returns the metric that the rows are checked to have. It is not
// always the one that is read: if only plain names are names, it is the first
// plain name in the text.
func (p param) checkName(o compat.Options) string { return p.checkValue(o).String() }

func (p param) checkValue(o compat.Options) value.Value {
	t, ok := p.raw.Str()
	if ok && o.PlainNamesOnly {
		if name, err := expr.ScriptName(t); err == nil {
			return name
		}
	}
	return p.raw
}

// plain returns the metric that a param names; ok is false if it is not a name.
func (p param) plain(o compat.Options) (name string, ok bool) {
	t, isText := p.raw.Str()
	return t, isText && p.expr == nil && !(scripted(o) && strings.Contains(t, "="))
}

// resolve returns the numbers that a param stands for, one per row. Names are
// known to be columns of numbers.
func (c *call) resolve(p param) (expr.Series, error) {
	if p.expr != nil {
		return c.columns(p)
	}
	v := p.raw
	if c.evaluated.Has(p.key) {
		v = c.evaluated.Get(p.key)
	}
	if f, ok := v.Float(); ok {
		return expr.Constant(f, c.in.Len()), nil
	}
	number := expr.ScriptNumber(v)
	if name, ok := v.Str(); ok && !p.number && !(p.either && scripted(c.options) && number == number) {
		return expr.Of(c.numbersOf(name)), nil
	}
	return expr.Constant(number, c.in.Len()), nil
}

// numbersOf returns a metric as numbers, made into numbers as JavaScript does
// where they are none.
func (c *call) numbersOf(name string) frame.Vec {
	if v, ok := c.vec(name); ok {
		return v
	}
	nums := make([]float64, c.in.Len())
	for row := range nums {
		nums[row] = numberOf(c.at(row, name))
	}
	return frame.VecOf(nums)
}

// numberOf is the number that JavaScript makes of a value.
func numberOf(v value.Value) float64 { return expr.ScriptNumber(v) }

// columns calculates the expression of a param.
func (c *call) columns(p param) (expr.Series, error) {
	formula := p.expr.Bind(c.has)
	if len(formula.Names()) > 0 && c.in.Len() > 1 {
		c.notice("last-row-expression", "Impact Framework calculates "+p.key+" ("+p.expr.String()+
			") from the last row and uses it for all rows; here every row has its own value")
	}
	for _, name := range formula.Names() {
		if err := c.checkOperand(name); err != nil {
			return expr.Series{}, err
		}
	}
	v, zeroAt := formula.Series(c.in.Len(), func(name string) frame.Vec {
		v, _ := c.vec(name)
		return v
	})
	if zeroAt >= 0 {
		return v, expr.DivisionByZero(p.expr.String()).AtRow(zeroAt)
	}
	return v, nil
}

// checkOperand returns the problem of a metric of an expression that some row
// does not have as a number.
func (c *call) checkOperand(name string) error {
	if _, ok := c.vec(name); ok {
		return nil
	}
	var found *diag.Problem
	for row := range c.in.Len() {
		v := c.at(row, name)
		if f, ok := v.Float(); ok && f == f {
			continue
		}
		if found != nil {
			found.Rows++
			continue
		}
		found = expr.NotOperand(name, v).AtRow(row).WithMetric(name)
		found.Hint = c.hint(row, name, v)
	}
	if found != nil {
		return found
	}
	return nil
}
