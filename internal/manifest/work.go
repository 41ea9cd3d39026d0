package manifest

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/tree"
)

// How many components may be computed and not yet aggregated: enough that no
// worker waits for one component that takes longer than the others, and few for
// each worker when the observations are let go.
const (
	ahead        = 8
	aheadKeeping = 256
)

// floor is the state of one run's work. The workers take the leaves in the
// order of the tree, and the aggregation, which needs them in that order,
// follows behind and collects what the jobs report.
type floor struct {
	run  *run
	next atomic.Int64
	done atomic.Int64
	// room holds a token for each leaf that is taken and not collected, so the
	// leaves at hand have different places in finished.
	room     chan struct{}
	finished []chan *job

	collected int // leaves
	explainer *explainer
	problems  diag.List
	failed    bool // what instances say of their metrics may also be wrong
}

// work computes all leaves, several at once, aggregates them as they come and
// returns all problems in the order of the tree.
func (r *run) work(ctx context.Context) diag.List {
	aggregator, problems := r.aggregator()
	f := newFloor(r)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for range min(r.workers(), len(r.plan.leaves)) {
		wg.Go(func() { f.worker(ctx) })
	}
	if aggregator != nil && !r.nothingToAggregate() {
		aggregator.Tree(r.result.Tree, f.wait, f.letGo)
	}
	f.letAllGo()
	wg.Wait()
	f.explain()
	switch {
	case ctx.Err() != nil:
		var stopped diag.List
		stopped.Add(context.Cause(ctx))
		return stopped
	case aggregator == nil, f.failed && r.m.opts.FirstProblemOnly:
		return append(f.problems, problems...)
	}
	report, err := aggregator.Result()
	problems = append(f.problems, problems...)
	if len(problems) == 0 && len(r.plan.problems) == 0 {
		r.aggregated(report)
	}
	return append(problems, r.locate(err)...)
}

// nothingToAggregate reports whether only phases were asked for that make no
// outputs, and there are none from before.
func (r *run) nothingToAggregate() bool {
	p := r.o.Phases
	if r.m.opts.AggregateAlways || p.all() || p.Compute {
		return false
	}
	for leaf := range r.result.Tree.Leaves() {
		if leaf.Outputs.Len() > 0 {
			return false
		}
	}
	return true
}

func newFloor(r *run) *floor {
	f := &floor{run: r, explainer: r.explainer()}
	places := aheadKeeping
	if r.o.OnlyAggregated {
		places = ahead
	}
	places = min(places*r.workers(), max(1, len(r.plan.leaves)))
	f.room = make(chan struct{}, places)
	f.finished = make([]chan *job, places)
	for i := range f.finished {
		f.finished[i] = make(chan *job, 1)
	}
	return f
}

// worker works until there are no leaves left. It takes its token first, so that
// the first leaf that is not done always has one.
func (f *floor) worker(ctx context.Context) {
	for {
		f.room <- struct{}{}
		i := int(f.next.Add(1)) - 1
		if i >= len(f.run.plan.leaves) {
			<-f.room
			return
		}
		j := f.run.job(i)
		if ctx.Err() == nil {
			j.work(ctx)
		}
		f.finished[i%len(f.finished)] <- j
		if f.run.o.Progress != nil {
			f.run.o.Progress(int(f.done.Add(1)), len(f.run.plan.leaves))
		}
	}
}

// wait returns when a leaf's outputs are there and it is the next to collect.
// Then the workers may go one leaf further. What failed is not aggregated, so
// that only what is wrong with the others is reported.
func (f *floor) wait(leaf *tree.Node) {
	leaves := f.run.plan.leaves
	if f.collected == len(leaves) || leaves[f.collected].node != leaf {
		return // a group, or a child of a leaf that was regrouped
	}
	j := <-f.finished[f.collected%len(f.finished)]
	<-f.room
	f.collected++
	f.collect(j)
	if j.failed && !f.run.m.opts.EmptyInputsFail {
		leaf.Outputs = nil
	}
}

// collect takes over what a job reports.
func (f *floor) collect(j *job) {
	r := f.run
	f.problems = append(f.problems, r.executed(f.explainer, j.ran)...)
	f.problems = append(f.problems, j.problems...)
	f.failed = f.failed || len(j.problems) > 0
	r.result.Warnings = append(r.result.Warnings, j.warnings...)
	r.result.Rows += j.rows
	r.notices.merge(j.notices)
}

// explain gives the result its explain block.
func (f *floor) explain() {
	if f.explainer != nil {
		f.run.result.Explain = f.explainer.block
	}
}

// letGo forgets a leaf's observations when only aggregates are wanted.
func (f *floor) letGo(leaf *tree.Node) {
	if !f.run.o.OnlyAggregated {
		return
	}
	leaf.Inputs, leaf.Outputs = nil, nil
	leaf.Attrs.Delete(tree.KeyInputs)
	leaf.Attrs.Delete(tree.KeyOutputs)
	if last := f.run.plan.leaves[f.collected-1]; last.original != nil {
		last.original.Inputs, last.original.Outputs = nil, nil
	}
}

// letAllGo is letGo for all leaves that nothing has aggregated.
func (f *floor) letAllGo() {
	for f.collected < len(f.run.plan.leaves) {
		leaf := f.run.plan.leaves[f.collected].node
		f.wait(leaf)
		for part := range leaf.Leaves() {
			f.letGo(part)
		}
	}
}
