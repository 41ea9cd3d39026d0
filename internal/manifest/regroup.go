package manifest

import (
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// grouper sorts rows into nested groups by the values of keys.
type grouper struct {
	keys []string
	opts compat.Options
	root *group
}

type group struct {
	children *value.Map // child name to its index in groups
	groups   []*group
	frames   [2]*frame.Builder // inputs and outputs, at the lowest level
}

func newGrouper(keys []string, opts compat.Options) *grouper {
	return &grouper{keys: keys, opts: opts, root: &group{children: value.NewMap(0)}}
}

// add sorts the rows of a frame in, as inputs or as outputs.
func (g *grouper) add(rows *frame.Frame, outputs bool) error {
	side := 0
	if outputs {
		side = 1
	}
	for row := range rows.Len() {
		at := g.root
		for _, key := range g.keys {
			v := rows.At(row, key)
			if !g.isGroup(v) {
				return diag.New("InvalidGroupingError", "Invalid group %s.", key).AtRow(row).WithMetric(key).
					WithHint("give every row a value for %q, in the inputs or in defaults", key)
			}
			at = at.child(v.String())
		}
		if at.frames[side] == nil {
			at.frames[side] = frame.NewBuilder(0)
		}
		at.frames[side].CopyRow(rows, row)
	}
	return nil
}

func (g *grouper) isGroup(v value.Value) bool {
	if g.opts.FalsyGroupsFail {
		return v.Truthy()
	}
	return !v.IsNullish() && v.String() != ""
}

func (g *group) child(name string) *group {
	if i, ok := g.children.Get(name).Float(); ok {
		return g.groups[int(i)]
	}
	c := &group{children: value.NewMap(0)}
	g.children.Set(name, value.OfNumber(float64(len(g.groups))))
	g.groups = append(g.groups, c)
	return c
}

// children returns the groups as nodes below the node at path.
func (g *grouper) children(path string) []*tree.Node { return g.nodes(g.root, path) }

func (g *grouper) nodes(at *group, path string) []*tree.Node {
	if g.opts.IntegerKeysFirst {
		at.children.IntegerKeysFirst()
	}
	nodes := make([]*tree.Node, 0, len(at.groups))
	for name, index := range at.children.All() {
		i, _ := index.Float()
		child := at.groups[int(i)]
		n := tree.New(name, path+"."+tree.KeyChildren+"."+name)
		if len(child.groups) > 0 {
			n.SetChildren(g.nodes(child, n.Path))
		}
		if b := child.frames[0]; b != nil {
			n.SetInputs(b.Frame())
		}
		if b := child.frames[1]; b != nil {
			n.SetOutputs(b.Frame())
		}
		nodes = append(nodes, n)
	}
	return nodes
}
