package unit

import "fmt"

// Mass is a mass of CO2 equivalent in micrograms, so that grams have exactly
// six decimals. It holds ±9.2 Mt.
type Mass int64

const massDecimals = 6

// ParseMass reads decimal text in grams exactly. It returns [ErrSyntax] for
// anything but a decimal number, [ErrInexact] for more than six decimals that
// are not zero and [ErrOverflow] for what does not fit.
func ParseMass(text string) (Mass, error) {
	v, err := parseFixed(text, massDecimals)
	if err != nil {
		return 0, fmt.Errorf("mass %q: %w", text, err)
	}
	return Mass(v), nil
}

// MassFromGrams returns grams as Mass, rounded once, half to even. NaN and
// infinities are [ErrSyntax]; what does not fit is [ErrOverflow].
func MassFromGrams(v float64) (Mass, error) {
	n, err := fromFloat(v, massDecimals)
	if err != nil {
		return 0, fmt.Errorf("mass %v: %w", v, err)
	}
	return Mass(n), nil
}

// Add returns the sum, or [ErrOverflow].
func (q Mass) Add(other Mass) (Mass, error) { return add(q, other) }

// Sub returns the difference, or [ErrOverflow].
func (q Mass) Sub(other Mass) (Mass, error) { return sub(q, other) }

// Grams returns the float64 nearest to q in grams, for display and for formulas
// that are not accounts.
func (q Mass) Grams() float64 { return toFloat(int64(q), massDecimals) }

// Decimal returns q in grams without a unit and without trailing zeros.
func (q Mass) Decimal() string { return string(q.AppendDecimal(nil)) }

// Fixed returns q in grams without a unit and with all six decimals, so that
// a column of them adds up digit by digit.
func (q Mass) Fixed() string { return string(appendFixed(nil, int64(q), massDecimals, false)) }

// AppendDecimal appends what [Mass.Decimal] returns.
func (q Mass) AppendDecimal(b []byte) []byte {
	return appendFixed(b, int64(q), massDecimals, true)
}

// String returns q with its unit, for messages.
func (q Mass) String() string { return q.Decimal() + " gCO2e" }

// MarshalJSON writes a plain decimal number in grams.
func (q Mass) MarshalJSON() ([]byte, error) { return q.AppendDecimal(nil), nil }

// UnmarshalJSON reads a number in grams exactly, as [ParseMass] does.
func (q *Mass) UnmarshalJSON(text []byte) error {
	v, ok, err := unmarshalFixed(text, massDecimals)
	if err != nil {
		return fmt.Errorf("mass %s: %w", text, err)
	}
	if ok {
		*q = Mass(v)
	}
	return nil
}
