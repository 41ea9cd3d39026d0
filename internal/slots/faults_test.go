package slots_test

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/intensity"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/slots"
	"github.com/dendro-carbon/dendro/internal/source"
)

// fullDisk is a store without room for slots at times.
type fullDisk struct {
	ledger.Store
	full atomic.Bool
}

func (f *fullDisk) Commit(ctx context.Context, c ...ledger.Commit) error {
	if f.full.Load() {
		return errors.New("no room on the disk")
	}
	return f.Store.Commit(ctx, c...)
}

// TestNoRoomToRestate holds that slots are restated for what was learnt while there
// was no room for it, once there is: nobody tells it a second time.
func TestNoRoomToRestate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		w := newWorld("a", "b")
		store := &fullDisk{Store: memory.New(calendar(t))}
		time.AfterFunc(2*time.Hour, func() {
			store.full.Store(true)
			w.hold(t, "alice", "a", begin, begin.Add(70*time.Minute))
		})
		time.AfterFunc(2*time.Hour+15*time.Minute, func() { store.full.Store(false) })
		live(t, newDriver(t, w, store), begin.Add(4*time.Hour))
		span := account.NewSpan(begin, begin.Add(2*time.Hour))
		sameFigures(t, "figures", figures(t, rebuilt(t, w, span), span), figures(t, store, span))
	})
}

// TestForecastStays holds that forecasts go on being shown while the source that
// gave them does not answer.
func TestForecastStays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		w := newWorld("a")
		d := newDriver(t, w, memory.New(calendar(t)))
		live(t, d, begin.Add(15*time.Minute))
		before := len(d.Forecast("GB"))
		w.gridDown = true
		live(t, d, begin.Add(75*time.Minute))
		got := d.Forecast("GB")
		if before < 96 || len(got) != before-2 || got[0].Span.To.Before(time.Now()) {
			t.Errorf("%d forecasts before the source failed, %d an hour later", before, len(got))
		}
		w.gridDown = false
		live(t, d, begin.Add(90*time.Minute))
		if got := d.Forecast("GB"); len(got) != before {
			t.Errorf("%d forecasts when it works again, %d before", len(got), before)
		}
	})
}

// unique is a world that cannot be read again.
type unique struct{ *world }

func (u unique) Info() source.Info { return source.Info{Name: u.name} }

// TestFirstSourceStays holds that a slot that is read again keeps what the first
// source that knows a host has said, also where only later ones can be read again.
func TestFirstSourceStays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		w, first := newWorld("a"), newWorld("a")
		first.name = "unique"
		w.silent["a"] = []account.Span{account.NewSpan(begin.Add(40*time.Minute), begin.Add(50*time.Minute))}
		store := memory.New(calendar(t))
		d, err := slots.New(slots.Config{Method: method()}, slots.Deps{
			Store: store, Sources: []source.Source{unique{first}, w}, Intensities: []intensity.Source{grid{w}}, Log: quiet(),
		})
		if err != nil {
			t.Fatal(err)
		}
		live(t, d, begin.Add(9*time.Hour))
		if n := restatements(t, store)[ledger.ReasonLate]; n != 0 {
			t.Errorf("%d slots took what the second source says", n)
		}
		for e, err := range store.Entries(t.Context(), account.NewSpan(begin, begin.Add(9*time.Hour)), nil) {
			if err != nil || e.Basis.Origin.Source != "unique" {
				t.Fatalf("slot %v: %v, %v", e.Slot, e.Basis.Origin, err)
			}
		}
	})
}

// TestGoneWhenReadAgain holds that a source that has lost older slots does not keep
// newer ones from being read again.
func TestGoneWhenReadAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		w := newWorld("a", "b")
		store := memory.New(calendar(t))
		d := newDriver(t, w, store, func(c *slots.Config) { c.Recheck = []time.Duration{10 * time.Minute, 3 * time.Hour} })
		late := account.NewSpan(begin.Add(4*time.Hour), begin.Add(4*time.Hour+30*time.Minute))
		live(t, d, begin.Add(2*time.Hour))
		w.keeps = 2 * time.Hour // slots of more than that ago are gone
		w.silent["a"] = []account.Span{late}
		live(t, d, late.To.Add(5*time.Minute))
		w.silent["a"] = nil
		live(t, d, begin.Add(6*time.Hour))
		if troubles := d.Status().Troubles; len(troubles) != 0 {
			t.Errorf("troubles: %+v", troubles)
		}
		for _, s := range states(t, store) {
			if want := 2*s.Slot.Length() - 60_000_000; s.Total.Observed < want {
				t.Errorf("slot %v: observed %v, want at least %v", s.Slot, s.Total.Observed, want)
			}
		}
	})
}

// marked is a world that tells how far its log was read.
type marked struct{ *world }

func (m marked) Read(ctx context.Context, r source.Request) iter.Seq2[source.Reading, error] {
	return func(yield func(source.Reading, error) bool) {
		for reading, err := range m.world.Read(ctx, r) {
			reading.Mark = account.Mark{File: 1, Seq: 7}
			if !yield(reading, err) {
				return
			}
		}
	}
}

// TestMarkBesideGone holds that how far a log was read is kept also where another
// source keeps nothing of the slot, whichever comes last.
func TestMarkBesideGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log, w, gone := newWorld("a"), newWorld("b"), newWorld("c")
		log.name, gone.name, gone.keeps = "log", "gone", time.Minute
		store := memory.New(calendar(t))
		d, err := slots.New(slots.Config{Method: method()}, slots.Deps{
			Store: store, Sources: []source.Source{marked{log}, w, gone}, Intensities: []intensity.Source{grid{w}}, Log: quiet(),
		})
		if err != nil {
			t.Fatal(err)
		}
		live(t, d, time.Now().Add(40*time.Minute))
		got := states(t, store)
		if len(got) != 1 || got[0].Mark != (account.Mark{File: 1, Seq: 7}) {
			t.Errorf("%+v", got)
		}
	})
}
