package prometheus_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/prom"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/internal/source/prometheus"
	"github.com/dendro-carbon/dendro/internal/testenv/promtest"
)

// few is a small fixture with a gap over the edges of the slots that are asked
// for.
func few() *fixture {
	f := &fixture{}
	for i := range 9 {
		f.add(host{instance: fmt.Sprintf("h%d:9100", i), project: "IDAaaS", machine: "Muon", cpus: 2, seen: []span{{-20, 80}}})
	}
	f.add(host{instance: "gap:9100", project: "IDAaaS", machine: "SANS", cpus: 1, seen: []span{{-20, 20}, {52, 80}}, boot: map[float64]float64{-20: -30}})
	return f
}

func hour(t testing.TB) source.Request {
	return source.Request{Grid: grid(t), Span: account.NewSpan(noon(), noon().Add(time.Hour))}
}

func same(t *testing.T, want, got []source.Reading) {
	t.Helper()
	if d := cmp.Diff(want, got, cmp.Comparer(func(a, b account.Labels) bool { return a == b })); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// front puts a handler before a server; what it does not answer is passed on.
func front(t *testing.T, behind string, handler func(w http.ResponseWriter, r *http.Request) bool) string {
	t.Helper()
	u, err := url.Parse(behind)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(u)
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !handler(w, r) {
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func isRead(r *http.Request) bool  { return strings.HasSuffix(r.URL.Path, "/api/v1/read") }
func isQuery(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/api/v1/query") }

// TestServersThatFail puts faults between the source and a real server: what can
// be repeated gives the same facts, what cannot gives an error and no facts.
func TestServersThatFail(t *testing.T) {
	t.Parallel()
	server := promtest.Start(t, promtest.Options{Text: few().write})
	want := readAll(t, open(t, server.URL, nil), hour(t))
	if n := len(want[0].Facts.Facts); n != 10 {
		t.Fatalf("%d facts in the first slot", n)
	}

	t.Run("no remote read", func(t *testing.T) {
		t.Parallel()
		reads := atomic.Int32{}
		u := front(t, server.URL, func(w http.ResponseWriter, r *http.Request) bool {
			if isRead(r) {
				reads.Add(1)
				http.NotFound(w, r)
			}
			return isRead(r)
		})
		s := open(t, u, nil)
		same(t, want, readAll(t, s, hour(t)))
		same(t, want, readAll(t, s, hour(t)))
		if n := reads.Load(); n != 1 {
			t.Errorf("remote read was tried %d times, want once", n)
		}
	})
	t.Run("remote read alone, not offered", func(t *testing.T) {
		t.Parallel()
		u := front(t, server.URL, func(w http.ResponseWriter, r *http.Request) bool {
			if isRead(r) {
				http.NotFound(w, r)
			}
			return isRead(r)
		})
		n, err := count(t.Context(), open(t, u, func(c *prometheus.Config) { c.Transport = prometheus.RemoteRead }), hour(t))
		if n != 0 || !errors.Is(err, source.ErrUnavailable) || !strings.Contains(err.Error(), "404 Not Found") {
			t.Errorf("%d readings, %v", n, err)
		}
	})
	for name, is := range map[string]func(*http.Request) bool{"remote read": isRead, "range selectors": isQuery} {
		t.Run("cut off in the middle, "+name, func(t *testing.T) {
			t.Parallel()
			n := atomic.Int32{}
			u := front(t, server.URL, func(w http.ResponseWriter, r *http.Request) bool {
				if is(r) && slices.Contains([]int32{1, 2, 4, 7}, n.Add(1)) {
					cutOff(w, r, server.URL)
					return true
				}
				return false
			})
			same(t, want, readAll(t, open(t, u, func(c *prometheus.Config) {
				if name == "range selectors" {
					c.Transport = prometheus.RangeSelector
				}
			}), hour(t)))
			if n.Load() <= 7 {
				t.Errorf("%d requests: not all were cut off that should be", n.Load())
			}
		})
	}
	for name, fail := range failures() {
		for _, path := range []string{"/values", "/read", "/series"} {
			t.Run(name+" at "+path, func(t *testing.T) {
				t.Parallel()
				testFailure(t, server.URL, path, fail)
			})
		}
	}
	t.Run("deadline", func(t *testing.T) {
		t.Parallel()
		u := front(t, server.URL, func(w http.ResponseWriter, r *http.Request) bool {
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		})
		begin := time.Now()
		n, err := count(t.Context(), open(t, u, func(c *prometheus.Config) { c.Deadline = 600 * time.Millisecond }), hour(t))
		if n != 0 || !errors.Is(err, source.ErrUnavailable) || time.Since(begin) > 20*time.Second {
			t.Errorf("%d readings, %v after %v", n, err, time.Since(begin))
		}
	})
}

// failures are answers that nothing can be made of.
func failures() map[string]func(w http.ResponseWriter) {
	return map[string]func(w http.ResponseWriter){
		"down for good":   func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) },
		"login page":      func(w http.ResponseWriter) { fmt.Fprint(w, "<html>") },
		"empty answer":    func(w http.ResponseWriter) { fmt.Fprint(w, "{}") },
		"values that lie": func(w http.ResponseWriter) { fmt.Fprint(w, `{"status":"success","data":[1,2]}`) },
		"nothing allowed": func(w http.ResponseWriter) { w.WriteHeader(http.StatusForbidden) },
		"partial answer": func(w http.ResponseWriter) {
			fmt.Fprint(w, `{"status":"success","data":["h1:9100"],"warnings":["a store is down"]}`)
		},
	}
}

func testFailure(t *testing.T, server, path string, fail func(w http.ResponseWriter)) {
	u := front(t, server, func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, path) {
			fail(w)
			return true
		}
		return false
	})
	n, err := count(t.Context(), open(t, u, func(c *prometheus.Config) {
		c.Server.RetryFor, c.Transport = 0, prometheus.RemoteRead
	}), hour(t))
	ours := errors.Is(err, source.ErrUnavailable) || errors.Is(err, source.ErrReply)
	if n != 0 || !ours || !strings.Contains(err.Error(), "prometheus: slots [2026-01-28T12:00:00Z") {
		t.Errorf("%d readings, %v", n, err)
	}
}

// cutOff passes a request on and sends the first half of the answer.
func cutOff(w http.ResponseWriter, r *http.Request, behind string) {
	u, _ := url.Parse(behind)
	recorder := httptest.NewRecorder()
	httputil.NewSingleHostReverseProxy(u).ServeHTTP(recorder, r)
	for name, values := range recorder.Header() {
		w.Header()[name] = values
	}
	w.Header().Del("Content-Length")
	body := recorder.Body.Bytes()
	w.Write(body[:len(body)/2])
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler) // closes the connection without an end
}

func count(ctx context.Context, s *prometheus.Source, r source.Request) (n int, err error) {
	for _, err := range s.Read(ctx, r) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// TestLimitOfSamples runs a server that refuses large queries: less is asked for
// at once until it answers, and the facts are the same.
func TestLimitOfSamples(t *testing.T) {
	t.Parallel()
	f := few()
	want := readAll(t, open(t, promtest.Start(t, promtest.Options{Text: f.write}).URL, nil), hour(t))
	for limit, ok := range map[int]bool{5000: true, 1300: true, 100: false} {
		server := promtest.Start(t, promtest.Options{Text: f.write, Flags: []string{fmt.Sprint("--query.max-samples=", limit)}})
		s := open(t, server.URL, func(c *prometheus.Config) { c.Transport = prometheus.RangeSelector })
		if ok {
			same(t, want, readAll(t, s, hour(t)))
			continue
		}
		n, err := count(t.Context(), s, hour(t))
		if kind, _ := prom.KindOf(err); n != 0 || kind != prom.TooMuch || !errors.Is(err, source.ErrUnavailable) {
			t.Errorf("%d readings, %v", n, err)
		}
	}
}

// TestServerWithItsOwnLabels runs a server below a path that adds labels to what
// leaves it: the subjects are the same by both ways of reading.
func TestServerWithItsOwnLabels(t *testing.T) {
	t.Parallel()
	server := promtest.Start(t, promtest.Options{
		Text: few().write, Prefix: "/a/b", Flags: []string{"--web.external-url=http://x/a/b"},
		Config: "global:\n  external_labels:\n    cluster: ada\n    machine_name: other\n",
	})
	streamed := readAll(t, open(t, server.URL+"/", nil), hour(t))
	ranged := readAll(t, open(t, server.URL, func(c *prometheus.Config) { c.Transport = prometheus.RangeSelector }), hour(t))
	same(t, ranged, streamed)
	if s := streamed[0].Facts.Subjects[0]; s.Labels.Get("cluster") != "" || s.Labels.Get("machine_name") != "SANS" {
		t.Errorf("subject %v", s)
	}
}

// TestConfigChoosesSeries narrows the series down and ignores labels.
func TestConfigChoosesSeries(t *testing.T) {
	t.Parallel()
	f := few()
	for _, s := range f.series[:8] { // the first host, scraped by a second job as well
		twin := *s
		twin.labels = append([]string{"job", "b"}, s.labels...)
		f.series = append(f.series, &twin)
	}
	server := promtest.Start(t, promtest.Options{Text: f.write})
	codes := func(change func(*prometheus.Config)) (facts int, codes string) {
		readings := readAll(t, open(t, server.URL, change), hour(t))
		for _, w := range readings[0].Warnings {
			codes += w.Code + " " + w.Subject + ";"
		}
		return len(readings[0].Facts.Facts), codes
	}
	for want, change := range map[string]func(*prometheus.Config){
		"11 host-twice h0;":         func(c *prometheus.Config) {},
		"10 counted-twice h0:9100;": func(c *prometheus.Config) { c.IgnoredLabels = []string{"job"} },
		"10 ":                       func(c *prometheus.Config) { c.Matchers = []prom.Matcher{{Label: "job", Value: ""}} },
		"1 ":                        func(c *prometheus.Config) { c.Matchers = []prom.Matcher{{Label: "machine_name", Value: "SANS"}} },
		"0 no-host {__name__=\"node_cpu_seconds_total\"};": func(c *prometheus.Config) { c.HostLabel = "hostname" },
	} {
		if want[0] == '0' {
			change := change
			readings := open(t, server.URL, change)
			_, err := count(t.Context(), readings, hour(t))
			if !errors.Is(err, source.ErrGone) || !strings.Contains(err.Error(), "check metric, matchers") {
				t.Errorf("a label that no series has: %v", err)
			}
			continue
		}
		facts, warnings := codes(change)
		if got := fmt.Sprint(facts, " ", warnings); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestConfigThatIsNotValid(t *testing.T) {
	t.Parallel()
	c := prometheus.Config{
		Meters:   []prometheus.Meter{{Name: "x", Metrics: []string{"a b"}, Unit: "kW", HostLabel: "-"}},
		Matchers: []prom.Matcher{{Label: "-"}}, BootMetric: "-", IgnoredLabels: []string{""},
	}
	err := c.Validate()
	for _, part := range []string{
		"url: ", "name: ", "metric: ", "boot_metric: ", "host_label: ", "cpu_label: ", "mode_label: ", "ignored_labels: ", "matchers[0]: ",
		"meters[0] (x): metrics: ", "meters[0] (x): unit: ", "meters[0] (x): host_label: ", "mode: ", "transport: ", "around: ",
		"span_per_read: ", "samples_per_reply: ", "parallel: ", "deadline: ", "max_bridge: ",
	} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("lacks %q: %v", part, err)
		}
	}
	d := prometheus.Defaults()
	d.Server.URL = "http://localhost:9090"
	if err := d.Validate(); err != nil {
		t.Errorf("defaults: %v", err)
	}
}
