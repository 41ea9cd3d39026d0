package fold

import (
	"math"
	"math/bits"

	"github.com/dendro-carbon/dendro/unit"
)

// sum is an exact sum of amounts: a whole number of 2^-160, of 256 bits, the lowest
// ones first. So it does not depend on the order of its terms. What of a term lies below
// 2^-160 is cut off, which is the same in any order.
type sum [4]uint64

// sumPoint is how many bits of a sum are behind the point.
const sumPoint = 160

// maxAmount bounds what is added, so that no number of windows overflows a sum. It is a
// terawatt-hour in kWh; a window that claims more is not believed.
const maxAmount = 1e9

// addFloat adds an amount from 0 to 2^63.
func (s *sum) addFloat(x float64) {
	bitsOf := math.Float64bits(x)
	if bitsOf == 0 {
		return
	}
	exponent := int(bitsOf>>52) & 0x7ff
	mantissa := bitsOf & (1<<52 - 1)
	if exponent > 0 {
		mantissa |= 1 << 52
	} else {
		exponent = 1
	}
	shift := exponent - 1075 + sumPoint
	if shift < 0 {
		if shift <= -64 {
			return
		}
		mantissa >>= uint(-shift)
		shift = 0
	}
	i, low := shift/64, uint(shift%64)
	var carry uint64
	s[i], carry = bits.Add64(s[i], mantissa<<low, 0)
	if i++; i == len(s) {
		return
	}
	s[i], carry = bits.Add64(s[i], mantissa>>(64-low), carry)
	for i++; carry > 0 && i < len(s); i++ {
		s[i], carry = bits.Add64(s[i], 0, carry)
	}
}

// add adds another sum.
func (s *sum) add(o *sum) {
	var carry uint64
	for i := range s {
		s[i], carry = bits.Add64(s[i], o[i], carry)
	}
}

func (s *sum) isZero() bool { return *s == sum{} }

// float returns the nearest number.
func (s *sum) float() float64 {
	top := len(s) - 1
	for top > 0 && s[top] == 0 {
		top--
	}
	if s[top] == 0 {
		return 0
	}
	word, zeros := s[top], bits.LeadingZeros64(s[top])
	word <<= uint(zeros)
	var sticky uint64
	if top > 0 {
		word |= s[top-1] >> uint(64-zeros)
		sticky = s[top-1] << uint(zeros)
		for i := top - 2; i >= 0; i-- {
			sticky |= s[i]
		}
	}
	if sticky != 0 {
		word |= 1
	}
	return math.Ldexp(float64(word), top*64-zeros-sumPoint)
}

// scaled returns the whole part of s × factor, and its fraction in 2^-64,
// whose last bit stands for all that is below it, too.
func (s *sum) scaled(factor uint64) (whole int64, fraction uint64, err error) {
	var product [5]uint64
	var carry uint64
	for i, word := range s {
		high, low := bits.Mul64(word, factor)
		var c uint64
		low, c = bits.Add64(low, carry, 0)
		product[i], carry = low, high+c
	}
	product[4] = carry
	const word, low = sumPoint / 64, sumPoint % 64
	w := product[word]>>low | product[word+1]<<(64-low)
	if w > math.MaxInt64 || product[word+1]>>low != 0 || product[word+2] != 0 {
		return 0, 0, unit.ErrOverflow
	}
	fraction = product[word]<<(64-low) | product[word-1]>>low
	if product[word-1]<<(64-low) != 0 || product[0] != 0 {
		fraction |= 1
	}
	return int64(w), fraction, nil
}

// rounded returns s × factor, to the nearest whole, half to even.
func (s *sum) rounded(factor uint64) (int64, error) {
	whole, fraction, err := s.scaled(factor)
	if err != nil {
		return 0, err
	}
	const half = 1 << 63
	if fraction > half || fraction == half && whole&1 == 1 {
		whole++
	}
	return whole, nil
}
