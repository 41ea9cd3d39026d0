// Package merge makes one manifest of several: each keeps its components, side
// by side below one root.
//
// A component computes the same figures in the merged manifest as in its own.
// What it inherited from its root is written into it; instances of plugins that
// share a name but not a definition are told apart; and where one manifest
// cannot mean what the several did, because they give one metric different
// methods, the merge is refused. What a reader would get wrong: the aggregation
// of the root is new. It is kept only if all manifests ask for the same.
package merge

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/emit"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Part is one of the manifests, read without an error.
type Part struct {
	// Label tells its components and plugins from those of the other parts; by
	// custom FOLDER-FILE.
	Label    string
	Manifest *manifest.Manifest
}

// Options say what the merged manifest is called, and how it is made.
type Options struct {
	Name, Description string
	// IF11 merges as if-merge 1.1.0: what components inherit from their roots is
	// lost, aggregation as well, and of plugins with one name the last is taken.
	IF11 bool
}

// Result is a merged manifest.
type Result struct {
	Document *emit.Document
	// Notes say what of the parts could not be kept, and why.
	Notes []string
}

// Merge merges the parts, in their order. The error is a diag.List of the
// reasons why one manifest cannot stand for all parts. The parts are not
// changed, and the result shares their observations.
func Merge(parts []Part, opts Options) (*Result, error) {
	m := &merger{parts: parts, opts: opts, taken: make(map[string]bool), root: tree.New("", rootPath)}
	m.plugins()
	for i := range parts {
		m.adopt(i)
	}
	m.root.SetChildren(m.root.Children)
	head := m.head()
	result := &Result{Document: &emit.Document{Head: head, Tree: m.root}, Notes: m.notes}
	if opts.IF11 {
		return result, nil
	}
	return result, m.conflicts(head)
}

const rootPath = "tree"

// merger is one call of [Merge].
type merger struct {
	parts []Part
	opts  Options
	root  *tree.Node
	// merged holds the instances of all parts under their new names; renames has,
	// for each part, the new names of those that were renamed.
	merged  *value.Map
	renames []map[string]string
	// moved has, for each part, the new paths of the components below its root.
	moved []map[string]string
	taken map[string]bool // names of components below the new root
	notes []string
}

// adopt puts the components of a part below the new root.
func (m *merger) adopt(i int) {
	part := m.parts[i]
	root := part.Manifest.Tree
	m.moved = append(m.moved, make(map[string]string))
	if root.IsLeaf() {
		m.rename(i, m.take(root, part.Label))
		return
	}
	up := inherited{pipeline: root.Attrs.Get(keyPipeline), defaults: root.Attrs.Get(keyDefaults)}
	for _, child := range root.Children {
		node := m.take(child, child.Name+"-"+part.Label)
		m.moved[i][child.Name] = node.Path
		if !m.opts.IF11 {
			inherit(node, up, child.Name)
		}
		m.rename(i, node)
	}
}

// take copies a component below the new root, under a name that is not taken.
func (m *merger) take(n *tree.Node, name string) *tree.Node {
	name = unused(name, m.taken)
	m.taken[name] = true
	node := clone(n, name, rootPath+"."+tree.KeyChildren+"."+name)
	m.root.Children = append(m.root.Children, node)
	return node
}

// unused returns the name, with a number behind it if it is taken.
func unused(name string, taken map[string]bool) string {
	for i, free := 2, name; ; i++ {
		if !taken[free] {
			return free
		}
		free = name + "-" + strconv.Itoa(i)
	}
}

// clone returns a copy of a tree with names and keys of its own. Observations
// are shared.
func clone(n *tree.Node, name, path string) *tree.Node {
	c := *n
	c.Name, c.Path = name, path
	c.Attrs = n.Attrs.Clone()
	c.Children = slices.Clone(n.Children)
	for i, child := range c.Children {
		c.Children[i] = clone(child, child.Name, path+"."+tree.KeyChildren+"."+child.Name)
	}
	return &c
}

// head returns the top-level keys in the order in which manifests have them.
func (m *merger) head() *value.Map {
	head := value.NewMap(6)
	head.Set("name", value.OfText(m.opts.Name))
	head.Set("description", value.OfText(m.opts.Description))
	if tags := m.tags(); tags.Len() > 0 || m.opts.IF11 {
		head.Set("tags", value.OfMap(tags))
	}
	if !m.opts.IF11 {
		m.explainer(head)
		m.aggregation(head)
	}
	initialize := value.NewMap(1)
	initialize.Set("plugins", value.OfMap(m.merged))
	head.Set("initialize", value.OfMap(initialize))
	return head
}

// tags returns the tags of all parts; of those with one name the last.
func (m *merger) tags() *value.Map {
	tags := value.NewMap(3)
	for _, part := range m.parts {
		for key, v := range m.source(part).Get("tags").Map().All() {
			tags.Set(key, v)
		}
	}
	return tags
}

// source returns the top-level keys of a part; if-merge does not check them.
func (m *merger) source(part Part) *value.Map {
	if m.opts.IF11 {
		return part.Manifest.Raw
	}
	return part.Manifest.Head
}

func (m *merger) explainer(head *value.Map) {
	asking := 0
	for _, part := range m.parts {
		if part.Manifest.Explainer {
			asking++
		}
	}
	switch {
	case asking == len(m.parts):
		head.Set("explainer", value.OfBool(true))
	case asking > 0:
		m.note("explainer is left out: only %d of %d manifests ask for it", asking, len(m.parts))
	}
}

func (m *merger) note(format string, args ...any) {
	m.notes = append(m.notes, fmt.Sprintf(format, args...))
}
