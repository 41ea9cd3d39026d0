package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/archive"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/testenv/otlptest"
)

// TestScaleOut holds that two servers which share spans by their trace ids, as a Collector
// with a load-balancing exporter divides them, have the sums of one that has all of them:
// in their archives, in their ledgers, and in a disclosure of both.
func TestScaleOut(t *testing.T) {
	t.Parallel()
	const requests = 24
	begin := time.Now().Truncate(time.Second).Add(-30 * time.Second)
	traffic := otlptest.Traffic{Spans: 512, Services: 6, Resources: 3, Start: begin}
	var places [3]place // the two that share, and the one that has all
	for i := range places {
		p, address := servicesPlace(t)
		places[i] = p
		server := p.serve(t)
		client, err := otlptest.Dial(address)
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		for n := range requests {
			request := traffic.Request(n)
			if i < 2 {
				keepTraces(request, func(id []byte) bool { return int(id[len(id)-1])%2 == i })
			}
			body, err := proto.Marshal(request)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.Send(context.Background(), body); err != nil {
				t.Fatal(err)
			}
			if n%8 == 7 {
				time.Sleep(400 * time.Millisecond) // over several windows
			}
		}
		server.stop()
	}
	shared, whole := sums(t, places[0], places[1]), sums(t, places[2])
	for name, want := range whole {
		if got := shared[name]; math.Abs(got-want) > 1e-12*math.Abs(want) {
			t.Errorf("%s: %v of two, %v of one", name, got, want)
		}
	}
	if len(shared) != len(whole) || whole["spans"] != requests*512 || whole["traces"] != requests*512/8 || sums(t, places[0])["spans"] != requests*256 {
		t.Errorf("%d sums of two, %d of one: %v", len(shared), len(whole), whole)
	}
	checkBooks(t, places, begin)
	checkDisclosed(t, places, begin)
}

// keepTraces leaves of a request the spans of some traces.
func keepTraces(request *trace.TracesData, keep func(id []byte) bool) {
	for _, r := range request.ResourceSpans {
		for _, s := range r.ScopeSpans {
			var kept []*trace.Span
			for _, span := range s.Spans {
				if keep(span.TraceId) {
					kept = append(kept, span)
				}
			}
			s.Spans = kept
		}
	}
}

// sums adds up what the windows of archives say.
func sums(t *testing.T, places ...place) map[string]float64 {
	t.Helper()
	out := map[string]float64{}
	for _, p := range places {
		for l, err := range archive.Lines(t.Context(), filepath.Join(filepath.Dir(p.config), "data", "windows"), account.Mark{}, account.Span{}) {
			if err != nil || l.Fault != nil {
				t.Fatal(err, l.Fault)
			}
			w := l.Window
			out["spans"] += float64(w.Detail.Spans.Counted)
			out["traces"] += float64(w.Analysis.Traces)
			out["operations"] += float64(w.Green.TotalOps)
			out["operational"] += w.Green.CO2.Operational
			out["embodied"] += w.Green.CO2.Embodied
			out["total"] += w.Green.CO2.Total.Mid
			for _, a := range w.Green.ServiceEnergyKWh {
				out["energy of "+a.Service] += a.Value
			}
			for _, a := range w.Green.ServiceCarbonKg {
				out["carbon of "+a.Service] += a.Value
			}
			for _, c := range w.Detail.Cells {
				cell := fmt.Sprintf("%s in %s at %d", c.Service, c.Region, c.Slot)
				out["operations of "+cell] += float64(c.Ops)
				out["others of "+cell] += float64(c.Others)
				out["energy of "+cell] += c.EnergyKWh
			}
		}
	}
	return out
}

// checkBooks compares the ledgers. Each rounds once for a service and slot.
func checkBooks(t *testing.T, places [3]place, begin time.Time) {
	t.Helper()
	window := []string{"--from", begin.Add(-time.Minute).UTC().Format(time.RFC3339), "--to", time.Now().Add(5 * time.Second).UTC().Format(time.RFC3339)}
	awaitDue()
	var of [3]map[string]float64
	for i, p := range places {
		p.run(t, append([]string{"backfill", "--quiet"}, window...)...)
		of[i] = map[string]float64{}
		rows, err := csv.NewReader(strings.NewReader(p.run(t, append([]string{"query", "--by", "service,region", "--format", "csv"}, window...)...))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			for c, name := range rows[0] {
				if value, err := strconv.ParseFloat(row[c], 64); err == nil && (name == "energy_kwh" || strings.HasSuffix(name, "gco2e")) {
					of[i][strings.Join(row[:2], " ")+" "+name] += value
				}
			}
		}
	}
	const slots = 20
	for name, want := range of[2] {
		if got := of[0][name] + of[1][name]; math.Abs(got-want) > slots*1e-6 {
			t.Errorf("%s: the ledgers of two have %v, that of one %v", name, got, want)
		}
	}
	if len(of[2]) < 12 {
		t.Errorf("the ledger has %v", of[2])
	}
}

// checkDisclosed compares what is disclosed of two archives with what is of one.
func checkDisclosed(t *testing.T, places [3]place, begin time.Time) {
	t.Helper()
	d := &desk{t, t.TempDir()}
	disclosed := func(name string, places ...place) []disclosure.Account {
		args := []string{
			"disclose", "--from", begin.UTC().Format(time.DateOnly), "--to", time.Now().UTC().Format(time.DateOnly),
			"--by", "service,region", "--output", "@" + name, "--quiet",
		}
		for _, p := range places {
			args = append(args, "--input", filepath.Join(filepath.Dir(p.config), "data", "windows"))
		}
		d.run(0, args...)
		document, err := disclosure.Parse(d.read(name))
		if err != nil {
			t.Fatal(err)
		}
		return document.Rows
	}
	two, one := disclosed("two.json", places[:2]...), disclosed("one.json", places[2])
	if len(two) != len(one) || len(one) < 6 {
		t.Fatalf("%d rows of two, %d of one", len(two), len(one))
	}
	for i, want := range one {
		got := two[i]
		// Each rounds once, and sums of other windows may round to the other side.
		near := func(a, b int64) bool { return a-b <= 1 && b-a <= 1 }
		if got.Labels != want.Labels || got.Operations != want.Operations || !near(int64(got.Energy), int64(want.Energy)) ||
			!near(int64(*got.Operational), int64(*want.Operational)) {
			t.Errorf("two disclose %+v, one %+v", got, want)
		}
	}
}
