package unit

import "fmt"

// Power is electrical power in microwatts.
type Power int64

const powerDecimals = 6

// ParsePower reads decimal text in watts exactly. It returns [ErrSyntax] for
// anything but a decimal number, [ErrInexact] for more than six decimals that
// are not zero and [ErrOverflow] for what does not fit.
func ParsePower(text string) (Power, error) {
	v, err := parseFixed(text, powerDecimals)
	if err != nil {
		return 0, fmt.Errorf("power %q: %w", text, err)
	}
	return Power(v), nil
}

// PowerFromWatts returns watts as Power, rounded once, half to even. NaN and
// infinities are [ErrSyntax]; what does not fit is [ErrOverflow].
func PowerFromWatts(v float64) (Power, error) {
	n, err := fromFloat(v, powerDecimals)
	if err != nil {
		return 0, fmt.Errorf("power %v: %w", v, err)
	}
	return Power(n), nil
}

// Add returns the sum, or [ErrOverflow].
func (q Power) Add(other Power) (Power, error) { return add(q, other) }

// Sub returns the difference, or [ErrOverflow].
func (q Power) Sub(other Power) (Power, error) { return sub(q, other) }

// Watts returns the float64 nearest to q in watts, for display and for formulas
// that are not accounts.
func (q Power) Watts() float64 { return toFloat(int64(q), powerDecimals) }

// Decimal returns q in watts without a unit and without trailing zeros.
func (q Power) Decimal() string { return string(q.AppendDecimal(nil)) }

// Fixed returns q in watts without a unit and with all six decimals, so that
// a column of them adds up digit by digit.
func (q Power) Fixed() string { return string(appendFixed(nil, int64(q), powerDecimals, false)) }

// AppendDecimal appends what [Power.Decimal] returns.
func (q Power) AppendDecimal(b []byte) []byte {
	return appendFixed(b, int64(q), powerDecimals, true)
}

// String returns q with its unit, for messages.
func (q Power) String() string { return q.Decimal() + " W" }

// MarshalJSON writes a plain decimal number in watts.
func (q Power) MarshalJSON() ([]byte, error) { return q.AppendDecimal(nil), nil }

// UnmarshalJSON reads a number in watts exactly, as [ParsePower] does.
func (q *Power) UnmarshalJSON(text []byte) error {
	v, ok, err := unmarshalFixed(text, powerDecimals)
	if err != nil {
		return fmt.Errorf("power %s: %w", text, err)
	}
	if ok {
		*q = Power(v)
	}
	return nil
}
