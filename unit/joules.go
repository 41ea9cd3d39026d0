package unit

import "fmt"

// Joules is an amount of energy in microjoules, as energy meters count it. It
// is what facts keep; accounts are in [Energy].
type Joules int64

const joulesDecimals = 6

// ParseJoules reads decimal text in joules exactly. It returns [ErrSyntax] for
// anything but a decimal number, [ErrInexact] for more than six decimals that
// are not zero and [ErrOverflow] for what does not fit.
func ParseJoules(text string) (Joules, error) {
	v, err := parseFixed(text, joulesDecimals)
	if err != nil {
		return 0, fmt.Errorf("joules %q: %w", text, err)
	}
	return Joules(v), nil
}

// JoulesFromFloat returns joules as Joules, rounded once, half to even. NaN and
// infinities are [ErrSyntax]; what does not fit is [ErrOverflow].
func JoulesFromFloat(v float64) (Joules, error) {
	n, err := fromFloat(v, joulesDecimals)
	if err != nil {
		return 0, fmt.Errorf("joules %v: %w", v, err)
	}
	return Joules(n), nil
}

// Add returns the sum, or [ErrOverflow].
func (q Joules) Add(other Joules) (Joules, error) { return add(q, other) }

// Sub returns the difference, or [ErrOverflow].
func (q Joules) Sub(other Joules) (Joules, error) { return sub(q, other) }

// Float returns the float64 nearest to q in joules, for display and for formulas
// that are not accounts.
func (q Joules) Float() float64 { return toFloat(int64(q), joulesDecimals) }

// Decimal returns q in joules without a unit and without trailing zeros.
func (q Joules) Decimal() string { return string(q.AppendDecimal(nil)) }

// Fixed returns q in joules without a unit and with all six decimals, so that
// a column of them adds up digit by digit.
func (q Joules) Fixed() string { return string(appendFixed(nil, int64(q), joulesDecimals, false)) }

// AppendDecimal appends what [Joules.Decimal] returns.
func (q Joules) AppendDecimal(b []byte) []byte {
	return appendFixed(b, int64(q), joulesDecimals, true)
}

// String returns q with its unit, for messages.
func (q Joules) String() string { return q.Decimal() + " J" }

// MarshalJSON writes a plain decimal number in joules.
func (q Joules) MarshalJSON() ([]byte, error) { return q.AppendDecimal(nil), nil }

// UnmarshalJSON reads a number in joules exactly, as [ParseJoules] does.
func (q *Joules) UnmarshalJSON(text []byte) error {
	v, ok, err := unmarshalFixed(text, joulesDecimals)
	if err != nil {
		return fmt.Errorf("joules %s: %w", text, err)
	}
	if ok {
		*q = Joules(v)
	}
	return nil
}

// microjoulesPerMicrowattHour is 3600 s/h: 1 µWh is 3600 µJ.
const microjoulesPerMicrowattHour = 3600

// Energy returns q in microwatt-hours, rounded half to even.
func (q Joules) Energy() Energy {
	v, err := MulDiv(int64(q), 1, microjoulesPerMicrowattHour)
	if err != nil {
		return 0 // cannot happen: the divisor is a constant above 1
	}
	return Energy(v)
}
