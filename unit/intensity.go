package unit

import "fmt"

// Intensity is a carbon intensity of electricity in micrograms of CO2
// equivalent per kWh, so that g/kWh has exactly six decimals.
type Intensity int64

const intensityDecimals = 6

// ParseIntensity reads decimal text in gCO2e/kWh exactly. It returns [ErrSyntax] for
// anything but a decimal number, [ErrInexact] for more than six decimals that
// are not zero and [ErrOverflow] for what does not fit.
func ParseIntensity(text string) (Intensity, error) {
	v, err := parseFixed(text, intensityDecimals)
	if err != nil {
		return 0, fmt.Errorf("intensity %q: %w", text, err)
	}
	return Intensity(v), nil
}

// IntensityFromGramsPerKWh returns gCO2e/kWh as Intensity, rounded once, half to even. NaN and
// infinities are [ErrSyntax]; what does not fit is [ErrOverflow].
func IntensityFromGramsPerKWh(v float64) (Intensity, error) {
	n, err := fromFloat(v, intensityDecimals)
	if err != nil {
		return 0, fmt.Errorf("intensity %v: %w", v, err)
	}
	return Intensity(n), nil
}

// Add returns the sum, or [ErrOverflow].
func (q Intensity) Add(other Intensity) (Intensity, error) { return add(q, other) }

// Sub returns the difference, or [ErrOverflow].
func (q Intensity) Sub(other Intensity) (Intensity, error) { return sub(q, other) }

// GramsPerKWh returns the float64 nearest to q in gCO2e/kWh, for display and for formulas
// that are not accounts.
func (q Intensity) GramsPerKWh() float64 { return toFloat(int64(q), intensityDecimals) }

// Decimal returns q in gCO2e/kWh without a unit and without trailing zeros.
func (q Intensity) Decimal() string { return string(q.AppendDecimal(nil)) }

// Fixed returns q in gCO2e/kWh without a unit and with all six decimals, so that
// a column of them adds up digit by digit.
func (q Intensity) Fixed() string {
	return string(appendFixed(nil, int64(q), intensityDecimals, false))
}

// AppendDecimal appends what [Intensity.Decimal] returns.
func (q Intensity) AppendDecimal(b []byte) []byte {
	return appendFixed(b, int64(q), intensityDecimals, true)
}

// String returns q with its unit, for messages.
func (q Intensity) String() string { return q.Decimal() + " gCO2e/kWh" }

// MarshalJSON writes a plain decimal number in gCO2e/kWh.
func (q Intensity) MarshalJSON() ([]byte, error) { return q.AppendDecimal(nil), nil }

// UnmarshalJSON reads a number in gCO2e/kWh exactly, as [ParseIntensity] does.
func (q *Intensity) UnmarshalJSON(text []byte) error {
	v, ok, err := unmarshalFixed(text, intensityDecimals)
	if err != nil {
		return fmt.Errorf("intensity %s: %w", text, err)
	}
	if ok {
		*q = Intensity(v)
	}
	return nil
}

// IntensityOf returns mass per energy, rounded half to even. It returns
// [ErrDivideByZero] when energy is 0: no energy has no intensity, not 0 g/kWh.
func IntensityOf(mass Mass, energy Energy) (Intensity, error) {
	v, err := MulDiv(int64(mass), 1_000_000_000, int64(energy))
	if err != nil {
		return 0, fmt.Errorf("%v per %v: %w", mass, energy, err)
	}
	return Intensity(v), nil
}
