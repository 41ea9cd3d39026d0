package slots

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/ledger"
)

// ErrMethod reports that another server on the same ledger has another method:
// only one can be the ledger's own.
var ErrMethod = errors.New("another server on this ledger has another method")

const (
	// turnTerm is how long a process may take to derive and commit a few slots
	// before others stop waiting for it. It takes milliseconds.
	turnTerm = time.Minute
	// closeTerm is how long reading a few slots may take before others read
	// them too.
	closeTerm = 5 * time.Minute
	// leaseMargin is how much longer than to its next time a duty is kept.
	leaseMargin = time.Minute
)

// begin takes the turn to learn something, or to derive and commit, in this
// process and in the ledger, and returns what ends it. Within it the clock is
// later than all that is known to anybody.
func (d *Driver) begin(ctx context.Context) (end func(), err error) {
	end, shared, err := d.takeTurn(ctx)
	if err == nil && shared {
		err = d.checkMethod(ctx)
		if err != nil {
			end()
		}
	}
	return end, err
}

// takeTurn is begin for who does not know the method yet.
func (d *Driver) takeTurn(ctx context.Context) (end func(), shared bool, err error) {
	d.working.Lock()
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		g, err := d.Store.Claim(ctx, ledger.Turn, turnTerm)
		if err == nil && !g.Held {
			if wait(ctx, pause); ctx.Err() == nil {
				continue
			}
			err = context.Cause(ctx)
		}
		if err != nil {
			d.working.Unlock()
			return nil, false, fmt.Errorf("wait for the turn: %w", err)
		}
		shared = !g.LastKnownAt.IsZero()
		d.clock.after(g.LastKnownAt)
		return func() {
			defer d.working.Unlock()
			if shared {
				d.release(ctx, ledger.Turn)
			}
		}, shared, nil
	}
}

// release gives a lease back, also when the work ends because the program does.
func (d *Driver) release(ctx context.Context, work string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := d.Store.Release(ctx, work); err != nil {
		d.Log.Warn("lease was not given back and ends by itself", "work", work, "error", err)
	}
}

// checkMethod makes sure that no other server has changed the method.
func (d *Driver) checkMethod(ctx context.Context) error {
	newest, err := ledger.MethodAt(ctx, d.Store, time.Time{})
	if err != nil {
		return err
	}
	theirs, err := ledger.EncodeMethod(newest)
	if err != nil {
		return err
	}
	ours, err := ledger.EncodeMethod(d.config.Method)
	if err != nil || bytes.Equal(theirs, ours) {
		return err
	}
	return fmt.Errorf("%w: give all servers one configuration and start this one again", ErrMethod)
}

// claim takes or keeps a duty. One that was another process's may have been left
// half done.
func (d *Driver) claim(ctx context.Context, name string, every time.Duration) (bool, error) {
	g, err := d.Store.Claim(ctx, "duty "+name, every+leaseMargin)
	if err != nil {
		return false, err
	}
	if g.Fresh && name != dutyFinish {
		d.unfinished.Store(true)
	}
	return g.Held, nil
}

// forget drops the facts of slots beyond the configured age.
func (d *Driver) forget(ctx context.Context) error {
	const atOnce = 50 // slots of a transaction
	for n := atOnce; n == atOnce; {
		end, err := d.begin(ctx)
		if err != nil {
			return err
		}
		n, err = d.Store.DropFacts(ctx, time.Now().Add(-d.config.KeepFacts), atOnce)
		end()
		if err != nil {
			return err
		}
		if n > 0 {
			d.Log.Info("facts dropped", "slots", n, "older_than", d.config.KeepFacts)
		}
	}
	return nil
}
