package canon

import (
	"bytes"
	"strconv"
)

// maxDecimals is the most digits before or after the point of an exact number. The
// quantities of this world need under 30.
const maxDecimals = 64

// AppendDecimal appends the text of a JSON number as a plain decimal of the same
// value: no exponent, no zeros that say nothing, no minus before zero. It reports
// false, and appends nothing, for one of more than 64 digits on a side of its point.
func AppendDecimal(dst, number []byte) ([]byte, bool) {
	negative := number[0] == '-'
	if negative {
		number = number[1:]
	}
	digits, point, ok := scale(number)
	if !ok {
		return dst, false
	}
	if len(digits) == 0 {
		return append(dst, '0'), true
	}
	if point > maxDecimals || len(digits)-point > maxDecimals {
		return dst, false
	}
	if negative {
		dst = append(dst, '-')
	}
	return appendScaled(dst, digits, point), true
}

// scale divides a number without a sign into its digits, without zeros at either
// end, and the place of the point among them. A large exponent of zero is no harm.
func scale(number []byte) (digits []byte, point int, ok bool) {
	exponent := 0
	if e := bytes.IndexAny(number, "eE"); e >= 0 {
		var err error
		if exponent, err = strconv.Atoi(string(number[e+1:])); err != nil || exponent > 1<<30 || exponent < -1<<30 {
			return nil, 0, false
		}
		number = number[:e]
	}
	whole, fraction, _ := bytes.Cut(number, []byte("."))
	digits = append(append(make([]byte, 0, len(number)), whole...), fraction...)
	point = len(whole) + exponent
	for len(digits) > 0 && digits[0] == '0' {
		digits, point = digits[1:], point-1
	}
	return bytes.TrimRight(digits, "0"), point, true
}

func appendScaled(dst, digits []byte, point int) []byte {
	if point <= 0 {
		dst = append(dst, '0', '.')
		for range -point {
			dst = append(dst, '0')
		}
		return append(dst, digits...)
	}
	if point < len(digits) {
		dst = append(append(dst, digits[:point]...), '.')
		return append(dst, digits[point:]...)
	}
	dst = append(dst, digits...)
	for range point - len(digits) {
		dst = append(dst, '0')
	}
	return dst
}
