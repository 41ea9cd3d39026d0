package value

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// AppendNumber appends a number as JavaScript prints it: the shortest text
// that reads back as the same number, digits up to 1e21, exponents like 1e+21
// and 1e-7; NaN, Infinity and -Infinity; -0 as 0. (ECMA-262, Number::toString.)
func AppendNumber(dst []byte, f float64) []byte {
	abs := math.Abs(f)
	switch {
	case abs < 1<<53 && f == math.Trunc(f):
		return strconv.AppendInt(dst, int64(f), 10)
	case f != f:
		return append(dst, "NaN"...)
	case abs >= 1e21 || abs < 1e-6:
		return appendExponent(dst, f)
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}

func appendExponent(dst []byte, f float64) []byte {
	switch {
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	// Go writes at least two digits of exponent, JavaScript as few as it can.
	if n := len(dst); n-start >= 4 && dst[n-2] == '0' && (dst[n-3] == '-' || dst[n-3] == '+') {
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}

// NumberText returns [AppendNumber]'s text.
func NumberText(f float64) string { return string(AppendNumber(nil, f)) }

// ParseFloat reads the number at the start of a text as JavaScript's
// parseFloat does: leading white space is skipped, what follows the number is
// ignored, and NaN is returned when there is none.
func ParseFloat(s string) float64 {
	s = strings.TrimLeft(s, " \t\n\r\v\f\u00a0\ufeff\u2028\u2029")
	n := floatPrefix(s)
	if n == 0 {
		switch {
		case strings.HasPrefix(s, "Infinity"), strings.HasPrefix(s, "+Infinity"):
			return math.Inf(1)
		case strings.HasPrefix(s, "-Infinity"):
			return math.Inf(-1)
		}
		return math.NaN()
	}
	f, _ := strconv.ParseFloat(s[:n], 64) // out of range is ±Inf, as in JavaScript
	return f
}

// floatPrefix returns the length of the decimal number at the start of s.
func floatPrefix(s string) int {
	i := 0
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	whole := digits(s[i:])
	i += whole
	fraction := 0
	if i < len(s) && s[i] == '.' {
		fraction = digits(s[i+1:])
		if whole+fraction == 0 {
			return 0
		}
		i += 1 + fraction
	}
	if whole+fraction == 0 {
		return 0
	}
	return i + exponent(s[i:])
}

func exponent(s string) int {
	if len(s) == 0 || s[0] != 'e' && s[0] != 'E' {
		return 0
	}
	i := 1
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	if n := digits(s[i:]); n > 0 {
		return i + n
	}
	return 0
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// ScriptText returns the value as JavaScript's String() does, where the time zone
// is UTC: unlike [Value.String] also times, lists and objects.
func (v Value) ScriptText() string {
	switch v.kind {
	case Time:
		return time.UnixMilli(int64(v.num)).UTC().Format("Mon Jan 02 2006 15:04:05 GMT+0000 (Coordinated Universal Time)")
	case List:
		items := make([]string, len(v.List()))
		for i, item := range v.List() {
			if !item.IsNullish() {
				items[i] = item.ScriptText()
			}
		}
		return strings.Join(items, ",")
	case Object:
		return "[object Object]"
	}
	return v.String()
}

// String returns the value as JavaScript's String() does for scalars: what a
// key made from the value is called. Lists and objects give their kind.
func (v Value) String() string {
	switch v.kind {
	case Bool:
		return strconv.FormatBool(v.num != 0)
	case Number:
		return NumberText(v.num)
	case Text:
		return v.text()
	case Time:
		return string(AppendISO(nil, int64(v.num), ISOMillis))
	}
	return v.kind.String()
}
