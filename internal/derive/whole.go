package derive

import (
	"errors"
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/attribution"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/unit"
)

// whole is the figures of a host's or service's slot before they are divided.
type whole struct {
	basis       account.Basis
	use         energy.Use
	busy, idle  unit.Energy
	measured    unit.Energy
	estimated   unit.Energy
	intensity   unit.Intensity
	carbon      unit.Mass
	carbonKnown bool
	// observed is the host time, embodied the embodied carbon of it by a rule,
	// which is nil where it is not modelled.
	observed   unit.Duration
	embodied   unit.Mass
	embodiedBy *EmbodiedRule
}

// whole works out the figures of a host or service.
func (d *Deriver) whole(b *account.Batch, s account.Subject, own []account.Fact, p *party) (whole, error) {
	total := own[0]
	if len(own) > 1 {
		var err error
		if total, err = sumFacts(own); err != nil {
			return whole{}, err
		}
	}
	w := whole{basis: account.Basis{Origin: b.Origins[total.Origin], Policy: d.method.Policy.Name}}
	if s.Kind.IsScored() {
		w.score(s.Kind, &total)
	} else if err := w.estimate(&total, p.estimator); err != nil {
		return whole{}, err
	}
	sum, err := w.busy.Add(w.idle)
	if err != nil {
		return whole{}, err
	}
	if w.estimated, err = estimatedPart(sum, &total, w.basis.Origin); err != nil {
		return whole{}, err
	}
	if w.observed = total.Observed; p.embodied != nil {
		w.embodiedBy = p.embodied
		if w.embodied, err = p.embodied.of(total.Observed); err != nil {
			return whole{}, err
		}
	}
	k := d.intensity(p.region)
	w.basis.Intensity = k.basis
	if k.ok {
		w.carbonKnown, w.intensity = true, k.value
		if w.carbon, err = sum.Times(k.value); err != nil {
			return whole{}, err
		}
	}
	return w, nil
}

// score takes the energy that the source gives as a whole.
func (w *whole) score(kind account.SubjectKind, total *account.Fact) {
	const microjoules = 3600 // in a microwatt-hour
	w.measured = min(unit.Energy(total.Measured/microjoules), total.Scored)
	if kind == account.SubjectIdle {
		w.idle, w.basis.Energy = total.Scored, account.EnergyMeasured
		return
	}
	w.busy, w.basis.Energy = total.Scored, account.EnergyScored
}

// estimate asks the power model.
func (w *whole) estimate(total *account.Fact, e *energy.Estimator) error {
	w.use = energy.Use{
		Busy: total.Busy, Idle: total.Idle, Observed: total.Observed,
		Measured: total.Measured, Metered: total.Metered,
	}
	f, err := e.Estimate(w.use)
	if err != nil {
		return err
	}
	w.busy, w.idle, w.measured = f.Busy, f.Idle, f.Measured
	w.basis.Model = e.Model().Name
	switch {
	case total.Metered == 0:
		w.basis.Energy = account.EnergyModelled
	case total.Metered >= total.Observed:
		w.basis.Energy = account.EnergyMeasured
	default:
		w.basis.Energy = account.EnergyPartly
	}
	return nil
}

// estimatedPart is the energy that falls into bridged gaps, or all of it when the
// source extrapolates or simulates.
func estimatedPart(sum unit.Energy, total *account.Fact, o account.Origin) (unit.Energy, error) {
	switch {
	case o.Extrapolated || o.Simulated:
		return sum, nil
	case total.Bridged == 0:
		return 0, nil
	}
	v, err := unit.MulDiv(int64(sum), int64(total.Bridged), int64(total.Observed))
	return unit.Energy(v), err
}

// sumFacts adds up the segments of one subject.
func sumFacts(facts []account.Fact) (account.Fact, error) {
	total := facts[0]
	for _, f := range facts[1:] {
		var errs [8]error
		total.Busy, errs[0] = total.Busy.Add(f.Busy)
		total.Idle, errs[1] = total.Idle.Add(f.Idle)
		total.Measured, errs[2] = total.Measured.Add(f.Measured)
		total.Scored, errs[3] = total.Scored.Add(f.Scored)
		total.Observed, errs[4] = total.Observed.Add(f.Observed)
		total.Metered, errs[5] = total.Metered.Add(f.Metered)
		total.Bridged, errs[6] = total.Bridged.Add(f.Bridged)
		total.Expected, errs[7] = total.Expected.Add(f.Expected)
		if err := errors.Join(errs[:]...); err != nil {
			return account.Fact{}, err
		}
		total.To = f.To
	}
	return total, nil
}

// scratch is memory that one host after the other uses.
type scratch struct {
	shares, pieces, claimed         []share
	claims                          []claim
	stretches                       []stretch
	cuts                            []int64
	weights, energies               []uint64
	durations                       []unit.Duration
	busy, idle, measured, estimated []unit.Energy
	busyCarbon, idleCarbon          []unit.Mass
	embodied                        []unit.Mass
	quantities                      []account.Quantities
}

// divide returns each share's part of the whole, valid until s is used again.
// Energy is divided by time, carbon by energy, and every part of energy (what is
// measured or estimated) by energy, so that no part exceeds what it is part of.
// Embodied carbon is divided by host time: it comes with having a machine, not with
// using it.
func (w *whole) divide(shares []share, s *scratch) ([]account.Quantities, error) {
	var err error
	if s.busy, err = divideByTime(s.busy[:0], w.busy, shares, s, busyTime); err != nil {
		return nil, err
	}
	if s.idle, err = divideByTime(s.idle[:0], w.idle, shares, s, idleTime); err != nil {
		return nil, err
	}
	if err := w.divideCarbon(s); err != nil {
		return nil, err
	}
	s.energies = s.energies[:0]
	for i := range shares {
		s.energies = append(s.energies, uint64(s.busy[i])+uint64(s.idle[i]))
	}
	if s.measured, err = appendPart(s.measured[:0], w.measured, s.energies); err != nil {
		return nil, err
	}
	if s.estimated, err = appendPart(s.estimated[:0], w.estimated, s.energies); err != nil {
		return nil, err
	}
	if err := w.divideEmbodied(shares, s); err != nil {
		return nil, err
	}
	s.quantities = slices.Grow(s.quantities[:0], len(shares))[:len(shares)]
	for i := range shares {
		w.fill(&s.quantities[i], &shares[i], i, s)
	}
	return s.quantities, nil
}

// divideCarbon splits the carbon into that of busy and of idle energy before it
// divides each, so that the split of the whole is the same under every policy.
func (w *whole) divideCarbon(s *scratch) error {
	s.weights = append(s.weights[:0], uint64(w.busy), uint64(w.idle))
	var err error
	if s.busyCarbon, err = appendPart(s.busyCarbon[:0], w.carbon, s.weights); err != nil {
		return err
	}
	busy, idle := s.busyCarbon[0], s.busyCarbon[1]
	s.weights = s.weights[:0]
	for _, e := range s.busy {
		s.weights = append(s.weights, uint64(e))
	}
	if s.busyCarbon, err = appendPart(s.busyCarbon[:0], busy, s.weights); err != nil {
		return err
	}
	s.weights = s.weights[:0]
	for _, e := range s.idle {
		s.weights = append(s.weights, uint64(e))
	}
	s.idleCarbon, err = appendPart(s.idleCarbon[:0], idle, s.weights)
	return err
}

// divideEmbodied divides embodied carbon by the host time of the shares, which is
// none only where there is no embodied carbon.
func (w *whole) divideEmbodied(shares []share, s *scratch) error {
	s.weights = s.weights[:0]
	for i := range shares {
		s.weights = append(s.weights, uint64(shares[i].observed))
	}
	var err error
	s.embodied, err = appendPart(s.embodied[:0], w.embodied, s.weights)
	return err
}

// appendPart divides what is part of energy, or comes with it, by energy.
func appendPart[Q unit.Energy | unit.Mass](dst []Q, whole Q, energies []uint64) ([]Q, error) {
	if whole == 0 { // the usual case: nothing is measured, nothing estimated
		for range energies {
			dst = append(dst, 0)
		}
		return dst, nil
	}
	return attribution.AppendDivide(dst, whole, energies)
}

// fill writes the quantities of share i.
func (w *whole) fill(q *account.Quantities, share *share, i int, s *scratch) {
	*q = account.Quantities{
		Energy: unit.Energy(s.energies[i]), BusyEnergy: s.busy[i],
		MeasuredEnergy: s.measured[i], EstimatedEnergy: s.estimated[i],
		Busy: share.busy, Idle: share.idle, Observed: share.observed, Expected: share.expected,
	}
	if w.carbonKnown {
		q.CarbonEnergy = q.Energy
		q.BusyOperational = s.busyCarbon[i]
		q.Operational = s.busyCarbon[i] + s.idleCarbon[i]
	}
	if w.embodiedBy != nil {
		q.Embodied, q.EmbodiedTime = s.embodied[i], share.observed
	}
	if share.estimated || (w.carbonKnown && w.basis.Intensity.Estimated) {
		q.EstimatedEnergy = q.Energy
	}
}

func busyTime(s *share) unit.Duration { return s.busy }
func idleTime(s *share) unit.Duration { return s.idle }

// divideByTime divides energy by a time of the shares. Where there is energy but
// none of that time (a meter that counted while no processor was seen), host time
// decides, observed before expected, and at last all shares are alike.
func divideByTime(dst []unit.Energy, e unit.Energy, shares []share, s *scratch, time func(*share) unit.Duration) ([]unit.Energy, error) {
	if len(shares) == 1 {
		return append(dst, e), nil
	}
	for _, t := range [...]func(*share) unit.Duration{
		time,
		func(s *share) unit.Duration { return s.observed },
		func(s *share) unit.Duration { return s.expected },
		func(*share) unit.Duration { return 1 },
	} {
		s.weights = s.weights[:0]
		for i := range shares {
			s.weights = append(s.weights, uint64(t(&shares[i])))
		}
		out, err := attribution.AppendDivide(dst, e, s.weights)
		if !errors.Is(err, attribution.ErrNoWeight) {
			return out, err
		}
	}
	return nil, attribution.ErrNoWeight
}
