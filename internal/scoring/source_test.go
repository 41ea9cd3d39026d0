package scoring_test

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/scoring"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/internal/source/sourcetest"
	"github.com/dendro-carbon/dendro/internal/window"
)

// A book is a source like any other, for slots in memory and for such that are read from
// the archive.
func TestBookIsASource(t *testing.T) {
	t.Parallel()
	grid, err := account.NewGrid(30 * time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	a := &list{}
	for n := range 200 {
		begin := at.Add(time.Duration(n) * time.Minute)
		w, err := window.Score(configured(t).Scoring, batch(n+1, begin), window.Conditions{From: begin.UnixNano(), To: begin.Add(time.Minute).UnixNano()})
		if err != nil {
			t.Fatal(err)
		}
		a.windows = append(a.windows, w)
	}
	windows := func(ctx context.Context, from account.Mark, span account.Span) iter.Seq2[scoring.Archived, error] {
		if span.From.Before(at.Add(-24*time.Hour)) && span.To.Before(at) {
			return func(yield func(scoring.Archived, error) bool) {
				yield(scoring.Archived{}, fmt.Errorf("%w: pruned", source.ErrGone))
			}
		}
		return a.from(ctx, from, span)
	}
	for name, now := range map[string]time.Time{"memory": at, "archive": at.AddDate(0, 1, 0), "fresh": at} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			book, err := scoring.NewBook(t.Context(), grid, windows, now)
			if err != nil {
				t.Fatal(err)
			}
			var tested source.Source = book
			if name == "fresh" {
				tested = book.Fresh()
			}
			sourcetest.Run(t, sourcetest.Harness{
				Source: tested, Grid: grid, Span: account.NewSpan(at, at.Add(3*time.Hour)),
				Nothing: account.NewSpan(at.Add(10*time.Hour), at.Add(11*time.Hour)),
				Gone:    account.NewSpan(at.AddDate(0, 0, -30), at.AddDate(0, 0, -30).Add(time.Hour)),
			})
		})
	}
}

// What is compared with the ledger is the archive, not what the book believes of it.
func TestFresh(t *testing.T) {
	t.Parallel()
	grid, err := account.NewGrid(30 * time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	a := &list{}
	book, err := scoring.NewBook(t.Context(), grid, a.from, at)
	if err != nil {
		t.Fatal(err)
	}
	w, err := window.Score(configured(t).Scoring, batch(1, at), window.Conditions{From: at.UnixNano(), To: at.Add(time.Minute).UnixNano()})
	if err != nil {
		t.Fatal(err)
	}
	book.Learn(account.Mark{File: 1}, &w) // and it is gone from the archive
	request := source.Request{Span: grid.Slot(at), Grid: grid}
	for _, c := range []struct {
		source source.Source
		want   int
	}{{book, 1}, {book.Fresh(), 0}} {
		for r, err := range c.source.Read(t.Context(), request) {
			if err != nil || len(r.Facts.Facts) != c.want {
				t.Errorf("%T: %d facts, want %d, %v", c.source, len(r.Facts.Facts), c.want, err)
			}
		}
	}
}
