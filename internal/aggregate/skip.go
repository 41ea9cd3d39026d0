package aggregate

import (
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
)

// skips are the components to be left out, with whether each was found.
type skips struct {
	entries []string
	used    []bool
}

func newSkips(entries []string) skips { return skips{entries, make([]bool, len(entries))} }

// match reports whether a component is to be left out. Its path is the one of
// messages (tree.children.g1.children.l2), its names are those from the root on
// (g1/l2). An entry is a whole path or an end of the names.
func (s *skips) match(path, names string) bool {
	found := false
	for i, entry := range s.entries {
		if entry == path || entry == names || strings.HasSuffix(names, "/"+entry) {
			s.used[i], found = true, true
		}
	}
	return found
}

// unused returns the entries that are no component.
func (s *skips) unused() diag.List {
	var problems diag.List
	for i, entry := range s.entries {
		if !s.used[i] {
			problems = append(problems, unusedSkip(entry))
		}
	}
	return problems
}
