package disclosure

import (
	"fmt"

	"github.com/dendro-carbon/dendro/unit"
)

// Inconsistencies returns where the figures of a document contradict each other: rows
// that do not add up, parts that exceed their whole, negative or misplaced bounds. There are
// none in what [New] makes; all of it can be checked without the inputs.
func Inconsistencies(d *Document) []string {
	s := &sums{}
	t := &d.Totals
	var rows Figures
	operational, embodied := unit.Mass(0), d.Shared.Embodied
	for i := range d.Rows {
		row := &d.Rows[i]
		s.within(row.Labels.String(), &row.Figures)
		add(s, &rows.Energy, row.Energy)
		add(s, &rows.CarbonEnergy, row.CarbonEnergy)
		add(s, &rows.MeasuredEnergy, row.MeasuredEnergy)
		add(s, &rows.EstimatedEnergy, row.EstimatedEnergy)
		add(s, &rows.OperationalLow, row.OperationalLow)
		add(s, &rows.OperationalHigh, row.OperationalHigh)
		add(s, &operational, known(row.Operational))
		add(s, &embodied, known(row.Embodied))
		rows.Operations += row.Operations
		rows.Requests += row.Requests
	}
	s.within("totals", &t.Figures)
	same(s, "energy_kwh", rows.Energy.Decimal(), t.Energy.Decimal())
	same(s, "carbon_energy_kwh", rows.CarbonEnergy.Decimal(), t.CarbonEnergy.Decimal())
	same(s, "measured_energy_kwh", rows.MeasuredEnergy.Decimal(), t.MeasuredEnergy.Decimal())
	same(s, "estimated_energy_kwh", rows.EstimatedEnergy.Decimal(), t.EstimatedEnergy.Decimal())
	same(s, "operational_gco2e", operational.Decimal(), known(t.Operational).Decimal())
	same(s, "operational_low_gco2e", rows.OperationalLow.Decimal(), t.OperationalLow.Decimal())
	same(s, "operational_high_gco2e", rows.OperationalHigh.Decimal(), t.OperationalHigh.Decimal())
	same(s, "embodied_gco2e", embodied.Decimal(), known(t.Embodied).Decimal())
	same(s, "transport_gco2e", d.Shared.Transport.Decimal(), t.Transport.Decimal())
	same(s, "operations", fmt.Sprint(rows.Operations), fmt.Sprint(t.Operations))
	same(s, "requests", fmt.Sprint(rows.Requests), fmt.Sprint(t.Requests))
	s.totals(d)
	s.coverage(&d.Coverage)
	s.shares(d.Restates)
	return s.wrong
}

// sums collects what is wrong.
type sums struct{ wrong []string }

func (s *sums) find(format string, args ...any) {
	s.wrong = append(s.wrong, fmt.Sprintf(format, args...))
}

// quantity is what is summed.
type quantity interface{ unit.Energy | unit.Mass }

func add[Q quantity](s *sums, sum *Q, v Q) {
	total, err := unit.Sum(*sum, v)
	if err != nil {
		s.find("a sum of rows: %v", err)
		return
	}
	*sum = total
}

func same(s *sums, name, rows, total string) {
	if rows != total {
		s.find("%s: rows and what is shared add up to %s, the total is %s", name, rows, total)
	}
}

// within checks that parts of energy are not larger than the whole, and bounds in order.
func (s *sums) within(where string, f *Figures) {
	if f.Energy < 0 || f.CarbonEnergy < 0 || f.MeasuredEnergy < 0 || f.EstimatedEnergy < 0 || known(f.Operational) < 0 ||
		known(f.Embodied) < 0 || f.OperationalLow < 0 {
		s.find("%s: a negative figure", where)
	}
	if max(f.CarbonEnergy, f.MeasuredEnergy, f.EstimatedEnergy) > f.Energy {
		s.find("%s: a part of energy is larger than the whole", where)
	}
	if f.OperationalLow > f.OperationalHigh {
		s.find("%s: the lower bound of carbon is above the upper one", where)
	}
	if f.Operational == nil && f.CarbonEnergy > 0 {
		s.find("%s: energy of known carbon, and no carbon", where)
	}
}

func (s *sums) totals(d *Document) {
	t := &d.Totals
	sum, err := unit.Sum(known(t.Operational), known(t.Embodied), t.Transport)
	if err != nil || sum != t.LocationBased {
		s.find("location_based_gco2e: %s, its parts add up to %s", t.LocationBased.Decimal(), sum.Decimal())
	}
	if t.Transport < 0 || t.Low < 0 || t.Low > t.High {
		s.find("totals: transport or the bounds of carbon are negative, or not in order")
	}
	if t.CarbonEnergy == t.Energy && (t.LocationBased < t.Low || t.LocationBased > t.High) {
		s.find("location_based_gco2e: %s is not within its bounds, %s to %s", t.LocationBased.Decimal(), t.Low.Decimal(), t.High.Decimal())
	}
	if d.SCI == nil {
		return
	}
	if c := d.SCI; c.Count == 0 || c.Value != per(t.LocationBased, c.Count) || c.Low != per(t.Low, c.Count) || c.High != per(t.High, c.Count) {
		s.find("sci: it is not the total divided by the count")
	}
}

func (s *sums) coverage(c *Covered) {
	for _, r := range []unit.Ratio{c.Time, c.Spans, c.Carbon, deref(c.Embodied), c.Attributed, c.Measured, c.Modelled, c.Estimated} {
		if r < 0 || r > unit.One {
			s.find("coverage: %s is no share", r.Decimal())
		}
	}
	if sum := c.Measured + c.Modelled + c.Estimated; sum != 0 && sum != unit.One {
		s.find("coverage: measured, modelled and estimated add up to %s", sum.Decimal())
	}
	if c.ObservedDays < 0 || c.ObservedDays > c.Days || c.LargestGap < 0 || c.LargestGap > c.Days {
		s.find("coverage: days that do not fit the period")
	}
}

// shares checks that what is said of the causes of a difference adds up to it.
func (s *sums) shares(r *Restated) {
	if r == nil {
		return
	}
	for i := range r.Differences {
		d := &r.Differences[i]
		rest := d.whole()
		for j := range d.Shares {
			rest.Sub(rest, d.Shares[j].Value.rat())
		}
		if len(d.Shares) > 0 && rest.Sign() != 0 {
			s.find("restates: %s: the shares of its causes do not add up to the difference", d.Figure)
		}
	}
}
