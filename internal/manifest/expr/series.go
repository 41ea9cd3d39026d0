package expr

import (
	"math"
	"slices"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Series is a column of numbers in the making. Operations on two constants give
// a constant; on others they work in place where the Series owns its numbers,
// so that a formula needs one allocation, not one per operation. Each operation
// rounds by itself, in the order in which it is called.
//
// A Series that took part in an operation, on either side, must not be used
// afterwards: use the result.
type Series struct {
	vec   frame.Vec
	nums  []float64 // the numbers, when they are the Series' own to change
	owned bool
}

// Of returns a Series over a Vec, which it does not change.
func Of(v frame.Vec) Series { return Series{vec: v} }

// Constant returns n times f.
func Constant(f float64, n int) Series { return Of(frame.ConstantVec(f, n)) }

// Vec returns the numbers. The Series must not be used afterwards.
func (s Series) Vec() frame.Vec {
	if s.owned {
		return frame.VecOf(s.nums)
	}
	return s.vec
}

// Column returns a Vec as a column; numbers that are all the same are a constant
// column, however they came about.
func Column(name string, v frame.Vec) *frame.Column {
	if f, ok := v.Constant(); ok {
		return frame.NewConstant(name, v.Len(), value.OfNumber(f))
	}
	nums := v.Floats()
	for _, f := range nums {
		if math.Float64bits(f) != math.Float64bits(nums[0]) {
			return frame.NewNumbers(name, nums)
		}
	}
	if len(nums) == 0 {
		return frame.NewNumbers(name, nums)
	}
	return frame.NewConstant(name, len(nums), value.OfNumber(nums[0]))
}

// operator is one of the four.
type operator byte

// Add returns s + t, row by row.
func (s Series) Add(t Series) Series { return s.apply('+', t) }

// Sub returns s − t, row by row.
func (s Series) Sub(t Series) Series { return s.apply('-', t) }

// Mul returns s × t, row by row.
func (s Series) Mul(t Series) Series { return s.apply('*', t) }

// Div returns s ÷ t, row by row, as IEEE 754 has it: dividing by zero is not an
// error here.
func (s Series) Div(t Series) Series { return s.apply('/', t) }

func (s Series) apply(op operator, t Series) Series {
	a, aConstant := s.constant()
	b, bConstant := t.constant()
	if aConstant && bConstant {
		return Constant(op.of(a, b), s.vec.Len())
	}
	switch {
	case bConstant:
		dst, x := s.target(s)
		op.right(dst, x, b)
		return Series{nums: dst, owned: true}
	case aConstant:
		dst, y := t.target(t)
		op.left(dst, a, y)
		return Series{nums: dst, owned: true}
	}
	dst, x := s.target(t)
	op.both(dst, x, t.floats())
	return Series{nums: dst, owned: true}
}

func (s Series) constant() (float64, bool) {
	if s.owned {
		return 0, false
	}
	return s.vec.Constant()
}

// target returns the numbers and where to put those of a result with t: where
// the numbers of one of both are that nobody else has.
func (s Series) target(t Series) (dst, src []float64) {
	src = s.floats()
	switch {
	case s.owned:
		return src, src
	case t.owned:
		return t.nums, src
	}
	return make([]float64, len(src)), src
}

func (s Series) floats() []float64 {
	if s.owned {
		return s.nums
	}
	return s.vec.Floats()
}

// zero returns the first row that holds zero, -1 if there is none.
func (s Series) zero() int {
	if c, ok := s.constant(); ok {
		if c == 0 && s.vec.Len() > 0 {
			return 0
		}
		return -1
	}
	return slices.Index(s.floats(), 0)
}

func (op operator) of(a, b float64) float64 {
	switch op {
	case '+':
		return a + b
	case '-':
		return a - b
	case '*':
		return a * b
	}
	return a / b
}

// both sets dst to x op y. The slices have one length.
func (op operator) both(dst, x, y []float64) {
	x, y = x[:len(dst)], y[:len(dst)]
	switch op {
	case '+':
		for i := range dst {
			dst[i] = x[i] + y[i]
		}
	case '-':
		for i := range dst {
			dst[i] = x[i] - y[i]
		}
	case '*':
		for i := range dst {
			dst[i] = x[i] * y[i]
		}
	default:
		for i := range dst {
			dst[i] = x[i] / y[i]
		}
	}
}

// right sets dst to x op b.
func (op operator) right(dst, x []float64, b float64) {
	x = x[:len(dst)]
	switch op {
	case '+':
		for i := range dst {
			dst[i] = x[i] + b
		}
	case '-':
		for i := range dst {
			dst[i] = x[i] - b
		}
	case '*':
		for i := range dst {
			dst[i] = x[i] * b
		}
	default:
		for i := range dst {
			dst[i] = x[i] / b
		}
	}
}

// left sets dst to a op y.
func (op operator) left(dst []float64, a float64, y []float64) {
	y = y[:len(dst)]
	switch op {
	case '+':
		for i := range dst {
			dst[i] = a + y[i]
		}
	case '-':
		for i := range dst {
			dst[i] = a - y[i]
		}
	case '*':
		for i := range dst {
			dst[i] = a * y[i]
		}
	default:
		for i := range dst {
			dst[i] = a / y[i]
		}
	}
}
