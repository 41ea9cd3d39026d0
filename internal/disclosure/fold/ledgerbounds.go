package fold

import (
	"encoding/json"
	"errors"
	"math/bits"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/unit"
)

// The bounds of a ledger's carbon are those of services (window.Factors): half of it and twice of
// it, except for what meters counted. Energy whose carbon is not known has none at best, and
// at worst that of a grid of coal alone: the highest life-cycle emissions of electricity from coal in
// IPCC AR5 WG3, annex III, table A.III.2 (2014), with a tenth for what lines lose.
const (
	boundFactor = 2
	coalGrid    = unit.Intensity(1_000_000_000) // 1000 gCO2e/kWh
)

// ledgerBounds returns how low and how high the operational carbon of a row may be.
func ledgerBounds(q *account.Quantities) (low, high unit.Mass, err error) {
	certain := q.Operational
	if sure := measuredAlone(q); sure < q.Energy {
		h, l := bits.Mul64(uint64(q.Operational), uint64(max(sure, 0)))
		part, _ := bits.Div64(h, l, uint64(q.Energy))
		certain = unit.Mass(part)
	}
	rest := q.Operational - certain
	unknown, err := (q.Energy - q.CarbonEnergy).Times(coalGrid)
	if err != nil {
		return 0, 0, err
	}
	high, err = unit.Sum(certain, rest, rest, unknown)
	return certain + rest/boundFactor, high, err
}

// measuredAlone returns the energy that meters counted and of which nothing is estimated.
func measuredAlone(q *account.Quantities) unit.Energy {
	return max(0, min(q.MeasuredEnergy, q.Energy-q.EstimatedEnergy))
}

// bound fills in the bounds of a period of a ledger, and how they came to be.
func bound(p *disclosure.Period) error {
	p.Total.Low, p.Total.High = 0, 0
	var errs []error
	sum := func(to *unit.Mass, terms ...unit.Mass) {
		total, err := unit.Sum(append(terms, *to)...)
		*to, errs = total, append(errs, err)
	}
	for i := range p.Rows {
		row := &p.Rows[i]
		var err error
		row.Low, row.High, err = ledgerBounds(&row.Quantities)
		errs = append(errs, err)
		sum(&p.Total.Low, row.Low)
		sum(&p.Total.High, row.High)
	}
	q := &p.Total.Quantities
	p.Bounds.Low, p.Bounds.High = p.Total.Low, p.Total.High
	sum(&p.Bounds.Mid, q.Operational, q.Embodied)
	sum(&p.Bounds.Low, q.Embodied/boundFactor)
	sum(&p.Bounds.High, q.Embodied, q.Embodied)
	p.Uncertainty = ledgerUncertainty(q)
	return errors.Join(errs...)
}

// ledgerUncertainty says by how much each kind of energy may be wrong.
func ledgerUncertainty(q *account.Quantities) *disclosure.Uncertainty {
	measured := measuredAlone(q)
	estimated := min(q.EstimatedEnergy, q.Energy-measured)
	const judged = "judgement, as for services: not a confidence interval"
	kind := func(name string, energy unit.Energy, low, high json.Number, why string) disclosure.KindBounds {
		return disclosure.KindBounds{Kind: name, Energy: energy, Low: low, High: high, Why: why}
	}
	return &disclosure.Uncertainty{
		Method: "the carbon of each row is divided by kind of energy, and each part has the factors of its kind; bounds of rows add up, since a model is wrong " +
			"for all of them alike; time of which nothing is known is not in the figures and not in the bounds",
		Kinds: []disclosure.KindBounds{
			kind("measured", measured, "1", "1", "meters counted it; the error of meters and of intensities is not known, and not in the bounds"),
			kind("modelled", q.Energy-measured-estimated, "0.5", "2", "power models without a meter to compare them with: "+judged),
			kind("estimated", estimated, "0.5", "2", "bridged, extrapolated, scored or of an estimated intensity: "+judged),
			kind("unknown", q.Energy-q.CarbonEnergy, "0", "1000", "of energy without an intensity: nothing at best, at worst a grid of coal alone, in gCO2e/kWh (IPCC AR5 WG3, table A.III.2, with a tenth for lines)"),
			kind("embodied", 0, "0.5", "2", "figures of makers and of models differ by about that: "+judged),
		},
	}
}
