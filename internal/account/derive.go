package account

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/unit"
)

// Known is what besides facts is known at an instant.
type Known struct {
	Holdings    []Holding
	Intensities []Intensity
	// At is the instant; what became known later is left out. Zero is now.
	At time.Time
}

// Deriver derives the entries of slots. It remembers the names and models of
// the subjects it has met, so one Deriver should see many slots. It is not safe
// for concurrent use; Derivers that share nothing are.
type Deriver struct {
	method     Method
	chain      *Chain
	holdings   map[string][]Holding // by host, resolved, sorted by From and ID
	estimators []*energy.Estimator  // by model rule
	parties    map[Subject]*party
}

// party is what the method says of a subject, whatever the slot.
type party struct {
	labels    Labels
	region    string
	estimator *energy.Estimator
}

// NewDeriver returns a deriver of a valid method, or the error of
// [Method.Validate]. It keeps the slices of known and never changes them.
func NewDeriver(m Method, known Known) (*Deriver, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	m.Policy = m.Policy.withDefaults()
	d := &Deriver{
		method:   m,
		chain:    NewChain(&m, known.Intensities, known.At),
		holdings: currentHoldings(known.Holdings, known.At),
		parties:  map[Subject]*party{},
	}
	for _, r := range m.Models {
		e, err := energy.NewEstimator(r.Model)
		if err != nil {
			return nil, err
		}
		d.estimators = append(d.estimators, e)
	}
	return d, nil
}

func (p Policy) withDefaults() Policy {
	if p.Divide == "" {
		p.Divide = DivideUsage
	}
	if p.Idle == "" {
		p.Idle = IdleHolder
	}
	if p.Sharing == "" {
		p.Sharing = SharingOwner
	}
	return p
}

// currentHoldings keeps the newest revision of each holding known at an instant
// and sorts them by host and start.
func currentHoldings(all []Holding, at time.Time) map[string][]Holding {
	newest := map[string]Holding{}
	for _, h := range all {
		if !at.IsZero() && h.KnownAt.After(at) {
			continue
		}
		if old, ok := newest[h.ID]; !ok || old.KnownAt.Before(h.KnownAt) {
			newest[h.ID] = h
		}
	}
	byHost := map[string][]Holding{}
	for _, h := range newest {
		if !h.Withdrawn && !h.Span().IsEmpty() {
			byHost[h.Host] = append(byHost[h.Host], h)
		}
	}
	for _, hs := range byHost {
		slices.SortFunc(hs, Holding.Compare)
	}
	return byHost
}

// Derive returns the entries of one slot, sorted, from its facts as [Resolve]
// gives them. The same arguments give the same entries whatever was derived
// before. For every host, the quantities of its entries sum exactly to the
// host's own: energy is rounded once per host and slot, then divided.
// It returns an error for an invalid batch and for amounts that overflow.
func (d *Deriver) Derive(b *Batch) ([]Entry, error) {
	if err := b.Validate(); err != nil {
		return nil, err
	}
	out := newCollector(len(b.Subjects))
	for facts := range hosts(b) {
		if err := d.deriveHost(b, facts, out); err != nil {
			return nil, fmt.Errorf("derive slot %v: host %q: %w", b.Slot, b.Subjects[facts[0].Subject].Host, err)
		}
	}
	return out.sorted(), nil
}

// hosts yields the facts of each whole together with those of its parts: a host
// and its parts have one Host and are neighbours.
func hosts(b *Batch) func(yield func([]Fact) bool) {
	return func(yield func([]Fact) bool) {
		for rest := b.Facts; len(rest) > 0; {
			first := b.Subjects[rest[0].Subject]
			n := 1
			for n < len(rest) {
				s := b.Subjects[rest[n].Subject]
				whole := rest[n].Subject != rest[n-1].Subject && s.Kind != SubjectPart
				if s.Host != first.Host || whole {
					break
				}
				n++
			}
			if !yield(rest[:n]) {
				return
			}
			rest = rest[n:]
		}
	}
}

// deriveHost turns one whole into entries: estimate, cut into shares, divide.
func (d *Deriver) deriveHost(b *Batch, facts []Fact, out *collector) error {
	own := facts
	for i, f := range facts {
		if b.Subjects[f.Subject].Kind == SubjectPart {
			own = facts[:i]
			break
		}
	}
	if len(own) == 0 {
		return fmt.Errorf("%w: parts without the host they are part of", ErrFact)
	}
	subject := b.Subjects[own[0].Subject]
	p, err := d.party(subject)
	if err != nil {
		return err
	}
	w, err := d.whole(b, subject, own, p)
	if err != nil {
		return err
	}
	shares, err := d.shares(b, subject, p, own, facts[len(own):])
	if err != nil {
		return err
	}
	return w.divide(shares, out)
}

// party returns what the method says of a subject.
func (d *Deriver) party(s Subject) (*party, error) {
	if p, ok := d.parties[s]; ok {
		return p, nil
	}
	labels, err := d.method.name(s.Labels)
	if err != nil {
		return nil, err
	}
	p := &party{labels: labels, region: d.method.place(labels)}
	for i, r := range d.method.Models {
		if r.Where.Holds(labels) {
			p.estimator = d.estimators[i]
			break
		}
	}
	d.parties[s] = p
	return p, nil
}

// whole works out the figures of a host or service in the slot before they are
// divided.
func (d *Deriver) whole(b *Batch, s Subject, own []Fact, p *party) (*whole, error) {
	total, err := sumFacts(own)
	if err != nil {
		return nil, err
	}
	w := &whole{basis: Basis{Origin: b.Origins[own[0].Origin], Policy: d.method.Policy.Name}}
	if s.Kind == SubjectService {
		w.busy, w.basis.Energy = total.Scored, EnergyScored
	} else if err := w.estimate(total, p.estimator); err != nil {
		return nil, err
	}
	sum, err := w.busy.Add(w.idle)
	if err != nil {
		return nil, err
	}
	if w.estimated, err = estimatedPart(sum, total, w.basis.Origin); err != nil {
		return nil, err
	}
	intensity, basis, known := d.chain.At(p.region, b.Slot)
	w.basis.Intensity = basis
	if known {
		w.carbonKnown = true
		if w.carbon, err = sum.Times(intensity); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// estimatedPart is the energy that falls into bridged gaps, or all of it when the
// source extrapolates.
func estimatedPart(sum unit.Energy, total Fact, o Origin) (unit.Energy, error) {
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
func sumFacts(facts []Fact) (Fact, error) {
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
			return Fact{}, err
		}
	}
	return total, nil
}
