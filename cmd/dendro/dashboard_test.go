package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/testenv"
	"github.com/dendro-carbon/dendro/internal/testenv/promtest"
	"github.com/dendro-carbon/dendro/internal/web"
)

// TestDashboard runs the scripts of web/test: the dashboard of this program in a
// browser, over a facility that a real Prometheus watched, over the simulated one,
// over a server that wants tokens and whose source is gone, over one of this
// machine, and over one that receives spans. DENDRO_SCREENS is a folder for pictures
// of every page.
func TestDashboard(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes a minute")
	}
	t.Parallel()
	browser := browserTests(t)
	prometheus := promtest.Start(t, promtest.Options{Text: summerTime})
	dir := t.TempDir()
	config := filepath.Join(dir, "facility.yaml")
	write(t, config, fmt.Sprintf(`data: %s
time_zone: Europe/London
listen: 127.0.0.1:0
source: {kind: prometheus, prometheus: {url: %s}}
slots: {catch_up: 1h}
intensity: {chain: [file], region: GB, file: {path: %s, scope: combustion, approach: location}}
policies: [{name: spread, idle: pro-rata, pool: [facility]}]
`, filepath.Join(dir, "data"), prometheus.URL, filepath.Join(dir, "grid.csv")))
	write(t, filepath.Join(dir, "grid.csv"), `from,to,region,gco2e_per_kwh
2026-03-27T00:00Z,2026-03-28T06:00Z,GB,231
2026-03-28T06:00Z,2026-03-29T04:00Z,GB,120
2026-03-29T06:00Z,2026-03-31T06:00Z,GB,87.5
`)
	fill := exec.Command("dendro", "backfill", "--quiet", "--config", config, "--from", "2026-03-28", "--to", "2026-03-30")
	if out, err := fill.CombinedOutput(); err != nil {
		t.Fatalf("backfill: %v\n%s", err, out)
	}
	browser.run("test/dashboard.mjs", "DENDRO_CONFIG="+config, "DENDRO_GUARDED="+guarded(t, config, dir), "DENDRO_TOKEN="+readerToken,
		"DENDRO_LIVE="+quick(t, dir, "live", "source: {kind: host}"),
		"DENDRO_SERVICES="+quick(t, dir, "services", "source: {kind: none}\nservices: {receive: true, grpc: '', http: 127.0.0.1:0, window: 2s}"),
		"DENDRO_REAL="+serveFor(t, "--config", config), "DENDRO_DEMO="+serveFor(t, "--demo", "--listen", "127.0.0.1:0"))
}

// quick writes the configuration of a server that a script starts, whose slots are
// short, and returns its path.
func quick(t *testing.T, dir, name, more string) string {
	t.Helper()
	path := filepath.Join(dir, name+".yaml")
	write(t, path, fmt.Sprintf("data: %s\nlisten: 127.0.0.1:0\nslot: 5s\ngrace: 1s\nslots: {open_every: 1s}\n%s\n", filepath.Join(dir, name), more))
	return path
}

// readerToken is what the guarded server wants to see.
const readerToken = "let me read"

// guarded serves a copy of the ledger to those who have the token. Its source does
// not answer, and its PUE is another one, so that every slot is restated.
func guarded(t *testing.T, config, dir string) string {
	t.Helper()
	data := filepath.Join(dir, "guarded")
	if err := os.CopyFS(data, os.DirFS(filepath.Join(dir, "data"))); err != nil {
		t.Fatal(err)
	}
	tokens := filepath.Join(dir, "tokens")
	write(t, tokens, fmt.Sprintf("reader read %x\n", sha256.Sum256([]byte(readerToken))))
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	changed := regexp.MustCompile(`(?m)^data: .*`).ReplaceAllString(string(text), "data: "+data)
	changed = regexp.MustCompile(`url: http://[^}]*`).ReplaceAllString(changed, "url: http://127.0.0.1:1, retry_for: 1s")
	write(t, filepath.Join(dir, "guarded.yaml"), changed+"energy: {pue: 1.4}\nauth: {tokens_file: "+tokens+"}\n")
	return serveFor(t, "--config", filepath.Join(dir, "guarded.yaml"))
}

// browsing runs scripts of web/test, which drive a browser.
type browsing struct {
	t             *testing.T
	dir, chromium string
}

// run runs a script with variables of its environment, and fails with it.
func (b browsing) run(script string, env ...string) {
	b.t.Helper()
	node := exec.CommandContext(b.t.Context(), "node", script)
	node.Dir = b.dir
	node.Env = append(append(os.Environ(), "DENDRO_CHROMIUM="+b.chromium), env...)
	node.Stdout = logged{b.t}
	node.Stderr = node.Stdout
	if err := node.Run(); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
}

// logged tells what a program says while it runs.
type logged struct{ t *testing.T }

func (l logged) Write(text []byte) (int, error) {
	l.t.Logf("%s", strings.TrimRight(string(text), "\n"))
	return len(text), nil
}

// browserTests returns what runs the scripts of the dashboard, or skips the test,
// under the name "chromium", where something that a browser test needs is missing.
func browserTests(t *testing.T) browsing {
	t.Helper()
	dir := filepath.Join(testenv.Root(t), "web")
	site, err := web.New()
	if err != nil {
		t.Fatal(err)
	}
	chromium := anyChromium()
	_, noNode := exec.LookPath("node")
	_, noModules := os.Stat(filepath.Join(dir, "node_modules", "playwright-core"))
	switch {
	case noNode != nil:
		testenv.Skip(t, "chromium", "no node: install Node 20.19 or newer")
	case chromium == "":
		testenv.Skip(t, "chromium", "no Chromium: install Debian's package chromium-headless-shell or chromium, or set DENDRO_CHROMIUM")
	case noModules != nil || !site.Built():
		testenv.Skip(t, "chromium", "the dashboard is not built: make web")
	}
	return browsing{t, dir, chromium}
}

// anyChromium returns the browser to drive, or nothing. The one without windows
// takes half the time, and draws the same.
func anyChromium() string {
	for _, path := range []string{os.Getenv("DENDRO_CHROMIUM"), "/usr/bin/chromium-headless-shell", "/usr/bin/chromium"} {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return ""
}

// serveFor runs dendro serve until the test ends and returns its address.
func serveFor(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	serve := exec.CommandContext(ctx, "dendro", append([]string{"serve"}, args...)...)
	stdout, err := serve.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = serve.Wait() // it was killed
	})
	said := &strings.Builder{}
	address := regexp.MustCompile(`API +(http://[^/]+)`)
	buffer := make([]byte, 4096)
	for {
		n, err := stdout.Read(buffer)
		said.Write(buffer[:n])
		if found := address.FindStringSubmatch(said.String()); found != nil {
			go func() { _, _ = io.Copy(io.Discard, stdout) }()
			return found[1]
		}
		if err != nil {
			t.Fatalf("serve %v: %v\n%s", args, err, said)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// summerTime writes three machines in the days around the beginning of summer time
// in London (2026-03-29, 01:00 UTC). Nothing is known of any of them from 10:00 to
// 20:00 UTC on the 28th, which is too long to be bridged.
func summerTime(out io.Writer) error {
	machines := []struct {
		host, project, machine string
		busy, idle             float64 // seconds in an hour
	}{
		{"172.16.100.50:9100", "IDAaaS", "Muon", 537.45, 287239.26},
		{"172.16.100.51:9100", "CDAaaS", "Artemis", 1800, 1800},
		{"172.16.100.52:9100", "IDAaaS", "SANS", 36.1, 3563.9},
	}
	begin := time.Date(2026, 3, 27, 23, 0, 0, 0, time.UTC)
	w := promtest.NewWriter(out)
	for _, m := range machines {
		for mode, rate := range map[string]float64{"idle": m.idle, "user": m.busy} {
			w.Series("node_cpu_seconds_total", "instance", m.host, "cpu", "0", "mode", mode,
				"cloud_project_name", m.project, "machine_name", m.machine)
			value := 0.0
			for minute := 0; minute <= 74*60; minute += 5 {
				if minute < 11*60 || minute > 21*60 {
					w.Sample(begin.Add(time.Duration(minute)*time.Minute), value)
				}
				if busyHours := minute%1440 > 9*60 && minute%1440 < 18*60; mode == "user" && busyHours {
					value += rate / 12 * 2
					continue
				}
				value += rate / 12
			}
		}
	}
	return w.Close()
}
