package main

import (
	"math"
	"math/big"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/testenv/ukgridtest"
)

// This file works the ledger out a second time, by the text of METHODOLOGY.md and
// not through the product's packages: all samples at once, big fractions, plain
// lists.

// figures are what one account has in one span, in the ledger's integers:
// microwatt-hours, micrograms, microseconds.
type figures struct {
	energy, carbonEnergy, carbon, estimated, busy, idle, observed, expected int64
	busyEnergy, busyCarbon                                                  int64
}

func (f *figures) add(g figures) {
	f.energy += g.energy
	f.carbonEnergy += g.carbonEnergy
	f.carbon += g.carbon
	f.estimated += g.estimated
	f.busy += g.busy
	f.idle += g.idle
	f.observed += g.observed
	f.expected += g.expected
	f.busyEnergy += g.busyEnergy
	f.busyCarbon += g.busyCarbon
}

const (
	bridgeAfter = 5 * 60_000_000
	maxBridge   = 6 * 3600_000_000
	endsAfter   = 24 * 3600_000_000
)

// halfEven rounds a fraction.
func halfEven(r *big.Rat) int64 {
	q, m := new(big.Int).DivMod(r.Num(), r.Denom(), new(big.Int))
	if c := m.Lsh(m, 1).Cmp(r.Denom()); c > 0 || (c == 0 && q.Bit(0) == 1) {
		q.Add(q, big.NewInt(1))
	}
	return q.Int64()
}

// share returns a × b ÷ c, rounded.
func share(a, b, c int64) int64 {
	return halfEven(new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(a), big.NewInt(b)), big.NewInt(c)))
}

// step is an increment over (from, to], in microseconds of processor time.
type step struct {
	stretch
	amount int64
}

// upTo is the part of the increment before t.
func (s step) upTo(t int64) int64 {
	return share(s.amount, min(max(t, s.from), s.to)-s.from, s.to-s.from)
}

// increments are those of a counter, with its lives.
func increments(samples []sample, boots []float64) (steps []step, lives []stretch) {
	seen, last, at, born := false, int64(0), int64(0), int64(0)
	for _, s := range samples {
		if math.IsNaN(s.value) || math.IsInf(s.value, 0) || s.value < 0 || s.value > 9.2e12 {
			continue
		}
		now := s.at * 1000
		value := halfEven(new(big.Rat).Mul(new(big.Rat).SetFloat64(s.value), big.NewRat(1_000_000, 1)))
		boot := int64(math.MinInt64)
		for _, b := range boots {
			if t := int64(b * 1e6); t < now {
				boot = max(boot, t)
			}
		}
		from, amount := at, value-last
		switch {
		case boot > math.MinInt64 && (!seen || boot > at):
			from, amount = boot, value
		case !seen:
			from = now
		case amount < 0:
			amount = value
		}
		known := from < now && now-from <= maxBridge
		if !seen || now-at > endsAfter {
			if seen {
				lives = append(lives, stretch{born, at})
			}
			if born = now; known {
				born = from
			}
		}
		if known {
			steps = append(steps, step{stretch{from, now}, amount})
		}
		seen, last, at = true, value, now
	}
	if seen {
		lives = append(lives, stretch{born, at})
	}
	return steps, lives
}

// union joins stretches that overlap or touch.
func union(all []stretch) (out []stretch) {
	slices.SortFunc(all, func(a, b stretch) int { return int(a.from - b.from) })
	for _, s := range all {
		if n := len(out); n > 0 && s.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, s.to)
		} else if s.from < s.to {
			out = append(out, s)
		}
	}
	return out
}

// slots calls f for each slot that a stretch reaches into.
func (w *world) slots(s stretch, f func(slot stretch)) {
	length := w.slot.Microseconds()
	for _, span := range w.spans {
		for from := max(s.from, span.from) / length * length; from < min(s.to, span.to); from += length {
			f(stretch{from, from + length})
		}
	}
}

// entries returns the figures of a machine by the start of their slot. Told is
// whether the grid has told its actuals of the last span.
func (w *world) entries(m *machine, told bool) map[int64]figures {
	key := worked{m, told}
	if w.worked[key] == nil {
		w.worked[key] = w.work(m, told)
	}
	return w.worked[key]
}

// worked is what figures were worked out of.
type worked struct {
	*machine
	told bool
}

func (w *world) work(m *machine, told bool) map[int64]figures {
	sums, bridged := map[int64]*figures{}, map[int64]int64{}
	of := func(slot stretch) *figures {
		if sums[slot.from] == nil {
			sums[slot.from] = &figures{}
		}
		return sums[slot.from]
	}
	var covered, bridges, life []stretch
	for _, c := range m.counters {
		if slices.Contains(w.ignored, c.mode) {
			continue
		}
		steps, lives := increments(c.samples, m.boots)
		life = append(life, lives...)
		for _, s := range steps {
			covered = append(covered, s.stretch)
			if s.to-s.from > bridgeAfter {
				bridges = append(bridges, s.stretch)
			}
			w.slots(s.stretch, func(slot stretch) {
				part := s.upTo(slot.to) - s.upTo(slot.from)
				if slices.Contains(w.idle, c.mode) {
					of(slot).idle += part
				} else {
					of(slot).busy += part
				}
			})
		}
	}
	for _, s := range union(covered) {
		w.slots(s, func(slot stretch) { of(slot).observed += s.overlap(slot) })
	}
	for _, s := range union(bridges) {
		w.slots(s, func(slot stretch) { bridged[slot.from] += s.overlap(slot) })
	}
	for _, s := range union(life) {
		w.slots(s, func(slot stretch) { of(slot).expected += s.overlap(slot) })
	}
	out := map[int64]figures{}
	for at, f := range sums {
		if f.expected > 0 {
			w.derive(m, f, at, bridged[at], told)
			out[at] = *f
		}
	}
	return out
}

// watts returns the model of a machine: power of a busy and of an idle processor
// and the building's overhead.
func watts(m *machine) (busy, idle, pue *big.Rat) {
	if m.labels["machine_name"] == "SANS" {
		return big.NewRat(205, 10), big.NewRat(33, 10), big.NewRat(15, 10)
	}
	return big.NewRat(12, 1), big.NewRat(1, 1), big.NewRat(125, 100)
}

// derive works out the figures of a slot: energy, carbon and what of it is estimated.
func (w *world) derive(m *machine, f *figures, at, bridged int64, told bool) {
	busy, idle, pue := watts(m)
	sum := new(big.Rat).Add(busy.Mul(busy, big.NewRat(f.busy, 1)), idle.Mul(idle, big.NewRat(f.idle, 1)))
	ofBusy := new(big.Rat)
	if sum.Sign() > 0 {
		ofBusy.Quo(busy, sum)
	}
	f.energy = halfEven(sum.Mul(sum, pue).Quo(sum, big.NewRat(3600, 1))) // W × µs ÷ 3600 are µWh
	f.busyEnergy = larger(ofBusy.Mul(ofBusy, big.NewRat(f.energy, 1)))
	if bridged > 0 {
		f.estimated = share(f.energy, bridged, f.observed)
	}
	begin := time.UnixMicro(at).UTC().Truncate(ukgridtest.HalfHour)
	var grams, n int64
	estimated := false
	for half := begin; half.UnixMicro() < at+w.slot.Microseconds(); half = half.Add(ukgridtest.HalfHour) {
		g, forecast, known := w.intensity(half, told)
		if !known {
			return
		}
		grams, n, estimated = grams+g, n+1, estimated || forecast
	}
	f.carbonEnergy = f.energy
	f.carbon = share(f.energy, grams, 1000*n) // µWh × g/kWh ÷ 1000 are µg
	if f.energy > 0 {
		f.busyCarbon = larger(new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(f.carbon), big.NewInt(f.busyEnergy)), big.NewInt(f.energy)))
	}
	if estimated {
		f.estimated = f.energy
	}
}

// larger rounds the first of two parts of a whole number, of which the one with the
// larger fraction gets what is left: half goes to the first.
func larger(r *big.Rat) int64 {
	r.Add(r, big.NewRat(1, 2))
	return new(big.Int).Div(r.Num(), r.Denom()).Int64()
}

// intensity returns what the grid says of a half-hour.
func (w *world) intensity(from time.Time, told bool) (g int64, forecast, known bool) {
	gone, lost := w.quirks.Lost[from]
	if told && from.UnixMicro() >= w.spans[len(w.spans)-1].from {
		gone, lost = false, false
	}
	switch {
	case gone:
		return 0, false, false
	case w.regional:
		return int64(ukgridtest.Forecast(12, from)), true, true
	case lost:
		return int64(ukgridtest.Forecast(0, from)), true, true
	}
	return int64(ukgridtest.Actual(from)), false, true
}
