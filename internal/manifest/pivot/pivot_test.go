package pivot_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/pivot"
	"github.com/dendro-carbon/dendro/internal/tree"
)

func read(t testing.TB, text string) *manifest.Manifest {
	t.Helper()
	m, err := manifest.Read("m.yml", []byte(text), compat.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// component returns the tree of a manifest with the given keys.
func component(t testing.TB, text string) *tree.Node {
	t.Helper()
	return read(t, "name: n\ninitialize: {plugins: {}}\ntree:\n  "+strings.ReplaceAll(text, "\n", "\n  ")).Tree
}

func write(t testing.TB, root *tree.Node, metrics ...string) string {
	t.Helper()
	var out bytes.Buffer
	if err := pivot.Write(&out, root, metrics...); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

const two = `children:
  web:
    outputs:
      - {timestamp: '2024-01-01T00:00:00.000Z', duration: 60, carbon: 1, note: "a, \"b\""}
      - {timestamp: '2024-01-01T00:01:00.000Z', duration: 60, carbon: 2, note: c}
    aggregated: {carbon: 3}
  db:
    outputs:
      - {timestamp: 2024-01-01T00:01:00Z, duration: 60, carbon: 7, on: true}
      - {timestamp: 2024-01-01T00:02:00Z, duration: 60, carbon: null, l: [1, {a: x}]}
outputs:
  - {timestamp: '2024-01-01T00:01:00.000Z', duration: 60, carbon: 9}
aggregated: {carbon: 12, total: 5}`

func TestWrite(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, tree string
		metrics    []string
		want       string
	}{
		{"all", two, nil, `
Path,Aggregated,2024-01-01T00:00:00.000Z,2024-01-01T00:01:00.000Z,2024-01-01T00:02:00.000Z
tree.carbon,12,,9,
tree.total,5,,,
tree.children.web.carbon,3,1,2,
tree.children.web.note,,"a, ""b""",c,
tree.children.db.carbon,,,7,
tree.children.db.on,,,true,
tree.children.db.l,,,,"[1,{""a"":""x""}]"
`},
		{"some-in-the-order-asked-for", two, []string{"on", "carbon"}, `
Path,Aggregated,2024-01-01T00:00:00.000Z,2024-01-01T00:01:00.000Z,2024-01-01T00:02:00.000Z
tree.carbon,12,,9,
tree.children.web.carbon,3,1,2,
tree.children.db.on,,,true,
tree.children.db.carbon,,,7,
`},
		{"duration-when-asked-for", "outputs: [{timestamp: '2024-01-01T00:00Z', duration: 60, s: 1}]", []string{"duration"}, `
Path,2024-01-01T00:00Z
tree.duration,60
`},
		{"times-ascend", "outputs: [{timestamp: '2024-01-01T00:02Z', s: 2}, {timestamp: '2024-01-01T00:01Z', s: 1}]", nil, `
Path,2024-01-01T00:01Z,2024-01-01T00:02Z
tree.s,1,2
`},
		{"a-time-twice", "outputs: [{timestamp: '2024-01-01T00:02Z', s: 2}, {timestamp: '2024-01-01T00:02:00.000Z', s: 1}]", nil, `
Path,2024-01-01T00:02Z,2024-01-01T00:02:00.000Z
tree.s,2,1
`},
		{"no-times", "outputs: [{timestamp: later, s: 3}, {s: 1}, {s: 2, timestamp: null}, {timestamp: '2024-01-01T00:02Z', s: 4}, {timestamp: 5, s: 5}]", nil, `
Path,2024-01-01T00:02Z,later,,,5
tree.s,4,3,1,2,5
`},
		{"numbers", "aggregated: {a: .nan, b: .inf, c: 1e21, d: 1e-7, e: 0.1, f: -0.0, g: {}}", nil, `
Path,Aggregated
tree.a,NaN
tree.b,Infinity
tree.c,1e+21
tree.d,1e-7
tree.e,0.1
tree.f,0
tree.g,{}
`},
		{"nothing", "inputs: []", nil, "\nPath\n"},
		{"names", "children: {\"a,b\": {aggregated: {\"x\\ny\": 1}}}", nil, "\nPath,Aggregated\n\"tree.children.a,b.x\ny\",1\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(test.want, "\n"+write(t, component(t, test.tree), test.metrics...)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// Components whose steps are the same share the work of finding their columns;
// the table must not depend on it.
func TestWriteManyComponents(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("children:\n")
	want := "Path"
	for step := range 50 {
		want += fmt.Sprintf(",2024-01-01T00:%02dZ", step)
	}
	want += "\n"
	for c := range 20 {
		fmt.Fprintf(&text, "  c%d:\n    outputs:\n", c)
		want += fmt.Sprintf("tree.children.c%d.s", c)
		for step := range 50 {
			if c%3 == 2 && step%2 == 1 {
				want += ","
				continue
			}
			fmt.Fprintf(&text, "      - {timestamp: '2024-01-01T00:%02dZ', s: %d}\n", step, c*step)
			want += fmt.Sprintf(",%d", c*step)
		}
		want += "\n"
	}
	if d := cmp.Diff(want, write(t, component(t, text.String()))); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	want := []string{"carbon", "total", "note", "on", "l"}
	if d := cmp.Diff(want, pivot.Metrics(component(t, two))); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// The tables of testdata/if-csv are what if-csv 1.1.0 printed.
func TestWriteIF11(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/if-csv/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no recorded tables", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m := read(t, string(archive.Files[0].Data))
		for _, f := range archive.Files[1:] {
			t.Run(filepath.Base(file)+"/"+f.Name, func(t *testing.T) {
				var out bytes.Buffer
				if err := pivot.WriteIF11(&out, m.Tree, f.Name, m.Aggregation != nil); err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(string(f.Data), out.String()); d != "" {
					t.Errorf("(-if-csv +got):\n%s", d)
				}
			})
		}
	}
}

func ExampleWrite() {
	m, err := manifest.Read("m.yml", []byte(`
name: shop
initialize: {plugins: {}}
tree:
  children:
    web:
      outputs:
        - {timestamp: '2024-01-01T00:00:00.000Z', duration: 3600, energy: 0.5, carbon: 200}
        - {timestamp: '2024-01-01T01:00:00.000Z', duration: 3600, energy: 0.5, carbon: 180}
      aggregated: {carbon: 380}
    db:
      outputs:
        - {timestamp: '2024-01-01T01:00:00.000Z', duration: 3600, energy: 1, carbon: 360}
      aggregated: {carbon: 360}
`), compat.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	pivot.Write(os.Stdout, m.Tree, "carbon")
	// Output:
	// Path,Aggregated,2024-01-01T00:00:00.000Z,2024-01-01T01:00:00.000Z
	// tree.children.web.carbon,380,200,180
	// tree.children.db.carbon,360,,360
}

// FuzzWrite checks that every row has as many fields as the header, and that
// nothing panics.
func FuzzWrite(f *testing.F) {
	f.Add("outputs: [{timestamp: 2024-01-01T00:00:00Z, s: 1}, {s: 2}]\naggregated: {s: 3}")
	f.Add(two)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := manifest.Read("m.yml", []byte("name: n\ninitialize: {plugins: {}}\ntree:\n  "+text), compat.Options{})
		if err != nil || strings.ContainsAny(text, "\"'\\") {
			t.Skip() // quoted fields could hold separators
		}
		var out bytes.Buffer
		if err := pivot.Write(&out, m.Tree); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if strings.Contains(out.String(), "\"") {
			t.Skip()
		}
		for _, line := range lines {
			if strings.Count(line, ",") != strings.Count(lines[0], ",") {
				t.Errorf("not as wide as the header: %q, %q", line, lines[0])
			}
		}
	})
}
