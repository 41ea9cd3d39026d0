package foreign

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/dendro-carbon/dendro/internal/canon"
)

// node is a JSON value whose members have an order.
type node struct {
	text    []byte // of what is neither object nor array
	members []member
	items   []node
	kind    byte // '{', '[' or 0
}

// member is a member of an object.
type member struct {
	name  string
	value node
}

func text(s string) node { return node{text: canon.AppendString(nil, s)} }

func float(x float64) node { return node{text: canon.AppendFloat(nil, x)} }

func count(n uint64) node { return node{text: strconv.AppendUint(nil, n, 10)} }

func truth(b bool) node { return node{text: strconv.AppendBool(nil, b)} }

func null() node { return node{text: []byte("null")} }

func list(items ...node) node { return node{kind: '[', items: items} }

func texts(all []string) node {
	out := list()
	for _, s := range all {
		out.items = append(out.items, text(s))
	}
	return out
}

func object(members ...member) node { return node{kind: '{', members: members} }

// add adds a member.
func (n *node) add(name string, value node) { n.members = append(n.members, member{name, value}) }

// set replaces a member, or adds it.
func (n *node) set(name string, value node) {
	if m := n.get(name); m != nil {
		*m = value
		return
	}
	n.add(name, value)
}

// get returns the value of a member, nil if there is none.
func (n *node) get(name string) *node {
	for i := range n.members {
		if n.members[i].name == name {
			return &n.members[i].value
		}
	}
	return nil
}

// compact appends the canonical text: members sorted by name, no space.
func (n *node) compact(dst []byte) []byte {
	switch n.kind {
	case '{':
		sorted := slices.Clone(n.members)
		slices.SortFunc(sorted, func(a, b member) int { return strings.Compare(a.name, b.name) })
		dst = append(dst, '{')
		for i := range sorted {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(canon.AppendString(dst, sorted[i].name), ':')
			dst = sorted[i].value.compact(dst)
		}
		return append(dst, '}')
	case '[':
		dst = append(dst, '[')
		for i := range n.items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = n.items[i].compact(dst)
		}
		return append(dst, ']')
	}
	return append(dst, n.text...)
}

// pretty appends the text for people: members in their order, indented by two spaces.
func (n *node) pretty(dst []byte, depth int) []byte {
	line := func(depth int) { dst = append(append(dst, '\n'), bytes.Repeat([]byte("  "), depth)...) }
	switch {
	case n.kind == '{' && len(n.members) > 0:
		dst = append(dst, '{')
		for i := range n.members {
			if i > 0 {
				dst = append(dst, ',')
			}
			line(depth + 1)
			dst = append(canon.AppendString(dst, n.members[i].name), ": "...)
			dst = n.members[i].value.pretty(dst, depth+1)
		}
		line(depth)
		return append(dst, '}')
	case n.kind == '[' && len(n.items) > 0:
		dst = append(dst, '[')
		for i := range n.items {
			if i > 0 {
				dst = append(dst, ',')
			}
			line(depth + 1)
			dst = n.items[i].pretty(dst, depth+1)
		}
		line(depth)
		return append(dst, ']')
	}
	return n.compact(dst)
}
