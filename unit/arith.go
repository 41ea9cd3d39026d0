package unit

import "math/bits"

// quantity is any of this package's types.
type quantity interface{ ~int64 }

// Sum adds quantities of one type. It returns [ErrOverflow] when any partial
// sum, in the order given, does not fit.
func Sum[Q quantity](terms ...Q) (Q, error) {
	var total Q
	for _, t := range terms {
		var err error
		if total, err = add(total, t); err != nil {
			return 0, err
		}
	}
	return total, nil
}

func add[Q quantity](a, b Q) (Q, error) {
	c := a + b
	if (c > a) != (b > 0) && b != 0 {
		return 0, ErrOverflow
	}
	return c, nil
}

func sub[Q quantity](a, b Q) (Q, error) {
	c := a - b
	if (c < a) != (b > 0) && b != 0 {
		return 0, ErrOverflow
	}
	return c, nil
}

// MulDiv returns a × b ÷ c, rounded once, half to even, from a 128-bit
// product. It returns [ErrDivideByZero] when c is 0 and [ErrOverflow] when the
// result does not fit.
func MulDiv(a, b, c int64) (int64, error) {
	if c == 0 {
		return 0, ErrDivideByZero
	}
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	d := magnitude(c)
	if hi >= d {
		return 0, ErrOverflow
	}
	q, r := bits.Div64(hi, lo, d)
	if roundsUp(q, r, d) {
		q++ // cannot wrap: q == 1<<64-1 would already be refused below
		if q == 0 {
			return 0, ErrOverflow
		}
	}
	return signed(q, (a < 0) != (b < 0) != (c < 0))
}

// roundsUp says whether quotient q with remainder r of a division by d rounds
// away from zero, half to even.
func roundsUp(q, r, d uint64) bool {
	half := d - r // r > d-r means 2r > d, without overflow
	return r > half || (r == half && q&1 == 1)
}

// magnitude returns |v|; the magnitude of the smallest int64 is 1<<63.
func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

// signed returns ±m, or ErrOverflow when that does not fit an int64.
func signed(m uint64, negative bool) (int64, error) {
	switch {
	case negative && m <= 1<<63:
		return -int64(m), nil
	case !negative && m < 1<<63:
		return int64(m), nil
	}
	return 0, ErrOverflow
}
