package scoring_test

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/scoring"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/internal/window"
)

// list is an archive in memory.
type list struct{ windows []window.Window }

func (l *list) Next(time.Time) (account.Mark, error) {
	return account.Mark{File: 1, Seq: uint64(len(l.windows))}, nil
}

func (l *list) Append(w *window.Window, _ time.Time) (account.Mark, error) {
	l.windows = append(l.windows, *w)
	return account.Mark{File: 1, Seq: uint64(len(l.windows)) - 1}, nil
}

func (l *list) Holds(at account.Mark) (bool, error) { return at.Seq < uint64(len(l.windows)), nil }

// from yields the windows from a place on.
func (l *list) from(_ context.Context, from account.Mark, _ account.Span) iter.Seq2[scoring.Archived, error] {
	return func(yield func(scoring.Archived, error) bool) {
		for i := range l.windows {
			at := account.Mark{File: 1, Seq: uint64(i)}
			if at.Compare(from) >= 0 && !yield(scoring.Archived{At: at, Window: &l.windows[i]}, nil) {
				return
			}
		}
	}
}

// Spans are taken, and are a window in the archive and a fact of the ledger once the
// window has ended: here, because the driver stops.
func Example() {
	folder, err := os.MkdirTemp("", "journal")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	c := scoring.Defaults()
	c.Journal, c.Scoring = folder, window.Defaults()
	c.Scoring.Traces, c.Scoring.DefaultRegion = window.LocalRoots, "eu-west-3"
	c.Scoring.Places = map[string]window.Place{"eu-west-3": {Annual: 41.5, PUE: 1.15}}
	fmt.Println(c.Validate())

	archive := &list{}
	grid, _ := account.NewGrid(30 * time.Minute)
	now := time.Now()
	book, err := scoring.NewBook(context.Background(), grid, archive.from, now)
	if err != nil {
		panic(err)
	}
	d, err := scoring.New(c, scoring.Deps{Archive: archive, Book: book, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		panic(err)
	}
	d.Watch() // there are addresses to send spans to
	spans := make([]window.Span, 2000)
	for i := range spans {
		spans[i] = window.Span{Service: "Orders", Kind: window.KindSQL, Verb: window.VerbSelect, Start: now.UnixNano(), LocalRoot: i%4 == 0}
	}
	fmt.Println(d.Accept(spans, 1))
	fmt.Println(d.Stop(context.Background()))
	s := d.Status()
	fmt.Println(s.Accepted, "accepted,", s.Scored, "scored in", s.Windows, "window,", archive.windows[0].Detail.Drops)

	slot := grid.Slot(now)
	for r, err := range book.Read(context.Background(), source.Request{Span: slot, Grid: grid}) {
		fmt.Println(r.Facts.Subjects[0].Labels, r.Facts.Facts[0].Scored, r.Mark, err)
	}
	fmt.Println(book.Info().Name, book.Regions(), len(book.Marks()))
	// Output:
	// <nil>
	// <nil>
	// <nil>
	// 2000 accepted, 2000 scored in 1 window, [{not_valid 1}]
	// {region="eu-west-3", service="orders"} 0.000115 kWh {1 0} <nil>
	// services [eu-west-3] 1
}

// A book is made of an archive: what it knows does not depend on when it learnt it.
func ExampleBook_Learn() {
	grid, _ := account.NewGrid(30 * time.Minute)
	from := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	archive := &list{}
	book, err := scoring.NewBook(context.Background(), grid, archive.from, from)
	if err != nil {
		panic(err)
	}
	for n := range 3 {
		begin := from.Add(time.Duration(n) * time.Minute).UnixNano()
		w, err := window.Score(window.Defaults(), []window.Span{{Service: "cart", Kind: window.KindSQL, Start: begin}},
			window.Conditions{From: begin, To: begin + int64(time.Minute)})
		if err != nil {
			panic(err)
		}
		book.Learn(account.Mark{File: 1, Seq: uint64(n)}, &w)
	}
	for r := range book.Read(context.Background(), source.Request{Span: grid.Slot(from), Grid: grid}) {
		f := r.Facts.Facts[0]
		fmt.Println(f.Scored, "observed for", f.Observed, "of", f.Expected, "up to", r.Mark)
	}
	for r := range book.Fresh().Read(context.Background(), source.Request{Span: grid.Slot(from), Grid: grid}) {
		fmt.Println(len(r.Facts.Facts), "facts in the archive, which has none of them")
	}
	// Output:
	// 0.0000003 kWh observed for 180 s of 1800 s up to {1 2}
	// 0 facts in the archive, which has none of them
}

// Spans that come late are booked in the slot of their own time, unless their clock must
// be wrong.
func ExampleBooked() {
	grid, _ := account.NewGrid(30 * time.Minute)
	from := time.Date(2026, 1, 15, 12, 10, 0, 0, time.UTC)
	w := &window.Detail{From: from.UnixNano(), To: from.Add(time.Minute).UnixNano()}
	for _, before := range []time.Duration{0, 40 * time.Minute, 400 * time.Hour, -2 * time.Minute} {
		fmt.Println(scoring.Booked(grid, w, from.Add(-before).UnixNano()).Format(time.TimeOnly))
	}
	fmt.Printf("%+q\n", scoring.Label("a\xff"))
	// Output:
	// 12:00:00
	// 11:30:00
	// 12:00:00
	// 12:00:00
	// "a\ufffd"
}

// Intensities that the ledger knows are given to windows under the names that spans use.
func ExampleLive() {
	cal, _ := account.NewCalendar(30*time.Minute, time.UTC)
	store := memory.New(cal)
	from := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	_, err := store.PutIntensities(context.Background(), []account.Intensity{{
		Region: "GB", Span: account.NewSpan(from, from.Add(30*time.Minute)), Value: 231_500_000, Source: "ukgrid", KnownAt: from,
	}})
	if err != nil {
		panic(err)
	}
	live := scoring.Live(store, derive.Method{
		Chain:  []string{"ukgrid"},
		Places: []derive.PlaceRule{{Where: account.Filter{{Label: "region", Values: []string{"eu-west-2"}}}, Region: "GB"}},
	})
	values, err := live(context.Background(), from.UnixNano(), from.Add(time.Minute).UnixNano())
	fmt.Println(values["eu-west-2"][0].Intensity, *values["eu-west-2"][0].Estimated, len(values), err)
	// Output: 231.5 false 2 <nil>
}
