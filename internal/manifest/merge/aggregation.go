package merge

import (
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

const (
	keyAggregation = "aggregation"
	keySkip        = "skip-components"
)

// aggregation keeps the aggregation block if all parts have the same, apart
// from the components that each leaves out.
func (m *merger) aggregation(head *value.Map) {
	first := m.parts[0].Manifest
	for _, part := range m.parts[1:] {
		if !sameAggregation(first, part.Manifest) {
			m.note("aggregation is left out: %s and %s do not ask for the same; give the merged manifest one of its own",
				first.File, part.Manifest.File)
			return
		}
	}
	block := first.Head.Get(keyAggregation).Map().Clone()
	if block.Len() == 0 {
		return
	}
	if skip := m.skip(); len(skip) > 0 {
		block.Set(keySkip, value.OfList(skip))
	}
	head.Set(keyAggregation, value.OfMap(block))
}

func sameAggregation(a, b *manifest.Manifest) bool {
	if a.Aggregation == nil || b.Aggregation == nil {
		return a.Aggregation == nil && b.Aggregation == nil
	}
	x, y := a.Head.Get(keyAggregation).Map().Clone(), b.Head.Get(keyAggregation).Map().Clone()
	x.Delete(keySkip)
	y.Delete(keySkip)
	if x.Len() != y.Len() {
		return false
	}
	for key, v := range x.All() {
		if key == "metrics" {
			if !slices.Equal(sorted(a.Aggregation.Metrics), sorted(b.Aggregation.Metrics)) {
				return false
			}
		} else if !value.Equal(v, y.Get(key)) {
			return false
		}
	}
	return true
}

func sorted(names []string) []string {
	names = slices.Clone(names)
	slices.Sort(names)
	return names
}

// skip returns the components that the parts leave out, by their new paths. A
// part may name one by the end of its names, which in the merged tree could fit
// components of other parts.
func (m *merger) skip() []value.Value {
	var paths []value.Value
	for i, part := range m.parts {
		for _, child := range part.Manifest.Tree.Children {
			m.skipBelow(child, child.Name, m.moved[i][child.Name], part.Manifest.Aggregation.Skip, &paths)
		}
	}
	return paths
}

// skipBelow adds the components at and below a node that an entry fits: its
// path, or the end of its names.
func (m *merger) skipBelow(n *tree.Node, names, to string, entries []string, paths *[]value.Value) {
	for _, entry := range entries {
		if entry == n.Path || strings.HasSuffix("/"+names, "/"+entry) {
			*paths = append(*paths, value.OfText(to))
			break
		}
	}
	for _, child := range n.Children {
		m.skipBelow(child, names+"/"+child.Name, to+"."+tree.KeyChildren+"."+child.Name, entries, paths)
	}
}
