package emit

import (
	"github.com/dendro-carbon/dendro/internal/aggregate"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// keyTree is the top-level key of the tree.
const keyTree = "tree"

// part is one pair of a mapping as it is to be written. At most one of frame,
// node and children is set, and is then what v would be.
type part struct {
	name     string
	v        value.Value
	frame    *frame.Frame
	node     *tree.Node
	children []*tree.Node
}

// parts returns the top-level pairs of a document.
func (d *Document) parts() []part {
	parts := make([]part, 0, d.Head.Len()+1)
	for name, v := range d.Head.All() {
		if v.Kind() != value.Absent {
			parts = append(parts, part{name: name, v: v})
		}
	}
	if d.Tree == nil {
		return parts
	}
	return append(parts, part{name: keyTree, node: d.Tree})
}

// nodeParts returns the pairs of a node.
func nodeParts(n *tree.Node, opts Options) []part {
	parts := make([]part, 0, n.Attrs.Len())
	for name, v := range n.Attrs.All() {
		p := nodePart(n, name, v)
		if p.isAbsent() || opts.OnlyAggregated && !IsAggregate(name) {
			continue
		}
		parts = append(parts, p)
	}
	return parts
}

// IsAggregate reports whether a key of a node belongs to the aggregated tree:
// what was left out of a sum is part of what it says.
func IsAggregate(name string) bool {
	switch name {
	case tree.KeyChildren, tree.KeyAggregated, aggregate.KeySkipped, aggregate.KeyMissing, aggregate.KeyPartial:
		return true
	}
	return false
}

func nodePart(n *tree.Node, name string, v value.Value) part {
	placeholder := v.Kind() == value.Bool
	switch {
	case name == tree.KeyChildren && len(n.Children) > 0:
		return part{name: name, children: n.Children}
	case name == tree.KeyChildren && placeholder:
		return part{name: name, v: value.OfMap(nil)}
	case name == tree.KeyInputs && n.Inputs != nil:
		return part{name: name, frame: n.Inputs}
	case name == tree.KeyOutputs && n.Outputs != nil:
		return part{name: name, frame: n.Outputs}
	case name == tree.KeyAggregated && n.Aggregated != nil:
		return part{name: name, v: value.OfMap(n.Aggregated)}
	}
	return part{name: name, v: v}
}

func (p part) isAbsent() bool {
	return p.v.Kind() == value.Absent && p.frame == nil && p.node == nil && p.children == nil
}
