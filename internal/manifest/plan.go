package manifest

import (
	"slices"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest/builtin"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Phases says which phases to run; none set means all.
type Phases struct{ Observe, Regroup, Compute bool }

func (p Phases) all() bool { return p == Phases{} }

// plan is what to do with each leaf, in the order of the tree.
type plan struct {
	leaves    []leaf
	instances map[string]builtin.Plugin
	warnings  []string
	problems  diag.List
}

// leaf is one component with observations, and what it inherits.
type leaf struct {
	node     *tree.Node
	original *tree.Node // the manifest's own node, of which node is a clone
	defaults *value.Map
	phases   *phases
	// above are the names of the groups around the node, below the one that owns
	// the pipeline: a leaf that is named after its group is not regrouped.
	above []string
	owner bool     // the node has the pipeline itself
	first []string // instances that this leaf is the first to use
}

// phases are a pipeline's lists of instances; nil means that there is no such
// phase, which is not the same as an empty one.
type phases struct {
	observe, compute []string
	regroup          value.Value
}

// inherited is what a node gets from those above it.
type inherited struct {
	pipeline, defaults value.Value
	names              []string // see leaf.above
	owner              bool     // the node has the pipeline itself
}

// planner makes the plan of a tree.
type planner struct {
	m      *Manifest
	phases Phases
	out    *plan
	used   map[string]bool
	read   map[*value.Map]*phases
}

func (m *Manifest) plan(root, original *tree.Node, p Phases) *plan {
	pl := &planner{
		m: m, phases: p, out: &plan{instances: make(map[string]builtin.Plugin)},
		used: make(map[string]bool), read: make(map[*value.Map]*phases),
	}
	for _, spec := range m.Plugins {
		pl.instance(spec)
	}
	leaves := 0
	for range root.Leaves() {
		leaves++
	}
	pl.out.leaves = make([]leaf, 0, leaves)
	pl.visit(root, original, inherited{})
	return pl.out
}

// instance makes the plugin of an entry of initialize.plugins.
func (pl *planner) instance(spec Plugin) {
	var instance builtin.Plugin
	var err error
	if spec.Path == "builtin" && spec.Method != "" {
		instance, err = builtin.New(spec.Spec, pl.m.opts)
	} else {
		err = foreignPlugin(spec)
	}
	if err != nil {
		var list diag.List
		list.Add(err)
		for _, p := range list {
			p.File, p.Line, p.Plugin = pl.m.File, spec.Line, spec.Name
		}
		pl.out.problems = append(pl.out.problems, list...)
		return
	}
	pl.out.instances[spec.Name] = instance
}

func (pl *planner) visit(n, original *tree.Node, up inherited) {
	here := inherited{pipeline: up.pipeline, defaults: up.defaults, names: up.names}
	if own := n.Attrs.Get("pipeline"); own.Truthy() {
		here.pipeline, here.names, here.owner = own, nil, true
	}
	if own := n.Attrs.Get("defaults"); own.Truthy() {
		here.defaults = own
	}
	if config := n.Attrs.Get("config"); config.Truthy() {
		pl.warnConfig(n, config)
	}
	if n.IsLeaf() {
		pl.leaf(n, original, here)
		return
	}
	if n.Attrs.Has(tree.KeyInputs) {
		pl.warn(n.Path + " has children and inputs: inputs of a group are not used; give them to a child")
	}
	if !here.owner {
		here.names = append(slices.Clip(here.names), n.Name)
	}
	here.owner = false
	for i, child := range n.Children {
		pl.visit(child, original.Children[i], here)
	}
}

func (pl *planner) leaf(n, original *tree.Node, here inherited) {
	l := leaf{node: n, original: original, defaults: here.defaults.Map(), above: here.names, owner: here.owner}
	l.phases = pl.phasesOf(n, here.pipeline)
	if here.defaults.Truthy() && here.defaults.Kind() != value.Object {
		pl.problem(n, "InputValidationError", "defaults must be a map, not %s", here.defaults.Kind())
	}
	for _, names := range [][]string{l.phases.observe, l.phases.compute} {
		for _, name := range names {
			if !pl.used[name] {
				pl.used[name] = true
				l.first = append(l.first, name)
			}
		}
	}
	pl.out.leaves = append(pl.out.leaves, l)
}

// phasesOf returns the phases of a pipeline that will run. Many leaves share
// one, and what is wrong with it is told once, of the first of them.
func (pl *planner) phasesOf(n *tree.Node, pipeline value.Value) *phases {
	p := pipeline.Map()
	if p.Len() == 0 {
		pl.warn("You're using an old style manifest: " + n.Path + " has no pipeline with the phases observe, regroup or compute, and nothing is run for it")
		return &phases{}
	}
	read, ok := pl.read[p]
	if !ok {
		read = pl.readPhases(n, p)
		pl.read[p] = read
	}
	return read
}

func (pl *planner) readPhases(n *tree.Node, p *value.Map) *phases {
	all, out := pl.phases.all(), &phases{}
	if all || pl.phases.Observe {
		out.observe = pl.instanceNames(n, p, "observe")
	}
	if regroup := p.Get("regroup"); (all || pl.phases.Regroup) && regroup.Truthy() {
		out.regroup = regroup
	}
	if all || pl.phases.Compute {
		out.compute = pl.instanceNames(n, p, "compute")
	}
	return out
}

// instanceNames returns the instances of a phase, which must all exist.
func (pl *planner) instanceNames(n *tree.Node, pipeline *value.Map, phase string) []string {
	v := pipeline.Get(phase)
	if !v.Truthy() {
		return nil
	}
	if v.Kind() != value.List {
		pl.problem(n, classManifest, "pipeline.%s must be a list of plugin names, not %s", phase, v.Kind())
		return nil
	}
	names := make([]string, 0, len(v.List()))
	for _, item := range v.List() {
		name := item.String()
		names = append(names, name)
		if _, ok := pl.out.instances[name]; ok || pl.declared(name) {
			continue
		}
		pl.problem(n, "PluginInitializationError",
			"Not initalized plugin: %s. Check if %s is in 'manifest.initalize.plugins'.", name, name).
			WithHint("add %q to initialize.plugins, or correct the name in the pipeline", name)
	}
	return names
}

// declared reports whether initialize.plugins names the instance; if it has no
// plugin then, that has been reported.
func (pl *planner) declared(name string) bool {
	return slices.ContainsFunc(pl.m.Plugins, func(p Plugin) bool { return p.Name == name })
}

func (pl *planner) problem(n *tree.Node, class, format string, args ...any) *diag.Problem {
	p := diag.New(class, format, args...)
	p.File, p.Line, p.Component = pl.m.File, n.Line, n.Path
	pl.out.problems = append(pl.out.problems, p)
	return p
}

func (pl *planner) warn(text string) { pl.out.warnings = append(pl.out.warnings, text) }

func (pl *planner) warnConfig(n *tree.Node, config value.Value) {
	pl.warn(n.Path + " has a config block: configuration of a node is no longer used; give it in initialize.plugins")
}
