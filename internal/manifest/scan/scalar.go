// Package scan reads the parts of a YAML document that are large and simple:
// plain scalars, and lists of flat observations, which it turns into frames
// without a node or an allocation per value.
//
// Scalars mean what they mean to js-yaml 4 with its default schema, the reader
// of Impact Framework: YAML 1.2's core types, and unquoted timestamps. Two
// things a reader would get wrong: 1_000, yes and off are texts, and so is a
// number that a float64 cannot hold.
//
// Lists are read only when every line is of a form that cannot be understood
// in two ways; anything else is refused, and the caller hands it to a YAML
// library. What is accepted has exactly the library's meaning.
package scan

import (
	"math"
	"strings"

	"github.com/dendro-carbon/dendro/internal/value"
)

// Resolve returns the value of an unquoted scalar without a tag: null, a
// boolean, a number, a time, or else the text. It is the one place that decides
// what an unquoted scalar is.
func Resolve(s string) value.Value {
	if s == "" {
		return value.OfNull()
	}
	switch c := s[0]; {
	case c >= '0' && c <= '9':
		if ms, ok := Timestamp(s); ok { // never a number: those have no minus but in an exponent
			return value.OfTime(ms)
		}
		if f, ok := Number(s); ok {
			return value.OfNumber(f)
		}
	case c == '-' || c == '+' || c == '.':
		if f, ok := Number(s); ok {
			return value.OfNumber(f)
		}
	case Null(s):
		return value.OfNull()
	default:
		if b, ok := Bool(s); ok {
			return value.OfBool(b)
		}
	}
	return value.OfText(s)
}

// Null reports whether a scalar that is not empty is null.
func Null(s string) bool {
	switch s {
	case "~", "null", "Null", "NULL":
		return true
	}
	return false
}

// Bool returns the boolean that a scalar is, if it is one.
func Bool(s string) (b, ok bool) {
	switch s {
	case "true", "True", "TRUE":
		return true, true
	case "false", "False", "FALSE":
		return false, true
	}
	return false, false
}

// Number returns the number that a scalar is, if it is one.
func Number(s string) (float64, bool) {
	if f, n := decimal(s); n == len(s) && n > 0 {
		return f, true
	}
	if f, ok := Int(s); ok {
		return f, true
	}
	return Float(s)
}

// Int returns the integer that a scalar is, if it is one: decimal, 0b, 0o or
// 0x, with a sign or without. One beyond the range of a float64 is none.
func Int(s string) (float64, bool) {
	digits, negative := cutSign(s)
	base := 10
	if len(digits) > 1 && digits[0] == '0' {
		switch digits[1] {
		case 'b':
			base = 2
		case 'o':
			base = 8
		case 'x':
			base = 16
		}
	}
	if base != 10 {
		digits = digits[2:]
	}
	if digits == "" || !allDigits(digits, base) {
		return 0, false
	}
	f := integer(digits, base)
	if negative && s != "-0" { // js-yaml: -0 is 0, though -00 and -0.0 are -0
		f = -f
	}
	return f, !math.IsInf(f, 0)
}

// Float returns the number that a scalar is under the rule for floats, if it is
// one. A fraction without a whole part has no sign: -.5 is a text.
func Float(s string) (float64, bool) {
	digits, negative := cutSign(s)
	switch digits {
	case ".inf", ".Inf", ".INF":
		if negative {
			return math.Inf(-1), true
		}
		return math.Inf(1), true
	case ".nan", ".NaN", ".NAN":
		return math.NaN(), digits == s
	}
	if !isFloat(digits) || digits[0] == '.' && digits != s {
		return 0, false
	}
	f := parseDecimal(s)
	return f, !math.IsInf(f, 0)
}

// isFloat reports whether s is digits with a fraction and an exponent, each of
// which may be missing, or a fraction alone.
func isFloat(s string) bool {
	whole := countDigits(s)
	rest := s[whole:]
	if strings.HasPrefix(rest, ".") {
		fraction := countDigits(rest[1:])
		if whole+fraction == 0 {
			return false
		}
		rest = rest[1+fraction:]
	} else if whole == 0 {
		return false
	}
	if rest == "" {
		return true
	}
	if rest[0] != 'e' && rest[0] != 'E' {
		return false
	}
	exponent, _ := cutSign(rest[1:])
	return exponent != "" && countDigits(exponent) == len(exponent)
}

func cutSign(s string) (rest string, negative bool) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		return s[1:], s[0] == '-'
	}
	return s, false
}

func countDigits(s string) int {
	n := 0
	for n < len(s) && s[n]-'0' <= 9 {
		n++
	}
	return n
}

func allDigits(s string, base int) bool {
	for i := range len(s) {
		if digit(s[i]) >= base {
			return false
		}
	}
	return true
}

// digit returns the value of a digit in base 36, 99 for anything else.
func digit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return 99
}
