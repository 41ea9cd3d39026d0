package prometheus

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/prom"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/unit"
)

// fastShard is how many hosts an expression is evaluated for at once.
const fastShard = 500

// fastRow is what the server worked out for one target: for each slot, time in
// seconds and a number of processors; NaN where it has nothing.
type fastRow struct {
	*target
	busy, idle, cpus []float64
}

// fast lets the server take increments and sum them. Where a host's slot is cut,
// its raw samples say how the sum is divided.
func (j *job) fast(ctx context.Context, hosts []string) error {
	rows := map[account.Subject]*fastRow{}
	for some := range slices.Chunk(hosts, fastShard) {
		if err := j.evaluate(ctx, some, rows); err != nil {
			return err
		}
	}
	var cut []string
	for _, row := range rows {
		if len(j.request.Cuts[row.key]) > 0 {
			cut = append(cut, row.raw)
		}
	}
	shapes, err := j.shapes(ctx, slices.Compact(slices.Sorted(slices.Values(cut))))
	if err != nil {
		return err
	}
	for _, subject := range slices.SortedFunc(maps.Keys(rows), account.Subject.Compare) {
		if err := j.addRow(subject, rows[subject], shapes[subject]); err != nil {
			return err
		}
	}
	return nil
}

// evaluate asks for the rows of some hosts.
func (j *job) evaluate(ctx context.Context, hosts []string, rows map[account.Subject]*fastRow) error {
	c := j.config
	all := c.selector().And(prom.AnyOf(c.HostLabel, hosts))
	without := strings.Join(append([]string{c.CPULabel, c.ModeLabel}, c.IgnoredLabels...), ",")
	by := func(operator string, sel prom.Selector) string {
		return fmt.Sprintf("%s without(%s)(increase(%s[%dms]))", operator, without, sel, j.request.Grid.Step().Milliseconds())
	}
	busy := func(r *fastRow) []float64 { return r.busy }
	if len(c.Modes.Idle) == 0 {
		return j.column(ctx, by("sum", all), rows, busy)
	}
	if err := j.column(ctx, by("sum", all.And(prom.NoneOf(c.ModeLabel, c.Modes.Idle))), rows, busy); err != nil {
		return err
	}
	idle := func(r *fastRow) []float64 { return r.idle }
	if err := j.column(ctx, by("sum", all.And(prom.AnyOf(c.ModeLabel, c.Modes.Idle))), rows, idle); err != nil {
		return err
	}
	// To count processors one mode is enough, and an eighth of the work.
	cpus := func(r *fastRow) []float64 { return r.cpus }
	return j.column(ctx, by("count", all.And(prom.AnyOf(c.ModeLabel, c.Modes.Idle[:1]))), rows, cpus)
}

// column evaluates an expression at the end of each slot.
func (j *job) column(ctx context.Context, expression string, rows map[account.Subject]*fastRow, column func(*fastRow) []float64) error {
	step := j.request.Grid.Step()
	w := prom.WindowOf(j.request.Span.From.Add(step), j.request.Span.To)
	return j.client.Retry(ctx, func(ctx context.Context) error {
		infos, err := j.client.Evaluate(ctx, expression, w, step, func(in *prom.Series) error {
			row, err := j.row(in, rows)
			if err != nil {
				return err
			}
			for _, x := range in.Samples {
				column(row)[(x.At-w.From)/step.Milliseconds()] = x.Value
			}
			return nil
		})
		for _, text := range infos {
			j.builder.Warn(source.Warning{Code: "server-remark", Subject: text, Text: "the server remarks: " + text, Count: 1})
		}
		return err
	})
}

// row returns the row of a series, a new one when there is none.
func (j *job) row(in *prom.Series, rows map[account.Subject]*fastRow) (*fastRow, error) {
	t, err := j.newTarget(in, j.config.HostLabel, nil)
	if err != nil {
		return nil, err
	}
	r, ok := rows[t.subject()]
	if !ok {
		nothing := slices.Repeat([]float64{math.NaN()}, int(j.request.Span.Duration()/j.request.Grid.Step()))
		r = &fastRow{target: t, busy: slices.Clone(nothing), idle: slices.Clone(nothing), cpus: nothing}
		rows[t.subject()] = r
	}
	return r, nil
}

// addRow adds what the server said of one subject. The host counts as observed
// for as long as its processors counted time between them.
func (j *job) addRow(subject account.Subject, r *fastRow, shape *shape) error {
	s := j.slots(j.builder.Bins(r.key))
	busy := energy.Tally{Amount: make([]int64, s.Len())}
	idle := energy.Tally{Amount: make([]int64, s.Len())}
	for k := range len(s.first) - 1 {
		b, i := micros(r.busy[k]), micros(r.idle[k])
		if math.IsNaN(r.busy[k]) && math.IsNaN(r.idle[k]) {
			continue
		}
		seen := s.stretch(k)
		if cpus := r.cpus[k]; cpus > 0 {
			observed := int64(float64(b+i) / cpus)
			seen[0].To = min(seen[0].To, seen[0].From+observed)
		}
		busy.Covered = busy.Covered.Union(seen)
		s.divide(busy.Amount, b, k, shape.of(source.Busy))
		s.divide(idle.Amount, i, k, shape.of(source.Idle))
	}
	busy.Life, idle.Covered, idle.Life = busy.Covered, busy.Covered, busy.Covered
	j.owners[r.key] = append(j.owners[r.key], owner{subject, busy.Covered.Clone()})
	if err := j.builder.Processor(subject, source.Busy, &busy); err != nil {
		return err
	}
	return j.builder.Processor(subject, source.Idle, &idle)
}

// micros returns seconds in microseconds, 0 for what is no amount of time.
func micros(seconds float64) int64 {
	d, err := unit.DurationFromSeconds(max(0, seconds))
	if err != nil {
		return 0
	}
	return int64(d)
}

// divide gives the bins of slot k their parts of an amount, as the shape has
// them, or by their length where it has nothing.
func (s slotBins) divide(into []int64, amount int64, k int, shape []int64) {
	weights := make([]int64, 0, 1)
	total := int64(0)
	for i := s.first[k]; i < s.first[k+1]; i++ {
		w := int64(0)
		if len(shape) > 0 {
			w = shape[i]
		}
		weights, total = append(weights, w), total+w
	}
	if total == 0 {
		for n := range weights {
			from, to := s.Bin(s.first[k] + n)
			weights[n] = to.Sub(from).Microseconds()
			total += weights[n]
		}
	}
	sofar, given := int64(0), int64(0)
	for n, w := range weights {
		sofar += w
		upTo := share(amount, sofar, total)
		into[s.first[k]+n] += upTo - given
		given = upTo
	}
}

// shape is how the time of one subject is spread over its bins, by class.
type shape [2][]int64

func (s *shape) of(c source.Class) []int64 {
	if s == nil {
		return nil
	}
	return s[c]
}

// shapes reads the raw samples of some hosts.
func (j *job) shapes(ctx context.Context, hosts []string) (map[account.Subject]*shape, error) {
	all := map[account.Subject]*shape{}
	if len(hosts) == 0 {
		return all, nil
	}
	p := j.processorPass()
	p.sink = func() (sink, error) {
		b, err := source.NewBuilder(j.request, account.Origin{})
		return &shapes{builder: b, modes: j.config.Modes, all: map[account.Subject]*shape{}}, err
	}
	p.join = func(s sink) error {
		maps.Copy(all, s.(*shapes).all)
		return nil
	}
	return all, p.run(ctx, hosts)
}

// shapes takes tallies for their distribution alone.
type shapes struct {
	builder *source.Builder
	modes   source.Modes
	all     map[account.Subject]*shape
}

func (s *shapes) bins(key string) *energy.Bins { return s.builder.Bins(key) }

func (s *shapes) faults(string, energy.Faults) {}

func (s *shapes) take(one series, t *energy.Tally) error {
	class, ok := s.modes.Of(one.mode)
	if !ok {
		return nil
	}
	sum := s.all[one.subject()]
	if sum == nil {
		sum = &shape{make([]int64, len(t.Amount)), make([]int64, len(t.Amount))}
		s.all[one.subject()] = sum
	}
	for i, amount := range t.Amount {
		sum[class][i] += amount
	}
	return nil
}
