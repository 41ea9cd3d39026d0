package manifest

import (
	"slices"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/value"
)

// explainer makes what a manifest with explainer: true gets at its top: for each
// instance that ran, in the order of first use, what it says of its metrics.
type explainer struct {
	m      *Manifest
	block  *value.Map
	seen   map[string]metric.Info
	failed bool
}

// explainer returns nil when the manifest does not ask for one.
func (r *run) explainer() *explainer {
	if !r.m.Explainer {
		return nil
	}
	return &explainer{m: r.m, block: value.NewMap(len(r.m.Plugins)), seen: make(map[string]metric.Info)}
}

// add adds an instance. It returns the metrics that it describes otherwise than
// one before.
func (e *explainer) add(name string) diag.List {
	i := slices.IndexFunc(e.m.Plugins, func(p Plugin) bool { return p.Name == name })
	spec := e.m.Plugins[i]
	entry := value.NewMap(2)
	addSide(entry, "inputs", spec.Metadata.Inputs, spec.given.Get("inputs").Map())
	addSide(entry, "outputs", spec.Metadata.Outputs, spec.given.Get("outputs").Map())
	if entry.Len() > 0 {
		e.block.Set(name, value.OfMap(entry))
	}
	var problems diag.List
	for _, info := range override(spec.Metadata.Inputs, spec.Metadata.Outputs) {
		problem := inconsistent(e.seen, info)
		if problem == nil || e.failed && e.m.opts.FirstProblemOnly {
			continue
		}
		e.failed = true
		problem.File, problem.Line, problem.Plugin = e.m.File, spec.Line, name
		problems = append(problems, problem)
	}
	return problems
}

func addSide(entry *value.Map, side string, infos []metric.Info, given *value.Map) {
	if len(infos) == 0 {
		return
	}
	out := value.NewMap(len(infos))
	for _, info := range infos {
		out.Set(info.Name, value.OfMap(describe(info, given.Has(info.Name))))
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
