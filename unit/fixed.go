package unit

import (
	"math"
	"math/bits"
	"strconv"
)

// maxDecimals is the largest number of decimals of any quantity here.
const maxDecimals = 9

// pow10 returns 10^n for 0 <= n <= 19.
func pow10(n int) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}

// decimal is a scanned number: ± digits × 10^exponent.
type decimal struct {
	negative bool
	digits   uint64
	exponent int
}

// parseFixed reads decimal text, with or without an exponent, as an integer
// count of 10^-decimals. It never rounds.
func parseFixed(text string, decimals int) (int64, error) {
	d, err := scanDecimal(text)
	if err != nil {
		return 0, err
	}
	digits := d.digits
	shift := d.exponent + decimals
	for ; shift < 0 && digits != 0; shift++ {
		if digits%10 != 0 {
			return 0, ErrInexact
		}
		digits /= 10
	}
	for ; shift > 0 && digits != 0; shift-- {
		hi, lo := bits.Mul64(digits, 10)
		if hi != 0 {
			return 0, ErrOverflow
		}
		digits = lo
	}
	return signed(digits, d.negative)
}

// scanDecimal reads [+-]digits[.digits][(e|E)[+-]digits].
func scanDecimal(text string) (decimal, error) {
	var d decimal
	i := 0
	if i < len(text) && (text[i] == '-' || text[i] == '+') {
		d.negative = text[i] == '-'
		i++
	}
	seen, point, zeros := false, false, 0
	for ; i < len(text); i++ {
		c := text[i]
		if c == '.' && !point {
			point = true
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		seen = true
		if point {
			d.exponent--
		}
		// Zeros are held back until a digit follows, so that trailing zeros
		// of any number cost nothing.
		zeros++
		if c != '0' {
			if err := d.push(zeros, uint64(c-'0')); err != nil {
				return decimal{}, err
			}
			zeros = 0
		}
	}
	if !seen {
		return decimal{}, ErrSyntax
	}
	d.exponent += zeros
	return d, d.scanExponent(text[i:])
}

// push appends shift decimal places, the last of which is digit.
func (d *decimal) push(shift int, digit uint64) error {
	for ; shift > 0 && d.digits != 0; shift-- {
		hi, lo := bits.Mul64(d.digits, 10)
		if hi != 0 {
			// 20 significant digits fit no quantity: too big or too fine.
			if d.exponent < -maxDecimals {
				return ErrInexact
			}
			return ErrOverflow
		}
		d.digits = lo
	}
	sum, carry := bits.Add64(d.digits, digit, 0)
	if carry != 0 {
		return ErrOverflow
	}
	d.digits = sum
	return nil
}

// scanExponent reads the rest of a number after its digits.
func (d *decimal) scanExponent(rest string) error {
	if rest == "" {
		return nil
	}
	if rest[0] != 'e' && rest[0] != 'E' {
		return ErrSyntax
	}
	rest = rest[1:]
	e, err := strconv.Atoi(rest)
	if err != nil {
		if numErr, ok := err.(*strconv.NumError); ok && numErr.Err == strconv.ErrRange {
			if d.digits == 0 {
				return nil
			}
			return ErrOverflow
		}
		return ErrSyntax
	}
	if e > math.MaxInt32 || e < math.MinInt32 {
		e = max(min(e, math.MaxInt32), math.MinInt32)
	}
	d.exponent += e
	return nil
}

// appendFixed appends v × 10^-decimals. With trim, trailing zeros of the
// fraction and then a bare point are left out.
func appendFixed(b []byte, v int64, decimals int, trim bool) []byte {
	m := magnitude(v)
	if v < 0 {
		b = append(b, '-')
	}
	scale := pow10(decimals)
	b = strconv.AppendUint(b, m/scale, 10)
	fraction := m % scale
	if trim {
		if fraction == 0 {
			return b
		}
		for fraction%10 == 0 {
			fraction /= 10
			decimals--
		}
	}
	b = append(b, '.')
	start := len(b)
	for range decimals {
		b = append(b, '0')
	}
	for i := len(b) - 1; i >= start; i-- {
		b[i] += byte(fraction % 10)
		fraction /= 10
	}
	return b
}

// fromFloat returns f × 10^decimals rounded once, half to even. The product is
// taken in 128 bits, so that the only rounding is the last one.
func fromFloat(f float64, decimals int) (int64, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, ErrSyntax
	}
	raw := math.Float64bits(f)
	exponent := int(raw>>52) & 0x7ff
	mantissa := raw & (1<<52 - 1)
	if exponent == 0 {
		exponent++
	} else {
		mantissa |= 1 << 52
	}
	exponent -= 1075
	hi, lo := bits.Mul64(mantissa, pow10(decimals))
	m, err := shiftRounded(hi, lo, exponent)
	if err != nil {
		return 0, err
	}
	return signed(m, f < 0)
}

// shiftRounded returns (hi, lo) × 2^exponent, rounded half to even.
func shiftRounded(hi, lo uint64, exponent int) (uint64, error) {
	if hi == 0 && lo == 0 {
		return 0, nil
	}
	if exponent >= 0 {
		if hi != 0 || exponent > bits.LeadingZeros64(lo) {
			return 0, ErrOverflow
		}
		return lo << exponent, nil
	}
	n := uint(-exponent)
	if n >= 128 { // the product has at most 83 bits: below a half
		return 0, nil
	}
	qhi, qlo := shiftRight(hi, lo, n)
	if qhi != 0 {
		return 0, ErrOverflow
	}
	halfHi, halfLo := shiftRight(hi, lo, n-1)
	backHi, backLo := shiftLeft(halfHi, halfLo, n-1)
	sticky := backHi != hi || backLo != lo
	if halfLo&1 == 1 && (sticky || qlo&1 == 1) {
		qlo++
		if qlo == 0 {
			return 0, ErrOverflow
		}
	}
	return qlo, nil
}

func shiftRight(hi, lo uint64, n uint) (uint64, uint64) {
	if n >= 64 {
		return 0, hi >> (n - 64)
	}
	return hi >> n, lo>>n | hi<<(64-n)
}

func shiftLeft(hi, lo uint64, n uint) (uint64, uint64) {
	if n >= 64 {
		return lo << (n - 64), 0
	}
	return hi<<n | lo>>(64-n), lo << n
}

// toFloat returns the float64 nearest to v × 10^-decimals.
func toFloat(v int64, decimals int) float64 {
	// Both operands are exact up to 2^53, and one IEEE division rounds once;
	// above that the text is the shortest exact road.
	if m := magnitude(v); m <= 1<<53 {
		return float64(v) / float64(pow10(decimals))
	}
	f, err := strconv.ParseFloat(string(appendFixed(nil, v, decimals, false)), 64)
	if err != nil {
		return math.NaN() // cannot happen: the text is ours and in range
	}
	return f
}

// unmarshalFixed reads a JSON number. As in encoding/json, null changes
// nothing; the second result says whether there was a number.
func unmarshalFixed(text []byte, decimals int) (int64, bool, error) {
	if string(text) == "null" {
		return 0, false, nil
	}
	v, err := parseFixed(string(text), decimals)
	return v, err == nil, err
}
