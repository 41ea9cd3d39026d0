package app_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/internal/testenv/emapstest"
	"github.com/dendro-carbon/dendro/internal/testenv/promtest"
)

// TestElectricityMaps holds the way from a reply of Electricity Maps to a figure, over a
// real Prometheus: each slot meets the value of its hour, estimates are marked, figures
// explain which factors they count, and these are not mixed with others in one chain.
func TestElectricityMaps(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Hour)
	begin := now.Add(-30 * time.Hour)
	prometheus := promtest.Start(t, promtest.Options{Text: facility(begin, now)})
	for name, direct := range map[string]bool{"lifecycle": false, "direct": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := openZone(t, prometheus.URL, emapstest.Start(t, emapstest.Quirks{Newer: true}).URL, name)
			day := account.NewSpan(begin.Add(time.Hour), now.Add(-time.Hour))
			if _, err := p.Driver.Backfill(t.Context(), day, nil); err != nil {
				t.Fatal(err)
			}
			answer, err := p.Engine.Ask(t.Context(), query.Question{Span: day, Step: account.StepHour})
			if err != nil {
				t.Fatal(err)
			}
			estimates := 0
			for _, hour := range answer.Total.Series {
				// Carbon is whole micrograms of very little energy.
				if want := float64(emapstest.Intensity(hour.From, direct)); hour.Intensity == nil || math.Abs(hour.Intensity.GramsPerKWh()-want) > 0.001 {
					t.Errorf("%v: %v, want %v g/kWh", hour.From, hour.Intensity, want)
				}
				if emapstest.Estimated(hour.From, time.Now()) != (hour.EstimatedShare.Float() == 1) {
					t.Errorf("%v: estimated share %v", hour.From, hour.EstimatedShare)
				}
				estimates += int(hour.EstimatedShare.Float())
			}
			if estimates == 0 || estimates == len(answer.Total.Series) {
				t.Errorf("%d of %d hours are estimated", estimates, len(answer.Total.Series))
			}
			explained, err := p.Engine.Explain(t.Context(), query.Figure{Slot: begin.Add(2 * time.Hour), Where: account.Filter{{Label: "group", Values: []string{"IDAaaS_Muon"}}}})
			if err != nil {
				t.Fatal(err)
			}
			scope := map[bool]string{false: "lifecycle", true: "combustion"}[direct]
			if basis := explained.Accounts[0].Hosts[0].Basis.Intensity; basis.Accounting.Scope != scope {
				t.Errorf("the figure counts %+v, want %s", basis, scope)
			}
		})
	}
	_, err := loadZone(t, prometheus.URL, "http://127.0.0.1:1/v3", "lifecycle", "electricity-maps, ukgrid")
	if err == nil || !strings.Contains(err.Error(), "lifecycle") || !strings.Contains(err.Error(), "combustion") {
		t.Errorf("life-cycle and combustion factors in one chain: %v", err)
	}
}

// openZone opens the parts of a server in the zone DE.
func openZone(t *testing.T, prometheus, grid, factors string) *app.Parts {
	t.Helper()
	p, err := loadZone(t, prometheus, grid, factors, "electricity-maps")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func loadZone(t *testing.T, prometheus, grid, factors, chain string) (*app.Parts, error) {
	t.Helper()
	l, err := config.Load(config.Input{Flags: map[string]string{
		"data": t.TempDir(), "source.kind": config.SourcePrometheus, "source.prometheus.url": prometheus, "intensity.region": "DE",
		"intensity.chain": chain, "intensity.electricity_maps.url": grid, "intensity.electricity_maps.token": emapstest.Token,
		"intensity.electricity_maps.factors": factors,
	}})
	if err != nil {
		return nil, err
	}
	p, err := app.Open(t.Context(), &l.Config, app.Deps{}, app.Write)
	if err == nil {
		t.Cleanup(func() { p.Close(t.Context()) })
	}
	return p, err
}
