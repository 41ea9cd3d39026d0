package expr

import (
	"strconv"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/value"
)

// timestamp is the one key whose text is never an expression.
const timestamp = "timestamp"

// Inputs returns the rows with the texts that begin with = replaced by
// their values.
func Inputs(in *frame.Frame) (*frame.Frame, error) {
	if _, any := AnyText(in, Is); !any {
		return in, nil
	}
	e := &inputs{in: in, parsed: make(map[string]*Expr)}
	if !in.Uniform() {
		return e.byRow()
	}
	out := in
	for _, col := range in.Columns() {
		if col.Name() == timestamp || !columnHas(col, Is) {
			continue
		}
		if whole, ok := e.column(col); ok {
			out = out.With(whole)
			continue
		}
		vals := make([]value.Value, in.Len())
		for row := range vals {
			var err error
			if vals[row], err = e.cell(row, col.Name(), 0); err != nil {
				return nil, err
			}
		}
		out = out.With(frame.NewColumn(col.Name(), vals))
	}
	return out, nil
}

// DivisionByZero is the problem of an expression that divides by zero.
func DivisionByZero(expression string) *diag.Problem {
	return diag.New("ZeroDivisionArithmeticOperationError",
		"The input expression contains a division by zero: `%s`.", expression)
}

// NotOperand is the problem of a value that cannot be calculated with.
func NotOperand(name string, v value.Value) *diag.Problem {
	if v.IsNullish() {
		return diag.New("InputValidationError", "%s is missing from the input array or has nullish value.", name)
	}
	return diag.New("InputValidationError", "The value of the `%s` parameter in the input array is not a number.", name)
}

// Describe prints a value for a message.
func Describe(v value.Value) string {
	if s, ok := v.Str(); ok {
		return strconv.Quote(s)
	}
	return v.String()
}

// inputs evaluates the expressions of a frame.
type inputs struct {
	in     *frame.Frame
	parsed map[string]*Expr
}

// column evaluates a column that holds one expression over columns of numbers;
// ok is false if it is no such column, or cannot be calculated in some row.
func (e *inputs) column(col *frame.Column) (whole *frame.Column, ok bool) {
	v, _ := col.Constant()
	s, ok := v.Str()
	if !ok {
		return nil, false
	}
	parsed, err := e.parse(s)
	if err != nil {
		return nil, false
	}
	formula := parsed.Bind(func(name string) bool { return e.in.Find(name) >= 0 })
	for _, name := range formula.Names() {
		if _, ok := e.in.Vec(name); !ok {
			return nil, false
		}
	}
	result, zeroAt := formula.Columns(e.in.Len(), func(name string) frame.Vec {
		v, _ := e.in.Vec(name)
		return v
	})
	return Column(col.Name(), result), zeroAt < 0
}

// byRow evaluates rows of different shapes.
func (e *inputs) byRow() (*frame.Frame, error) {
	b := frame.NewBuilder(e.in.Len())
	for row := range e.in.Len() {
		m := e.in.Row(row)
		for _, key := range m.Keys() {
			v, err := e.cell(row, key, 0)
			if err != nil {
				return nil, err
			}
			m.Set(key, v)
		}
		b.Row(m)
	}
	return b.Frame(), nil
}

// maxChain is how many expressions may refer to one another in a row.
const maxChain = 100

// cell returns the value of a cell: that of its expression if it holds one.
func (e *inputs) cell(row int, name string, depth int) (value.Value, error) {
	v := e.in.At(row, name)
	s, ok := v.Str()
	if !ok || name == timestamp || !Is(s) {
		return v, nil
	}
	if depth == maxChain {
		return v, diag.New("InputValidationError", "The value of the `%s` parameter in the input array is not a number.", name).
			WithHint("%s refers to itself, or to more than %d expressions one after another", s, maxChain).
			WithMetric(name).AtRow(row)
	}
	parsed, err := e.parse(s)
	if err != nil {
		return v, diag.New("WrongArithmeticExpressionError",
			"The operator in `%s` should be one of these arithmetic operators: *, +, - or /.", s).
			WithHint("%s; a text that is no expression must not begin with =", err).WithMetric(name).AtRow(row)
	}
	return e.formula(row, name, parsed, depth)
}

func (e *inputs) parse(s string) (*Expr, error) {
	if parsed, ok := e.parsed[s]; ok {
		return parsed, nil
	}
	parsed, err := Parse(s)
	if err == nil {
		e.parsed[s] = parsed
	}
	return parsed, err
}

// formula calculates an expression in a row.
func (e *inputs) formula(row int, cell string, parsed *Expr, depth int) (value.Value, error) {
	formula := parsed.Bind(func(name string) bool { return e.in.Has(row, name) })
	operands := make(map[string]float64, len(formula.Names()))
	for _, name := range formula.Names() {
		v, err := e.cell(row, name, depth+1)
		if err != nil {
			return value.Value{}, err
		}
		f, ok := v.Float()
		if !ok {
			return value.Value{}, NotOperand(name, v).WithMetric(cell).AtRow(row).
				WithHint("%s is calculated from %s, which is %s", parsed, name, Describe(v))
		}
		operands[name] = f
	}
	result, ok := formula.Row(func(name string) float64 { return operands[name] })
	if !ok {
		return value.Value{}, DivisionByZero(parsed.String()).WithMetric(cell).AtRow(row)
	}
	return value.OfNumber(result), nil
}

// AnyText returns the first column, other than timestamp, with a text of some
// kind. Instants in ISO form are of no kind.
func AnyText(f *frame.Frame, is func(string) bool) (name string, found bool) {
	for _, c := range f.Columns() {
		if c.Name() != timestamp && columnHas(c, is) {
			return c.Name(), true
		}
	}
	return "", false
}

func columnHas(c *frame.Column, is func(string) bool) bool {
	switch c.Rep() {
	case frame.Numbers, frame.Times:
		return false
	case frame.Texts:
		for _, s := range c.Texts() {
			if is(s) {
				return true
			}
		}
		return false
	}
	rows := c.Len()
	if c.Rep() == frame.Constant {
		rows = min(rows, 1)
	}
	for row := range rows {
		if s, ok := c.At(row).Str(); ok && is(s) {
			return true
		}
	}
	return false
}
