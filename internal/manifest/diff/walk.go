package diff

import (
	"strconv"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// wildcard stands for any value, on either side.
const wildcard = "*"

// head compares the top-level keys.
func (c *comparison) head() {
	c.keys(c.a.Head, c.b.Head, func(key string, a, b value.Value) {
		switch key {
		case "name", "description", "tags":
		case "execution":
			c.execution(a, b)
		case "initialize":
			c.values(place{part: key}, without(a, "outputs"), without(b, "outputs"))
		default:
			c.values(place{part: key}, a, b)
		}
	})
}

// execution compares whether the runs succeeded, and with which error they
// failed.
func (c *comparison) execution(a, b value.Value) {
	at := place{part: "execution"}
	if a.Map() == nil || b.Map() == nil {
		c.values(at, a, b)
		return
	}
	for _, key := range []string{"status", "error"} {
		c.values(at.in(key), a.Map().Get(key), b.Map().Get(key))
	}
}

func without(v value.Value, key string) value.Value {
	if !v.Map().Has(key) {
		return v
	}
	m := v.Map().Clone()
	m.Delete(key)
	return value.OfMap(m)
}

// keys calls visit for each key of two maps: those of a, then those that only
// b has.
func (c *comparison) keys(a, b *value.Map, visit func(key string, a, b value.Value)) {
	for key, v := range a.All() {
		visit(key, v, b.Get(key))
	}
	for key, v := range b.All() {
		if !a.Has(key) {
			visit(key, value.Value{}, v)
		}
	}
}

func (c *comparison) trees() {
	switch {
	case c.a.Tree == nil && c.b.Tree == nil:
	case c.a.Tree == nil, c.b.Tree == nil:
		c.missing(c.a.Tree, c.b.Tree)
	default:
		c.nodes(c.a.Tree, c.b.Tree)
	}
}

// missing reports a component that only one side has.
func (c *comparison) missing(a, b *tree.Node) {
	var at place
	var va, vb value.Value
	if a != nil {
		at.component, va = a.Path, value.OfMap(a.Attrs)
	} else {
		at.component, vb = b.Path, value.OfMap(b.Attrs)
	}
	c.report.Compared++
	c.note(at, va, vb)
}

// nodes compares two components.
func (c *comparison) nodes(a, b *tree.Node) {
	c.keys(a.Attrs, b.Attrs, func(key string, va, vb value.Value) {
		at := place{component: a.Path, part: key}
		switch key {
		case tree.KeyChildren:
			c.children(at, a, b)
		case tree.KeyInputs:
			c.series(at, a.Inputs, b.Inputs, va, vb)
		case tree.KeyOutputs:
			c.series(at, a.Outputs, b.Outputs, va, vb)
		case tree.KeyAggregated:
			c.values(at, aggregated(a, va), aggregated(b, vb))
		default:
			c.values(at, va, vb)
		}
	})
}

// aggregated returns the sum over time, whose place among the keys holds a
// filler.
func aggregated(n *tree.Node, v value.Value) value.Value {
	if n.Aggregated != nil {
		return value.OfMap(n.Aggregated)
	}
	return v
}

// children compares the components of two groups by their names.
func (c *comparison) children(at place, a, b *tree.Node) {
	if len(a.Children) == 0 && len(b.Children) == 0 {
		c.values(at, emptyGroup(a), emptyGroup(b))
		return
	}
	byName := make(map[string]*tree.Node, len(b.Children))
	for _, child := range b.Children {
		byName[child.Name] = child
	}
	for _, child := range a.Children {
		if other, ok := byName[child.Name]; ok {
			c.nodes(child, other)
			delete(byName, child.Name)
			continue
		}
		c.missing(child, nil)
	}
	for _, child := range b.Children {
		if byName[child.Name] != nil {
			c.missing(nil, child)
		}
	}
}

// emptyGroup returns what stands in place of children when there are none.
func emptyGroup(n *tree.Node) value.Value {
	v := n.Attrs.Get(tree.KeyChildren)
	if _, filler := v.Bool(); filler {
		return value.OfMap(nil)
	}
	return v
}

// series compares observations, or what stands in their place.
func (c *comparison) series(at place, a, b *frame.Frame, va, vb value.Value) {
	if a != nil && b != nil {
		c.frames(at, a, b)
		return
	}
	c.values(at, rows(a, va), rows(b, vb))
}

func rows(f *frame.Frame, otherwise value.Value) value.Value {
	if f == nil {
		return otherwise
	}
	list := make([]value.Value, f.Len())
	for i, row := range f.Rows() {
		list[i] = value.OfMap(row)
	}
	return value.OfList(list)
}

// values compares any two values.
func (c *comparison) values(at place, a, b value.Value) {
	if isWildcard(a) || isWildcard(b) {
		c.report.Compared++
		return
	}
	a, b = expand(a, c.a.Bulk), expand(b, c.b.Bulk)
	switch {
	case a.Kind() == value.Object && b.Kind() == value.Object:
		c.keys(a.Map(), b.Map(), func(key string, a, b value.Value) { c.values(at.in(key), a, b) })
	case a.Kind() == value.List && b.Kind() == value.List:
		c.lists(at, a.List(), b.List())
	default:
		c.report.Compared++
		if !c.same(a, b) {
			c.note(at, a, b)
		}
	}
}

func (c *comparison) lists(at place, a, b []value.Value) {
	for i := range max(len(a), len(b)) {
		var va, vb value.Value
		if i < len(a) {
			va = a[i]
		}
		if i < len(b) {
			vb = b[i]
		}
		c.values(at.in(strconv.Itoa(i)), va, vb)
	}
}

// expand returns the list that a handle stands for.
func expand(v value.Value, bulk []*frame.Frame) value.Value {
	i, ok := v.BulkIndex()
	switch {
	case !ok:
		return v
	case i < len(bulk):
		return rows(bulk[i], value.Value{})
	}
	return value.OfList(nil)
}

// same reports whether two values that are not both lists or both maps are the
// same.
func (c *comparison) same(a, b value.Value) bool {
	x, okX := a.Float()
	y, okY := b.Float()
	if okX && okY {
		return c.opts.near(x, y)
	}
	if a.Kind() == b.Kind() && value.Equal(a, b) {
		return true
	}
	ia, ib := instantOf(a), instantOf(b)
	return ia.ok && ia == ib
}

func isWildcard(v value.Value) bool {
	s, ok := v.Str()
	return ok && s == wildcard
}

// instant is a time. An instant is the same however it is written: as a YAML
// timestamp, or as a text with or without seconds. One without a zone is never
// the same as one with a zone.
type instant struct {
	ms        int64
	naive, ok bool
}

func instantOf(v value.Value) instant {
	if ms, ok := v.Millis(); ok {
		return instant{ms: ms, ok: true}
	}
	s, _ := v.Str()
	ms, layout := value.ParseISO(s)
	return instant{ms: ms, naive: isNaive(layout), ok: layout != value.NoLayout}
}

func isNaive(layout value.Layout) bool { return layout == value.Naive || layout == value.NaiveShort }
