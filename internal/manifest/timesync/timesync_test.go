package timesync_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/timesync"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/value"
)

const midnight = int64(1702339200000) // 2023-12-12T00:00:00.000Z

// input returns observations of energy (sum) and cpu (avg).
func input(begins []int64, durations, energy, cpu []float64) timesync.Input {
	return timesync.Input{
		Rows: frame.New(len(begins), frame.NewTimes("timestamp", begins, value.ISOMillis), frame.NewNumbers("duration", durations),
			frame.NewNumbers("energy", energy), frame.NewNumbers("cpu", cpu)),
		Begins: begins, Durations: durations,
		Columns: []timesync.Column{{Role: timesync.Timestamp}, {Role: timesync.Duration}, {Method: metric.Sum}, {Method: metric.Avg}},
	}
}

func twoObservations() timesync.Input {
	return input([]int64{midnight, midnight + 10_000}, []float64{10, 10}, []float64{10, 20}, []float64{20, 40})
}

func print(f *frame.Frame) {
	for row := range f.Len() {
		fmt.Println(f.At(row, "timestamp"), f.At(row, "duration"), f.At(row, "energy"), f.At(row, "cpu"))
	}
}

func ExampleExact() {
	g := timesync.Grid{Start: midnight, End: midnight + 25_000, Interval: 10, Padding: true}
	f, report, err := timesync.Exact(g, twoObservations())
	if err != nil {
		fmt.Println(err)
		return
	}
	print(f)
	fmt.Println(report.Missing)
	// Output:
	// 2023-12-12T00:00:00.000Z 10 10 20
	// 2023-12-12T00:00:10.000Z 10 20 40
	// 2023-12-12T00:00:20.000Z 5 0 0
	// no observation covers 5 s after the last: sums count nothing there and averages 0; 1 of 3 steps have no observation at all
}

func ExampleSamples() {
	g := timesync.Grid{Start: midnight, End: midnight + 20_000, Interval: 10, Resolution: 1}
	f, err := timesync.Samples(context.Background(), g, twoObservations())
	if err != nil {
		fmt.Println(err)
		return
	}
	print(f)
	// Output:
	// 2023-12-12T00:00:00.000Z 10 10 18
	// 2023-12-12T00:00:10.000Z 10 20 36
}

func ExampleGrid_CheckInterval() {
	fmt.Println(timesync.Grid{Interval: 10, Resolution: 5}.CheckInterval() == nil, timesync.Grid{Interval: 7, Resolution: 5}.CheckInterval() == nil)
	// Output: true false
}

func ExampleParseInstant() {
	for _, v := range []value.Value{
		value.OfText("2023-12-12T00:00Z"), value.OfText("2023-12-12T01:00:00.0005+01:00"), value.OfTime(midnight),
		value.OfText("2023-12-12T00:00:00"),
	} {
		ms, ok := timesync.ParseInstant(v)
		fmt.Println(ms, ok)
	}
	// Output:
	// 1702339200000 true
	// 1702339200000 true
	// 1702339200000 true
	// 0 false
}

func ExampleParseUTC() {
	ms, ok := timesync.ParseUTC("2023-12-12T00:00:00.1239Z")
	fmt.Println(ms-midnight, ok)
	// Output: 123 true
}

func ExampleParseOffset() {
	ms, ok := timesync.ParseOffset("2023-12-11T19:00-05:00")
	fmt.Println(ms-midnight, ok)
	// Output: 0 true
}

func ExampleAfter() {
	fmt.Println(timesync.After(1000, 1.5), timesync.After(1000, 0.0001))
	// Output: 2500 1000.1
}

// timeline makes random observations on whole milliseconds, with gaps.
func timeline(r *rand.Rand, rows int) timesync.Input {
	at := midnight
	var begins []int64
	var durations, energy, cpu []float64
	for range rows {
		if r.IntN(3) == 0 {
			at += int64(r.IntN(20_000))
		}
		length := int64(r.IntN(30_000))
		begins = append(begins, at)
		durations = append(durations, float64(length)/1000)
		energy = append(energy, float64(r.IntN(100_000))/1000)
		cpu = append(cpu, float64(r.IntN(1000))/10)
		at += length
	}
	return input(begins, durations, energy, cpu)
}

func exact(t testing.TB, g timesync.Grid, in timesync.Input) *frame.Frame {
	t.Helper()
	f, _, err := timesync.Exact(g, in)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// asInput returns a result as observations.
func asInput(f *frame.Frame) timesync.Input {
	floats := func(name string) []float64 { v, _ := f.Vec(name); return v.Floats() }
	begins := make([]int64, f.Len())
	for row := range begins {
		begins[row], _ = timesync.ParseInstant(f.At(row, "timestamp"))
	}
	return input(begins, floats("duration"), floats("energy"), floats("cpu"))
}

// total adds a column, or its products with another.
func total(f *frame.Frame, name, weights string) float64 {
	v, _ := f.Vec(name)
	sum := 0.0
	for row := range f.Len() {
		w := 1.0
		if weights != "" {
			w, _ = f.At(row, weights).Float()
		}
		sum += float64(v.At(row) * w)
	}
	return sum
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b)) }

// FuzzExactConserves holds that on random observations nothing is lost or
// invented, that splitting an observation changes nothing, and that coarser
// steps can be made of finer ones.
func FuzzExactConserves(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed, uint16(seed*7), uint32(1000*(seed+1)))
	}
	f.Fuzz(func(t *testing.T, seed uint64, n uint16, step uint32) {
		r := rand.New(rand.NewPCG(seed, 1))
		in := timeline(r, 1+int(n%200))
		last := len(in.Begins) - 1
		g := timesync.Grid{
			Start: in.Begins[0] - int64(r.IntN(50_000)), Padding: true,
			End:      in.Begins[last] + int64(in.Durations[last]*1000) + int64(r.IntN(50_000)) + 1,
			Interval: float64(1+step%100_000) / 1000,
		}
		if float64(g.End-g.Start)/1000/g.Interval > 100_000 {
			return
		}
		out := exact(t, g, in)
		if got, want := total(out, "energy", ""), total(in.Rows, "energy", ""); !near(got, want) {
			t.Errorf("energy %v became %v", want, got)
		}
		if got, want := total(out, "cpu", "duration"), total(in.Rows, "cpu", "duration"); !near(got, want) {
			t.Errorf("cpu × time %v became %v", want, got)
		}
		if got := total(out, "duration", ""); !near(got, float64(g.End-g.Start)/1000) {
			t.Errorf("the steps last %v s, want %v s", got, float64(g.End-g.Start)/1000)
		}
		same(t, out, exact(t, g, split(r, in)))
		coarse := g
		coarse.Interval *= 4
		same(t, exact(t, coarse, in), exact(t, coarse, asInput(out)))
	})
}

// split cuts a row in two.
func split(r *rand.Rand, in timesync.Input) timesync.Input {
	chosen := r.IntN(len(in.Begins))
	energyOf, _ := in.Rows.Vec("energy")
	cpuOf, _ := in.Rows.Vec("cpu")
	var begins []int64
	var durations, energy, cpu []float64
	add := func(begin int64, duration, e, c float64) {
		begins, durations, energy, cpu = append(begins, begin), append(durations, duration), append(energy, e), append(cpu, c)
	}
	for row, begin := range in.Begins {
		length := int64(math.Round(in.Durations[row] * 1000))
		if row != chosen || length < 2 {
			add(begin, in.Durations[row], energyOf.At(row), cpuOf.At(row))
			continue
		}
		cut := 1 + r.Int64N(length-1)
		part := float64(cut) / float64(length)
		add(begin, float64(cut)/1000, energyOf.At(row)*part, cpuOf.At(row))
		add(begin+cut, float64(length-cut)/1000, energyOf.At(row)*(1-part), cpuOf.At(row))
	}
	return input(begins, durations, energy, cpu)
}

func same(t *testing.T, want, got *frame.Frame) {
	t.Helper()
	if want.Len() != got.Len() {
		t.Fatalf("%d steps, want %d", got.Len(), want.Len())
	}
	for _, name := range []string{"energy", "cpu", "duration"} {
		a, _ := want.Vec(name)
		b, _ := got.Vec(name)
		for row := range want.Len() {
			if !near(a.At(row), b.At(row)) {
				t.Fatalf("%s of step %d: %v, want %v", name, row, b.At(row), a.At(row))
			}
		}
	}
}

// FuzzSamplesEnd holds that any grid and durations end, with a result or an
// error, and that sums within the grid are kept where nothing is out of step.
func FuzzSamplesEnd(f *testing.F) {
	f.Add(int64(0), int64(60), 5.0, 1.0, 10.0, 20.0)
	f.Add(int64(-30), int64(61), -5.0, 1.5, 0.5, -3.0)
	f.Add(int64(5), int64(5000), 1e300, 1.1, 1e18, 7.0)
	f.Add(int64(0), int64(1<<40), 1.0, 1.0, 60.0, 60.0)
	f.Fuzz(func(t *testing.T, start, length int64, interval, resolution, first, second float64) {
		if length <= 0 || length > 100_000_000 || start < -1e9 || start > 1e9 || !(resolution >= 1) || interval != interval ||
			interval > 0 && float64(length)/interval > 1e5 {
			return
		}
		g := timesync.Grid{Start: midnight + start*1000, End: midnight + (start+length)*1000, Interval: interval, Padding: true, Resolution: resolution}
		begins := []int64{midnight, midnight + int64(max(0, min(first, 1e9))*1000)}
		out, err := timesync.Samples(context.Background(), g, input(begins, []float64{first, second}, []float64{1, 2}, []float64{3, 4}))
		whole := interval >= 1 && interval == math.Trunc(interval) && resolution == 1 && first > 0 && second > 0 && first == math.Trunc(first) &&
			second == math.Trunc(second) && start <= 0 && float64(start+length) > first+second && first < 1e6 && second < 1e6
		if whole && (err != nil || !near(total(out, "energy", ""), 3)) {
			t.Errorf("energy became %v, %v", out, err)
		}
	})
}

func benchmark(b *testing.B, rows int, run func(timesync.Grid, timesync.Input) error) {
	var begins []int64
	var durations, energy, cpu []float64
	for i := range rows {
		begins = append(begins, midnight+int64(i)*60_000)
		durations = append(durations, 60)
		energy = append(energy, float64(i)*0.001)
		cpu = append(cpu, float64(i%100))
	}
	in := input(begins, durations, energy, cpu)
	g := timesync.Grid{Start: midnight, End: midnight + int64(rows)*60_000, Interval: 300, Resolution: 1}
	b.ReportAllocs()
	for b.Loop() {
		if err := run(g, in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkExact(b *testing.B) {
	for _, rows := range []int{1440, 144_000} {
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			benchmark(b, rows, func(g timesync.Grid, in timesync.Input) error {
				_, _, err := timesync.Exact(g, in)
				return err
			})
		})
	}
}

func BenchmarkSamples(b *testing.B) {
	for _, rows := range []int{1440, 144_000} {
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			benchmark(b, rows, func(g timesync.Grid, in timesync.Input) error {
				_, err := timesync.Samples(context.Background(), g, in)
				return err
			})
		})
	}
}
