package yaml

import (
	"encoding/base64"
	"strings"

	lib "go.yaml.in/yaml/v4"

	"github.com/dendro-carbon/dendro/internal/manifest/scan"
	"github.com/dendro-carbon/dendro/internal/value"
)

// tagOf returns the tag that a node is written with, in short form; "" when
// there is none, or the "!" that says nothing of lists and maps.
func tagOf(n *lib.Node) string {
	if n.Style&lib.TaggedStyle == 0 {
		return "" // what the library has made of it
	}
	return n.Tag
}

// fullTag returns the form in which messages name a tag.
func fullTag(tag string) string {
	if name, ok := strings.CutPrefix(tag, "!!"); ok {
		return "!<tag:yaml.org,2002:" + name + ">"
	}
	return "!<" + tag + ">"
}

// taggedScalar returns the value of a scalar with a tag.
func (c *converter) taggedScalar(n *lib.Node, tag string) value.Value {
	if n.Value == "" && isPlain(n) {
		return c.taggedNothing(n, tag)
	}
	v, known := value.Value{}, true
	switch tag {
	case "!!str":
		return value.OfText(n.Value)
	case "!!null":
		if scan.Null(n.Value) {
			return value.OfNull()
		}
	case "!!bool":
		if b, ok := scan.Bool(n.Value); ok {
			return value.OfBool(b)
		}
	case "!!int":
		v = numberIf(scan.Int(n.Value))
	case "!!float":
		v = numberIf(scan.Float(n.Value))
	case "!!timestamp":
		if ms, ok := scan.Timestamp(n.Value); ok {
			return value.OfTime(ms)
		}
	case "!!binary":
		v = binary(n.Value)
	case "!!merge":
		if n.Value == "<<" {
			return value.OfText(n.Value)
		}
	default:
		known = false
	}
	switch {
	case !known:
		c.unknownTag(n, tag)
	case v.Kind() == value.Absent:
		c.unresolvable(n, tag)
	}
	return v
}

// taggedNothing returns the value of a tag without content.
func (c *converter) taggedNothing(n *lib.Node, tag string) value.Value {
	switch tag {
	case "!!str":
		return value.OfText("")
	case "!!null", "!!merge":
		return value.OfNull()
	case "!!map", "!!set":
		return value.OfMap(value.NewMap(0))
	case "!!seq", "!!omap", "!!pairs":
		return value.OfList(nil)
	case "!!bool", "!!int", "!!float", "!!timestamp", "!!binary":
		c.unresolvable(n, tag)
	default:
		c.unknownTag(n, tag)
	}
	return value.OfNull()
}

func numberIf(f float64, ok bool) value.Value {
	if !ok {
		return value.Value{}
	}
	return value.OfNumber(f)
}

// binary returns the bytes of a base64 text as a list of numbers, which is what
// JavaScript's byte array shows of itself; absent if it is not base64.
func binary(s string) value.Value {
	s = strings.NewReplacer("\n", "", "\r", "").Replace(s)
	data, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return value.Value{}
	}
	list := make([]value.Value, len(data))
	for i, b := range data {
		list[i] = value.OfNumber(float64(b))
	}
	return value.OfList(list)
}

// taggedList returns a list as its tag says.
func (c *converter) taggedList(n *lib.Node, list []value.Value) value.Value {
	switch tag := tagOf(n); tag {
	case "", "!!seq":
	case "!!omap":
		if !isOrderedMap(list) {
			c.unresolvable(n, tag)
		}
	case "!!pairs":
		for i, item := range list {
			m := item.Map()
			if m.Len() != 1 {
				c.unresolvable(n, tag)
				break
			}
			list[i] = value.OfList([]value.Value{value.OfText(m.Key(0)), m.At(0)})
		}
	default:
		c.unknownTag(n, tag)
	}
	return value.OfList(list)
}

// isOrderedMap reports whether a list is of maps of one key each, all
// different.
func isOrderedMap(list []value.Value) bool {
	seen := make(map[string]bool, len(list))
	for _, item := range list {
		m := item.Map()
		if m.Len() != 1 || seen[m.Key(0)] {
			return false
		}
		seen[m.Key(0)] = true
	}
	return true
}

// taggedMap returns a map as its tag says.
func (c *converter) taggedMap(n *lib.Node, m *value.Map) value.Value {
	switch tag := tagOf(n); tag {
	case "", "!!map":
	case "!!set":
		for _, v := range m.All() {
			if v.Kind() != value.Null {
				c.unresolvable(n, tag)
				break
			}
		}
	default:
		c.unknownTag(n, tag)
	}
	return value.OfMap(m)
}

func (c *converter) unknownTag(n *lib.Node, tag string) {
	c.report(n, "unknown tag "+fullTag(tag), "remove the tag")
}

func (c *converter) unresolvable(n *lib.Node, tag string) {
	c.report(n, "cannot resolve a node with "+fullTag(tag)+" explicit tag", "remove the tag, or write a value of its kind")
}
