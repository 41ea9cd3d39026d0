package demo_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/scored"
	"github.com/dendro-carbon/dendro/internal/scoring"
	"github.com/dendro-carbon/dendro/internal/source/demo"
	"github.com/dendro-carbon/dendro/internal/source/sourcetest"
)

func services(t testing.TB, now func() time.Time) *demo.Services {
	t.Helper()
	s, err := demo.NewServices(demo.Config{Name: "demo", Seed: 1, Days: 10}, now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ExampleServices() {
	now := func() time.Time { return time.Date(2026, 3, 4, 12, 10, 0, 0, time.UTC) }
	s, err := demo.NewServices(demo.Defaults(), now)
	if err != nil {
		fmt.Println(err)
		return
	}
	files, err := s.Files()
	fmt.Println(len(files), "days,", files[60].Name, files[60].Digest == "", err)
	windows, spans := 0, uint64(0)
	err = s.Read(context.Background(), files[60], func(w *scored.Window) error {
		windows, spans = windows+1, spans+w.Window.Detail.Spans.Counted
		return nil
	})
	fmt.Println(windows, "windows,", spans > 1000, err)
	for a, err := range s.Windows(context.Background(), account.Mark{File: 61, Seq: 23}, account.Span{}) {
		fmt.Println(a.At, a.Window.Detail.Services[0].Service, err)
	}
	fmt.Println(s.Meter())
	// Output:
	// 61 days, simulated-20260304.ndjson true <nil>
	// 24 windows, true <nil>
	// {61 23} sim-catalogue <nil>
	// sim-kepler 2026-03-04 12:00:00 +0000 UTC
}

// The windows make a source that fulfils its contract, and a meter's energy is that of
// services and idle.
func TestServicesSource(t *testing.T) {
	t.Parallel()
	now := clock("2026-03-04T12:10:00Z")
	s := services(t, now)
	grid := halfHours(t)
	book, err := scoring.NewBook(t.Context(), grid, s.Windows, now())
	if err != nil {
		t.Fatal(err)
	}
	day := account.NewSpan(at("2026-03-03T00:00:00Z"), at("2026-03-04T00:00:00Z"))
	sourcetest.Run(t, sourcetest.Harness{Source: book, Grid: grid, Span: account.NewSpan(day.From, day.From.Add(3*time.Hour))})
	p, err := scored.New(scored.Defaults(grid), s).Period(t.Context(), day)
	if err != nil {
		t.Fatal(err)
	}
	again, err := scored.New(scored.Defaults(grid), services(t, clock("2026-03-04T23:59:00Z"))).Period(t.Context(), day)
	if diff := cmp.Diff(p, again); diff != "" || err != nil {
		t.Errorf("the past depends on when it is asked for: %s, %v", diff, err)
	}
	m := p.Meters[0]
	if p.Windows != 48 || !p.Archive.Complete || len(p.Cells) != 7 || math.Abs(m.Energy-m.Attributed-m.Idle) > 1e-9 || m.Idle <= 0 {
		t.Errorf("%d cells of %d windows, meter %+v", len(p.Cells), p.Windows, m)
	}
	if p.UnknownKWh <= 0 || p.Spans.Late == 0 || len(p.Drops) == 0 {
		t.Errorf("nothing is unknown, late or dropped: %+v", p)
	}
	if _, err := demo.NewServices(demo.Config{}, now); err == nil {
		t.Error("a config without a name is taken")
	}
}
