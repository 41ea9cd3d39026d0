package foreign_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/foreign"
	"github.com/dendro-carbon/dendro/internal/testenv"
)

// byDesign are the members that no content hash covers.
func byDesign() []string {
	return []string{"integrity.content_hash", "integrity.signature", "report_metadata.integrity_level"}
}

// TestVerifyRecordedReports verifies reports that the original wrote, sound and changed.
func TestVerifyRecordedReports(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(testenv.Oracle(t), "service", "disclose")
	for _, name := range []string{"clean-internal-internal.json", "clean-internal-public.json"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		v := foreign.Verify(text)
		if !foreign.Is(text) || !v.Holds() {
			t.Errorf("%s: %+v", name, v.Checks)
		}
		outside := v.Checks[len(v.Checks)-1].Texts[1:]
		if diff := cmp.Diff(byDesign(), outside); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		added := strings.Replace(string(text), `"total_requests"`, `"total_carbon_corrected": 0, "total_requests"`, 1)
		v = foreign.Verify([]byte(added))
		if last := v.Checks[len(v.Checks)-1]; !v.Holds() || last.State != disclosure.NotGiven || !slices.Contains(last.Texts, "aggregate.total_carbon_corrected") {
			t.Errorf("%s: a member was added: %+v", name, v.Checks)
		}
		changed := strings.Replace(string(text), `"total_requests": 11`, `"total_requests": 12`, 1)
		if v := foreign.Verify([]byte(changed)); v.Holds() || changed == string(text) {
			t.Errorf("%s: a figure was changed: %+v", name, v.Checks)
		}
	}
}

func FuzzVerify(f *testing.F) {
	f.Add([]byte(`{"schema_version":"perf-sentinel-report/v1.6"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if v := foreign.Verify(text); len(v.Checks) == 0 || v.Hash == "" {
			t.Errorf("%q: nothing was checked", text)
		}
	})
}
