package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/slots"
)

// ErrNotReplayable reports work on the past with sources that keep nothing of it.
var ErrNotReplayable = errors.New("the source keeps nothing of the past")

// Worker does long work for commands: what [slots.Driver] does, with a word where it
// could do nothing.
type Worker struct{ driver *slots.Driver }

// Worker returns who does long work. It must not be called for [Read].
func (p *Parts) Worker() Worker { return Worker{p.Driver} }

// Backfill is [slots.Driver.Backfill]. It returns [ErrNotReplayable] when no source
// can be read again.
func (w Worker) Backfill(ctx context.Context, span account.Span, progress func(slots.Progress)) (slots.Progress, error) {
	if err := w.replayable(); err != nil {
		return slots.Progress{}, err
	}
	return w.driver.Backfill(ctx, span, progress)
}

// Reconcile is [slots.Driver.Reconcile]. It returns [ErrNotReplayable] when no source
// can be read again.
func (w Worker) Reconcile(ctx context.Context, span account.Span, report func(slots.Reconciliation) bool) error {
	if err := w.replayable(); err != nil {
		return err
	}
	return w.driver.Reconcile(ctx, span, report)
}

func (w Worker) replayable() error {
	var names []string
	for _, s := range w.driver.Sources {
		info := s.Info()
		if info.Replayable {
			return nil
		}
		names = append(names, info.Name)
	}
	return fmt.Errorf("%w: %s is seen as it happens; only a Prometheus can be read again", ErrNotReplayable, strings.Join(names, ", "))
}

// untilStop is a worker whose work ends when the server is to stop: what is done
// stays done, and the next call goes on from there.
type untilStop struct {
	Worker
	stop context.Context
}

// Backfill is [Worker.Backfill].
func (u untilStop) Backfill(ctx context.Context, span account.Span, progress func(slots.Progress)) (slots.Progress, error) {
	ctx, end := u.within(ctx)
	defer end()
	return u.Worker.Backfill(ctx, span, progress)
}

// Reconcile is [Worker.Reconcile].
func (u untilStop) Reconcile(ctx context.Context, span account.Span, report func(slots.Reconciliation) bool) error {
	ctx, end := u.within(ctx)
	defer end()
	return u.Worker.Reconcile(ctx, span, report)
}

// backupFolder is where backups are made, "" for a ledger that cannot be backed up.
func (a *App) backupFolder() string {
	if a.config.Ledger == config.LedgerMemory {
		return ""
	}
	return a.config.Data
}

// backup writes the ledger into a new file, unless the server is to stop before.
func (a *App) backup(ctx context.Context, file string) error {
	ctx, end := untilStop{stop: a.stopsServing}.within(ctx)
	defer end()
	return Kept{Upkeep{Log: a.deps.Log}, a.config}.Backup(ctx, file)
}

// within returns a context that also ends with the server.
func (u untilStop) within(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	forget := context.AfterFunc(u.stop, func() { cancel(errStopped) })
	return ctx, func() {
		forget()
		cancel(nil)
	}
}
