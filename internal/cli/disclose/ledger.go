package disclose

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/cli/exit"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/fold"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/unit"
)

// ofLedger discloses what a ledger has. A server may run on it.
func (f *discloseFlags) ofLedger(ctx context.Context, s *Shell, r disclosure.Request) error {
	if len(r.By) == 0 {
		return exit.Usage("--ledger needs --by: the labels of the rows, such as facility,group")
	}
	parts, done, err := f.ledger.Open(ctx, app.Read)
	if err != nil {
		return err
	}
	defer done()
	calendar := parts.Store.Calendar()
	r.Zone = calendar.Zone()
	span, err := f.Span(calendar, time.Now())
	if err != nil {
		return s.Asked(err)
	}
	known := time.Time{}
	if f.asOf != "" {
		if known, err = query.Instant(calendar, "as_of", f.asOf); err != nil {
			return s.Asked(err)
		}
	}
	p, err := foldLedger(ctx, parts.Store, fold.LedgerConfig{Span: span, By: r.By, KnownAt: known})
	if err != nil {
		return err
	}
	if err := ofMethod(ctx, parts.Store, p, &r); err != nil {
		return err
	}
	return f.finish(s, p, r, func(hash string) error { return f.pin(ctx, ledger.Pin{Name: "sha256:" + hash, Span: span}) })
}

// foldLedger reads a period as known at an instant; what was known last is read from sums,
// which is quicker.
func foldLedger(ctx context.Context, store ledger.Store, c fold.LedgerConfig) (*disclosure.Period, error) {
	status, err := store.Status(ctx)
	if err != nil {
		return nil, err
	}
	known := c.KnownAt
	if known.IsZero() || !known.Before(status.LastKnownAt) {
		known, c.KnownAt = status.LastKnownAt, time.Time{}
	}
	p, err := fold.Ledger(ctx, store, c)
	if errors.Is(err, fold.ErrNoWindows) {
		return nil, exit.Invalid(fmt.Errorf("no closed slot lies in the period: %v", c.Span))
	}
	if err != nil {
		return nil, err
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

// ofMethod adds the method of the ledger to a document, and why slots were stated anew since
// the one that it restates.
func ofMethod(ctx context.Context, store ledger.Store, p *disclosure.Period, r *disclosure.Request) error {
	method, err := ledger.MethodAt(ctx, store, p.Ledger.KnownAt)
	if err != nil {
		return err
	}
	if r.Accounts, err = ledger.EncodeMethod(method); err != nil {
		return err
	}
	if r.Restates == nil || r.Restates.Document.Inputs.Ledger == nil {
		return nil
	}
	r.Reasons, err = reasons(ctx, store, p.Span, r.Restates.Document.Inputs.Ledger.KnownAt, p.Ledger.KnownAt)
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

// pin has the ledger keep the facts of a period that was disclosed.
func (f *discloseFlags) pin(ctx context.Context, pin ledger.Pin) error {
	if f.unpinned {
		return nil
	}
	parts, done, err := f.ledger.Open(ctx, app.Write)
	if errors.Is(err, ledger.ErrLocked) {
		return exit.Hint(fmt.Errorf("the facts of the period cannot be pinned: %w", err),
			"stop the server meanwhile, or give --no-pin and keep facts long enough by retention.facts")
	}
	if err != nil {
		return err
	}
	defer done()
	pin.Since = account.Instant(time.Now())
	return keep(ctx, parts.Store, pin)
}

// keep pins a span. A document that is made again has its pin already.
func keep(ctx context.Context, store ledger.Retention, pin ledger.Pin) error {
	pins, err := store.Pins(ctx)
	if err != nil {
		return err
	}
	for _, known := range pins {
		if known.Name == pin.Name && known.Span == pin.Span {
			return nil
		}
	}
	return store.Pin(ctx, pin)
}

// refoldLedger reads the period of a document again, as it was known when that was made.
func (f *verifyFlags) refoldLedger(ctx context.Context, d *disclosure.Document) (*disclosure.Period, error) {
	if d.Inputs.Ledger == nil {
		return nil, errors.New("the document was made from archives, and not from a ledger")
	}
	parts, done, err := f.ledger.Open(ctx, app.Read)
	if err != nil {
		return nil, err
	}
	defer done()
	return foldLedger(ctx, parts.Store, fold.LedgerConfig{
		Span: account.NewSpan(d.Period.From, d.Period.To), By: d.Scope.By, KnownAt: d.Inputs.Ledger.KnownAt,
	})
}
