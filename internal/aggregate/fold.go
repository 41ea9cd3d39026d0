package aggregate

import (
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/value"
)

// overTime makes one value of the steps of a leaf or a group, for each metric
// that has a method over time.
func (a *Aggregator) overTime(s *segment) (*value.Map, []finding) {
	out := value.NewMap(len(a.items))
	if s.n == 0 {
		return out, nil
	}
	f := folding{a: a, s: s, vals: make([]value.Value, len(a.items))}
	for i := range a.items {
		if a.items[i].has(s) {
			f.item(i, &a.items[i])
		}
	}
	f.flush()
	for i := range a.items {
		if a.items[i].has(s) { // a copied value may be undefined and is there all the same
			out.Set(a.items[i].name, f.vals[i])
		}
	}
	return out, f.found
}

// folding is one call of overTime. Plain sums wait until four columns can be
// added side by side.
type folding struct {
	a       *Aggregator
	s       *segment
	vals    []value.Value
	queue   [4][]float64
	items   [4]int
	waiting int
	length  *series // the lengths of the steps, once they were asked for
	odd     bool    // they are not numbers
	found   []finding
}

func (f *folding) item(i int, it *item) {
	t := &f.s.terms[i]
	switch {
	case it.time == metric.Copy:
		f.vals[i] = f.last(it, t)
	case it.weight == byDuration:
		f.byLength(i, it, t)
	case it.hasDen():
		f.weighted(i, it, t)
	case it.time == metric.Avg && it.over == metric.Avg && uneven(f.s.leaves) && !f.a.opts.UnweightedAverages:
		f.quotient(i, t.num, f.s.leaves)
	default:
		f.plain(i, it, t.shown)
	}
}

// uneven reports whether a series is not the same in all steps.
func uneven(s series) bool {
	_, ok := s.vec.Constant()
	return !ok
}

// last is the method copy.
func (f *folding) last(it *item, t *term) value.Value {
	if t.col != nil {
		f.a.warnVaries(f.s.path, it.name, t.col)
		return t.col.At(f.s.n - 1)
	}
	return t.shown.at(f.s.n - 1)
}

// plain is sum, and avg without weights.
func (f *folding) plain(i int, it *item, s series) {
	_, isConstant := s.vec.Constant()
	if it.time == metric.Avg && f.a.variesInLength(f.s) {
		f.a.warnLengths(f.s.path, it.name)
	}
	switch {
	case it.repeat > 1:
		f.vals[i] = value.OfNumber(repeated(s.vec, it))
	case s.missing != nil:
		f.gap(i, s.gaps(), f.values(it))
	case isConstant:
		f.set(i, sumOf(s))
	default:
		f.queue[f.waiting], f.items[f.waiting] = s.vec.Floats(), i
		if f.waiting++; f.waiting == len(f.queue) {
			f.flush()
		}
	}
}

// flush adds the columns that wait. Empty places repeat the last column: its
// numbers are at hand, and the chains run at the same time.
func (f *folding) flush() {
	switch f.waiting {
	case 0:
		return
	case 1:
		f.set(f.items[0], sumOne(f.queue[0]))
	default:
		for i := f.waiting; i < len(f.queue); i++ {
			f.queue[i] = f.queue[f.waiting-1]
		}
		for i, sum := range sumFour(&f.queue) {
			if i < f.waiting {
				f.set(f.items[i], sum)
			}
		}
	}
	f.waiting = 0
}

// set stores a metric's value, given its sum.
func (f *folding) set(i int, sum float64) {
	if f.a.items[i].time == metric.Avg {
		sum /= float64(f.s.n)
	}
	f.vals[i] = value.OfNumber(sum)
}

// quotient is a weighted average: sum over sum.
func (f *folding) quotient(i int, num, den series) {
	if n := max(num.gaps(), den.gaps()); n > 0 {
		f.gap(i, n, f.values(&f.a.items[i]))
		return
	}
	weight := sumOf(den)
	if weight == 0 {
		f.null(i, f.s.n, f.s.n) // nothing weighs: there is no average
		return
	}
	f.vals[i] = value.OfNumber(sumOf(num) / weight)
}

// byLength is an average weighted by the lengths of the steps.
func (f *folding) byLength(i int, it *item, t *term) {
	length, ok := f.lengths(i)
	num, den := t.shown, constant(1, f.s.n)
	if it.over == metric.Avg && uneven(f.s.leaves) {
		num, den = t.num, f.s.leaves
	}
	switch {
	case !ok:
	case !f.a.variesInLength(f.s): // the plain average, without rounding products
		f.quotient(i, num, den)
	default:
		if it.bySync {
			f.a.noticeOnce("unweighted-average", f.s.path, "%s is weighted by the length of the steps, because of align: sync", it.name)
		}
		f.quotient(i, times(length, num), times(length, den))
	}
}

// weighted is an average weighted by a metric, or a ratio. What is not divided
// when steps are cut would count the pieces, so then it counts by their length.
func (f *folding) weighted(i int, it *item, t *term) {
	num, den := t.num, t.den
	if f.a.align == Sync && f.a.variesInLength(f.s) {
		length, ok := f.lengths(i)
		if !ok {
			return
		}
		if it.cut == whole {
			num = times(length, num)
		}
		if it.cutDen == whole {
			den = times(length, den)
		}
	}
	f.quotient(i, num, den)
}

// lengths returns the lengths of the steps. They are read once; ok is false if
// they are not numbers, which the metric that asks first reports.
func (f *folding) lengths(i int) (s series, ok bool) {
	if f.length == nil {
		length, problem := f.a.seconds(f.s)
		f.length, f.odd = &length, problem != nil
		if f.odd {
			f.found = append(f.found, finding{row: problem.Row - 1, item: i, problem: problem})
		}
	}
	return *f.length, !f.odd
}

// gap is the aggregate of a metric with missing values.
func (f *folding) gap(i, lacks, of int) {
	f.a.noticeOnce("text-number", f.s.path, "%s: where values are missing the aggregate is null, and there NaN", f.a.items[i].name)
	f.null(i, lacks, of)
}

// null stores a null and reports how much it lacks.
func (f *folding) null(i, lacks, of int) {
	f.vals[i] = value.OfNull()
	f.a.report.Missing = append(f.a.report.Missing, Gap{f.s.path, f.a.items[i].name, lacks, of})
}

// values returns how many values a metric's aggregate is of.
func (f *folding) values(it *item) int {
	if it.summed() && !f.a.opts.UnweightedAverages {
		return int(sumOf(f.s.leaves))
	}
	return f.s.n
}

func sumOf(s series) float64 {
	if f, ok := s.vec.Constant(); ok {
		return sumConstant(f, s.len())
	}
	return sumOne(s.vec.Floats())
}

// repeated is Impact Framework's sum or average of a metric that is listed more
// than once: in each step it adds the value as often, and in the last step it
// divides after each time.
func repeated(v frame.Vec, it *item) float64 {
	acc := 0.0
	for step := range v.Len() {
		for range it.repeat {
			acc += v.At(step)
			if it.time == metric.Avg && step == v.Len()-1 {
				acc /= float64(v.Len())
			}
		}
	}
	return acc
}

// variesInLength reports whether the steps differ in length, so that a plain
// average counts short ones as much as long ones.
func (a *Aggregator) variesInLength(s *segment) bool {
	return s.dur != nil && varies(s.dur)
}

// varies reports whether a column has two different numbers.
func varies(c *frame.Column) bool {
	vec, ok := c.Vec()
	if _, same := vec.Constant(); !ok || same {
		return false
	}
	for _, f := range vec.Floats() {
		if f != vec.At(0) {
			return true
		}
	}
	return false
}

func (a *Aggregator) warnLengths(path, name string) {
	p := diag.New("", "the average counts steps of different lengths alike").WithMetric(name).
		WithHint("to weigh by time: aggregation: {weights: {%s: duration}}", yamlKey(name))
	p.Component = path
	a.warnings.add("length", p)
}

func (a *Aggregator) warnVaries(path, name string, c *frame.Column) {
	if varies(c) {
		a.warnCopy(path, name, "over time")
	}
}

func (a *Aggregator) warnCopy(path, name, along string) {
	p := diag.New("", "the last value is copied, but the values differ %s", along).WithMetric(name)
	if a.opts.UnknownMetricCopies { // the method is a guess, and weights are unknown there
		p = p.WithHint("to sum or average it, give it an aggregation-method in the parameter-metadata of a plugin")
	} else {
		p = p.WithHint("for an average: aggregation: {weights: {%s: WEIGHT}}, where WEIGHT is a metric such as energy", yamlKey(name))
	}
	p.Component = path
	a.warnings.add("copy "+along, p)
}
