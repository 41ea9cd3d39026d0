package demo_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/directory"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/intensity"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/slots"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/internal/source/demo"
)

// facility returns the demo in a memory ledger, with a driver over it.
func facility(t testing.TB, c demo.Config, now func() time.Time, people ...directory.Source) (*slots.Driver, *memory.Store, *demo.Source) {
	t.Helper()
	calendar, err := account.NewCalendar(account.DefaultStep, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, c, now)
	g, err := demo.NewGrid(c, now)
	if err != nil {
		t.Fatal(err)
	}
	store := memory.New(calendar)
	d, err := slots.New(slots.Config{ReadSlots: 240, Method: derive.Method{
		Names: []derive.LabelRule{
			{Label: "facility", From: []string{"cloud_project_name"}, Map: map[string]string{
				"IDAaaS": "ISIS", "CDAaaS": "CLF", "DDAaaS": "Development", "TDAaaS": "Training",
			}},
			{Label: "group", From: []string{"cloud_project_name", "machine_name"}, Separator: "_"},
		},
		Models: []derive.ModelRule{{Model: energy.Default()}}, Places: []derive.PlaceRule{{Region: demo.Region}},
		Chain: []string{c.Name}, Accounting: g.Info().Accounting, Policy: derive.Policy{Name: "default", Held: len(people) > 0},
	}}, slots.Deps{
		Store: store, Sources: []source.Source{s}, Intensities: []intensity.Source{g}, Directories: people, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return d, store, s
}

// TestRestatements closes slots while the grid is known as of the day before, and
// then lets the driver run on: it learns the actuals and restates what it closed.
func TestRestatements(t *testing.T) {
	t.Parallel()
	c := demo.Defaults()
	c.Begin = time.Now().Add(-50 * time.Hour).Truncate(time.Hour)
	var lag atomic.Int64
	lag.Store(int64(24 * time.Hour))
	d, store, s := facility(t, c, func() time.Time { return time.Now().Add(-time.Duration(lag.Load())) })
	if p, err := d.Backfill(t.Context(), account.NewSpan(s.Begin(), s.Begin().Add(30*time.Hour)), nil); err != nil || p.Done != 60 {
		t.Fatalf("%+v, %v", p, err)
	}
	lag.Store(0)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	done := make(chan error)
	go func() { done <- d.Run(ctx) }()
	n := 0
	for n == 0 && ctx.Err() == nil {
		time.Sleep(20 * time.Millisecond)
		for r, err := range store.Restatements(t.Context(), time.Time{}, time.Time{}) {
			if err != nil {
				t.Fatal(err)
			}
			if r.Reason != ledger.ReasonIntensity || r.Before.Energy != r.After.Energy {
				t.Errorf("%+v", r)
			}
			if r.Before.Operational != r.After.Operational { // some forecasts come true
				n++
			}
		}
	}
	cancel()
	<-done
	if n == 0 {
		t.Error("nothing was restated")
	}
}

// BenchmarkLedger60Days is what `dendro serve --demo` does before it answers: read,
// derive and commit the whole facility.
func BenchmarkLedger60Days(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		people, err := demo.NewDirectory(demo.Defaults(), time.Now)
		if err != nil {
			b.Fatal(err)
		}
		d, _, s := facility(b, demo.Defaults(), time.Now, people)
		p, err := d.Backfill(b.Context(), account.NewSpan(s.Begin(), time.Now()), nil)
		if err != nil || p.Done < 60*48-4 {
			b.Fatalf("%+v, %v", p, err)
		}
	}
}
