package derive

import (
	"fmt"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/unit"
)

// Known is what besides facts is known at an instant.
type Known struct {
	Holdings    []account.Holding
	Intensities []account.Intensity
	// At is the instant; what became known later is left out. Zero is now.
	At time.Time
}

// Deriver derives the entries of slots. It remembers the names, models and
// accounts it has met, so one Deriver should see many slots. It is not safe for
// concurrent use; Derivers that share nothing are.
type Deriver struct {
	method     Method
	chain      *Chain
	holdings   map[string][]*holding // by host, resolved, sorted by From and ID
	held       []heldHost            // the same, sorted by host
	estimators []*energy.Estimator   // by model rule
	parties    map[account.Subject]*party
	accounts   *table[account.Account]
	bases      *table[account.Basis]

	// Of the slot at work, kept to be used again. Hosts come in order, those of
	// one key one after the other.
	lastHost string
	slot     account.Span
	regions  map[string]known
	out      collector
	pools    pools
	scratch  scratch
	// contentions are those of the slot, in the order of hosts.
	contentions []Contention
}

// party is what the method says of a subject, whatever the slot.
type party struct {
	labels    account.Labels
	region    string
	estimator *energy.Estimator
	embodied  *EmbodiedRule // nil where it is not modelled
	// own, unattributed and idle are the numbers of the party's accounts.
	own, unattributed, idle int32
	// pool is where its idle energy is shared pro rata.
	pool string
}

// known is the intensity of a region in the slot at work.
type known struct {
	value unit.Intensity
	basis account.IntensityBasis
	ok    bool
}

// New returns a deriver of a valid method, or the error of
// [Method.Validate]. It keeps the slices of known and never changes them.
func New(m Method, k Known) (*Deriver, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	m.Policy = m.Policy.withDefaults()
	d := &Deriver{
		method:   m,
		chain:    NewChain(&m, k.Intensities, k.At),
		holdings: currentHoldings(k.Holdings, k.At),
		parties:  map[account.Subject]*party{},
		accounts: newTable(account.Account.Compare),
		bases:    newTable(account.Basis.Compare),
		regions:  map[string]known{},
	}
	d.held = heldHosts(d.holdings)
	for _, r := range m.Models {
		e, err := energy.NewEstimator(r.Model)
		if err != nil {
			return nil, err
		}
		d.estimators = append(d.estimators, e)
	}
	return d, nil
}

// Method returns the deriver's method with its defaults filled in.
func (d *Deriver) Method() Method { return d.method }

// Derive returns the entries of one slot, sorted, from its facts as [account.Resolve]
// gives them. The same arguments give the same entries whatever was derived
// before. For every host, the quantities of its entries sum exactly to the
// host's own: energy is rounded once per host and slot, then divided.
// It returns an error for an invalid batch and for amounts that overflow.
func (d *Deriver) Derive(b *account.Batch) ([]account.Entry, error) {
	if err := d.collect(b); err != nil {
		return nil, err
	}
	return d.out.entries(d.accounts, d.bases), nil
}

// Fold derives one slot into a period of a fold: what [Fold.Add] does with each
// entry of [Deriver.Derive], without making them.
func (d *Deriver) Fold(b *account.Batch, f *account.Fold, period int) error {
	if err := d.collect(b); err != nil {
		return err
	}
	for i, key := range d.out.keys {
		if err := f.Add(d.accounts.list[key.account], period, d.out.sums[i]); err != nil {
			return err
		}
	}
	return nil
}

// collect derives every host of a slot into d.out.
func (d *Deriver) collect(b *account.Batch) error {
	if err := b.Validate(); err != nil {
		return err
	}
	d.slot = b.Slot
	d.lastHost = ""
	clear(d.regions)
	d.out.reset()
	d.pools.reset()
	d.contentions = nil
	for facts := range hosts(b) {
		h, err := d.deriveHost(b, facts)
		if err == nil {
			err = d.addHost(h)
		}
		if err != nil {
			return fmt.Errorf("derive slot %v: host %q: %w", b.Slot, b.Subjects[facts[0].Subject].Host, err)
		}
	}
	if err := d.collectUnseen(b); err != nil {
		return fmt.Errorf("derive slot %v: %w", b.Slot, err)
	}
	if err := d.pools.share(&d.out); err != nil {
		return fmt.Errorf("derive slot %v: share idle energy: %w", b.Slot, err)
	}
	return nil
}

// hosts yields the facts of each whole together with those of its parts: a host
// and its parts have one Host and are neighbours.
func hosts(b *account.Batch) func(yield func([]account.Fact) bool) {
	return func(yield func([]account.Fact) bool) {
		for rest := b.Facts; len(rest) > 0; {
			first := &b.Subjects[rest[0].Subject]
			n := 1
			for n < len(rest) {
				s := &b.Subjects[rest[n].Subject]
				another := rest[n].Subject != rest[n-1].Subject && s.Kind != account.SubjectPart
				if another || s.Host != first.Host {
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

// derivedHost is one host's slot: the whole, and how it is divided. Its slices
// are valid until the next host.
type derivedHost struct {
	subject account.Subject
	party   *party
	own     []account.Fact
	parts   []account.Fact
	whole   whole
	shares  []share
	divided []account.Quantities
}

// deriveHost estimates the whole of a host, cuts it into shares and divides it.
func (d *Deriver) deriveHost(b *account.Batch, facts []account.Fact) (derivedHost, error) {
	own := facts
	for i := range facts {
		if b.Subjects[facts[i].Subject].Kind == account.SubjectPart {
			own = facts[:i]
			break
		}
	}
	if len(own) == 0 {
		return derivedHost{}, fmt.Errorf("%w: parts without the host they are part of", account.ErrFact)
	}
	h := derivedHost{subject: b.Subjects[own[0].Subject], own: own, parts: facts[len(own):]}
	var err error
	if h.party, err = d.party(h.subject); err != nil {
		return h, err
	}
	if h.whole, err = d.whole(b, h.subject, own, h.party); err != nil {
		return h, err
	}
	if h.shares, err = d.shares(b, &h); err != nil {
		return h, err
	}
	h.divided, err = h.whole.divide(h.shares, &d.scratch)
	return h, err
}

// addHost books the shares of a host.
func (d *Deriver) addHost(h derivedHost) error {
	basis := d.bases.id(h.whole.basis)
	for i := range h.shares {
		key := entryKey{h.shares[i].account, basis}
		if d.method.Policy.Idle == IdleProRata {
			if err := d.pools.add(h.party.pool, key, h.party.idle, h.divided[i]); err != nil {
				return err
			}
			continue
		}
		if err := d.out.add(key, h.divided[i]); err != nil {
			return err
		}
	}
	return nil
}

// party returns what the method says of a subject.
func (d *Deriver) party(s account.Subject) (*party, error) {
	if p, ok := d.parties[s]; ok {
		return p, nil
	}
	labels := s.Labels
	var err error
	if s.Kind.IsScored() {
		if labels, err = labels.With(account.LabelPerimeter, string(account.PerimeterServices)); err != nil {
			return nil, err
		}
	}
	if labels, err = d.method.name(labels); err != nil {
		return nil, err
	}
	p := &party{
		labels: labels, region: d.method.place(labels),
		own:          d.accounts.id(account.Account{Labels: labels}),
		unattributed: d.accounts.id(account.Account{Labels: labels, Kind: account.KindUnattributed}),
		idle:         d.accounts.id(account.Account{Labels: labels, Kind: account.KindIdle}),
		pool:         d.method.Policy.pool(s.Host, labels),
	}
	if s.Kind == account.SubjectHost {
		p.embodied = d.method.embodied(labels)
	}
	if s.Kind.IsScored() {
		p.region = d.method.placeOfService(labels)
	}
	if s.Kind == account.SubjectIdle {
		p.own = p.idle
	}
	i := slices.IndexFunc(d.method.Models, func(r ModelRule) bool { return r.Where.Holds(labels) })
	p.estimator = d.estimators[i] // the last rule holds for all
	d.parties[s] = p
	return p, nil
}

// intensity returns the intensity of a region in the slot at work.
func (d *Deriver) intensity(region string) known {
	k, ok := d.regions[region]
	if !ok {
		k.value, k.basis, k.ok = d.chain.At(region, d.slot)
		d.regions[region] = k
	}
	return k
}
