package value

import (
	"math"
	"strconv"
	"strings"
	"unicode"
)

// ToNumber reads a whole text as a number, as JavaScript's Number() does: white
// space around it is ignored, nothing at all is 0, 0x, 0o and 0b are prefixes,
// and anything else that is not a decimal number is NaN.
func ToNumber(s string) float64 {
	if s != "" && s[0]|0x20 >= 'a' && s[0]|0x20 <= 'z' && s[0] != 'I' {
		return math.NaN() // most texts that are no numbers, at no cost
	}
	s = strings.TrimFunc(s, isSpace)
	switch {
	case s == "":
		return 0
	case len(s) > 2 && s[0] == '0':
		if base := radix(s[1]); base != 0 {
			return parseRadix(s[2:], base)
		}
	case s == "Infinity", s == "+Infinity":
		return math.Inf(1)
	case s == "-Infinity":
		return math.Inf(-1)
	}
	if floatPrefix(s) != len(s) {
		return math.NaN()
	}
	f, _ := strconv.ParseFloat(s, 64) // out of range is ±Inf, as in JavaScript
	return f
}

// isSpace reports whether JavaScript takes the rune for white space or a line
// end. (ECMA-262, WhiteSpace and LineTerminator.)
func isSpace(r rune) bool {
	switch r {
	case '\t', '\n', '\v', '\f', '\r', '\ufeff', '\u2028', '\u2029':
		return true
	}
	return unicode.Is(unicode.Zs, r)
}

func radix(c byte) float64 {
	switch c {
	case 'x', 'X':
		return 16
	case 'o', 'O':
		return 8
	case 'b', 'B':
		return 2
	}
	return 0
}

// parseRadix reads the digits of an integer. Beyond 2^53 the result may differ
// from JavaScript's in the last bit.
func parseRadix(s string, base float64) float64 {
	n := 0.0
	for _, c := range []byte(s) {
		digit := math.Inf(1)
		switch {
		case c >= '0' && c <= '9':
			digit = float64(c - '0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			digit = float64(c|0x20-'a') + 10
		}
		if digit >= base {
			return math.NaN()
		}
		n = float64(n*base) + digit
	}
	return n
}
