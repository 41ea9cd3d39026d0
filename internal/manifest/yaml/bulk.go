package yaml

import (
	lib "go.yaml.in/yaml/v4"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/scan"
	"github.com/dendro-carbon/dendro/internal/value"
)

// member returns the value of a key of a map.
func (c *converter) member(m *lib.Node, name string, n *lib.Node) value.Value {
	if c.parts != nil && (c.keys[name] || name == blockKey) {
		if p := c.parts.partAt(n); p != nil && p.Key == name && m.Style&lib.FlowStyle == 0 {
			return c.part(n, p)
		}
	}
	if !c.keys[name] || c.inBulk {
		return c.value(n)
	}
	return c.bulkMember(n)
}

// part returns the handle of a list that has been read apart, or the map.
func (c *converter) part(n *lib.Node, p *part) value.Value {
	p.confirmed = true
	if c.inBulk || p.block != nil && c.aliases > 0 {
		p.unfit = true
	}
	if p.block != nil {
		return c.block(p)
	}
	i, done := c.frames[n]
	if !done {
		i = c.add(n, p.bulk)
		c.problems = append(c.problems, p.problems...)
	}
	return value.OfBulk(i)
}

// add adds the frame that a node has become.
func (c *converter) add(n *lib.Node, b Bulk) int {
	i := len(c.bulk)
	c.bulk = append(c.bulk, b)
	c.frames[n] = i
	return i
}

// bulkMember returns the value of a bulk key: a handle if it is a list of maps.
func (c *converter) bulkMember(n *lib.Node) value.Value {
	if n.Kind == lib.AliasNode {
		return c.alias(n, c.bulkMember)
	}
	if !isBulk(n) {
		return c.value(n)
	}
	if i, done := c.frames[n]; done {
		return value.OfBulk(i)
	}
	list := c.rows(n)
	b, ok := bulkOf(c.builder, list)
	if !ok {
		return value.OfList(list)
	}
	for _, item := range n.Content {
		b.Lines.Add(c.lineOf(item.Line))
	}
	return value.OfBulk(c.add(n, b))
}

// bulkOf returns the frame of a list of maps, if it is a good way to keep them.
func bulkOf(b *frame.Builder, list []value.Value) (Bulk, bool) {
	b.Reset(len(list))
	for _, item := range list {
		b.Row(item.Map())
		if b.Sparse() {
			return Bulk{}, false
		}
	}
	return Bulk{Frame: b.Frame(), Lines: new(scan.Lines)}, true
}

// isBulk reports whether a node is a list with at least one item, all items
// maps.
func isBulk(n *lib.Node) bool {
	if n.Kind != lib.SequenceNode || len(n.Content) == 0 || tagOf(n) != "" {
		return false
	}
	for _, item := range n.Content {
		for item.Kind == lib.AliasNode {
			item = item.Alias
		}
		if item.Kind != lib.MappingNode {
			return false
		}
	}
	return true
}

// rows returns the items of a list of maps.
func (c *converter) rows(n *lib.Node) []value.Value {
	c.inBulk = true
	if n.Anchor != "" {
		c.open[n] = true
	}
	list := make([]value.Value, len(n.Content))
	for i, item := range n.Content {
		list[i] = c.value(item)
	}
	delete(c.open, n)
	c.inBulk = false
	return list
}
