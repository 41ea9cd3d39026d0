package fold_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/fold"
	"github.com/dendro-carbon/dendro/internal/window"
)

// scored is a window that Dendro scored of random spans.
func scored(t testing.TB, r *rand.Rand, at time.Time, spans int) window.Window {
	t.Helper()
	c := window.Defaults()
	c.Places = map[string]window.Place{"eu-west-3": {Annual: 41.5, PUE: 1.15}, "us-east-1": {Annual: 379, PUE: 1.1}}
	c.ServiceRegions = map[string]string{"orders": "eu-west-3", "stock": "us-east-1"}
	c.BinaryVersion = "1.0.0"
	all := make([]window.Span, spans)
	for i := range all {
		all[i] = window.Span{
			Service: []string{"orders", "stock", "nowhere"}[r.IntN(3)], Endpoint: fmt.Sprintf("GET /%d", r.IntN(4)),
			Environment: []string{"", "prod"}[r.IntN(2)], Kind: window.KindSQL, Verb: window.VerbSelect,
			Trace: window.TraceID{byte(r.IntN(8)), 1}, Start: at.UnixNano() + r.Int64N(int64(time.Minute)),
		}
	}
	w, err := window.Score(c, all, window.Conditions{From: at.UnixNano(), To: at.Add(time.Minute).UnixNano()})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// chained writes windows as an archive, one a minute from an instant on.
func chained(t testing.TB, seed uint64, from time.Time, windows int) []string {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	e := window.Envelope{Prev: window.ChainSeed}
	var out []string
	for i := range windows {
		begin := from.Add(time.Duration(i) * time.Minute)
		w := scored(t, r, begin, 1+r.IntN(30))
		e.Time = begin.Add(time.Minute + 2*time.Second)
		line, sum, err := window.AppendLine(nil, e, &w)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(line)+"\n")
		e.Prev, e.Seq = sum, e.Seq+1
	}
	return out
}

func february() time.Time { return time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC) }

// plain is a period without what says which files it is of.
func plain(p *disclosure.Period) string {
	copied := *p
	copied.Inputs, copied.Quality.Findings, copied.Windows.Chain = nil, nil, disclosure.ChainCounts{}
	out, err := json.Marshal(copied)
	if err != nil {
		return err.Error()
	}
	return string(out)
}

// TestFoldOfPartsIsThatOfTheWhole, in any order, by any number of workers.
func TestFoldOfPartsIsThatOfTheWhole(t *testing.T) {
	t.Parallel()
	lines := append(chained(t, 1, february(), 60), strings.SplitAfter(strings.TrimSpace(recorded(t, "clean"))+"\n", "\n")...)
	whole := folded(t, text("a", strings.Join(lines, "")))
	want := plain(whole)
	r := rand.New(rand.NewPCG(5, 6))
	for range 8 {
		parts := make([]bytes.Buffer, 1+r.IntN(5))
		for _, i := range r.Perm(len(lines)) {
			parts[r.IntN(len(parts))].WriteString(lines[i])
		}
		var archives []fold.Archive
		for i := range parts {
			archives = append(archives, text(fmt.Sprint(i), parts[i].String()))
		}
		p, err := fold.Archives(t.Context(), fold.Config{Span: quarter(), Workers: 1 + r.IntN(4)}, archives)
		if err != nil {
			t.Fatal(err)
		}
		if got := plain(p); got != want {
			t.Fatalf("got\n%s\nwant\n%s", got, want)
		}
	}
}

// TestRowsAddUp to the totals, in every view, and none exceeds its whole.
func TestRowsAddUp(t *testing.T) {
	t.Parallel()
	content := strings.Join(chained(t, 7, february(), 100), "") + recorded(t, "hostile") + recorded(t, "legacy")
	var first account.Quantities
	for i, by := range [][]string{nil, {"service"}, {"region", "environment"}, {"environment", "region", "service"}} {
		p, err := fold.Archives(t.Context(), fold.Config{Span: quarter(), By: by}, []fold.Archive{text("a", content)})
		if err != nil {
			t.Fatal(err)
		}
		var sum account.Quantities
		var requests uint64
		for _, row := range p.Rows {
			if sum, err = sum.Add(row.Quantities); err != nil {
				t.Fatal(err)
			}
			requests += row.Requests
			if row.CarbonEnergy > row.Energy || row.MeasuredEnergy > row.Energy || row.EstimatedEnergy > row.Energy || row.Low > row.High {
				t.Errorf("%v: %+v", by, row)
			}
		}
		if sum != p.Total.Quantities || requests != p.Report.Requests {
			t.Errorf("%v: rows %+v, total %+v", by, sum, p.Total)
		}
		if i == 0 {
			first = sum
		}
		if sum != first {
			t.Errorf("%v: total %+v, by service and region %+v", by, sum, first)
		}
	}
}

// TestTamperedArchives: what was done to an archive is seen.
func TestTamperedArchives(t *testing.T) {
	t.Parallel()
	lines := strings.SplitAfter(strings.TrimSpace(recorded(t, "clean"))+"\n", "\n")[:4]
	for name, c := range map[string]struct {
		lines []string
		want  disclosure.ChainCounts
	}{
		"clean":         {lines, disclosure.ChainCounts{Verified: 4}},
		"edited":        {[]string{lines[0], strings.Replace(lines[1], `"io_ops":`, `"io_ops":1`, 1), lines[2], lines[3]}, disclosure.ChainCounts{Verified: 3, Breaks: 1}},
		"middle gone":   {[]string{lines[0], lines[1], lines[3]}, disclosure.ChainCounts{Verified: 2, Breaks: 1}},
		"head gone":     {lines[1:], disclosure.ChainCounts{Verified: 2, Breaks: 1}},
		"swapped":       {[]string{lines[0], lines[2], lines[1], lines[3]}, disclosure.ChainCounts{Verified: 1, Breaks: 3}},
		"bad UTF-8":     {[]string{lines[0], "\xff\xfe\n", lines[1], "{\"a\":\"\x80\"}\n", lines[2], lines[3]}, disclosure.ChainCounts{Verified: 4}},
		"fragment":      {[]string{lines[0], lines[1], lines[2][:200]}, disclosure.ChainCounts{Verified: 2}},
		"hash stripped": {[]string{lines[0], `{` + lines[1][len(`{"hash":"sha256:",`)+64:], lines[2], lines[3]}, disclosure.ChainCounts{Verified: 3, Breaks: 1}},
	} {
		p := folded(t, text("a", strings.Join(c.lines, "")))
		equal(t, name, p.Windows.Chain, c.want)
	}
}

// TestManifestsShowCutTails: a chain alone does not.
func TestManifestsShowCutTails(t *testing.T) {
	t.Parallel()
	lines := chained(t, 3, february(), 5)
	last := lines[4][len(`{"hash":"`) : len(`{"hash":"sha256:`)+64]
	for name, c := range map[string]struct {
		lines []string
		grave int
	}{"whole": {lines, 0}, "cut": {lines[:4], 1}, "longer": {append(lines, "\n", recorded(t, "clean")), 1}} {
		a := text("a", strings.Join(c.lines, ""))
		a.Lines, a.Head = 5, last
		grave := 0
		for _, f := range folded(t, a).Quality.Findings {
			if f.Grave {
				grave++
			}
		}
		if grave != c.grave {
			t.Errorf("%s: %d grave findings, want %d", name, grave, c.grave)
		}
	}
}

// TestAmountsThatCannotBe count as 0, whatever the total of the window says.
func TestAmountsThatCannotBe(t *testing.T) {
	t.Parallel()
	clean := recorded(t, "clean")
	for name, content := range map[string]string{
		"negative energy": strings.Replace(unchained(t, clean), `"energy_kwh" : `, `"energy_kwh" : -`, 1),
		"huge":            strings.Replace(unchained(t, clean), `"energy_kwh" : `, `"energy_kwh" : 1e300,"x" : `, 1),
	} {
		p := folded(t, text("a", content))
		if p.Quality.Repairs.Amounts == 0 {
			t.Errorf("%s: nothing repaired", name)
		}
		for _, row := range p.Rows {
			if row.Energy < 0 || row.Operational < 0 {
				t.Errorf("%s: %+v", name, row)
			}
		}
	}
	negative := strings.Replace(unchained(t, clean), `"mid" : 0.0`, `"mid" : -0.0`, 40)
	p := folded(t, text("a", negative))
	if sum := (p.Report.OperationalGrams + p.Report.EmbodiedGrams + p.Report.TransportGrams) / 1000; !closeTo(p.Report.CarbonKg, sum) || p.Quality.Repairs.Inconsistent == 0 {
		t.Errorf("total %v, terms %v, %+v", p.Report.CarbonKg, sum, p.Quality.Repairs)
	}
}

// TestManyServices keep their names up to a limit, and their sums beyond it.
func TestManyServices(t *testing.T) {
	t.Parallel()
	var line strings.Builder
	const services = 5000
	line.WriteString(`{"report":{"analysis":{"duration_ms":0,"events_processed":1,"traces_analyzed":7},"findings":[],"quality_gate":{},` +
		`"green_summary":{"total_io_ops":5000,"avoidable_io_ops":0,"io_waste_ratio":0,"io_waste_ratio_band":"healthy","top_offenders":[],"energy_kwh":5,`)
	for i, name := range []string{"per_service_energy_kwh", "per_service_carbon_kgco2eq"} {
		if i > 0 {
			line.WriteString(",")
		}
		line.WriteString(`"` + name + `":{`)
		for s := range services {
			if s > 0 {
				line.WriteString(",")
			}
			fmt.Fprintf(&line, `"s%04d":0.001`, s)
		}
		line.WriteString("}")
	}
	line.WriteString(`}},"ts":"2026-02-01T00:00:00Z"}` + "\n")
	p := folded(t, text("a", line.String()))
	equal(t, "energy", p.Total.Energy, 5_000_000_000)
	equal(t, "rows", len(p.Rows), 4097)
	for _, row := range p.Rows {
		if row.Kind == account.KindOther {
			equal(t, "others", row.Energy, (services-4096)*1_000_000)
		}
	}
	equal(t, "services", len(p.Report.Services), 4097)
}

// FuzzArchives: whatever a file holds, the fold ends, and rows add up.
func FuzzArchives(f *testing.F) {
	f.Add([]byte("null\n{}\n\xff\n"), 1)
	f.Add([]byte(`{"report":{"analysis":{"events_processed":1,"traces_analyzed":1},"findings":[{"type":"n_plus_one_sql"}],"quality_gate":{},"green_summary":`+
		`{"total_io_ops":1,"avoidable_io_ops":0,"io_waste_ratio":0,"io_waste_ratio_band":"healthy","top_offenders":[],"energy_kwh":1}},"ts":"2026-02-01T00:00:00Z"}`), 3)
	f.Fuzz(func(t *testing.T, content []byte, workers int) {
		read := fold.Archive{Name: "a", Read: func(_ io.Writer, read func(io.Reader) error) error { return read(bytes.NewReader(content)) }}
		p, err := fold.Archives(t.Context(), fold.Config{Span: quarter(), Workers: workers % 4}, []fold.Archive{read, read})
		if err != nil {
			return
		}
		var sum account.Quantities
		for _, row := range p.Rows {
			if sum, err = sum.Add(row.Quantities); err != nil {
				t.Fatal(err)
			}
		}
		if sum != p.Total.Quantities || p.Windows.Duplicates < p.Windows.Counted {
			t.Fatalf("%+v", p)
		}
	})
}
