package yaml

import (
	lib "go.yaml.in/yaml/v4"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/scan"
	"github.com/dendro-carbon/dendro/internal/value"
)

// maxExpansion is how many nodes aliases and merges may add to a document. A
// few lines of aliases of aliases can ask for billions.
const maxExpansion = 500_000

// converter turns the nodes of one document into values.
type converter struct {
	file     string
	opts     Options
	keys     map[string]bool // whose lists become frames
	parts    *split          // nil, or the lists that nodes stand for
	lineOf   func(int) int   // the line of the source that a node's line is
	problems diag.List

	builder  *frame.Builder
	bulk     []Bulk
	frames   map[*lib.Node]int  // lists that have become frames, for aliases of them
	inBulk   bool               // within a row: lists stay lists
	open     map[*lib.Node]bool // anchored nodes that contain the current one
	aliases  int                // aliases that lead to the current node
	expanded int                // nodes met through aliases
}

func newConverter(file string, opts Options) *converter {
	c := &converter{
		file: file, opts: opts, keys: map[string]bool{},
		lineOf: func(line int) int { return line },
		frames: map[*lib.Node]int{}, open: map[*lib.Node]bool{},
	}
	for _, key := range opts.bulkKeys() {
		c.keys[key] = true
	}
	return c
}

// report notes what is wrong at a node. What is reached through an alias has
// been reported where it stands.
func (c *converter) report(n *lib.Node, text, hint string) {
	if c.aliases == 0 && c.expanded <= maxExpansion {
		e := syntaxError{at: place{c.lineOf(n.Line), n.Column}, text: text, hint: hint}
		c.problems = append(c.problems, e.problem(c.file))
	}
}

// value returns the value of a node. After an error it is null.
func (c *converter) value(n *lib.Node) value.Value {
	if c.aliases > 0 {
		c.expanded++
	}
	if c.expanded > maxExpansion {
		return value.OfNull()
	}
	if n.Anchor != "" {
		c.open[n] = true
		defer delete(c.open, n)
	}
	switch n.Kind {
	case lib.DocumentNode:
		return c.value(n.Content[0])
	case lib.AliasNode:
		return c.alias(n, c.value)
	case lib.SequenceNode:
		return c.sequence(n)
	case lib.MappingNode:
		return c.mapping(n)
	}
	return c.scalar(n)
}

// alias follows an alias.
func (c *converter) alias(n *lib.Node, follow func(*lib.Node) value.Value) value.Value {
	if c.open[n.Alias] {
		c.report(n, "alias \""+n.Value+"\" stands within what it refers to", "break the cycle")
		return value.OfNull()
	}
	if c.expanded > maxExpansion {
		return value.OfNull()
	}
	c.aliases++
	v := follow(n.Alias)
	c.aliases--
	if c.expanded > maxExpansion && c.aliases == 0 { // the first time, since nothing is followed afterwards
		e := syntaxError{
			at:   place{c.lineOf(n.Line), n.Column},
			text: "aliases add too much to the document",
			hint: "write out less through aliases of aliases",
		}
		c.problems = append(c.problems, e.problem(c.file))
	}
	return v
}

// sequence returns a list that is not to become a frame.
func (c *converter) sequence(n *lib.Node) value.Value {
	list := make([]value.Value, 0, len(n.Content))
	for _, item := range n.Content {
		list = append(list, c.value(item))
	}
	return c.taggedList(n, list)
}

// mapping returns a map.
func (c *converter) mapping(n *lib.Node) value.Value {
	m := value.NewMap(len(n.Content) / 2)
	var merged map[string]bool // keys that came by merging: one's own value replaces theirs
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		if isMerge(key) {
			merged = c.merge(m, merged, val)
			continue
		}
		name := c.key(key)
		v := c.member(n, name, val)
		if m.Has(name) && !merged[name] {
			e := duplicate(place{key.Line, key.Column}, name)
			c.report(key, e.text, e.hint)
			continue
		}
		delete(merged, name)
		m.SetAt(name, v, c.lineOf(key.Line))
	}
	if c.opts.IntegerKeysFirst {
		m.IntegerKeysFirst()
	}
	return c.taggedMap(n, m)
}

// scalar returns the value of a scalar.
func (c *converter) scalar(n *lib.Node) value.Value {
	if tag := tagOf(n); tag != "" {
		return c.taggedScalar(n, tag)
	}
	if n.Tag == "!" && n.Value != "" || !isPlain(n) {
		return value.OfText(n.Value)
	}
	return scan.Resolve(n.Value)
}

// isPlain reports whether a scalar is written without quotes and not as a
// block.
func isPlain(n *lib.Node) bool {
	return n.Style&(lib.SingleQuotedStyle|lib.DoubleQuotedStyle|lib.LiteralStyle|lib.FoldedStyle) == 0
}
