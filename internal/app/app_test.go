package app_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/intensity"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/internal/remote"
	"github.com/dendro-carbon/dendro/internal/slots"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/internal/testenv/promtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// settings returns a configuration of a facility whose Prometheus is at a URL.
func settings(t *testing.T, url string) *config.Config {
	t.Helper()
	l, err := config.Load(config.Input{Flags: map[string]string{
		"data": t.TempDir(), "listen": "127.0.0.1:0", "source.kind": config.SourcePrometheus, "source.prometheus.url": url,
		"intensity.region": "GB", "source.prometheus.retry_for": "0s", "slots.open_every": "200ms", "slots.retry_after": "200ms",
	}})
	if err != nil {
		t.Fatal(err)
	}
	return &l.Config
}

// serve starts a server that is stopped at the end of the test.
func serve(t *testing.T, c *config.Config) *app.App {
	t.Helper()
	a, err := app.New(t.Context(), c, app.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	a.Start()
	t.Cleanup(func() { stop(t, a) })
	return a
}

func stop(t *testing.T, a *app.App) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := a.Stop(ctx); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// nobody is the address of a server that is not there.
const nobody = "http://127.0.0.1:1"

// facility is samples of three machines over some hours.
func facility(from, to time.Time) func(io.Writer) error {
	return func(out io.Writer) error {
		w := promtest.NewWriter(out)
		for i, project := range []string{"IDAaaS", "IDAaaS", "CDAaaS"} {
			host := promtest.Instance(i)
			machine := []string{"Muon", "SANS", "Laser"}[i]
			for _, mode := range []string{"user", "idle"} {
				w.Series("node_cpu_seconds_total", "instance", host, "cpu", "0", "mode", mode, "cloud_project_name", project, "machine_name", machine)
				for at, n := from, 0; at.Before(to); at, n = at.Add(30*time.Second), n+1 {
					value := 10 * float64(n)
					if mode == "idle" {
						value = 20 * float64(n)
					}
					w.Sample(at, value)
				}
			}
		}
		return w.Close()
	}
}

// TestServer holds the whole of it: a server over a real Prometheus fills in the
// past, answers, is found by its data, and can be read without it once it ends.
func TestServer(t *testing.T) {
	to := time.Now().Truncate(time.Hour).Add(-time.Hour)
	from := to.Add(-4 * time.Hour)
	prom := promtest.Start(t, promtest.Options{Text: facility(from.Add(-time.Hour), to.Add(time.Hour))})
	c := settings(t, prom.URL)
	a := serve(t, c)
	client, err := remote.Find(t.Context(), c.Data)
	if err != nil {
		t.Fatal(err)
	}
	if client.URL() != a.URL() {
		t.Errorf("found %s, want %s", client.URL(), a.URL())
	}
	window := query.Window{From: from.UTC().Format(time.RFC3339), To: to.UTC().Format(time.RFC3339)}
	end, err := client.Backfill(t.Context(), window, func(slots.Progress) {})
	if err != nil || end.Done != 8 || end.Total != 8 {
		t.Fatalf("backfill: %+v, %v", end, err)
	}
	asked := query.Asked{By: []string{"facility", "group"}, Window: window}
	answer, err := client.Query(t.Context(), asked)
	if err != nil {
		t.Fatal(err)
	}
	// 12 W × 1/3 and 1 W × 2/3 of a processor for 8 half hours, 0.002333333 kWh
	// each, of three machines.
	if got := answer.Total.Energy.String(); got != "0.055999992 kWh" {
		t.Errorf("energy is %s", got)
	}
	if n := answer.Nodes[0]; n.Path[0] != "ISIS" || n.Operational == nil {
		t.Errorf("first node is %+v", n)
	}
	differ := 0
	err = client.Reconcile(t.Context(), window, func(r slots.Reconciliation) bool {
		if !r.Equal() {
			differ++
		}
		return true
	})
	if err != nil || differ != 0 {
		t.Errorf("reconcile: %d slots differ, %v", differ, err)
	}
	stop(t, a)
	if _, err := remote.Find(t.Context(), c.Data); !errors.Is(err, remote.ErrNoServer) {
		t.Errorf("after its end the server is found: %v", err)
	}
	readOnly(t, c, asked, answer)
}

// readOnly holds that the ledger says the same without a server.
func readOnly(t *testing.T, c *config.Config, asked query.Asked, want *query.Answer) {
	t.Helper()
	other := *c
	other.Slot, other.TimeZone = time.Minute, "Asia/Tokyo"
	stored, err := app.Open(t.Context(), &other, app.Deps{AsStored: true}, app.Read)
	if err != nil {
		t.Fatalf("with the calendar of the ledger: %v", err)
	}
	if got := stored.Engine.Calendar(); got.Grid().Step() != c.Slot || got.Zone().String() != c.TimeZone {
		t.Errorf("the ledger's calendar is %v in %v", got.Grid().Step(), got.Zone())
	}
	if err := stored.Close(t.Context()); err != nil {
		t.Error(err)
	}
	parts, err := app.Open(t.Context(), c, app.Deps{}, app.Compare)
	if err != nil {
		t.Fatal(err)
	}
	defer parts.Close(t.Context())
	q, err := asked.Parse(parts.Engine.Calendar(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	got, err := parts.Engine.Ask(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if *got.Total.Energy != *want.Total.Energy || len(got.Nodes) != len(want.Nodes) {
		t.Errorf("without a server: %+v, want %+v", got.Total, want.Total)
	}
	_, err = parts.Worker().Backfill(t.Context(), q.Span, nil)
	if !errors.Is(err, ledger.ErrReadOnly) {
		t.Errorf("a backfill of a ledger open for reading: %v", err)
	}
}

// TestTwoServers holds that a second one is refused and told of the first.
func TestTwoServers(t *testing.T) {
	t.Parallel()
	c := settings(t, nobody)
	serve(t, c)
	_, err := app.New(t.Context(), c, app.Deps{})
	if !errors.Is(err, ledger.ErrLocked) || !strings.Contains(err.Error(), "process ") {
		t.Errorf("got %v", err)
	}
	if _, err := remote.Find(t.Context(), c.Data); err != nil {
		t.Errorf("the first cannot be found any more: %v", err)
	}
}

// TestStopTwice holds that stopping again, or without a start, does no harm.
func TestStopTwice(t *testing.T) {
	t.Parallel()
	c := settings(t, nobody)
	a, err := app.New(t.Context(), c, app.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	stop(t, a)
	stop(t, a)
	serve(t, c) // the data is free again
}

// TestNewFails holds that nothing is kept of a server that could not be made.
func TestNewFails(t *testing.T) {
	t.Parallel()
	c := settings(t, nobody)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	c.Listen = taken.Addr().String()
	_, err = app.New(t.Context(), c, app.Deps{})
	var hint interface{ Hint() string }
	if !errors.As(err, &hint) || !strings.Contains(hint.Hint(), "--listen") {
		t.Errorf("got %v, want advice", err)
	}
	c.Listen = "127.0.0.1:0"
	serve(t, c)
}

// TestPartFails holds that a server whose driver cannot begin says so.
func TestPartFails(t *testing.T) {
	t.Parallel()
	a, err := app.New(t.Context(), settings(t, nobody), app.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Store.Close(); err != nil {
		t.Fatal(err)
	}
	a.Start()
	select {
	case <-a.Done():
	case <-time.After(20 * time.Second):
		t.Fatal("the failure is not told")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := a.Stop(ctx); !errors.Is(err, ledger.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

// TestReadNothing holds what is said of a ledger that does not exist.
func TestReadNothing(t *testing.T) {
	t.Parallel()
	_, err := app.Open(t.Context(), settings(t, nobody), app.Deps{}, app.Read)
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// status asks for a path and returns the status of the answer.
func status(t *testing.T, method, url, host, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		req.Host = host
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// TestHosts holds that a page of another site cannot read through a name that leads
// here.
func TestHosts(t *testing.T) {
	t.Parallel()
	a := serve(t, settings(t, nobody))
	for host, want := range map[string]int{
		"": 200, "localhost": 200, "localhost:9999": 200, "[::1]:80": 200, "127.0.0.1": 200,
		"evil.example.org": 421, "evil.example.org:80": 421, "127.0.0.1.example.org": 421,
	} {
		if got := status(t, http.MethodGet, a.URL()+"/api/v1/status", host, ""); got != want {
			t.Errorf("host %q: status %d, want %d", host, got, want)
		}
	}
}

// TestTokens holds who may ask: the commands of who can read the data, and the
// tokens of the file.
func TestTokens(t *testing.T) {
	t.Parallel()
	c := settings(t, nobody)
	c.Auth.TokensFile = filepath.Join(c.Data, "tokens")
	// The hash is that of the text "secret".
	line := "grafana read 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b\n"
	if err := os.WriteFile(c.Auth.TokensFile, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	a := serve(t, c)
	for token, want := range map[string]int{"": 401, "wrong": 401, "secret": 200} {
		if got := status(t, http.MethodGet, a.URL()+"/api/v1/status", "", token); got != want {
			t.Errorf("token %q: status %d, want %d", token, got, want)
		}
	}
	if got := status(t, http.MethodPost, a.URL()+"/api/v1/backfill?month=2026-01", "", "secret"); got != 401 && got != 403 {
		t.Errorf("a token for reading may change: status %d", got)
	}
	client, err := remote.Find(t.Context(), c.Data)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Query(t.Context(), query.Asked{}); err != nil {
		t.Errorf("a command on the data may not ask: %v", err)
	}
}

func TestTokensRefused(t *testing.T) {
	t.Parallel()
	c := settings(t, nobody)
	c.Auth.TokensFile = filepath.Join(c.Data, "tokens")
	for _, content := range []string{"", "grafana read tooshort\n"} {
		if err := os.WriteFile(c.Auth.TokensFile, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := app.New(t.Context(), c, app.Deps{}); err == nil || !strings.Contains(err.Error(), "auth.tokens_file") {
			t.Errorf("%q: %v", content, err)
		}
	}
}

// TestCheck holds that what cannot be mixed is refused before a server starts.
func TestCheck(t *testing.T) {
	t.Parallel()
	c := settings(t, nobody)
	if err := app.Check(t.Context(), c, app.Deps{}); err != nil {
		t.Error(err)
	}
	c.Intensity.Region = "Grate Britain"
	if err := app.Check(t.Context(), c, app.Deps{}); !errors.Is(err, intensity.ErrRegion) {
		t.Errorf("an unknown region: %v", err)
	}
	c.Intensity.Region = "GB"
	c.Intensity.Chain = []string{config.IntensityUKGrid, config.IntensityStatic}
	if err := app.Check(t.Context(), c, app.Deps{}); !errors.Is(err, intensity.ErrChain) {
		t.Errorf("combustion and life cycle in one chain: %v", err)
	}
	c.Intensity.Chain = []string{config.IntensityFile}
	c.Intensity.File.Path = "nowhere.csv"
	c.Intensity.File.Accounting = settings(t, nobody).Intensity.File.Accounting
	if err := app.Check(t.Context(), c, app.Deps{}); err == nil {
		t.Error("a file that is not there is accepted")
	}
}

// TestHost holds that a server without configuration measures this machine and
// says so when it is asked for the past.
func TestHost(t *testing.T) {
	t.Parallel()
	l, err := config.Load(config.Input{Flags: map[string]string{
		"data": t.TempDir(), "listen": "127.0.0.1:0", "slot": "1s", "grace": "1s", "source.host.interval": "200ms", "slots.open_every": "200ms",
		// A machine that stands still for seconds makes a read fail; the usual wait after
		// that is longer than this test.
		"slots.retry_after": "200ms", "slots.retry_max": "1s",
	}})
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(t.Context(), &l.Config, app.Deps{})
	if errors.Is(err, source.ErrUnavailable) {
		t.Skip("no /proc here")
	}
	if err != nil {
		t.Fatal(err)
	}
	a.Start()
	defer stop(t, a)
	client, err := remote.Find(t.Context(), l.Data)
	if err != nil {
		t.Fatal(err)
	}
	until := time.Now().Add(30 * time.Second)
	for {
		answer, err := client.Query(t.Context(), query.Asked{By: []string{"user"}})
		if err != nil {
			t.Fatal(err)
		}
		if status, err := a.Store.Status(t.Context()); err == nil && status.Slots > 1 && answer.Total.Energy != nil && *answer.Total.Energy > 0 {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("no figures: %+v", answer)
		}
		time.Sleep(100 * time.Millisecond)
	}
	_, err = client.Backfill(t.Context(), query.Window{Month: "2026-01"}, func(slots.Progress) {})
	if err == nil || !strings.Contains(err.Error(), "keeps nothing of the past") {
		t.Errorf("backfill: %v", err)
	}
}

// TestDemo holds that a simulated facility is filled in and marked.
func TestDemo(t *testing.T) {
	t.Parallel()
	l, err := config.Load(config.Input{Flags: map[string]string{
		"listen": "127.0.0.1:0", "source.kind": config.SourceDemo, "source.demo.days": "1",
	}})
	if err != nil {
		t.Fatal(err)
	}
	a := serve(t, &l.Config)
	client, err := remote.At(a.URL(), "")
	if err != nil {
		t.Fatal(err)
	}
	until := time.Now().Add(30 * time.Second)
	for {
		status, err := a.Store.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if status.Slots >= 48 {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("only %d slots", status.Slots)
		}
		time.Sleep(50 * time.Millisecond)
	}
	answer, err := client.Query(t.Context(), query.Asked{By: []string{"facility"}})
	if err != nil {
		t.Fatal(err)
	}
	if !answer.Simulated || answer.Total.Operational == nil || len(answer.Nodes) < 4 {
		t.Errorf("got %+v", answer.Total)
	}
}
