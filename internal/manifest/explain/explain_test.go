package explain_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/golden"
	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/explain"
	"github.com/dendro-carbon/dendro/internal/manifest/files"
	"github.com/dendro-carbon/dendro/internal/testenv"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

func read(t testing.TB, file string, opts compat.Options) *manifest.Manifest {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	m, err := manifest.Read(filepath.Base(file), data, opts)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func options(dir string) manifest.Options {
	return manifest.Options{Files: files.New(files.Options{Dir: dir, Offline: true}), AllowShell: true, Workers: 1}
}

// Each golden file is what is said of one figure of testdata/shop.yml.
func TestText(t *testing.T) {
	t.Parallel()
	tests := map[string]explain.Query{
		"leaf":                {Component: "web/front", Metric: "carbon", At: "2024-01-01T01:00:00Z"},
		"leaf-over-time":      {Component: "web/front", Metric: "carbon"},
		"default":             {Component: "db", Metric: "grid/carbon-intensity", At: "2024-01-01T00:00:00Z"},
		"input":               {Component: "front", Metric: "cpu/utilization", At: "2024-01-01T00:30:00Z"},
		"sum-of-components":   {Metric: "carbon", At: "2024-01-01T00:00:00Z"},
		"parts":               {Metric: "carbon", At: "2024-01-01T00:00:00Z", Parts: true},
		"sum-over-time":       {Metric: "carbon"},
		"parts-over-time":     {Component: "web", Metric: "requests", Parts: true},
		"mean-of-components":  {Metric: "cpu/utilization", At: "2024-01-01T00:00:00Z"},
		"mean-over-time":      {Component: "web", Metric: "cpu/utilization"},
		"weighted":            {Metric: "grid/carbon-intensity", At: "2024-01-01T00:00:00Z"},
		"weighted-over-time":  {Metric: "grid/carbon-intensity"},
		"ratio":               {Metric: "sci"},
		"ratio-at-a-time":     {Metric: "sci", At: "2024-01-01T00:00:00Z"},
		"copied":              {Metric: "region", At: "2024-01-01T00:00:00Z"},
		"copied-over-time":    {Component: "db", Metric: "region"},
		"skipped":             {Component: "web", Metric: "carbon", At: "2024-01-01T00:00:00Z"},
		"time-of-a-group":     {Metric: "timestamp", At: "2024-01-01T00:00:00Z"},
		"shallow":             {Component: "web/front", Metric: "carbon", At: "2024-01-01T00:00:00Z", Depth: 2},
		"by-its-path":         {Component: "tree.children.web.children.front", Metric: "energy", At: "2024-01-01T00:00:00Z", Depth: 1},
		"what-a-plugin-fills": {Component: "db", Metric: "memory", At: "2024-01-01T00:00:00Z"},
	}
	m := read(t, "testdata/shop.yml", compat.Options{})
	for name, query := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := explain.Explain(t.Context(), m, options("testdata"), query)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := f.Text(&out); err != nil {
				t.Fatal(err)
			}
			golden.Equal(t, "testdata/text/"+name+".txt", out.Bytes())
		})
	}
}

// The origins that need a manifest of their own.
func TestOrigins(t *testing.T) {
	t.Parallel()
	tests := []struct {
		file  string
		opts  compat.Options
		query explain.Query
	}{
		{"observe.yml", compat.Options{}, explain.Query{Component: "a", Metric: "carbon", At: "2024-01-01T00:00:00Z"}},
		{"regroup.yml", compat.Options{}, explain.Query{Component: "eu/m1", Metric: "carbon", At: "2024-01-01T00:02:00Z"}},
		{"csv.yml", compat.Options{}, explain.Query{Component: "imported", Metric: "energy", At: "2024-01-01T00:01:00Z"}},
		{"csv.yml", compat.Options{}, explain.Query{Component: "referred", Metric: "carbon", At: "2024-01-01T00:01:00Z"}},
		{"csv.yml", compat.Options{}, explain.Query{Component: "looked-up", Metric: "power", At: "2024-01-01T00:00:00Z"}},
		{"sync.yml", compat.Options{}, explain.Query{Component: "a", Metric: "energy", At: "2024-01-01T00:01:00Z"}},
		{"sync.yml", compat.Options{}, explain.Query{Component: "a", Metric: "cpu/utilization", At: "2024-01-01T00:00:00Z"}},
		{"sync.yml", compat.Options{}, explain.Query{Component: "a", Metric: "region", At: "2024-01-01T00:00:00Z"}},
		{"sync.yml", compat.IF11(), explain.Query{Component: "a", Metric: "cpu/utilization", At: "2024-01-01T00:00:00Z"}},
		{"kept.yml", compat.Options{}, explain.Query{Component: "a", Metric: "s", At: "2024-01-01T00:00:00Z"}},
		{"kept.yml", compat.Options{}, explain.Query{Component: "a", Metric: "s"}},
		{"expression.yml", compat.Options{}, explain.Query{Component: "a", Metric: "b", At: "2024-01-01T00:00:00Z"}},
		{"expression.yml", compat.IF11(), explain.Query{Component: "b", Metric: "s", At: "2024-01-01T00:00:00Z"}},
		{"mapping.yml", compat.IF11(), explain.Query{Component: "b", Metric: "product", At: "2024-01-01T00:00:00Z"}},
		{"shell.yml", compat.Options{}, explain.Query{Component: "a", Metric: "energy", At: "2024-01-01T00:00:00Z"}},
		{"mock.yml", compat.Options{}, explain.Query{Component: "a", Metric: "region", At: "2024-01-01T00:00:00Z"}},
	}
	var out bytes.Buffer
	for _, test := range tests {
		mode := ""
		if test.opts != (compat.Options{}) {
			mode = " under if-1.1"
		}
		fmt.Fprintf(&out, "=== %s%s\n", test.file, mode)
		f, err := explain.Explain(t.Context(), read(t, "testdata/"+test.file, test.opts), options("testdata"), test.query)
		if err != nil {
			t.Errorf("%s: %v", test.file, err)
			continue
		}
		if err := f.Text(&out); err != nil {
			t.Fatal(err)
		}
		out.WriteByte('\n')
	}
	golden.Equal(t, "testdata/origins.txt", out.Bytes())
}

func TestJSON(t *testing.T) {
	t.Parallel()
	f, err := explain.Explain(t.Context(), read(t, "testdata/shop.yml", compat.Options{}), options("testdata"),
		explain.Query{Component: "web/front", Metric: "carbon", At: "2024-01-01T01:00:00Z"})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.JSON(&out); err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "testdata/leaf.json", out.Bytes())
}

func TestNotFound(t *testing.T) {
	t.Parallel()
	m := read(t, "testdata/shop.yml", compat.Options{})
	tests := []struct {
		query explain.Query
		text  string
		names []string
	}{
		{explain.Query{Component: "wbe", Metric: "carbon"}, `no component "wbe"`, []string{"web", "web/front", "web/test", "db"}},
		{explain.Query{Component: "db", Metric: "carbn"}, `tree.children.db has no aggregated metric "carbn"`, nil},
		{explain.Query{Metric: "carbon", At: "2025-01-01"}, `tree has no time "2025-01-01"`, []string{"2024-01-01T01:00:00.000Z", "2024-01-01T00:00:00.000Z"}},
		{explain.Query{Metric: "carbon", At: "yesterday"}, `tree has no time "yesterday"`, []string{"2024-01-01T00:00:00.000Z", "2024-01-01T01:00:00.000Z"}},
		{explain.Query{Metric: "energyy", At: "2024-01-01T00:00:00Z"}, `tree has no metric "energyy"`, nil},
	}
	for _, test := range tests {
		_, err := explain.Explain(t.Context(), m, options("testdata"), test.query)
		missing, ok := errors.AsType[*explain.NotFound](err)
		if !ok || missing.Error() != test.text {
			t.Errorf("%+v: %v", test.query, err)
			continue
		}
		if d := cmp.Diff(test.names, missing.Names); test.names != nil && d != "" {
			t.Errorf("%s (-want +got):\n%s", test.text, d)
		}
	}
}

// The end of a component's names is enough if it fits one only.
func TestAmbiguousComponent(t *testing.T) {
	t.Parallel()
	m, err := manifest.Read("m.yml", []byte(`
name: two
initialize: {plugins: {}}
tree: {children: {a: {children: {x: {}}}, b: {children: {x: {}}}}}
`), compat.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = explain.Explain(t.Context(), m, options(""), explain.Query{Component: "x", Metric: "s"})
	missing, ok := errors.AsType[*explain.NotFound](err)
	if !ok {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"tree.children.a.children.x", "tree.children.b.children.x"}, missing.Names); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestEveryFigure explains every figure of the example: each explanation must
// end at inputs and defaults, and every formula on the way must give the value
// that was computed.
func TestEveryFigure(t *testing.T) {
	t.Parallel()
	file := filepath.Join(testenv.Root(t), "examples", "tree.yml")
	m := read(t, file, compat.Options{})
	if n := everyFigure(t, m, options(""), 6); n < 200 {
		t.Errorf("only %d figures", n)
	}
}

// The same with the recorded manifests, as far as they run by default: no figure
// is without an explanation.
func TestEveryRecordedFigure(t *testing.T) {
	t.Parallel()
	oracle := filepath.Join(testenv.Oracle(t), "if")
	figures := 0
	for _, dir := range []string{"quirks", "examples"} {
		paths, err := filepath.Glob(filepath.Join(oracle, dir, "*.yml"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			m, err := manifest.Read(filepath.Base(path), data, compat.Options{})
			if err != nil {
				continue
			}
			figures += everyFigure(t, m, options(filepath.Dir(path)), 1)
		}
	}
	if figures < 500 {
		t.Errorf("only %d figures", figures)
	}
}

// everyFigure explains the figures of every so many rows, and returns their
// number: 0 if the manifest does not run, or not twice the same.
func everyFigure(t *testing.T, m *manifest.Manifest, o manifest.Options, every int) int {
	t.Helper()
	random := slices.ContainsFunc(m.Plugins, func(p manifest.Plugin) bool { return p.Method == "MockObservations" })
	result, err := m.Run(t.Context(), o)
	if err != nil || random {
		return 0
	}
	e, err := explain.New(t.Context(), m, o, "")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for node := range result.Tree.Walk() {
		for name, v := range node.Aggregated.All() {
			check(t, m, e, explain.Query{Component: node.Path, Metric: name}, v)
			n++
		}
		seen := make(map[string]bool)
		for row := 0; row < node.Outputs.Len(); row += every {
			at := node.Outputs.At(row, "timestamp")
			if at.IsNullish() || seen[at.String()] {
				continue // it has no name, or that of an earlier row
			}
			seen[at.String()] = true
			for name, v := range node.Outputs.Row(row).All() {
				if v.Kind() != value.Absent {
					check(t, m, e, explain.Query{Component: node.Path, Metric: name, At: at.String()}, v)
					n++
				}
			}
		}
	}
	return n
}

func check(t *testing.T, m *manifest.Manifest, e *explain.Explainer, q explain.Query, want value.Value) {
	t.Helper()
	f, err := e.Figure(q)
	if err != nil {
		t.Errorf("%s: %+v: %v", m.File, q, err)
		return
	}
	if !value.Equal(f.Value, want) {
		t.Errorf("%s: %+v: explained %v, computed %v", m.File, q, f.Value, want)
	}
	walk(f, func(f *explain.Figure) {
		for _, note := range f.Notes {
			if strings.HasPrefix(note, "the formula gives") {
				t.Errorf("%s: %+v: %s: %s", m.File, q, f.Metric, note)
			}
		}
	})
}

func walk(f *explain.Figure, visit func(*explain.Figure)) {
	visit(f)
	for _, part := range f.From {
		walk(part, visit)
	}
}

func ExampleExplain() {
	m, err := manifest.Read("m.yml", []byte(`
name: shop
initialize:
  plugins:
    operational: {path: builtin, method: Multiply, config: {input-parameters: [energy, grid/carbon-intensity], output-parameter: carbon}}
tree:
  pipeline: {compute: [operational]}
  defaults: {grid/carbon-intensity: 400}
  children:
    web:
      inputs:
        - {timestamp: '2024-01-01T00:00:00.000Z', duration: 3600, energy: 0.5}
`), compat.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	figure, err := explain.Explain(context.Background(), m, manifest.Options{},
		explain.Query{Component: "web", Metric: "carbon", At: "2024-01-01"})
	if err != nil {
		fmt.Println(err)
		return
	}
	figure.Text(os.Stdout)
	// Output:
	// carbon of tree.children.web at 2024-01-01T00:00:00.000Z
	//
	// carbon = 200 gCO2eq
	// │  plugin operational (Multiply), m.yml:5
	// │  config {input-parameters: [energy, grid/carbon-intensity], output-parameter: carbon}
	// │  energy × grid/carbon-intensity
	// │  = 0.5 × 400
	// ├─ energy = 0.5 kWh
	// │     inputs, m.yml:12
	// └─ grid/carbon-intensity = 400 gCO2eq/kWh
	//       defaults, m.yml:8
}

// The parts of the tree of a figure are those of the tree that was computed.
func TestPartsAreOfTheTree(t *testing.T) {
	t.Parallel()
	m := read(t, "testdata/shop.yml", compat.Options{})
	result, err := m.Run(t.Context(), options("testdata"))
	if err != nil {
		t.Fatal(err)
	}
	paths := make(map[string]*tree.Node)
	for n := range result.Tree.Walk() {
		paths[n.Path] = n
	}
	f, err := explain.Explain(t.Context(), m, options("testdata"), explain.Query{Metric: "carbon", At: "2024-01-01T00:00:00Z", Parts: true})
	if err != nil {
		t.Fatal(err)
	}
	walk(f, func(f *explain.Figure) {
		if paths[f.Component] == nil {
			t.Errorf("%s is no component", f.Component)
		}
	})
}
