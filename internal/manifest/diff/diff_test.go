package diff_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/diff"
	"github.com/dendro-carbon/dendro/internal/manifest/yaml"
)

// read returns a document as a side of a comparison.
func read(t testing.TB, text string, opts compat.Options) diff.Side {
	t.Helper()
	side, err := readSide(text, opts)
	if err != nil {
		t.Fatal(err)
	}
	return side
}

func readSide(text string, opts compat.Options) (diff.Side, error) {
	doc, err := yaml.Read("m.yml", []byte(text), yaml.Options{IntegerKeysFirst: opts.IntegerKeysFirst})
	if err != nil {
		return diff.Side{}, err
	}
	m, err := manifest.FromDocument("m.yml", doc, opts)
	if err != nil {
		return diff.Side{}, err
	}
	side := diff.Side{Head: m.Head, Tree: m.Tree}
	for _, bulk := range doc.Bulk {
		side.Bulk = append(side.Bulk, bulk.Frame)
	}
	return side, nil
}

// withTree returns a manifest with a component x that has the given keys.
func withTree(lines ...string) string {
	return "name: n\ninitialize: {plugins: {}}\ntree:\n  children:\n    x:\n      " + strings.Join(lines, "\n      ") + "\n"
}

func listed(r *diff.Report) []string {
	var lines []string
	for _, d := range r.Listed {
		line := fmt.Sprintf("%s: %s, %s", d.Path, diff.Show(d.A), diff.Show(d.B))
		if d.Time != "" {
			line += " at " + d.Time
		}
		lines = append(lines, line)
	}
	return lines
}

// comparison is two components, by the keys that they have, and what differs.
type comparison struct {
	name string
	a, b string
	opts diff.Options
	want []string
}

//archtest:long a table
func comparisons() []comparison {
	rows := func(texts ...string) string {
		list := make([]string, len(texts))
		for i, text := range texts {
			list[i] = "{" + text + "}"
		}
		return "outputs: [" + strings.Join(list, ", ") + "]"
	}
	return []comparison{
		{
			name: "numbers", a: "aggregated: {s: 1}", b: "aggregated: {s: 2}",
			want: []string{"tree.children.x.aggregated.s: 1, 2"},
		},
		{
			name: "last-digit", a: "aggregated: {s: 5}", b: "aggregated: {s: 5.000000000000001}",
			want: []string{"tree.children.x.aggregated.s: 5, 5.000000000000001"},
		},
		{name: "relative", a: "aggregated: {s: 5}", b: "aggregated: {s: 5.000000000000001}", opts: diff.Options{Relative: 1e-9}},
		{
			name: "relative-near-zero", a: "aggregated: {s: 0}", b: "aggregated: {s: 1e-30}", opts: diff.Options{Relative: 1e-9},
			want: []string{"tree.children.x.aggregated.s: 0, 1e-30"},
		},
		{name: "absolute", a: "aggregated: {s: 0}", b: "aggregated: {s: 1e-30}", opts: diff.Options{Absolute: 1e-12}},
		{
			name: "tolerance-and-infinity", a: "aggregated: {s: .inf, t: .inf}", b: "aggregated: {s: -.inf, t: 1e300}",
			opts: diff.Options{Relative: 10, Absolute: 1e308},
			want: []string{"tree.children.x.aggregated.s: Infinity, -Infinity", "tree.children.x.aggregated.t: Infinity, 1e+300"},
		},
		{
			name: "nan", a: "aggregated: {s: .nan, t: .nan}", b: "aggregated: {s: .nan, t: 1}", opts: diff.Options{Absolute: 1e300},
			want: []string{"tree.children.x.aggregated.t: NaN, 1"},
		},
		{
			name: "nan-in-rows", a: rows("s: .nan", "s: 1"), b: rows("s: .nan", "s: .nan"),
			want: []string{"tree.children.x.outputs.1.s: 1, NaN"},
		},
		{name: "minus-zero", a: "aggregated: {s: 0}", b: "aggregated: {s: -0.0}"},
		{
			name: "null-zero-and-missing", a: "aggregated: {a: null, b: null, c: 0}", b: "aggregated: {a: 0, c: 0}",
			want: []string{"tree.children.x.aggregated.a: null, 0", "tree.children.x.aggregated.b: null, missing"},
		},
		{
			name: "kinds", a: "aggregated: {a: 1, b: true, c: [1], d: {}}", b: `aggregated: {a: "1", b: 1, c: {0: 1}, d: null}`,
			want: []string{
				`tree.children.x.aggregated.a: 1, "1"`, "tree.children.x.aggregated.b: true, 1",
				"tree.children.x.aggregated.c: [1 item], {1 key}", "tree.children.x.aggregated.d: {0 keys}, null",
			},
		},
		{name: "wildcard", a: "aggregated: {a: '*', b: 1, c: {d: 1}}", b: "aggregated: {a: 1, b: '*', c: '*', e: '*'}"},
		{name: "wildcard-in-rows", a: rows("t: a, s: 1", "t: b, s: 2"), b: rows("t: '*', s: 1", "t: '*', s: '*'")},
		{name: "key-order", a: rows("s: 1, t: 2", "s: 3, t: 4"), b: rows("t: 2, s: 1", "t: 4, s: 3")},
		{name: "key-order-of-some-rows", a: rows("s: 1, t: 2", "t: 4, s: 3"), b: rows("t: 2, s: 1", "t: 4, s: 3")},
		{
			name: "dates", a: rows("timestamp: 2024-01-01T00:00:00Z, s: 1"), b: rows("timestamp: 2024-01-02T00:00:00Z, s: 1"),
			want: []string{
				"tree.children.x.outputs.0: {2 keys}, missing at 2024-01-01T00:00:00.000Z",
				"tree.children.x.outputs.0: missing, {2 keys} at 2024-01-02T00:00:00.000Z",
			},
		},
		{
			name: "instants-are-the-same-however-written",
			a:    rows("timestamp: 2024-01-01T00:00:00Z, s: 1", "timestamp: '2024-01-01T00:01Z', s: 1"),
			b:    rows("timestamp: '2024-01-01T00:00:00.000Z', s: 1", "timestamp: '2024-01-01T00:01:00Z', s: 1"),
		},
		{
			name: "a-time-without-a-zone-is-another", a: rows("timestamp: '2024-01-01T00:00:00'"), b: rows("timestamp: '2024-01-01T00:00:00Z'"),
			want: []string{`tree.children.x.outputs.0.timestamp: "2024-01-01T00:00:00", "2024-01-01T00:00:00Z" at 2024-01-01T00:00:00`},
		},
		{
			name: "a-missing-row-is-one-difference",
			a:    rows("timestamp: '2024-01-01T00:00Z', s: 1", "timestamp: '2024-01-01T00:01Z', s: 2", "timestamp: '2024-01-01T00:02Z', s: 3"),
			b:    rows("timestamp: '2024-01-01T00:00Z', s: 1", "timestamp: '2024-01-01T00:02Z', s: 4"),
			want: []string{"tree.children.x.outputs.1: {2 keys}, missing at 2024-01-01T00:01Z", "tree.children.x.outputs.2.s: 3, 4 at 2024-01-01T00:02Z"},
		},
		{
			name: "rows-without-time-are-matched-by-position", a: rows("s: 1", "s: 2"), b: rows("s: 2"),
			want: []string{"tree.children.x.outputs.0.s: 1, 2", "tree.children.x.outputs.1: {1 key}, missing"},
		},
		{
			name: "repeated-times-are-matched-by-position",
			a:    rows("timestamp: '2024-01-01T00:00Z', s: 1", "timestamp: '2024-01-01T00:00Z', s: 2"),
			b:    rows("timestamp: '2024-01-01T00:00Z', s: 2", "timestamp: '2024-01-01T00:00Z', s: 2"),
			want: []string{"tree.children.x.outputs.0.s: 1, 2 at 2024-01-01T00:00Z"},
		},
		{
			name: "no-rows-and-rows", a: "outputs: []", b: rows("timestamp: '2024-01-01T00:00Z', s: 1"),
			want: []string{"tree.children.x.outputs.0: missing, {2 keys} at 2024-01-01T00:00Z"},
		},
		{
			name: "no-outputs-and-outputs", a: "inputs: []", b: rows("s: 1"),
			want: []string{"tree.children.x.inputs: [0 items], missing", "tree.children.x.outputs: missing, [1 item]"},
		},
		{
			name: "a-metric-of-one-row", a: rows("s: 1", "s: 2, t: 1"), b: rows("s: 1, t: 5", "s: 2, t: 1"),
			want: []string{"tree.children.x.outputs.0.t: missing, 5"},
		},
		{
			name: "row-by-row", a: rows("s: 1, t: 1", "s: 1, t: 1"), b: rows("s: 2, t: 2", "s: 2, t: 2"),
			want: []string{
				"tree.children.x.outputs.0.s: 1, 2", "tree.children.x.outputs.0.t: 1, 2",
				"tree.children.x.outputs.1.s: 1, 2", "tree.children.x.outputs.1.t: 1, 2",
			},
		},
		{
			name: "within-a-cell", a: rows("l: [1, {a: 2}]"), b: rows("l: [1, {a: 3}]"),
			want: []string{"tree.children.x.outputs.0.l.1.a: 2, 3"},
		},
		{
			name: "defaults", a: "defaults: {ci: 400, list: [{v: 1}]}", b: "defaults: {ci: 500, list: [{v: 1}]}",
			want: []string{"tree.children.x.defaults.ci: 400, 500"},
		},
		{
			name: "inputs-by-reference", a: "inputs: {from: a.csv}", b: "inputs: {from: b.csv}",
			want: []string{`tree.children.x.inputs.from: "a.csv", "b.csv"`},
		},
		{
			name: "a-component", a: "children: {a: {}, b: {}}", b: "children: {b: {}, c: {}}",
			want: []string{"tree.children.x.children.a: {0 keys}, missing", "tree.children.x.children.c: missing, {0 keys}"},
		},
		{name: "order-of-components", a: "children: {a: {k: 1}, b: {}}", b: "children: {b: {}, a: {k: 1}}"},
		{
			name: "no-children", a: "children: {}", b: "children: null",
			want: []string{"tree.children.x.children: {0 keys}, null"},
		},
		{
			name: "lists-of-maps-outside-the-components", a: "k: {inputs: [{v: 1}]}", b: "k: {inputs: [{v: 2}]}",
			want: []string{"tree.children.x.k.inputs.0.v: 1, 2"},
		},
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	for _, test := range comparisons() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.opts.Limit = -1
			a, b := read(t, withTree(test.a), compat.Options{}), read(t, withTree(test.b), compat.Options{})
			r := diff.Compare(a, b, test.opts)
			if d := cmp.Diff(test.want, listed(r)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if r.Count != len(r.Listed) || r.Equal() != (len(test.want) == 0) {
				t.Errorf("count %d, equal %v, with %d listed", r.Count, r.Equal(), len(r.Listed))
			}
			mirrored(t, a, b, test.opts)
		})
	}
}

// mirrored checks that the comparison does not depend on the order of its
// sides, and that each side equals itself.
func mirrored(t *testing.T, a, b diff.Side, opts diff.Options) {
	t.Helper()
	opts.Limit = -1
	ab, ba := diff.Compare(a, b, opts), diff.Compare(b, a, opts)
	if ab.Count != ba.Count || len(ab.Groups) != len(ba.Groups) {
		t.Errorf("a,b has %d differences in %d groups; b,a has %d in %d", ab.Count, len(ab.Groups), ba.Count, len(ba.Groups))
	}
	seen := make(map[string]int)
	for _, d := range ab.Listed {
		seen[fmt.Sprint(d.Component, d.Part, d.Metric, diff.Show(d.A), diff.Show(d.B), math.Float64bits(d.Relative))]++
	}
	for _, d := range ba.Listed {
		seen[fmt.Sprint(d.Component, d.Part, d.Metric, diff.Show(d.B), diff.Show(d.A), math.Float64bits(d.Relative))]--
	}
	for d, n := range seen {
		if n != 0 {
			t.Errorf("%s: not in both a,b and b,a", d)
		}
	}
	for _, side := range []diff.Side{a, b} {
		if self := diff.Compare(side, side, diff.Options{Limit: -1}); !self.Equal() {
			t.Errorf("a document differs from itself: %v", listed(self))
		}
	}
}

func TestHead(t *testing.T) {
	t.Parallel()
	a := `name: a
description: x
tags: {kind: web}
initialize: {plugins: {p: {path: builtin, method: Sum, config: {input-parameters: [a]}}}}
execution: {command: one, environment: {os: a}, status: success}
tree: {}
`
	b := `name: b
tags: {kind: cli}
unknown: 1
initialize: {outputs: [csv], plugins: {p: {path: builtin, method: Sum, config: {input-parameters: [b]}}}}
execution: {command: two, status: fail, error: boom}
tree: {}
`
	r := diff.Compare(read(t, a, compat.Options{}), read(t, b, compat.Options{}), diff.Options{Limit: -1})
	want := []string{
		`initialize.plugins.p.config.input-parameters.0: "a", "b"`,
		`execution.status: "success", "fail"`,
		`execution.error: missing, "boom"`,
	}
	if d := cmp.Diff(want, listed(r)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// The pairs of testdata/if-diff hold what if-diff 1.1.0 printed for them.
func TestFirstIF11(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/if-diff/*.txtar")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d recorded comparisons, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			pair, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			sections := make(map[string]string)
			for _, f := range pair.Files {
				sections[f.Name] = string(f.Data)
			}
			source, target := read(t, sections["source.yml"], compat.IF11()), read(t, sections["target.yml"], compat.IF11())
			got := "Files match!\n"
			if lines := diff.FirstIF11(source, target); lines != nil {
				got = "Files do not match!\n" + strings.Join(lines, "\n") + "\n"
			}
			if d := cmp.Diff(sections["if-diff"], got); d != "" {
				t.Errorf("(-if-diff +got):\n%s", d)
			}
			mirrored(t, source, target, diff.Options{})
		})
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	const n = 100
	var a, b strings.Builder
	for i := range n {
		fmt.Fprintf(&a, "{timestamp: '2024-01-01T%02d:%02dZ', s: %d, t: 1},", i/60, i%60, i)
		fmt.Fprintf(&b, "{timestamp: '2024-01-01T%02d:%02dZ', s: %d, t: 1},", i/60, i%60, 2*i+1)
	}
	x := read(t, withTree("outputs: ["+a.String()+"]", "aggregated: {s: 1}"), compat.Options{})
	y := read(t, withTree("outputs: ["+b.String()+"]", "aggregated: {s: 2}"), compat.Options{})
	for limit, want := range map[int]int{0: 0, 1: 1, 7: 7, n + 1: n + 1, 1000: n + 1, -1: n + 1} {
		r := diff.Compare(x, y, diff.Options{Limit: limit})
		if len(r.Listed) != want || r.Count != n+1 {
			t.Errorf("limit %d: %d of %d listed, want %d of %d", limit, len(r.Listed), r.Count, want, n+1)
		}
	}
	r := diff.Compare(x, y, diff.Options{})
	want := []diff.Group{
		{Part: "outputs", Metric: "s", Count: n, Components: 1, Largest: 1, Component: "tree.children.x", Time: "2024-01-01T00:00Z"},
		{Part: "aggregated", Metric: "s", Count: 1, Components: 1, Largest: 0.5, Component: "tree.children.x"},
	}
	if d := cmp.Diff(want, r.Groups); d != "" {
		t.Errorf("groups (-want +got):\n%s", d)
	}
}

func ExampleCompare() {
	names := diff.Names{A: "old.yml", B: "new.yml"}
	tree := func(carbon string) diff.Side {
		side, err := readSide(withTree("outputs:",
			"  - {timestamp: '2024-01-01T00:00:00.000Z', energy: 0.5, carbon: 200}",
			"  - {timestamp: '2024-01-01T01:00:00.000Z', energy: 0.5, carbon: "+carbon+"}",
			"aggregated: {carbon: 400}"), compat.Options{})
		if err != nil {
			panic(err)
		}
		return side
	}
	diff.Compare(tree("200"), tree("210"), diff.Options{Limit: 10}).Text(os.Stdout, names)
	diff.Compare(tree("200"), tree("200.00000001"), diff.Options{Relative: 1e-9}).Text(os.Stdout, names)
	// Output:
	// 1 of 7 values differs.
	// A: old.yml
	// B: new.yml
	//
	// tree.children.x
	//   part     time                      metric  A    B    relative
	//   outputs  2024-01-01T01:00:00.000Z  carbon  200  210  0.048
	// old.yml and new.yml are equal: 7 values.
}

func TestReport(t *testing.T) {
	t.Parallel()
	a := read(t, withTree("outputs: [{timestamp: '2024-01-01T00:00Z', s: 1}, {timestamp: '2024-01-01T00:01Z', s: .nan, note: "+strings.Repeat("é", 60)+"}]",
		"defaults: {l: [1, {a: .inf}]}"), compat.Options{})
	b := read(t, withTree("outputs: [{timestamp: '2024-01-01T00:00Z', s: 2}, {timestamp: '2024-01-01T00:02Z', s: 3}]"), compat.Options{})
	r := diff.Compare(a, b, diff.Options{Limit: 3})
	names := diff.Names{A: "a.yml", B: "b.yml", Because: func(d *diff.Difference) []string {
		if d.Metric == "s" {
			return []string{"time-sync", "mapping-once"}
		}
		return nil
	}}
	var text, document bytes.Buffer
	if err := r.Text(&text, names); err != nil {
		t.Fatal(err)
	}
	if err := r.JSON(&document, names); err != nil {
		t.Fatal(err)
	}
	wantText := `4 of 5 values differ.
A: a.yml
B: b.yml

tree.children.x
  part     time               metric  A         B         relative  because
  outputs  2024-01-01T00:00Z  s       1         2         0.5       time-sync, mapping-once
  outputs  2024-01-01T00:01Z  (all)   {3 keys}  missing   -         -
  outputs  2024-01-01T00:02Z  (all)   missing   {2 keys}  -         -

… and 1 more.

by metric
  part      metric  differences  components  largest  where
  outputs   s       1            1           0.5      tree.children.x 2024-01-01T00:00Z
  outputs   (all)   2            1           -        tree.children.x 2024-01-01T00:01Z
  defaults  (all)   1            1           -        tree.children.x
`
	if d := cmp.Diff(wantText, text.String()); d != "" {
		t.Errorf("text (-want +got):\n%s", d)
	}
	for _, want := range []string{`"differences": 4`, `"relative": 0.5`, `"mapping-once"`, `"path": "tree.children.x.outputs.0.s"`} {
		if !strings.Contains(document.String(), want) {
			t.Errorf("JSON lacks %s:\n%s", want, document.String())
		}
	}
}

// What is missing, null and not a number are three different things in JSON too.
func TestJSONValues(t *testing.T) {
	t.Parallel()
	a := read(t, withTree("aggregated: {n: .nan, i: -.inf, z: null, t: <b>, d: 2024-01-01, m: {l: [1]}}"), compat.Options{})
	b := read(t, withTree("aggregated: {n: 1, i: 1, z: 1, t: x, d: 1}"), compat.Options{})
	var out bytes.Buffer
	if err := diff.Compare(a, b, diff.Options{Limit: -1}).JSON(&out, diff.Names{}); err != nil {
		t.Fatal(err)
	}
	var report struct {
		Listed []map[string]json.RawMessage
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range report.Listed {
		var compact bytes.Buffer
		if err := json.Compact(&compact, d["a"]); err != nil {
			t.Fatal(err)
		}
		_, hasB := d["b"]
		got = append(got, fmt.Sprint(compact.String(), " ", hasB))
	}
	want := []string{`"NaN" true`, `"-Infinity" true`, `null true`, `"<b>" true`, `"2024-01-01T00:00:00.000Z" true`, `{"l":[1]} false`}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestShow(t *testing.T) {
	t.Parallel()
	side := read(t, withTree("aggregated: {t: "+strings.Repeat("é", 60)+", d: 2024-01-01, e: ''}"), compat.Options{})
	values := side.Tree.Children[0].Aggregated
	for key, want := range map[string]string{"t": `"` + strings.Repeat("é", 48) + `…"`, "d": "2024-01-01T00:00:00.000Z", "e": `""`} {
		if got := diff.Show(values.Get(key)); got != want {
			t.Errorf("%s: %s, want %s", key, got, want)
		}
	}
}

// Documents without a tree or a head come from callers that made them.
func TestSidesThatLackParts(t *testing.T) {
	t.Parallel()
	full := read(t, withTree("outputs: [{s: 1}]"), compat.Options{})
	if r := diff.Compare(diff.Side{}, diff.Side{}, diff.Options{}); !r.Equal() || r.Compared != 0 {
		t.Errorf("nothing and nothing: %+v", r)
	}
	mirrored(t, diff.Side{}, full, diff.Options{})
	mirrored(t, diff.Side{Head: full.Head, Tree: full.Tree, Bulk: []*frame.Frame{}}, full, diff.Options{})
}
