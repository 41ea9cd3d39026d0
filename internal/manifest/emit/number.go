package emit

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// syntax is what is written: a kind of file.
type syntax uint8

const (
	yamlSyntax syntax = iota
	jsonSyntax
	csvSyntax
)

// appendNumber writes a number as JavaScript prints it, apart from those that
// the syntax writes in its own way.
func appendNumber(dst []byte, f float64, syn syntax) []byte {
	abs := math.Abs(f)
	if abs >= 1e21 || abs < 1e-6 || f != f {
		return appendOddNumber(dst, f, syn)
	}
	if f < 0 {
		dst = append(dst, '-')
	}
	if abs < 1e8 {
		if n := uint32(abs); float64(n) == abs {
			return appendUint(dst, n)
		}
	}
	return decimalOf(abs).appendPositional(dst)
}

// appendOddNumber writes zero, the very small, the very large and what is no
// number.
func appendOddNumber(dst []byte, f float64, syn syntax) []byte {
	switch {
	case f == 0 && math.Signbit(f) && syn == yamlSyntax:
		return append(dst, "-0.0"...)
	case f == 0:
		return append(dst, '0')
	case syn == jsonSyntax && (f != f || math.IsInf(f, 0)):
		return append(dst, "null"...)
	case f != f && syn == yamlSyntax:
		return append(dst, ".nan"...)
	case f != f:
		return append(dst, "NaN"...)
	case f < 0:
		return appendOddNumber(append(dst, '-'), -f, syn)
	case math.IsInf(f, 1) && syn == yamlSyntax:
		return append(dst, ".inf"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	}
	d := decimalOf(f)
	// js-yaml puts a point behind a single digit, but not in whole numbers.
	return d.appendScientific(dst, syn == yamlSyntax && f < 1)
}

// decimal is 0.DIGITS × 10^point, with maxDigits digits of which the first is
// not zero. (More than four fields would not be kept in registers.)
type decimal struct {
	first     uint64
	high, low uint64 // eight digits each, the leftmost in the lowest byte
	point     int
}

// maxDigits is how many digits tell any two float64 apart.
const maxDigits = 17

// decimalOf returns the shortest decimal for f, finite and above 0.
func decimalOf(f float64) decimal {
	digits, exponent := shortest(f)
	for digits < 1e15 { // subnormal numbers
		digits *= 10
		exponent--
	}
	if digits < 1e16 {
		digits *= 10
		exponent--
	}
	first, rest := digits/1e16, digits%1e16
	return decimal{first, eightDigits(uint32(rest / 1e8)), eightDigits(uint32(rest % 1e8)), maxDigits + exponent}
}

// significant returns the number of digits without the zeros at the end.
func (d decimal) significant() int {
	if d.low == 0 {
		return maxDigits - 8 - bits.LeadingZeros64(d.high)/8
	}
	return maxDigits - bits.LeadingZeros64(d.low)/8
}

// zeros8 is the text 00000000 in one word.
const zeros8 = 0x3030303030303030

// eightDigits returns the digits of n < 1e8 in the bytes of a word, the
// leftmost in the lowest byte. Two, four and eight digits are divided at once;
// the factors are exact for the numbers they meet.
func eightDigits(n uint32) uint64 {
	fours := uint64(n/1e4) | uint64(n%1e4)<<32
	hundreds := fours * 10486 >> 20 & 0x7f_0000_007f
	twos := hundreds + (fours-100*hundreds)<<16
	tens := twos * 103 >> 10 & 0xf_000f_000f_000f
	return tens + (twos-10*tens)<<8
}

// put writes all digits at the start of dst.
func (d decimal) put(dst []byte) {
	_ = dst[maxDigits-1]
	dst[0] = '0' + byte(d.first)
	binary.LittleEndian.PutUint64(dst[1:], d.high+zeros8)
	binary.LittleEndian.PutUint64(dst[9:], d.low+zeros8)
}

// appendPositional writes the decimal without an exponent; it is between 1e-6
// and 1e21.
func (d decimal) appendPositional(dst []byte) []byte {
	start := len(dst)
	dst = slices.Grow(dst, 32)[:start+32]
	text, n := dst[start:], d.significant()
	switch {
	case d.point <= 0:
		copy(text, "0.000000")
		d.put(text[2-d.point:])
		return dst[:start+2-d.point+n]
	case d.point >= n:
		copy(text[16:], "0000000000000000")
		d.put(text)
		return dst[:start+d.point]
	}
	d.put(text[1:])
	copy(text, text[1:1+d.point])
	text[d.point] = '.'
	return dst[:start+1+n]
}

// appendScientific writes the decimal as d.ddde±x, with a point behind a single
// digit if pointed.
func (d decimal) appendScientific(dst []byte, pointed bool) []byte {
	var room [maxDigits]byte
	d.put(room[:])
	dst = append(dst, room[0])
	if n := d.significant(); n > 1 || pointed {
		dst = append(append(dst, '.'), room[1:n]...)
	}
	if d.point > 0 {
		return appendUint(append(dst, "e+"...), uint32(d.point-1))
	}
	return appendUint(append(dst, "e-"...), uint32(1-d.point))
}

// appendUint writes n < 1e8.
func appendUint(dst []byte, n uint32) []byte {
	if n < 10 {
		return append(dst, '0'+byte(n))
	}
	word := eightDigits(n)
	leading := bits.TrailingZeros64(word) / 8
	start := len(dst)
	dst = slices.Grow(dst, 8)[:start+8]
	binary.LittleEndian.PutUint64(dst[start:], (word+zeros8)>>(8*leading))
	return dst[:start+8-leading]
}
