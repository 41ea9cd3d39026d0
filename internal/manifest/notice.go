package manifest

import (
	"fmt"
	"strings"

	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Notice is a place where the default's result differs from Impact
// Framework's. It is reported once, with the components that it holds for.
type Notice struct {
	Difference compat.Difference
	Plugin     string // the instance's name, "" when it is not about one
	Detail     string // what it means here
	Component  string // path of the first component
	Components int
}

// Where returns what the notice is about, in one line: the components, the
// plugin and the detail.
func (n Notice) Where() string {
	var parts []string
	if n.Component != "" {
		where := n.Component
		if n.Components > 1 {
			where += fmt.Sprintf(" and %d more", n.Components-1)
		}
		parts = append(parts, where)
	}
	if n.Plugin != "" {
		parts = append(parts, fmt.Sprintf("plugin %q", n.Plugin))
	}
	where := strings.Join(parts, ", ")
	switch {
	case n.Detail == "":
		return where
	case where == "":
		return n.Detail
	}
	return where + ": " + n.Detail
}

// String returns the notice in one line.
func (n Notice) String() string { return n.Difference.Name + ": " + n.Where() }

// notice is what one job reports.
type notice struct {
	difference, plugin, detail, component string
	order                                 int
}

// noticeBook collects notices and joins those that differ only in the
// component.
type noticeBook struct {
	all   []Notice
	index map[[3]string]int
	seen  map[[4]string]bool
}

func (b *noticeBook) merge(notices []notice) {
	for _, n := range notices {
		b.add(n)
	}
}

func (b *noticeBook) add(n notice) {
	if b.index == nil {
		b.index, b.seen = make(map[[3]string]int), make(map[[4]string]bool)
	}
	place := [4]string{n.difference, n.plugin, n.detail, n.component}
	if b.seen[place] {
		return
	}
	b.seen[place] = true
	key := [3]string{n.difference, n.plugin, n.detail}
	i, ok := b.index[key]
	if !ok {
		i = len(b.all)
		b.index[key] = i
		b.all = append(b.all, Notice{Difference: difference(n.difference), Plugin: n.plugin, Detail: n.detail, Component: n.component})
	}
	b.all[i].Components++
}

// sorted returns the notices in the order in which they were first met.
func (b *noticeBook) sorted() []Notice { return b.all }

func difference(name string) compat.Difference {
	for _, d := range compat.Table() {
		if d.Name == name {
			return d
		}
	}
	return compat.Difference{Name: name}
}

// treeNotices reports what the tree's form alone tells.
func (r *run) treeNotices(root *tree.Node) {
	if r.m.opts.IntegerKeysFirst {
		return
	}
	for n := range root.Walk() {
		names := value.NewMap(len(n.Children))
		for _, child := range n.Children {
			names.Set(child.Name, value.OfNull())
		}
		names.IntegerKeysFirst()
		for i, child := range n.Children {
			if names.Key(i) != child.Name {
				r.notices.add(notice{
					difference: "integer-keys", component: n.Path,
					detail: fmt.Sprintf("child %q comes before %q", child.Name, names.Key(i)),
				})
				break
			}
		}
	}
}
