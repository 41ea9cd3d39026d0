// Package app is the running program: it makes all parts of a configuration,
// starts them, and stops them in order. All wiring is here, so that tests start
// the real thing, several at a time.
//
//	config ─▶ sources, intensities ─▶ driver ─▶ ledger ◀─ engine ◀─ api ◀─ listener
//
// What a reader would get wrong: [App.Stop] ends what [New] has made even when
// [App.Start] was never called.
package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/remote"
)

// App is a server. Make one with [New]. Its methods may be called from several
// goroutines.
type App struct {
	*Parts

	config   *config.Config
	deps     Deps
	listener net.Listener
	server   *http.Server
	address  remote.Address

	group  *errgroup.Group
	run    context.Context // of everything that Start begins
	cancel context.CancelFunc
	// stopsServing ends when the server is to stop: what would go on for long ends
	// with it.
	stopsServing context.Context
	endServing   context.CancelFunc

	stopping sync.Once
	stopped  error
	stack    cleanups
}

// errStopped is why the context of a server that is asked to stop ends.
var errStopped = errors.New("the server is stopping")

// New opens the ledger, makes all parts and binds the listener. Nothing is
// answered or collected before [App.Start]. On an error everything is released.
func New(ctx context.Context, c *config.Config, d Deps) (*App, error) {
	a := &App{config: c, deps: d.withDefaults()}
	var run context.Context
	run, a.cancel = context.WithCancel(context.WithoutCancel(ctx))
	a.group, a.run = errgroup.WithContext(run)
	a.stopsServing, a.endServing = context.WithCancel(context.Background())
	if err := a.build(ctx); err != nil {
		a.cancel()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return nil, errors.Join(err, a.Stop(stop))
	}
	return a, nil
}

func (a *App) build(ctx context.Context) error {
	var err error
	if a.Parts, err = Open(ctx, a.config, a.deps, Write); err != nil {
		return err
	}
	a.stack.add("parts", a.Parts.Close)
	a.stack.add("work", a.endWork)
	listener, err := listen(ctx, a.config.Listen)
	if err != nil {
		return err
	}
	a.listener = listener
	a.stack.add("listener", func(context.Context) error { return closeListener(listener) })
	a.address = remote.NewAddress("http://" + listener.Addr().String())
	tokens, err := a.watchTokens()
	if err != nil {
		return err
	}
	if err := a.listenServices(ctx, tokens); err != nil {
		return err
	}
	handler, err := a.handler(tokens)
	if err != nil {
		return err
	}
	a.server = a.newServer(handler)
	a.stack.add("http", a.endServer)
	if a.config.Ledger == config.LedgerMemory {
		return nil // nobody else could read it, and its folder may be another server's
	}
	remove, err := a.address.Leave(a.config.Data)
	if err != nil {
		return err
	}
	a.stack.add("address", func(context.Context) error { return remove() })
	return nil
}

// Start begins to collect and to answer. Call it once.
func (a *App) Start() {
	for _, run := range a.background {
		a.begin("observe", run)
	}
	a.begin("collect", a.Driver.Run)
	if s := a.services; s != nil {
		a.begin("receive", func(context.Context) error { return s.receiver.Serve() })
		a.begin("archive", func(ctx context.Context) error {
			return s.tidy(ctx, func(err error) { a.deps.Log.Warn("window archive not tidied", "error", err) })
		})
	}
	if a.config.Source.Kind == config.SourceDemo {
		a.begin("simulate", a.simulate)
	}
	a.begin("serve", func(context.Context) error {
		if err := a.server.Serve(a.listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
}

// begin runs a part of the server until it is stopped. A part that fails ends the
// others.
func (a *App) begin(name string, run func(context.Context) error) {
	a.group.Go(func() error {
		if err := run(a.run); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	})
}

// simulate fills in the past of a facility that has none: the ledger is empty at
// each start.
func (a *App) simulate(ctx context.Context) error {
	now := time.Now()
	begin := now.Truncate(24*time.Hour).AddDate(0, 0, -a.config.Source.Demo.Days)
	past := account.NewSpan(begin, now)
	end, err := a.Driver.Backfill(ctx, past, nil)
	if err == nil && a.simulated != nil {
		err = a.simulated.disclose(ctx, a.Parts, past)
	}
	if ctx.Err() != nil {
		return nil
	}
	a.deps.Log.Info("simulated the past", "slots", end.Done, "took", time.Since(now).Round(time.Millisecond))
	return err
}

// URL returns the base of the server's addresses.
func (a *App) URL() string { return a.address.URL }

// Done is closed when a part has failed, or the server is stopped. [App.Stop] tells
// the failure.
func (a *App) Done() <-chan struct{} { return a.run.Done() }

// Stop ends everything in the opposite order of its beginning: requests are
// answered, the driver finishes its transaction, the ledger is closed. It
// returns what failed, here or before, and comes back when ctx ends at the
// latest. It is idempotent: later calls wait for the first and return the same.
func (a *App) Stop(ctx context.Context) error {
	a.stopping.Do(func() { a.stopped = a.stack.drain(ctx) })
	return a.stopped
}

// endWork ends the driver and waits for all goroutines of Start.
func (a *App) endWork(context.Context) error {
	a.cancel()
	return a.group.Wait()
}
