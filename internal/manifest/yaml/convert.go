package yaml

import (
	"strings"
	"time"

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

	bulk     []Bulk
	bulkOf   map[*lib.Node]int  // lists that have become frames, for aliases of them
	inBulk   bool               // within a row: lists stay lists
	open     map[*lib.Node]bool // anchored nodes that contain the current one
	aliases  int                // aliases that lead to the current node
	expanded int                // nodes met through aliases
}

func newConverter(file string, opts Options) *converter {
	c := &converter{file: file, opts: opts, keys: map[string]bool{},
		lineOf: func(line int) int { return line },
		bulkOf: map[*lib.Node]int{}, open: map[*lib.Node]bool{}}
	for _, key := range opts.bulkKeys() {
		c.keys[key] = true
	}
	return c
}

// report notes what is wrong at a node. What is reached through an alias has
// been reported where it stands.
func (c *converter) report(n *lib.Node, text, hint string) {
	if c.aliases == 0 && c.expanded <= maxExpansion {
		e := syntaxError{place{c.lineOf(n.Line), n.Column}, text, hint}
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
		e := syntaxError{place{c.lineOf(n.Line), n.Column}, "aliases add too much to the document",
			"write out less through aliases of aliases"}
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

// member returns the value of a key of a map.
func (c *converter) member(m *lib.Node, name string, n *lib.Node) value.Value {
	if !c.keys[name] {
		return c.value(n)
	}
	if c.parts != nil {
		if p := c.parts.partAt(n); p != nil && p.Key == name && m.Style&lib.FlowStyle == 0 {
			return c.part(n, p)
		}
	}
	if c.inBulk {
		return c.value(n)
	}
	return c.bulkMember(n)
}

// part returns the handle of a list that has been read apart.
func (c *converter) part(n *lib.Node, p *part) value.Value {
	p.confirmed = true
	if c.inBulk {
		p.unfit = true
	}
	i, done := c.bulkOf[n]
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
	c.bulkOf[n] = i
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
	if i, done := c.bulkOf[n]; done {
		return value.OfBulk(i)
	}
	list := c.rows(n)
	b, ok := bulkOf(list)
	if !ok {
		return value.OfList(list)
	}
	for _, item := range n.Content {
		b.lines.Add(c.lineOf(item.Line))
	}
	return value.OfBulk(c.add(n, b))
}

// bulkOf returns the frame of a list of maps, if it is a good way to keep them.
func bulkOf(list []value.Value) (Bulk, bool) {
	b := frame.NewBuilder(len(list))
	for _, item := range list {
		b.Row(item.Map())
		if b.Sparse() {
			return Bulk{}, false
		}
	}
	return Bulk{Frame: b.Frame()}, true
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

// isMerge reports whether a key says that its value is to be merged.
func isMerge(key *lib.Node) bool {
	if key.Kind != lib.ScalarNode || key.Value != "<<" {
		return false
	}
	tag := tagOf(key)
	return tag == "!!merge" || tag == "" && isPlain(key)
}

// maxMerged is how many maps one merge key may name, as in js-yaml.
const maxMerged = 100

// merge adds the keys that a map lacks from another, or from several, and
// returns the keys that came so.
func (c *converter) merge(m *value.Map, merged map[string]bool, n *lib.Node) map[string]bool {
	if merged == nil {
		merged = map[string]bool{}
	}
	source := c.value(n)
	sources := []value.Value{source}
	if source.Kind() == value.List {
		sources = source.List()
	}
	if len(sources) > maxMerged {
		c.report(n, "abnormal merge sequence size", "merge at most 100 maps")
		return merged
	}
	for _, source := range sources {
		if source.Kind() != value.Object && source.Kind() != value.Time {
			c.report(n, "cannot merge mappings; the provided source object is unacceptable", "merge a map, or a list of maps")
			continue
		}
		from := source.Map()
		for i := range from.Len() {
			if name := from.Key(i); !m.Has(name) {
				m.SetAt(name, from.At(i), from.LineAt(i))
				merged[name] = true
			}
		}
	}
	return merged
}

// key returns the name that a key has: JavaScript makes a text of anything.
func (c *converter) key(n *lib.Node) string {
	v := c.value(n)
	if v.Kind() != value.List {
		return keyText(v)
	}
	parts := make([]string, len(v.List()))
	for i, item := range v.List() {
		switch item.Kind() {
		case value.List:
			c.report(n, "nested arrays are not supported inside keys", "use a text as the key")
		case value.Null:
		default:
			parts[i] = keyText(item)
		}
	}
	return strings.Join(parts, ",")
}

// keyText returns JavaScript's String() of a value that is not a list.
func keyText(v value.Value) string {
	if ms, ok := v.Millis(); ok {
		return time.UnixMilli(ms).UTC().Format("Mon Jan 02 2006 15:04:05 GMT+0000 (Coordinated Universal Time)")
	}
	if v.Kind() == value.Object {
		return "[object Object]"
	}
	return v.String()
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
