package manifest

import (
	"slices"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/value"
)

// explainBlock returns what a manifest with explainer: true gets at its top: for
// each instance that ran, in the order of first use, what it says of its
// metrics. The error names metrics that two instances describe differently.
func (m *Manifest) explainBlock(p *plan) (*value.Map, error) {
	block := value.NewMap(len(p.instances))
	var problems diag.List
	seen := make(map[string]metric.Info)
	for _, name := range p.executed() {
		i := slices.IndexFunc(m.Plugins, func(p Plugin) bool { return p.Name == name })
		spec := m.Plugins[i]
		entry := value.NewMap(2)
		addSide(entry, "inputs", spec.Metadata.Inputs, spec.given)
		addSide(entry, "outputs", spec.Metadata.Outputs, spec.given)
		for _, info := range override(spec.Metadata.Inputs, spec.Metadata.Outputs) {
			if problem := inconsistent(seen, info); problem != nil {
				problem.File, problem.Line, problem.Plugin = m.File, spec.Line, name
				problems = append(problems, problem)
			}
		}
		if entry.Len() > 0 {
			block.Set(name, value.OfMap(entry))
		}
	}
	return block, problems.Err()
}

// executed returns the instances that the plan runs, in the order of first use.
func (p *plan) executed() []string {
	var names []string
	for _, l := range p.leaves {
		for _, name := range slices.Concat(l.phases.observe, l.phases.compute) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

func addSide(entry *value.Map, side string, infos []metric.Info, given map[string]bool) {
	if len(infos) == 0 {
		return
	}
	out := value.NewMap(len(infos))
	for _, info := range infos {
		out.Set(info.Name, value.OfMap(describe(info, given[info.Name])))
	}
	entry.Set(side, value.OfMap(out))
}

// describe returns a metric as the explain block shows it. The order of the
// keys tells whether the manifest or the plugin described it.
func describe(info metric.Info, given bool) *value.Map {
	methods := value.NewMap(2)
	methods.Set("time", value.OfText(info.Time.String()))
	methods.Set("component", value.OfText(info.Component.String()))
	out := value.NewMap(3)
	if given {
		out.Set("unit", value.OfText(info.Unit))
	}
	out.Set("description", value.OfText(info.Description))
	out.Set("unit", value.OfText(info.Unit))
	out.Set("aggregation-method", value.OfMap(methods))
	return out
}

// inconsistent compares a metric with its first description.
func inconsistent(seen map[string]metric.Info, info metric.Info) *diag.Problem {
	first, ok := seen[info.Name]
	if !ok {
		seen[info.Name] = info
		return nil
	}
	name := info.Name
	switch {
	case first.Unit != info.Unit:
		return diag.New(classManifest, "Your manifest uses two instances of `%s` with different units. "+
			"Please check that you are using consistent units for `%s` throughout your manifest.", name, name).
			WithMetric(name).WithHint("one instance says %q, the other %q: correct one in parameter-metadata", first.Unit, info.Unit)
	case first.Time != info.Time || first.Component != info.Component:
		return diag.New(classManifest, "Your manifest uses two instances of `%s` with different 'aggregation-method'. "+
			"Please check that you are using right 'aggregation-method' for `%s` throughout your manifest.", name, name).
			WithMetric(name).WithHint("correct one of the two in parameter-metadata")
	}
	return nil
}
