package emit

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// meansOther reports whether a plain text would be read as something else than
// a text by js-yaml 4.3: null, a boolean, a number, a time, a merge key.
func meansOther(s string) bool {
	switch s[0] {
	case '~', 'n', 'N', 't', 'T', 'f', 'F', '<', 'y', 'Y', 'o', 'O':
		return word(s) || oldBool(s)
	case '+', '-', '.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return isNumber(s) || isTimestamp(s)
	}
	return false
}

func word(s string) bool {
	switch s {
	case "~", "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE", "<<":
		return true
	}
	return false
}

// oldBool reports whether YAML 1.1 takes the text for a boolean.
func oldBool(s string) bool {
	switch s {
	case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF":
		return true
	}
	return false
}

// base60 reports whether YAML 1.1 takes the text for a number in base 60, such
// as 12:30:45.
func base60(s string) bool {
	s, _ = cutSign(s)
	n := sexagesimal(s)
	if n == 0 {
		return false
	}
	groups := 0
	for s = s[n:]; s != "" && s[0] == ':'; s = s[1+n:] {
		if n = sexagesimal(s[1:]); n == 0 {
			return false
		}
		groups++
	}
	if groups > 0 && s != "" && s[0] == '.' {
		s = s[1+sexagesimal(s[1:]):]
	}
	return groups > 0 && s == ""
}

// sexagesimal returns how many digits and underscores s begins with.
func sexagesimal(s string) int {
	n := 0
	for n < len(s) && (isDigit(s[n]) || s[n] == '_') {
		n++
	}
	return n
}

func isNumber(s string) bool {
	switch s {
	case ".nan", ".NaN", ".NAN":
		return true
	}
	unsigned, signed := cutSign(s)
	switch {
	case unsigned == ".inf" || unsigned == ".Inf" || unsigned == ".INF":
		return true
	case len(unsigned) > 2 && unsigned[0] == '0' && strings.IndexByte("bxo", unsigned[1]) >= 0:
		return isRadix(unsigned)
	case unsigned == "" || signed && unsigned[0] == '.' || !isDecimal(unsigned):
		return false
	}
	// What is too large to be a number stays a text.
	f, _ := strconv.ParseFloat(unsigned, 64)
	return !math.IsInf(f, 0)
}

// isDecimal reports whether s is digits with an optional fraction and exponent.
func isDecimal(s string) bool {
	whole := countDigits(s)
	s = s[whole:]
	fraction := 0
	if s != "" && s[0] == '.' {
		fraction = countDigits(s[1:])
		s = s[1+fraction:]
	}
	if whole+fraction == 0 {
		return false
	}
	if s != "" && s[0]|0x20 == 'e' {
		exponent, _ := cutSign(s[1:])
		n := countDigits(exponent)
		return n > 0 && n == len(exponent)
	}
	return s == ""
}

// isRadix reports whether s, which begins with 0b, 0x or 0o, is a number.
func isRadix(s string) bool {
	base := map[byte]int{'b': 2, 'o': 8, 'x': 16}[s[1]]
	for _, c := range []byte(s[2:]) {
		digit := strings.IndexByte("0123456789abcdef", c|0x20)
		if isDigit(c) {
			digit = int(c - '0')
		}
		if digit < 0 || digit >= base {
			return false
		}
	}
	if len(s) <= 256 {
		return true
	}
	n, _ := new(big.Int).SetString(s[2:], base)
	f, _ := n.Float64()
	return !math.IsInf(f, 0)
}

func cutSign(s string) (rest string, signed bool) {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		return s[1:], true
	}
	return s, false
}

func isDigit(c byte) bool { return c-'0' <= 9 }

func countDigits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}
