// Package slots drives the ledger: it closes slots when they are due, catches up
// after downtime, fills in the past, and restates closed slots when something
// more is learnt.
//
//	sources ──read──▶ facts ─┐
//	directories ─▶ holdings ─┼─derive─▶ entries ──commit──▶ ledger
//	intensity sources ───────┘
//
// Everything that is learnt gets a time, and no commit leaves out what was known
// at its own: a commit of time T is derived from all that is known until T. So
// the ledger can derive again what it showed at any time.
//
// The driver may be killed at any instant. A slot is one transaction; what was
// learnt is stored before slots are restated for it, and at its next start the
// driver restates what it had not come to.
package slots

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/directory"
	"github.com/dendro-carbon/dendro/internal/intensity"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/source"
)

// ErrConfig reports a configuration that the driver cannot use.
var ErrConfig = errors.New("slot driver: configuration is not valid")

// Config says when the driver does what. Zero fields other than Method stand for
// the values of [Defaults].
type Config struct {
	// Method is the method of the ledger's own entries.
	Method derive.Method
	// Grace is how long after its end a slot is closed: samples arrive late.
	Grace time.Duration
	// Recheck is the ages at which a closed slot is read again, ascending. What
	// is known of a slot depends on samples up to the longest gap that is
	// bridged around it, and whether a host was missed on the longest silence
	// within one life; so one age is beyond each of them.
	Recheck []time.Duration
	// ReviseFor is how long values of intensities are asked for again.
	ReviseFor time.Duration
	// CatchUp is how far back slots are closed that were missed; older ones
	// are for Backfill.
	CatchUp time.Duration
	// KeepFacts is how long facts are kept; 0 keeps them for ever. It is longer
	// than anything that changes closed slots.
	KeepFacts time.Duration
	// IntensityEvery, DirectoryEvery and OpenEvery are how often intensities,
	// directories and the open slot are asked for.
	IntensityEvery, DirectoryEvery, OpenEvery time.Duration
	// RetryAfter is how long after a failure the same thing is tried again; it
	// doubles with each further failure up to RetryMax.
	RetryAfter, RetryMax time.Duration
	// ReadSlots is how many slots are read at once when there are many, and
	// Parallel how many such reads go on at a time.
	ReadSlots, Parallel int
}

// Defaults returns the default configuration without a method.
func Defaults() Config {
	return Config{
		Grace:     2 * time.Minute,
		Recheck:   []time.Duration{time.Hour, 7 * time.Hour, 25 * time.Hour},
		ReviseFor: 7 * 24 * time.Hour, CatchUp: 7 * 24 * time.Hour,
		IntensityEvery: 10 * time.Minute, DirectoryEvery: time.Minute, OpenEvery: time.Minute,
		RetryAfter: 10 * time.Second, RetryMax: 5 * time.Minute,
		ReadSlots: 12, Parallel: 2,
	}
}

// withDefaults fills in zero fields.
func (c Config) withDefaults() Config {
	d := Defaults()
	for _, f := range []struct{ have, fallback *time.Duration }{
		{&c.Grace, &d.Grace},
		{&c.ReviseFor, &d.ReviseFor},
		{&c.CatchUp, &d.CatchUp},
		{&c.IntensityEvery, &d.IntensityEvery},
		{&c.DirectoryEvery, &d.DirectoryEvery},
		{&c.OpenEvery, &d.OpenEvery},
		{&c.RetryAfter, &d.RetryAfter},
		{&c.RetryMax, &d.RetryMax},
	} {
		if *f.have == 0 {
			*f.have = *f.fallback
		}
	}
	if c.Recheck == nil {
		c.Recheck = d.Recheck
	}
	if c.ReadSlots == 0 {
		c.ReadSlots = d.ReadSlots
	}
	if c.Parallel == 0 {
		c.Parallel = d.Parallel
	}
	return c
}

// Deps is what the driver works with.
type Deps struct {
	Store ledger.Store
	// Sources are read for every slot; a slot is closed when all have answered.
	Sources []source.Source
	// Intensities are the chain, best first, named as in the method.
	Intensities []intensity.Source
	Directories []directory.Source
	Log         *slog.Logger
}

// Driver drives one ledger. Its methods may be called from several goroutines;
// [Driver.Run] by one at a time.
type Driver struct {
	config Config
	Deps
	clock clock
	// working is held while something is stored as known, and from when a
	// commit takes what is known until it is done: no commit misses what was
	// known at its time. Reading from sources, which takes long, needs no lock.
	// [Driver.begin] takes it, and the turn among several processes.
	working sync.Mutex
	// unfinished says that another process may have stopped in the middle.
	unfinished atomic.Bool
	// asked is for how many regions intensities were asked.
	asked atomic.Int64

	open      atomic.Pointer[Open]
	forecasts atomic.Pointer[map[string][]account.Intensity]
	events    hub
	status    board

	cursorsMu sync.Mutex
	cursors   map[string]string // by directory

	// Of Run alone.
	began     time.Time     // when the ledger got its first method
	rechecked map[int64]int // by slot, how many of the config's ages are done

	logsMu  sync.Mutex
	logSeen map[int64]account.Mark // how far logs were read by slot, beyond what is stored
}

// New returns a driver. It returns [ErrConfig], or what is wrong with the method
// or the chain.
func New(c Config, d Deps) (*Driver, error) {
	c = c.withDefaults()
	if err := c.Method.Validate(); err != nil {
		return nil, err
	}
	var infos []intensity.Info
	for i, s := range d.Intensities {
		infos = append(infos, s.Info())
		if i >= len(c.Method.Chain) || c.Method.Chain[i] != s.Info().Name {
			return nil, fmt.Errorf("%w: intensity source %q is not number %d of the method's chain %q", ErrConfig, s.Info().Name, i+1, c.Method.Chain)
		}
		if s.Info().Accounting != c.Method.Accounting {
			return nil, fmt.Errorf("%w: intensity source %q counts %v, the method counts %v", ErrConfig, s.Info().Name, s.Info().Accounting, c.Method.Accounting)
		}
	}
	if len(infos) > 0 {
		if err := intensity.CheckChain(infos); err != nil {
			return nil, err
		}
	}
	if !slices.IsSorted(c.Recheck) || c.Grace < 0 || c.ReadSlots < 1 || c.Parallel < 1 {
		return nil, fmt.Errorf("%w: recheck ages must ascend, grace must not be negative, read_slots and parallel must be at least 1", ErrConfig)
	}
	return &Driver{config: c, Deps: d, cursors: map[string]string{}, rechecked: map[int64]int{}, logSeen: map[int64]account.Mark{}}, nil
}

// clock gives times of knowledge that only ever rise, whatever the machine's clock
// does.
type clock struct {
	mu   sync.Mutex
	last time.Time
}

// after makes sure that later times are after t.
func (c *clock) after(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.After(c.last) {
		c.last = t
	}
}

// now returns the time, or the microsecond after the last one it gave.
func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := account.Instant(time.Now())
	if !now.After(c.last) {
		now = c.last.Add(time.Microsecond)
	}
	c.last = now
	return now
}

// start brings the driver up to date with the store.
func (d *Driver) start(ctx context.Context) error {
	status, err := d.Store.Status(ctx)
	if err != nil {
		return fmt.Errorf("ledger status: %w", err)
	}
	d.clock.after(status.LastKnownAt)
	end, _, err := d.takeTurn(ctx)
	if err != nil {
		return err
	}
	defer end()
	added, err := d.Store.PutMethod(ctx, ledger.MethodRecord{KnownAt: d.clock.now(), Method: d.config.Method})
	if err != nil {
		return fmt.Errorf("method: %w", err)
	}
	if added && status.Slots > 0 {
		d.Log.Info("the method has changed: closed slots will be restated", "slots", status.Slots)
	}
	return nil
}
