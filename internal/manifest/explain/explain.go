// Package explain says how one figure of a computed manifest came to be: which
// plugin made it, with which config and inputs, by which formula with which
// numbers, and so on back to the inputs and defaults; or how it was folded from
// components or over time.
//
// The manifest is run again with its steps kept, so what is explained is what
// was computed. What a reader would get wrong: the value shown is always the
// run's; a formula that does not give it, as under --compat, is said not to.
package explain

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Query asks for one figure.
type Query struct {
	// Component is a path as messages have it, tree.children.a.children.b, or the
	// names, a/b, or an end of them that fits one component only. "" is the root.
	Component string
	Metric    string
	// At is a timestamp, or a time within an observation. "" asks for the value
	// aggregated over time.
	At string
	// Depth is how many steps back to go; 0 is [DefaultDepth].
	Depth int
	// Parts asks to explain the parts of sums and averages as well.
	Parts bool
}

// DefaultDepth is the depth of a query that gives none: further than pipelines
// are long.
const DefaultDepth = 16

// maxParts is how many parts of a sum are listed.
const maxParts = 12

// Kind says how a figure came to be.
type Kind string

// The kinds of a figure.
const (
	Input      Kind = "input"      // it stands in the inputs
	Default    Kind = "default"    // it stands in the defaults
	Plugin     Kind = "plugin"     // a plugin made it
	Components Kind = "components" // it was folded over components
	Time       Kind = "time"       // it was folded over time
	Kept       Kind = "kept"       // it stood in the outputs before the run
	Part       Kind = "part"       // it is a part of a fold, not explained further
	Cut        Kind = "cut"        // it lies deeper than was asked for
)

// Figure is a value with how it came to be.
type Figure struct {
	Component string
	Metric    string
	Time      string // the row's timestamp, "" for a value over time
	Value     value.Value
	Unit      string
	Kind      Kind
	// File and Line say where it, or the plugin that made it, is written; the
	// line is 0 when it is not known.
	File string
	Line int
	// Plugin is the instance's name, Builtin its method, Config and Mapping what
	// it was told.
	Plugin, Builtin string
	Config, Mapping *value.Map
	// Method is the aggregation method of a fold: sum, avg, copy.
	Method string
	// Formula has names, Filled numbers in their places.
	Formula, Filled string
	Notes           []string
	// From are the inputs of the formula, or the parts of the fold; More is how
	// many parts are not listed.
	From []*Figure
	More int
}

// NotFound is the error of a figure that there is not.
type NotFound struct {
	What string // component, metric or time
	Name string
	In   string // the component in which it was looked for, "" for a component
	// Names are those that there are, in order.
	Names []string
	// Rows are the first and the last timestamp at which the component has the
	// metric that it has not aggregated; nil if it has none.
	Rows []string
	// Unreadable says that Name is no time at all.
	Unreadable bool
}

// Error says what there is not, and where.
func (e *NotFound) Error() string {
	if e.In == "" {
		return fmt.Sprintf("no %s %q", e.What, e.Name)
	}
	return fmt.Sprintf("%s has no %s %q", e.In, e.What, e.Name)
}

// Explain runs the manifest and explains one of its figures. The error is that
// of the run, or a [*NotFound].
func Explain(ctx context.Context, m *manifest.Manifest, o manifest.Options, q Query) (*Figure, error) {
	e, err := New(ctx, m, o, q.Component)
	if err != nil {
		return nil, err
	}
	return e.Figure(q)
}

// Explainer explains figures of one run.
type Explainer struct {
	m       *manifest.Manifest
	trace   *manifest.Trace
	metrics *metric.Registry
	query   Query
	lines   map[string]int // of the components of the manifest
}

// New runs the manifest and keeps what is needed to explain the figures of a
// component and of those below it; "" is the root. The error is that of the run.
// A component that there is not is an error of [Explainer.Figure] only: regroup
// may make it.
func New(ctx context.Context, m *manifest.Manifest, o manifest.Options, component string) (*Explainer, error) {
	path := "tree"
	if n, err := find(m.Tree, component); err == nil {
		path = n.Path
	}
	trace, err := m.Trace(ctx, o, path)
	if err != nil {
		return nil, err
	}
	return &Explainer{m: m, trace: trace, metrics: m.Metrics(), lines: lines(m)}, nil
}

// Figure explains a figure. The error is a [*NotFound]. It is for one goroutine
// at a time.
func (e *Explainer) Figure(q Query) (*Figure, error) {
	if q.Depth <= 0 {
		q.Depth = DefaultDepth
	}
	e.query = q
	n, err := find(e.trace.Result.Tree, q.Component)
	if err != nil {
		return nil, err
	}
	if q.At == "" {
		return e.overTime(n, q.Metric)
	}
	row, err := findRow(n, q.At)
	if err != nil {
		return nil, err
	}
	if n.Outputs.At(row, q.Metric).Kind() == value.Absent {
		return nil, &NotFound{What: "metric", Name: q.Metric, In: n.Path, Names: namesAt(n.Outputs, row)}
	}
	return e.output(n, row, q.Metric, q.Depth), nil
}

func lines(m *manifest.Manifest) map[string]int {
	all := make(map[string]int)
	for n := range m.Tree.Walk() {
		all[n.Path] = n.Line
	}
	return all
}

// figure returns a figure of a row of a component, for the kind to be filled in.
func (e *Explainer) figure(n *tree.Node, name, at string, v value.Value) *Figure {
	info, _ := e.metrics.Lookup(name)
	return &Figure{Component: n.Path, Metric: name, Time: at, Value: v, Unit: info.Unit, File: e.m.File, Line: e.lines[n.Path]}
}

// output explains a value in the outputs of a component.
func (e *Explainer) output(n *tree.Node, row int, name string, depth int) *Figure {
	if !n.IsLeaf() {
		return e.overComponents(n, row, name, depth)
	}
	steps := e.trace.Steps(n.Path)
	last := len(steps) - 1
	kept := n.Outputs.Len() // rows that stood there before
	if last >= 0 && steps[last].Phase == "compute" {
		kept -= steps[last].Out.Len()
	}
	if row < kept {
		f := e.figure(n, name, timeAt(n.Outputs, row), n.Outputs.At(row, name))
		f.Kind = Kept
		return f
	}
	return e.step(n, steps, row-kept, name, depth)
}

// timeAt returns a row's timestamp as it is written.
func timeAt(f *frame.Frame, row int) string {
	if v := f.At(row, keyTimestamp); !v.IsNullish() {
		return v.String()
	}
	return ""
}

func namesAt(f *frame.Frame, row int) []string {
	var names []string
	for _, k := range f.Keys(row) {
		names = append(names, f.Columns()[k].Name())
	}
	return names
}

// find returns a component by its path, its names, or an end of them.
func find(root *tree.Node, component string) (*tree.Node, error) {
	component = strings.Trim(component, "/")
	if component == "" || component == root.Path {
		return root, nil
	}
	var exact, ending []*tree.Node
	var all []string
	visit(root, "", func(n *tree.Node, names string) {
		all = append(all, names)
		switch {
		case n.Path == component || names == component:
			exact = append(exact, n)
		case strings.HasSuffix(names, "/"+component):
			ending = append(ending, n)
		}
	})
	switch {
	case len(exact) > 0:
		return exact[0], nil
	case len(ending) == 1:
		return ending[0], nil
	case len(ending) > 1:
		all = nil
		for _, n := range ending {
			all = append(all, n.Path)
		}
	}
	return nil, &NotFound{What: "component", Name: component, Names: all}
}

// visit calls f for each node below the root, with its names.
func visit(n *tree.Node, names string, f func(n *tree.Node, names string)) {
	for _, child := range n.Children {
		below := strings.TrimPrefix(names+"/"+child.Name, "/")
		f(child, below)
		visit(child, below, f)
	}
}

// plugin returns the entry of initialize.plugins of that name.
func (e *Explainer) plugin(name string) manifest.Plugin {
	i := slices.IndexFunc(e.m.Plugins, func(p manifest.Plugin) bool { return p.Name == name })
	return e.m.Plugins[i] // a step has a plugin
}
