package gen_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/testenv"
	"github.com/dendro-carbon/dendro/internal/testenv/gen"
)

// The recorded scaling manifests and ours are the same document but for the
// description.
func TestManifestIsTheRecordedOne(t *testing.T) {
	want, err := os.ReadFile(filepath.Join(testenv.Oracle(t), "if", "scale", "30x24-component.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := gen.Manifest(&got, 30, 24, "component"); err != nil {
		t.Fatal(err)
	}
	description := regexp.MustCompile(`(?m)^description:.*$`)
	if diff := cmp.Diff(strings.Split(description.ReplaceAllString(string(want), ""), "\n"),
		strings.Split(description.ReplaceAllString(got.String(), ""), "\n")); diff != "" {
		t.Errorf("(-recorded +ours)\n%s", diff)
	}
}

func TestManifestHasAllComponents(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 9, 10, 101, 250} {
		var b bytes.Buffer
		if err := gen.Manifest(&b, n, 2, ""); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(b.String(), " comp-"); got != n {
			t.Errorf("%d components: wrote %d", n, got)
		}
		if got := strings.Count(b.String(), "- timestamp:"); got != 2*n {
			t.Errorf("%d components: wrote %d rows", n, got)
		}
		if strings.Contains(b.String(), "aggregation:\n") {
			t.Errorf("%d components: aggregation was not asked for", n)
		}
	}
}
