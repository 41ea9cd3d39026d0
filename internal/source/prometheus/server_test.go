package prometheus_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/internal/source/prometheus"
	"github.com/dendro-carbon/dendro/internal/source/sourcetest"
	"github.com/dendro-carbon/dendro/internal/testenv/promtest"
)

func grid(t testing.TB) account.Grid {
	t.Helper()
	g, err := account.NewGrid(account.DefaultStep)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// open returns a source over a server.
func open(t testing.TB, url string, change func(*prometheus.Config)) *prometheus.Source {
	t.Helper()
	c := prometheus.Defaults()
	c.Server.URL = url
	if change != nil {
		change(&c)
	}
	s, err := prometheus.New(c, http.DefaultClient, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func readAll(t testing.TB, s *prometheus.Source, r source.Request) []source.Reading {
	t.Helper()
	var out []source.Reading
	for one, err := range s.Read(t.Context(), r) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, one)
	}
	return out
}

// seen turns a reading into what the independent calculation gives.
func seen(t *testing.T, r source.Reading) map[subject]figures {
	t.Helper()
	out := map[subject]figures{}
	for _, f := range r.Facts.Facts {
		s := r.Facts.Subjects[f.Subject]
		for name := range s.Labels.All() {
			if !strings.Contains(" cloud_project_name instance machine_name ", " "+name+" ") {
				t.Errorf("subject %v has the label %s", s, name)
			}
		}
		who := subject{s.Host, fmt.Sprintf("%q %q %q", s.Labels.Get("cloud_project_name"), s.Labels.Get("instance"), s.Labels.Get("machine_name"))}
		out[who] = figures{
			int64(f.Busy), int64(f.Idle), int64(f.Observed), int64(f.Expected), int64(f.Bridged), int64(f.Measured), int64(f.Metered),
		}
	}
	return out
}

// TestServer reads the fixture from a real Prometheus, in every way, and compares
// with the independent calculation.
func TestServer(t *testing.T) {
	t.Parallel()
	f := everything()
	server := promtest.Start(t, promtest.Options{Text: f.write})
	all := source.Request{Grid: grid(t), Span: account.NewSpan(noon().Add(-30*time.Minute), noon().Add(27*time.Hour))}
	exact := readAll(t, open(t, server.URL, nil), all)
	t.Run("facts", func(t *testing.T) {
		t.Parallel()
		hosts, counted := map[string]bool{}, f.count()
		for _, r := range exact {
			want := f.facts(counted, interval{r.Facts.Slot.From.UnixMicro(), r.Facts.Slot.To.UnixMicro()})
			for who := range want {
				hosts[who.key] = true
			}
			if d := cmp.Diff(want, seen(t, r)); d != "" {
				t.Errorf("slot %v (-want +got):\n%s", r.Facts.Slot, d)
			}
		}
		if len(hosts) < 20 {
			t.Errorf("only %d hosts were compared", len(hosts))
		}
	})
	t.Run("warnings", func(t *testing.T) {
		t.Parallel()
		codes := map[string]bool{}
		for _, w := range exact[0].Warnings {
			codes[w.Code+" "+w.Subject] = true
		}
		for _, want := range []string{"host-twice dup", "not-finite odd:9100 user", "negative odd:9100 idle", "too-large odd:9100 steal", "meter-without-host scaphandre"} {
			if !codes[want] {
				t.Errorf("no warning %q in %+v", want, exact[0].Warnings)
			}
		}
	})
	for name, change := range map[string]func(*prometheus.Config){
		"range selectors":       func(c *prometheus.Config) { c.Transport = prometheus.RangeSelector },
		"small replies":         func(c *prometheus.Config) { c.Transport, c.SamplesPerReply = prometheus.RangeSelector, 1000 },
		"an hour at once":       func(c *prometheus.Config) { c.SpanPerRead = time.Hour },
		"all at once, parallel": func(c *prometheus.Config) { c.SpanPerRead, c.Parallel = 48*time.Hour, 7 },
		"close around":          func(c *prometheus.Config) { c.Around = 30 * time.Second },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := readAll(t, open(t, server.URL, change), all)
			if len(got) != len(exact) {
				t.Fatalf("%d readings, want %d", len(got), len(exact))
			}
			for i := range got {
				if d := cmp.Diff(exact[i].Facts, got[i].Facts, cmp.Comparer(func(a, b account.Labels) bool { return a == b })); d != "" {
					t.Errorf("slot %v (-remote read +this):\n%s", exact[i].Facts.Slot, d)
				}
			}
		})
	}
	t.Run("conformance", func(t *testing.T) {
		t.Parallel()
		sourcetest.Run(t, sourcetest.Harness{
			Source: open(t, server.URL, nil), Grid: grid(t),
			Span:    account.NewSpan(noon(), noon().Add(90*time.Minute)),
			Nothing: account.NewSpan(noon().Add(60*time.Hour), noon().Add(61*time.Hour)),
			Gone:    account.NewSpan(noon().Add(-60*time.Hour), noon().Add(-59*time.Hour)),
			Broken:  open(t, "http://127.0.0.1:1", func(c *prometheus.Config) { c.Server.RetryFor = 0 }),
		})
	})
}

// TestSlotThatIsOpen reads the slot of this moment: there are no samples after
// it to look for, and the facts are those of the samples that are there.
func TestSlotThatIsOpen(t *testing.T) {
	t.Parallel()
	slot := grid(t).Slot(time.Now())
	shift := slot.From.Sub(noon())
	f := few()
	f.series = slices.DeleteFunc(f.series, func(s *sampled) bool { return s.name != "node_cpu_seconds_total" })
	for _, s := range f.series {
		for i := range s.samples {
			s.samples[i].at += shift.Milliseconds()
		}
		s.samples = slices.DeleteFunc(s.samples, func(x sample) bool { return x.at > time.Now().UnixMilli() })
	}
	server := promtest.Start(t, promtest.Options{Text: f.write})
	readings := readAll(t, open(t, server.URL, nil), source.Request{Grid: grid(t), Span: slot})
	want := f.facts(f.count(), interval{slot.From.UnixMicro(), slot.To.UnixMicro()})
	if d := cmp.Diff(want, seen(t, readings[0])); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
