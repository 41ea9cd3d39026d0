package fold

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/unit"
)

// Known reads a period from a store as known at an instant, as [Ledger] does, and says as
// known when and how many of its slots were stated anew before that. What was known last is
// read from sums, whatever instant after it is named. It returns [ErrNoWindows] for a
// period of which nothing is known.
func Known(ctx context.Context, store ledger.Store, c LedgerConfig) (*disclosure.Period, error) {
	status, err := store.Status(ctx)
	if err != nil {
		return nil, err
	}
	known := c.KnownAt
	if known.IsZero() || !known.Before(status.LastKnownAt) {
		known, c.KnownAt = status.LastKnownAt, time.Time{}
	}
	p, err := Ledger(ctx, store, c)
	if err != nil {
		return nil, err
	}
	c.KnownAt = known
	if p.Factors, err = ledgerFactors(ctx, store, c); err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	p.Ledger.KnownAt, p.Ledger.Restatements = known, 0
	for restated, err := range store.Restatements(ctx, time.Time{}, known) {
		if err != nil {
			return nil, err
		}
		if !restated.Slot.Overlap(c.Span).IsEmpty() {
			p.Ledger.Restatements++
		}
	}
	return p, nil
}

// Method adds to a request for a document the method of the ledger that a period is from,
// why slots were stated anew since the document that it restates, and by how much that changed
// its figures.
func Method(ctx context.Context, store ledger.Store, p *disclosure.Period, r *disclosure.Request) error {
	method, err := ledger.MethodAt(ctx, store, p.Ledger.KnownAt)
	if err != nil {
		return err
	}
	if r.Names != nil {
		method = method.Renamed(r.Names)
	}
	if r.Accounts, err = ledger.EncodeMethod(method); err != nil {
		return err
	}
	if r.Restates == nil || r.Restates.Document.Inputs.Ledger == nil || !r.Restates.Document.IsOf(p.Span) {
		return nil
	}
	old := r.Restates.Document
	if r.Reasons, err = reasons(ctx, store, p.Span, old.Inputs.Ledger.KnownAt, p.Ledger.KnownAt); err != nil {
		return err
	}
	r.Portions, err = ledgerPortions(ctx, store, LedgerConfig{Span: p.Span, By: r.By, KnownAt: p.Ledger.KnownAt, Names: r.Names}, old)
	return err
}

// reasons adds up by cause how the slots of a period changed after an instant, until another.
func reasons(ctx context.Context, store ledger.Store, span account.Span, after, until time.Time) ([]disclosure.Reason, error) {
	var all []disclosure.Reason
	for restated, err := range store.Restatements(ctx, after, until) {
		if err != nil {
			return nil, err
		}
		if restated.Slot.Overlap(span).IsEmpty() {
			continue
		}
		change, err := restated.After.Sub(restated.Before)
		if err != nil {
			return nil, err
		}
		if all, err = addReason(all, disclosure.Cause(restated.Reason), change); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func addReason(all []disclosure.Reason, cause disclosure.Cause, change account.Quantities) ([]disclosure.Reason, error) {
	at := -1
	for i := range all {
		if all[i].Cause == cause {
			at = i
		}
	}
	if at < 0 {
		all, at = append(all, disclosure.Reason{Cause: cause}), len(all)
	}
	r := &all[at]
	var errs [3]error
	r.Slots++
	r.Energy, errs[0] = unit.Sum(r.Energy, change.Energy)
	r.Operational, errs[1] = unit.Sum(r.Operational, change.Operational)
	r.Embodied, errs[2] = unit.Sum(r.Embodied, change.Embodied)
	return all, errors.Join(errs[:]...)
}
