package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/dendro-carbon/dendro/internal/golden"
	"github.com/dendro-carbon/dendro/internal/testenv/promtest"
)

// TestAccounts runs testdata/accounts/*.txtar: the account commands over two real
// Prometheus servers. $PROMETHEUS holds the facility of [samples]; $LATER is the
// same after late samples of one machine have come in.
func TestAccounts(t *testing.T) {
	prometheus := promtest.Start(t, promtest.Options{Text: samples(1)})
	later := promtest.Start(t, promtest.Options{Text: samples(2)})
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/accounts",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       golden.Update(),
		Cmds:                commands(),
		Setup: func(env *testscript.Env) error {
			env.Setenv("PROMETHEUS", prometheus.URL)
			env.Setenv("LATER", later.URL)
			return nil
		},
	})
}

// samples returns a facility of 2026-01-15 from 08:00 to 12:00 UTC: the seed's
// example (537.45 busy and 287239.26 idle seconds in each hour) as one machine,
// one with a name full of quotes, and one that is off from 10:00 on. The first
// machine is busier by a factor from 11:00 on.
func samples(factor float64) func(io.Writer) error {
	machines := []struct {
		host, project, machine string
		busy, idle             float64 // seconds in an hour
		until                  int     // minutes
	}{
		{"172.16.100.50:9100", "IDAaaS", "Muon", 537.45, 287239.26, 300},
		{"172.16.100.51:9100", "CDAaaS", `Artemis "Matlab" \ 1`, 1800, 1800, 300},
		{"172.16.100.52:9100", "XDAaaS", "Pilot", 36, 3564, 180},
	}
	begin := time.Date(2026, 1, 15, 7, 0, 0, 0, time.UTC)
	return func(out io.Writer) error {
		w := promtest.NewWriter(out)
		for _, m := range machines {
			for _, mode := range []string{"idle", "user"} {
				w.Series("node_cpu_seconds_total", "instance", m.host, "cpu", "0", "mode", mode,
					"cloud_project_name", m.project, "machine_name", m.machine)
				value := 0.0
				for minute := range m.until + 1 {
					w.Sample(begin.Add(time.Duration(minute)*time.Minute), value)
					step := m.idle / 60
					if mode == "user" {
						step = m.busy / 60
						if m.machine == "Muon" && minute >= 240 {
							step *= factor
						}
					}
					value += step
				}
			}
		}
		return w.Close()
	}
}

// commands are those of scripts beside testscript's own.
func commands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"status": status, "await": await, "freeport": freeport, "expand": expand,
	}
}

// await waits until a file exists or a URL answers: await FILE | URL
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await FILE | URL")
	}
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil || answers(args[0]) {
			return
		}
	}
	ts.Fatalf("%s: nothing in 30 seconds", args[0])
}

func answers(url string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// freeport sets a variable to a port of this machine that nobody uses: freeport
// NAME
func freeport(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: freeport NAME")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	_, port, err := net.SplitHostPort(l.Addr().String())
	ts.Check(err)
	ts.Check(l.Close())
	ts.Setenv(args[0], port)
}

// expand replaces variables in a file: expand FILE
func expand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: expand FILE")
	}
	text := os.Expand(ts.ReadFile(args[0]), ts.Getenv)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}
