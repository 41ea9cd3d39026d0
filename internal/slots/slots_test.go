package slots_test

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/intensity"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/slots"
	"github.com/dendro-carbon/dendro/internal/source"
)

func sameFigures(t *testing.T, what string, want, got []ledger.SlotEntry) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b account.Labels) bool { return a == b })); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// TestClosesOnTime lives two hours and a half.
func TestClosesOnTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		w := newWorld("a", "b")
		store := memory.New(calendar(t))
		d := newDriver(t, w, store)
		events, end := d.Subscribe()
		closed := 0
		go func() {
			for e := range events {
				if e.Kind == slots.EventClosed {
					closed++
				}
			}
		}()
		live(t, d, begin.Add(149*time.Minute))
		end()
		synctest.Wait()
		got := states(t, store)
		if len(got) != 4 {
			t.Fatalf("%d slots closed in 149 minutes, want 4", len(got))
		}
		for i, s := range got {
			due := begin.Add(time.Duration(i+1)*account.DefaultStep + 2*time.Minute)
			if late := s.FirstKnownAt.Sub(due); late < 0 || late > time.Second {
				t.Errorf("slot %v was closed %v after it was due", s.Slot, late)
			}
		}
		if closed != 4 || d.Status().LastClosed != got[3].Slot || d.Status().Waiting != 0 || len(d.Status().Troubles) != 0 {
			t.Errorf("%d events, status %+v", closed, d.Status())
		}
		if open := d.Open(); open == nil || len(open.Slots) != 1 || open.Slots[0].Slot.From != got[3].Slot.To || len(open.Slots[0].Entries) == 0 {
			t.Errorf("open slot: %+v", open)
		}
		if len(d.Forecast("GB")) < 90 {
			t.Errorf("%d values of forecast", len(d.Forecast("GB")))
		}
	})
}

// TestLiveEqualsRebuilt lives a day of troubles: hosts that fall silent, a source
// that is down, a server that is down, forecasts that become actuals, holdings
// that are corrected. In the end the ledger shows what one shows that is filled
// from nothing.
func TestLiveEqualsRebuilt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		after := func(d time.Duration) time.Time { return begin.Add(d) }
		w := newWorld("a", "b", "c")
		w.silent["a"] = []account.Span{{From: after(130 * time.Minute), To: after(220 * time.Minute)}}
		w.silent["b"] = []account.Span{{From: after(5*time.Hour + 7*time.Minute), To: after(21 * time.Hour)}} // longer than is bridged
		w.around = 24 * time.Hour
		w.down = []account.Span{{From: after(7 * time.Hour), To: after(8 * time.Hour)}}
		w.hold(t, "alice", "a", after(0), after(100*time.Minute))
		w.hold(t, "bob", "a", after(103*time.Minute), time.Time{})
		store := memory.New(calendar(t))
		seldom := func(c *slots.Config) { c.OpenEvery = 25 * time.Minute }
		live(t, newDriver(t, w, store, seldom), after(10*time.Hour))
		time.Sleep(5 * time.Hour) // nobody looks
		w.hold(t, "carol", "b", after(2*time.Hour), after(3*time.Hour+10*time.Minute))
		w.hold(t, "bob", "a", after(110*time.Minute), time.Time{}) // a correction
		live(t, newDriver(t, w, store, seldom), after(45*time.Hour))

		day := account.NewSpan(begin, after(18*time.Hour)) // rechecked and revised by then
		fresh := rebuilt(t, w, day)
		sameFigures(t, "figures", figures(t, fresh, day), figures(t, store, day))
		got := restatements(t, store)
		for _, r := range []ledger.Reason{ledger.ReasonLate, ledger.ReasonIntensity, ledger.ReasonHolding} {
			if got[r] == 0 {
				t.Errorf("nothing was restated for reason %q: %v", r, got)
			}
		}
	})
}

// TestSourceDown holds that a slot whose source fails stays open and visible, is
// never zero, and is closed once the source is back.
func TestSourceDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		w := newWorld("a")
		w.down = []account.Span{{From: begin.Add(20 * time.Minute), To: begin.Add(3 * time.Hour)}}
		store := memory.New(calendar(t))
		d := newDriver(t, w, store)
		live(t, d, begin.Add(2*time.Hour))
		if n := len(states(t, store)); n != 0 {
			t.Errorf("%d slots closed without an answer", n)
		}
		status := d.Status()
		trouble, ok := status.Troubles["close"]
		if !ok || trouble.Fails < 3 || trouble.Since.After(begin.Add(33*time.Minute)) || trouble.Error == "" {
			t.Errorf("status %+v", status)
		}
		if status.Waiting != 3 {
			t.Errorf("%d slots waiting, want 3", status.Waiting)
		}
		live(t, d, begin.Add(4*time.Hour))
		if n := len(states(t, store)); n != 7 || d.Status().Waiting != 0 || len(d.Status().Troubles) != 0 {
			t.Errorf("%d slots after the source is back, status %+v", n, d.Status())
		}
	})
}

// TestGone holds that what a source no longer keeps is a gap: hosts that were
// expected and not observed.
func TestGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		w := newWorld("a", "b")
		store := memory.New(calendar(t))
		live(t, newDriver(t, w, store), begin.Add(65*time.Minute))
		w.keeps = 4 * time.Hour
		time.Sleep(6 * time.Hour)
		live(t, newDriver(t, w, store), time.Now().Add(10*time.Minute))
		got := states(t, store)
		gaps := 0
		for _, s := range got {
			switch {
			case s.Total.Observed == 0 && s.Total.Expected == 2*s.Slot.Length() && s.Total.Energy == 0:
				gaps++
			case s.Total.Energy == 0:
				t.Errorf("slot %v: %+v", s.Slot, s.Total)
			}
		}
		if len(got) != 14 || gaps != 5 {
			t.Errorf("%d slots, %d gaps; want 14 and 5", len(got), gaps)
		}
	})
}

func TestMethodChange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		w := newWorld("a")
		store := memory.New(calendar(t))
		live(t, newDriver(t, w, store), begin.Add(3*time.Hour))
		before := states(t, store)
		asOf := time.Now()
		time.Sleep(time.Second)
		stronger := func(c *slots.Config) { c.Method.Models[0].Model.PUE = 2_000_000_000 }
		live(t, newDriver(t, w, store, stronger), begin.Add(3*time.Hour+time.Minute))
		for i, s := range states(t, store) {
			if s.Revision <= before[i].Revision || s.Total.Energy < 2*before[i].Total.Energy-3 {
				t.Errorf("slot %v: %v, was %v", s.Slot, s.Total.Energy, before[i].Total.Energy)
			}
		}
		m, err := ledger.MethodAt(t.Context(), store, asOf)
		if err != nil {
			t.Fatal(err)
		}
		then, err := ledger.FoldDerived(t.Context(), store, ledger.Derivation{
			Span: account.Span{From: begin, To: before[len(before)-1].Slot.To}, Method: m, At: asOf,
		})
		if err != nil {
			t.Fatal(err)
		}
		var was account.Quantities
		for _, s := range before {
			if was, err = was.Add(s.Total); err != nil {
				t.Fatal(err)
			}
		}
		if then.Root.Quantities != was {
			t.Errorf("as known before the change: %+v, it was %+v", then.Root.Quantities, was)
		}
	})
}

func TestBackfill(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		w := newWorld("a", "b")
		w.keeps = 40 * time.Hour
		store := memory.New(calendar(t))
		d := newDriver(t, w, store, func(c *slots.Config) { c.Parallel = 3 })
		span := account.NewSpan(now.Add(-48*time.Hour), now.Add(time.Hour))

		// Broken off in the middle, and again.
		w.failAt = 22
		var told slots.Progress
		p, err := d.Backfill(t.Context(), span, func(p slots.Progress) { told = p })
		if err == nil || p.Done == 0 || p.Done == p.Total || told != p {
			t.Errorf("broken off: %+v, told %+v, %v", p, told, err)
		}
		done := p.Done
		p, err = d.Backfill(t.Context(), span, nil)
		if err != nil || p.Done+done != 79 || p.Gone != 16 || p.Total != 95-done {
			t.Errorf("resumed: %+v after %d, %v", p, done, err)
		}
		fresh := rebuilt(t, w, span)
		sameFigures(t, "figures", figures(t, fresh, span), figures(t, store, span))
		if p, err = d.Backfill(t.Context(), account.NewSpan(now.Add(-40*time.Hour+time.Minute), now), nil); err != nil || p.Total > 1 {
			t.Errorf("once more: %+v, %v", p, err)
		}
	})
}

// TestReconcile finds what samples that came too late would change: the slot of
// the silence, and the one before it, whose last increment was spread over it.
func TestReconcile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		w := newWorld("a", "b")
		store := memory.New(calendar(t))
		d := newDriver(t, w, store)
		w.silent["b"] = []account.Span{{From: begin.Add(time.Hour), To: begin.Add(90 * time.Minute)}}
		live(t, d, begin.Add(100*time.Minute))
		w.silent["b"] = nil
		span := account.NewSpan(begin, begin.Add(90*time.Minute))
		differ := map[bool]int{}
		err := d.Reconcile(t.Context(), span, func(r slots.Reconciliation) bool {
			differ[r.Equal()]++
			if !r.Equal() && (len(r.Hosts) != 1 || r.Hosts[0] != "b" || r.Source == r.Ledger) {
				t.Errorf("slot %v: %+v", r.Slot, r)
			}
			return true
		})
		if err != nil || differ[true] != 1 || differ[false] != 2 {
			t.Errorf("equal and not: %v, %v", differ, err)
		}
		if got := restatements(t, store)[ledger.ReasonLate]; got != 0 {
			t.Errorf("reconciling restated %d slots", got)
		}
		calls := 0
		if err := d.Reconcile(t.Context(), span, func(slots.Reconciliation) bool { calls++; return false }); err != nil || calls != 1 {
			t.Errorf("broken off after %d, %v", calls, err)
		}
	})
}

// TestGoneOfOne holds that what one source has lost does not lose what another
// keeps.
func TestGoneOfOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		w, other := newWorld("a"), newWorld("x")
		other.name = "other"
		store := memory.New(calendar(t))
		both := func() *slots.Driver {
			d, err := slots.New(slots.Config{Method: method()}, slots.Deps{
				Store: store, Sources: []source.Source{w, other}, Intensities: []intensity.Source{grid{w}}, Log: quiet(),
			})
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		live(t, both(), begin.Add(65*time.Minute))
		other.keeps = 2 * time.Hour
		time.Sleep(5 * time.Hour)
		live(t, both(), time.Now().Add(10*time.Minute))
		lost := 0
		for _, s := range states(t, store) {
			if s.Total.Expected < 2*s.Slot.Length()-60_000_000 {
				t.Errorf("slot %v: expected %v of two hosts", s.Slot, s.Total.Expected)
			}
			if s.Total.Observed < s.Slot.Length()-60_000_000 {
				t.Errorf("slot %v: observed %v", s.Slot, s.Total.Observed)
			}
			if s.Total.Observed <= s.Slot.Length() {
				lost++
			}
		}
		if lost != 7 {
			t.Errorf("%d slots are lost of one host, want 7", lost)
		}
	})
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("a")
		w.faulty = true
		var log strings.Builder
		d, err := slots.New(slots.Config{Method: method()}, slots.Deps{
			Store: memory.New(calendar(t)), Sources: []source.Source{w}, Intensities: []intensity.Source{grid{w}},
			Log: slog.New(slog.NewTextHandler(&log, nil)),
		})
		if err != nil {
			t.Fatal(err)
		}
		live(t, d, time.Now().Add(2*time.Hour))
		got := d.Status().Warnings["world"]
		if len(got) != 1 || got[0].Code != "not-finite" || got[0].Count != 3 || got[0].Subject == "" {
			t.Errorf("warnings %+v", got)
		}
		if n := strings.Count(log.String(), "code=not-finite"); n != 1 {
			t.Errorf("the warning was logged %d times in two hours", n)
		}
		w.faulty = false
		live(t, d, time.Now().Add(time.Hour))
		if got := d.Status().Warnings; len(got) != 0 {
			t.Errorf("warnings when nothing is wrong: %+v", got)
		}
	})
}
