package account

import (
	"github.com/dendro-carbon/dendro/unit"
)

// Quantities is what belongs to one account in one span of time. Every field
// is additive: sums over accounts and over time are exact. What is a ratio, such
// as a coverage, is worked out from sums and never stored; see [Figures].
type Quantities struct {
	// Energy is all energy. BusyEnergy is the part drawn by busy processors;
	// the rest is idle.
	Energy     unit.Energy `json:"energy_kwh"`
	BusyEnergy unit.Energy `json:"busy_energy_kwh"`
	// CarbonEnergy is the part of Energy whose carbon is known, and
	// Operational its carbon. BusyOperational is the part of Operational that
	// belongs to busy processors.
	CarbonEnergy    unit.Energy `json:"carbon_energy_kwh"`
	Operational     unit.Mass   `json:"operational_gco2e"`
	BusyOperational unit.Mass   `json:"busy_operational_gco2e"`
	// EstimatedEnergy is the part of Energy that is estimated, or whose
	// carbon is. MeasuredEnergy is the part that meters counted.
	EstimatedEnergy unit.Energy `json:"estimated_energy_kwh"`
	MeasuredEnergy  unit.Energy `json:"measured_energy_kwh"`
	// Embodied is embodied carbon, and EmbodiedTime the host time for which it
	// is modelled: without any, embodied carbon is unknown, not zero.
	Embodied     unit.Mass     `json:"embodied_gco2e"`
	EmbodiedTime unit.Duration `json:"embodied_time_s"`
	// Busy and Idle are processor time.
	Busy unit.Duration `json:"cpu_busy_s"`
	Idle unit.Duration `json:"cpu_idle_s"`
	// Observed is host time with data, Expected host time that should have it.
	Observed unit.Duration `json:"observed_s"`
	Expected unit.Duration `json:"expected_s"`
}

// quantityCount is the number of fields of Quantities.
const quantityCount = 13

// Values returns the fields as integers in the order of declaration, which is
// the order of columns in stores.
func (q Quantities) Values() [quantityCount]int64 {
	return [...]int64{
		int64(q.Energy), int64(q.BusyEnergy),
		int64(q.CarbonEnergy), int64(q.Operational), int64(q.BusyOperational),
		int64(q.EstimatedEnergy), int64(q.MeasuredEnergy),
		int64(q.Embodied), int64(q.EmbodiedTime),
		int64(q.Busy), int64(q.Idle), int64(q.Observed), int64(q.Expected),
	}
}

// QuantitiesOf is the inverse of [Quantities.Values].
func QuantitiesOf(v [quantityCount]int64) Quantities {
	return Quantities{
		Energy: unit.Energy(v[0]), BusyEnergy: unit.Energy(v[1]),
		CarbonEnergy: unit.Energy(v[2]), Operational: unit.Mass(v[3]), BusyOperational: unit.Mass(v[4]),
		EstimatedEnergy: unit.Energy(v[5]), MeasuredEnergy: unit.Energy(v[6]),
		Embodied: unit.Mass(v[7]), EmbodiedTime: unit.Duration(v[8]),
		Busy: unit.Duration(v[9]), Idle: unit.Duration(v[10]),
		Observed: unit.Duration(v[11]), Expected: unit.Duration(v[12]),
	}
}

// QuantityNames returns the column names that go with [Quantities.Values]; each
// carries its unit.
func QuantityNames() [quantityCount]string {
	return [...]string{
		"energy_uwh", "busy_energy_uwh",
		"carbon_energy_uwh", "operational_ugco2e", "busy_operational_ugco2e",
		"estimated_energy_uwh", "measured_energy_uwh",
		"embodied_ugco2e", "embodied_time_us",
		"cpu_busy_us", "cpu_idle_us", "observed_us", "expected_us",
	}
}

// Add returns the sum, or [unit.ErrOverflow].
func (q Quantities) Add(other Quantities) (Quantities, error) {
	if err := q.accumulate(&other); err != nil {
		return Quantities{}, err
	}
	return q, nil
}

// accumulate adds other to q, which is spoilt when it returns an error. Sums of
// years are made of it, so it is written out.
func (q *Quantities) accumulate(other *Quantities) error {
	overflow := plus(&q.Energy, other.Energy)
	overflow |= plus(&q.BusyEnergy, other.BusyEnergy)
	overflow |= plus(&q.CarbonEnergy, other.CarbonEnergy)
	overflow |= plus(&q.Operational, other.Operational)
	overflow |= plus(&q.BusyOperational, other.BusyOperational)
	overflow |= plus(&q.EstimatedEnergy, other.EstimatedEnergy)
	overflow |= plus(&q.MeasuredEnergy, other.MeasuredEnergy)
	overflow |= plus(&q.Embodied, other.Embodied)
	overflow |= plus(&q.EmbodiedTime, other.EmbodiedTime)
	overflow |= plus(&q.Busy, other.Busy)
	overflow |= plus(&q.Idle, other.Idle)
	overflow |= plus(&q.Observed, other.Observed)
	overflow |= plus(&q.Expected, other.Expected)
	if overflow < 0 {
		return unit.ErrOverflow
	}
	return nil
}

// plus adds v to a sum. The result is negative when that overflows: then the
// sign of both differs from that of the sum.
func plus[Q ~int64](sum *Q, v Q) int64 {
	old := *sum
	*sum = old + v
	return int64((old ^ *sum) & (v ^ *sum))
}

// Sub returns the difference, or [unit.ErrOverflow]. Its fields may be negative:
// it is what a restatement changed.
func (q Quantities) Sub(other Quantities) (Quantities, error) {
	a, b := q.Values(), other.Values()
	overflow := int64(0)
	for i := range a {
		difference := a[i] - b[i]
		overflow |= (a[i] ^ b[i]) & (a[i] ^ difference)
		a[i] = difference
	}
	if overflow < 0 {
		return Quantities{}, unit.ErrOverflow
	}
	return QuantitiesOf(a), nil
}

// IsZero reports whether every field is zero.
func (q Quantities) IsZero() bool { return q == Quantities{} }

// Known reports whether anything was observed at all. Quantities that are only
// expected, or nothing, are unknown, which is not zero.
func (q Quantities) Known() bool {
	return q.Observed != 0 || q.Energy != 0 || q.Busy != 0 || q.Idle != 0
}

// Figures is what is shown of quantities: the F of a query's JSON. A nil field
// is unknown, which is not zero.
type Figures struct {
	Energy         *unit.Energy    `json:"energy_kwh"`
	Operational    *unit.Mass      `json:"operational_gco2e"`
	Embodied       *unit.Mass      `json:"embodied_gco2e"`
	Busy           *unit.Duration  `json:"cpu_busy_s"`
	Idle           *unit.Duration  `json:"cpu_idle_s"`
	Intensity      *unit.Intensity `json:"intensity_gco2e_per_kwh"`
	Coverage       *unit.Ratio     `json:"coverage"`
	CarbonCoverage *unit.Ratio     `json:"carbon_coverage"`
	EstimatedShare *unit.Ratio     `json:"estimated_share"`
	// BusyEnergy and BusyOperational are the parts of Energy and Operational that
	// busy processors drew; the rest is idle.
	BusyEnergy      *unit.Energy `json:"busy_energy_kwh"`
	BusyOperational *unit.Mass   `json:"busy_operational_gco2e"`
	// EmbodiedCoverage is the part of the observed host time for which embodied
	// carbon is modelled, nil where it is for none.
	EmbodiedCoverage *unit.Ratio `json:"embodied_coverage"`
}

// Figures works out what is shown: intensity is known carbon ÷ energy of known
// carbon, coverage is observed ÷ expected host time, carbon coverage is energy
// of known carbon ÷ energy, the estimated share is estimated energy ÷ energy. A
// ratio of nothing is nil. Without observation ([Quantities.Known]) all amounts
// are nil. Operational carbon is also nil when there is energy and the carbon of
// none of it is known.
func (q Quantities) Figures() Figures {
	f := Figures{
		Coverage:       ratio(q.Observed, q.Expected),
		CarbonCoverage: ratio(q.CarbonEnergy, q.Energy),
		EstimatedShare: ratio(q.EstimatedEnergy, q.Energy),
	}
	if q.Known() {
		f.Energy, f.BusyEnergy, f.Busy, f.Idle = &q.Energy, &q.BusyEnergy, &q.Busy, &q.Idle
		if q.CarbonEnergy != 0 || q.Energy == 0 {
			f.Operational, f.BusyOperational = &q.Operational, &q.BusyOperational
		}
	}
	if q.EmbodiedTime != 0 {
		f.Embodied, f.EmbodiedCoverage = &q.Embodied, ratio(q.EmbodiedTime, q.Observed)
	}
	if i, err := unit.IntensityOf(q.Operational, q.CarbonEnergy); err == nil {
		f.Intensity = &i
	}
	return f
}

func ratio[Q unit.Energy | unit.Duration](part, whole Q) *unit.Ratio {
	r, err := unit.RatioOf(part, whole)
	if err != nil {
		return nil
	}
	return &r
}
