package scan

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// maxExact is the mantissa up to which decimal can work in float64 without
// rounding the mantissa, and maxPower the power of ten that is exact: their
// product and quotient are then rounded once. (W. Clinger, "How to read floating
// point numbers accurately", PLDI 1990.)
const (
	maxExact = 1 << 53
	maxPower = 22
)

//archtest:table exact powers of ten, never written
var powers = [maxPower + 1]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10,
	1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// decimal reads the number at the start of s: a sign, digits, a point and
// digits, an exponent, of which only the first digits must be there. It returns
// its length, or 0 when there is none, or one that needs more care: out of range,
// a negative zero.
//
// Where it ends at the end of a scalar, the scalar is this number by the rules
// of [Resolve].
func decimal(s string) (f float64, n int) {
	i, negative := 0, false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		i, negative = 1, s[0] == '-'
	}
	start := i
	var mantissa uint64
	for i < len(s) && s[i]-'0' <= 9 {
		mantissa = mantissa*10 + uint64(s[i]-'0')
		i++
	}
	digits := i - start
	if digits == 0 {
		return 0, 0
	}
	power := 0
	if i < len(s) && s[i] == '.' {
		point := i
		for i++; i < len(s) && s[i]-'0' <= 9; i++ {
			mantissa = mantissa*10 + uint64(s[i]-'0')
		}
		power = point + 1 - i
		digits -= power
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		e, length := exponent(s[i+1:])
		if length == 0 {
			return 0, 0
		}
		i, power = i+1+length, power+e
	}
	if digits > 19 || mantissa > maxExact || power > maxPower || power < -maxPower {
		f = parseDecimal(s[:i])
	} else {
		f = exact(mantissa, power, negative)
	}
	if f == 0 && negative || math.IsInf(f, 0) {
		return 0, 0
	}
	return f, i
}

// exact returns mantissa·10^power, both being exact.
func exact(mantissa uint64, power int, negative bool) float64 {
	f := float64(mantissa)
	if negative {
		f = -f
	}
	if power < 0 {
		return f / powers[-power]
	}
	return f * powers[power]
}

// exponent reads the digits of an exponent, with their sign. Very large ones
// are cut: they are far out of range all the same.
func exponent(s string) (e, length int) {
	i := 0
	if s != "" && (s[0] == '-' || s[0] == '+') {
		i = 1
	}
	start := i
	for i < len(s) && s[i]-'0' <= 9 {
		if e < 100_000 {
			e = e*10 + int(s[i]-'0')
		}
		i++
	}
	if i == start {
		return 0, 0
	}
	if s[0] == '-' {
		e = -e
	}
	return e, i
}

// parseDecimal returns the number nearest to a decimal text that [Float] knows
// to be one; out of range it is ±Inf.
func parseDecimal(s string) float64 {
	f, _ := strconv.ParseFloat(s, 64)
	return f
}

// integer returns the number nearest to an integer, +Inf when it is out of
// range. Digits beyond what a float64 can hold cost no work.
func integer(digits string, base int) float64 {
	if base == 10 {
		return parseDecimal(digits)
	}
	digits = strings.TrimLeft(digits, "0")
	switch {
	case digits == "":
		return 0
	case len(digits) > 1024: // at least 2^1024 in any base
		return math.Inf(1)
	}
	n, _ := new(big.Int).SetString(digits, base)
	f, _ := new(big.Float).SetInt(n).Float64()
	return f
}
