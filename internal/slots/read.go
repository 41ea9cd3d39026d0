package slots

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/source"
)

// reading is the facts of a slot, and how far a log was read for them.
type reading struct {
	*account.Batch
	mark account.Mark
}

// read reads whole slots from all sources and returns one reading for each, in
// order. Where several sources know one subject, the first one counts.
func (d *Driver) read(ctx context.Context, span account.Span, sources []source.Source) ([]reading, error) {
	cuts, err := d.cuts(ctx, span)
	if err != nil {
		return nil, err
	}
	request := source.Request{Span: span, Grid: d.Store.Calendar().Grid(), Cuts: cuts}
	var bySlot [][]*account.Batch
	var marks []account.Mark
	for _, s := range sources {
		var warnings []Warning
		n := 0
		for r, err := range s.Read(ctx, request) {
			if err != nil {
				return nil, fmt.Errorf("source %q, slots %v: %w", s.Info().Name, span, err)
			}
			warnings = addWarnings(warnings, r.Warnings)
			if n == len(bySlot) {
				bySlot, marks = append(bySlot, nil), append(marks, account.Mark{})
			}
			r.Facts.MakeVisible()
			bySlot[n] = append(bySlot[n], r.Facts)
			if marks[n].Compare(r.Mark) < 0 {
				marks[n] = r.Mark
			}
			n++
		}
		d.warn(s.Info().Name, warnings)
	}
	out := make([]reading, len(bySlot))
	for i, batches := range bySlot {
		out[i] = reading{account.Merge(batches), marks[i]}
	}
	return out, nil
}

// replayable returns the sources that can be read again.
func (d *Driver) replayable() []source.Source {
	var out []source.Source
	for _, s := range d.Sources {
		if s.Info().Replayable {
			out = append(out, s)
		}
	}
	return out
}

// cuts returns, by host, where holdings, and their experiments, begin or end inside
// a span.
func (d *Driver) cuts(ctx context.Context, span account.Span) (map[string][]time.Time, error) {
	if !d.config.Method.Policy.Held {
		return nil, nil
	}
	cuts := map[string][]time.Time{}
	for h, err := range d.Store.Holdings(ctx, span, time.Time{}) {
		if err != nil {
			return nil, fmt.Errorf("holdings of %v: %w", span, err)
		}
		ends := []time.Time{h.From, h.To}
		for _, e := range h.Experiments {
			within := h.Span().Overlap(e.Span())
			ends = append(ends, within.From, within.To)
		}
		for _, t := range ends {
			if span.Contains(t) && !slices.Contains(cuts[h.Host], t) {
				cuts[h.Host] = append(cuts[h.Host], t)
			}
		}
	}
	return cuts, nil
}

// derivation is a deriver for a span and the time of all that it knows.
type derivation struct {
	*derive.Deriver
	knownAt time.Time
}

// deriver returns a deriver that knows all that is known now.
func (d *Driver) deriver(ctx context.Context, span account.Span) (derivation, error) {
	knownAt := d.clock.now()
	known, err := ledger.KnownIn(ctx, d.Store, span, knownAt)
	if err != nil {
		return derivation{}, err
	}
	dv, err := derive.New(d.config.Method, known)
	return derivation{dv, knownAt}, err
}

// derived is the entries of what was read of one slot.
type derived struct {
	reading
	entries     []account.Entry
	contentions []derive.Contention
	err         error
}

// together is how many slots are derived ahead of who commits them, and how many are
// restated in one transaction.
const together = 24

// ahead derives slots in order, some ahead of who takes them, so that one processor
// derives what another commits. It ends after an error; the function that it returns
// ends it earlier, and waits until the deriver is at rest.
func (d derivation) ahead(ctx context.Context, batches []reading) (<-chan derived, func()) {
	ctx, stop := context.WithCancel(ctx)
	out := make(chan derived, together)
	go func() {
		defer close(out)
		for _, b := range batches {
			entries, err := d.Derive(b.Batch)
			select {
			case out <- derived{b, entries, slices.Clone(d.Contentions()), err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return out, func() {
		stop()
		for range out {
		}
	}
}
