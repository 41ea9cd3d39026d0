package yaml

import (
	"strings"
	"time"

	lib "go.yaml.in/yaml/v4"

	"github.com/dendro-carbon/dendro/internal/value"
)

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
