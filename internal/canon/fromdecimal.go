package canon

import (
	"math"
	"math/bits"
)

// exactPower is the largest power of ten that a float64 holds exactly, and fivePower the largest
// power of five in 64 bits.
const (
	exactPower = 22
	fivePower  = 27
)

// fromDecimal returns mantissa × 10^exponent, rounded to the nearest, halves to even. It knows no
// answer for exponents that figures do not have; then ok is false.
//
// The digits that give a float64 back are up to 17, and 2^53 has 16: so most figures take a
// division of whole numbers, in which nothing is rounded but the result.
func fromDecimal(mantissa uint64, exponent int) (x float64, ok bool) {
	switch {
	case mantissa == 0:
		return 0, true
	case mantissa < 1<<53 && exponent == 0:
		return float64(mantissa), true
	case mantissa < 1<<53 && exponent < 0 && exponent >= -exactPower:
		return float64(mantissa) / ten(-exponent), true
	case mantissa < 1<<53 && exponent > 0 && exponent <= exactPower:
		return float64(float64(mantissa) * ten(exponent)), true
	case exponent <= 0 && exponent >= -fivePower:
		return divided(mantissa, -exponent), true
	}
	return 0, false
}

// ten returns 10^n, n from 0 to exactPower.
func ten(n int) float64 {
	return [...]float64{
		1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
		1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
	}[n]
}

// five returns 5^n, n from 0 to fivePower.
func five(n int) uint64 {
	const half = fivePower / 2
	powers := [...]uint64{
		1, 5, 25, 125, 625, 3125, 15625, 78125, 390625, 1953125, 9765625, 48828125, 244140625, 1220703125, 6103515625,
	}
	if n >= len(powers) {
		return powers[n-half] * powers[half]
	}
	return powers[n]
}

// divided returns m / 10^n for m from 1 up.
func divided(m uint64, n int) float64 {
	d := five(n)
	up, down := bits.LeadingZeros64(m), bits.LeadingZeros64(d)
	m, d = m<<up, d<<down
	q, rest := bits.Div64(m>>1, m<<63, d) // m / d in 2^-63: half to two
	z := bits.LeadingZeros64(q)
	q <<= z
	exponent := down - up - n - z // of the first bit of q
	const extra = 64 - 53
	top, low := q>>extra, q&(1<<extra-1)
	const half = 1 << (extra - 1)
	if low > half || low == half && (rest != 0 || top&1 == 1) {
		if top++; top == 1<<53 {
			top >>= 1
			exponent++
		}
	}
	return math.Float64frombits(uint64(exponent+1023)<<52 | top&(1<<52-1))
}
