package merge

import (
	"slices"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/yaml"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/value"
)

// conflicts returns the metrics to which the merged manifest gives another
// method than a part for which the method matters. In one manifest a metric has
// one method, whichever plugin describes it.
func (m *merger) conflicts(head *value.Map) error {
	root := head.Clone()
	root.Set(rootPath, value.OfMap(nil))
	merged, err := manifest.FromDocument("the merged manifest", &yaml.Doc{Root: value.OfMap(root)}, compat.Options{})
	if err != nil {
		return err
	}
	methods := merged.Metrics()
	var problems diag.List
	for _, part := range m.parts {
		own := part.Manifest.Metrics()
		for _, name := range counted(part.Manifest, merged.Aggregation != nil) {
			before, _ := own.Lookup(name)
			after, _ := methods.Lookup(name)
			if before.Time != after.Time || before.Component != after.Component {
				problems = append(problems, m.conflict(part, name, before, after))
			}
		}
	}
	return problems.Err()
}

func (m *merger) conflict(part Part, name string, before, after metric.Info) *diag.Problem {
	p := diag.New("ManifestValidationError", "%q is aggregated by %s over time and %s over components here, but by %s and %s in %s: "+
		"in one manifest a metric has one method", name, before.Time, before.Component, after.Time, after.Component, m.owner(name, after))
	p.File, p.Line = part.Manifest.File, lineOf(part.Manifest, name)
	return p.WithMetric(name).WithHint("give %q the same aggregation-method in the parameter-metadata of all manifests", name)
}

// owner returns the file of the last part that gives the metric this method.
func (m *merger) owner(name string, method metric.Info) string {
	for _, part := range slices.Backward(m.parts) {
		if info, ok := part.Manifest.Metrics().Lookup(name); ok && info.Time == method.Time && info.Component == method.Component {
			return part.Manifest.File
		}
	}
	return "the others"
}

// lineOf returns the line of the last plugin that describes the metric, 0 when
// none does.
func lineOf(m *manifest.Manifest, name string) int {
	for _, plugin := range slices.Backward(m.Plugins) {
		for _, info := range slices.Concat(plugin.Metadata.Outputs, plugin.Metadata.Inputs) {
			if info.Name == name {
				return plugin.Line
			}
		}
	}
	return 0
}

// counted returns the metrics of a manifest whose method has an effect: those
// that are aggregated and, if there is a time-sync, all that the manifest names.
func counted(m *manifest.Manifest, aggregates bool) []string {
	names := &nameSet{seen: make(map[string]bool)}
	if aggregates {
		for _, name := range m.Aggregation.Metrics {
			names.add(name)
		}
	}
	if !slices.ContainsFunc(m.Plugins, func(p manifest.Plugin) bool { return p.Method == "TimeSync" }) {
		return names.list
	}
	for _, plugin := range m.Plugins {
		names.texts(value.OfMap(plugin.Config))
		names.texts(value.OfMap(plugin.Mapping))
	}
	for n := range m.Tree.Walk() {
		for _, name := range n.Attrs.Get(keyDefaults).Map().Keys() {
			names.add(name)
		}
		for _, column := range n.Inputs.Columns() {
			names.add(column.Name())
		}
	}
	return names.list
}

// nameSet is a list of different names.
type nameSet struct {
	list []string
	seen map[string]bool
}

func (s *nameSet) add(name string) {
	if !s.seen[name] {
		s.seen[name] = true
		s.list = append(s.list, name)
	}
}

// texts adds all texts in a value.
func (s *nameSet) texts(v value.Value) {
	if name, ok := v.Str(); ok {
		s.add(name)
	}
	for _, item := range v.List() {
		s.texts(item)
	}
	for _, item := range v.Map().All() {
		s.texts(item)
	}
}
