package foreign_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/foreign"
)

// tiny is a report with what must be in one, and nothing else.
func tiny(total, hash string) []byte {
	return []byte(`{"schema_version":"perf-sentinel-report/v1.0","report_metadata":{"intent":"internal","confidentiality_level":"public",` +
		`"integrity_level":"none","generated_at":"2026-04-01T10:00:00+02:00","generated_by":"ci","perf_sentinel_version":"0.6",` +
		`"report_uuid":"00000000-0000-4000-8000-00000000000A"},"organisation":{"name":"Example","country":"FR"},` +
		`"period":{"from_date":"2026-01-01","to_date":"2026-03-31","period_type":"calendar-quarter","days_covered":90},` +
		`"scope_manifest":{"total_applications_declared":1,"applications_measured":0,"requests_measured":3},` +
		`"methodology":{"sci_specification":"ISO/IEC 21031:2024","perf_sentinel_version":"0.6","enabled_patterns":[],"core_patterns_required":[],` +
		`"conformance":"partial","calibration_inputs":{"carbon_intensity_source":"mixed","specpower_table_version":"1","scaphandre_used":false}},` +
		`"aggregate":{"total_requests":3,"total_energy_kwh":1,"total_carbon_kgco2eq":` + total + `,"aggregate_efficiency_score":100,` +
		`"aggregate_waste_ratio":0,"anti_patterns_detected_count":0,"estimated_optimization_potential_kgco2eq":0,"corrected":0},` +
		`"applications":[],"integrity":{"content_hash":"` + hash + `"},"notes":{}}`)
}

func ExampleContentHash() {
	hash, err := foreign.ContentHash(tiny("2", ""))
	fmt.Println(hash, err)
	_, err = foreign.ContentHash([]byte(`{"schema_version":1}`))
	fmt.Println(err)
	// Output:
	// sha256:6252fc7d788b518256637d7b0d121ebb6c2aea898974f5baf0d294e570b477f8 <nil>
	// no perf-sentinel report: schema_version: expected a text
}

func ExampleVerify() {
	hash, err := foreign.ContentHash(tiny("2", ""))
	fmt.Println(err)
	for _, report := range [][]byte{tiny("2", hash), tiny("3", hash)} {
		v := foreign.Verify(report)
		fmt.Println(foreign.IsReport(report), v.Holds())
		for _, c := range v.Checks {
			fmt.Println(c.State, c.Name, len(c.Texts))
		}
	}
	// Output:
	// <nil>
	// true true
	// ok form 1
	// ok schema 1
	// ok content hash 1
	// ok sums 1
	// not given not covered by the hash 4
	// true false
	// ok form 1
	// ok schema 1
	// failed content hash 1
	// ok sums 1
	// not given not covered by the hash 4
}

func TestVerifySeesWhatWasAdded(t *testing.T) {
	t.Parallel()
	hash, err := foreign.ContentHash(tiny("2", ""))
	if err != nil {
		t.Fatal(err)
	}
	v := foreign.Verify(tiny("2", hash))
	last := v.Checks[len(v.Checks)-1]
	if !v.Holds() || last.State != disclosure.NotGiven || !strings.Contains(strings.Join(last.Texts, " "), "aggregate.corrected") {
		t.Errorf("%+v", v)
	}
	for name, report := range map[string][]byte{
		"none":     []byte("null"),
		"total":    tiny("3", hash),
		"negative": tiny("-1", hash),
		"schema":   []byte(strings.Replace(string(tiny("2", hash)), "v1.0", "v9.0", 1)),
	} {
		if foreign.Verify(report).Holds() {
			t.Errorf("%s: holds", name)
		}
	}
}

// TestReportsAreReadStrictly: what the original does not take for a report has no hash, and
// what it takes in another form has that of its own.
func TestReportsAreReadStrictly(t *testing.T) {
	t.Parallel()
	report := string(tiny("2", ""))
	hash, err := foreign.ContentHash([]byte(report))
	if err != nil {
		t.Fatal(err)
	}
	for old, odd := range map[string]string{
		`"2026-01-01"`: `"2026-1-1"`, `"2026-04-01T10:00:00+02:00"`: `"2026-04-01 08:00:00z"`, `"country":"FR"`: `"country":"FR","sector":null`,
	} {
		if got, err := foreign.ContentHash([]byte(strings.Replace(report, old, odd, 1))); got != hash || err != nil {
			t.Errorf("%s: %s, %v, want %s", odd, got, err, hash)
		}
	}
	for old, odd := range map[string]string{
		`"intent":"internal"`: `"intent":"secret"`, `"partial"`: `""`, `"calendar-quarter"`: `"week"`, `"none"`: `"low"`,
		`"2026-01-01"`: `"2026-02-30"`, `"enabled_patterns":[]`: `"enabled_patterns":[null]`, `"total_requests":3`: `"total_requests":null`,
		`"notes":{}`: `"notes":{"disclaimers":null}`, `"scaphandre_used":false`: `"scaphandre_used":false,"calibration_applied":null`,
	} {
		if got, err := foreign.ContentHash([]byte(strings.Replace(report, old, odd, 1))); err == nil {
			t.Errorf("%s: %s", odd, got)
		}
	}
}

// TestSignatureAndAttestationHaveTheirMembers: no hash covers them, but what the original does not
// take for them is no report either.
func TestSignatureAndAttestationHaveTheirMembers(t *testing.T) {
	t.Parallel()
	hash, err := foreign.ContentHash(tiny("2", ""))
	if err != nil {
		t.Fatal(err)
	}
	with := func(members string) []byte {
		return []byte(strings.Replace(string(tiny("2", hash)), `"content_hash"`, members+`,"content_hash"`, 1))
	}
	signature := `{"format":"f","bundle_url":"b","signer_identity":"i","signer_issuer":"u","rekor_url":"r","rekor_log_index":5,"signed_at":"t","more":1}`
	attestation := `{"format":"f","attestation_url":"a","builder_id":"b","git_tag":"t","git_commit":"c","slsa_level":"l"}`
	for _, good := range []string{`"signature":null`, `"binary_attestation":null`, `"signature":` + signature, `"binary_attestation":` + attestation} {
		if v := foreign.Verify(with(good)); !v.Holds() {
			t.Errorf("%s: %+v", good, v.Checks)
		}
	}
	for _, wrong := range []string{
		`"signature":"none"`, `"signature":1`, `"signature":[]`, `"signature":{}`, `"binary_attestation":"x"`, `"binary_attestation":{}`,
		`"signature":` + strings.Replace(signature, "5", "-5", 1), `"signature":` + strings.Replace(signature, `"r"`, "null", 1),
		`"binary_attestation":` + strings.Replace(attestation, `"c"`, "7", 1),
	} {
		if v := foreign.Verify(with(wrong)); v.Checks[0].State != disclosure.Failed {
			t.Errorf("%s: %+v", wrong, v.Checks)
		}
	}
}
