package fold_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/fold"
	"github.com/dendro-carbon/dendro/internal/window"
)

// oracleDir returns where what the original made of archives lies.
func oracleDir(t testing.TB, parts ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "..", "..", "shared", "oracle", "service"}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skip("the recordings of the original are not here: ", err)
	}
	return path
}

// quarter is the period of the recordings.
func quarter() account.Span {
	return account.NewSpan(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))
}

// text returns an archive that is in memory.
func text(name, content string) fold.Archive {
	return fold.Archive{Name: name, Read: func(stored io.Writer, read func(io.Reader) error) error {
		if _, err := io.WriteString(stored, content); err != nil {
			return err
		}
		return read(strings.NewReader(content))
	}}
}

func recorded(t testing.TB, name string) string {
	t.Helper()
	content, err := os.ReadFile(oracleDir(t, "archive", name+".ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func folded(t testing.TB, archives ...fold.Archive) *disclosure.Period {
	t.Helper()
	p, err := fold.Archives(t.Context(), fold.Config{Span: quarter(), Workers: 3}, archives)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// aggregated is what the original makes of an archive.
type aggregated struct {
	Aggregate struct {
		Requests    uint64              `json:"total_requests"`
		Energy      float64             `json:"total_energy_kwh"`
		Carbon      float64             `json:"total_carbon_kgco2eq"`
		Canonical   aggregatedTier      `json:"canonical_waste"`
		Operational aggregatedTier      `json:"operational_waste"`
		Versions    []string            `json:"binary_versions"`
		Models      map[string][]string `json:"per_service_energy_models"`
		Ratios      map[string]float64  `json:"per_service_measured_ratio"`
		Days        struct {
			ObservedDays int `json:"observed_days"`
			LargestGap   int `json:"largest_gap_days"`
			InPeriod     int `json:"days_in_period"`
		} `json:"temporal_coverage"`
	}
	Calibrated    bool     `json:"calibration_applied"`
	Methodologies []string `json:"carbon_methodologies"`
	Breaks        uint64   `json:"chain_breaks"`
	Outside       uint64   `json:"chain_breaks_outside"`
	Unchained     uint64   `json:"chain_unchained"`
	Verified      uint64   `json:"chain_verified"`
	Embodied      float64  `json:"embodied_gco2_total"`
	Transport     float64  `json:"transport_gco2_total"`
	OperationalG  float64  `json:"operational_gco2_total"`
	Sources       []string `json:"energy_source_models"`
	Coefficients  []string `json:"scoring_coefficients"`
	Runtime       uint64   `json:"runtime_windows"`
	Fallback      uint64   `json:"fallback_windows"`
	Legacy        uint64   `json:"legacy_waste_windows"`
	Malformed     uint64   `json:"malformed_lines_skipped"`
	Windows       uint64   `json:"windows_aggregated"`
	Services      map[string]struct {
		Energy    float64  `json:"energy_kwh"`
		Carbon    float64  `json:"carbon_kgco2eq"`
		Ops       uint64   `json:"total_io_ops"`
		Requests  uint64   `json:"total_requests"`
		Endpoints []string `json:"endpoints_seen"`
		Patterns  map[string]struct {
			Avoidable   uint64 `json:"avoidable_io_ops"`
			Occurrences uint64
		} `json:"anti_patterns"`
	} `json:"per_service"`
	First map[string]time.Time `json:"first_seen"`
	Last  map[string]time.Time `json:"last_seen"`
}

type aggregatedTier struct {
	Threshold uint64  `json:"n_plus_one_threshold"`
	KWh       float64 `json:"energy_kwh"`
	Kg        float64 `json:"carbon_kgco2eq"`
}

// close reports whether floats are equal but for their rounding.
func closeTo(a, b float64) bool {
	return a == b || math.Abs(a-b) <= 1e-12*math.Max(math.Abs(a), math.Abs(b))
}

// recording reads what the original makes of an archive.
func recording(t testing.TB, name string) *aggregated {
	t.Helper()
	content, err := os.ReadFile(oracleDir(t, "agg", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	a := &aggregated{}
	if err := json.Unmarshal(content, a); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestFoldIsThatOfTheOriginal(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"clean", "crash-fragment", "hostile", "legacy", "unattributed"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compareRecording(t, folded(t, text(name+".ndjson", recorded(t, name))), recording(t, name))
		})
	}
}

func compareRecording(t *testing.T, p *disclosure.Period, want *aggregated) {
	t.Helper()
	a, r, w := &want.Aggregate, &p.Report, &p.Windows
	counts := func(v ...uint64) []uint64 { return v }
	equal(t, "counts", counts(r.Requests, w.Counted, w.Runtime, w.Fallback, w.Malformed, r.LegacyWaste),
		counts(a.Requests, want.Windows, want.Runtime, want.Fallback, want.Malformed, want.Legacy))
	equal(t, "chain", w.Chain, disclosure.ChainCounts{Verified: want.Verified, Unchained: want.Unchained, Breaks: want.Breaks, BreaksOutside: want.Outside})
	equal(t, "days", []int{p.Coverage.ObservedDays, p.Coverage.LargestGap, p.Coverage.Days}, []int{a.Days.ObservedDays, a.Days.LargestGap, a.Days.InPeriod})
	equal(t, "tags", [][]string{r.Versions, r.Models, r.Methodologies, r.Coefficients}, [][]string{a.Versions, want.Sources, want.Methodologies, want.Coefficients})
	equal(t, "calibrated", r.Calibrated, want.Calibrated)
	for name, pair := range map[string][2]float64{
		"energy": {r.EnergyKWh, a.Energy}, "carbon": {r.CarbonKg, a.Carbon}, "embodied": {r.EmbodiedGrams, want.Embodied},
		"transport": {r.TransportGrams, want.Transport}, "operational": {r.OperationalGrams, want.OperationalG},
		"canonical kWh": {r.Canonical.KWh, a.Canonical.KWh}, "canonical kg": {r.Canonical.CarbonKg, a.Canonical.Kg},
		"operators' kWh": {r.Operational.KWh, a.Operational.KWh}, "operators' kg": {r.Operational.CarbonKg, a.Operational.Kg},
	} {
		if !closeTo(pair[0], pair[1]) {
			t.Errorf("%s: %v, want %v", name, pair[0], pair[1])
		}
	}
	services := r.Services
	if r.Unattributed != nil {
		services = append(services, *r.Unattributed)
	}
	named := 0
	for _, s := range services {
		compareService(t, &s, want)
		if s.Named {
			named++
		}
	}
	equal(t, "services", named, len(want.Services))
}

func compareService(t *testing.T, s *disclosure.Service, want *aggregated) {
	t.Helper()
	equal(t, s.Name+" models", s.Models, want.Aggregate.Models[s.Name])
	if ratio, ok := want.Aggregate.Ratios[s.Name]; ok != (s.MeasuredRatio != nil) || ok && !closeTo(*s.MeasuredRatio, ratio) {
		t.Errorf("%s: measured ratio %v, want %v", s.Name, s.MeasuredRatio, ratio)
	}
	if !s.Named {
		return
	}
	w := want.Services[s.Name]
	equal(t, s.Name, []uint64{s.Operations, s.Requests, uint64(s.Endpoints)}, []uint64{w.Ops, w.Requests, uint64(len(w.Endpoints))})
	if !closeTo(s.EnergyKWh, w.Energy) || !closeTo(s.CarbonKg, w.Carbon) {
		t.Errorf("%s: %v kWh, %v kg, want %v, %v", s.Name, s.EnergyKWh, s.CarbonKg, w.Energy, w.Carbon)
	}
	equal(t, s.Name+" patterns", len(s.Patterns), len(w.Patterns))
	for _, p := range s.Patterns {
		key := s.Name + "|" + p.Type
		equal(t, key, []uint64{p.Occurrences, p.Avoidable}, []uint64{w.Patterns[p.Type].Occurrences, w.Patterns[p.Type].Avoidable})
		if !p.First.Equal(want.First[key]) || !p.Last.Equal(want.Last[key]) {
			t.Errorf("%s: from %v to %v, want %v, %v", key, p.First, p.Last, want.First[key], want.Last[key])
		}
	}
}

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if d := cmp.Diff(want, got, empty, cmp.Comparer(func(a, b account.Labels) bool { return a == b })); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

var empty = cmp.FilterValues(func(a, b []string) bool { return len(a) == 0 && len(b) == 0 }, cmp.Ignore())

// TestDuplicatesCountOnce: the original counts a repeated line and a copied file twice.
func TestDuplicatesCountOnce(t *testing.T) {
	t.Parallel()
	clean := recorded(t, "clean")
	once := folded(t, text("a.ndjson", clean))
	for name, archives := range map[string][]fold.Archive{
		"line":      {text("a.ndjson", recorded(t, "dup-lines"))},
		"file":      {text("a.ndjson", clean), text("b.ndjson", clean)},
		"rechained": {text("a.ndjson", clean), text("b.ndjson", unchained(t, clean))},
		"spaced":    {text("a.ndjson", clean), text("b.ndjson", strings.ReplaceAll(clean, `,"`, `, "`))},
	} {
		p := folded(t, archives...)
		if p.Windows.Duplicates == 0 {
			t.Errorf("%s: no duplicates", name)
		}
		equal(t, name+": total", p.Total, once.Total)
		equal(t, name+": rows", p.Rows, once.Rows)
		equal(t, name+": report", p.Report, once.Report)
	}
}

// unchained takes hashes out of lines, and changes the order of members and the form of
// numbers.
func unchained(t *testing.T, content string) string {
	t.Helper()
	var out bytes.Buffer
	for line := range strings.Lines(content) {
		var members map[string]json.RawMessage
		if err := json.Unmarshal([]byte(line), &members); err != nil {
			t.Fatal(err)
		}
		out.WriteString(`{"ts" : ` + string(members["ts"]) + `, "report":` + strings.ReplaceAll(string(members["report"]), `":`, `" : `) + "}\n")
	}
	return out.String()
}

func TestFoldNeedsWindows(t *testing.T) {
	t.Parallel()
	_, err := fold.Archives(t.Context(), fold.Config{Span: quarter()}, []fold.Archive{text("a", "null\n")})
	if !errors.Is(err, fold.ErrNoWindows) {
		t.Error(err)
	}
	_, err = fold.Archives(t.Context(), fold.Config{Span: quarter(), Strict: true},
		[]fold.Archive{text("a", recorded(t, "unattributed"))})
	if !errors.Is(err, fold.ErrUnattributed) {
		t.Error(err)
	}
}

// TestDamagedFileOfNothing: a compressed file that is cut off so early that nothing of it can be read is
// told of, where there would only be no windows.
func TestDamagedFileOfNothing(t *testing.T) {
	t.Parallel()
	cut := errors.New("unexpected EOF")
	_, err := fold.Archives(t.Context(), fold.Config{Span: quarter()}, []fold.Archive{{
		Name: "cut.ndjson.gz", Read: func(io.Writer, func(io.Reader) error) error { return cut },
	}})
	if !errors.Is(err, fold.ErrNoWindows) || !errors.Is(err, cut) || !strings.Contains(err.Error(), "cut.ndjson.gz is damaged after line 0") {
		t.Error(err)
	}
}

// TestListsThatAreCutOffSaySo: of more than 64 models the first are listed, and that is found.
func TestListsThatAreCutOffSaySo(t *testing.T) {
	t.Parallel()
	line := strings.SplitAfter(unchained(t, recorded(t, "clean")), "\n")[0]
	var all strings.Builder
	for i := range 70 {
		all.WriteString(strings.Replace(line, `"energy_model" : "`, fmt.Sprintf(`"energy_model":"m%02d","was":"`, i), 1))
	}
	p := folded(t, text("a", all.String()))
	want := disclosure.Finding{Code: disclosure.FindingCapped, Count: 1, Text: "there are more than 64 energy models: the rest is not listed"}
	if !slices.Contains(p.Quality.Findings, want) || len(p.Report.Models) != 64 {
		t.Errorf("%d models, findings %+v", len(p.Report.Models), p.Quality.Findings)
	}
}

// TestHashOfLooseTextIsNone: the hash of a line is that of its canonical text, as with the original; one of
// the text as another program wrote it is wrong.
func TestHashOfLooseTextIsNone(t *testing.T) {
	t.Parallel()
	prev, all := window.ChainSeed, ""
	for line := range strings.Lines(recorded(t, "clean")) {
		_, body, _ := strings.Cut(strings.TrimSpace(line), `"prev":"`)
		_, body, _ = strings.Cut(body, `"`)
		body = strings.ReplaceAll(`{"prev":"`+prev+`"`+body, `":`, `": `)
		sum := sha256.Sum256([]byte(body))
		prev = "sha256:" + hex.EncodeToString(sum[:])
		all += `{"hash":"` + prev + `",` + body[1:] + "\n"
	}
	if c := folded(t, text("a", all)).Windows.Chain; c.Verified != 0 || c.Breaks == 0 {
		t.Errorf("%+v", c)
	}
}
