package main

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/testenv/promtest"
	"github.com/dendro-carbon/dendro/internal/testenv/ukgridtest"
)

// BenchmarkBackfill runs `dendro backfill` of one slot of a fleet of 8,130
// processors in 8 modes, scraped every 15 s: 65,000 series and 7.8 million samples
// are read from a real Prometheus, derived and committed to a new ledger on disk, by
// a new process each time. DENDRO_FLEET_TSDB names a folder that keeps the samples
// between runs; to make them takes a minute.
func BenchmarkBackfill(b *testing.B) {
	noon := time.Date(2026, 1, 28, 12, 0, 0, 0, time.UTC)
	dir := os.Getenv("DENDRO_FLEET_TSDB")
	if dir == "" {
		dir = b.TempDir()
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		b.Fatal(err)
	}
	if len(entries) == 0 {
		promtest.Blocks(b, dir, promtest.Fleet{
			Hosts: 813, CPUs: 10, Step: 15 * time.Second, From: noon.Add(-3 * time.Minute), To: noon.Add(33 * time.Minute),
		}.Write)
	}
	server, grid := promtest.Start(b, promtest.Options{Blocks: dir}), ukgridtest.Start(b)
	slot := []string{"backfill", "--quiet", "--from", noon.Format(time.RFC3339), "--to", noon.Add(30 * time.Minute).Format(time.RFC3339)}
	var took time.Duration
	var memory, cpu float64
	runs := 0
	for b.Loop() {
		b.StopTimer()
		p := installation(b, server.URL, grid.URL)
		b.StartTimer()
		command := p.command(b.Context(), slot)
		begin := time.Now()
		text, err := command.CombinedOutput()
		took += time.Since(begin)
		if err != nil || !strings.Contains(string(text), "1 of 1 missing slots closed") {
			b.Fatal(err, string(text))
		}
		usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage)
		if !ok {
			b.Fatal("no figures of the process")
		}
		memory = max(memory, float64(usage.Maxrss)/1024)
		cpu += (command.ProcessState.UserTime() + command.ProcessState.SystemTime()).Seconds()
		runs++
	}
	b.ReportMetric(memory, "peak-MB")
	b.ReportMetric(cpu/float64(runs), "cpu-s/op")
	b.ReportMetric(float64(runs)*30*60/took.Seconds(), "x-real-time")
}
