package table

import (
	"math"
	"strconv"
)

// pow10 holds the powers of ten that float64 holds exactly.
var pow10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, //archtest:table exact powers of ten
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// number reads the number at the start of s, as JSON writes numbers, and
// returns its length; 0 when there is none, or none that float64 can hold.
func number(s string) (f float64, length int) {
	i, negative := 0, false
	if len(s) > 0 && s[0] == '-' {
		i, negative = 1, true
	}
	start := i
	mantissa, i := digits(s, i, 0)
	whole := i - start
	if whole == 0 || whole > 1 && s[start] == '0' {
		return 0, 0
	}
	exponent, significant := 0, whole
	if i < len(s) && s[i] == '.' {
		point := i
		if mantissa, i = digits(s, i+1, mantissa); i == point+1 {
			return 0, 0
		}
		exponent = point + 1 - i
		significant += i - point - 1
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		e, end := exponentOf(s, i+1)
		if end == 0 {
			return 0, 0
		}
		exponent, i = exponent+e, end
	}
	// Both factors are exact, so the one rounding is right. (Clinger, How to
	// read floating point numbers accurately, 1990.) 18 digits cannot overflow.
	if significant <= 18 && mantissa < 1<<53 && exponent >= -22 && exponent <= 22 {
		return scale(float64(mantissa), exponent, negative), i
	}
	f, err := strconv.ParseFloat(s[:i], 64)
	if err != nil || math.IsInf(f, 0) {
		return 0, 0
	}
	return f, i
}

func scale(f float64, exponent int, negative bool) float64 {
	if exponent < 0 {
		f /= pow10[-exponent]
	} else if exponent > 0 {
		f *= pow10[exponent]
	}
	if negative {
		return -f
	}
	return f
}

// digits appends the digits from s[i] on to n, which may overflow, and returns
// where they end.
func digits(s string, i int, n uint64) (uint64, int) {
	for ; i < len(s); i++ {
		d := s[i] - '0'
		if d > 9 {
			break
		}
		n = n*10 + uint64(d)
	}
	return n, i
}

// exponentOf reads the exponent at s[i] and returns where it ends, 0 when it is
// not one. What is too large to matter is cut.
func exponentOf(s string, i int) (e, end int) {
	sign := 1
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		if s[i] == '-' {
			sign = -1
		}
		i++
	}
	start := i
	for ; i < len(s) && s[i]-'0' <= 9; i++ {
		if e < 100_000 {
			e = e*10 + int(s[i]-'0')
		}
	}
	if i == start {
		return 0, 0
	}
	return sign * e, i
}
