package window

import (
	"cmp"
	"math"
	"slices"
)

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
