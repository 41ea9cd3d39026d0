package slots

import (
	"context"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/source"
)

// Reconciliation compares a closed slot with its sources read again.
type Reconciliation struct {
	Slot account.Span `json:"slot"`
	// Ledger is the slot's total as stored, Source what it would be if it were
	// closed now.
	Ledger account.Quantities `json:"ledger"`
	Source account.Quantities `json:"source"`
	// Hosts are those whose facts differ, by their keys.
	Hosts []string `json:"hosts,omitempty"`
}

// Equal reports whether the ledger says what its sources say.
func (r Reconciliation) Equal() bool { return len(r.Hosts) == 0 && r.Ledger == r.Source }

// Reconcile reads the closed slots of a span again from the sources that can be,
// derives them, and calls report for each in order. It changes nothing. Report
// returns false to break off.
func (d *Driver) Reconcile(ctx context.Context, span account.Span, report func(Reconciliation) bool) error {
	length := time.Duration(d.config.ReadSlots) * d.Store.Calendar().Grid().Step()
	sources := d.replayable()
	for i, s := range sources {
		if r, ok := s.(source.Remembering); ok {
			sources[i] = r.Fresh()
		}
	}
	for part := range parts(span, length) {
		more, err := d.reconcilePart(ctx, part, sources, report)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

func (d *Driver) reconcilePart(ctx context.Context, span account.Span, sources []source.Source, report func(Reconciliation) bool) (bool, error) {
	states, err := ledger.Collect(d.Store.Slots(ctx, span))
	if err != nil || len(states) == 0 {
		return true, err
	}
	span = account.Span{From: states[0].Slot.From, To: states[len(states)-1].Slot.To}
	readings, err := d.read(ctx, span, sources)
	if err != nil {
		return false, err
	}
	stored, err := ledger.Collect(d.Store.Facts(ctx, span, time.Time{}))
	if err != nil {
		return false, err
	}
	dv, err := d.deriver(ctx, span)
	if err != nil {
		return false, err
	}
	for _, state := range states {
		r := Reconciliation{Slot: state.Slot, Ledger: state.Total}
		now := reading{Batch: &account.Batch{Slot: state.Slot}}
		if i := slices.IndexFunc(readings, func(r reading) bool { return r.Slot.Equal(state.Slot) }); i >= 0 {
			now = readings[i]
		}
		if err := r.compare(dv, d.compared(ofSlot(stored, state.Slot), now, sources)); err != nil {
			return false, err
		}
		if !report(r) {
			return false, nil
		}
	}
	return true, nil
}

// compare fills in what the sources say now.
func (r *Reconciliation) compare(dv derivation, c comparison) error {
	if c.change != nil {
		for _, s := range c.change.Subjects {
			if !slices.Contains(r.Hosts, s.Host) {
				r.Hosts = append(r.Hosts, s.Host)
			}
		}
	}
	if c.now == nil {
		return nil
	}
	fold := account.NewFold(account.View{}, 0)
	if err := dv.Fold(c.now, fold, 0); err != nil {
		return err
	}
	root, err := fold.Tree()
	if err != nil {
		return err
	}
	r.Source = root.Quantities
	return nil
}

// ofSlot returns the batch of a slot, nil when there is none.
func ofSlot(batches []*account.Batch, slot account.Span) *account.Batch {
	i := slices.IndexFunc(batches, func(b *account.Batch) bool { return b.Slot.Equal(slot) })
	if i < 0 {
		return nil
	}
	return batches[i]
}
