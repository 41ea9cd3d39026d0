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
	for name, now := range map[string]time.Time{"memory": at, "archive": at.AddDate(0, 1, 0)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			book, err := scoring.NewBook(t.Context(), grid, windows, now)
			if err != nil {
				t.Fatal(err)
			}
			sourcetest.Run(t, sourcetest.Harness{
				Source: book, Grid: grid, Span: account.NewSpan(at, at.Add(3*time.Hour)),
				Nothing: account.NewSpan(at.Add(10*time.Hour), at.Add(11*time.Hour)),
				Gone:    account.NewSpan(at.AddDate(0, 0, -30), at.AddDate(0, 0, -30).Add(time.Hour)),
			})
		})
	}
}
