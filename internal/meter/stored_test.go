package meter_test

import (
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/meter"
	"github.com/dendro-carbon/dendro/internal/meter/exposition"
	"github.com/dendro-carbon/dendro/internal/meter/kepler"
	"github.com/dendro-carbon/dendro/internal/meter/scaphandre"
	"github.com/dendro-carbon/dendro/internal/meter/specpower"
	"github.com/dendro-carbon/dendro/internal/prom"
	"github.com/dendro-carbon/dendro/internal/testenv/promtest"
)

// stored is what a server has of the last four minutes, scraped every 5 s: counters of
// containers and gauges of processes, each with something that happens to real ones.
type stored struct{ from, to time.Time }

func (s stored) write(w io.Writer) error {
	const joules, watts = "kepler_container_cpu_joules_total", "scaph_process_power_consumption_microwatts"
	out := promtest.NewWriter(w)
	series := func(name string, value func(second int) float64, labels ...string) {
		out.Series(name, labels...)
		for at := s.from; !at.After(s.to); at = at.Add(5 * time.Second) {
			second := int(at.Sub(s.from) / time.Second)
			if v := value(second); v >= 0 || v != v {
				out.Sample(at, v)
			}
		}
	}
	container := func(name string, value func(second int) float64, more ...string) {
		series(joules, value, append([]string{"container_name", name}, more...)...)
	}
	container("plain", func(s int) float64 { return 1e6 + 10*float64(s) })
	container("reset", func(s int) float64 { // begins again after 100 s
		if s >= 100 {
			return 10 * float64(s-100)
		}
		return 5000 + 10*float64(s)
	})
	container("hole", func(s int) float64 { // nobody scraped it for a minute
		if s > 60 && s < 120 {
			return -1
		}
		return 10 * float64(s)
	})
	container("nan", func(s int) float64 {
		if s%20 == 10 {
			return math.NaN()
		}
		return 10 * float64(s)
	})
	for _, replica := range []string{"a", "b"} { // two servers scraped the same
		container("twice", func(s int) float64 { return 10 * float64(s) }, "replica", replica)
	}
	for _, zone := range []string{"package", "dram", "core", "psys"} {
		container("zones", func(s int) float64 { return 5 * float64(s) }, "zone", zone)
	}
	container("short", func(s int) float64 { // it lived from 50 s to 150 s
		if s < 50 || s > 150 {
			return -1
		}
		return 10 * float64(s)
	})
	series(watts, func(s int) float64 {
		if s > 60 && s < 120 { // for gauges nothing is known of this minute
			return -1
		}
		return 10e6
	}, "exe", "gauge", "cmdline", "gauge-a")
	return out.Close()
}

// want is what each target used, in joules, where a reader takes all replicas but "b".
func (stored) want() map[string]float64 {
	return map[string]float64{
		"plain": 2400, "hole": 2400, "nan": 2400, "twice": 2400, "zones": 2400, "short": 1000,
		"reset": 950 + 1400, // what it counted in the 5 s in which it began again is not known
	}
}

// measured returns what a recorder says that each target used, in joules.
func measured(t *testing.T, s meter.Source, from, to time.Time) map[string]float64 {
	t.Helper()
	c := meter.Defaults()
	c.Hold, c.Timeout = 0, 20*time.Second
	r, err := meter.NewRecorder(c, []meter.Source{s}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	readings, err := r.Readings(t.Context(), from.UnixNano(), to.UnixNano())
	if status := r.Status()[0]; err != nil || status.Trouble != "" || status.Refused > 0 {
		t.Fatalf("%v, %+v", err, status)
	}
	out := map[string]float64{}
	for _, reading := range readings {
		out[reading.Services[0]] += reading.KWh * 3.6e6
	}
	return out
}

// servers calls f with servers that have a text.
func servers(t *testing.T, text func(io.Writer) error, f func(*testing.T, *prom.Client)) {
	t.Helper()
	for name, start := range map[string]func(*testing.T) *promtest.Server{
		"prometheus":      func(t *testing.T) *promtest.Server { return promtest.Start(t, promtest.Options{Text: text}) },
		"victoriametrics": func(t *testing.T) *promtest.Server { return promtest.StartVictoriaMetrics(t, text) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, clientOf(t, start(t).URL))
		})
	}
}

func clientOf(t *testing.T, url string) *prom.Client {
	t.Helper()
	c := prom.Defaults()
	c.URL = url
	client, err := prom.New(c, &http.Client{})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// What real servers have of meters becomes energy: over resets, holes, values that are no
// number, series that come and go, and replicas.
func TestStored(t *testing.T) {
	t.Parallel()
	to := time.Now().Truncate(5 * time.Second)
	s := stored{to.Add(-4 * time.Minute), to}
	servers(t, s.write, func(t *testing.T, client *prom.Client) {
		c := kepler.Defaults()
		for name := range s.want() {
			c.Targets = append(c.Targets, kepler.Target{Value: name, Services: []string{name}})
		}
		only, err := prom.ParseMatcher(`replica!="b"`)
		if err != nil {
			t.Fatal(err)
		}
		k, err := kepler.New(c, exposition.Stored{Client: client, Matchers: []prom.Matcher{only}})
		if err != nil {
			t.Fatal(err)
		}
		near(t, measured(t, k, s.from, s.to), s.want())

		g := scaphandre.Defaults()
		g.Targets = []scaphandre.Target{{Exe: "gauge", Services: []string{"gauge"}}}
		source, err := scaphandre.New(g, exposition.Stored{Client: client})
		if err != nil {
			t.Fatal(err)
		}
		near(t, measured(t, source, s.from, s.to), map[string]float64{"gauge": 10 * (60 + 120)})
	})
}

func near(t *testing.T, got, want map[string]float64) {
	t.Helper()
	for name, joules := range want {
		if math.Abs(got[name]-joules) > 1e-6*joules {
			t.Errorf("%s: %v J, want %v", name, got[name], joules)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// A Prometheus that scrapes an exporter marks series that are gone; nothing is known of
// their time, and what comes back is a new beginning or the same counter.
func TestScrapedByPrometheus(t *testing.T) {
	t.Parallel()
	began := time.Now()
	var gone atomic.Bool
	exporter := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		joules := 100 * time.Since(began).Seconds()
		fmt.Fprintf(w, "# TYPE kepler_container_cpu_joules_total counter\nkepler_container_cpu_joules_total{container_name=\"stays\"} %v\n", joules)
		if !gone.Load() {
			fmt.Fprintf(w, "kepler_container_cpu_joules_total{container_name=\"leaves\"} %v\n", joules)
		}
	}))
	defer exporter.Close()
	server := promtest.Start(t, promtest.Options{Config: "global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: kepler\n  static_configs: [{targets: [" +
		strings.TrimPrefix(exporter.URL, "http://") + "]}]\n"})
	c := kepler.Defaults()
	c.Every = time.Second
	c.Targets = []kepler.Target{{Value: "stays", Services: []string{"stays"}}, {Value: "leaves", Services: []string{"leaves"}}}
	k, err := kepler.New(c, exposition.Stored{Client: clientOf(t, server.URL)})
	if err != nil {
		t.Fatal(err)
	}
	until := func(says string, is func(map[string]float64) bool) map[string]float64 {
		t.Helper()
		for end := time.Now().Add(30 * time.Second); ; time.Sleep(200 * time.Millisecond) {
			got := measured(t, k, began, time.Now())
			if most := 100 * time.Since(began).Seconds(); got["stays"] > most || got["leaves"] > most {
				t.Fatalf("%s: %v J of at most %v", says, got, most)
			}
			if is(got) {
				return got
			}
			if time.Now().After(end) {
				t.Fatalf("%s: %v", says, got)
			}
		}
	}
	until("scraped", func(j map[string]float64) bool { return j["leaves"] >= 100 })
	gone.Store(true)
	then := until("one is gone", func(j map[string]float64) bool { return j["stays"] > j["leaves"]+190 })
	gone.Store(false)
	now := until("it came back", func(j map[string]float64) bool { return j["leaves"] > j["stays"]-10 })
	if now["leaves"] < then["leaves"]+190 {
		t.Errorf("%v, then %v", then, now)
	}
}

// The load of instances comes from real servers: of one series, of their mean, of a ratio;
// of several series it is refused, and of none there is none.
func TestStoredLoad(t *testing.T) {
	t.Parallel()
	to := time.Now().Truncate(15 * time.Second)
	text := func(w io.Writer) error {
		out := promtest.NewWriter(w)
		for i, ratio := range []float64{0.25, 0.75} {
			out.Series("load", "instance", fmt.Sprint(i))
			for at := to.Add(-4 * time.Minute); !at.After(to); at = at.Add(15 * time.Second) {
				out.Sample(at, ratio)
			}
		}
		return out.Close()
	}
	servers(t, text, func(t *testing.T, client *prom.Client) {
		of := func(query string) *specpower.Source {
			c := specpower.Defaults()
			c.Instances = []specpower.Instance{{Query: query, Unit: specpower.Ratio, Idle: 2, Max: 20, Services: []string{"a"}}}
			s, err := specpower.New(c, client)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		for query, watts := range map[string]float64{`load{instance="0"}`: 6.5, `avg(load)`: 11, `max(load) * 2`: 20, `100 * avg(load)`: 20, `vector(0.5)`: 11} {
			got, err := of(query).Read(t.Context(), to.Add(-2*time.Minute))
			if err != nil || len(got) < 8 {
				t.Errorf("%s: %d samples, %v", query, len(got), err)
				continue
			}
			for _, sample := range got {
				if math.Abs(sample.Value-watts) > 1e-9 {
					t.Errorf("%s: %v W, want %v", query, sample.Value, watts)
				}
			}
		}
		if got, err := of(`load`).Read(t.Context(), to.Add(-2*time.Minute)); err == nil || len(got) > 0 || !strings.Contains(err.Error(), "several series") {
			t.Errorf("several series: %v, %v", got, err)
		}
		if got, err := of(`nothing`).Read(t.Context(), to.Add(-2*time.Minute)); err != nil || len(got) > 0 {
			t.Errorf("no series: %v, %v", got, err)
		}
		if _, err := of(`load{`).Read(t.Context(), to.Add(-2*time.Minute)); err == nil {
			t.Error("a query that is none")
		}
	})
}
