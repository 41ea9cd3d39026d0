package manifest

import (
	"slices"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest/builtin"
)

// complete makes the problems of a failed run what has to be repaired. A run
// meets what is wrong in a plugin's config once for each component, and nothing
// behind it in the pipeline.
func (r *run) complete(met diag.List) diag.List {
	problems := make(diag.List, 0, len(met))
	type key struct{ plugin, text string }
	known := make(map[key]bool)
	broken := make(map[string]bool) // instances with a problem that no row has caused
	for _, p := range met {
		if p.Plugin != "" && p.Row == 0 {
			k := key{p.Plugin, p.Short()}
			if known[k] {
				continue
			}
			known[k], broken[p.Plugin] = true, true
		}
		problems = append(problems, p)
	}
	for _, spec := range r.m.Plugins {
		if spec.Path == "builtin" && !broken[spec.Name] && r.plan.uses(spec.Name) {
			problems = append(problems, r.m.check(spec)...)
		}
	}
	return problems
}

// check returns what is wrong with an entry of initialize.plugins, with its
// place.
func (m *Manifest) check(spec Plugin) diag.List {
	list := builtin.Check(spec.Spec, m.opts)
	for _, p := range list {
		p.File, p.Plugin = m.File, spec.Name
		if p.Line == 0 {
			p.Line = spec.Line
		}
	}
	return list
}

// uses reports whether a phase that runs has the instance.
func (p *plan) uses(instance string) bool {
	return slices.ContainsFunc(p.leaves, func(l leaf) bool { return slices.Contains(l.first, instance) })
}
