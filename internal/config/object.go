package config

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/diag"
)

// field is a key of an object in a list.
type field struct {
	name, doc string
	to        target
	required  bool
}

// object reads a map with fixed keys.
func (r *reader) object(n *yaml.Node, fields []field) {
	if n.Kind != yaml.MappingNode {
		r.wrong(n, "%s where a map with %s is expected", described(n), fieldNames(fields))
		return
	}
	given := map[string]bool{}
	for key, item := range r.entries(n) {
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == key.Value })
		if i < 0 {
			p := r.wrong(key, "unknown key %q", key.Value)
			p.Hint = "use " + fieldNames(fields)
			continue
		}
		given[key.Value] = true
		r.in("."+key.Value, func() { fields[i].to.read(r, item) })
	}
	for _, f := range fields {
		if f.required && !given[f.name] {
			r.wrong(n, "%s: required", f.name)
		}
	}
}

func fieldNames(fields []field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return strings.Join(names, ", ")
}

// entries returns the keys and values of a map, without those given twice.
func (r *reader) entries(n *yaml.Node) func(yield func(key, item *yaml.Node) bool) {
	return func(yield func(key, item *yaml.Node) bool) {
		seen := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			switch line, again := seen[key.Value]; {
			case key.Kind != yaml.ScalarNode:
				r.wrong(key, "%s where a key is expected", described(key))
				continue
			case again:
				r.wrong(key, "key %q stands twice, first on line %d", key.Value, line)
				continue
			}
			seen[key.Value] = key.Line
			if !yield(key, n.Content[i+1]) {
				return
			}
		}
	}
}

// objects is a target for a list of objects.
type objects[T any] struct {
	to *[]T
	// fresh returns a new item with its defaults, and fields its keys. checked
	// returns what is wrong with a complete one; it may be nil.
	fresh   func() T
	fields  func(*T) []field
	checked func(T) error
}

func (o objects[T]) read(r *reader, n *yaml.Node) {
	if n.Kind != yaml.SequenceNode {
		r.wrong(n, "%s where a list is expected", described(n))
		return
	}
	list := make([]T, len(n.Content))
	for i, item := range n.Content {
		list[i] = o.fresh()
		before := len(r.problems)
		r.in(index(i), func() {
			r.object(item, o.fields(&list[i]))
			if o.checked != nil && len(r.problems) == before {
				var wrong diag.List
				wrong.Add(o.checked(list[i]))
				for _, p := range wrong {
					r.wrong(item, "%v", p)
				}
			}
		})
	}
	*o.to = list
}

func (o objects[T]) node() *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for i := range *o.to {
		n.Content = append(n.Content, objectNode(o.fields(&(*o.to)[i])))
	}
	return n
}

// objectNode writes an object without its empty keys.
func objectNode(fields []field) *yaml.Node {
	m := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	for _, f := range fields {
		item := f.to.node()
		if item == nil || item.Kind != yaml.ScalarNode && len(item.Content) == 0 || item.Kind == yaml.ScalarNode && item.Value == "" {
			continue
		}
		m.Content = append(m.Content, scalar(f.name), item)
	}
	return m
}

func (o objects[T]) kind() string { return "a list of maps, see below" }

// keys returns the fields of an item, for the documentation.
func (o objects[T]) keys() []field {
	item := o.fresh()
	return o.fields(&item)
}

// list is a target for a list of scalars. In a variable, and for one item, the
// brackets can be left out.
type list[T any] struct {
	to   *[]T
	what string
	item func(*T) target
}

func texts(to *[]string, what string) target {
	return list[string]{to, what, func(s *string) target { return words(s, "a text") }}
}

func (l list[T]) read(r *reader, n *yaml.Node) {
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	read := make([]T, len(items))
	for i, item := range items {
		r.in(index(i), func() { l.item(&read[i]).read(r, item) })
	}
	*l.to = read
}

func (l list[T]) node() *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for i := range *l.to {
		n.Content = append(n.Content, l.item(&(*l.to)[i]).node())
	}
	return n
}

func (l list[T]) kind() string { return l.what }

// dictionary is a target for a map from names to scalars. What is given replaces
// the default as a whole.
type dictionary[T any] struct {
	to   *map[string]T
	what string
	item func(*T) target
}

func names(to *map[string]string, what string) target {
	return dictionary[string]{to, what, func(s *string) target { return words(s, "a text") }}
}

func (d dictionary[T]) read(r *reader, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		r.wrong(n, "%s where a map is expected", described(n))
		return
	}
	read := map[string]T{}
	for key, item := range r.entries(n) {
		var one T
		r.in("."+key.Value, func() { d.item(&one).read(r, item) })
		read[key.Value] = one
	}
	*d.to = read
}

func (d dictionary[T]) node() *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	for _, key := range slices.Sorted(maps.Keys(*d.to)) {
		one := (*d.to)[key]
		n.Content = append(n.Content, scalar(key), d.item(&one).node())
	}
	return n
}

func (d dictionary[T]) kind() string { return d.what }

// filter is a target for the hosts that a rule is for: a map from labels to a
// value or a list of values.
type filter struct{ to *account.Filter }

func (f filter) read(r *reader, n *yaml.Node) {
	values := map[string][]string{}
	dictionary[[]string]{&values, "", func(s *[]string) target { return texts(s, "") }}.read(r, n)
	*f.to = nil
	for _, label := range slices.Sorted(maps.Keys(values)) {
		*f.to = append(*f.to, account.Match{Label: label, Values: values[label]})
	}
}

func (f filter) node() *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	for _, m := range *f.to {
		item := texts(&m.Values, "").node()
		if len(m.Values) == 1 {
			item = scalar(m.Values[0])
		}
		n.Content = append(n.Content, scalar(m.Label), item)
	}
	return n
}

func (f filter) kind() string {
	return "labels with a value or a list of values, all of which have to match; without it, all hosts"
}
