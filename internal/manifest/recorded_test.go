package manifest_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/emit"
)

// TestRecorded runs testdata/recorded: manifests, each with what Impact Framework
// 1.1.0 wrote for it, of which the explain block and the tree must be equal to
// the byte, or with the error that it gave and, if there is a section failure.yml,
// the document that it wrote then, of which all but the execution block is compared.
// The files' comments say what each is about. Flags stand in a section of that
// name, one a line.
func TestRecorded(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("testdata", "recorded", "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no recorded cases: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			recordedCase(t, archive)
		})
	}
}

func recordedCase(t *testing.T, archive *txtar.Archive) {
	sections := unpack(t, archive)
	m, result, err := runCompat([]byte(sections["manifest.yml"]), strings.Fields(sections["flags"]))
	if want, failed := sections["error"]; failed {
		var list diag.List
		if !errors.As(err, &list) || manifest.ErrorText(list, compat.IF11()) != strings.TrimSpace(want) {
			t.Errorf("got error %v, want %s", err, want)
		}
		if document, ok := sections["failure.yml"]; ok {
			if diff := cmp.Diff(document, withoutExecution(written(t, m.Failure(err, manifest.Execution{})))); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		}
		return
	}
	if err != nil {
		t.Fatalf("failed, and Impact Framework succeeded: %v", err)
	}
	if diff := cmp.Diff(sections["output.yml"], results(written(t, m.Success(result, manifest.Execution{})))); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func written(t *testing.T, doc *emit.Document) string {
	t.Helper()
	var out bytes.Buffer
	if err := emit.YAML(&out, doc, emit.Options{}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// withoutExecution returns a document without what stands in its execution block.
func withoutExecution(document string) string {
	before, rest, _ := strings.Cut(document, "execution:\n")
	for strings.HasPrefix(rest, " ") {
		_, rest, _ = strings.Cut(rest, "\n")
	}
	return before + "execution:\n" + rest
}

// results returns of an output what a run adds to its manifest.
func results(output string) string {
	for _, key := range []string{"\nexplain:\n", "\ntree:\n"} {
		if i := strings.Index(output, key); i >= 0 {
			return output[i+1:]
		}
	}
	return ""
}
