package derive

import (
	"maps"
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
)

// Renamed returns the method as it is shown where people have pseudonyms: its rules may
// name them. It is for showing alone, and not for deriving.
func (m Method) Renamed(names account.Renamer) Method {
	m.Names, m.Models, m.Places, m.Embodied = slices.Clone(m.Names), slices.Clone(m.Models), slices.Clone(m.Places), slices.Clone(m.Embodied)
	m.Policy.Weights = slices.Clone(m.Policy.Weights)
	for i := range m.Names {
		m.Names[i] = m.Names[i].renamed(names)
	}
	for i := range m.Models {
		m.Models[i].Where = m.Models[i].Where.Renamed(names)
	}
	for i := range m.Places {
		m.Places[i].Where = m.Places[i].Where.Renamed(names)
	}
	for i := range m.Embodied {
		m.Embodied[i].Where = m.Embodied[i].Where.Renamed(names)
	}
	for i := range m.Policy.Weights {
		m.Policy.Weights[i].Where = m.Policy.Weights[i].Where.Renamed(names)
	}
	return m
}

// renamed replaces the names of people that a rule maps to something.
func (r LabelRule) renamed(names account.Renamer) LabelRule {
	if r.Map == nil || len(r.From) != 1 || !names.Renames(r.From[0]) {
		return r
	}
	shown := map[string]string{}
	for _, value := range slices.Sorted(maps.Keys(r.Map)) {
		if l, err := account.LabelsOf(r.From[0], value); err == nil {
			shown[names.Rename(l).Get(r.From[0])] = r.Map[value]
		}
	}
	r.Map = shown
	return r
}
