package app_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/testenv/otlptest"
)

// shownServices is what the tests look at of /api/v1/services.
type shownServices struct {
	Total struct {
		Energy *float64 `json:"energy_kwh"`
	}
	Cells []struct {
		Service string
		Ledger  *struct {
			Energy *float64 `json:"energy_kwh"`
		}
		Scored *struct {
			Energy float64  `json:"energy_kwh"`
			PUE    *float64 `json:"pue"`
		}
	}
	Scored struct {
		Windows int
		Spans   struct{ Counted int }
	}
	Archive struct{ Complete bool }
	Now     struct{ Scoring struct{ Accepted int } }
}

func getJSON(t testing.TB, url string, into any) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if err := json.NewDecoder(r.Body).Decode(into); err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, r.Status, err)
	}
}

// What the route says of each cell is the same energy in the ledger and in the archive,
// and all that was sent is in it.
func TestServicesRoute(t *testing.T) {
	t.Parallel()
	a, err := app.New(t.Context(), receiving(t, nil), app.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	a.Start()
	defer stop(t, a)
	grpc, _ := a.Receiving()
	begin := time.Now()
	sent := send(t, grpc, otlptest.Traffic{Spans: 512, Services: 5, Start: begin}, 20)
	url := fmt.Sprintf("%s/api/v1/services?from=%s", a.URL(), begin.Add(-time.Minute).UTC().Format(time.RFC3339))
	var got shownServices
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		got = shownServices{}
		getJSON(t, url, &got)
		done := got.Scored.Spans.Counted == sent
		for _, c := range got.Cells {
			done = done && c.Ledger != nil && c.Ledger.Energy != nil && c.Scored != nil && agree(*c.Ledger.Energy, c.Scored.Energy*pueOf(c.Scored.PUE))
		}
		if done {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("sent %d spans: %+v", sent, got)
		}
	}
	if len(got.Cells) < 5 || got.Total.Energy == nil || !got.Archive.Complete || got.Now.Scoring.Accepted != sent {
		t.Errorf("%+v", got)
	}
	var page struct {
		Windows []struct{ Spans struct{ Counted int } }
	}
	getJSON(t, fmt.Sprintf("%s/api/v1/services/windows?from=%s", a.URL(), begin.Add(-time.Minute).UTC().Format(time.RFC3339)), &page)
	spans := 0
	for _, w := range page.Windows {
		spans += w.Spans.Counted
	}
	if len(page.Windows) != got.Scored.Windows || spans != sent {
		t.Errorf("%d windows with %d spans", len(page.Windows), spans)
	}
}

func pueOf(pue *float64) float64 {
	if pue == nil {
		return 1
	}
	return max(1, *pue)
}

// agree reports whether energies in kWh are the same but for the rounding of the ledger,
// a microwatt-hour in each slot.
func agree(a, b float64) bool { return math.Abs(a-b) < 1e-8+1e-9*b }
