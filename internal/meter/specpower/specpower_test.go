package specpower_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/meter"
	"github.com/dendro-carbon/dendro/internal/meter/metertest"
	"github.com/dendro-carbon/dendro/internal/meter/specpower"
	"github.com/dendro-carbon/dendro/internal/prom"
)

// answer is a Prometheus below a base path, as a cluster of VictoriaMetrics has it. A
// query names the series that it has and their value: "2 50".
func answer(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/select/0/prometheus/api/v1/query_range" {
		http.NotFound(w, r)
		return
	}
	var count int
	var load string
	if _, err := fmt.Sscan(r.FormValue("query"), &count, &load); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"status":"error","errorType":"bad_data","error":"parse error"}`)
		return
	}
	from, _ := strconv.ParseFloat(r.FormValue("start"), 64)
	to, _ := strconv.ParseFloat(r.FormValue("end"), 64)
	step, _ := strconv.ParseFloat(strings.TrimSuffix(r.FormValue("step"), "s"), 64)
	var result []any
	for n := range count {
		var values []any
		for at := from; at <= to; at += step {
			values = append(values, []any{at, load})
		}
		result = append(result, map[string]any{"metric": map[string]string{"instance": fmt.Sprint(n)}, "values": values})
	}
	if result == nil {
		result = []any{}
	}
	json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": map[string]any{"resultType": "matrix", "result": result}})
}

func client(t *testing.T, url string) *prom.Client {
	t.Helper()
	c := prom.Defaults()
	c.URL, c.RetryFor = url, 0
	out, err := prom.New(c, &http.Client{})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func open(t *testing.T, p *prom.Client, queries ...string) *specpower.Source {
	t.Helper()
	c := specpower.Defaults()
	c.Every = time.Second
	for _, q := range queries {
		c.Instances = append(c.Instances, specpower.Instance{Query: q, Unit: specpower.Percent, Idle: 2, Max: 20, Services: []string{"a", "b"}})
	}
	s, err := specpower.New(c, p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func serve(t *testing.T) *prom.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(answer))
	t.Cleanup(server.Close)
	return client(t, server.URL+"/select/0/prometheus")
}

func TestConformance(t *testing.T) {
	p := serve(t)
	gone := client(t, "http://127.0.0.1:1")
	metertest.Run(t, metertest.Harness{
		Source: open(t, p, "1 50", "1 60"), Partly: open(t, p, "2 50", "1 50"),
		Unavailable: past(open(t, gone, "1 50")), Invalid: past(open(t, p, "2 50")),
		Step: func() { time.Sleep(1100 * time.Millisecond) },
	})
}

// past asks for the last minute, whatever it is asked for.
func past(s *specpower.Source) meter.Source { return asked{s} }

type asked struct{ *specpower.Source }

func (a asked) Read(ctx context.Context, _ time.Time) ([]meter.Sample, error) {
	return a.Source.Read(ctx, time.Now().Add(-time.Minute))
}

func past20s() time.Time { return time.Now().Add(-20 * time.Second) }

func TestWatts(t *testing.T) {
	i := specpower.Instance{Idle: 2, Max: 20}
	for load, want := range map[float64]float64{0: 2, 50: 11, 100: 20, -5: 2, 150: 20} {
		if got := i.Watts(load); got != want {
			t.Errorf("%v %%: %v W, want %v", load, got, want)
		}
	}
	if i.Count = 3; i.Watts(50) != 33 {
		t.Errorf("three: %v W", i.Watts(50))
	}
}

// A ratio is not taken for a percentage, and what is no number for no load.
func TestLoads(t *testing.T) {
	p := serve(t)
	for query, want := range map[string]float64{"1 0.5": 11, "1 1": 20, "1 NaN": -1, "1 +Inf": -1, "0 0": -1} {
		c := specpower.Defaults()
		c.Instances = []specpower.Instance{{Query: query, Unit: specpower.Ratio, Idle: 2, Max: 20, Services: []string{"a"}}}
		s, err := specpower.New(c, p)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Read(t.Context(), time.Now().Add(-time.Minute))
		if err != nil || want < 0 && len(got) > 0 || want >= 0 && (len(got) < 3 || got[0].Value != want) {
			t.Errorf("%q: %v, %v; want %v W", query, got, err, want)
		}
		for _, s := range got {
			if s.At.UnixNano()%int64(15*time.Second) != 0 {
				t.Errorf("%v is not on the grid", s.At)
			}
		}
	}
}

func TestValidate(t *testing.T) {
	for says, change := range map[string]func(*specpower.Instance){
		"query: required":       func(i *specpower.Instance) { i.Query = "" },
		"use percent or ratio":  func(i *specpower.Instance) { i.Unit = "kelvin" },
		"0 ≤ idle ≤ max":        func(i *specpower.Instance) { i.Max = 1 },
		"idle_watts NaN":        func(i *specpower.Instance) { i.Idle = math.NaN() },
		"count: -1":             func(i *specpower.Instance) { i.Count = -1 },
		"services: required":    func(i *specpower.Instance) { i.Services = nil },
		"1 to 256 bytes withou": func(i *specpower.Instance) { i.Services = []string{"a\nb"} },
	} {
		i := specpower.Instance{Query: "q", Unit: specpower.Percent, Idle: 2, Max: 20, Services: []string{"a"}}
		change(&i)
		c := specpower.Defaults()
		c.Instances = []specpower.Instance{i}
		if _, err := specpower.New(c, nil); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}
