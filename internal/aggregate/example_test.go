package aggregate_test

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/aggregate"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// machine returns a leaf with an hour of energy in two halves.
func machine(name string, energy ...float64) *tree.Node {
	half := int64(30 * 60 * 1000)
	leaf := tree.New(name, "tree.children."+name)
	leaf.SetOutputs(frame.New(2,
		frame.NewTimes("timestamp", []int64{0, half}, value.ISOSeconds),
		frame.NewConstant("duration", 2, value.OfNumber(1800)),
		frame.NewNumbers("energy", energy)))
	return leaf
}

func ExampleAggregator() {
	root := tree.New("", "tree")
	root.SetChildren([]*tree.Node{machine("web", 0.5, 0.25), machine("db", 1, 2)})
	cfg := aggregate.Config{Metrics: []string{"energy"}, Kind: aggregate.Both}
	a, err := aggregate.New(metric.Builtin(), cfg, aggregate.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	a.Tree(root, nil, nil)
	if _, err := a.Result(); err != nil {
		fmt.Println(err)
		return
	}
	for i := range root.Outputs.Len() {
		fmt.Println(root.Outputs.At(i, "timestamp"), root.Outputs.At(i, "energy"))
	}
	for node := range root.Walk() {
		fmt.Println(node.Path, node.Aggregated.Get("energy"))
	}
	// Output:
	// 1970-01-01T00:00:00Z 1.5
	// 1970-01-01T00:30:00Z 2.25
	// tree 3.75
	// tree.children.web 0.75
	// tree.children.db 3
}

// A caller that computes leaves one after another hands each over and lets go of
// its rows.
func ExampleNew() {
	cfg := aggregate.Config{Metrics: []string{"energy"}, Kind: aggregate.Both}
	a, err := aggregate.New(metric.Builtin(), cfg, aggregate.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	root := tree.New("", "tree")
	group := a.Group(root)
	for i := range 3 {
		leaf := machine(fmt.Sprint("m", i), float64(i), 10)
		group.Leaf(leaf)
		leaf.Outputs = nil
		fmt.Println(leaf.Name, leaf.Aggregated.Get("energy"))
	}
	group.Close()
	if _, err := a.Result(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("all", root.Aggregated.Get("energy"))
	// Output:
	// m0 10
	// m1 11
	// m2 12
	// all 33
}

func ExampleAggregator_Tree() {
	root := tree.New("", "tree")
	web, db := machine("web", 1, 2), machine("db", 4, 8)
	root.SetChildren([]*tree.Node{web, db})
	cfg := aggregate.Config{Metrics: []string{"energy"}, Kind: aggregate.Vertical}
	a, err := aggregate.New(metric.Builtin(), cfg, aggregate.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	a.Tree(root, func(node *tree.Node) { fmt.Println("compute", node.Path) }, func(leaf *tree.Node) { fmt.Println("drop", leaf.Path) })
	fmt.Println(root.Aggregated.Get("energy"))
	// Output:
	// compute tree
	// compute tree.children.web
	// drop tree.children.web
	// compute tree.children.db
	// drop tree.children.db
	// 15
}

func ExampleParseKind() {
	older, _ := aggregate.ParseKind("horizontal")
	newer, _ := aggregate.ParseKind("time")
	_, err := aggregate.ParseKind("diagonal")
	fmt.Println(older == newer, err)
	// Output: true aggregation type "diagonal": not one of horizontal, time, vertical, component, both
}

func ExampleParseAlign() {
	align, err := aggregate.ParseAlign("sync")
	fmt.Println(align == aggregate.Sync, err)
	_, err = aggregate.ParseAlign("loose")
	fmt.Println(err)
	// Output:
	// true <nil>
	// aggregation align "loose": not one of strict, timestamp, sync
}

func ExampleGap_String() {
	fmt.Println(aggregate.Gap{Path: "tree", Metric: "sci", Lacks: 1, Of: 24})
	fmt.Println(aggregate.Gap{Path: "tree", Lacks: 2, Of: 24})
	// Output:
	// tree: sci: 1 of 24 values are missing
	// tree: 2 of 24 steps are not in all components
}

// A tree of any depth is walked in one pass: each group is open while its parts are
// handed over. A leaf without a group stands for itself.
func ExampleFolder_Group() {
	cfg := aggregate.Config{Metrics: []string{"energy"}, Kind: aggregate.Both}
	a, err := aggregate.New(metric.Builtin(), cfg, aggregate.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	root, rack := tree.New("", "tree"), tree.New("rack", "tree.children.rack")
	all := a.Group(root)
	all.Leaf(machine("lone", 1, 1))
	inner := all.Group(rack)
	inner.Leaf(machine("n1", 2, 2))
	inner.Leaf(machine("n2", 3, 3))
	inner.Close()
	all.Close()
	if _, err := a.Result(); err != nil {
		fmt.Println(err)
		return
	}
	alone := machine("alone", 4, 4)
	single, _ := aggregate.New(metric.Builtin(), cfg, aggregate.Options{})
	single.Leaf(alone)
	fmt.Println(rack.Aggregated.Get("energy"), root.Aggregated.Get("energy"), alone.Aggregated.Get("energy"))
	// Output: 10 12 8
}

func ExampleUnknownMetric() {
	fmt.Println(aggregate.UnknownMetric("water", "outputs").Short())
	// Output: InvalidAggregationMethodError: water has no known aggregation method.
}
