package fold

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// restated is a change of a slot: when it was closed, or stated anew.
type restated struct {
	slot    account.Span
	knownAt time.Time
	cause   disclosure.Cause
	first   bool
	// before and after are the totals of the slot.
	before, after account.Quantities
}

// ledgerPortions says for which causes the figures of a ledger, known at an instant, differ
// from those of an older document: a slot that was closed since then came late, one that was
// stated anew has the reason of that. Each such slot is derived as it was known before and after. Where
// facts were dropped that needs, only the totals have shares.
func ledgerPortions(ctx context.Context, k ledger.Knowledge, c LedgerConfig, old *disclosure.Document) ([]disclosure.Portion, error) {
	portions := []disclosure.Portion{}
	since := old.Inputs.Ledger.KnownAt
	if !slices.Equal(c.By, old.Scope.By) {
		p, err := Ledger(ctx, k, LedgerConfig{Span: c.Span, By: c.By, KnownAt: since, Names: c.Names})
		if err != nil {
			return nil, err
		}
		viewed, err := p.Snapshot(c.By)
		if err != nil {
			return nil, err
		}
		portions = append(portions, disclosure.Portion{Cause: disclosure.CauseView, Before: disclosure.SnapshotOf(old), After: viewed})
	}
	changes, err := restatements(ctx, k, c, since)
	if err != nil {
		return nil, err
	}
	var before disclosure.Snapshot
	for i, change := range changes {
		if again := i > 0 && changes[i-1].slot.Equal(change.slot); !again {
			before = disclosure.Snapshot{}
			if !change.first {
				if before, err = slotSnapshot(ctx, k, c, change.slot, since, change.before); err != nil {
					return nil, err
				}
			}
		}
		after, err := slotSnapshot(ctx, k, c, change.slot, change.knownAt, change.after)
		if err != nil {
			return nil, err
		}
		portions = append(portions, disclosure.Portion{Cause: change.cause, Before: before, After: after})
		before = after
	}
	return portions, nil
}

// restatements lists the changes of a period after an instant, by slot and time.
func restatements(ctx context.Context, k ledger.Knowledge, c LedgerConfig, since time.Time) ([]restated, error) {
	var all []restated
	for r, err := range k.Restatements(ctx, since, c.KnownAt) {
		if err != nil {
			return nil, err
		}
		if !r.Slot.Overlap(c.Span).IsEmpty() {
			all = append(all, restated{slot: r.Slot, knownAt: r.KnownAt, cause: disclosure.Cause(r.Reason), before: r.Before, after: r.After})
		}
	}
	for s, err := range k.Slots(ctx, c.Span) {
		if err != nil {
			return nil, err
		}
		if !s.FirstKnownAt.After(since) || !c.KnownAt.IsZero() && s.FirstKnownAt.After(c.KnownAt) {
			continue
		}
		closed := restated{slot: s.Slot, knownAt: s.FirstKnownAt, cause: disclosure.CauseLate, first: true, after: s.Total}
		for i := range all { // the first restatement says what the slot was before
			if all[i].slot.Equal(s.Slot) {
				closed.after = all[i].before
				break
			}
		}
		all = append(all, closed)
	}
	slices.SortStableFunc(all, func(a, b restated) int {
		return cmp.Or(a.slot.From.Compare(b.slot.From), a.knownAt.Compare(b.knownAt))
	})
	return all, nil
}

// slotSnapshot returns the figures of a slot as known at an instant: its rows if it can be derived
// again, and its totals in any case.
func slotSnapshot(ctx context.Context, k ledger.Knowledge, c LedgerConfig, slot account.Span, at time.Time, total account.Quantities) (disclosure.Snapshot, error) {
	c.Span, c.KnownAt = slot, at
	p := &disclosure.Period{Span: slot, Ledger: &disclosure.LedgerInput{KnownAt: at}}
	p.Total.Quantities = total
	root, err := tree(ctx, k, c)
	if err == nil {
		p.Rows, err = leaves(nil, root, account.Account{}, c.By)
	}
	if err != nil && !errors.Is(err, ledger.ErrForgotten) {
		return disclosure.Snapshot{}, err
	}
	return p.Snapshot(c.By)
}
