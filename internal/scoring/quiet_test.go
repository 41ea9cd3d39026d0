package scoring_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/scoring"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/internal/window"
	"github.com/dendro-carbon/dendro/unit"
)

// watched begins a driver with a book over an archive.
func watched(t *testing.T, c scoring.Config, a *faulty, readings func(context.Context, int64, int64) ([]window.Reading, error)) (*scoring.Driver, *scoring.Book) {
	t.Helper()
	book := booked(t, a)
	d, err := scoring.New(c, scoring.Deps{Archive: a, Book: book, Readings: readings, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	d.Watch()
	return d, book
}

// booked returns a book of half-hours over an archive.
func booked(t *testing.T, a *faulty) *scoring.Book {
	t.Helper()
	grid, err := account.NewGrid(30 * time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	book, err := scoring.NewBook(context.Background(), grid, a.from, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return book
}

// facts returns what a book says of the slot in which an instant is.
func facts(t *testing.T, b *scoring.Book, at time.Time) (out []account.Fact) {
	t.Helper()
	grid, err := account.NewGrid(30 * time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for r, err := range b.Read(t.Context(), source.Request{Span: grid.Slot(at), Grid: grid}) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r.Facts.Facts...)
	}
	return out
}

// A slot in which services were met and then rested was watched for all of it, before the
// next span comes: one more window tells so, and after it nothing is written. It says of
// these services that they used nothing.
func TestQuietEndOfASlot(t *testing.T) {
	t.Parallel()
	c := configured(t)
	synctest.Test(t, func(t *testing.T) {
		a := &faulty{}
		start := time.Now()
		d, book := watched(t, c, a, nil)
		accept(t, d, 10, start)
		time.Sleep(32 * time.Minute)
		synctest.Wait()
		got := facts(t, book, start)
		if len(got) != 1 || got[0].Observed != got[0].Expected {
			t.Errorf("two minutes after the slot: %+v", got)
		}
		time.Sleep(8 * time.Hour)
		synctest.Wait()
		if n := len(a.windows); n != 2 {
			t.Fatalf("%d windows", n)
		}
		quiet := a.windows[1]
		if diff := cmp.Diff(window.Amounts{{Service: "cart"}}, quiet.Green.ServiceEnergyKWh); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(quiet.Green.ServiceEnergyKWh, quiet.Green.ServiceCarbonKg); diff != "" {
			t.Error(diff)
		}
		if quiet.Detail.Spans.Counted != 0 || quiet.Detail.From != a.windows[0].Detail.To || quiet.Green.CO2 != nil {
			t.Errorf("%+v", quiet.Detail)
		}
		accept(t, d, 10, time.Now())
		end(t, d)
		if at := a.windows[2].Detail; at.From != quiet.Detail.To || at.Coverage != 1 {
			t.Errorf("the next window begins %v after the quiet one", time.Duration(at.From-quiet.Detail.To))
		}
	})
}

// A server that is stopped or killed while its services rest tells the same of them: a
// stop ends the watch, a kill may have, so the time since the window began is not
// counted as watched.
func TestQuietAndStopped(t *testing.T) {
	t.Parallel()
	c := configured(t)
	synctest.Test(t, func(t *testing.T) {
		a := &faulty{}
		start := time.Now()
		d, _ := watched(t, c, a, nil)
		accept(t, d, 10, start)
		time.Sleep(15 * time.Minute)
		synctest.Wait()
		killed := copied(t, c)
		atKill := &faulty{list: list{windows: append([]window.Window(nil), a.windows...)}}
		end(t, d)
		const half = unit.Duration(15 * time.Minute / time.Microsecond)
		if got := facts(t, booked(t, a), start); len(got) != 1 || got[0].Observed < half || got[0].Observed > half+half/100 {
			t.Errorf("stopped: %+v", got)
		}
		again, book := watched(t, killed, atKill, nil)
		time.Sleep(20 * time.Minute)
		synctest.Wait()
		got := facts(t, book, start)
		if len(got) != 1 || got[0].Observed < half || got[0].Observed > got[0].Expected {
			t.Errorf("killed: %+v", got)
		}
		if n := len(atKill.windows); n != 2 {
			t.Errorf("killed: %d windows", n)
		}
		end(t, again)
	})
}

// What meters measure of services that rest is in the ledger when the slot has ended, not
// with the next span; all of it, and once, also if the program is killed meanwhile.
func TestQuietMeters(t *testing.T) {
	t.Parallel()
	c := configured(t)
	c.Scoring.Metered, c.Scoring.ServiceRegions = []string{"Cart", "pay"}, map[string]string{"cart": "FR", "pay": "fr"}
	synctest.Test(t, func(t *testing.T) {
		a := &faulty{}
		start := time.Now()
		given := start.UnixNano()
		readings := func(_ context.Context, _, to int64) (out []window.Reading, _ error) {
			for given < to { // a watt-hour a second
				out = append(out, window.Reading{Source: window.EnergyKepler, Services: []string{"cart", "pay"}, From: given, To: given + int64(time.Second), KWh: 0.001})
				given += int64(time.Second)
			}
			return out, nil
		}
		d, book := watched(t, c, a, readings)
		time.Sleep(3*time.Hour + 2*time.Minute)
		synctest.Wait()
		for slot := range 6 {
			got := facts(t, book, start.Add(time.Duration(slot)*30*time.Minute))
			if len(got) != 1 || got[0].Scored != 1_800_000_000 {
				t.Errorf("slot %d: %+v", slot, got)
			}
		}
		if diff := cmp.Diff([]string{"fr"}, book.Regions()); diff != "" {
			t.Errorf("regions whose intensity is asked for: %s", diff)
		}
		if n := len(a.windows); n != 6 {
			t.Errorf("%d windows", n)
		}
		for _, w := range a.windows {
			if diff := cmp.Diff(window.Amounts{{Service: "cart"}, {Service: "pay"}}, w.Green.ServiceEnergyKWh); diff != "" {
				t.Error(diff)
			}
		}
		before := len(a.windows)
		killed := copied(t, c)
		killed.Scoring.Metered = c.Scoring.Metered
		end(t, d)
		if len(a.windows) != before {
			t.Errorf("%d windows more at the end: what was measured is with the meters", len(a.windows)-before)
		}
		d, book = watched(t, killed, a, readings)
		time.Sleep(time.Hour)
		synctest.Wait()
		if got := facts(t, book, start.Add(3*time.Hour)); len(got) != 1 || got[0].Scored != 1_800_000_000 {
			t.Errorf("killed: %+v", got)
		}
		end(t, d)
	})
}
