package merge

import (
	"slices"

	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// plugins merges the instances of all parts. An instance that has the name of
// an earlier one but is not the same gets the label of its part behind its
// name; each pipeline of the part will say so.
func (m *merger) plugins() {
	m.merged = value.NewMap(8)
	taken := make(map[string]bool)
	for _, part := range m.parts {
		for _, name := range instances(m.source(part)).Keys() {
			taken[name] = true
		}
	}
	for i, part := range m.parts {
		m.renames = append(m.renames, make(map[string]string))
		for name, spec := range instances(m.source(part)).All() {
			earlier := m.merged.Get(name)
			if earlier.Kind() == value.Absent || m.opts.IF11 || value.Equal(earlier, spec) {
				m.merged.Set(name, spec)
				continue
			}
			to := m.alike(part, name, spec)
			if to == "" {
				to = unused(name+"-"+part.Label, taken)
				taken[to] = true
				m.merged.Set(to, spec)
			}
			m.renames[i][name] = to
			m.note("plugin %q of %s is called %q: an earlier manifest has another plugin of that name",
				name, part.Manifest.File, to)
		}
	}
}

func instances(head *value.Map) *value.Map {
	return head.Get("initialize").Map().Get("plugins").Map()
}

// alike returns the new name of an instance of an earlier part that has the
// same name and definition, "" if there is none.
func (m *merger) alike(part Part, name string, spec value.Value) string {
	for i := range m.renames {
		if to, ok := m.renames[i][name]; ok && value.Equal(m.merged.Get(to), spec) {
			return to
		}
	}
	return ""
}

// rename writes the new names of a part's instances into the pipelines at and
// below a node.
func (m *merger) rename(i int, root *tree.Node) {
	names := m.renames[i]
	if len(names) == 0 {
		return
	}
	for n := range root.Walk() {
		pipeline := n.Attrs.Get(keyPipeline).Map()
		for _, phase := range []string{"observe", "compute"} {
			list := pipeline.Get(phase).List()
			if len(list) == 0 {
				continue
			}
			list = slices.Clone(list)
			for k, item := range list {
				if to, ok := names[item.String()]; ok {
					list[k] = value.OfText(to)
				}
			}
			pipeline.Set(phase, value.OfList(list))
		}
	}
}
