package foreign_test

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/fold"
	"github.com/dendro-carbon/dendro/internal/disclosure/foreign"
)

// folded folds a recorded archive.
func folded(t testing.TB, content string) *disclosure.Period {
	t.Helper()
	span := account.NewSpan(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))
	p, err := fold.Archives(t.Context(), fold.Config{Span: span}, []fold.Archive{{Name: "a.ndjson", Read: func(stored io.Writer, read func(io.Reader) error) error {
		if _, err := io.WriteString(stored, content); err != nil {
			return err
		}
		return read(strings.NewReader(content))
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// request asks for a report of the organisation of the recordings.
func request(t testing.TB, intent disclosure.Intent, confidentiality disclosure.Confidentiality) disclosure.Request {
	t.Helper()
	org, err := disclosure.ParseOrg("org.toml", read(t, "cfg", "org.toml"))
	if err != nil {
		t.Fatal(err)
	}
	return disclosure.Request{
		Intent: intent, Confidentiality: confidentiality, Org: org, Zone: time.UTC,
		MadeAt: time.Date(2026, 4, 2, 8, 0, 0, 0, time.UTC), Program: disclosure.Program{Name: "dendro", Version: "1.0.0"},
	}
}

// figures are the members of a report that do not depend on who wrote it.
type figures struct {
	Version      string         `json:"schema_version"`
	Organisation any            `json:"organisation"`
	Period       any            `json:"period"`
	Scope        any            `json:"scope_manifest"`
	Methodology  map[string]any `json:"methodology"`
	Aggregate    any            `json:"aggregate"`
	Applications any            `json:"applications"`
	Integrity    map[string]any `json:"integrity"`
}

// figuresOf reads the figures of a report.
func figuresOf(t testing.TB, report []byte) figures {
	t.Helper()
	var f figures
	if err := json.Unmarshal(report, &f); err != nil {
		t.Fatal(err)
	}
	delete(f.Methodology, "perf_sentinel_version")
	delete(f.Methodology, "standard_crosswalk") // the same datapoints in other words
	delete(f.Methodology["calibration_inputs"].(map[string]any), "binary_specpower_vintage")
	delete(f.Integrity, "content_hash")
	delete(f.Integrity, "binary_hash")
	return f
}

var nearly = cmpopts.EquateApprox(1e-12, 0)

func TestReportIsThatOfTheOriginal(t *testing.T) {
	t.Parallel()
	p := folded(t, string(read(t, "archive", "clean.ndjson")))
	for name, confidentiality := range map[string]disclosure.Confidentiality{
		"clean-internal-internal.json": disclosure.Confidential, "clean-internal-public.json": disclosure.Public,
	} {
		report, err := foreign.New(p, request(t, disclosure.Internal, confidentiality))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(figuresOf(t, read(t, "disclose", name)), figuresOf(t, report), nearly); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
		hash, err := foreign.ContentHash(report)
		if err != nil || !strings.Contains(string(report), hash) {
			t.Errorf("%s: hash %s, %v", name, hash, err)
		}
	}
}

// TestReportAggregates compares the aggregate of all recordings.
func TestReportAggregates(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"clean", "crash-fragment", "hostile", "legacy", "unattributed"} {
		report, err := foreign.New(folded(t, string(read(t, "archive", name+".ndjson"))), request(t, disclosure.Internal, disclosure.Confidential))
		if err != nil {
			t.Fatal(err)
		}
		var want struct{ Aggregate any }
		if err := json.Unmarshal(read(t, "agg", name+".json"), &want); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want.Aggregate, figuresOf(t, report).Aggregate, nearly); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// TestOfficialReportsAreRefused for what the original lets pass.
func TestOfficialReportsAreRefused(t *testing.T) {
	t.Parallel()
	clean := string(read(t, "archive", "clean.ndjson"))
	lines := strings.SplitAfter(clean, "\n")
	r := request(t, disclosure.Official, disclosure.Public)
	r.Org.Scope.ApplicationsDeclared = 20
	if _, err := foreign.New(folded(t, clean), r); err != nil {
		t.Errorf("clean: %v", err)
	}
	for name, c := range map[string]struct{ content, problem string }{
		"edited":         {strings.Replace(clean, `"io_ops":6`, `"io_ops":7`, 1), "chain-broken"},
		"swapped":        {lines[1] + lines[0] + lines[2] + lines[3], "chain-broken"},
		"unchained":      {string(read(t, "archive", "legacy.ndjson")), "unchained"},
		"negative":       {strings.Replace(clean, `"mid":0.`, `"mid":-0.`, 4), "inconsistent"},
		"without waste":  {strings.ReplaceAll(clean, `"disclosure_waste"`, `"disclosure_wasted"`), "waste"},
		"never searched": {strings.ReplaceAll(strings.ReplaceAll(clean, `"disclosure_waste"`, `"x"`), `"detection_config"`, `"y"`), "looked through"},
	} {
		_, err := foreign.New(folded(t, c.content), r)
		var refused *foreign.Refused
		if !errors.As(err, &refused) || !strings.Contains(strings.Join(refused.Problems, "\n"), c.problem) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r.Org.Acknowledged = map[string]string{"chain-broken": "the disk was replaced"}
	report, err := foreign.New(folded(t, lines[0]+lines[2]), r)
	if err != nil || !strings.Contains(string(report), "the disk was replaced") {
		t.Errorf("acknowledged: %v", err)
	}
}

// TestNumbersOfReports holds hashes together with what is written.
func TestNumbersOfReports(t *testing.T) {
	t.Parallel()
	p := folded(t, string(read(t, "archive", "clean.ndjson")))
	for _, x := range []float64{0, 1, 1e-5, 9.99e-6, 1e15, 1e16, 1.5e-300, math.MaxFloat64, 5e-324, 1.0 / 3} {
		p.Report.EnergyKWh = x
		report, err := foreign.New(p, request(t, disclosure.Internal, disclosure.Public))
		if err != nil {
			t.Fatal(err)
		}
		if hash, err := foreign.ContentHash(report); err != nil || !strings.Contains(string(report), hash) {
			t.Errorf("%v: %s, %v", x, hash, err)
		}
	}
}

// FuzzContentHash: whatever is hashed is hashed the same in another order.
func FuzzContentHash(f *testing.F) {
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"integrity":null}`))
	f.Fuzz(func(t *testing.T, report []byte) {
		first, err := foreign.ContentHash(report)
		if err != nil {
			if !errors.Is(err, foreign.ErrReport) {
				t.Fatal(err)
			}
			return
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal(report, &members); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(members)
		if err != nil {
			t.Fatal(err)
		}
		if second, err := foreign.ContentHash(again); err != nil || first != second {
			t.Fatalf("%s, %s, %v", first, second, err)
		}
	})
}
