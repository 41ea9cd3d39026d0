package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net"
	"os"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/api"
	"github.com/dendro-carbon/dendro/internal/archive"
	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/meter"
	"github.com/dendro-carbon/dendro/internal/receiver/otlp"
	"github.com/dendro-carbon/dendro/internal/scoring"
	"github.com/dendro-carbon/dendro/internal/source"
)

// services is what receives spans and makes windows of them:
//
//	otlp ─▶ scoring ─▶ archive ─▶ book ─▶ slot driver ─▶ ledger
type services struct {
	archive  *archive.Archive
	book     *scoring.Book
	scoring  *scoring.Driver
	meters   *meter.Recorder // nil without
	receiver *otlp.Server
	grpc     net.Listener
	http     net.Listener
}

// openBook reads the window archive, which need not exist yet.
func (b *builder) openBook(ctx context.Context, calendar account.Calendar) (*scoring.Book, error) {
	return scoring.NewBook(ctx, calendar.Grid(), archivedWindows(b.config.WindowArchive().Dir), time.Now())
}

// archivedWindows reads the windows of an archive for the book. A line that holds none
// costs itself; verification tells of it.
func archivedWindows(dir string) scoring.Windows {
	return func(ctx context.Context, from account.Mark, span account.Span) iter.Seq2[scoring.Archived, error] {
		return func(yield func(scoring.Archived, error) bool) {
			if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
				return
			}
			if pruned, err := archive.Pruned(dir, span); err != nil || pruned {
				if err == nil {
					err = fmt.Errorf("%w: windows of %v were pruned from %s", source.ErrGone, span, dir)
				}
				yield(scoring.Archived{}, err)
				return
			}
			for line, err := range archive.Lines(ctx, dir, from, span) {
				if err != nil {
					yield(scoring.Archived{}, err)
					return
				}
				if line.Fault == nil && !yield(scoring.Archived{At: line.At, Window: &line.Window}, nil) {
					return
				}
			}
		}
	}
}

// openServices opens the archive, takes up the journal and makes the book of both. It
// is for the one who writes.
func (b *builder) openServices(ctx context.Context, store ledger.Store) (s *services, err error) {
	s = &services{}
	settings := b.config.WindowArchive()
	settings.Spendable = newDisclosed(store, b.shelf, b.config.Services.Receive.PruneUndisclosed).spendable
	if s.archive, err = archive.Open(settings); err != nil {
		return nil, err
	}
	b.stack.add("window archive", func(context.Context) error { return s.archive.Close() })
	if n := s.archive.Torn(); n > 0 {
		b.log.Warn("torn line of the window archive cut off", "dir", settings.Dir, "lines", n)
	}
	if s.book, err = b.openBook(ctx, store.Calendar()); err != nil {
		return nil, err
	}
	windows, err := b.config.ServiceWindows()
	if err != nil {
		return nil, err
	}
	deps := scoring.Deps{Archive: s.archive, Book: s.book, Live: scoring.Live(store, b.config.Method()), Log: b.log}
	if s.meters, err = b.meters(windows.Journal); err != nil {
		return nil, err
	}
	if s.meters != nil {
		deps.Readings, deps.Resume, windows.Scoring.Metered = s.meters.Readings, s.meters.Resume, s.meters.Services()
	}
	s.scoring, err = scoring.New(windows, deps)
	if err != nil {
		return nil, err
	}
	b.stack.add("scoring", s.scoring.Stop)
	return s, nil
}

// sink gives what the receiver decoded to the scoring driver.
type sink struct{ *scoring.Driver }

// Accept implements [otlp.Sink].
func (s sink) Accept(_ context.Context, b *otlp.Batch) error {
	err := s.Driver.Accept(b.Spans, b.Rejected.Total())
	if errors.Is(err, scoring.ErrOverload) {
		return &otlp.Overload{Why: err.Error()}
	}
	return err
}

// listenServices binds the addresses of the receiver.
func (a *App) listenServices(ctx context.Context, tokens *api.Tokens) error {
	r := a.config.Services.Receive
	if a.services == nil {
		return nil
	}
	settings := otlp.Config{}
	for _, at := range []struct {
		setting, address string
		to               *net.Listener
	}{{"services.grpc", r.GRPC, &settings.GRPC}, {"services.http", r.HTTP, &settings.HTTP}} {
		if at.address == "" {
			continue
		}
		l, err := listen(ctx, at.address)
		if err != nil {
			return fmt.Errorf("%s: %w", at.setting, err)
		}
		a.stack.add(at.setting, func(context.Context) error { return closeListener(l) })
		*at.to = l
	}
	if tokens != nil {
		settings.Allow = tokens.Knows
	}
	a.services.grpc, a.services.http = settings.GRPC, settings.HTTP
	a.services.receiver = otlp.New(settings, sink{a.services.scoring}, a.deps.Log)
	a.services.scoring.Watch()
	a.stack.add("receiver", a.services.receiver.Stop)
	return nil
}

// Receiving returns the addresses at which spans are received over gRPC and HTTP, ""
// for none.
func (a *App) Receiving() (grpc, http string) {
	if a.services == nil {
		return "", ""
	}
	address := func(l net.Listener) string {
		if l == nil {
			return ""
		}
		return l.Addr().String()
	}
	return address(a.services.grpc), address(a.services.http)
}

// tidyEvery is how often closed files of the archive are compressed and pruned.
const tidyEvery = time.Minute

// tidy looks after the files of the archive.
func (s *services) tidy(ctx context.Context, warn func(error)) error {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for {
		if err := s.archive.Tidy(time.Now()); err != nil {
			warn(err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// status tells the API how the services' part is doing.
func (s *services) status() *api.Services {
	c := s.receiver.Counts()
	return &api.Services{Scoring: s.scoring.Status(), Meters: meterStatus(s.meters), Receiver: api.Receiver{
		Requests: c.Requests, Bytes: c.Bytes, Accepted: c.Accepted, Invalid: int64(c.Invalid.Total()), Refused: c.Refused,
		Malformed: c.Malformed, TooLarge: c.TooLarge, Overloaded: c.Overloaded, Unauthorized: c.Unauthorized, Failed: c.Failed,
	}}
}

// isReceiving reports whether a configuration has services for an access.
func isReceiving(c *config.Config, access Access) bool {
	return c.Services.Receive.Enabled && access != Read
}
