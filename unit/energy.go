package unit

import "fmt"

// Energy is an amount of energy in microwatt-hours (1e-9 kWh), so that kWh has
// exactly nine decimals. It holds ±9.2 TWh.
type Energy int64

const energyDecimals = 9

// ParseEnergy reads decimal text in kWh exactly. It returns [ErrSyntax] for
// anything but a decimal number, [ErrInexact] for more than nine decimals that
// are not zero and [ErrOverflow] for what does not fit.
func ParseEnergy(text string) (Energy, error) {
	v, err := parseFixed(text, energyDecimals)
	if err != nil {
		return 0, fmt.Errorf("energy %q: %w", text, err)
	}
	return Energy(v), nil
}

// EnergyFromKWh returns kWh as Energy, rounded once, half to even. NaN and
// infinities are [ErrSyntax]; what does not fit is [ErrOverflow].
func EnergyFromKWh(v float64) (Energy, error) {
	n, err := fromFloat(v, energyDecimals)
	if err != nil {
		return 0, fmt.Errorf("energy %v: %w", v, err)
	}
	return Energy(n), nil
}

// Add returns the sum, or [ErrOverflow].
func (q Energy) Add(other Energy) (Energy, error) { return add(q, other) }

// Sub returns the difference, or [ErrOverflow].
func (q Energy) Sub(other Energy) (Energy, error) { return sub(q, other) }

// KWh returns the float64 nearest to q in kWh, for display and for formulas
// that are not accounts.
func (q Energy) KWh() float64 { return toFloat(int64(q), energyDecimals) }

// Decimal returns q in kWh without a unit and without trailing zeros.
func (q Energy) Decimal() string { return string(q.AppendDecimal(nil)) }

// Fixed returns q in kWh without a unit and with all nine decimals, so that
// a column of them adds up digit by digit.
func (q Energy) Fixed() string { return string(appendFixed(nil, int64(q), energyDecimals, false)) }

// AppendDecimal appends what [Energy.Decimal] returns.
func (q Energy) AppendDecimal(b []byte) []byte {
	return appendFixed(b, int64(q), energyDecimals, true)
}

// String returns q with its unit, for messages.
func (q Energy) String() string { return q.Decimal() + " kWh" }

// MarshalJSON writes a plain decimal number in kWh.
func (q Energy) MarshalJSON() ([]byte, error) { return q.AppendDecimal(nil), nil }

// UnmarshalJSON reads a number in kWh exactly, as [ParseEnergy] does.
func (q *Energy) UnmarshalJSON(text []byte) error {
	v, ok, err := unmarshalFixed(text, energyDecimals)
	if err != nil {
		return fmt.Errorf("energy %s: %w", text, err)
	}
	if ok {
		*q = Energy(v)
	}
	return nil
}

// Times returns the mass of q at intensity i: one product of 128 bits, rounded
// once, half to even, to the microgram.
func (q Energy) Times(i Intensity) (Mass, error) {
	v, err := MulDiv(int64(q), int64(i), 1_000_000_000)
	if err != nil {
		return 0, fmt.Errorf("%v × %v: %w", q, i, err)
	}
	return Mass(v), nil
}
