package unit

import "fmt"

// Ratio is a pure number, such as a share, a coverage or a PUE, in parts per
// billion.
type Ratio int64

const ratioDecimals = 9

// ParseRatio reads decimal text in parts of one exactly. It returns [ErrSyntax] for
// anything but a decimal number, [ErrInexact] for more than nine decimals that
// are not zero and [ErrOverflow] for what does not fit.
func ParseRatio(text string) (Ratio, error) {
	v, err := parseFixed(text, ratioDecimals)
	if err != nil {
		return 0, fmt.Errorf("ratio %q: %w", text, err)
	}
	return Ratio(v), nil
}

// RatioFromFloat returns parts of one as Ratio, rounded once, half to even. NaN and
// infinities are [ErrSyntax]; what does not fit is [ErrOverflow].
func RatioFromFloat(v float64) (Ratio, error) {
	n, err := fromFloat(v, ratioDecimals)
	if err != nil {
		return 0, fmt.Errorf("ratio %v: %w", v, err)
	}
	return Ratio(n), nil
}

// Add returns the sum, or [ErrOverflow].
func (q Ratio) Add(other Ratio) (Ratio, error) { return add(q, other) }

// Sub returns the difference, or [ErrOverflow].
func (q Ratio) Sub(other Ratio) (Ratio, error) { return sub(q, other) }

// Float returns the float64 nearest to q in parts of one, for display and for formulas
// that are not accounts.
func (q Ratio) Float() float64 { return toFloat(int64(q), ratioDecimals) }

// Decimal returns q in parts of one without a unit and without trailing zeros.
func (q Ratio) Decimal() string { return string(q.AppendDecimal(nil)) }

// Fixed returns q in parts of one without a unit and with all nine decimals, so that
// a column of them adds up digit by digit.
func (q Ratio) Fixed() string { return string(appendFixed(nil, int64(q), ratioDecimals, false)) }

// AppendDecimal appends what [Ratio.Decimal] returns.
func (q Ratio) AppendDecimal(b []byte) []byte {
	return appendFixed(b, int64(q), ratioDecimals, true)
}

// String returns q with its unit, for messages.
func (q Ratio) String() string { return q.Decimal() + "" }

// MarshalJSON writes a plain decimal number in parts of one.
func (q Ratio) MarshalJSON() ([]byte, error) { return q.AppendDecimal(nil), nil }

// UnmarshalJSON reads a number in parts of one exactly, as [ParseRatio] does.
func (q *Ratio) UnmarshalJSON(text []byte) error {
	v, ok, err := unmarshalFixed(text, ratioDecimals)
	if err != nil {
		return fmt.Errorf("ratio %s: %w", text, err)
	}
	if ok {
		*q = Ratio(v)
	}
	return nil
}

// One is the ratio 1.
const One Ratio = 1_000_000_000

// RatioOf returns part ÷ whole, rounded half to even, except that only a part
// equal to the whole gives exactly 1 and only a part of zero gives exactly 0: a
// coverage that is shown as 1 is complete. It returns [ErrDivideByZero] when
// whole is 0.
func RatioOf[Q quantity](part, whole Q) (Ratio, error) {
	v, err := MulDiv(int64(part), int64(One), int64(whole))
	if err != nil {
		return 0, fmt.Errorf("%d of %d: %w", int64(part), int64(whole), err)
	}
	r := Ratio(v)
	switch {
	case r == One && part != whole:
		if magnitude(int64(part)) < magnitude(int64(whole)) {
			return One - 1, nil
		}
		return One + 1, nil
	case r == 0 && part != 0:
		if (part < 0) != (whole < 0) {
			return -1, nil
		}
		return 1, nil
	}
	return r, nil
}
