package manifest

import (
	"context"
	"runtime"
	"slices"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest/builtin"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Options say how to run a manifest.
type Options struct {
	Phases Phases
	// Append keeps existing outputs and puts the new ones behind them.
	Append bool
	// AllowShell permits the shell plugin.
	AllowShell bool
	// Files opens what plugins and inputs refer to.
	Files Files
	// OnlyAggregated lets go of the observations once they are aggregated, those
	// of the manifest included: it can be run once.
	OnlyAggregated bool
	// Workers is the number of components worked on at once; 0 is one for each
	// processor. Results do not depend on it.
	Workers int
	// Progress is told how many components are done, from several goroutines. It
	// may be nil.
	Progress func(done, total int)
	// observe is told of each step of each component, for explanations.
	observe func(step Step)
}

// Result is what a run made of a manifest.
type Result struct {
	// Tree holds the outputs. It is a new tree; the manifest's is unchanged, but
	// see Options.OnlyAggregated.
	Tree *tree.Node
	// Explain is the explain block, nil when the manifest does not ask for one.
	Explain  *value.Map
	Warnings []string
	Notices  []Notice
	// Rows is the number of observations at the leaves.
	Rows int

	executed []string // instances that have done work, in the order of first use
}

// Run runs the manifest. The error is a diag.List of all problems, in the order
// of the tree; the result then holds what could be computed.
func (m *Manifest) Run(ctx context.Context, o Options) (*Result, error) {
	results := 2 // keys that a node may get: outputs and aggregated
	if o.OnlyAggregated {
		results = 1
	}
	root := cloneTree(m.Tree, results)
	p := m.plan(root, m.Tree, o.Phases)
	r := &run{m: m, o: o, plan: p, metrics: m.Metrics(), result: &Result{Tree: root, Warnings: append(slices.Clone(m.warnings), p.warnings...)}}
	if len(p.problems) > 0 && m.opts.FirstProblemOnly {
		return r.result, p.problems
	}
	r.treeNotices(root)
	problems := append(slices.Clone(p.problems), r.work(ctx)...)
	if len(problems) > 0 && ctx.Err() == nil && !m.opts.FirstProblemOnly {
		problems = r.complete(problems)
	}
	r.result.Notices = r.notices.sorted()
	return r.result, problems.Err()
}

// run is one run of a plan.
type run struct {
	m       *Manifest
	o       Options
	plan    *plan
	metrics *metric.Registry
	notices noticeBook
	result  *Result
}

func (r *run) workers() int {
	if r.o.Workers > 0 {
		return r.o.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// executed notes instances that have done work. It returns what is wrong with
// their descriptions.
func (r *run) executed(e *explainer, names []string) diag.List {
	var problems diag.List
	for _, name := range names {
		if slices.Contains(r.result.executed, name) {
			continue
		}
		r.result.executed = append(r.result.executed, name)
		if e != nil {
			problems = append(problems, e.add(name)...)
		}
	}
	return problems
}

func (r *run) job(i int) *job {
	return &job{run: r, leaf: &r.plan.leaves[i], order: i}
}

// cloneTree returns a tree with nodes of its own, with room for so many more
// keys. Frames and values are immutable and shared.
func cloneTree(n *tree.Node, more int) *tree.Node {
	c := *n
	c.Attrs = value.NewMap(n.Attrs.Len() + more)
	for i := range n.Attrs.Len() {
		c.Attrs.SetAt(n.Attrs.Key(i), n.Attrs.At(i), n.Attrs.LineAt(i))
	}
	c.Children = slices.Clone(n.Children)
	for i, child := range c.Children {
		c.Children[i] = cloneTree(child, more)
	}
	return &c
}

// env is what the plugins of a job see.
func (j *job) env(instance string, first bool) *builtin.Env {
	return &builtin.Env{
		Options:    j.run.m.opts,
		Metrics:    j.run.metrics,
		First:      first && slices.Contains(j.leaf.first, instance),
		Files:      j.run.o.Files,
		AllowShell: j.run.o.AllowShell,
		Notice: func(difference, detail string) {
			j.notices = append(j.notices, notice{difference, instance, detail, j.leaf.node.Path, j.order})
		},
		Warn: func(text string) {
			j.warnings = append(j.warnings, j.node().Path+", plugin \""+instance+"\": "+text)
		},
	}
}
