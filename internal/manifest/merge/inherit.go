package merge

import (
	"slices"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

const (
	keyPipeline = "pipeline"
	keyDefaults = "defaults"
)

// inherited is what a component gets from the root of its manifest.
type inherited struct{ pipeline, defaults value.Value }

// inherit writes into a component what it inherits. A manifest replaces a
// pipeline or defaults as a whole, so what the component has of its own stays
// alone. name is what the component was called below its root.
func inherit(n *tree.Node, up inherited, name string) {
	pipeline := up.pipeline
	if n.Attrs.Get(keyPipeline).Truthy() {
		pipeline = value.Value{}
	}
	attrs := value.NewMap(n.Attrs.Len() + 2)
	put(attrs, n.Attrs, keyPipeline, pipeline)
	put(attrs, n.Attrs, keyDefaults, up.defaults)
	for i := range n.Attrs.Len() {
		if key := n.Attrs.Key(i); !attrs.Has(key) {
			attrs.SetAt(key, n.Attrs.At(i), n.Attrs.LineAt(i))
		}
	}
	n.Attrs = attrs
	if pipeline.Map().Get("regroup").Truthy() {
		keepGroups(n, inherited{pipeline: pipeline}, []string{name})
	}
}

// put sets a key that the component lacks, or has as null, to what it inherits.
func put(attrs, own *value.Map, key string, v value.Value) {
	if v.Truthy() && !own.Get(key).Truthy() {
		attrs.Set(key, v.Clone())
	}
}

// keepGroups sees to it that leaves are not regrouped that were not before. A
// leaf stays as it is if its name and those above it, below the owner of the
// pipeline, are its rows' values of the regroup keys. The name of a component
// below the root is one of these, and a merge changes it; so a leaf for which it
// counts gets a pipeline without regroup. This is decided by the inputs that the
// manifest holds, which an observe phase may replace.
func keepGroups(n *tree.Node, up inherited, names []string) {
	if own := n.Attrs.Get(keyDefaults); own.Truthy() {
		up.defaults = own
	}
	for _, child := range n.Children {
		if !child.Attrs.Get(keyPipeline).Truthy() {
			keepGroups(child, up, append(slices.Clip(names), child.Name))
		}
	}
	keys := up.pipeline.Map().Get("regroup").List()
	if n.IsLeaf() && len(keys) == len(names) && isGrouped(n.Inputs.WithDefaults(up.defaults.Map()), keys, names) {
		own := up.pipeline.Map().Clone()
		own.Delete("regroup")
		n.Attrs.Set(keyPipeline, value.OfMap(own))
	}
}

func isGrouped(rows *frame.Frame, keys []value.Value, names []string) bool {
	for row := range rows.Len() {
		for i, key := range keys {
			name, _ := key.Str()
			if s, ok := rows.At(row, name).Str(); !ok || s != names[i] {
				return false
			}
		}
	}
	return true
}
