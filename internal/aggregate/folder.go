package aggregate

import (
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// The keys that a group gets beside its aggregate, each only when there is
// something to say.
const (
	KeySkipped = "skipped-components" // names of parts that were to be left out
	KeyMissing = "missing-components" // names of parts without outputs
	KeyPartial = "partial-steps"      // how many steps not all leaves have
)

// Folder adds the parts of one group up, one at a time and in order: a leaf with
// Leaf; a group with Group, which must be closed before the next part.
type Folder struct {
	a     *Aggregator
	node  *tree.Node
	up    *Folder // whose part this group is; nil if of none
	out   bool    // it is left out of the group above
	mark  int     // problems before it
	names string  // of the groups above and its own, for skips
	next  int     // index of the next part; those left out do not count
	part  int     // index of the part at hand
	place int     // index of the group in the one above
	limit int     // rows of the first part

	started    bool    // a part has been added; the fields below are of it or of all
	first      segment // its steps
	n          int
	stamp, dur *frame.Column
	axis       axis
	layout     value.Layout
	leaves     accumulator
	total      int
	sums       []sum
	added      int  // parts
	unevenly   bool // parts have different numbers of leaves
	joined     bool // steps were brought together

	found     []finding
	failed    bool
	unaligned *diag.Problem
	more      int   // parts that are not aligned either
	uncut     []int // metrics that cannot be cut
	skipped   []string
	missing   []string
}

// sum is one metric of a group while its parts are added.
type sum struct {
	num, den accumulator
	held     series        // under DuplicateMetricsTwice, the last part's
	col      *frame.Column // copy: the last part's
	vals     []value.Value // col on new steps, until a part is laid over it
}

func (a *Aggregator) open(node *tree.Node, up *Folder) *Folder {
	f := &Folder{a: a, node: node, up: up, mark: len(a.problems), sums: make([]sum, len(a.items))}
	if up == nil {
		return f
	}
	f.names = up.path(node)
	if f.out = up.skips(node); !f.out {
		f.place = up.next
		up.next++
	}
	return f
}

// path returns the names from below the root to a part, needed for skips alone.
func (f *Folder) path(node *tree.Node) string {
	switch {
	case len(f.a.skips.entries) == 0:
		return ""
	case f.names == "":
		return node.Name
	}
	return f.names + "/" + node.Name
}

// skips notes whether a part is to be left out.
func (f *Folder) skips(node *tree.Node) bool {
	if !f.a.skips.match(node.Path, f.path(node)) || f.a.kind&Vertical == 0 {
		return false
	}
	f.skipped = append(f.skipped, node.Name)
	f.a.report.Skipped = append(f.a.report.Skipped, node.Path)
	f.a.notice("skip-components", node.Path, "it is not in the aggregate of %s", f.node.Path)
	return true
}

// parts adds all parts of the group, with all below them, and closes it.
func (f *Folder) parts(before, after func(*tree.Node)) {
	for _, child := range f.node.Children {
		if before != nil {
			before(child)
		}
		if !child.IsLeaf() {
			f.Group(child).parts(before, after)
			continue
		}
		f.Leaf(child)
		if after != nil {
			after(child)
		}
	}
	f.Close()
}

// Group begins a group that is the next part.
func (f *Folder) Group(node *tree.Node) *Folder { return f.a.open(node, f) }

// Leaf adds a leaf as the next part and sets its aggregated. Its outputs must
// not change until the group is closed, but the node may let go of them.
func (f *Folder) Leaf(node *tree.Node) {
	if f.skips(node) {
		mark := len(f.a.problems)
		f.a.leaf(node, nil)
		f.a.forgive(mark)
		return
	}
	f.part = f.next
	f.next++
	if f.part == 0 {
		f.limit = node.Outputs.Len()
	}
	if s := f.a.leaf(node, f); s != nil {
		f.add(node, s)
	}
}

// within cuts a leaf's rows to those that Impact Framework would look at.
func (f *Folder) within(rows *frame.Frame) *frame.Frame {
	if f.a.opts.FirstChildLength && f.part > 0 && rows.Len() > f.limit {
		return rows.Slice(0, f.limit)
	}
	return rows
}

// add adds a part.
func (f *Folder) add(node *tree.Node, s *segment) {
	if f.a.kind&Vertical == 0 || !f.begin(node, s) {
		return
	}
	f.n, f.stamp, f.dur = s.n, s.stamp, s.dur
	f.unevenly = f.unevenly || s.total != f.first.total
	f.total += s.total
	f.added++
	f.leaves.add(s.leaves)
	for i := range f.sums {
		f.addTerm(&f.sums[i], &f.a.items[i], &s.terms[i])
	}
}

// begin makes the steps of the part and those of the parts before it the same.
// It reports whether the part can be added.
func (f *Folder) begin(node *tree.Node, s *segment) bool {
	switch {
	case f.part == 0:
		f.limit = s.n
	case f.a.opts.FirstChildLength && !f.likeFirst(node, s):
		return false
	}
	switch {
	case !f.started:
		f.started = true
		f.first = segment{path: s.path, n: s.n, stamp: s.stamp, dur: s.dur, total: s.total}
		f.axis, f.layout = s.axis, s.layout
	case f.a.opts.FirstChildLength:
	case f.a.align != Strict:
		return f.join(s)
	default:
		if step := differ(&f.first, s); step >= 0 {
			f.shifted(s, step)
			return false
		}
	}
	return true
}

// likeFirst cuts a part to the length of the first, or refuses it.
func (f *Folder) likeFirst(node *tree.Node, s *segment) bool {
	switch {
	case s.n > f.limit:
		*s = *s.cutTo(f.limit)
	case s.n < f.limit:
		f.found = append(f.found, finding{s.n, f.part, -1, tooShort(node, f.a.needs[0].name, s.n, f.limit)})
		return false
	}
	return true
}

func (f *Folder) addTerm(to *sum, it *item, t *term) {
	switch {
	case it.over == metric.None:
	case it.over == metric.Copy:
		if to.col != nil && unlike(to.col, t.col) {
			f.a.warnCopy(f.node.Path, it.name, "between components")
		}
		to.col = t.col
	case it.repeat > 1 && it.over == metric.Avg:
		to.repeat(it)
		to.held = t.num
	default:
		for range it.repeat {
			to.num.add(t.num)
		}
		if it.hasDen() {
			to.den.add(t.den)
		}
	}
}

// repeat adds the part that was held back, as often as its metric is listed.
func (to *sum) repeat(it *item) {
	if to.held.len() > 0 {
		for range it.repeat {
			to.num.add(to.held)
		}
	}
}

// unlike reports whether two columns of numbers differ.
func unlike(a, b *frame.Column) bool {
	x, okX := a.Vec()
	y, okY := b.Vec()
	if !okX || !okY {
		return false
	}
	f, constX := x.Constant()
	g, constY := y.Constant()
	if constX && constY {
		return f != g
	}
	for i := range x.Len() {
		if x.At(i) != y.At(i) {
			return true
		}
	}
	return false
}

// fail notes problems of a leaf: at once when they are of the leaf alone, with
// those of its siblings when Impact Framework would meet them row by row.
func (f *Folder) fail(a *Aggregator, found []finding) {
	if f != nil && a.kind&Horizontal == 0 {
		f.found = append(f.found, found...)
		return
	}
	a.problems = append(a.problems, inOrder(found)...)
	if f != nil {
		f.failed = true
	}
}

// forgive turns the problems of a component that nobody counts into warnings.
func (a *Aggregator) forgive(mark int) {
	for _, p := range a.problems[mark:] {
		q := *p
		q.Hint = ""
		q.Text += " It is not aggregated."
		a.warnings.add("skipped "+q.Component, &q)
	}
	a.problems = a.problems[:mark]
}

// noOutputs is a leaf without outputs, as Impact Framework fails on it.
func (a *Aggregator) noOutputs(node *tree.Node, f *Folder) {
	switch {
	case a.kind&Horizontal != 0:
		f.fail(a, []finding{{problem: noOutputs(node, "reduce")}})
	case f == nil:
	case f.part == 0:
		f.fail(a, []finding{{row: -1, problem: noOutputs(node, "length")}})
	case f.limit > 0:
		f.fail(a, []finding{{row: 0, child: -1, problem: noOutputs(node, "0")}})
	}
}

// empty is a leaf without outputs, or a group without any in it: it has nothing
// to add, and its parent says so.
func (a *Aggregator) empty(node *tree.Node, f *Folder) {
	a.report.Empty = append(a.report.Empty, node.Path)
	if !node.IsLeaf() || a.kind&Horizontal != 0 {
		node.Aggregated = nil
		node.Attrs.Delete(tree.KeyAggregated)
	}
	switch {
	case f == nil:
	case a.kind&Vertical == 0:
		a.notice("empty-inputs", node.Path, "it has no outputs to aggregate")
	default:
		f.missing = append(f.missing, node.Name)
		a.notice("empty-inputs", node.Path, "it has no outputs and is not in the aggregate of %s", f.node.Path)
	}
}
