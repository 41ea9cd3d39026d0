package scoring

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/window"
)

var (
	// ErrOverload reports that there is no room for spans now. Their sender comes again.
	ErrOverload = errors.New("no room for more spans at the moment")
	// ErrStopped reports spans that came after [Driver.Stop].
	ErrStopped = errors.New("scoring has stopped")
)

// Sync says when spans reach the disk.
type Sync string

// The ways to sync. Whatever the way, what was acknowledged outlives the program; only
// a loss of power or a crash of the system makes a difference.
const (
	// SyncAlways waits for the disk before it acknowledges; those that came meanwhile
	// wait together.
	SyncAlways Sync = "always"
	// SyncInterval syncs every second.
	SyncInterval Sync = "interval"
	// SyncNever leaves it to the system.
	SyncNever Sync = "never"
)

// syncEvery is the interval of [SyncInterval].
const syncEvery = time.Second

// Config says how windows are cut.
type Config struct {
	// Scoring is how they are scored.
	Scoring window.Config
	// Window is how long one is at most while spans come, and MaxBytes how large its
	// journal may be, about 16 bytes for a span.
	Window   time.Duration
	MaxBytes int64
	// Journal is the folder of the journals. It is created.
	Journal string
	Sync    Sync
	// Queue is how many batches may wait; more are refused.
	Queue int
	// Accounts is how many combinations of service, region and environment are told
	// apart over a day. What else comes is counted as others.
	Accounts int
}

// Defaults returns windows of a minute and 128 MiB, without folder and scoring.
func Defaults() Config {
	return Config{Window: time.Minute, MaxBytes: 128 << 20, Sync: SyncAlways, Queue: 64, Accounts: 1 << 14}
}

// Validate returns all that is wrong with the config, as a [diag.List].
func (c Config) Validate() error {
	var list diag.List
	wrong := func(is bool, format string, args ...any) {
		if is {
			list = append(list, diag.New("", format, args...))
		}
	}
	wrong(c.Window < time.Second || c.Window > 24*time.Hour, "window: %v: from 1s to 24h", c.Window)
	wrong(c.MaxBytes < 1<<16, "window_bytes: %d: at least 65536", c.MaxBytes)
	wrong(c.Journal == "", "journal: required")
	wrong(c.Sync != SyncAlways && c.Sync != SyncInterval && c.Sync != SyncNever, "sync: %q: use always, interval or never", c.Sync)
	wrong(c.Accounts < 1, "accounts: %d: at least 1", c.Accounts)
	wrong(c.Queue < 1, "queue: %d: at least 1", c.Queue)
	return list.Err()
}

// Archive is where windows go.
type Archive interface {
	// Next returns the place that Append gives a window scored at an instant.
	Next(scored time.Time) (account.Mark, error)
	// Append keeps a window for good and returns its place. After an error it is not
	// known whether it is kept; Holds tells.
	Append(w *window.Window, scored time.Time) (account.Mark, error)
	// Holds reports whether a window was kept at a place, be it that it was pruned since.
	Holds(at account.Mark) (bool, error)
}

// Deps is what a driver works with.
type Deps struct {
	Archive Archive
	// Book is told of each window that was archived; nil for nobody.
	Book *Book
	// Live returns the intensities of the time from and to, in nanoseconds since the
	// Unix epoch; nil for none.
	Live func(ctx context.Context, from, to int64) (map[string][]window.Live, error)
	// Readings returns what meters measured in this time; nil for none.
	Readings func(ctx context.Context, from, to int64) ([]window.Reading, error)
	// Resume is told, before Readings is called, from which instant on windows are still to
	// be closed: what was given for such by a former program was not kept. It may be nil.
	Resume func(from int64)
	// Now is the clock by which spans are dated and windows named; nil for that of the
	// machine. It may be put back: how long a window lasts is not measured by it.
	Now func() time.Time
	Log *slog.Logger
}

// Driver takes spans and makes windows. Make one with [New], and end it with
// [Driver.Stop]. Its methods may be called from several goroutines.
type Driver struct {
	config Config
	Deps

	queue    chan *batch
	sealed   chan *segment
	stopping chan struct{}
	stop     sync.Once
	working  sync.WaitGroup
	// accepting is held for reading while a batch is given to the queue, so that none
	// comes in after the last was taken out.
	accepting sync.RWMutex
	stopped   bool

	encoders sync.Pool
	scorers  sync.Pool

	// Of the goroutine that commits alone.
	open   *segment
	next   uint64 // the number of the next journal
	synced time.Time

	watching atomic.Bool // spans can come
	busy     atomic.Bool // a window is being closed
	full     atomic.Bool // the open window cannot be closed and is too large
	refused  atomic.Uint64
	counters counters
}

// batch is spans on their way into the journal.
type batch struct {
	spans    []window.Span
	rejected uint64
	record   []byte
	done     chan error
}

// segment is a window that is being filled or closed.
type segment struct {
	*journal
	scorer   *window.Scorer
	from, to int64
	opened   time.Time // for how long it has been open
	rejected uint64
	late     uint64
	blind    int64 // nanoseconds in which nothing could come
	closed   *closing
}

// New returns a driver that goes on where a former one ended, however that was.
// It begins to work at once.
func New(c Config, d Deps) (*Driver, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if _, err := window.New(c.Scoring); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.Journal, 0o750); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	s := &Driver{config: c, Deps: d, queue: make(chan *batch, c.Queue), sealed: make(chan *segment), stopping: make(chan struct{})}
	s.config.Scoring.Admit = newGate(c, d.Book).admit
	s.encoders.New = func() any { return &encoder{} }
	sealed, err := s.replay(s.Now().UnixNano())
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", c.Journal, err)
	}
	if s.Resume != nil {
		s.Resume(firstUnclosed(append(slices.Clone(sealed), s.open)))
	}
	s.busy.Store(true)
	s.working.Go(func() { s.closeAll(sealed) })
	s.working.Go(s.commitAll)
	return s, nil
}

// firstUnclosed returns when the first of some windows begins whose readings were not
// journaled. They are in order, and the last one is open.
func firstUnclosed(windows []*segment) int64 {
	i := slices.IndexFunc(windows, func(s *segment) bool { return s.closed == nil })
	return windows[i].from
}

// Accept takes spans, and how many of a request were not valid. When it returns nil they
// are in the journal: whatever happens, they will be in a window of the archive, once.
// It returns [ErrOverload] where there is no room, [ErrStopped], or what is wrong with
// the disk; then none of them is counted. The spans are the caller's again afterwards.
func (d *Driver) Accept(spans []window.Span, rejected int) error {
	e := d.encoders.Get().(*encoder)
	defer d.encoders.Put(e)
	b := &batch{spans: spans, rejected: uint64(max(rejected, 0)), done: make(chan error, 1)}
	b.record = e.batch(d.Now().UnixNano(), spans, b.rejected)
	if err := d.enqueue(b); err != nil {
		if errors.Is(err, ErrOverload) {
			d.refused.Add(uint64(len(spans)))
			d.counters.refused.Add(uint64(len(spans)))
		}
		return err
	}
	return <-b.done
}

// enqueue gives a batch to the goroutine that commits.
func (d *Driver) enqueue(b *batch) error {
	d.accepting.RLock()
	defer d.accepting.RUnlock()
	if d.stopped {
		return ErrStopped
	}
	if d.full.Load() {
		return ErrOverload
	}
	select {
	case d.queue <- b:
		return nil
	default:
		return ErrOverload
	}
}

// Stop takes no more spans, closes the open window and waits until it is archived, or
// the context ends: then what is in the journal stays there for the next driver.
func (d *Driver) Stop(ctx context.Context) error {
	d.stop.Do(func() {
		d.accepting.Lock()
		d.stopped = true
		d.accepting.Unlock()
		close(d.stopping)
	})
	done := make(chan struct{})
	go func() {
		d.working.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close the last window: %w", context.Cause(ctx))
	}
}
