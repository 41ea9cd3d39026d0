package unit

import "fmt"

// Duration is an amount of processor or host time in microseconds. It is summed
// over hosts (292,000 processor-years fit), which time.Duration could not hold.
type Duration int64

const durationDecimals = 6

// ParseDuration reads decimal text in seconds exactly. It returns [ErrSyntax] for
// anything but a decimal number, [ErrInexact] for more than six decimals that
// are not zero and [ErrOverflow] for what does not fit.
func ParseDuration(text string) (Duration, error) {
	v, err := parseFixed(text, durationDecimals)
	if err != nil {
		return 0, fmt.Errorf("duration %q: %w", text, err)
	}
	return Duration(v), nil
}

// DurationFromSeconds returns seconds as Duration, rounded once, half to even. NaN and
// infinities are [ErrSyntax]; what does not fit is [ErrOverflow].
func DurationFromSeconds(v float64) (Duration, error) {
	n, err := fromFloat(v, durationDecimals)
	if err != nil {
		return 0, fmt.Errorf("duration %v: %w", v, err)
	}
	return Duration(n), nil
}

// Add returns the sum, or [ErrOverflow].
func (q Duration) Add(other Duration) (Duration, error) { return add(q, other) }

// Sub returns the difference, or [ErrOverflow].
func (q Duration) Sub(other Duration) (Duration, error) { return sub(q, other) }

// Seconds returns the float64 nearest to q in seconds, for display and for formulas
// that are not accounts.
func (q Duration) Seconds() float64 { return toFloat(int64(q), durationDecimals) }

// Decimal returns q in seconds without a unit and without trailing zeros.
func (q Duration) Decimal() string { return string(q.AppendDecimal(nil)) }

// Fixed returns q in seconds without a unit and with all six decimals, so that
// a column of them adds up digit by digit.
func (q Duration) Fixed() string { return string(appendFixed(nil, int64(q), durationDecimals, false)) }

// AppendDecimal appends what [Duration.Decimal] returns.
func (q Duration) AppendDecimal(b []byte) []byte {
	return appendFixed(b, int64(q), durationDecimals, true)
}

// String returns q with its unit, for messages.
func (q Duration) String() string { return q.Decimal() + " s" }

// MarshalJSON writes a plain decimal number in seconds.
func (q Duration) MarshalJSON() ([]byte, error) { return q.AppendDecimal(nil), nil }

// UnmarshalJSON reads a number in seconds exactly, as [ParseDuration] does.
func (q *Duration) UnmarshalJSON(text []byte) error {
	v, ok, err := unmarshalFixed(text, durationDecimals)
	if err != nil {
		return fmt.Errorf("duration %s: %w", text, err)
	}
	if ok {
		*q = Duration(v)
	}
	return nil
}
