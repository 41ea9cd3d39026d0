package prometheus

import (
	"context"
	"hash/maphash"
	"maps"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/prom"
)

// listSilent adds, as open, the series that have samples on both sides of the near
// window perhaps, but none in it. When there can be none after it, as when a slot
// has just ended, there is nothing to list.
func (s *shard) listSilent(ctx context.Context, sel prom.Selector) error {
	if s.gauge || s.windows.near.To > now() {
		return nil
	}
	return s.source.client.List(ctx, sel, s.windows.horizon, func(in *prom.Series) error {
		one, ok, err := s.identify(in)
		if !ok || err != nil {
			return err
		}
		if _, ok := s.seen[maphash.Bytes(s.seed, s.identity)]; !ok {
			n := s.sink.bins(one.key).Len()
			s.open[string(s.identity)] = &open{series: one, tally: energy.Tally{Amount: make([]int64, n)}}
		}
		return nil
	})
}

// now is where looking ahead ends: nobody has samples of the future.
func now() int64 { return time.Now().Add(time.Minute).UnixMilli() }

// needsAfter is whether the sample after the near window is missing.
func (o *open) needsAfter(w windows) bool { return o.after == nil && (!o.any || o.last.At < w.to) }

// needsBefore is whether the sample before the near window is missing. A series
// that is not seen again after it has none that would matter.
func (o *open) needsBefore(w windows) bool {
	if o.before != nil {
		return false
	}
	if !o.any {
		return o.after != nil
	}
	return o.first.At > w.from
}

// around finds the samples that the open series miss and hands them over. It looks
// through windows that double in length as they lead away from the slots: what is
// read in vain stays below what is skipped.
func (s *shard) around(ctx context.Context, q *queue) error {
	w, step := s.windows, s.source.config.Around.Milliseconds()
	for from := w.near.To + 1; from <= min(w.horizon.To, now()); step *= 2 {
		to := min(w.horizon.To, from+step-1)
		if err := s.look(ctx, q, prom.Window{From: from, To: to}, (*open).needsAfter, s.takeAfter); err != nil {
			return err
		}
		from = to + 1
	}
	step = s.source.config.Around.Milliseconds()
	for to := w.near.From - 1; to >= w.horizon.From; step *= 2 {
		from := max(w.horizon.From, to-step+1)
		if err := s.look(ctx, q, prom.Window{From: from, To: to}, (*open).needsBefore, s.takeBefore); err != nil {
			return err
		}
		to = from - 1
	}
	for _, identity := range slices.Sorted(maps.Keys(s.open)) {
		if err := s.finish(s.open[identity]); err != nil {
			return err
		}
	}
	return nil
}

// look reads one window for the hosts of series that need it.
func (s *shard) look(ctx context.Context, q *queue, w prom.Window, needs func(*open, windows) bool, take func(*open, []prom.Sample)) error {
	hosts := map[string]struct{}{}
	for _, o := range s.open {
		if needs(o, s.windows) {
			hosts[o.raw] = struct{}{}
		}
	}
	near := s.windows.near
	size := q.fits(float64(w.To-w.From) / float64(near.To-near.From))
	todo := slices.Collect(slices.Chunk(slices.Sorted(maps.Keys(hosts)), size))
	for len(todo) > 0 {
		some := todo[0]
		todo = todo[1:]
		err := s.source.client.Retry(ctx, func(ctx context.Context) error {
			if err := s.readBoots(ctx, some, w); err != nil {
				return err
			}
			return s.read(ctx, s.selector.And(prom.AnyOf(s.host, some)), w, func(in *prom.Series) error {
				if _, _, err := s.identify(in); err != nil {
					return err
				}
				if o := s.open[string(s.identity)]; o != nil && needs(o, s.windows) {
					take(o, in.Samples)
				}
				return nil
			})
		})
		if isTooMuch(err) && len(some) > 1 {
			todo = append(todo, some[:len(some)/2], some[len(some)/2:])
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// takeAfter keeps the first sample that counts.
func (s *shard) takeAfter(o *open, samples []prom.Sample) {
	for _, x := range samples {
		if s.counts(x) {
			o.after = &x
			return
		}
	}
}

// takeBefore keeps the last sample that counts.
func (s *shard) takeBefore(o *open, samples []prom.Sample) {
	for _, x := range slices.Backward(samples) {
		if s.counts(x) {
			o.before = &x
			return
		}
	}
}

// counts reports whether a counter takes a sample.
func (s *shard) counts(x prom.Sample) bool {
	s.counter.Reset(s.sink.bins(""), nil)
	return s.counter.Add(x.At*1000, x.Value/s.divisor)
}

// finish adds what lies between the samples of the near window and those around
// it, and hands the series over.
func (s *shard) finish(o *open) error {
	boots := s.boot[o.raw]
	switch {
	case o.any:
		s.patch(o, boots, o.before, o.first)
		if o.after != nil {
			s.patch(o, after(boots, o.last.At), &o.last, *o.after)
		}
	case o.after != nil:
		s.patch(o, boots, o.before, *o.after)
	default:
		return nil
	}
	return s.sink.take(o.series, &o.tally)
}

// patch adds the increment from one sample to another, or to the first of all.
func (s *shard) patch(o *open, boots []time.Time, from *prom.Sample, to prom.Sample) {
	s.counter.Reset(s.sink.bins(o.key), boots)
	if from != nil {
		s.counter.Reset(s.sink.bins(o.key), after(boots, from.At))
		s.counter.Add(from.At*1000, from.Value/s.divisor)
	}
	s.counter.Add(to.At*1000, to.Value/s.divisor)
	t, _ := s.counter.Finish()
	for i, amount := range t.Amount {
		o.tally.Amount[i] += amount
	}
	o.tally.Covered = o.tally.Covered.Union(t.Covered)
	o.tally.Bridged = o.tally.Bridged.Union(t.Bridged)
	o.tally.Life = o.tally.Life.Union(t.Life)
}
