package tree_test

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/tree"
)

func ExampleNode_Leaves() {
	web, db := tree.New("web", "tree.children.web"), tree.New("db", "tree.children.db")
	root := tree.New("", "tree")
	root.SetChildren([]*tree.Node{web, db})
	web.SetInputs(frame.New(0))
	for leaf := range root.Leaves() {
		fmt.Println(leaf.Path, leaf.Attrs.Keys())
	}
	// Output:
	// tree.children.web [inputs]
	// tree.children.db []
}
