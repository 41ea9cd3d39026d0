package slots_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/directory"
	"github.com/dendro-carbon/dendro/internal/intensity"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/slots"
	"github.com/dendro-carbon/dendro/internal/source"
)

// mortal is a store whose process dies at the n-th write: that write is done or
// not, nothing after it is, and the driver's context ends.
type mortal struct {
	ledger.Store
	left   int
	before bool
	die    context.CancelFunc
}

var errDead = errors.New("the process is dead")

// write does a write unless the process is dead or dies before it.
func (m *mortal) write(do func() error) error {
	m.left--
	switch {
	case m.left < 0 || (m.left == 0 && m.before):
		m.die()
		return errDead
	case m.left == 0:
		defer m.die()
	}
	return do()
}

func (m *mortal) Commit(ctx context.Context, c ...ledger.Commit) error {
	return m.write(func() error { return m.Store.Commit(ctx, c...) })
}

func (m *mortal) PutIntensities(ctx context.Context, v []account.Intensity) (added []account.Intensity, err error) {
	err = m.write(func() error {
		added, err = m.Store.PutIntensities(ctx, v)
		return err
	})
	return added, err
}

func (m *mortal) PutHoldings(ctx context.Context, v []account.Holding) (added []account.Holding, err error) {
	err = m.write(func() error {
		added, err = m.Store.PutHoldings(ctx, v)
		return err
	})
	return added, err
}

// TestDiesAnywhere kills the driver at every write of an eventful half day, before
// and after the write. The next one brings the ledger to the same figures.
func TestDiesAnywhere(t *testing.T) {
	t.Parallel()
	for _, before := range []bool{true, false} {
		for n := 1; n < 300; n += 2 {
			done := false
			synctest.Test(t, func(t *testing.T) { done = dieOnce(t, n, before) })
			if done {
				t.Logf("%d writes, killed at each", n)
				break
			}
		}
	}
}

// dieOnce reports whether the n-th write was never reached.
func dieOnce(t *testing.T, n int, before bool) bool {
	begin := time.Now()
	w := newWorld("a", "b")
	w.around = 2 * time.Hour
	w.silent["a"] = []account.Span{{From: begin.Add(50 * time.Minute), To: begin.Add(110 * time.Minute)}}
	w.hold(t, "alice", "a", begin, begin.Add(70*time.Minute))
	seldom := func(c *slots.Config) {
		c.Recheck, c.ReviseFor = []time.Duration{time.Hour, 3 * time.Hour}, 12*time.Hour
		c.OpenEvery, c.DirectoryEvery = 25*time.Minute, 10*time.Minute
	}
	store := memory.New(calendar(t))
	ctx, cancel := context.WithDeadline(t.Context(), begin.Add(4*time.Hour))
	defer cancel()
	m := &mortal{Store: store, left: n, before: before, die: cancel}
	time.AfterFunc(150*time.Minute, func() { w.hold(t, "alice", "a", begin, begin.Add(40*time.Minute)) })
	if err := newDriver(t, w, m, seldom).Run(ctx); err != nil && !errors.Is(err, errDead) {
		t.Fatalf("write %d: %v", n, err)
	}
	time.Sleep(time.Until(begin.Add(4 * time.Hour)))
	live(t, newDriver(t, w, store, seldom), begin.Add(8*time.Hour))
	span := account.NewSpan(begin, begin.Add(4*time.Hour))
	sameFigures(t, "figures", figures(t, rebuilt(t, w, span), span), figures(t, store, span))
	return m.left > 0
}

// TestClockJumpsBack holds that times of knowledge rise whatever the clock does.
func TestClockJumpsBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		w := newWorld("a")
		store := memory.New(calendar(t))
		ahead := begin.AddDate(0, 1, 0)
		if _, err := store.PutMethod(t.Context(), ledger.MethodRecord{KnownAt: ahead, Method: method()}); err != nil {
			t.Fatal(err)
		}
		live(t, newDriver(t, w, store), begin.Add(3*time.Hour))
		got := states(t, store)
		if len(got) != 5 {
			t.Fatalf("%d slots closed", len(got))
		}
		for _, s := range got {
			if !s.KnownAt.After(ahead) {
				t.Errorf("slot %v is known at %v, before what was known already", s.Slot, s.KnownAt)
			}
		}
	})
}

// once is a source that cannot be read again: it forgets what it has told.
type once struct {
	*world
}

func (o *once) Info() source.Info { return source.Info{Name: "once"} }

func (o *once) Read(ctx context.Context, r source.Request) iter.Seq2[source.Reading, error] {
	return func(yield func(source.Reading, error) bool) {
		for reading, err := range o.world.Read(ctx, r) {
			if err == nil {
				for i := range reading.Facts.Subjects {
					reading.Facts.Subjects[i].Host = "once-" + reading.Facts.Subjects[i].Host
				}
				reading.Facts.Origins[0].Source = "once"
			}
			if !yield(reading, err) {
				return
			}
		}
	}
}

// TestReadOnce holds that reading a slot again keeps what a source said that cannot
// be asked again.
func TestReadOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		w := newWorld("a")
		w.silent["a"] = []account.Span{{From: begin.Add(20 * time.Minute), To: begin.Add(100 * time.Minute)}}
		store := memory.New(calendar(t))
		c := slots.Config{Method: method()}
		d, err := slots.New(c, slots.Deps{
			Store: store, Sources: []source.Source{w, &once{world: newWorld("x")}}, Intensities: []intensity.Source{grid{w}}, Log: quiet(),
		})
		if err != nil {
			t.Fatal(err)
		}
		live(t, d, begin.Add(9*time.Hour))
		if restatements(t, store)[ledger.ReasonLate] == 0 {
			t.Error("nothing was read differently")
		}
		for _, s := range states(t, store)[:4] {
			if s.Total.Observed < 2*s.Slot.Length()-30_000_000 {
				t.Errorf("slot %v: observed %v of two hosts", s.Slot, s.Total.Observed)
			}
		}
	})
}

func TestSlowSubscriber(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("a")
		d := newDriver(t, w, memory.New(calendar(t)))
		events, end := d.Subscribe()
		if _, err := d.Backfill(t.Context(), account.NewSpan(time.Now().Add(-48*time.Hour), time.Now()), nil); err != nil {
			t.Fatal(err)
		}
		for range 64 {
			<-events
		}
		live(t, d, time.Now().Add(35*time.Minute))
		if e := <-events; e.Missed != 95-64 {
			t.Errorf("missed %d events, want 31", e.Missed)
		}
		end()
		end()
		for range events {
		}
	})
}

// TestGridDown holds that slots close without an intensity, as a gap of carbon, and
// get their carbon when the source is back.
func TestGridDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		w := newWorld("a")
		w.gridDown = true
		store := memory.New(calendar(t))
		d := newDriver(t, w, store)
		live(t, d, begin.Add(2*time.Hour))
		for _, s := range states(t, store) {
			if f := s.Total.Figures(); f.Operational != nil || f.Energy == nil || *f.CarbonCoverage != 0 {
				t.Errorf("slot %v: %+v", s.Slot, f)
			}
		}
		if _, failing := d.Status().Troubles["intensity"]; !failing {
			t.Errorf("status %+v", d.Status())
		}
		w.gridDown = false
		live(t, d, begin.Add(3*time.Hour))
		for _, s := range states(t, store) {
			if s.Total.CarbonEnergy != s.Total.Energy {
				t.Errorf("slot %v: %+v", s.Slot, s.Total)
			}
		}
	})
}

// forgetful is a directory that loses its cursors, as after a restore.
type forgetful struct {
	people
	calls int
}

func (f *forgetful) Changes(ctx context.Context, cursor string) (directory.Update, error) {
	f.calls++
	if cursor != "" && f.calls%3 == 0 {
		return directory.Update{}, directory.ErrCursor
	}
	return f.people.Changes(ctx, cursor)
}

func TestDirectoryForgets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		w := newWorld("a")
		w.hold(t, "alice", "a", begin, time.Time{})
		store := memory.New(calendar(t))
		d, err := slots.New(slots.Config{Method: method()}, slots.Deps{
			Store: store, Sources: []source.Source{w}, Intensities: []intensity.Source{grid{w}},
			Directories: []directory.Source{&forgetful{people: people{w}}}, Log: quiet(),
		})
		if err != nil {
			t.Fatal(err)
		}
		live(t, d, begin.Add(time.Hour))
		if troubles := d.Status().Troubles; len(troubles) != 0 {
			t.Errorf("troubles %+v", troubles)
		}
		n := 0
		for _, err := range store.Holdings(t.Context(), account.NewSpan(begin, begin.Add(time.Hour)), time.Time{}) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != 1 {
			t.Errorf("%d revisions of one holding that never changed", n)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld("a")
	for name, tt := range map[string]struct {
		change func(*slots.Config, *slots.Deps)
		want   error
	}{
		"no method":   {func(c *slots.Config, _ *slots.Deps) { c.Method = derive.Method{} }, derive.ErrMethod},
		"other chain": {func(c *slots.Config, _ *slots.Deps) { c.Method.Chain = []string{"other"} }, slots.ErrConfig},
		"source twice": {func(c *slots.Config, d *slots.Deps) {
			c.Method.Chain, d.Intensities = []string{"grid", "grid"}, []intensity.Source{grid{w}, grid{w}}
		}, intensity.ErrChain},
		"accounting":     {func(c *slots.Config, _ *slots.Deps) { c.Method.Accounting.Scope = "lifecycle" }, slots.ErrConfig},
		"ages fall":      {func(c *slots.Config, _ *slots.Deps) { c.Recheck = []time.Duration{2, 1} }, slots.ErrConfig},
		"negative grace": {func(c *slots.Config, _ *slots.Deps) { c.Grace = -1 }, slots.ErrConfig},
		"no readers":     {func(c *slots.Config, _ *slots.Deps) { c.Parallel = -1 }, slots.ErrConfig},
	} {
		c, d := slots.Config{Method: method()}, slots.Deps{Store: memory.New(calendar(t)), Intensities: []intensity.Source{grid{w}}}
		tt.change(&c, &d)
		if _, err := slots.New(c, d); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}
