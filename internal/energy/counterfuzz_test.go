package energy_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/unit"
)

func ExampleCounter() {
	at := func(seconds int64) time.Time { return time.Unix(seconds, 0) }
	// Two slots of a minute, and a counter that is reset in the second.
	bins := energy.NewBins([]time.Time{at(0), at(60), at(120)})
	c := energy.NewCounter(energy.DefaultRule(), bins, nil)
	for _, s := range []struct{ at, value int64 }{{-15, 100}, {15, 130}, {45, 160}, {75, 190}, {105, 12}} {
		c.Add(at(s.at).UnixMicro(), float64(s.value))
	}
	tally, faults := c.Finish()
	for i, amount := range tally.Amount {
		fmt.Println(unit.Duration(amount), "in", bins.Within(tally.Covered, i))
	}
	fmt.Println(faults.Total(), "samples skipped")
	// Output:
	// 60 s in 60 s
	// 27 s in 45 s
	// 0 samples skipped
}

// TestCounterByHand compares random series over random bins with the rules worked
// out in rational numbers, and holds that further cuts change no sum.
func TestCounterByHand(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(71, 72))
	for range 2000 {
		samples, boots := randomSamples(r)
		edges := randomEdges(r, 2+r.IntN(5))
		got := tallyOf(edges, samples, boots)
		if want := amountsByHand(edges, samples, boots); !slices.Equal(got.Amount, want) {
			t.Fatalf("edges %v, boots %v, samples %v:\ngot  %v\nwant %v", edges, boots, samples, got.Amount, want)
		}
		finer := append(slices.Clone(edges), randomEdges(r, 4)...)
		finer = slices.DeleteFunc(finer, func(e int64) bool { return e < slices.Min(edges) || e > slices.Max(edges) })
		checkFiner(t, edges, got, finer, tallyOf(finer, samples, boots))
	}
}

type timed struct {
	at    int64 // in microseconds
	value float64
}

// randomSamples is a counter with resets, gaps of all lengths and odd fractions.
func randomSamples(r *rand.Rand) ([]timed, []int64) {
	var out []timed
	var boots []int64
	at, value := int64(r.IntN(20e6))-10e6, float64(r.IntN(1000))
	for range 1 + r.IntN(14) {
		out = append(out, timed{at, value})
		step := []int64{1, 15_000_000, 29_999_999, 90_000_000, 110_000_000, 400_000_000}[r.IntN(6)] + r.Int64N(1000)
		if r.IntN(6) == 0 {
			value = 0
		}
		if r.IntN(6) == 0 {
			boots = append(boots, at+r.Int64N(step+1))
		}
		at, value = at+step, value+float64(r.IntN(40_000_000))/1e6
	}
	return out, boots
}

func randomEdges(r *rand.Rand, n int) []int64 {
	var out []int64
	for range n {
		out = append(out, int64(r.IntN(600e6))-50e6)
	}
	return out
}

func tallyOf(edges []int64, samples []timed, boots []int64) *energy.Tally {
	var times, booted []time.Time
	for _, e := range edges {
		times = append(times, time.UnixMicro(e))
	}
	for _, b := range boots {
		booted = append(booted, time.UnixMicro(b))
	}
	c := energy.NewCounter(rule(), energy.NewBins(times), booted)
	for _, s := range samples {
		c.Add(s.at, s.value)
	}
	tally, _ := c.Finish()
	return tally
}

// amountsByHand follows the rules increment by increment.
func amountsByHand(edges []int64, samples []timed, boots []int64) []int64 {
	sorted := slices.Compact(slices.Sorted(slices.Values(edges)))
	amounts := make([]int64, max(0, len(sorted)-1))
	for i, s := range samples {
		v2 := micro(s.value)
		t1, increment := int64(0), v2
		known := i > 0
		if known {
			t1, increment = samples[i-1].at, v2-micro(samples[i-1].value)
			if increment < 0 {
				increment = v2
			}
		}
		for _, b := range slices.Sorted(slices.Values(boots)) {
			if b < s.at && (!known || b > t1) {
				t1, increment, known = b, v2, true
			}
		}
		if !known || s.at-t1 > rule().MaxBridge.Microseconds() {
			continue
		}
		for j := range amounts {
			amounts[j] += upTo(sorted[j+1], t1, s.at, increment) - upTo(sorted[j], t1, s.at, increment)
		}
	}
	return amounts
}

func micro(v float64) int64 {
	d, err := unit.DurationFromSeconds(v)
	if err != nil {
		panic(err)
	}
	return int64(d)
}

// upTo is the part of an increment over (t1, t2] that falls before t, rounded half
// to even.
func upTo(t, t1, t2, increment int64) int64 {
	t = max(t1, min(t, t2))
	r := new(big.Rat).Mul(big.NewRat(increment, 1), big.NewRat(t-t1, t2-t1))
	q, rest := new(big.Int).QuoRem(r.Num(), r.Denom(), new(big.Int))
	if c := rest.Lsh(rest, 1).Cmp(r.Denom()); c > 0 || (c == 0 && q.Bit(0) == 1) {
		q.Add(q, big.NewInt(1))
	}
	return q.Int64()
}

// checkFiner holds that cutting bins moves nothing between them.
func checkFiner(t *testing.T, edges []int64, coarse *energy.Tally, finer []int64, fine *energy.Tally) {
	t.Helper()
	edges = slices.Compact(slices.Sorted(slices.Values(edges)))
	finer = slices.Compact(slices.Sorted(slices.Values(finer)))
	for i := range len(edges) - 1 {
		sum := int64(0)
		for j := range len(finer) - 1 {
			if finer[j] >= edges[i] && finer[j+1] <= edges[i+1] {
				sum += fine.Amount[j]
			}
		}
		if sum != coarse.Amount[i] {
			t.Fatalf("bin %d: %d, cut into parts %d", i, coarse.Amount[i], sum)
		}
	}
	if !slices.Equal(coarse.Covered, fine.Covered) || !slices.Equal(coarse.Life, fine.Life) {
		t.Fatal("cuts change what is covered")
	}
}

// FuzzStretches holds unions and intersections against a plain set of instants.
func FuzzStretches(f *testing.F) {
	f.Add([]byte{1, 3, 5, 9}, []byte{2, 6})
	f.Add([]byte{0, 1, 1, 2}, []byte{})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		x, y := stretchesOf(a), stretchesOf(b)
		union, both := x.Clone().Union(y), x.Intersect(y)
		for at := range int64(256) {
			if contains(union, at) != (contains(x, at) || contains(y, at)) || contains(both, at) != (contains(x, at) && contains(y, at)) {
				t.Fatalf("%v and %v at %d: union %v, intersection %v", x, y, at, union, both)
			}
		}
		for _, s := range []energy.Stretches{union, both} {
			for i := range s {
				if s[i].From >= s[i].To || (i > 0 && s[i-1].To >= s[i].From) {
					t.Fatalf("%v is not in order or touches", s)
				}
			}
		}
	})
}

func stretchesOf(edges []byte) energy.Stretches {
	edges = slices.Compact(slices.Sorted(slices.Values(edges)))
	var out energy.Stretches
	for ; len(edges) >= 2; edges = edges[2:] {
		out = out.Union(energy.Stretches{{From: int64(edges[0]), To: int64(edges[1])}})
	}
	return out
}

func contains(s energy.Stretches, at int64) bool {
	return slices.ContainsFunc(s, func(x energy.Stretch) bool { return x.From <= at && at < x.To })
}
