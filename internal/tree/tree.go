// Package tree is the tree of components of a manifest: each holds its
// observations, or the components that it is made of.
//
// A node keeps every key that it was written with, in order, so that a tree
// can be written again as it was read. What a reader would get wrong: the keys
// children, inputs, outputs and aggregated stand in [Node.Attrs] only to hold
// their place; their contents are in the fields of the same name.
package tree

import (
	"iter"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/value"
)

// The keys of a node whose contents are fields of [Node].
const (
	KeyChildren   = "children"
	KeyInputs     = "inputs"
	KeyOutputs    = "outputs"
	KeyAggregated = "aggregated"
)

// Node is one component.
type Node struct {
	Name string
	// Path is how messages name the node: tree, tree.children.web, …
	Path string
	// Line is the line of the source on which the node's key stands; 0 when the
	// node did not come from a file.
	Line int
	// Attrs holds the node's keys in order. Other keys than the four above have
	// their values here. It is nil where a file has null in the place of a
	// component; such a tree can be written, but not run.
	Attrs *value.Map
	// Children is what the node is made of. A node whose Attrs have no children
	// key, or a null one, is a leaf.
	Children []*Node
	// Inputs and Outputs are the observations, nil when the node has none.
	Inputs, Outputs *frame.Frame
	// Aggregated is the sum of the node over time, nil when there is none.
	Aggregated *value.Map
}

// New returns a leaf without observations.
func New(name, path string) *Node {
	return &Node{Name: name, Path: path, Attrs: value.NewMap(4)}
}

// IsLeaf reports whether the node holds observations of its own: it has no
// children key. A group without children is not a leaf.
func (n *Node) IsLeaf() bool { return !n.Attrs.Get(KeyChildren).Truthy() }

// SetInputs replaces the inputs and gives them a place among the keys.
func (n *Node) SetInputs(f *frame.Frame) { n.Inputs = f; n.place(KeyInputs) }

// SetOutputs replaces the outputs and gives them a place among the keys.
func (n *Node) SetOutputs(f *frame.Frame) { n.Outputs = f; n.place(KeyOutputs) }

// SetAggregated replaces the sum over time and gives it a place among the keys.
func (n *Node) SetAggregated(m *value.Map) { n.Aggregated = m; n.place(KeyAggregated) }

// SetChildren makes the node a group, without inputs and outputs of its own.
func (n *Node) SetChildren(children []*Node) {
	n.Children, n.Inputs, n.Outputs = children, nil, nil
	n.place(KeyChildren)
	n.Attrs.Delete(KeyInputs)
	n.Attrs.Delete(KeyOutputs)
}

// place marks a key as there without changing its position.
func (n *Node) place(key string) { n.Attrs.Set(key, value.OfBool(true)) }

// Walk ranges over the node and all below it, parents before children, in
// order.
func (n *Node) Walk() iter.Seq[*Node] {
	return func(yield func(*Node) bool) { n.walk(yield) }
}

func (n *Node) walk(yield func(*Node) bool) bool {
	if !yield(n) {
		return false
	}
	for _, child := range n.Children {
		if !child.walk(yield) {
			return false
		}
	}
	return true
}

// Leaves ranges over the leaves at or below the node, in order.
func (n *Node) Leaves() iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		for node := range n.Walk() {
			if node.IsLeaf() && !yield(node) {
				return
			}
		}
	}
}
