package manifest

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/tree"
)

// ahead is how many components for each worker may be computed and not yet
// aggregated when observations are let go: enough that no worker waits for one
// component that takes longer than the others.
const ahead = 8

// floor is the state of one run's work. The workers take the leaves in the
// order of the tree, and the aggregation, which needs them in that order,
// follows behind.
type floor struct {
	run  *run
	jobs []*job
	byID map[*tree.Node]*job
	next atomic.Int64
	done atomic.Int64
	room chan struct{} // holds a token for each leaf that is computed and not let go; nil: no bound
}

// work computes all leaves, several at once, aggregates them as they come and
// returns all problems in the order of the tree.
func (r *run) work(ctx context.Context) diag.List {
	aggregator, problems := r.aggregator()
	f := newFloor(r)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for range min(r.workers(), len(f.jobs)) {
		wg.Go(func() { f.worker(ctx) })
	}
	if aggregator == nil || len(r.plan.problems) > 0 || r.nothingToAggregate() {
		f.letAllGo()
		wg.Wait()
		found, _ := r.collect(ctx, f.jobs)
		return append(found, problems...)
	}
	aggregator.Tree(r.result.Tree, f.wait, f.letGo)
	wg.Wait()
	problems, failed := r.collect(ctx, f.jobs)
	if failed {
		return problems
	}
	report, err := aggregator.Result()
	r.aggregated(report)
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
	f := &floor{run: r, jobs: make([]*job, len(r.plan.leaves)), byID: make(map[*tree.Node]*job, len(r.plan.leaves))}
	for i, l := range r.plan.leaves {
		f.jobs[i] = r.job(i)
		f.byID[l.node] = f.jobs[i]
	}
	if r.o.OnlyAggregated {
		f.room = make(chan struct{}, ahead*r.workers())
	}
	return f
}

// worker works until there are no leaves left. It takes its token first, so that
// the first leaf that is not done always has one.
func (f *floor) worker(ctx context.Context) {
	for {
		if f.room != nil {
			select {
			case f.room <- struct{}{}:
			case <-ctx.Done():
			}
		}
		i := int(f.next.Add(1)) - 1
		if i >= len(f.jobs) {
			return
		}
		j := f.jobs[i]
		if ctx.Err() == nil {
			j.work(ctx)
		}
		close(j.finished)
		if f.run.o.Progress != nil {
			f.run.o.Progress(int(f.done.Add(1)), len(f.jobs))
		}
	}
}

// wait returns when a leaf's outputs are there. Then the workers may go one leaf
// further.
func (f *floor) wait(leaf *tree.Node) {
	j, ok := f.byID[leaf]
	if !ok {
		return // a child of a leaf that was regrouped
	}
	<-j.finished
	if f.room != nil {
		<-f.room
	}
}

// letGo forgets a leaf's observations when only aggregates are wanted.
func (f *floor) letGo(leaf *tree.Node) {
	if f.room == nil {
		return
	}
	leaf.Inputs, leaf.Outputs = nil, nil
	leaf.Attrs.Delete(tree.KeyInputs)
	leaf.Attrs.Delete(tree.KeyOutputs)
}

// letAllGo is letGo for all leaves when nothing aggregates them.
func (f *floor) letAllGo() {
	for _, j := range f.jobs {
		f.wait(j.leaf.node)
		for leaf := range j.leaf.node.Leaves() {
			f.letGo(leaf)
		}
	}
}
