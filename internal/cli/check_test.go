package cli

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// Every difference of the table has a manifest that shows it. Comparing its two
// runs must name that difference, apart from those that no run can show.
func TestAgainstNamesTheDifference(t *testing.T) {
	t.Parallel()
	silent := map[string]string{
		"aggregate-always": "needs --observe",
		"observe-defaults": "needs --observe",
		"output-path":      "is about where the result goes",
		"first-problem":    "both refuse the manifest",
		"script-error":     "both refuse the manifest",
		"plain-names":      "two differences must be switched for Impact Framework to accept the name",
		"input-leak":       "is not noticed",
	}
	files, err := filepath.Glob("../manifest/testdata/differences/*.txtar")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d differences, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var text []byte
			for _, f := range archive.Files {
				if f.Name == "manifest.yml" {
					text = f.Data
				}
			}
			if strings.Contains(string(text), "filepath:") {
				t.Skip("reads a table beside it; the script of check does so")
			}
			var out bytes.Buffer
			args := []string{"check", "-", "--against", "if-1.1", "--allow-shell"}
			status := Run(t.Context(), args, bytes.NewReader(text), &out, &out)
			_, isSilent := silent[name]
			if named := strings.Contains(out.String(), "\n"+name+"\n  Impact Framework: "); named == isSilent {
				t.Errorf("status %d; named: %v\n%s", status, named, out.String())
			}
		})
	}
}
