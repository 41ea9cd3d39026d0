package window

import (
	"cmp"
	"math"
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
)

// kindOf returns the kind of a name by its number.
func kindOf(id int32) account.Kind {
	switch id {
	case noName:
		return account.KindUnknown
	case otherName:
		return account.KindOther
	}
	return account.KindAccount
}

// cellOf returns a row as it is published.
func (p *pricer) cellOf(r *row) Cell {
	c := Cell{
		Service: p.services.list[r.key.service], ServiceKind: kindOf(r.key.service),
		RegionKind: kindOf(r.key.region), Environment: p.environments.list[r.key.environment],
		Ops: r.ops, Others: r.others, Carbon: r.carbon(),
	}
	if c.RegionKind == account.KindAccount {
		c.Region = p.Scorer.regions.list[r.key.region]
	}
	if r.key.time != undated {
		c.Slot = r.key.time
	}
	if known := c.EnergyKWh - c.UnknownKWh; known > 0 {
		c.Intensity, c.PUE = r.intensity.float()/known, r.pue.float()/known
	}
	c.EnergyBy, c.IntensityBy = r.parts()
	return c
}

// serviceDetails returns what the figures of each service rest on. Rows come in the
// order of services.
func (p *pricer) serviceDetails() []ServiceDetail {
	var out []ServiceDetail
	all := p.sum(0, classes-1)
	for i := 0; i < len(p.rows); {
		id := p.rows[i].key.service
		var t tally
		d := ServiceDetail{Service: p.services.list[id], Kind: kindOf(id)}
		for ; i < len(p.rows) && p.rows[i].key.service == id; i++ {
			t.merge(&p.rows[i].tally)
			d.Ops += p.rows[i].ops
		}
		d.Carbon = t.carbon()
		energy, intensity := t.parts()
		d.EnergyShares, d.IntensityShares = shares(energy, d.EnergyKWh), shares(intensity, d.EnergyKWh)
		if p.config.SplitEmbodied && all > 0 {
			embodied := p.embodied() * ratio(d.Ops, all)
			d.Embodied = &embodied
		}
		out = append(out, d)
	}
	return out
}

// meterSums returns what each kind of meter measured, and where that went.
func (p *pricer) meterSums() []Meter {
	var out []Meter
	by := p.idleBy()
	for source := EnergyCloud; source < energies; source++ {
		var all, attributed, idle, superseded sum
		for i, r := range p.meters.readings {
			switch shared := p.meters.shared[i]; {
			case r.Source != source:
			case p.isIdle(i) && p.superseded(by, i):
				all.add(r.KWh)
				superseded.add(r.KWh)
			case p.isIdle(i):
				all.add(r.KWh)
				idle.add(r.KWh)
			default:
				perOp := p.meters.perOp(i)
				all.add(float64(float64(shared) * perOp))
				attributed.add(float64(float64(p.used[i]) * perOp))
				superseded.add(float64(float64(shared-p.used[i]) * perOp))
			}
		}
		if all.float() > 0 {
			out = append(out, Meter{source.String(), all.float(), attributed.float(), idle.float(), superseded.float()})
		}
	}
	return out
}

// tally adds up energy and carbon.
type tally struct {
	energy, unknown        sum // kWh
	operational, low, high sum // gCO2e
	byEnergy               [energies]sum
	byElectric             [electrics]sum
	intensity, pue         sum // weighted by energy
}

// add takes note of energy from one source in one electricity.
func (t *tally) add(g *grid, kwh float64, source Energy, now current) {
	t.energy.add(kwh)
	t.byEnergy[source].add(kwh)
	t.byElectric[now.source].add(kwh)
	factors := &g.config.Factors
	if !now.known() {
		low, high := g.bounds(kwh)
		t.unknown.add(kwh)
		t.low.add(float64(low * factors.Low))
		t.high.add(float64(high * factors.High))
		return
	}
	carbon := float64(now.carbon(kwh))
	t.operational.add(carbon)
	t.low.add(float64(carbon * factors.Low))
	t.high.add(float64(carbon * factors.High))
	t.intensity.add(float64(kwh * now.intensity))
	t.pue.add(float64(kwh * now.pue))
}

// merge adds another tally.
func (t *tally) merge(o *tally) {
	for _, pair := range [][2]*sum{
		{&t.energy, &o.energy}, {&t.unknown, &o.unknown}, {&t.operational, &o.operational}, {&t.low, &o.low}, {&t.high, &o.high},
	} {
		pair[0].add(pair[1].float())
	}
	for i := range t.byEnergy {
		t.byEnergy[i].add(o.byEnergy[i].float())
	}
	for i := range t.byElectric {
		t.byElectric[i].add(o.byElectric[i].float())
	}
}

// carbon returns the sums.
func (t *tally) carbon() Carbon {
	energy, unknown := t.energy.float(), t.unknown.float()
	return Carbon{
		EnergyKWh: energy, UnknownKWh: unknown,
		Operational: t.operational.float(), HasCarbon: unknown < energy || energy == 0,
		Low: t.low.float(), High: t.high.float(),
	}
}

// parts returns energy by its source and by that of the intensity, each sorted by name.
func (t *tally) parts() (energy, intensity []Part) {
	for i := range t.byEnergy {
		if kwh := t.byEnergy[i].float(); kwh > 0 {
			energy = append(energy, Part{Energy(i).String(), kwh})
		}
	}
	for i := range t.byElectric {
		if kwh := t.byElectric[i].float(); kwh > 0 {
			intensity = append(intensity, Part{Electric(i).String(), kwh})
		}
	}
	bySource := func(a, b Part) int { return cmp.Compare(a.Source, b.Source) }
	slices.SortFunc(energy, bySource)
	slices.SortFunc(intensity, bySource)
	return energy, intensity
}

// shares returns parts as shares of their sum.
func shares(parts []Part, whole float64) []Share {
	var out []Share
	for _, p := range parts {
		out = append(out, Share{p.Source, p.KWh / cmp.Or(whole, 1)})
	}
	return out
}

// sum adds floats and keeps what rounding takes off (Neumaier 1974), so that sums
// of the same numbers in another grouping agree to the last digits.
type sum struct{ value, lost float64 }

func (s *sum) add(x float64) {
	t := s.value + x
	if math.Abs(s.value) >= math.Abs(x) {
		s.lost += (s.value - t) + x
	} else {
		s.lost += (x - t) + s.value
	}
	s.value = t
}

func (s *sum) float() float64 { return s.value + s.lost }
