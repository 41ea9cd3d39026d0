package aggregate

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Close ends the group: it sets its outputs and aggregated and adds it to the
// group that it is a part of.
func (f *Folder) Close() {
	if f.a.kind&Vertical == 0 {
		return
	}
	s := f.finish()
	if f.out {
		f.a.forgive(f.mark)
		return
	}
	switch {
	case f.up == nil:
	case s != nil:
		f.up.part = f.place
		f.up.add(f.node, s)
	case f.failed:
		f.up.failed = true
	default:
		f.a.empty(f.node, f.up)
	}
}

// finish aggregates the group and returns what it adds to the one above: nil if
// it failed or is empty.
func (f *Folder) finish() *segment {
	if f.next == 0 && f.a.opts.EmptyInputsFail {
		f.found = append(f.found, finding{problem: noChildren(f.node)})
	}
	f.emit(f.found)
	if f.unaligned != nil {
		if f.more > 0 {
			f.unaligned.Text += " (and so for " + moreComponents(f.more) + ")"
		}
		f.emit([]finding{{problem: f.unaligned}})
	}
	if f.failed {
		return nil
	}
	if !f.started {
		f.clear()
		return nil
	}
	s := f.segment()
	if f.failed {
		return nil
	}
	sums, found := f.a.overTime(s)
	if f.emit(f.withoutNone(found)); f.failed {
		return nil
	}
	f.node.SetOutputs(f.outputs(s))
	f.node.SetAggregated(sums)
	f.list(KeySkipped, f.skipped)
	f.list(KeyMissing, f.missing)
	f.coverage(s)
	f.tell()
	return f.a.handUp(s)
}

// clear is a group without anything to add up. What an earlier run left there
// would be wrong.
func (f *Folder) clear() {
	f.node.Outputs = nil
	f.node.Attrs.Delete(tree.KeyOutputs)
	f.list(KeySkipped, f.skipped)
	f.list(KeyMissing, f.missing)
	f.node.Attrs.Delete(KeyPartial)
	if f.up == nil || f.out {
		f.a.empty(f.node, nil)
	}
}

// emit adds problems of the group.
func (f *Folder) emit(found []finding) {
	if len(found) == 0 {
		return
	}
	f.failed = true
	f.a.problems = append(f.a.problems, inOrder(found)...)
}

// list sets a key of the group to names, or removes what an earlier run has left
// there.
func (f *Folder) list(key string, names []string) {
	if len(names) == 0 {
		f.node.Attrs.Delete(key)
		return
	}
	vals := make([]value.Value, len(names))
	for i, name := range names {
		vals[i] = value.OfText(name)
	}
	f.node.Attrs.Set(key, value.OfList(vals))
}

// segment returns the group's sums, with what is shown of them.
func (f *Folder) segment() *segment {
	s := &segment{
		path: f.node.Path, n: f.n, stamp: f.stamp, dur: f.dur, axis: f.axis, layout: f.layout,
		leaves: f.leaves.series(), total: f.total, terms: make([]term, len(f.sums)),
	}
	if s.stamp == nil {
		s.stamp, s.dur = f.axis.columns(f.layout)
	}
	for i := range f.sums {
		f.term(&s.terms[i], &f.a.items[i], &f.sums[i], s.leaves)
	}
	return s
}

func (f *Folder) term(t *term, it *item, from *sum, leaves series) {
	switch it.over {
	case metric.Copy:
		t.col = from.col
		if it.folded() {
			f.copied(t, it)
		}
	case metric.Sum:
		t.num = from.num.series()
		t.shown = t.num
	case metric.Avg:
		switch {
		case it.repeat > 1:
			t.shown = f.repeated(it, from)
		case it.hasDen():
			t.num, t.den = from.num.series(), from.den.series()
			t.shown = over(t.num, t.den)
		default:
			t.num = from.num.series()
			t.shown = over(t.num, leaves)
		}
	}
}

// copied reads what was copied over components and is to be added over time.
func (f *Folder) copied(t *term, it *item) {
	nums, bad := f.a.numbers(t.col)
	if bad.count > 0 {
		f.emit([]finding{{problem: notNumber(f.node.Path, it.name, bad.value).AtRow(bad.row)}})
	}
	t.shown = nums
}

// repeated ends an average of a metric that is listed more than once as Impact
// Framework does: with the last part it divides after each time.
func (f *Folder) repeated(it *item, from *sum) series {
	sums := from.num.series()
	for range it.repeat {
		var next accumulator
		if sums.len() > 0 {
			next.add(sums)
		}
		next.add(from.held)
		sums = over(next.series(), constant(float64(f.added), f.n))
	}
	return sums
}

// outputs returns the rows of the group, in the order of the metrics.
func (f *Folder) outputs(s *segment) *frame.Frame {
	if s.n == 0 {
		return frame.New(0)
	}
	var cols []*frame.Column
	for _, key := range f.a.keys {
		switch key.item {
		case needTimestamp:
			cols = append(cols, s.stamp)
		case needDuration:
			cols = append(cols, s.dur)
		default:
			t := &s.terms[key.item]
			switch f.a.items[key.item].over {
			case metric.None:
			case metric.Copy:
				cols = append(cols, t.col)
			default:
				cols = append(cols, t.shown.column(key.name))
			}
		}
	}
	return frame.New(s.n, cols...)
}

// withoutNone adds what Impact Framework fails with on metrics that it left out
// of the group's rows itself.
func (f *Folder) withoutNone(found []finding) []finding {
	for i := range f.a.items {
		if f.a.opts.NoneComponentFails && f.n > 0 && f.a.items[i].over == metric.None {
			p := diag.New(classMissing, "Aggregation metric %s is not found in inputs[0].", f.a.items[i].name).
				WithMetric(f.a.items[i].name).WithHint("its method over components is none: take it out of aggregation.metrics, " +
				"or give it another method in parameter-metadata")
			p.Component = f.node.Path
			found = append(found, finding{item: i, problem: p})
		}
	}
	return found
}

// coverage notes the steps that not all leaves have.
func (f *Folder) coverage(s *segment) {
	partial := 0
	for i := 0; uneven(s.leaves) && i < s.n; i++ {
		if s.leaves.vec.At(i) < float64(s.total) {
			partial++
		}
	}
	if partial == 0 {
		f.node.Attrs.Delete(KeyPartial)
		return
	}
	f.node.Attrs.Set(KeyPartial, value.OfNumber(float64(partial)))
	f.a.report.Partial = append(f.a.report.Partial, Gap{Path: f.node.Path, Lacks: partial, Of: s.n})
}

// tell notes where the result differs from Impact Framework's.
func (f *Folder) tell() {
	if f.joined {
		f.a.notice("unequal-children", f.node.Path, "its components have different time steps, which were brought together")
	}
	if !f.unevenly || f.a.opts.UnweightedAverages {
		return
	}
	for i := range f.a.items {
		if it := &f.a.items[i]; it.over == metric.Avg && !it.hasDen() {
			f.a.notice("unweighted-average", f.node.Path, "%s is a mean over leaves, of which the parts have different numbers", it.name)
		}
	}
}

// handUp returns what the group above gets: numerators and denominators, or
// under UnweightedAverages what is shown, as if the group were a leaf.
func (a *Aggregator) handUp(s *segment) *segment {
	if !a.opts.UnweightedAverages {
		return s
	}
	s.total = 1
	if uneven(s.leaves) {
		s.leaves = over(s.leaves, s.leaves)
	} else {
		s.leaves = constant(1, s.n)
	}
	for i := range s.terms {
		if a.items[i].over == metric.Avg {
			s.terms[i].num = s.terms[i].shown
		}
	}
	return s
}

// shifted notes a part whose steps are not those of the first.
func (f *Folder) shifted(s *segment, step int) {
	if f.unaligned != nil {
		f.more++
		return
	}
	p := diag.New(classAlign, "%s and %s do not have the same time steps: %s", f.first.path, s.path, difference(&f.first, s, step)).
		AtRow(step).WithHint("give all the same steps with time-sync, or set aggregation.align: timestamp joins steps that " +
		"begin at the same time, sync cuts steps to fit")
	p.Component = f.node.Path
	f.unaligned = p
}

func difference(a, b *segment, step int) string {
	lengths := fmt.Sprintf("they have %d and %d steps", a.n, b.n)
	if a.n == b.n {
		lengths = fmt.Sprintf("both have %d steps", a.n)
	}
	if step == min(a.n, b.n) {
		longer := a
		if b.n > a.n {
			longer = b
		}
		return fmt.Sprintf("%s, and only %s has %s", lengths, longer.path, longer.step(step))
	}
	return fmt.Sprintf("%s, and step %d is %s and %s", lengths, step+1, a.step(step), b.step(step))
}

// step describes a step for a message.
func (s *segment) step(i int) string {
	return fmt.Sprintf("%s for %s s", s.stamp.At(i), s.dur.At(i))
}

// clash notes a step that begins at the same time as another and is not as long.
func (f *Folder) clash(s *segment, step int) {
	p := diag.New(classAlign, "%s has %s, and a component before it has that step with another duration", s.path, s.step(step)).
		WithHint("aggregation.align: sync cuts steps of different lengths to fit")
	p.Component = f.node.Path
	f.found = append(f.found, finding{row: step, child: f.part, problem: p})
}

// cannotCut is a metric whose steps would have to be cut.
func cannotCut(group, name, part string) *diag.Problem {
	p := diag.New(classAlign, "the steps of %s have to be cut to fit, and nobody said what a part of %s is", part, name).
		WithMetric(name).WithHint("give it a method over time in parameter-metadata: sum is divided by time, avg and copy stay as they are")
	p.Component = group
	return p
}
