// Package manifest runs Impact Framework manifests: it reads one, plans which
// plugin works on which component, runs the plan and aggregates the tree.
//
// The numbers are right by default and equal to Impact Framework 1.1.0's under
// the options of package compat; each place of a manifest where the two differ
// is reported as a notice. What a reader would get wrong: reading never fails
// half-way. All problems of a manifest are collected, each with its place.
package manifest

import (
	"slices"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest/builtin"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/scan"
	"github.com/dendro-carbon/dendro/internal/manifest/yaml"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Manifest is a manifest that has been read and checked.
type Manifest struct {
	File string
	// Raw holds all keys but the tree as they were read; Head those that belong
	// to a manifest, checked and in order.
	Raw, Head *value.Map
	Tree      *tree.Node
	// Plugins are the instances of initialize.plugins, in order.
	Plugins []Plugin
	// Aggregation is nil when the manifest asks for none.
	Aggregation *Aggregation
	// Explainer asks for the explain block.
	Explainer bool

	opts     compat.Options
	warnings []string                   // of its form
	lines    map[*tree.Node]*scan.Lines // of the inputs' rows
}

// Warnings returns what was noticed while the manifest was read, such as keys
// that no manifest has. Those of a run contain them.
func (m *Manifest) Warnings() []string { return slices.Clone(m.warnings) }

// Plugin is an instance named in initialize.plugins.
type Plugin struct {
	builtin.Spec
	Path     string // builtin, or where a plugin of npm would come from
	Line     int
	Metadata builtin.Metadata // of the plugin and of the manifest, combined
	given    *value.Map       // parameter-metadata of the manifest
}

// Aggregation is the manifest's aggregation block.
type Aggregation struct {
	Metrics []string
	Type    string
	Skip    []string
	Align   string            // strict, timestamp or sync; "" is strict
	Weights map[string]string // metric to the metric that weights its averages
	Line    int
}

// Read reads a manifest, YAML or JSON. The error is a diag.List of all that is
// wrong with its form. Even then the manifest is returned as far as it could be
// read, so that a failed run can be written down; it is nil only when the file
// is not YAML at all.
func Read(file string, data []byte, opts compat.Options) (*Manifest, error) {
	doc, err := yaml.Read(file, data, yaml.Options{IntegerKeysFirst: opts.IntegerKeysFirst})
	if err != nil {
		return nil, err
	}
	return FromDocument(file, doc, opts)
}

// FromDocument is [Read] for a document that has been parsed. The manifest takes
// over the maps of its tree; its lists can still be used.
func FromDocument(file string, doc *yaml.Doc, opts compat.Options) (*Manifest, error) {
	raw := doc.Root.Map()
	m := &Manifest{
		File: file, Raw: value.NewMap(raw.Len()), opts: opts,
		lines: make(map[*tree.Node]*scan.Lines),
	}
	for i := range raw.Len() {
		if raw.Key(i) == "tree" {
			continue
		}
		m.Raw.SetAt(raw.Key(i), doc.Plain(raw.At(i)), raw.LineAt(i))
	}
	s := &schema{file: file, opts: opts}
	if doc.Root.Kind() != value.Object && !doc.Root.IsNullish() {
		p := diag.New(classManifest, "the manifest is expected to be an object with the keys name, initialize and tree, received %s.", kindName(doc.Root)).
			WithHint("correct the path, or write the three keys at the beginning of lines")
		p.File, p.Line = file, 1
		s.list = append(s.list, p)
		return m, s.list.Err()
	}
	m.Head = s.head(m.Raw)
	if t := raw.Get("tree"); t.Kind() != value.Object {
		s.wrongType("tree", t, value.Object, raw.Line("tree"))
		if raw.Has("tree") {
			m.Raw.SetAt("tree", t, raw.Line("tree"))
		}
	}
	t := treeReader{file: file, doc: doc, lines: m.lines}
	if raw.Get("tree").Kind() == value.Object {
		m.Tree = t.node("", "tree", raw.Get("tree"), raw.Line("tree"))
	}
	m.warnings = s.unknown
	if len(s.list) > 0 {
		return m, s.list
	}
	m.interpret()
	return m, t.list.Err()
}

// interpret takes the checked head apart.
func (m *Manifest) interpret() {
	m.Explainer, _ = m.Head.Get("explainer").Bool()
	if v := m.Head.Get("aggregation"); v.Kind() == value.Object {
		m.Aggregation = readAggregation(v.Map(), m.Head.Line("aggregation"))
	}
	plugins := m.Head.Get("initialize").Map().Get("plugins").Map()
	for i := range plugins.Len() {
		m.Plugins = append(m.Plugins, readPlugin(plugins.Key(i), plugins.At(i).Map(), plugins.LineAt(i)))
	}
}

func readAggregation(in *value.Map, line int) *Aggregation {
	a := &Aggregation{Metrics: texts(in.Get("metrics")), Skip: texts(in.Get("skip-components")), Line: line}
	a.Type, _ = in.Get("type").Str()
	a.Align, _ = in.Get("align").Str()
	if weights := in.Get("weights").Map(); weights.Len() > 0 {
		a.Weights = make(map[string]string, weights.Len())
		for name, v := range weights.All() {
			a.Weights[name], _ = v.Str()
		}
	}
	return a
}

func readPlugin(name string, in *value.Map, line int) Plugin {
	p := Plugin{Line: line}
	p.Name = name
	p.Method, _ = in.Get("method").Str()
	p.Path, _ = in.Get("path").Str()
	p.Config, p.Mapping = in.Get("config").Map(), in.Get("mapping").Map()
	own := builtin.Metadata{}
	if p.Path == "builtin" {
		own = builtin.MetadataOf(p.Method)
	}
	p.given = in.Get("parameter-metadata").Map()
	p.Metadata.Inputs = override(own.Inputs, parameters(p.given.Get("inputs")))
	p.Metadata.Outputs = own.Outputs
	if outputs := p.given.Get("outputs"); outputs.Truthy() {
		p.Metadata.Outputs = parameters(outputs)
	}
	return p
}

// override returns the infos with those of the same name replaced in place, and
// the others behind them.
func override(infos, by []metric.Info) []metric.Info {
	out := slices.Clone(infos)
	for _, info := range by {
		i := slices.IndexFunc(out, func(old metric.Info) bool { return old.Name == info.Name })
		if i < 0 {
			out = append(out, info)
			continue
		}
		out[i] = info
	}
	return out
}

// parameters reads one side of parameter-metadata.
func parameters(v value.Value) []metric.Info {
	var infos []metric.Info
	for name, v := range v.Map().All() {
		in := v.Map()
		info := metric.Info{Name: name}
		info.Unit, _ = in.Get("unit").Str()
		info.Description, _ = in.Get("description").Str()
		methods := in.Get("aggregation-method")
		info.Time, info.Component = method(methods), method(methods)
		if both := methods.Map(); both != nil {
			info.Time, info.Component = method(both.Get("time")), method(both.Get("component"))
		}
		infos = append(infos, info)
	}
	return infos
}

func method(v value.Value) metric.Method {
	s, _ := v.Str()
	m, _ := metric.ParseMethod(s) // the schema has checked it
	return m
}

func texts(v value.Value) []string {
	var out []string
	for _, item := range v.List() {
		s, _ := item.Str()
		out = append(out, s)
	}
	return out
}

// Metrics returns how each metric is aggregated: what is built in, overridden
// by what the plugins and the manifest say, in the order of
// initialize.plugins. Plugins that no pipeline uses count as well.
func (m *Manifest) Metrics() *metric.Registry {
	registry := &metric.Registry{}
	if !m.opts.OwnMetadataOnly {
		registry = metric.Builtin()
	}
	for _, p := range m.Plugins {
		for _, info := range p.Metadata.Inputs {
			registry.Set(info)
		}
		for _, info := range p.Metadata.Outputs {
			registry.Set(info)
		}
	}
	return registry
}

// ErrorText is the problems as execution.error gives them.
func ErrorText(problems diag.List, opts compat.Options) string {
	if len(problems) == 0 {
		return ""
	}
	text := problems[0].Short()
	for _, p := range problems[1:] {
		switch {
		case problems[0].Class == classManifest && p.Class == classManifest:
			text += "," + p.Text
		case !opts.FirstProblemOnly:
			text += "\n" + p.Error()
		}
	}
	return text
}
