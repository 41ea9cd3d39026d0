package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/testenv/promtest"
	"github.com/dendro-carbon/dendro/internal/testenv/ukgridtest"
)

// kills is how often the program is killed; DENDRO_KILLS asks for more.
func kills(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("DENDRO_KILLS"))
	switch {
	case err == nil:
		return n
	case testing.Short():
		return 8
	}
	return 25
}

// TestKill holds that a program which is killed at any instant, while it serves,
// restates or fills in the past, loses and doubles nothing: the ledger ends with the
// facts and figures of one that was left in peace, to the last digit.
func TestKill(t *testing.T) {
	t.Parallel()
	to := time.Now().UTC().Truncate(30 * time.Minute).Add(-time.Hour)
	from := to.Add(-24 * time.Hour)
	prometheus := promtest.Start(t, promtest.Options{Text: wave(from.Add(-time.Hour), time.Now())})
	grid := ukgridtest.Start(t)
	peace := installation(t, prometheus.URL, grid.URL)
	war := installation(t, prometheus.URL, grid.URL)
	window := []string{"--from", from.Format(time.RFC3339), "--to", to.Format(time.RFC3339)}

	peace.run(t, append([]string{"backfill"}, window...)...)
	first := from.Add(30 * time.Minute).Format(time.RFC3339)
	war.run(t, "backfill", "--from", window[1], "--to", first) // the server then catches up from here
	random := rand.New(rand.NewPCG(7, 7))
	for range kills(t) {
		work := append([]string{"backfill", "--quiet"}, window...)
		if random.IntN(2) == 0 {
			work = []string{"serve"}
		}
		// The grid forgets some of its values, and tells them another time: there is
		// something to restate.
		lost := map[time.Time]bool{}
		for range random.IntN(20) {
			lost[from.Add(time.Duration(random.IntN(48))*30*time.Minute)] = false
		}
		grid.SetQuirks(ukgridtest.Quirks{Lost: lost})
		war.kill(t, time.Duration(random.IntN(300))*time.Millisecond, work...)
	}
	grid.SetQuirks(ukgridtest.Quirks{})
	war.run(t, append([]string{"backfill"}, window...)...)

	question := append([]string{"query", "--by", "group", "--step", "slot", "--sort", "name", "--format", "csv"}, window...)
	want := peace.run(t, question...)
	server := war.serve(t) // restates what is left to restate
	server.await(func() bool { return war.run(t, question...) == want })
	server.stop()
	if diff := cmp.Diff(want, war.run(t, question...)); diff != "" {
		t.Error(diff)
	}
	if n := bytes.Count([]byte(want), []byte("\n")); n != 1+2*48 {
		t.Errorf("%d lines, want a heading and 48 slots of two groups:\n%s", n, want)
	}
	// From the facts, and not from what was derived of them when slots were closed.
	derived := append(question, "--as-known-at", time.Now().Add(time.Minute).UTC().Format(time.RFC3339))
	if diff := cmp.Diff(want, war.run(t, derived...)); diff != "" {
		t.Errorf("derived from the facts again: %s", diff)
	}
	war.run(t, append([]string{"reconcile"}, window...)...)
}

// wave returns samples of two machines whose load goes up and down.
func wave(from, to time.Time) func(io.Writer) error {
	return func(out io.Writer) error {
		w := promtest.NewWriter(out)
		for i := range 2 {
			for _, mode := range []string{"idle", "system"} {
				w.Series("node_cpu_seconds_total", "instance", promtest.Instance(i), "cpu", "0", "mode", mode,
					"cloud_project_name", "IDAaaS", "machine_name", fmt.Sprintf("Machine %d", i))
				value := 0.0
				for at, n := from, 0; at.Before(to); at, n = at.Add(time.Minute), n+1 {
					w.Sample(at, value)
					busy := float64((n*(i+3))%50) + 0.25
					if mode == "idle" {
						busy = 60 - busy
					}
					value += busy
				}
			}
		}
		return w.Close()
	}
}

// place is an installation of the program: a folder with a configuration.
type place struct{ config string }

func installation(t testing.TB, url, grid string) place {
	t.Helper()
	folder := t.TempDir()
	p := place{filepath.Join(folder, "dendro.yaml")}
	text := fmt.Sprintf("data: %q\nslot: 30m\nlisten: 127.0.0.1:0\nsource: {kind: prometheus, prometheus: {url: %q}}\n"+
		"intensity: {chain: [ukgrid], region: GB, ukgrid: {url: %q}}\nslots: {read_slots: 1, parallel: 2}\n", filepath.Join(folder, "data"), url, grid)
	if err := os.WriteFile(p.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p place) command(ctx context.Context, args []string) *exec.Cmd {
	return exec.CommandContext(ctx, "dendro", append(args, "--config", p.config)...)
}

// run runs a command to its end and returns what it prints.
func (p place) run(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := p.command(t.Context(), args)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v\n%s%s", args, err, &out, &errs)
	}
	return out.String()
}

// kill starts a command and kills it after a time, unless it has ended by itself.
func (p place) kill(t *testing.T, after time.Duration, args ...string) {
	t.Helper()
	var errs bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), after)
	defer cancel()
	cmd := p.command(ctx, args)
	cmd.Stderr = &errs
	if err := cmd.Run(); err != nil && ctx.Err() == nil {
		t.Fatalf("%v failed before it was killed: %v\n%s", args, err, &errs)
	}
}
