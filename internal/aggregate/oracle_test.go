package aggregate_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/dendro-carbon/dendro/internal/aggregate"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/testenv"
	"github.com/dendro-carbon/dendro/internal/tree"
)

// TestOracle takes the outputs of leaves as Impact Framework recorded them,
// aggregates them with all its behaviours, and expects its groups and totals:
// keys, order and every bit.
func TestOracle(t *testing.T) {
	t.Parallel()
	root := filepath.Join(testenv.Oracle(t), "if")
	compared := 0
	for _, dir := range []string{"quirks", "examples", "scale"} {
		files, err := filepath.Glob(filepath.Join(root, dir, "*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no recorded cases in %s: %v", dir, err)
		}
		for _, file := range files {
			if oracleCase(t, file) {
				compared++
			}
		}
	}
	// Fewer would mean that the cases were not recognised.
	if compared < 20 {
		t.Errorf("only %d recorded cases were compared", compared)
	}
}

// oracleCase reports whether the case is one of a successful aggregation.
func oracleCase(t *testing.T, file string) bool {
	t.Helper()
	recorded := parse(read(t, file)).Map()
	if status, _ := recorded.Get("status").Str(); status != "success" {
		return false
	}
	var m request
	if err := yaml.Load([]byte(read(t, strings.TrimSuffix(file, ".json")+".yml")), &m); err != nil {
		t.Errorf("%s: %v", file, err)
		return false
	}
	if m.Aggregation == nil {
		return false
	}
	kind, err := aggregate.ParseKind(m.Aggregation.Type)
	if err != nil {
		t.Errorf("%s: %v", file, err)
		return false
	}
	want := node("", "tree", recorded.Get("tree").Map())
	got := node("", "tree", recorded.Get("tree").Map())
	forget(got, kind)
	cfg := aggregate.Config{Metrics: m.Aggregation.Metrics, Kind: kind, Skip: m.Aggregation.Skip}
	if _, err := aggregated(got, m.methods(t), cfg, if11()); err != nil {
		t.Errorf("%s: failed, and Impact Framework succeeded: %v", file, err)
		return true
	}
	if show(got) != show(want) {
		t.Errorf("%s: got\n%.2000s\nwant\n%.2000s", file, show(got), show(want))
	}
	return true
}

// request is what a manifest says about aggregation.
type request struct {
	Aggregation *struct {
		Metrics []string
		Type    string
		Skip    []string `yaml:"skip-components"`
	}
	Initialize struct{ Plugins yaml.Node } // in order: the last to speak is right
}

// plugin is one entry of initialize.plugins.
type plugin struct {
	Method   string
	Metadata struct{ Inputs, Outputs map[string]described } `yaml:"parameter-metadata"`
}

type described struct {
	Method struct{ Time, Component string } `yaml:"aggregation-method"`
}

// methods returns what the plugins and the manifest say of metrics. Nothing is
// built in here: it is Impact Framework's way.
func (m *request) methods(t *testing.T) *metric.Registry {
	r := &metric.Registry{}
	set := func(infos map[string]described) {
		for name, info := range infos {
			time, err1 := metric.ParseMethod(info.Method.Time)
			component, err2 := metric.ParseMethod(info.Method.Component)
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			r.Set(metric.Info{Name: name, Time: time, Component: component})
		}
	}
	nodes := m.Initialize.Plugins.Content
	for i := 1; i < len(nodes); i += 2 {
		var p plugin
		if err := nodes[i].Load(&p); err != nil {
			t.Fatal(err)
		}
		for _, line := range ownMetrics()[p.Method] {
			f := strings.Fields(line)
			var d described
			d.Method.Time, d.Method.Component = f[1], f[2]
			if f[0] != "sci" || p.Metadata.Outputs == nil { // a manifest's outputs replace the plugin's
				set(map[string]described{f[0]: d})
			}
		}
		set(p.Metadata.Inputs)
		set(p.Metadata.Outputs)
	}
	return r
}

// ownMetrics are those that Impact Framework's plugins describe themselves.
func ownMetrics() map[string][]string {
	return map[string][]string{
		"Sci": {"carbon sum sum", "functional-unit sum sum", "sci avg sum"},
		"SciEmbodied": {
			"vCPUs copy copy", "memory copy copy", "ssd copy copy", "hdd copy copy", "gpu copy copy",
			"usage-ratio copy copy", "time copy copy", "embodied-carbon sum sum",
		},
		"TimeSync": {"timestamp none none", "duration sum none"},
	}
}

// forget takes away what the aggregation made, last key first. What stood there
// before the run keeps its place.
func forget(n *tree.Node, kind aggregate.Kind) {
	drop := func(key string) {
		if last := n.Attrs.Len() - 1; last >= 0 && n.Attrs.Key(last) == key {
			n.Attrs.Delete(key)
		}
	}
	if n.IsLeaf() && kind&aggregate.Horizontal != 0 || !n.IsLeaf() && kind&aggregate.Vertical != 0 {
		n.Aggregated = nil
		drop(tree.KeyAggregated)
	}
	if !n.IsLeaf() && kind&aggregate.Vertical != 0 {
		n.Outputs = nil
		drop(tree.KeyOutputs)
	}
	for _, child := range n.Children {
		forget(child, kind)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
