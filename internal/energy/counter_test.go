package energy_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dendro-carbon/dendro/internal/energy"
)

// sample is a time in seconds after the first edge, and a value.
type sample struct{ at, value float64 }

// seconds returns a stretch between two times after the first edge.
func seconds(from, to float64) energy.Stretch {
	return energy.Stretch{From: int64(from * 1e6), To: int64(to * 1e6)}
}

func edges(at ...int) *energy.Bins {
	var times []time.Time
	for _, s := range at {
		times = append(times, time.Unix(int64(s), 0))
	}
	return energy.NewBins(times)
}

// rule is small enough to be seen in a table: usual up to 30 s, bridged up to
// 100 s, missed up to 300 s.
func rule() energy.Rule {
	return energy.Rule{BridgeAfter: 30 * time.Second, MaxBridge: 100 * time.Second, EndsAfter: 300 * time.Second}
}

func TestCounter(t *testing.T) {
	t.Parallel()
	type stretches = energy.Stretches
	for name, c := range map[string]struct {
		boots   []time.Time
		samples []sample
		want    energy.Tally
		faults  energy.Faults
	}{
		"spread over the edge, half to even": {
			samples: []sample{{-10, 100}, {30, 100.000002}, {50, 101.000002}, {70, 101.000005}},
			want: energy.Tally{
				Amount:  []int64{1_000_004, 1}, // of 2 µs half a µs is before 0 s, of 3 µs one and a half are before 60 s
				Covered: stretches{seconds(-10, 70)}, Bridged: stretches{seconds(-10, 30)}, Life: stretches{seconds(-10, 70)},
			},
		},
		"reset": {
			samples: []sample{{0, 50}, {20, 7}, {40, 8}},
			want:    energy.Tally{Amount: []int64{8_000_000, 0}, Covered: stretches{seconds(0, 40)}, Life: stretches{seconds(0, 40)}},
		},
		"reset at a known boot": {
			boots:   []time.Time{time.Unix(60, 0)},
			samples: []sample{{40, 50}, {80, 10}},
			want:    energy.Tally{Amount: []int64{0, 10_000_000}, Covered: stretches{seconds(60, 80)}, Life: stretches{seconds(40, 80)}},
		},
		"boot that the counter outran": {
			boots:   []time.Time{time.Unix(60, 0)},
			samples: []sample{{40, 5}, {80, 10}},
			want:    energy.Tally{Amount: []int64{0, 10_000_000}, Covered: stretches{seconds(60, 80)}, Life: stretches{seconds(40, 80)}},
		},
		"first sample after boot": {
			boots:   []time.Time{time.Unix(10, 0), time.Unix(-1000, 0)},
			samples: []sample{{40, 9}},
			want:    energy.Tally{Amount: []int64{9_000_000, 0}, Covered: stretches{seconds(10, 40)}, Life: stretches{seconds(10, 40)}},
		},
		"boot too long ago": {
			boots:   []time.Time{time.Unix(-61, 0)},
			samples: []sample{{40, 9}},
			want:    energy.Tally{Amount: []int64{0, 0}},
		},
		"gap bridged": {
			samples: []sample{{10, 0}, {110, 50}},
			want: energy.Tally{
				Amount:  []int64{25_000_000, 25_000_000},
				Covered: stretches{seconds(10, 110)}, Bridged: stretches{seconds(10, 110)}, Life: stretches{seconds(10, 110)},
			},
		},
		"gap missed": {
			samples: []sample{{10, 0}, {111, 50}},
			want:    energy.Tally{Amount: []int64{0, 0}, Life: stretches{seconds(10, 111)}},
		},
		"two lives": {
			samples: []sample{{10, 0}, {20, 1}, {320.000001, 50}, {330, 51}},
			want: energy.Tally{
				Amount:  []int64{1_000_000, 0},
				Covered: stretches{seconds(10, 20), seconds(320.000001, 330)},
				Life:    stretches{seconds(10, 20), seconds(320.000001, 330)},
			},
		},
		"samples that are none": {
			samples: []sample{{0, 1}, {10, math.NaN()}, {11, math.Inf(1)}, {12, -1}, {13, 1e13}, {0, 2}, {20, 3}},
			want:    energy.Tally{Amount: []int64{2_000_000, 0}, Covered: stretches{seconds(0, 20)}, Life: stretches{seconds(0, 20)}},
			faults:  energy.Faults{NotFinite: 2, Negative: 1, TooLarge: 1, Disordered: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			counter := energy.NewCounter(rule(), edges(0, 60, 120), c.boots)
			used := 0
			for _, s := range c.samples {
				if counter.Add(int64(s.at*1e6), s.value) {
					used++
				}
			}
			tally, faults := counter.Finish()
			if d := cmp.Diff(&c.want, tally, cmpopts.EquateEmpty()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if faults != c.faults || used != len(c.samples)-faults.Total() {
				t.Errorf("faults %+v, used %d; want %+v", faults, used, c.faults)
			}
		})
	}
}

func TestGauge(t *testing.T) {
	t.Parallel()
	gauge := energy.NewGauge(rule(), edges(0, 60, 120))
	for range 2 { // Reset forgets everything
		gauge.Reset(edges(0, 60, 120))
		// 100 W rising to 200 W over (50, 70], then 31 s of silence.
		for _, s := range []sample{{30, 100}, {50, 100}, {55, -3}, {70, 200}, {101, 200}, {111, 201}} {
			gauge.Add(int64(s.at*1e6), s.value)
		}
		tally, faults := gauge.Finish()
		want := energy.Tally{
			Amount:  []int64{3_500_000_000, 1_500_000_000 + 2_005_000_000},
			Covered: energy.Stretches{seconds(30, 70), seconds(101, 111)},
			Life:    energy.Stretches{seconds(30, 111)},
		}
		if d := cmp.Diff(want, *tally, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		if faults != (energy.Faults{Negative: 1}) {
			t.Errorf("faults %+v", faults)
		}
	}
}

func TestGaugeThatIsTooLarge(t *testing.T) {
	t.Parallel()
	gauge := energy.NewGauge(energy.DefaultRule(), edges(0, 60))
	for i, want := range []bool{true, false, true, false} { // from the first to the third it is too long
		if used := gauge.Add(int64(i)*300e6, 9e12); used != want {
			t.Errorf("sample %d used: %v", i, used)
		}
	}
	if _, faults := gauge.Finish(); faults.TooLarge != 2 {
		t.Errorf("faults %+v", faults)
	}
}

func BenchmarkCounter(b *testing.B) {
	bins := edges(0, 1800)
	counter := energy.NewCounter(energy.DefaultRule(), bins, nil)
	b.ReportAllocs()
	for b.Loop() {
		counter.Reset(bins, nil)
		for i := range 122 {
			counter.Add(int64(i*15-10)*1e6, 123456.78+14.93*float64(i))
		}
		counter.Finish()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/122, "ns/sample")
}

// TestGaugeOutOfOrder holds that a sample that comes too late is told as that.
func TestGaugeOutOfOrder(t *testing.T) {
	t.Parallel()
	gauge := energy.NewGauge(rule(), edges(0, 60))
	for _, s := range []sample{{0, 100}, {20, 100}, {10, 100}, {20, 0}, {30, 100}} {
		gauge.Add(int64(s.at*1e6), s.value)
	}
	tally, faults := gauge.Finish()
	if want := (energy.Faults{Disordered: 2}); faults != want || tally.Amount[0] != 3_000_000_000 {
		t.Errorf("%d µJ, %+v", tally.Amount, faults)
	}
}
