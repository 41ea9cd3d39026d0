package scoring_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/scoring"
	"github.com/dendro-carbon/dendro/internal/window"
)

// Meters are told which windows are still to be closed: one of which no readings were
// journaled is, one whose readings were is not, whether it is archived or not.
func TestResume(t *testing.T) {
	t.Parallel()
	c := configured(t)
	a := &faulty{block: make(chan struct{})}
	var from int64
	d, err := scoring.New(c, scoring.Deps{Archive: a, Log: slog.New(slog.DiscardHandler), Readings: func(_ context.Context, begin, to int64) ([]window.Reading, error) {
		from = begin
		return nil, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	accept(t, d, 10, time.Now())
	before := copied(t, c)
	stopped := make(chan error)
	go func() { stopped <- d.Stop(t.Context()) }()
	time.Sleep(200 * time.Millisecond) // the archive is waited for
	after := copied(t, c)
	close(a.block)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	resumed := func(c scoring.Config) (at int64) {
		d, err := scoring.New(c, scoring.Deps{Archive: &faulty{}, Log: slog.New(slog.DiscardHandler), Resume: func(from int64) { at = from }})
		if err != nil {
			t.Fatal(err)
		}
		end(t, d)
		return at
	}
	if at := resumed(before); at != from {
		t.Errorf("not closed: %d, want %d", at, from)
	}
	if at := resumed(after); at <= from {
		t.Errorf("closed: %d, want one after %d", at, from)
	}
	if at := resumed(configured(t)); at <= from {
		t.Errorf("nothing there: %d, want one after %d", at, from)
	}
}
