// Package wide holds unsigned integers of 128 bits: just enough of them for
// products of two quantities and for sums of such products to be exact until
// they are rounded once.
//
// Every operation is checked: what does not fit is [ErrOverflow].
package wide

import (
	"errors"
	"math/big"
	"math/bits"
)

// ErrOverflow reports a result above 2^128 - 1, or a quotient above 2^63 - 1.
var ErrOverflow = errors.New("result overflows 128-bit arithmetic")

// Uint is an unsigned integer of 128 bits. The zero value is 0.
type Uint struct{ Hi, Lo uint64 }

// From returns v as a wide integer.
func From(v uint64) Uint { return Uint{Lo: v} }

// Product returns a × b, which always fits.
func Product(a, b uint64) Uint {
	hi, lo := bits.Mul64(a, b)
	return Uint{hi, lo}
}

// IsZero reports whether u is 0.
func (u Uint) IsZero() bool { return u.Hi == 0 && u.Lo == 0 }

// Narrow returns u as 64 bits and whether it fits them.
func (u Uint) Narrow() (uint64, bool) { return u.Lo, u.Hi == 0 }

// Cmp returns -1, 0 or +1 as u is less than, equal to or greater than v.
func (u Uint) Cmp(v Uint) int {
	switch {
	case u == v:
		return 0
	case u.Hi < v.Hi || (u.Hi == v.Hi && u.Lo < v.Lo):
		return -1
	}
	return 1
}

// Add returns u + v, or [ErrOverflow].
func (u Uint) Add(v Uint) (Uint, error) {
	lo, carry := bits.Add64(u.Lo, v.Lo, 0)
	hi, carry := bits.Add64(u.Hi, v.Hi, carry)
	if carry != 0 {
		return Uint{}, ErrOverflow
	}
	return Uint{hi, lo}, nil
}

// Sub returns u - v, or [ErrOverflow] when v is greater than u.
func (u Uint) Sub(v Uint) (Uint, error) {
	lo, borrow := bits.Sub64(u.Lo, v.Lo, 0)
	hi, borrow := bits.Sub64(u.Hi, v.Hi, borrow)
	if borrow != 0 {
		return Uint{}, ErrOverflow
	}
	return Uint{hi, lo}, nil
}

// Times returns u × m, or [ErrOverflow].
func (u Uint) Times(m uint64) (Uint, error) {
	over, mid := bits.Mul64(u.Hi, m)
	carry, lo := bits.Mul64(u.Lo, m)
	hi, overflow := bits.Add64(mid, carry, 0)
	if over != 0 || overflow != 0 {
		return Uint{}, ErrOverflow
	}
	return Uint{hi, lo}, nil
}

// Over returns u ÷ d as an int64, rounded half to even. It returns
// [ErrOverflow] when the quotient does not fit, which includes d of 0.
func (u Uint) Over(d Uint) (int64, error) {
	if d.Hi != 0 || u.Hi >= d.Lo {
		return u.overBig(d)
	}
	q, r := bits.Div64(u.Hi, u.Lo, d.Lo)
	if half := d.Lo - r; q < 1<<63 && (r > half || (r == half && q&1 == 1)) {
		q++
	}
	if q >= 1<<63 {
		return 0, ErrOverflow
	}
	return int64(q), nil
}

// overBig is Over for divisors or quotients above 64 bits, which are rare
// enough to be left to math/big.
func (u Uint) overBig(d Uint) (int64, error) {
	if d.IsZero() {
		return 0, ErrOverflow
	}
	divisor := d.Big()
	q, r := new(big.Int).QuoRem(u.Big(), divisor, new(big.Int))
	c := r.Lsh(r, 1).Cmp(divisor)
	if c > 0 || (c == 0 && q.Bit(0) == 1) {
		q.Add(q, big.NewInt(1))
	}
	if !q.IsInt64() {
		return 0, ErrOverflow
	}
	return q.Int64(), nil
}

// Big returns u as an integer of math/big, which the caller owns.
func (u Uint) Big() *big.Int {
	b := new(big.Int).SetUint64(u.Hi)
	return b.Lsh(b, 64).Or(b, new(big.Int).SetUint64(u.Lo))
}
