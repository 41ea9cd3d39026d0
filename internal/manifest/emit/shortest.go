package emit

import (
	"math"
	"math/bits"
)

// shortest returns the decimal with the fewest digits that reads back as f,
// and of those the closest to f: f = digits × 10^exponent. It has at most 17
// digits and may end with zeros. f must be finite and above 0.
//
// It finds the digits of strconv.AppendFloat(…, -1, 64) in a fifth of the time,
// and printing numbers is most of the work of writing observations. (Raffaello
// Giulietti, The Schubfach way to render doubles, 2021; names as there, with
// g of 128 bits and all values times four, so that halves are whole.)
func shortest(f float64) (digits uint64, exponent int) {
	word := math.Float64bits(f)
	c, q := word&(1<<52-1), int(word>>52&0x7ff)
	irregular := c == 0 && q > 1 // the neighbour below is nearer than the one above
	if q > 0 {
		c |= 1 << 52
		q -= 1075
	} else {
		q = -1074
	}
	below := 4*c - 2
	k := floorLog10Pow2(q)
	if irregular {
		below++
		k = floorLog10ThreeQuartersPow2(q)
	}
	g := &pow10[-k-pow10First]
	h := q + floorLog2Pow10(-k) + 1
	v := roundToOdd(g, 4*c<<h)
	odd := c & 1 // the bounds themselves read back as f only if c is even
	low := roundToOdd(g, below<<h) + odd
	high := roundToOdd(g, (4*c+2)<<h) - odd
	s := v / 4
	if tens := s / 10; s >= 10 {
		under, over := low <= 40*tens, 40*tens+40 <= high
		if under != over {
			return (tens + bit(over)) * 10, k
		}
	}
	under, over := low <= 4*s, 4*s+4 <= high
	if under == over {
		over = v&3+s&1 > 2 // the nearer one, the even one of two
	}
	return s + bit(over), k
}

// bit returns 1 for true.
func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// roundToOdd returns g × c ÷ 2^128 with the last bit set if anything was cut
// off, so that comparisons with the result are comparisons with the product.
func roundToOdd(g *[2]uint64, c uint64) uint64 {
	x, _ := bits.Mul64(g[1], c)
	high, y := bits.Mul64(g[0], c)
	sum, carry := bits.Add64(y, x, 0)
	high += carry
	if sum > 1 {
		high |= 1
	}
	return high
}

// The floors are exact for every exponent that a float64 can have.
func floorLog10Pow2(e int) int              { return e * 1262611 >> 22 }
func floorLog10ThreeQuartersPow2(e int) int { return (e*1262611 - 524031) >> 22 }
func floorLog2Pow10(e int) int              { return e * 1741647 >> 19 }
