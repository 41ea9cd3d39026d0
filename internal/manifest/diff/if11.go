package diff

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// FirstIF11 returns the lines with which if-diff 1.1.0 reports the first
// difference: its path, then the values of source and target. There are none
// when it takes the documents for equal: also when only dates differ, which it
// does not look into. NaN is not equal to NaN there, and numbers are compared
// to the last digit.
func FirstIF11(source, target Side) (lines []string) {
	f := &first{source: source, target: target}
	if !f.head() && !f.nodes("tree", source.Tree, target.Tree) {
		return nil
	}
	return []string{f.path, "source: " + shown(f.a, f.b), "target: " + shown(f.b, f.a)}
}

// first looks for the first difference in the way of if-diff, to which a
// document is JavaScript's objects: lists and texts have numbers for keys. Its
// methods return true when they have found it.
type first struct {
	source, target Side
	path           string
	a, b           value.Value
}

func (f *first) head() bool {
	for _, key := range union(f.source.Head.Keys(), f.target.Head.Keys()) {
		a, b := f.source.Head.Get(key), f.target.Head.Get(key)
		switch key {
		case "name", "description", "tags":
			continue
		case "execution":
			a, b = only(a, "status", "error"), only(b, "status", "error")
		case "initialize":
			a, b = without(a, "outputs"), without(b, "outputs")
		}
		if f.values(key, a, b) {
			return true
		}
	}
	return false
}

// union returns the keys of a, then those that only b has.
func union(a, b []string) []string {
	if slices.Equal(a, b) {
		return a
	}
	seen := make(map[string]bool, len(a))
	for _, key := range a {
		seen[key] = true
	}
	all := slices.Clip(a)
	for _, key := range b {
		if !seen[key] {
			all = append(all, key)
		}
	}
	return all
}

func only(v value.Value, keys ...string) value.Value {
	if v.Kind() != value.Object {
		return v
	}
	m := value.NewMap(len(keys))
	for key, item := range v.Map().All() {
		if slices.Contains(keys, key) {
			m.Set(key, item)
		}
	}
	return value.OfMap(m)
}

func (f *first) nodes(path string, a, b *tree.Node) bool {
	if a == nil || b == nil {
		return f.values(path, nodeValue(a), nodeValue(b))
	}
	for _, key := range union(a.Attrs.Keys(), b.Attrs.Keys()) {
		at := path + "." + key
		found := false
		switch {
		case key == tree.KeyChildren && len(a.Children) > 0 && len(b.Children) > 0:
			found = f.children(at, a.Children, b.Children)
		case key == tree.KeyInputs && equalIF11(a.Inputs, b.Inputs), key == tree.KeyOutputs && equalIF11(a.Outputs, b.Outputs):
		default:
			found = f.values(at, attr(a, key), attr(b, key))
		}
		if found {
			return true
		}
	}
	return false
}

func (f *first) children(path string, a, b []*tree.Node) bool {
	named := make(map[string]*tree.Node, len(b))
	for _, child := range b {
		named[child.Name] = child
	}
	for _, child := range a {
		if f.nodes(path+"."+child.Name, child, named[child.Name]) {
			return true
		}
		delete(named, child.Name)
	}
	for _, child := range b {
		if named[child.Name] != nil {
			return f.nodes(path+"."+child.Name, nil, child)
		}
	}
	return false
}

// attr returns the value of a node's key as it stands in the document.
func attr(n *tree.Node, key string) value.Value {
	v := n.Attrs.Get(key)
	switch {
	case key == tree.KeyChildren && len(n.Children) > 0:
		m := value.NewMap(len(n.Children))
		for _, child := range n.Children {
			m.Set(child.Name, nodeValue(child))
		}
		return value.OfMap(m)
	case key == tree.KeyChildren:
		return emptyGroup(n)
	case key == tree.KeyInputs:
		return rows(n.Inputs, v)
	case key == tree.KeyOutputs:
		return rows(n.Outputs, v)
	case key == tree.KeyAggregated:
		return aggregated(n, v)
	}
	return v
}

func nodeValue(n *tree.Node) value.Value {
	if n == nil {
		return value.Value{}
	}
	m := value.NewMap(n.Attrs.Len())
	for _, key := range n.Attrs.Keys() {
		m.Set(key, attr(n, key))
	}
	return value.OfMap(m)
}

// equalIF11 is a quick look whether if-diff finds two lists of observations
// equal. It may be wrong in saying no.
func equalIF11(a, b *frame.Frame) bool {
	if a == nil || b == nil || a.Len() != b.Len() || len(a.Columns()) != len(b.Columns()) || !a.Uniform() || !b.Uniform() {
		return a == nil && b == nil
	}
	for _, col := range a.Columns() {
		other := b.Column(col.Name())
		if other == nil || !(&column{a: side{col: col}, b: side{col: other}}).equal(Options{}) || hasNaN(col) {
			return false
		}
	}
	return true
}

func hasNaN(col *frame.Column) bool {
	nums, ok := col.Vec()
	return !ok && col.Rep() == frame.Mixed || ok && slices.ContainsFunc(nums.Floats(), func(f float64) bool { return f != f })
}

func (f *first) values(path string, a, b value.Value) bool {
	a, b = expand(a, f.source.Bulk), expand(b, f.target.Bulk)
	if a.IsNullish() || b.IsNullish() || isPrimitive(a) && isPrimitive(b) {
		if identical(a, b) || isWildcard(a) || isWildcard(b) {
			return false
		}
		f.path, f.a, f.b = path, a, b
		return true
	}
	for _, key := range union(keysOf(a), keysOf(b)) {
		if f.values(path+"."+key, member(a, key), member(b, key)) {
			return true
		}
	}
	return false
}

func isPrimitive(v value.Value) bool {
	switch v.Kind() {
	case value.Bool, value.Number, value.Text:
		return true
	}
	return false
}

// identical is JavaScript's === for primitives, null and undefined.
func identical(a, b value.Value) bool {
	x, okX := a.Float()
	y, okY := b.Float()
	if okX && okY {
		return x == y
	}
	return a.Kind() == b.Kind() && value.Equal(a, b)
}

// keysOf is Object.keys: a date has none, a text one for each UTF-16 unit.
func keysOf(v value.Value) []string {
	n := len(v.List())
	if s, ok := v.Str(); ok {
		n = len(utf16.Encode([]rune(s)))
	}
	if v.Kind() == value.Object {
		return v.Map().Keys()
	}
	keys := make([]string, n)
	for i := range keys {
		keys[i] = strconv.Itoa(i)
	}
	return keys
}

func member(v value.Value, key string) value.Value {
	if v.Kind() == value.Object {
		return v.Map().Get(key)
	}
	i, err := strconv.Atoi(key)
	if err != nil || i < 0 || strconv.Itoa(i) != key {
		return value.Value{}
	}
	if list := v.List(); i < len(list) {
		return list[i]
	}
	s, _ := v.Str()
	if units := utf16.Encode([]rune(s)); i < len(units) {
		return value.OfText(string(utf16.Decode(units[i : i+1])))
	}
	return value.Value{}
}

// shown returns the text for one of two different values. When one of them is
// nothing, or empty, and the other is not, only that is said.
func shown(v, other value.Value) string {
	if isSomething(v) == isSomething(other) {
		return text(v)
	}
	if v.Truthy() {
		return "exists"
	}
	return "missing"
}

func isSomething(v value.Value) bool {
	switch v.Kind() {
	case value.Absent:
		return false
	case value.Number:
		f, _ := v.Float()
		return f != 0
	case value.Bool, value.Text:
		return v.Truthy()
	}
	return true
}

// text is JavaScript's String() of a value.
func text(v value.Value) string {
	switch v.Kind() {
	case value.Object:
		return "[object Object]"
	case value.Time:
		ms, _ := v.Millis()
		return time.UnixMilli(ms).UTC().Format("Mon Jan 02 2006 15:04:05 GMT+0000 (Coordinated Universal Time)")
	case value.List:
		parts := make([]string, len(v.List()))
		for i, item := range v.List() {
			if !item.IsNullish() {
				parts[i] = text(item)
			}
		}
		return strings.Join(parts, ",")
	}
	return v.String()
}
