package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/testenv/promtest"
	"github.com/dendro-carbon/dendro/internal/testenv/ukgridtest"
)

// frail is servers that can be made to fail, with what is asked of them.
type frail struct {
	place
	grid   *ukgridtest.Server
	fault  atomic.Pointer[http.HandlerFunc]
	window []string
	// want is the answer of an installation that saw no fault.
	want string
}

// newFrail starts a Prometheus behind a proxy that fails on demand, and a grid. The
// window is of the last hours, so that a server closes its slots by itself.
func newFrail(t *testing.T) *frail {
	t.Helper()
	to := time.Now().UTC().Truncate(30 * time.Minute)
	from := to.Add(-3 * time.Hour)
	f := &frail{grid: ukgridtest.Start(t), window: []string{"--from", from.Format(time.RFC3339), "--to", to.Add(-time.Hour).Format(time.RFC3339)}}
	prometheus := promtest.Start(t, promtest.Options{Text: wave(from.Add(-time.Hour), time.Now())})
	target, err := url.Parse(prometheus.URL)
	if err != nil {
		t.Fatal(err)
	}
	through := httputil.NewSingleHostReverseProxy(target)
	through.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if fault := f.fault.Load(); fault != nil {
			(*fault)(w, r)
			return
		}
		// The body is read first: a server that answers before it has read all would
		// have the connection closed under its answer.
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		through.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	f.place = installation(t, proxy.URL, f.grid.URL)
	f.set(t, "prometheus: {", "prometheus: {retry_for: 0s, stall: 1s, ")
	f.set(t, "ukgrid: {", "ukgrid: {retry_for: 0s, timeout: 1s, ")
	f.set(t, "slots: {", "slots: {catch_up: 4h, retry_after: 100ms, retry_max: 200ms, ")
	peace := installation(t, prometheus.URL, f.grid.URL)
	peace.run(t, append([]string{"backfill"}, f.window...)...)
	f.want = peace.run(t, f.question()...)
	return f
}

func (f *frail) question() []string {
	return append([]string{"query", "--by", "group", "--step", "slot", "--sort", "name", "--format", "csv"}, f.window...)
}

// set changes the text of the configuration.
func (p place) set(t *testing.T, old, by string) {
	t.Helper()
	text, err := os.ReadFile(p.config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.config, []byte(strings.Replace(string(text), old, by, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// fails runs a command that has to end with a status, and returns what it says.
func (p place) fails(t *testing.T, status int, args ...string) string {
	t.Helper()
	text, err := p.command(t.Context(), args).CombinedOutput()
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	if got != status {
		t.Errorf("%v: status %d, want %d\n%s", args, got, status, text)
	}
	return string(text)
}

// fail makes the Prometheus fail, nil heals it.
func (f *frail) fail(how http.HandlerFunc) {
	if how == nil {
		f.fault.Store(nil)
		return
	}
	f.fault.Store(&how)
}

// faults are ways in which a Prometheus fails, with what has to be said of them.
func faults() map[string]struct {
	how  http.HandlerFunc
	want string
} {
	answer := func(status int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(text))
		}
	}
	return map[string]struct {
		how  http.HandlerFunc
		want string
	}{
		"down": {func(w http.ResponseWriter, _ *http.Request) {
			if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
				c.Close()
			}
		}, "check that the server runs"},
		"slow":      {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "no byte came for too long"},
		"forbidden": {answer(403, "no"), "403"},
		"refused":   {answer(422, `{"status":"error","errorType":"execution","error":"too many samples"}`), "too many samples"},
		"failing":   {answer(500, "oops"), "500"},
		"busy":      {answer(503, "later"), "503"},
		"page":      {answer(200, "<html>Sign in</html>"), "not"},
		"lying":     {answer(200, `{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}`), ""},
		"half":      {answer(200, `{"status":"success","data":[{"__name__":"node_cpu_sec`), ""},
		"cut off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			_, _ = w.Write([]byte(`{"status":"success","data":[`))
		}, ""},
	}
}

// TestPrometheusFails holds that whatever a Prometheus does, it is told, nothing is
// closed, and nothing is lost: once it is well, all is as if it had always been.
func TestPrometheusFails(t *testing.T) {
	t.Parallel()
	f := newFrail(t)
	for name, fault := range faults() {
		f.fail(fault.how)
		said := f.fails(t, 1, append([]string{"backfill"}, f.window...)...)
		if !strings.Contains(said, fault.want) || !strings.Contains(said, "source") {
			t.Errorf("%s: it says\n%s", name, said)
		}
		if got := f.run(t, f.question()...); strings.Contains(got, "IDAaaS") {
			t.Errorf("%s: something was closed:\n%s", name, got)
		}
	}
	f.fail(nil)
	f.run(t, append([]string{"backfill"}, f.window...)...)
	if diff := cmp.Diff(f.want, f.run(t, f.question()...)); diff != "" {
		t.Error(diff)
	}
}

// health is what a server says of itself.
type health struct {
	Slots  int
	Driver struct {
		Waiting  int
		Troubles map[string]struct{ Error string }
	}
}

func (s *server) health() (h health) {
	s.t.Helper()
	if status, text := s.get("/api/v1/status"); status != http.StatusOK || json.Unmarshal([]byte(text), &h) != nil {
		s.t.Fatalf("status %d: %s", status, text)
	}
	return h
}

// TestServerWaits holds that a server whose Prometheus is down says what it waits
// for, and closes the slots by itself once it is there.
func TestServerWaits(t *testing.T) {
	t.Parallel()
	f := newFrail(t)
	f.run(t, "backfill", "--from", f.window[1], "--to", after(t, f.window[1], 30*time.Minute))
	f.fail(faults()["failing"].how)
	s := f.serve(t)
	s.await(func() bool {
		h := s.health()
		return h.Driver.Waiting > 2 && strings.Contains(h.Driver.Troubles["close"].Error, "500")
	})
	if _, text := s.get("/metrics"); !strings.Contains(text, `dendro_trouble{duty="close"} 1`) || strings.Contains(text, "dendro_slots_waiting 0") {
		t.Errorf("/metrics does not say it:\n%s", text)
	}
	f.fail(nil)
	s.await(func() bool { h := s.health(); return h.Driver.Waiting == 0 && len(h.Driver.Troubles) == 0 })
	if diff := cmp.Diff(f.want, f.run(t, f.question()...)); diff != "" {
		t.Error(diff)
	}
	s.stop()
}

func after(t *testing.T, text string, d time.Duration) string {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.Add(d).Format(time.RFC3339)
}

// TestGridFails holds that without intensities slots are closed with unknown carbon,
// which is not zero, and restated when the grid answers.
func TestGridFails(t *testing.T) {
	t.Parallel()
	f := newFrail(t)
	f.grid.FailAlways(ukgridtest.Down())
	said := f.fails(t, 0, append([]string{"backfill"}, f.window...)...)
	if !strings.Contains(said, "intensities of the past are missing") {
		t.Errorf("it says\n%s", said)
	}
	unknown := func() {
		t.Helper()
		got := f.run(t, append([]string{"query", "--format", "json"}, f.window...)...)
		if !strings.Contains(got, `"operational_gco2e":null`) || strings.Contains(got, `"energy_kwh":null`) {
			t.Errorf("carbon is not unknown:\n%s", got)
		}
	}
	unknown()
	for _, fault := range map[string]ukgridtest.Fault{
		"slow": ukgridtest.Hang(), "failing": ukgridtest.Status(500, ""), "refusing": ukgridtest.Status(400, ""),
		"cut off": ukgridtest.CutOff(), "half": ukgridtest.Half(), "page": ukgridtest.Body("<html>"), "endless": ukgridtest.Endless(),
		"lying": ukgridtest.Replace(`"forecast":`, `"forecast":"much","was":`), "implausible": ukgridtest.Replace(`"forecast":`, `"forecast":-`),
	} {
		f.grid.FailAlways(fault)
		s := f.serve(t)
		s.await(func() bool { return strings.Contains(s.health().Driver.Troubles["intensity"].Error, "ukgrid") })
		s.stop()
		unknown()
	}
	f.grid.FailAlways(nil)
	s := f.serve(t)
	s.await(func() bool { return f.run(t, f.question()...) == f.want })
	if _, text := s.get("/api/v1/restatements"); !strings.Contains(text, `"reason":"intensity"`) || !strings.Contains(text, `"operational_gco2e":null`) {
		t.Errorf("restatements: %s", text)
	}
	s.stop()
}

// TestStopsWithStreams holds that whoever listens to events, or has work done, does
// not keep the server from stopping.
func TestStopsWithStreams(t *testing.T) {
	t.Parallel()
	f := newFrail(t)
	s := f.serve(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/api/v1/events", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	events := bufio.NewScanner(resp.Body)
	if !events.Scan() {
		t.Fatal("no stream")
	}
	f.fail(faults()["slow"].how)
	work := f.command(t.Context(), append([]string{"backfill"}, f.window...))
	var said buffer
	work.Stdout, work.Stderr = &said, &said
	if err := work.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond) // the work has perhaps begun; either is to be borne
	if took := s.stop(); took > 2500*time.Millisecond {
		t.Errorf("it took %v to stop", took)
	}
	for events.Scan() {
	}
	if err := events.Err(); err != nil {
		t.Errorf("the stream was cut off: %v", err)
	}
	if err := work.Wait(); err == nil && !strings.Contains(said.String(), "nothing is missing") {
		t.Errorf("the command believes that its work is done:\n%s", &said)
	}
}

// TestTwoWriters holds that a second writer is refused, whether it finds the server
// or not, and is told who has the data.
func TestTwoWriters(t *testing.T) {
	t.Parallel()
	f := newFrail(t)
	s := f.serve(t)
	if err := os.Remove(filepath.Join(filepath.Dir(f.config), "data", "server.json")); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"serve"}, append([]string{"backfill"}, f.window...)} {
		said := f.fails(t, 1, args...)
		if want := fmt.Sprintf("process %d", s.command.Process.Pid); !strings.Contains(said, "in use by another writer") || !strings.Contains(said, want) {
			t.Errorf("%v does not name %s:\n%s", args, want, said)
		}
	}
	s.stop()
}
