package tree_test

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// A run gives leaves their outputs, and every node what it adds up to. The keys of
// a node stay in the order in which they came.
func ExampleNode_Walk() {
	web := tree.New("web", "tree.children.web")
	web.SetOutputs(frame.New(2, frame.NewNumbers("energy", []float64{1, 2})))
	root := tree.New("", "tree")
	root.SetChildren([]*tree.Node{web})
	for _, node := range []*tree.Node{web, root} {
		total := value.NewMap(1)
		total.Set("energy", value.OfNumber(3))
		node.SetAggregated(total)
	}
	for node := range root.Walk() {
		fmt.Println(node.Path, node.IsLeaf(), node.Outputs.Len(), node.Aggregated.Get("energy"), node.Attrs.Keys())
	}
	// Output:
	// tree false 0 3 [children aggregated]
	// tree.children.web true 2 3 [outputs aggregated]
}
