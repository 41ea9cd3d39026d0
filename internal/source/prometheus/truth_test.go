package prometheus_test

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"time"
)

// This file works facts out of the samples a second time, by the text of the rule
// and not through the product's packages: all samples at once, fractions of big
// integers, intervals as plain lists.

// figures are a fact, in microseconds and microjoules.
type figures struct{ Busy, Idle, Observed, Expected, Bridged, Measured, Metered int64 }

// interval is half-open, in microseconds.
type interval struct{ from, to int64 }

const (
	usual     = 5 * 60_000_000
	maxBridge = 6 * 3600_000_000
	endsAfter = 24 * 3600_000_000
)

// step is an increment over (from, to], in millionths.
type step struct {
	interval
	amount *big.Int
}

// steps returns the increments of a counter, and its lives.
func steps(samples []sample, boots []int64, scale *big.Rat) (out []step, lives []interval) {
	var last *big.Int
	var at, born int64
	for _, s := range samples {
		if math.IsNaN(s.value) || math.IsInf(s.value, 0) || s.value < 0 || s.value > 9.2e12 {
			continue
		}
		now, value := s.at*1000, millionths(s.value, scale)
		from, amount := at, new(big.Int)
		boot := int64(math.MinInt64)
		for _, b := range boots {
			if b < now {
				boot = max(boot, b)
			}
		}
		switch {
		case (last == nil && boot > math.MinInt64) || (last != nil && boot > at):
			from, amount = boot, value
		case last == nil:
			from = now
		case value.Cmp(last) < 0:
			amount = value
		default:
			amount.Sub(value, last)
		}
		known := from < now && now-from <= maxBridge
		if last == nil || now-at > endsAfter {
			if last != nil {
				lives = append(lives, interval{born, at})
			}
			born = now
			if known {
				born = from
			}
		}
		if known {
			out = append(out, step{interval{from, now}, amount})
		}
		last, at = value, now
	}
	if last != nil {
		lives = append(lives, interval{born, at})
	}
	return out, lives
}

// millionths rounds a value half to even. The scale is what one unit is in joules
// or seconds.
func millionths(v float64, scale *big.Rat) *big.Int {
	r := new(big.Rat).SetFloat64(v)
	if scale.Cmp(big.NewRat(1, 1)) != 0 { // the product divides in float64 first
		q, _ := new(big.Rat).Mul(r, scale).Float64()
		r.SetFloat64(q)
	}
	return halfEven(r.Mul(r, big.NewRat(1_000_000, 1)))
}

func halfEven(r *big.Rat) *big.Int {
	q, m := new(big.Int).DivMod(r.Num(), r.Denom(), new(big.Int))
	if c := m.Lsh(m, 1).Cmp(r.Denom()); c > 0 || (c == 0 && q.Bit(0) == 1) {
		q.Add(q, big.NewInt(1))
	}
	return q
}

// until is the part of a step before t: all before t, rounded.
func (s step) until(t int64) *big.Int {
	t = min(max(t, s.from), s.to)
	return halfEven(new(big.Rat).SetFrac(new(big.Int).Mul(s.amount, big.NewInt(t-s.from)), big.NewInt(s.to-s.from)))
}

// in is the part of a step in an interval.
func (s step) in(i interval) int64 {
	if s.to <= i.from || s.from >= i.to {
		return 0
	}
	return new(big.Int).Sub(s.until(i.to), s.until(i.from)).Int64()
}

// length is how much of an interval some others cover together.
func length(all []interval, in interval) int64 {
	all = slices.SortedFunc(slices.Values(all), func(a, b interval) int { return int(a.from - b.from) })
	total, upTo := int64(0), in.from
	for _, x := range all {
		from, to := max(x.from, upTo), min(x.to, in.to)
		if to > from {
			total += to - from
			upTo = to
		}
	}
	return total
}

// subject is a host with its labels in one text.
type subject struct{ key, labels string }

// bootsOf returns the boot times of an instance; those within 10 s are one.
func (f *fixture) bootsOf(instance string) []int64 {
	var out []int64
	for _, s := range f.series {
		if s.name != "node_boot_time_seconds" || s.get("instance") != instance {
			continue
		}
		for _, x := range s.samples {
			at := int64(x.value * 1e6)
			if !slices.ContainsFunc(out, func(b int64) bool { return max(b-at, at-b) <= 10_000_000 }) {
				out = append(out, at)
			}
		}
	}
	return out
}

// counted is a series of processor time after its increments were taken.
type counted struct {
	*sampled
	steps []step
	lives []interval
}

// count takes the increments of all processor time.
func (f *fixture) count() (out []counted) {
	for _, s := range f.series {
		if s.name == "node_cpu_seconds_total" {
			increments, lives := steps(s.samples, f.bootsOf(s.get("instance")), big.NewRat(1, 1))
			out = append(out, counted{s, increments, lives})
		}
	}
	return out
}

// facts returns the facts of one slot.
func (f *fixture) facts(series []counted, slot interval) map[subject]figures {
	type sums struct {
		figures
		covered, bridged, life []interval
	}
	all := map[subject]*sums{}
	for _, s := range series {
		who := subject{key(s.get("instance")), fmt.Sprintf("%q %q %q", s.get("cloud_project_name"), s.get("instance"), s.get("machine_name"))}
		if all[who] == nil {
			all[who] = &sums{}
		}
		sum := all[who]
		for _, one := range s.steps {
			if mode := s.get("mode"); mode == "idle" || mode == "iowait" {
				sum.Idle += one.in(slot)
			} else {
				sum.Busy += one.in(slot)
			}
			sum.covered = append(sum.covered, one.interval)
			if one.to-one.from > usual {
				sum.bridged = append(sum.bridged, one.interval)
			}
		}
		sum.life = append(sum.life, s.lives...)
	}
	out := map[subject]figures{}
	for who, sum := range all {
		sum.Observed, sum.Expected = length(sum.covered, slot), length(sum.life, slot)
		sum.Bridged = length(sum.bridged, slot)
		if sum.Observed > 0 {
			sum.Measured, sum.Metered = f.measured(who.key, slot)
		}
		if sum.Expected > 0 {
			out[who] = sum.figures
		}
	}
	return out
}

// measured returns what the meter of a host counted in a slot. Which one that is
// the test knows; the product has to find out.
func (f *fixture) measured(key string, slot interval) (joules, metered int64) {
	meter := map[string]string{"rapl": "node_rapl", "bmc": "ipmi", "both": "scaph"}[key]
	if key == "both" && slot.to > noon().Add(55*time.Minute).UnixMicro() && slot.from < noon().Add(110*time.Minute).UnixMicro() {
		meter = "ipmi" // comes first in the list
	}
	if meter == "" {
		return 0, 0
	}
	type part struct {
		amount  int64
		covered []interval
	}
	var parts []part
	for _, s := range f.series {
		if len(s.name) < len(meter) || s.name[:len(meter)] != meter || s.get("instance")[:len(key)+1] != key+":" {
			continue
		}
		var one part
		increments, lives := meterSteps(meter, s.samples)
		for _, x := range increments {
			one.amount += x.in(slot)
			one.covered = append(one.covered, x.interval)
		}
		if length(lives, slot) > 0 {
			parts = append(parts, one)
		}
	}
	if len(parts) == 0 {
		return 0, 0
	}
	metered = slot.to - slot.from
	for _, p := range parts { // whoever covers less here covers a part of what the others do
		metered = min(metered, length(p.covered, slot))
	}
	for _, p := range parts {
		joules += halfEven(big.NewRat(1, 1).SetFrac(new(big.Int).Mul(big.NewInt(p.amount), big.NewInt(metered)), big.NewInt(length(p.covered, slot)))).Int64()
	}
	return joules, metered
}

func meterSteps(meter string, samples []sample) ([]step, []interval) {
	switch meter {
	case "scaph":
		return steps(samples, nil, big.NewRat(1, 1_000_000))
	case "node_rapl":
		return steps(samples, nil, big.NewRat(1, 1))
	}
	// Power: the mean of two samples, unless they are far apart.
	var out []step
	for i := 1; i < len(samples); i++ {
		a, b := samples[i-1], samples[i]
		if (b.at-a.at)*1000 > usual {
			continue
		}
		mean := new(big.Rat).Add(new(big.Rat).SetFloat64(a.value), new(big.Rat).SetFloat64(b.value))
		mean.Mul(mean, big.NewRat((b.at-a.at)*1000, 2)) // W × µs are µJ
		out = append(out, step{interval{a.at * 1000, b.at * 1000}, halfEven(mean)})
	}
	return out, []interval{{samples[0].at * 1000, samples[len(samples)-1].at * 1000}}
}
