package aggregate

import (
	"maps"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/metric"
)

// The keys that every observation has. Listed as metrics they only choose their
// place in the rows of groups.
const (
	keyTimestamp = "timestamp"
	keyDuration  = "duration"
)

// weighting says what an average is weighted by.
type weighting uint8

const (
	unweighted weighting = iota
	byDuration           // over time, by the length of the steps
	byMetric             // by the values of a metric
	asRatio              // as the ratio of the sums of two metrics
)

// share says what becomes of a value when its time step is cut.
type share uint8

const (
	never share = iota // it cannot be cut: it has no method over time
	whole              // each piece has the value
	split              // each piece has its part of the value
)

// item is one metric of the plan, with what is to be done with it.
type item struct {
	name   string
	time   metric.Method
	over   metric.Method // over components
	repeat int           // how often it is added; more than once under DuplicateMetricsTwice
	weight weighting
	bySync bool   // byDuration because steps may be cut, and not by request
	num    string // asRatio: the numerator
	den    string // byMetric, asRatio: the weight, or the denominator
	cut    share
	cutDen share
}

// summed reports whether the metric's numbers are added over components.
func (it *item) summed() bool { return it.over == metric.Sum || it.over == metric.Avg }

// folded reports whether the metric's numbers are added over time.
func (it *item) folded() bool { return it.time == metric.Sum || it.time == metric.Avg }

// has reports whether the metric has a value over time: not if it has no method,
// or if it was left out of the group.
func (it *item) has(s *segment) bool {
	return it.time != metric.None && (s.leaf || it.over != metric.None)
}

// hasDen reports whether the metric carries a denominator of its own.
func (it *item) hasDen() bool { return it.weight == byMetric || it.weight == asRatio }

// need is a key that every row must have.
type need struct {
	name string
	item int // of the plan, or one of the two below
}

const (
	needTimestamp = -1
	needDuration  = -2
	needWeight    = -3
)

// plan makes the items and returns what is wrong with the request.
func (a *Aggregator) plan(methods *metric.Registry, cfg Config) diag.List {
	var problems diag.List
	index := make(map[string]int)
	for _, name := range append(slices.Clone(cfg.Metrics), keyTimestamp, keyDuration) {
		if i, listed := index[name]; listed {
			a.again(name, i)
			continue
		}
		switch name {
		case keyTimestamp:
			index[name] = needTimestamp
		case keyDuration:
			index[name] = needDuration
		default:
			index[name] = len(a.items)
			problems.Add(a.plain(methods, name))
		}
		a.needs = append(a.needs, need{name, index[name]})
	}
	a.keys = slices.Clone(a.needs)
	if !a.opts.UnweightedAverages {
		for _, name := range slices.Sorted(maps.Keys(cfg.Weights)) {
			if i, listed := index[name]; listed && i >= 0 {
				problems.Add(a.weigh(methods, &a.items[i], cfg.Weights[name]))
			} else {
				problems = append(problems, weightOfNothing(name))
			}
		}
		a.weighBySteps()
	}
	return problems
}

// again handles a metric that is listed more than once.
func (a *Aggregator) again(name string, i int) {
	switch {
	case i < 0: // timestamp and duration are in every row once
	case a.opts.DuplicateMetricsTwice:
		a.items[i].repeat++
	default:
		a.noticeOnce("duplicate-metric", "", "%s is listed more than once", name)
	}
}

// plain adds the item of a metric.
func (a *Aggregator) plain(methods *metric.Registry, name string) error {
	it := item{name: name, time: metric.Copy, over: metric.Copy, repeat: 1}
	info, known := methods.Lookup(name)
	switch {
	case known:
		it.time, it.over = info.Time, info.Component
	case a.opts.UnknownMetricCopies:
		a.report.Unknown = append(a.report.Unknown, name)
	default:
		a.items = append(a.items, it)
		return UnknownMetric(name, "outputs")
	}
	it.cut = shareOf(it.time)
	a.items = append(a.items, it)
	if info.Builtin {
		a.noticeOnce("built-in-methods", "", "%s: %v over time, %v over components", name, it.time, it.over)
	}
	if it.over == metric.None && a.kind&Vertical != 0 && !a.opts.NoneComponentFails {
		a.noticeOnce("component-none", "", "%s is left out of groups", name)
	}
	return nil
}

func shareOf(time metric.Method) share {
	switch time {
	case metric.Sum:
		return split
	case metric.Avg, metric.Copy:
		return whole
	}
	return never
}

// weigh gives a metric the weight that the request names.
func (a *Aggregator) weigh(methods *metric.Registry, it *item, weight string) error {
	num, den, ratio := strings.Cut(weight, " per ")
	switch {
	case !ratio && it.time == metric.Sum:
		return weightOfSum(it.name, weight)
	case weight == keyDuration:
		it.weight = byDuration
	case ratio:
		it.weight, it.num, it.den = asRatio, strings.TrimSpace(num), strings.TrimSpace(den)
	default:
		it.weight, it.den = byMetric, weight
	}
	if it.time != metric.None {
		it.time = metric.Avg
	}
	if it.over != metric.None && it.hasDen() {
		it.over = metric.Avg
	}
	a.noticeOnce("unweighted-average", "", "%s is weighted by %s", it.name, weight)
	return a.needWeights(methods, it)
}

// needWeights notes the metrics that an item is weighted by.
func (a *Aggregator) needWeights(methods *metric.Registry, it *item) error {
	for _, name := range []string{it.num, it.den} {
		if name == "" {
			continue
		}
		if !slices.ContainsFunc(a.needs, func(n need) bool { return n.name == name }) {
			a.needs = append(a.needs, need{name, needWeight})
		}
		info, known := methods.Lookup(name)
		if !known && a.align == Sync {
			return UnknownMetric(name, "outputs")
		}
		if name == it.den {
			it.cutDen = shareOf(info.Time)
		}
		if it.weight == byMetric || name == it.num {
			it.cut = shareOf(info.Time)
		}
	}
	return nil
}

// weighBySteps makes averages over time count steps by their length when steps
// are cut, which would otherwise change how often a value counts.
func (a *Aggregator) weighBySteps() {
	for i := range a.items {
		if it := &a.items[i]; a.align == Sync && it.time == metric.Avg && it.weight == unweighted {
			it.weight, it.bySync = byDuration, true
		}
	}
}
