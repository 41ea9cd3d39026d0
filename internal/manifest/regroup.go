package manifest

import (
	"context"
	"fmt"
	"slices"

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
			name, ok := g.name(v)
			if !ok {
				return diag.New("InvalidGroupingError", "Invalid group %s.", key).AtRow(row).WithMetric(key).
					WithHint("%q holds %s; group by texts, numbers, booleans or times", key, v.Kind())
			}
			at = at.child(name)
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

// name returns what the group of a value is called; ok is false if it cannot be
// called anything.
func (g *grouper) name(v value.Value) (name string, ok bool) {
	if g.opts.ScriptGroupNames {
		return v.ScriptText(), true
	}
	return v.String(), v.Kind() != value.List && v.Kind() != value.Object
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

// regroupKeys returns the keys to regroup by.
func (j *job) regroupKeys(v value.Value) ([]string, bool) {
	if v.Kind() != value.List {
		j.problem(diag.New("InputValidationError",
			`"regroup" parameter is not an array or should contain at least one key. Error code: invalid_type.`).
			WithHint("write the keys as a list: `regroup: [cloud/region]`"))
		return nil, false
	}
	if len(v.List()) == 0 {
		j.problem(diag.New("InputValidationError",
			`"regroup" parameter is array must contain at least 1 element(s). Error code: too_small.`).
			WithHint("name the keys to group by, or remove regroup"))
		return nil, false
	}
	keys := make([]string, len(v.List()))
	for i, item := range v.List() {
		s, ok := item.Str()
		if !ok {
			j.problem(diag.New("InputValidationError", `"regroup.[%d]" parameter is expected string, received %s. Error code: invalid_type.`,
				i, kindName(item)))
			return nil, false
		}
		keys[i] = s
	}
	return keys, true
}

// isRegrouped reports whether the leaf already stands where regrouping would
// put all its rows.
func (j *job) isRegrouped(keys []string, rows *frame.Frame) bool {
	names := append(slices.Clip(j.leaf.above), j.leaf.node.Name)
	if j.leaf.owner {
		names = nil
	}
	if len(names) < len(keys) {
		return rows.Len() == 0 && !j.run.m.opts.EmptyInputsFail
	}
	last := names[len(names)-len(keys):]
	for row := range rows.Len() {
		for i, key := range keys {
			if s, ok := rows.At(row, key).Str(); !ok || s != last[i] {
				return false
			}
		}
	}
	return true
}

// regroup makes the leaf a group with one child for each combination of the
// keys' values, and computes the children. It is false if that failed.
func (j *job) regroup(ctx context.Context, rows *frame.Frame, keys []string) bool {
	n := j.leaf.node
	g := newGrouper(keys, j.run.m.opts)
	if err := g.add(rows, false); err != nil {
		j.fail("", rows, err)
		return false
	}
	if j.run.o.Append {
		if err := g.add(n.Outputs, true); err != nil {
			j.fail("", nil, fmt.Errorf("regroup the existing outputs: %w", err))
			return false
		}
	}
	j.noticeTimes(rows, keys)
	children := g.children(n.Path)
	n.SetChildren(children)
	if len(children) == 0 { // no rows, no groups
		n.Attrs.Delete(tree.KeyChildren)
		return true
	}
	first, ok := true, true
	for child := range n.Leaves() {
		j.group = child
		inputs := orEmpty(child.Inputs)
		if j.leaf.phases.observe != nil { // an observe phase leaves inputs with defaults, the rows of compute apart
			child.SetInputs(inputs.WithDefaults(j.leaf.defaults))
		}
		ok = j.compute(ctx, child, inputs, first) && ok
		first = false
	}
	j.group = nil
	return ok
}

// noticeTimes tells of groups that Impact Framework names otherwise.
func (j *job) noticeTimes(rows *frame.Frame, keys []string) {
	if j.run.m.opts.ScriptGroupNames {
		return
	}
	for _, key := range keys {
		for row := range rows.Len() {
			if rows.At(row, key).Kind() == value.Time {
				j.notices = append(j.notices, notice{
					"group-names", "",
					"Impact Framework names the groups of " + key + " after JavaScript's form of a time", j.leaf.node.Path, j.order,
				})
				break
			}
		}
	}
}
