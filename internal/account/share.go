package account

import (
	"errors"
	"slices"

	"github.com/dendro-carbon/dendro/internal/attribution"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/unit"
)

// share is what one account has of a host's slot before energy is divided.
type share struct {
	account Account
	// The times are those of facts, divided exactly.
	busy, idle, observed, expected unit.Duration
	// estimated marks a share that was cut where nothing was measured.
	estimated bool
}

// shares cuts the facts of a host among the accounts that have a claim on them.
// The times of the shares sum to those of the facts. Shares are in canonical
// order with one per account and estimated mark.
func (d *Deriver) shares(b *Batch, s Subject, p *party, own, parts []Fact) ([]share, error) {
	var (
		shares []share
		err    error
	)
	switch {
	case len(parts) > 0:
		shares, err = d.byParts(b, p, own, parts)
	case d.method.Policy.Held && s.Kind == SubjectHost:
		shares, err = d.byHolders(b.Slot, s.Host, p, own)
	default:
		for _, f := range own {
			shares = append(shares, share{Account{Labels: p.labels}, f.Busy, f.Idle, f.Observed, f.Expected, false})
		}
	}
	if err != nil {
		return nil, err
	}
	if d.method.Policy.Idle == IdleApart && s.Kind == SubjectHost {
		shares = idleApart(shares, p.labels)
	}
	return mergeShares(shares), nil
}

// mergeShares sorts shares and adds up those of one account.
func mergeShares(shares []share) []share {
	if len(shares) < 2 {
		return shares
	}
	slices.SortStableFunc(shares, func(x, y share) int {
		if c := x.account.Compare(y.account); c != 0 {
			return c
		}
		return compareBool(x.estimated, y.estimated)
	})
	merged := shares[:1]
	for _, s := range shares[1:] {
		last := &merged[len(merged)-1]
		if last.account != s.account || last.estimated != s.estimated {
			merged = append(merged, s)
			continue
		}
		// A slot's processor time fits: it was one sum before it was cut.
		last.busy += s.busy
		last.idle += s.idle
		last.observed += s.observed
		last.expected += s.expected
	}
	return merged
}

// idleApart moves idle time from the shares to one of kind idle. Host time stays
// where it was, so coverage does.
func idleApart(shares []share, labels Labels) []share {
	apart := share{account: Account{labels, KindIdle}}
	for i := range shares {
		apart.idle += shares[i].idle
		shares[i].idle = 0
	}
	return append(shares, apart)
}

// byParts divides busy time by what each part used. What no part used, and idle
// time, which no part has, is unattributed unless the policy keeps idle apart.
func (d *Deriver) byParts(b *Batch, p *party, own, parts []Fact) ([]share, error) {
	total, err := sumFacts(own)
	if err != nil {
		return nil, err
	}
	var shares []share
	weights := make([]uint64, 0, len(parts)+1)
	used := unit.Duration(0)
	for _, f := range parts {
		labels, err := d.method.name(p.labels.Merge(b.Subjects[f.Subject].Labels))
		if err != nil {
			return nil, err
		}
		shares = append(shares, share{account: Account{Labels: labels}})
		weights = append(weights, uint64(f.Busy))
		if used, err = used.Add(f.Busy); err != nil {
			return nil, err
		}
	}
	// Parts are counted apart from the host and may come to a little more:
	// then they divide what the host counted.
	weights = append(weights, uint64(max(0, total.Busy-used)))
	rest := share{account: Account{p.labels, KindUnattributed}, idle: total.Idle, observed: total.Observed, expected: total.Expected}
	shares = append(shares, rest)
	busy, err := attribution.Divide(total.Busy, weights)
	if err != nil {
		return nil, err
	}
	for i := range busy {
		shares[i].busy = busy[i]
	}
	return shares, nil
}

// whole is the figures of a host's slot.
type whole struct {
	basis       Basis
	busy, idle  unit.Energy
	measured    unit.Energy
	estimated   unit.Energy
	carbon      unit.Mass
	carbonKnown bool
}

// estimate asks the power model.
func (w *whole) estimate(total Fact, e *energy.Estimator) error {
	f, err := e.Estimate(energy.Use{
		Busy: total.Busy, Idle: total.Idle, Observed: total.Observed,
		Measured: total.Measured, Metered: total.Metered,
	})
	if err != nil {
		return err
	}
	w.busy, w.idle, w.measured = f.Busy, f.Idle, f.Measured
	w.basis.Model = e.Model().Name
	switch {
	case total.Metered == 0:
		w.basis.Energy = EnergyModelled
	case total.Metered >= total.Observed:
		w.basis.Energy = EnergyMeasured
	default:
		w.basis.Energy = EnergyPartly
	}
	return nil
}

// divide gives every share its part of the whole and adds the entries to out.
// Energy is divided by time, carbon by energy, and every part of energy (what is
// measured or estimated) by energy, so that no part exceeds what it is part of.
func (w *whole) divide(shares []share, out *collector) error {
	busy, err := divideByTime(w.busy, shares, func(s *share) unit.Duration { return s.busy })
	if err != nil {
		return err
	}
	idle, err := divideByTime(w.idle, shares, func(s *share) unit.Duration { return s.idle })
	if err != nil {
		return err
	}
	energies := make([]uint64, len(shares))
	flat := make([]uint64, 0, 2*len(shares))
	for i := range shares {
		energies[i] = uint64(busy[i]) + uint64(idle[i])
		flat = append(flat, uint64(busy[i]), uint64(idle[i]))
	}
	measured, err1 := divideByEnergy(w.measured, energies)
	estimated, err2 := divideByEnergy(w.estimated, energies)
	carbon, err3 := divideByEnergy(w.carbon, flat)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	for i := range shares {
		s := &shares[i]
		q := Quantities{
			Energy: unit.Energy(energies[i]), BusyEnergy: busy[i],
			MeasuredEnergy: measured[i], EstimatedEnergy: estimated[i],
			Busy: s.busy, Idle: s.idle, Observed: s.observed, Expected: s.expected,
		}
		if w.carbonKnown {
			q.CarbonEnergy = q.Energy
			q.BusyOperational = carbon[2*i]
			q.Operational = carbon[2*i] + carbon[2*i+1]
		}
		if s.estimated || (w.carbonKnown && w.basis.Intensity.Estimated) {
			q.EstimatedEnergy = q.Energy
		}
		if err := out.add(s.account, w.basis, q); err != nil {
			return err
		}
	}
	return nil
}

// divideByTime divides energy by a time of the shares. Where there is energy but
// none of that time (a meter that counted while no processor was seen), host time
// decides, observed before expected, and at last all shares are alike.
func divideByTime(e unit.Energy, shares []share, time func(*share) unit.Duration) ([]unit.Energy, error) {
	times := []func(*share) unit.Duration{
		time,
		func(s *share) unit.Duration { return s.observed },
		func(s *share) unit.Duration { return s.expected },
		func(*share) unit.Duration { return 1 },
	}
	weights := make([]uint64, len(shares))
	for _, t := range times {
		for i := range shares {
			weights[i] = uint64(t(&shares[i]))
		}
		parts, err := attribution.Divide(e, weights)
		if !errors.Is(err, attribution.ErrNoWeight) {
			return parts, err
		}
	}
	return nil, attribution.ErrNoWeight
}

// divideByEnergy divides what comes with energy; without energy it is zero.
func divideByEnergy[Q unit.Energy | unit.Mass](whole Q, energies []uint64) ([]Q, error) {
	return attribution.Divide(whole, energies)
}

// collector adds up entries of one slot by account and basis.
type collector struct {
	index   map[entryKey]int
	entries []Entry
}

type entryKey struct {
	account Account
	basis   Basis
}

func newCollector(n int) *collector {
	return &collector{index: make(map[entryKey]int, n), entries: make([]Entry, 0, n)}
}

func (c *collector) add(a Account, b Basis, q Quantities) error {
	if q.IsZero() {
		return nil
	}
	key := entryKey{a, b}
	i, ok := c.index[key]
	if !ok {
		c.index[key] = len(c.entries)
		c.entries = append(c.entries, Entry{a, b, q})
		return nil
	}
	sum, err := c.entries[i].Add(q)
	if err != nil {
		return err
	}
	c.entries[i].Quantities = sum
	return nil
}

func (c *collector) sorted() []Entry {
	slices.SortFunc(c.entries, Entry.Compare)
	return c.entries
}
