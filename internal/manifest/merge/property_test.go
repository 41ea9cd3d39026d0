package merge_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/diff"
	"github.com/dendro-carbon/dendro/internal/manifest/emit"
	"github.com/dendro-carbon/dendro/internal/manifest/merge"
	"github.com/dendro-carbon/dendro/internal/tree"
)

// TestMergedComputesTheSame merges random manifests and runs parts and whole:
// each component must have the outputs and the sums of its own manifest.
func TestMergedComputesTheSame(t *testing.T) {
	t.Parallel()
	compared, refused := 0, 0
	for seed := range uint64(150) {
		g := &generator{rand.New(rand.NewPCG(seed, 1))}
		aggregation := g.pick("", "aggregation: {metrics: [s, t], type: both}\n", "aggregation: {metrics: [t], type: horizontal, skip-components: [x]}\n")
		var parts []merge.Part
		var results []*manifest.Result
		for i := range 2 + g.IntN(2) {
			text := g.manifest(aggregation)
			p := part(t, fmt.Sprintf("d%d/m%d.yml", i%2, i), text, false)
			result, err := p.Manifest.Run(t.Context(), manifest.Options{Workers: 1})
			if err != nil {
				t.Fatalf("seed %d: %v\n%s", seed, err, text)
			}
			parts, results = append(parts, p), append(results, result)
		}
		merged, err := merge.Merge(parts, merge.Options{Name: "merged"})
		if err != nil {
			refused++
			continue
		}
		whole := rerun(t, seed, merged.Document)
		for i, p := range parts {
			for _, child := range results[i].Tree.Children {
				compare(t, seed, child, find(whole, child.Name+"-"+p.Label))
				compared++
			}
		}
	}
	if compared < 200 || refused > 75 {
		t.Errorf("%d components compared, %d merges refused: the generator has lost its use", compared, refused)
	}
}

// rerun writes a merged manifest, reads it again and runs it.
func rerun(t *testing.T, seed uint64, doc *emit.Document) *tree.Node {
	t.Helper()
	var text bytes.Buffer
	if err := emit.YAML(&text, doc, emit.Options{}); err != nil {
		t.Fatal(err)
	}
	m, err := manifest.Read("merged.yml", text.Bytes(), compat.Options{})
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, text.String())
	}
	result, err := m.Run(t.Context(), manifest.Options{Workers: 1})
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, text.String())
	}
	return result.Tree
}

func find(root *tree.Node, name string) *tree.Node {
	for _, child := range root.Children {
		if child.Name == name {
			return child
		}
	}
	return nil
}

// compare compares the figures at and below two components.
func compare(t *testing.T, seed uint64, want, got *tree.Node) {
	t.Helper()
	if got == nil {
		t.Fatalf("seed %d: %s is missing", seed, want.Path)
	}
	r := diff.Compare(diff.Side{Tree: figures(want)}, diff.Side{Tree: figures(got)}, diff.Options{Limit: 3})
	if !r.Equal() {
		var text strings.Builder
		r.Text(&text, diff.Names{A: "alone", B: "merged"})
		t.Errorf("seed %d: %s", seed, text.String())
	}
}

// figures returns a tree with what was computed and nothing else.
func figures(n *tree.Node) *tree.Node {
	f := tree.New(n.Name, n.Path)
	if len(n.Children) > 0 {
		f.SetChildren(nil)
		for _, child := range n.Children {
			f.Children = append(f.Children, figures(child))
		}
	}
	if n.Outputs != nil {
		f.SetOutputs(n.Outputs)
	}
	if n.Aggregated != nil {
		f.SetAggregated(n.Aggregated)
	}
	return f
}

// generator writes manifests that run.
type generator struct{ *rand.Rand }

func (g *generator) pick(of ...string) string { return of[g.IntN(len(of))] }

func (g *generator) manifest(aggregation string) string {
	var b strings.Builder
	b.WriteString("name: part\n" + aggregation + "initialize:\n  plugins:\n")
	for _, plugin := range []struct{ name, out string }{{"p", "s"}, {"q", "t"}} {
		fmt.Fprintf(&b, "    %s: {path: builtin, method: %s, config: {input-parameters: [%s, %s], output-parameter: %s},\n",
			plugin.name, g.pick("Sum", "Multiply"), g.pick("a", "b"), g.pick("b", "c"), plugin.out)
		fmt.Fprintf(&b, "      parameter-metadata: {outputs: {%s: {unit: u, description: d, aggregation-method: {time: sum, component: %s}}}}}\n",
			plugin.out, g.pick("sum", "sum", "sum", "sum", "avg"))
	}
	b.WriteString("tree:\n  pipeline: {compute: [p, q]" + g.pick("", ", regroup: [zone]") + "}\n  defaults: {a: 2, b: 3, c: 5, zone: x}\n  children:\n")
	for _, name := range []string{"x", "y"} {
		g.component(&b, "    ", name, 2)
	}
	return b.String()
}

func (g *generator) component(b *strings.Builder, indent, name string, depth int) {
	fmt.Fprintf(b, "%s%s:\n", indent, name)
	indent += "  "
	b.WriteString(g.pick("", "", indent+"pipeline: {compute: [q, p]}\n"))
	b.WriteString(g.pick("", "", indent+"defaults: {a: 7, b: 1, c: 2, zone: y}\n"))
	if depth > 0 && g.IntN(2) == 0 {
		b.WriteString(indent + "children:\n")
		for _, child := range []string{"x", "z"} {
			g.component(b, indent+"  ", child, depth-1)
		}
		return
	}
	zone := g.pick("", ", zone: "+g.pick("x", "y", "z"))
	fmt.Fprintf(b, "%sinputs:\n", indent)
	for step := range 2 {
		fmt.Fprintf(b, "%s  - {timestamp: '2024-01-01T00:0%d:00.000Z', duration: 60%s, %s: %d}\n",
			indent, step, zone, g.pick("a", "b", "c"), 1+g.IntN(9))
	}
}
