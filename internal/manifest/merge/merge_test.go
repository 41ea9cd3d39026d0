package merge_test

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/dendro-carbon/dendro/internal/golden"
	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/emit"
	"github.com/dendro-carbon/dendro/internal/manifest/merge"
)

// label is what the command line calls the file of a part.
func label(file string) string {
	return path.Base(path.Dir(file)) + "-" + strings.TrimSuffix(path.Base(file), path.Ext(file))
}

// TestMerge merges the manifests of each archive in testdata. Its last file is
// the result: the notes as comments and the manifest, or the problems. Under
// -update it is rewritten.
func TestMerge(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 10 {
		t.Fatal("the cases are missing", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			opts := merge.Options{Name: "merged", IF11: strings.Contains(string(archive.Comment), "--compat if-1.1")}
			kept := archive.Files[:0]
			var parts []merge.Part
			for _, f := range archive.Files {
				if f.Name == "want" {
					continue
				}
				kept = append(kept, f)
				parts = append(parts, part(t, f.Name, string(f.Data), opts.IF11))
			}
			archive.Files = append(kept, txtar.File{Name: "want", Data: []byte(outcome(t, parts, opts))})
			golden.Equal(t, file, txtar.Format(archive))
		})
	}
}

func part(t testing.TB, file, text string, if11 bool) merge.Part {
	t.Helper()
	var o compat.Options
	if if11 {
		o = compat.IF11()
	}
	m, err := manifest.Read(file, []byte(text), o)
	if err != nil {
		t.Fatal(err)
	}
	return merge.Part{Label: label(file), Manifest: m}
}

func outcome(t *testing.T, parts []merge.Part, opts merge.Options) string {
	t.Helper()
	before := written(t, parts)
	result, err := merge.Merge(parts, opts)
	if d := cmp.Diff(before, written(t, parts)); d != "" {
		t.Errorf("the parts were changed (-before +after):\n%s", d)
	}
	if err != nil {
		return err.Error() + "\n"
	}
	var out bytes.Buffer
	for _, note := range result.Notes {
		fmt.Fprintf(&out, "# %s\n", note)
	}
	if err := emit.YAML(&out, result.Document, emit.Options{}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func written(t *testing.T, parts []merge.Part) string {
	t.Helper()
	var out bytes.Buffer
	for _, p := range parts {
		if err := emit.YAML(&out, &emit.Document{Head: p.Manifest.Head, Tree: p.Manifest.Tree}, emit.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

func ExampleMerge() {
	read := func(file, text string) merge.Part {
		m, err := manifest.Read(file, []byte(text), compat.Options{})
		if err != nil {
			panic(err)
		}
		return merge.Part{Label: label(file), Manifest: m}
	}
	paris := read("eu/paris.yml", `
name: paris
initialize: {plugins: {total: {path: builtin, method: Sum, config: {input-parameters: [a, b], output-parameter: s}}}}
tree:
  pipeline: {compute: [total]}
  defaults: {b: 1}
  children:
    web: {inputs: [{timestamp: '2024-01-01T00:00:00.000Z', duration: 60, a: 1}]}
`)
	tokyo := read("asia/tokyo.yml", `
name: tokyo
initialize: {plugins: {total: {path: builtin, method: Multiply, config: {input-parameters: [a, b], output-parameter: s}}}}
tree:
  children:
    web: {pipeline: {compute: [total]}, inputs: [{timestamp: '2024-01-01T00:00:00.000Z', duration: 60, a: 2, b: 3}]}
`)
	result, err := merge.Merge([]merge.Part{paris, tokyo}, merge.Options{Name: "both", Description: "two sites"})
	if err != nil {
		fmt.Println(err)
		return
	}
	emit.YAML(os.Stdout, result.Document, emit.Options{})
	// Output:
	// name: both
	// description: two sites
	// initialize:
	//   plugins:
	//     total:
	//       path: builtin
	//       method: Sum
	//       config:
	//         input-parameters:
	//           - a
	//           - b
	//         output-parameter: s
	//     total-asia-tokyo:
	//       path: builtin
	//       method: Multiply
	//       config:
	//         input-parameters:
	//           - a
	//           - b
	//         output-parameter: s
	// tree:
	//   children:
	//     web-eu-paris:
	//       pipeline:
	//         compute:
	//           - total
	//       defaults:
	//         b: 1
	//       inputs:
	//         - timestamp: '2024-01-01T00:00:00.000Z'
	//           duration: 60
	//           a: 1
	//     web-asia-tokyo:
	//       pipeline:
	//         compute:
	//           - total-asia-tokyo
	//       inputs:
	//         - timestamp: '2024-01-01T00:00:00.000Z'
	//           duration: 60
	//           a: 2
	//           b: 3
}
