package manifest

import (
	"context"
	"fmt"
	"slices"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/builtin"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Files opens what a manifest refers to.
type Files interface {
	builtin.Files
	// Observations returns the rows of a CSV or NDJSON file that stands for the
	// inputs of a component.
	Observations(ctx context.Context, path string) (*frame.Frame, error)
}

// Step is one plugin's work on one component.
type Step struct {
	Node    *tree.Node
	Phase   string
	Plugin  string
	In, Out *frame.Frame
}

// job is the work on one leaf.
type job struct {
	run      *run
	leaf     *leaf
	order    int
	group    *tree.Node // the regrouped child being worked on, if any
	problems diag.List
	warnings []string
	notices  []notice
	rows     int
	failed   bool     // it did not come to its end
	used     []string // instances that the job has used
	ran      []string // those that did their work before any problem, in the order of first use
}

func (j *job) node() *tree.Node {
	if j.group != nil {
		return j.group
	}
	return j.leaf.node
}

// work runs the phases of the leaf's pipeline.
func (j *job) work(ctx context.Context) {
	j.failed = !j.run1(ctx) || len(j.problems) > 0
}

// run1 is work; it is false if a phase could not be run.
func (j *job) run1(ctx context.Context) bool {
	n := j.leaf.node
	rows, ok := j.inputs(ctx, n)
	if !ok {
		return false
	}
	if j.leaf.phases.observe != nil {
		if rows, ok = j.observe(ctx, n, rows); !ok {
			return false
		}
	}
	if !(j.run.o.Phases.Observe && j.run.m.opts.ObserveSkipsDefaults) {
		rows = rows.WithDefaults(j.leaf.defaults)
	}
	if regroup := j.leaf.phases.regroup; regroup.Truthy() {
		keys, ok := j.regroupKeys(regroup)
		if !ok {
			return false
		}
		if !j.isRegrouped(keys, rows) {
			return j.regroup(ctx, rows, keys)
		}
	}
	return j.compute(ctx, n, rows, true)
}

// inputs returns the leaf's observations.
func (j *job) inputs(ctx context.Context, n *tree.Node) (*frame.Frame, bool) {
	from := n.Attrs.Get(tree.KeyInputs).Map()
	if from == nil {
		if n.Inputs == nil {
			return frame.New(0), true
		}
		return n.Inputs, true
	}
	path, ok := from.Get("from").Str()
	if !ok || from.Len() > 1 {
		j.problem(diag.New("InputValidationError", "inputs: from must be a path, and stand alone").
			WithHint("write `inputs: {from: data.csv}` or `inputs: {from: data.ndjson.gz}`"))
		return nil, false
	}
	rows, err := j.run.o.Files.Observations(ctx, path)
	if err != nil {
		j.fail("", nil, err)
		return nil, false
	}
	return rows, true
}

func (j *job) observe(ctx context.Context, n *tree.Node, rows *frame.Frame) (*frame.Frame, bool) {
	rows, ok := j.pipeline(ctx, "observe", j.leaf.phases.observe, rows, true, nil)
	if !ok {
		return nil, false
	}
	n.SetInputs(rows.WithDefaults(j.leaf.defaults))
	return rows, true
}

// compute runs the compute phase on the rows of a node.
func (j *job) compute(ctx context.Context, n *tree.Node, rows *frame.Frame, first bool) bool {
	names := j.leaf.phases.compute
	if names == nil {
		j.rows += rows.Len()
		return true
	}
	old := n.Outputs
	rows, ok := j.pipeline(ctx, "compute", names, rows, first, n.SetOutputs)
	if !ok {
		return false
	}
	j.rows += rows.Len()
	j.noticeIntegerKeys(rows)
	if j.run.o.Append {
		if len(names) == 0 {
			rows = nil
		}
		n.SetOutputs(frame.Concat(old, rows))
	}
	return true
}

// noticeIntegerKeys tells of outputs whose keys JavaScript puts in another
// order.
func (j *job) noticeIntegerKeys(rows *frame.Frame) {
	isDigit := func(c *frame.Column) bool { return c.Name() != "" && c.Name()[0]-'0' <= 9 }
	if j.run.m.opts.IntegerKeysFirst || !slices.ContainsFunc(rows.Columns(), isDigit) {
		return
	}
	names := value.NewMap(len(rows.Columns()))
	for _, c := range rows.Columns() {
		names.Set(c.Name(), value.OfNull())
	}
	names.IntegerKeysFirst()
	for i, c := range rows.Columns() {
		if first := names.Key(i); first != c.Name() {
			j.notices = append(j.notices, notice{
				"integer-keys", "", fmt.Sprintf("%q comes before %q in the outputs", c.Name(), first), j.node().Path, j.order,
			})
			return
		}
	}
}

// pipeline runs the instances one after another. It hands the rows to set after
// each.
func (j *job) pipeline(ctx context.Context, phase string, names []string, rows *frame.Frame, first bool,
	set func(*frame.Frame),
) (*frame.Frame, bool) {
	for _, name := range names {
		instance, ok := j.run.plan.instances[name]
		if !ok {
			return nil, false // the plan has said why there is none
		}
		out, err := instance.Run(ctx, j.env(name, first && !slices.Contains(j.used, name)), rows)
		j.used = append(j.used, name)
		if err != nil {
			j.fail(name, rows, err)
			return nil, false
		}
		if len(j.problems) == 0 && !slices.Contains(j.ran, name) {
			j.ran = append(j.ran, name)
		}
		if rows.Len() == 0 {
			out = out.WithDefaults(j.leaf.defaults)
		}
		if observe := j.run.o.observe; observe != nil {
			observe(Step{Node: j.node(), Phase: phase, Plugin: name, In: rows, Out: out})
		}
		rows = out
		if set != nil {
			set(rows)
		}
	}
	return rows, true
}

// fail notes an error of a plugin with the place where it happened.
func (j *job) fail(plugin string, rows *frame.Frame, err error) {
	var list diag.List
	list.Add(err)
	for _, p := range list {
		p.Plugin = plugin
		if p.Row > 0 && p.Row <= rows.Len() {
			p.Time = rows.At(p.Row-1, "timestamp").String()
			p.Line = j.lineOf(p.Row-1, rows.Len())
		}
		j.problem(p)
	}
}

// lineOf returns the line of the source on which a row stands, when the rows
// are still those of the file.
func (j *job) lineOf(row, rows int) int {
	lines, ok := j.run.m.lines[j.leaf.original]
	if !ok || j.group != nil || rows != j.leaf.original.Inputs.Len() {
		return 0
	}
	return lines.At(row)
}

func (j *job) problem(p *diag.Problem) {
	p.Component = j.node().Path
	if p.File == "" { // else it is about a file that the manifest refers to
		p.File = j.run.m.File
		if p.Line == 0 {
			p.Line = j.leaf.node.Line
		}
	}
	j.problems = append(j.problems, p)
}

func orEmpty(f *frame.Frame) *frame.Frame {
	if f == nil {
		return frame.New(0)
	}
	return f
}
