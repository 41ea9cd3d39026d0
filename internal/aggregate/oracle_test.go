package aggregate_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/aggregate"
	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
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
	name := strings.TrimSuffix(file, ".json")
	m, err := manifest.Read(name+".yml", []byte(read(t, name+".yml")), compat.IF11())
	if err != nil || m.Aggregation == nil {
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
	if _, err := aggregate.Run(got, m.Metrics(), cfg, if11()); err != nil {
		t.Errorf("%s: failed, and Impact Framework succeeded: %v", file, err)
		return true
	}
	if show(got) != show(want) {
		t.Errorf("%s: got\n%.2000s\nwant\n%.2000s", file, show(got), show(want))
	}
	return true
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
