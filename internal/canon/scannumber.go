package canon

import (
	"bytes"
	"math"
	"strconv"
)

// digits is a number as it is written: ± mantissa × 10^exponent. It is whole if it has neither
// point nor exponent, and exact if the mantissa holds all its digits.
type digits struct {
	mantissa               uint64
	exponent               int
	negative, whole, exact bool
}

// Bounds of what digits holds: digits that a mantissa of 64 bits has room for, and the
// largest exponent that is read.
const (
	maxDigits   = 19
	maxExponent = 9999
)

// Number returns the text of a number. It lies in the text that is read.
func (s *Scanner) Number() []byte {
	text, _ := s.number()
	return text
}

// number reads a number.
func (s *Scanner) number() (text []byte, d digits) {
	s.Peek()
	data, from := s.data, s.pos
	i := from
	if i < len(data) && data[i] == '-' {
		d.negative = true
		i++
	}
	first := i
	if i < len(data) && data[i] == '0' {
		i++
	} else {
		i = d.take(data, i)
	}
	if i == first {
		s.Fail("expected a number")
		return nil, d
	}
	length := i - first
	d.whole = true
	if i < len(data) && data[i] == '.' {
		point := i + 1
		i = d.take(data, point)
		if i == point {
			s.pos = i
			s.Fail("a point without digits")
			return nil, d
		}
		d.whole, d.exponent = false, point-i
		length += i - point
		s.loose = s.loose || data[i-1] == '0' && i-point > 1 || data[first] == '0' && data[point] == '0' && bytes.HasPrefix(data[point:i], []byte("00000"))
	}
	// Zeros in front of the first digit count too: such a number is rare, and read slowly.
	d.exact = length <= maxDigits || length-zeros(data[first:i]) <= maxDigits
	if i < len(data) && data[i]|0x20 == 'e' {
		d.whole = false
		s.loose = s.loose || data[i] == 'E'
		if i = s.exponent(&d, i+1); s.err != nil {
			return nil, d
		}
	}
	s.pos = i
	return data[from:i], d
}

// take adds digits to the mantissa and returns where they end.
func (d *digits) take(data []byte, i int) int {
	m := d.mantissa
	for ; i < len(data); i++ {
		c := data[i] - '0'
		if c > 9 {
			break
		}
		m = m*10 + uint64(c)
	}
	d.mantissa = m
	return i
}

// zeros counts the zeros in front of the first other digit.
func zeros(text []byte) (n int) {
	for _, c := range text {
		switch c {
		case '0':
			n++
		case '.':
		default:
			return n
		}
	}
	return n
}

// exponent reads what follows the e.
func (s *Scanner) exponent(d *digits, i int) int {
	data, sign := s.data, 1
	if i < len(data) && (data[i] == '+' || data[i] == '-') {
		if data[i] == '-' {
			sign = -1
		}
		i++
	}
	from, x := i, 0
	for ; i < len(data) && data[i]-'0' <= 9; i++ {
		x = min(x*10+int(data[i]-'0'), maxExponent)
	}
	if i == from {
		s.pos = i
		s.Fail("an exponent without digits")
		return i
	}
	s.loose = s.loose || data[from] == '0'
	d.exponent += sign * x
	return i
}

// Float reads a number. One that no float64 can hold is an error.
func (s *Scanner) Float() float64 {
	text, d := s.number()
	if s.err != nil {
		return 0
	}
	if d.exact {
		if x, ok := fromDecimal(d.mantissa, d.exponent); ok {
			if d.negative {
				return -x
			}
			return x
		}
	}
	x, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.IsInf(x, 0) {
		s.Fail("a number that is too large")
		return 0
	}
	return x
}

// Uint reads a whole number from 0 up, written without point and exponent.
func (s *Scanner) Uint() uint64 {
	text, d := s.number()
	if s.err != nil {
		return 0
	}
	if d.whole && d.exact && !d.negative {
		return d.mantissa
	}
	x, err := strconv.ParseUint(string(text), 10, 64)
	if err != nil {
		s.Fail("expected a whole number from 0 up")
		return 0
	}
	return x
}

// skipNumber passes over a number. Only one with an exponent, or with hundreds of
// digits, can be larger than a float64 holds.
func (s *Scanner) skipNumber() {
	const safe = 300
	text, d := s.number()
	if s.err != nil || len(text)+d.exponent < safe {
		return
	}
	if _, err := strconv.ParseFloat(string(text), 64); err != nil {
		s.Fail("a number that is too large")
	}
}
