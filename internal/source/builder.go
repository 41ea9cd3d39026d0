package source

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/unit"
)

// Class says what a counter of processor time counts.
type Class uint8

// The classes. Time of modes that a configuration leaves out is not added at all.
const (
	Busy Class = iota
	Idle
)

// Modes says which class a CPU mode is of.
type Modes struct {
	// Idle and Ignored are names of modes; all others are busy.
	Idle, Ignored []string
}

// DefaultModes counts idle and iowait as idle, and all else as busy: a processor
// that waits for a disk does no work. METHODOLOGY.md tells why the original's
// documents disagree.
func DefaultModes() Modes { return Modes{Idle: []string{"idle", "iowait"}} }

// Of returns the class of a mode, and false for a mode that is ignored.
func (m Modes) Of(mode string) (Class, bool) {
	switch {
	case slices.Contains(m.Ignored, mode):
		return Busy, false
	case slices.Contains(m.Idle, mode):
		return Idle, true
	}
	return Busy, true
}

// Builder adds the tallies of counters up into the facts of hosts. All adapters
// use it, so that one rule makes all facts. It holds one row per subject and bin,
// whatever the number of series and samples. It is not safe for concurrent
// use; builders of shards of the hosts can be joined with [Builder.Join].
type Builder struct {
	request Request
	origin  account.Origin
	whole   *energy.Bins
	bins    map[string]*energy.Bins // of hosts with cuts
	rows    map[account.Subject]*row
	faults  map[string]energy.Faults
	notes   []Warning
}

// row is what is known of one subject.
type row struct {
	bins                 *energy.Bins
	busy, idle, measured []int64 // per bin
	// covered, bridged and life are of any of the host's series, metered of all
	// of its meters.
	covered, bridged, life, metered energy.Stretches
	meters                          int
}

// NewBuilder returns an empty builder for a valid request, or the error of
// [Request.Validate].
func NewBuilder(r Request, o account.Origin) (*Builder, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	b := &Builder{
		request: r, origin: o,
		bins: map[string]*energy.Bins{}, rows: map[account.Subject]*row{}, faults: map[string]energy.Faults{},
	}
	b.whole = energy.NewBins(b.edges(nil))
	return b, nil
}

// edges returns the edges of all slots and the cuts inside them.
func (b *Builder) edges(cuts []time.Time) []time.Time {
	edges := []time.Time{b.request.Span.From}
	for slot := range b.request.Grid.Slots(b.request.Span) {
		edges = append(edges, slot.To)
	}
	for _, t := range cuts {
		if b.request.Span.Contains(t) {
			edges = append(edges, t)
		}
	}
	return edges
}

// Bins returns the bins of a host: the slots, and the parts of those that are cut.
// A [energy.Counter] of the host's series spreads over these.
func (b *Builder) Bins(host string) *energy.Bins {
	cuts := b.request.Cuts[host]
	if len(cuts) == 0 {
		return b.whole
	}
	bins, ok := b.bins[host]
	if !ok {
		bins = energy.NewBins(b.edges(cuts))
		b.bins[host] = bins
	}
	return bins
}

func (b *Builder) row(s account.Subject) *row {
	r, ok := b.rows[s]
	if !ok {
		bins := b.Bins(s.Host)
		n := bins.Len()
		r = &row{bins: bins, busy: make([]int64, n), idle: make([]int64, n), measured: make([]int64, n)}
		b.rows[s] = r
	}
	return r
}

// Processor adds the tally, over [Builder.Bins] of the host, of one series of
// processor time. The host counts as observed for as long as any of its series
// covers. It returns [unit.ErrOverflow].
func (b *Builder) Processor(s account.Subject, c Class, t *energy.Tally) error {
	r := b.row(s)
	into := r.busy
	if c == Idle {
		into = r.idle
	}
	for i, amount := range t.Amount {
		if err := accumulate(&into[i], amount); err != nil {
			return fmt.Errorf("processor time of %q: %w", s.Host, err)
		}
	}
	r.covered = r.covered.Union(t.Covered)
	r.bridged = r.bridged.Union(t.Bridged)
	r.life = r.life.Union(t.Life)
	return nil
}

// Meter adds the tally of one energy meter of the host, in microjoules. A host
// may have several, such as one per socket; it counts as metered where all of
// them cover. It returns [unit.ErrOverflow].
func (b *Builder) Meter(s account.Subject, t *energy.Tally) error {
	r := b.row(s)
	for i, amount := range t.Amount {
		if err := accumulate(&r.measured[i], amount); err != nil {
			return fmt.Errorf("meter of %q: %w", s.Host, err)
		}
	}
	if r.meters++; r.meters == 1 {
		r.metered = t.Covered.Clone()
	} else {
		r.metered = r.metered.Intersect(t.Covered)
	}
	return nil
}

func accumulate(total *int64, amount int64) error {
	sum, err := unit.Duration(*total).Add(unit.Duration(amount))
	*total = int64(sum)
	return err
}

// Faults notes samples of a series that were skipped.
func (b *Builder) Faults(series string, f energy.Faults) {
	if f.Total() > 0 {
		sum := b.faults[series]
		sum.Add(f)
		b.faults[series] = sum
	}
}

// Warn adds a warning to every reading.
func (b *Builder) Warn(w Warning) { b.notes = append(b.notes, w) }

// Join adds the rows and warnings of another builder of the same request whose
// subjects are different ones.
func (b *Builder) Join(other *Builder) {
	for s, r := range other.rows {
		b.rows[s] = r
	}
	for series, f := range other.faults {
		b.Faults(series, f)
	}
	b.notes = append(b.notes, other.notes...)
}

// Readings returns the reading of each slot, in order. The builder may not be used
// afterwards.
func (b *Builder) Readings() ([]Reading, error) {
	subjects := make([]account.Subject, 0, len(b.rows))
	for s := range b.rows {
		subjects = append(subjects, s)
	}
	slices.SortFunc(subjects, account.Subject.Compare)
	b.warnDoubles(subjects)
	warnings := b.warnings()
	var out []Reading
	for slot := range b.request.Grid.Slots(b.request.Span) {
		batch := &account.Batch{Slot: slot, Origins: []account.Origin{b.origin}}
		for _, s := range subjects {
			b.rows[s].addFacts(batch, s)
		}
		if err := batch.Validate(); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrReply, err)
		}
		out = append(out, Reading{Facts: batch, Warnings: slices.Clone(warnings)})
	}
	return out, nil
}

// addFacts appends the facts of one subject in the batch's slot, when there are
// any.
func (r *row) addFacts(batch *account.Batch, s account.Subject) {
	var facts []account.Fact
	seen := false
	for i := range r.bins.Len() {
		from, to := r.bins.Bin(i)
		if !batch.Slot.Covers(account.Span{From: from, To: to}) {
			continue
		}
		f := account.Fact{
			Subject: len(batch.Subjects),
			From:    account.Span{From: batch.Slot.From, To: from}.Length(),
			To:      account.Span{From: batch.Slot.From, To: to}.Length(),
			Busy:    unit.Duration(r.busy[i]), Idle: unit.Duration(r.idle[i]),
			Observed: r.bins.Within(r.covered, i), Expected: r.bins.Within(r.life, i),
			Bridged:  r.bins.Within(r.bridged, i),
			Measured: unit.Joules(r.measured[i]), Metered: r.bins.Within(r.metered, i),
		}
		seen = seen || f.Expected > 0 || f.Metered > 0
		facts = append(facts, f)
	}
	if seen {
		batch.Subjects = append(batch.Subjects, s)
		batch.Facts = append(batch.Facts, facts...)
	}
}

// warnDoubles tells of hosts that several subjects share.
func (b *Builder) warnDoubles(subjects []account.Subject) {
	for i := 1; i < len(subjects); i++ {
		x, y := subjects[i-1], subjects[i]
		if x.Host == y.Host && x.Kind == account.SubjectHost && y.Kind == account.SubjectHost {
			b.Warn(Warning{
				Code: "host-twice", Subject: x.Host, Count: 1,
				Text: fmt.Sprintf("host %q is seen as %v and as %v; check the host normalisers and labels", x.Host, x.Labels, y.Labels),
			})
		}
	}
}

func (b *Builder) warnings() []Warning {
	out := slices.Clone(b.notes)
	for series, f := range b.faults {
		for _, one := range []struct {
			code, text string
			count      int
		}{
			{"not-finite", "samples are NaN or infinite and were skipped", f.NotFinite},
			{"negative", "samples are negative and were skipped", f.Negative},
			{"disordered", "samples are not in order of time and were skipped", f.Disordered},
			{"too-large", "samples are too large to count and were skipped", f.TooLarge},
		} {
			if one.count > 0 {
				out = append(out, Warning{Code: one.code, Subject: series, Text: one.text, Count: one.count})
			}
		}
	}
	slices.SortFunc(out, func(a, b Warning) int {
		if c := strings.Compare(a.Subject, b.Subject); c != 0 {
			return c
		}
		return strings.Compare(a.Code, b.Code)
	})
	return out
}
