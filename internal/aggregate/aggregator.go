package aggregate

import (
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/tree"
)

// Aggregator makes one pass over one tree, parts before wholes. It is for one
// goroutine; what computes the leaves may be others.
//
// [Aggregator.Tree] walks a tree that is there. A caller that makes the tree as
// it goes opens each group with Group, hands over its parts in order and closes
// it; nothing of a leaf but its metrics has to outlive the call.
type Aggregator struct {
	kind     Kind
	align    Align
	opts     Options
	items    []item
	needs    []need // keys that every row of a leaf must have
	keys     []need // those that the rows of a group get, in their order
	skips    skips
	report   Report
	warnings warnings
	noticed  map[string]bool
	problems diag.List
}

// New makes an aggregator of a request. The methods are not to be changed while
// it is in use. The error is a diag.List of what is wrong with the request, such
// as a metric without a method.
func New(methods *metric.Registry, cfg Config, opts Options) (*Aggregator, error) {
	a := &Aggregator{kind: cfg.Kind, align: cfg.Align, opts: opts, noticed: make(map[string]bool)}
	if opts.FirstChildLength {
		a.align = Strict
	}
	if !opts.IgnoreSkipComponents {
		a.skips = newSkips(cfg.Skip)
	}
	if problems := a.plan(methods, cfg); len(problems) > 0 {
		return nil, problems
	}
	return a, nil
}

// Tree aggregates a node and all below it. It calls before, if that is not nil,
// when it comes to a node and has not looked at it: a leaf's outputs must be
// there when before returns. A leaf may have become a group by then, in which
// case before is called for what is in it. It calls after, if that is not nil,
// when it has no more use for a leaf's rows.
func (a *Aggregator) Tree(root *tree.Node, before func(node *tree.Node), after func(leaf *tree.Node)) {
	if before != nil {
		before(root)
	}
	if root.IsLeaf() {
		a.Leaf(root)
		if after != nil {
			after(root)
		}
		return
	}
	a.Group(root).parts(before, after)
}

// Leaf aggregates a leaf that is part of no group.
func (a *Aggregator) Leaf(node *tree.Node) { a.leaf(node, nil) }

// Group begins a group that is part of no other. The groups in it are opened
// with [Folder.Group].
func (a *Aggregator) Group(node *tree.Node) *Folder { return a.open(node, nil) }

// Result returns what the aggregator found, after all groups are closed. The
// error is a diag.List of all problems in the order in which they were met.
func (a *Aggregator) Result() (Report, error) {
	a.report.Warnings = a.warnings.all()
	problems := append(a.problems, a.skips.unused()...)
	return a.report, problems.Err()
}

// leaf aggregates a leaf over time and returns what its group f gets of it; nil
// if that is nothing.
func (a *Aggregator) leaf(node *tree.Node, f *Folder) *segment {
	if node.Outputs == nil && a.opts.EmptyInputsFail {
		a.noOutputs(node, f)
		return nil
	}
	if node.Outputs.Len() == 0 && !a.opts.EmptyInputsFail {
		a.empty(node, f)
		return nil
	}
	rows, child := node.Outputs, -1
	if a.kind&Horizontal == 0 {
		if f == nil {
			return nil
		}
		rows, child = f.within(rows), f.part
	}
	s, found := a.read(node, rows, child)
	if len(found) == 0 && a.kind&Horizontal != 0 {
		sums, problems := a.overTime(s)
		if found = problems; len(found) == 0 {
			node.SetAggregated(sums)
		}
	}
	if len(found) == 0 {
		return s
	}
	f.fail(a, found)
	return nil
}
