package manifest_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/files"
	"github.com/dendro-carbon/dendro/internal/manifest/yaml"
	"github.com/dendro-carbon/dendro/internal/testenv"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// TestOracle runs every recorded manifest under the options of Impact Framework
// 1.1.0: where it succeeded the tree must be equal, keys and their order
// included, and where it failed the first problem must be the same.
func TestOracle(t *testing.T) {
	root := filepath.Join(testenv.Oracle(t), "if")
	for _, dir := range []string{"quirks", "examples", "scale"} {
		recorded, err := filepath.Glob(filepath.Join(root, dir, "*.json"))
		if err != nil || len(recorded) == 0 {
			t.Fatalf("no recorded cases in %s: %v", dir, err)
		}
		for _, path := range recorded {
			t.Run(dir+"/"+strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) { oracleCase(t, path) })
		}
	}
}

// incomplete are the recorded cases that cannot be run, and why.
var incomplete = map[string]string{
	"builtins--csv-import--success": "its test.csv was not recorded",
}

func oracleCase(t *testing.T, recorded string) {
	if why, ok := incomplete[strings.TrimSuffix(filepath.Base(recorded), ".json")]; ok {
		t.Log("not compared: " + why)
		return
	}
	want := readRecorded(t, recorded)
	source := strings.TrimSuffix(recorded, ".json") + ".yml"
	data, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Dir(recorded))
	m, result, err := runCompat(data, texts(want.Get("args")))
	name := strings.TrimSuffix(filepath.Base(recorded), ".json")
	if status, _ := want.Get("status").Str(); status != "success" {
		sameFailure(t, name, want, err)
		return
	}
	if err != nil {
		t.Fatalf("failed, and Impact Framework succeeded: %v", err)
	}
	c := comparison{t: t, ulps: ulps(name)}
	c.same("tree", treeValue(result.Tree), want.Get("tree"))
	if explain := want.Get("explain"); explain.Kind() == value.Object && m.Explainer {
		c.same("explain", value.OfMap(result.Explain), explain)
	}
}

func runCompat(data []byte, args []string) (*manifest.Manifest, *manifest.Result, error) {
	opts := compat.IF11()
	m, err := manifest.Read("manifest.yml", data, opts)
	if err != nil {
		return m, nil, err
	}
	result, err := m.Run(context.Background(), manifest.Options{
		AllowShell: true,
		Append:     slices.Contains(args, "--append"),
		Phases: manifest.Phases{
			Observe: slices.Contains(args, "--observe"),
			Regroup: slices.Contains(args, "--regroup"), Compute: slices.Contains(args, "--compute"),
		},
		Files: files.New(files.Options{Offline: true}),
	})
	return m, result, err
}

func readRecorded(t *testing.T, path string) *value.Map {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := yaml.Read(path, data, yaml.Options{BulkKeys: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	return doc.Root.Map()
}

// otherFailures are the cases where the failure is another than Impact
// Framework's, and why that is better.
var otherFailures = map[string]string{
	"core-plugin-bad-path": "Impact Framework's text goes on with the paths of node's modules",
	"shell-badyaml":        "the text is that of another YAML reader",
	"core-dup-keys":        "Impact Framework writes its log, not an output",
}

func sameFailure(t *testing.T, name string, want *value.Map, err error) {
	if err == nil {
		t.Fatalf("succeeded, and Impact Framework failed: %s", want.Get("error"))
	}
	var list diag.List
	if !errors.As(err, &list) {
		t.Fatalf("the error has no places: %v", err)
	}
	recorded, _ := want.Get("error").Str()
	short := manifest.ErrorText(list, compat.IF11())
	if why, ok := otherFailures[name]; ok {
		t.Logf("%s: got %q, recorded %q", why, short, recorded)
		return
	}
	if short != strings.TrimSpace(recorded) {
		t.Errorf("the error differs:\n got %s\nwant %s", short, recorded)
	}
}

// ulps is how far numbers may be from the recorded ones: powers and splines go
// through functions that are only nearly the same in two languages.
func ulps(name string) uint64 {
	for _, part := range []string{"spline", "exponent", "polynomial"} {
		if strings.Contains(name, part) {
			return 1
		}
	}
	return 0
}

// treeValue returns a tree as the document that it is written as.
func treeValue(n *tree.Node) value.Value {
	out := value.NewMap(n.Attrs.Len())
	for key, v := range n.Attrs.All() {
		switch {
		case key == tree.KeyChildren && !n.IsLeaf():
			children := value.NewMap(len(n.Children))
			for _, child := range n.Children {
				children.Set(child.Name, treeValue(child))
			}
			v = value.OfMap(children)
		case key == tree.KeyInputs && n.Inputs != nil:
			v = frameValue(n.Inputs)
		case key == tree.KeyOutputs && n.Outputs != nil:
			v = frameValue(n.Outputs)
		case key == tree.KeyAggregated && n.Aggregated != nil:
			v = value.OfMap(n.Aggregated)
		}
		out.Set(key, v)
	}
	return value.OfMap(out)
}

func frameValue(f *frame.Frame) value.Value {
	rows := make([]value.Value, f.Len())
	for i := range rows {
		rows[i] = value.OfMap(f.Row(i))
	}
	return value.OfList(rows)
}

// comparison compares a computed document with a recorded one.
type comparison struct {
	t     *testing.T
	ulps  uint64
	found int
}

func (c *comparison) same(path string, got, want value.Value) {
	switch {
	case c.found > 10:
	case want.Kind() == value.Object:
		c.sameMaps(path, got.Map(), want.Map())
	case want.Kind() == value.List:
		c.sameLists(path, got, want)
	case !c.sameScalar(got, want):
		c.differ(path, got, want)
	}
}

func (c *comparison) sameMaps(path string, got, want *value.Map) {
	present := value.NewMap(got.Len())
	for key, v := range got.All() {
		if v.Kind() != value.Absent {
			present.Set(key, v)
		}
	}
	if !slices.Equal(present.Keys(), want.Keys()) {
		c.found++
		c.t.Errorf("%s: keys %q, want %q", path, present.Keys(), want.Keys())
		return
	}
	for key, v := range want.All() {
		c.same(path+"."+key, present.Get(key), v)
	}
}

func (c *comparison) sameLists(path string, got, want value.Value) {
	if got.Kind() != value.List || len(got.List()) != len(want.List()) {
		c.found++
		c.t.Errorf("%s: %d items of %s, want %d", path, len(got.List()), got.Kind(), len(want.List()))
		return
	}
	for i, v := range want.List() {
		c.same(fmt.Sprintf("%s[%d]", path, i), got.List()[i], v)
	}
}

func (c *comparison) sameScalar(got, want value.Value) bool {
	g, gotNumber := got.Float()
	w, wantNumber := want.Float()
	switch {
	case gotNumber && wantNumber:
		return g == w || c.ulps > 0 && math.Abs(float64(int64(math.Float64bits(g)-math.Float64bits(w)))) <= float64(c.ulps)
	case gotNumber: // NaN and infinities are recorded as texts
		text, _ := want.Str()
		return (math.IsNaN(g) || math.IsInf(g, 0)) && value.NumberText(g) == text
	case got.Kind() == value.Time:
		return got.String() == want.String()
	}
	return value.Equal(got, want)
}

func (c *comparison) differ(path string, got, want value.Value) {
	c.found++
	c.t.Errorf("%s: got %s %s, want %s %s", path, got.Kind(), got, want.Kind(), want)
}

func texts(v value.Value) []string {
	var out []string
	for _, item := range v.List() {
		out = append(out, item.String())
	}
	return out
}
