package slots_test

import (
	"context"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/intensity"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/scoring"
	"github.com/dendro-carbon/dendro/internal/slots"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/internal/window"
)

// shelf is a window archive in memory.
type shelf []window.Window

func (s *shelf) from(context.Context, account.Mark, account.Span) iter.Seq2[scoring.Archived, error] {
	return func(yield func(scoring.Archived, error) bool) {
		for i := range *s {
			if !yield(scoring.Archived{At: account.Mark{File: 1, Seq: uint64(i)}, Window: &(*s)[i]}, nil) {
				return
			}
		}
	}
}

// put archives the window of the minute that begins at an instant, with one statement.
func (s *shelf) put(t *testing.T, book *scoring.Book, begin, span time.Time) {
	t.Helper()
	w, err := window.Score(window.Defaults(), []window.Span{{Service: "cart", Region: "GB", Kind: window.KindSQL, Start: span.UnixNano()}},
		window.Conditions{From: begin.UnixNano(), To: begin.Add(time.Minute).UnixNano()})
	if err != nil {
		t.Fatal(err)
	}
	*s = append(*s, w)
	if book != nil {
		book.Learn(account.Mark{File: 1, Seq: uint64(len(*s)) - 1}, &w)
	}
}

// TestLogs holds that the lines of a log reach the ledger, whenever they come: in an
// open slot, in a closed one, in one before the ledger began, and while no driver runs.
// A slot tells how far the log was read for it.
func TestLogs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		after := func(d time.Duration) time.Time { return begin.Add(d) }
		store, archive := memory.New(calendar(t)), &shelf{}
		start := func() (*slots.Driver, *scoring.Book) {
			book, err := scoring.NewBook(t.Context(), calendar(t).Grid(), archive.from, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			m := method()
			m.Policy.Held = false
			m.Places = []derive.PlaceRule{{Where: account.Filter{{Label: "region", Values: []string{"gb"}}}, Region: "GB"}, {Region: "WORLD"}}
			w := newWorld()
			d, err := slots.New(slots.Config{Method: m}, slots.Deps{
				Store: store, Sources: []source.Source{book}, Intensities: []intensity.Source{grid{w}}, Log: quiet(),
			})
			if err != nil {
				t.Fatal(err)
			}
			return d, book
		}
		d, book := start()
		archive.put(t, book, after(time.Minute), after(-10*time.Minute)) // a span of before the ledger
		archive.put(t, book, after(2*time.Minute), after(2*time.Minute))
		live(t, d, after(33*time.Minute))
		archive.put(t, book, after(33*time.Minute), after(20*time.Minute)) // late: its slot is closed
		live(t, d, after(40*time.Minute))
		archive.put(t, nil, after(41*time.Minute), after(10*time.Minute)) // written, and then the program was killed
		d, _ = start()
		live(t, d, after(52*time.Minute)) // not at an instant at which intensities are asked for

		// Whether a slot is closed before its intensity is known or after, and then
		// restated, is left to chance.
		type figure struct {
			energy string
			mark   account.Mark
		}
		var got []figure
		for _, s := range states(t, store) {
			got = append(got, figure{s.Total.Energy.String(), s.Mark})
			if s.Total.CarbonEnergy != s.Total.Energy || s.Total.Operational == 0 {
				t.Errorf("carbon of %v: %+v", s.Slot, s.Total)
			}
		}
		want := []figure{{"0.0000001 kWh", account.Mark{File: 1, Seq: 0}}, {"0.0000003 kWh", account.Mark{File: 1, Seq: 3}}}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(figure{})); diff != "" {
			t.Error(diff)
		}
		if n := restatements(t, store)[ledger.ReasonLate]; n != 2 {
			t.Errorf("%d slots were restated for lines that came late, want 2", n)
		}
		err := d.Reconcile(t.Context(), account.NewSpan(after(-time.Hour), after(time.Hour)), func(r slots.Reconciliation) bool {
			if !r.Equal() {
				t.Errorf("%+v", r)
			}
			return true
		})
		if err != nil {
			t.Error(err)
		}
	})
}
