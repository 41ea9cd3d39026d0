package expr

import "github.com/dendro-carbon/dendro/internal/frame"

// Formula is an expression bound to names. It is immutable.
type Formula struct {
	code  []instruction
	names []string
}

// instruction is one step of a stack machine.
type instruction struct {
	kind   stepKind
	op     operator // binary
	number float64  // pushNumber
	name   string   // pushName
}

type stepKind uint8

const (
	pushNumber stepKind = iota
	pushName
	negate
	binary
)

// Names returns the metrics that the formula reads, in the order in which they
// first stand in it. The caller must not change the slice.
func (f *Formula) Names() []string { return f.names }

// Row calculates the formula for one row, the values of whose metrics value
// returns. ok is false when it divides by zero.
func (f *Formula) Row(value func(name string) float64) (result float64, ok bool) {
	var fixed [16]float64
	stack := fixed[:0]
	for _, step := range f.code {
		switch step.kind {
		case pushNumber:
			stack = append(stack, step.number)
		case pushName:
			stack = append(stack, value(step.name))
		case negate:
			stack[len(stack)-1] = -stack[len(stack)-1]
		case binary:
			n := len(stack)
			if step.op == '/' && stack[n-1] == 0 {
				return 0, false
			}
			stack[n-2] = step.op.of(stack[n-2], stack[n-1])
			stack = stack[:n-1]
		}
	}
	return stack[0], true
}

// Columns calculates the formula for n rows, the columns of whose metrics
// column returns. zeroAt is the first row, from 0, in which it divides by zero,
// -1 if there is none. A formula of constants is a constant.
func (f *Formula) Columns(n int, column func(name string) frame.Vec) (result frame.Vec, zeroAt int) {
	s, zeroAt := f.Series(n, column)
	return s.Vec(), zeroAt
}

// Series is [Formula.Columns] for a result to calculate on with.
func (f *Formula) Series(n int, column func(name string) frame.Vec) (result Series, zeroAt int) {
	zeroAt = -1
	var stack []Series
	for _, step := range f.code {
		switch step.kind {
		case pushNumber:
			stack = append(stack, Constant(step.number, n))
		case pushName:
			stack = append(stack, Of(column(step.name)))
		case negate:
			stack[len(stack)-1] = Constant(-1, n).Mul(stack[len(stack)-1])
		case binary:
			k := len(stack)
			if step.op == '/' {
				zeroAt = earlier(zeroAt, stack[k-1].zero())
			}
			stack[k-2] = stack[k-2].apply(step.op, stack[k-1])
			stack = stack[:k-1]
		}
	}
	return stack[0], zeroAt
}

// earlier returns the lower of two rows, -1 being none.
func earlier(a, b int) int {
	if a < 0 || b >= 0 && b < a {
		return b
	}
	return a
}
