package meter_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/meter"
	"github.com/dendro-carbon/dendro/internal/meter/exposition"
	"github.com/dendro-carbon/dendro/internal/meter/kepler"
	"github.com/dendro-carbon/dendro/internal/meter/metertest"
	"github.com/dendro-carbon/dendro/internal/meter/redfish"
	"github.com/dendro-carbon/dendro/internal/meter/scaphandre"
	"github.com/dendro-carbon/dendro/internal/meter/specpower"
	"github.com/dendro-carbon/dendro/internal/prom"
	"github.com/dendro-carbon/dendro/internal/window"
)

// replayed reads a source at the begin and at the end of an interval in the past.
type replayed struct {
	meter.Source
	end   time.Time
	later func() // what happens in between
}

func (r replayed) Read(ctx context.Context, after time.Time) ([]meter.Sample, error) {
	first, err := r.Source.Read(ctx, after)
	if err != nil {
		return nil, err
	}
	r.later()
	last, err := r.Source.Read(ctx, after)
	for i := range first {
		first[i].At = r.end.Add(-r.Info().Every)
	}
	for i := range last {
		last[i].At = r.end
	}
	return append(first, last...), err
}

// The figures that perf-sentinel's tests have: what a meter shows over an interval, divided
// by the operations in it.
func TestPublishedCoefficients(t *testing.T) {
	t.Parallel()
	none := func() {}
	scraped := func(p *metertest.Page) exposition.Reader { return exposition.Scraped{Client: p.Client} }
	for name, c := range map[string]struct {
		source func(t *testing.T) (meter.Source, func(), error)
		ops    map[string]int
		kwh    float64 // for an operation
	}{
		"scaphandre, 12 W for 5 s": {func(t *testing.T) (meter.Source, func(), error) {
			config := scaphandre.Defaults()
			config.Targets = []scaphandre.Target{{Exe: "java", Services: []string{"a"}}}
			s, err := scaphandre.New(config, scraped(metertest.Serve(t, "scaph_process_power_consumption_microwatts{exe=\"java\"} 12000000\n")))
			return s, none, err
		}, map[string]int{"a": 8000}, 12 * 5 / 3.6e6 / 8000},
		"kepler, 1 kWh":           {func(t *testing.T) (meter.Source, func(), error) { return counted(t, 3.6e6) }, map[string]int{"a": 100}, 0.01},
		"kepler, 2 kWh":           {func(t *testing.T) (meter.Source, func(), error) { return counted(t, 7.2e6) }, map[string]int{"A": 200}, 0.01},
		"kepler, 234 J":           {func(t *testing.T) (meter.Source, func(), error) { return counted(t, 234) }, map[string]int{"a": 10}, 234 / 3.6e6 / 10},
		"kepler, 250 J":           {func(t *testing.T) (meter.Source, func(), error) { return counted(t, 250) }, map[string]int{"a": 1}, 250 / 3.6e6},
		"redfish, 100 operations": {func(t *testing.T) (meter.Source, func(), error) { return chassis(t) }, map[string]int{"a": 100}, 5e-5},
		"redfish, two services":   {func(t *testing.T) (meter.Source, func(), error) { return chassis(t) }, map[string]int{"a": 100, "b": 200}, 0.005 / 300},
		"cloud, 11 W for 15 s":    {func(t *testing.T) (meter.Source, func(), error) { return cloud(t) }, map[string]int{"a": 6, "b": 4}, 11 * 15 / 3.6e6 / 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source, later, err := c.source(t)
			if err != nil {
				t.Fatal(err)
			}
			w, ops := scored(t, source, later, c.ops)
			for _, s := range w.Green.ServiceEnergyKWh {
				if want := c.kwh * float64(ops[s.Service]); math.Abs(s.Value-want) > 1e-12*want {
					t.Errorf("%s: %v kWh, want %v", s.Service, s.Value, want)
				}
			}
			if len(w.Green.ServiceEnergyKWh) != len(ops) || w.Green.EnergyModel != source.Info().Energy.String() {
				t.Errorf("%v by %s", w.Green.ServiceEnergyKWh, w.Green.EnergyModel)
			}
			for _, m := range w.Detail.Meters {
				if math.Abs(m.AttributedKWh+m.IdleKWh+m.SupersededKWh-m.EnergyKWh) > 1e-12*m.EnergyKWh {
					t.Errorf("%+v does not add up", m)
				}
			}
		})
	}
}

// counted is a container of which two rows count some joules in 5 s.
func counted(t *testing.T, joules float64) (meter.Source, func(), error) {
	t.Helper()
	page := func(more float64) string {
		return fmt.Sprintf("kepler_container_cpu_joules_total{container_name=\"a\",container_id=\"1\"} %v\n"+
			"kepler_container_cpu_joules_total{container_name=\"a\",container_id=\"2\"} %v\n", 1000+more/2, more/2)
	}
	p := metertest.Serve(t, page(0))
	c := kepler.Defaults()
	c.Targets = []kepler.Target{{Value: "a", Services: []string{"a"}}}
	s, err := kepler.New(c, exposition.Scraped{Client: p.Client})
	return s, func() { p.Set(page(joules)) }, err
}

// chassis draws 300 W.
func chassis(t *testing.T) (meter.Source, func(), error) {
	t.Helper()
	c := redfish.Defaults()
	c.Chassis = []redfish.Chassis{{
		Name: "1", Schema: redfish.LegacyPower, Services: []string{"a", "b"},
		Client: metertest.Serve(t, `{"PowerControl":[{"PowerConsumedWatts":300}]}`).Client,
	}}
	s, err := redfish.New(c)
	return s, func() {}, err
}

// cloud is an instance of 2 to 20 W at half its load.
func cloud(t *testing.T) (meter.Source, func(), error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": map[string]any{"resultType": "matrix", "result": []any{
			map[string]any{"metric": map[string]string{}, "values": []any{[]any{json.Number(r.FormValue("end")), "0.5"}}},
		}}})
	}))
	t.Cleanup(server.Close)
	p := prom.Defaults()
	p.URL = server.URL
	client, err := prom.New(p, server.Client())
	if err != nil {
		return nil, nil, err
	}
	c := specpower.Defaults()
	c.Instances = []specpower.Instance{{Query: "load", Unit: specpower.Ratio, Idle: 2, Max: 20, Services: []string{"a", "b"}}}
	s, err := specpower.New(c, client)
	return s, func() {}, err
}

// scored scores operations of services over one interval of a source, and returns how
// many each has by its folded name.
func scored(t *testing.T, source meter.Source, later func(), ops map[string]int) (window.Window, map[string]uint64) {
	t.Helper()
	every := source.Info().Every
	end := time.Now().Truncate(time.Hour).Add(-time.Hour)
	config := meter.Defaults()
	config.Hold = 0
	r, err := meter.NewRecorder(config, []meter.Source{replayed{source, end, later}}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	readings, err := r.Readings(t.Context(), end.Add(-every).UnixNano(), end.UnixNano())
	if err != nil || len(readings) != 1 {
		t.Fatalf("%+v, %v; %+v", readings, err, r.Status())
	}
	scoring := window.Defaults()
	scoring.Metered = r.Services()
	s, err := window.New(scoring)
	if err != nil {
		t.Fatal(err)
	}
	folded := map[string]uint64{}
	for service, n := range ops {
		folded[window.Fold(service)] += uint64(n)
		for i := range n {
			at := end.Add(-every).Add(every * time.Duration(i) / time.Duration(n))
			s.Add(&window.Span{Kind: window.KindSQL, Service: service, Region: "fr", Start: at.UnixNano()})
		}
	}
	return s.Close(window.Conditions{From: end.Add(-every).UnixNano(), To: end.UnixNano(), Readings: readings}), folded
}
