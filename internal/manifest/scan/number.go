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
var powers = [maxPower + 1]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10,
	1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// decimal reads the decimal number at the start of s: an optional minus,
// digits, and optionally a point and digits. It returns its length, 0 when the
// exact value is not found so simply: the caller then takes the general way.
//
// What it accepts, followed by anything that ends a scalar, is a number by the
// rules of [Resolve]; -0 is left to the general way.
func decimal(s string) (f float64, n int) {
	i, negative := 0, false
	if s != "" && s[0] == '-' {
		i, negative = 1, true
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
		power = i - point - 1
		digits += power
	}
	if digits > 19 || mantissa > maxExact || power > maxPower || mantissa == 0 && negative {
		return 0, 0
	}
	f = float64(mantissa)
	if power > 0 {
		f /= powers[power]
	}
	if negative {
		f = -f
	}
	return f, i
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
