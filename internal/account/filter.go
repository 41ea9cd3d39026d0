package account

import "slices"

// Match asks that a label has one of some values.
type Match struct {
	Label  string   `json:"label"`
	Values []string `json:"values"`
}

// Filter is a list of matches, all of which must hold. The empty filter holds
// for everything.
type Filter []Match

// Renamed returns the filter as it is shown where values of labels are replaced.
func (f Filter) Renamed(names Renamer) Filter {
	out := slices.Clone(f)
	for i, m := range out {
		if !names.Renames(m.Label) {
			continue
		}
		out[i].Values = make([]string, len(m.Values))
		for j, value := range m.Values {
			if l, err := LabelsOf(m.Label, value); err == nil { // rather nothing than a name
				out[i].Values[j] = names.Rename(l).Get(m.Label)
			}
		}
	}
	return out
}

// Holds reports whether labels satisfy every match. A missing label has the
// value "".
func (f Filter) Holds(labels Labels) bool {
	for _, m := range f {
		if !slices.Contains(m.Values, labels.Get(m.Label)) {
			return false
		}
	}
	return true
}
