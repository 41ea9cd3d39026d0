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
