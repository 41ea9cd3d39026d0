package aggregate

import (
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/value"
)

// series is one number per step. A step may lack values: then its number is the
// sum of those that are there, and what is shown of it is null.
type series struct {
	vec     frame.Vec
	missing []uint32 // per step, how many values it lacks; nil when none does
}

// constant returns n times the same number.
func constant(f float64, n int) series { return series{vec: frame.ConstantVec(f, n)} }

func (s series) len() int { return s.vec.Len() }

// lacks reports whether a step is incomplete.
func (s series) lacks(step int) bool { return s.missing != nil && s.missing[step] > 0 }

// gaps returns how many values are missing in all.
func (s series) gaps() int {
	n := 0
	for _, m := range s.missing {
		n += int(m)
	}
	return n
}

// at returns what is shown of a step.
func (s series) at(step int) value.Value {
	if s.lacks(step) {
		return value.OfNull()
	}
	return value.OfNumber(s.vec.At(step))
}

// column returns the series as a column of a frame. It shares the numbers.
func (s series) column(name string) *frame.Column {
	if s.missing != nil {
		vals := make([]value.Value, s.len())
		for i := range vals {
			vals[i] = s.at(i)
		}
		return frame.NewColumn(name, vals)
	}
	if f, ok := s.vec.Constant(); ok {
		return frame.NewConstant(name, s.len(), value.OfNumber(f))
	}
	return frame.NewNumbers(name, s.vec.Floats())
}

// cut returns the first n steps.
func (s series) cut(n int) series {
	var out series
	if f, ok := s.vec.Constant(); ok {
		out.vec = frame.ConstantVec(f, n)
	} else {
		out.vec = frame.VecOf(s.vec.Floats()[:n])
	}
	if s.missing != nil {
		out.missing = s.missing[:n]
	}
	return out
}

// times returns the products, step by step. A step lacks as many values as the
// factor that lacks more.
func times(a, b series) series {
	out := series{missing: worse(a.missing, b.missing)}
	fa, constA := a.vec.Constant()
	fb, constB := b.vec.Constant()
	if constA && constB {
		out.vec = frame.ConstantVec(float64(fa*fb), a.len())
		return out
	}
	nums := make([]float64, a.len())
	for i := range nums {
		nums[i] = float64(a.vec.At(i) * b.vec.At(i))
	}
	out.vec = frame.VecOf(nums)
	return out
}

// over returns the quotients, step by step. A quotient by 0 is a missing value:
// nothing was there to be averaged.
func over(a, b series) series {
	out := series{missing: worse(a.missing, b.missing)}
	fa, constA := a.vec.Constant()
	fb, constB := b.vec.Constant()
	if constA && constB && fb != 0 {
		out.vec = frame.ConstantVec(fa/fb, a.len())
		return out
	}
	nums := make([]float64, a.len())
	if constB && fb != 0 {
		divide(nums, a.vec.Floats(), fb)
		out.vec = frame.VecOf(nums)
		return out
	}
	owned := false
	for i := range nums {
		divisor := b.vec.At(i)
		if divisor != 0 {
			nums[i] = a.vec.At(i) / divisor
			continue
		}
		if !owned {
			out.missing, owned = append(make([]uint32, 0, len(nums)), out.missing...)[:len(nums)], true
		}
		out.missing[i] = max(out.missing[i], 1)
	}
	out.vec = frame.VecOf(nums)
	return out
}

// worse returns the larger count of each step; nil counts nothing.
func worse(a, b []uint32) []uint32 {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	out := make([]uint32, len(a))
	for i := range out {
		out[i] = max(a[i], b[i])
	}
	return out
}

// maxQueue is how many series wait at most. More would hold on to more memory and
// save little: a pass reads the sums once and this many columns.
const maxQueue = 16

// accumulator adds series up, in order. Constants stay one number, and other
// series wait until a pass over the sums is worth it; they must not change
// meanwhile.
type accumulator struct {
	n       int
	one     float64   // while nums is nil, the sum of each step
	nums    []float64 // owned
	queue   [maxQueue][]float64
	waiting int
	missing []uint32 // owned
}

func (a *accumulator) add(s series) {
	a.n = s.len()
	if s.missing != nil {
		a.addMissing(s.missing)
	}
	if f, ok := s.vec.Constant(); ok {
		a.flush()
		if a.nums == nil {
			a.one += f
		} else if f != 0 {
			addConstant(a.nums, f)
		}
		return
	}
	a.queue[a.waiting] = s.vec.Floats()
	if a.waiting++; a.waiting == maxQueue {
		a.flush()
	}
}

func (a *accumulator) addMissing(missing []uint32) {
	if a.missing == nil {
		a.missing = make([]uint32, len(missing))
	}
	for i, m := range missing {
		a.missing[i] += m
	}
}

// flush adds what waits.
func (a *accumulator) flush() {
	if a.waiting == 0 {
		return
	}
	if a.nums == nil {
		a.nums = make([]float64, a.n)
		if a.one != 0 {
			addConstant(a.nums, a.one)
		}
	}
	addAll(a.nums, a.queue[:a.waiting])
	a.queue, a.waiting = [maxQueue][]float64{}, 0 // lets go of the columns
}

// series returns the sums. The accumulator must not be used afterwards.
func (a *accumulator) series() series {
	a.flush()
	if a.nums == nil {
		return series{vec: frame.ConstantVec(a.one, a.n), missing: a.missing}
	}
	return series{vec: frame.VecOf(a.nums), missing: a.missing}
}
