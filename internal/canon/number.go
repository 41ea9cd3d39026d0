package canon

import (
	"math"
	"strconv"
)

// Floats whose first digit has a decimal exponent in this range are written
// plainly, all others with an exponent.
const (
	lowestPlain  = -5
	highestPlain = 15
)

// AppendFloat appends a number as a float: the fewest digits that give it back,
// with a point if it is written plainly (1.0, 0.00001), with an exponent and no
// needless point otherwise (1e-6, 9.99e-6, 1e+16). JSON has no text for what is
// not finite, so that is written as null.
func AppendFloat(dst []byte, x float64) []byte {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return append(dst, "null"...)
	}
	var buf [32]byte
	text := strconv.AppendFloat(buf[:0], x, 'e', -1, 64)
	if text[0] == '-' {
		dst, text = append(dst, '-'), text[1:]
	}
	digits, exponent := parts(text)
	switch {
	case exponent < lowestPlain || exponent > highestPlain:
		return appendExponent(dst, digits, exponent)
	case exponent < 0:
		dst = append(dst, '0', '.')
		for range -exponent - 1 {
			dst = append(dst, '0')
		}
		return append(dst, digits...)
	case exponent >= len(digits)-1:
		dst = append(dst, digits...)
		for range exponent - len(digits) + 1 {
			dst = append(dst, '0')
		}
		return append(dst, '.', '0')
	}
	dst = append(dst, digits[:exponent+1]...)
	dst = append(dst, '.')
	return append(dst, digits[exponent+1:]...)
}

// parts divides d.ddde±xx into its digits, without the point, and its exponent.
// The digits are in the memory of the text.
func parts(text []byte) (digits []byte, exponent int) {
	e := len(text) - 1
	for text[e] != 'e' {
		e--
	}
	for _, c := range text[e+2:] {
		exponent = exponent*10 + int(c-'0')
	}
	if text[e+1] == '-' {
		exponent = -exponent
	}
	if e == 1 {
		return text[:1], exponent
	}
	text[1] = text[0] // over the point
	return text[1:e], exponent
}

func appendExponent(dst, digits []byte, exponent int) []byte {
	dst = append(dst, digits[0])
	if len(digits) > 1 {
		dst = append(dst, '.')
		dst = append(dst, digits[1:]...)
	}
	dst = append(dst, 'e')
	if exponent > 0 {
		dst = append(dst, '+')
	}
	return strconv.AppendInt(dst, int64(exponent), 10)
}
