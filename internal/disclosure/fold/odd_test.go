package fold_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/canon"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/window"
)

// report is a window's report with 5 operations, 7 traces and a finding of service a. The
// texts are members of its summary and of itself.
func report(green, members string) string {
	return `{"analysis":{"duration_ms":0,"events_processed":5,"traces_analyzed":7},"findings":[{"pattern":{"occurrences":3},"service":"a",` +
		`"type":"slow_sql"}],"green_summary":{"avoidable_io_ops":0,"energy_kwh":1e-6,` + green + `"io_waste_ratio":0.0,"io_waste_ratio_band":"healthy",` +
		`"top_offenders":[],"total_io_ops":5},` + members + `"quality_gate":{"passed":true,"rules":[]}}`
}

// bare returns lines without a chain, a minute apart.
func bare(reports ...string) string {
	var out strings.Builder
	for i, r := range reports {
		fmt.Fprintf(&out, `{"report":%s,"ts":"2026-01-15T10:%02d:00Z"}`+"\n", r, i)
	}
	return out.String()
}

// sealed returns a line whose other members are those of body, with its hash.
func sealed(t *testing.T, body string) (line, sum string) {
	t.Helper()
	exact, err := canon.Append(nil, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(exact)
	sum = "sha256:" + hex.EncodeToString(digest[:])
	return `{"hash":"` + sum + `",` + string(exact[1:]) + "\n", sum
}

// TestOddChains counts the breaks of chains as the original does: a line without a hash
// within a chain forgets its number, and an emptied hash is one that is wrong.
func TestOddChains(t *testing.T) {
	t.Parallel()
	var lines []string
	prev := window.ChainSeed
	add := func(seq int, member string) {
		var line string
		line, prev = sealed(t, fmt.Sprintf(`{"prev":%q,"report":%s%s,"ts":"2026-01-15T10:%02d:00Z"}`, prev, report("", ""), member, seq))
		lines = append(lines, line)
	}
	for i, member := range []string{`,"seq":0`, `,"seq":1`, ``, `,"seq":3`, `,"seq":4`} {
		add(i, member)
	}
	for name, c := range map[string]struct {
		content string
		want    disclosure.ChainCounts
	}{
		"sound":         {strings.Join(lines, ""), disclosure.ChainCounts{Verified: 5}},
		"a line of 5":   {lines[0] + lines[1] + "5\n" + lines[2] + lines[3] + lines[4], disclosure.ChainCounts{Verified: 4, Breaks: 2}},
		"emptied hash":  {lines[0] + `{"hash":"` + lines[1][strings.Index(lines[1], `",`):] + lines[2] + lines[3], disclosure.ChainCounts{Verified: 2, Breaks: 2}},
		"emptied first": {`{"hash":"` + lines[0][strings.Index(lines[0], `",`):] + lines[1], disclosure.ChainCounts{Breaks: 2}},
	} {
		equal(t, name, folded(t, text("a.ndjson", c.content)).Windows.Chain, c.want)
	}
}

// TestOddTimes reads times as RFC 3339 has them, of which the original reads all, too.
func TestOddTimes(t *testing.T) {
	t.Parallel()
	for at, counted := range map[string]uint64{
		"2026-01-15t10:00:00z": 1, "2026-01-15 10:00:00Z": 1, "2026-03-31T23:59:60Z": 1, "2026-03-31T23:59:60.5-00:00": 1,
		"2026-01-15T10:00:00,5Z": 0, "2026-01-15T10:00:61Z": 0, "2026-01-15T10:00Z": 0, "2026-01-15T10:00:00": 0,
	} {
		lines := bare(report("", "")) + strings.Replace(bare(report("", `"binary_version":"2",`)), "2026-01-15T10:00:00Z", at, 1)
		w := folded(t, text("a.ndjson", lines)).Windows
		if w.Counted != 1+counted || w.Malformed != 1-counted {
			t.Errorf("%s: %d windows, %d malformed", at, w.Counted, w.Malformed)
		}
	}
}

// TestEndpointsWithoutOperations: their services have rows with nothing in them, and keep
// their findings.
func TestEndpointsWithoutOperations(t *testing.T) {
	t.Parallel()
	p := folded(t, text("a.ndjson", bare(report("", `"per_endpoint_io_ops":[{"endpoint":"e","io_ops":0,"service":"a"},{"endpoint":"e","io_ops":0,"service":"b"}],`))))
	if p.Report.EnergyKWh != 1e-6 || p.Report.Unattributed != nil || p.Windows.Unattributed != 1 {
		t.Errorf("%+v, %+v", p.Report, p.Windows)
	}
	for i, s := range p.Report.Services {
		if !s.Named || s.EnergyKWh != 0 || s.Requests != 0 || s.Endpoints != 1 || len(s.Patterns) != 1-i {
			t.Errorf("%+v", s)
		}
	}
}

// TestOddTags: a model that is calibration alone has an empty name, and what belongs to no
// service has models and ratios like any service.
func TestOddTags(t *testing.T) {
	t.Parallel()
	p := folded(t, text("a.ndjson", bare(report(`"energy_model":"+cal","per_service_energy_model":{"_unattributed":"kepler_ebpf"},`+
		`"per_service_measured_ratio":{"_unattributed":0.5},`, ""))))
	equal(t, "models", p.Report.Models, []string{"", "kepler_ebpf"})
	if nobody := p.Report.Unattributed; !p.Report.Calibrated || nobody == nil || len(nobody.Models) != 1 || nobody.MeasuredRatio == nil || *nobody.MeasuredRatio != 0.5 {
		text, err := json.Marshal(p.Report)
		t.Errorf("%s, %v", text, err)
	}
}

// TestLargestCounts: a count that cannot be costs the fold nothing but itself.
func TestLargestCounts(t *testing.T) {
	t.Parallel()
	odd := strings.Replace(report("", ""), `"traces_analyzed":7`, `"traces_analyzed":18446744073709551615`, 1)
	p := folded(t, text("a.ndjson", bare(odd, report("", ""))))
	if p.Report.Requests != math.MaxUint64 || p.Total.Requests != math.MaxInt64 {
		t.Errorf("%d, %d requests", p.Report.Requests, p.Total.Requests)
	}
}
