package prometheus_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/internal/source/prometheus"
	"github.com/dendro-carbon/dendro/internal/testenv/promtest"
)

// The fleet of the benchmarks: 8,130 processors in 8 modes, scraped every 15 s, on
// machines of 780 types. DENDRO_FLEET_TSDB names a folder that keeps its blocks
// between runs; to make them takes a minute.
func fleet(b *testing.B) *promtest.Server {
	b.Helper()
	dir := os.Getenv("DENDRO_FLEET_TSDB")
	if dir == "" {
		dir = b.TempDir()
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		b.Fatal(err)
	}
	if len(entries) == 0 {
		text := promtest.Fleet{
			Hosts: 813, CPUs: 10, Step: 15 * time.Second,
			From: noon().Add(-3 * time.Minute), To: noon().Add(33 * time.Minute),
		}
		promtest.Blocks(b, dir, text.Write)
	}
	return promtest.Start(b, promtest.Options{Blocks: dir})
}

// BenchmarkSlot reads one slot of the fleet, 7.8 million samples, and reduces it
// to facts.
func BenchmarkSlot(b *testing.B) {
	server := fleet(b)
	r := source.Request{Grid: grid(b), Span: account.NewSpan(noon(), noon().Add(30*time.Minute))}
	for name, change := range map[string]func(*prometheus.Config){
		"remote-read":     func(c *prometheus.Config) {},
		"range-selectors": func(c *prometheus.Config) { c.Transport = prometheus.RangeSelector },
		"fast":            func(c *prometheus.Config) { c.Mode = prometheus.Fast },
	} {
		b.Run(name, func(b *testing.B) {
			s := open(b, server.URL, change)
			b.ReportAllocs()
			for b.Loop() {
				readings := readAll(b, s, r)
				if n := len(readings[0].Facts.Facts); n != 813 {
					b.Fatalf("%d facts", n)
				}
			}
			b.ReportMetric(peakMegabytes(b), "peak-MB")
		})
	}
}

// BenchmarkOriginalWay asks as the originals do, one call after the other: for each
// of 780 groups the increases of the last hour, and two carbon intensities. The
// intensities come from a server that answers at once.
func BenchmarkOriginalWay(b *testing.B) {
	server := fleet(b)
	intensity := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"data":[{"from":"2026-01-28T12:00Z","to":"2026-01-28T12:30Z","intensity":{"forecast":231,"actual":231,"index":"high"}}]}`)
	}))
	defer intensity.Close()
	at := noon().Add(30 * time.Minute).Format(time.RFC3339)
	for b.Loop() {
		for group := range promtest.Groups {
			query := fmt.Sprintf(`increase(node_cpu_seconds_total{cloud_project_name="IDAaaS",machine_name="Machine %d"}[1h])`, group)
			body := get(b, server.URL+"/api/v1/query_range?"+url.Values{
				"query": {query}, "start": {at}, "end": {at}, "step": {"1h"},
			}.Encode())
			if bytes.Count(body, []byte(`"mode":`)) < 80 {
				b.Fatalf("%s: %.300s", query, body)
			}
			for range 2 {
				get(b, intensity.URL)
			}
		}
	}
}

func get(b *testing.B, u string) []byte {
	resp, err := http.Get(u)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	return body
}

// peakMegabytes is the most memory that this process ever had, where the system
// tells.
func peakMegabytes(b *testing.B) float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("no /proc/self/status")
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	kilobytes, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	return kilobytes / 1024
}
