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
	r.Zone, r.Names = calendar.Zone(), parts.Shown()
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
	p, err := foldLedger(ctx, parts.Store, fold.LedgerConfig{Span: span, By: r.By, KnownAt: known, Names: r.Names})
	if err != nil {
		return err
	}
	if err := fold.Method(ctx, parts.Store, p, &r); err != nil {
		return err
	}
	return f.finish(s, p, r, func(hash string) error { return f.pin(ctx, ledger.Pin{Name: "sha256:" + hash, Span: span}) })
}

// foldLedger reads a period as known at an instant. One without any closed slot ends the
// program with status 3.
func foldLedger(ctx context.Context, store ledger.Store, c fold.LedgerConfig) (*disclosure.Period, error) {
	p, err := fold.Known(ctx, store, c)
	if errors.Is(err, fold.ErrNoWindows) {
		return nil, exit.Invalid(fmt.Errorf("no closed slot lies in the period: %v", c.Span))
	}
	if errors.Is(err, ledger.ErrNoMethod) && !c.KnownAt.IsZero() {
		return nil, exit.Invalid(exit.Hint(fmt.Errorf("the ledger knew nothing at %s", c.KnownAt.UTC().Format(time.RFC3339)),
			"--as-of asks for the figures as known then; SOURCE_DATE_EPOCH is the time stamp alone"))
	}
	return p, err
}

// pin has the ledger keep the facts of a period that was disclosed. A server that runs on
// the ledger does it: nobody else may write to one in SQLite.
func (f *discloseFlags) pin(ctx context.Context, pin ledger.Pin) error {
	if f.unpinned {
		return nil
	}
	pin.Since = account.Instant(time.Now())
	server, err := f.ledger.Server(ctx)
	if err != nil {
		return err
	}
	if server != nil {
		return unpinned(server.Pin(ctx, pin), "look into the log of the server at "+server.URL())
	}
	parts, done, err := f.ledger.Open(ctx, app.Write)
	if errors.Is(err, ledger.ErrLocked) { // by one that is about to start or to stop, or that does not answer
		return unpinned(err, "try again, or stop what has the ledger meanwhile")
	}
	if err != nil {
		return err
	}
	defer done()
	return parts.Store.Pin(ctx, pin)
}

// unpinned says of an error what does not hold because of it, and what to do.
func unpinned(err error, advice string) error {
	if err == nil {
		return nil
	}
	return exit.Hint(fmt.Errorf("the facts of the period cannot be pinned, so nothing is disclosed: %w", err),
		"%s; --no-pin discloses without, if retention.facts keeps them long enough", advice)
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
		Span: account.NewSpan(d.Period.From, d.Period.To), By: d.Scope.By, KnownAt: d.Inputs.Ledger.KnownAt, Names: parts.Shown(),
	})
}
