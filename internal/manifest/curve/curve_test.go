package curve_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dendro-carbon/dendro/internal/manifest/curve"
)

func ExampleNew() {
	x, y := []float64{0, 10, 50, 100}, []float64{0.12, 0.32, 0.75, 1.02}
	for _, method := range []string{curve.Linear, curve.Spline, curve.Polynomial} {
		c := curve.New(method, x, y)
		fmt.Println(method, c.At(5), c.At(15.5), c.At(99.9))
	}
	// Output:
	// linear 0.22 0.379125 1.01946
	// spline 0.22331783536585367 0.4125646772103659 1.0195103046768292
	// polynomial 0.2260375 0.4105360041666667 1.0191933843
}

func TestCurvesGoThroughTheirPoints(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		x, y := points(random, 2+random.IntN(8))
		for _, method := range []string{curve.Linear, curve.Spline, curve.Polynomial} {
			c := curve.New(method, x, y)
			for i := range x {
				if got := c.At(x[i]); math.Abs(got-y[i]) > 1e-9*math.Max(1, math.Abs(y[i])) {
					t.Fatalf("%s through %v, %v: at %v got %v", method, x, y, x[i], got)
				}
			}
		}
	}
}

// TestSplineIsNatural looks at what makes a natural cubic spline: it is smooth,
// and bends nowhere at its ends. The derivatives are taken from four points of
// each piece, on which a cubic function is exact.
func TestSplineIsNatural(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	for range 100 {
		x, y := points(random, 3+random.IntN(6))
		c := curve.New(curve.Spline, x, y)
		last := len(x) - 1
		scale := slices.Max(y) + 1
		if bend := second(c, x[0], x[1], x[0]); math.Abs(bend) > 1e-6*scale {
			t.Errorf("%v, %v: bends by %v at the start", x, y, bend)
		}
		if bend := second(c, x[last-1], x[last], x[last]); math.Abs(bend) > 1e-6*scale {
			t.Errorf("%v, %v: bends by %v at the end", x, y, bend)
		}
		for i := 1; i < last; i++ {
			before, after := second(c, x[i-1], x[i], x[i]), second(c, x[i], x[i+1], x[i])
			if math.Abs(before-after) > 1e-6*scale {
				t.Errorf("%v, %v: bends by %v before %v and by %v after", x, y, before, x[i], after)
			}
		}
	}
}

// second returns the second derivative at v of the cubic piece between a and b.
func second(c curve.Curve, a, b, v float64) float64 {
	h := (b - a) / 5
	var f [4]float64
	for i := range f {
		f[i] = c.At(a + float64(i+1)*h)
	}
	d2 := (f[2] - 2*f[1] + f[0]) / (h * h) // at a + 2h
	d3 := (f[3] - 3*f[2] + 3*f[1] - f[0]) / (h * h * h)
	return d2 + d3*(v-(a+2*h))
}

func points(random *rand.Rand, n int) (x, y []float64) {
	at := 0.0
	for range n {
		x, y = append(x, at), append(y, 10*random.Float64())
		at += 1 + 9*random.Float64()
	}
	return x, y
}

// TestEqualPoints holds curves with points of equal x to what Impact Framework
// 1.1.0 gives for them.
func TestEqualPoints(t *testing.T) {
	t.Parallel()
	c := curve.New(curve.Spline, []float64{0, 10, 10, 20}, []float64{0, 1, 2, 3})
	for _, test := range []struct{ v, want float64 }{{5, math.NaN()}, {10, math.NaN()}, {15, 2.5}} {
		if got := c.At(test.v); got != test.want && (got == got || test.want == test.want) {
			t.Errorf("at %v: got %v, want %v", test.v, got, test.want)
		}
	}
	line := curve.New(curve.Linear, []float64{0, 10, 10, 20}, []float64{0, 1, 2, 3})
	for _, test := range []struct{ v, want float64 }{{5, 0.5}, {10, 2}, {15, 2.5}, {-1, 0}, {21, 0}} {
		if got := line.At(test.v); got != test.want {
			t.Errorf("line at %v: got %v, want %v", test.v, got, test.want)
		}
	}
	many := make([]float64, 600)
	if got := curve.New(curve.Spline, many, many).At(0); got == got {
		t.Errorf("600 equal points: got %v, want not a number", got)
	}
}

func TestOutside(t *testing.T) {
	t.Parallel()
	x, y := []float64{1, 2, 3}, []float64{1, 4, 9}
	for _, test := range []struct {
		method string
		v      float64
		want   float64
	}{
		{curve.Linear, 0, 0},
		{curve.Linear, math.NaN(), math.NaN()},
		{curve.Spline, 4, math.NaN()},
		{curve.Spline, math.NaN(), math.NaN()},
		{curve.Polynomial, 4, 16},
		{"", 1.5, 2.5},
	} {
		if got := curve.New(test.method, x, y).At(test.v); got != test.want && (got == got || test.want == test.want) {
			t.Errorf("%q at %v: got %v, want %v", test.method, test.v, got, test.want)
		}
	}
}

func FuzzCurve(f *testing.F) {
	f.Add(0.0, 1.0, 2.0, 3.0, 4.0, 1.5)
	f.Add(0.0, 0.0, math.Inf(1), math.NaN(), 1.0, 0.0)
	f.Fuzz(func(t *testing.T, a, b, c, d, e, v float64) {
		x := []float64{a, b, c, d, e}
		y := []float64{e, a, d, b, c}
		slices.Sort(x)
		for _, method := range []string{curve.Linear, curve.Spline, curve.Polynomial} {
			curve.New(method, x, y).At(v)
		}
	})
}

func BenchmarkAt(b *testing.B) {
	x, y := []float64{0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100}, make([]float64, 11)
	for i := range y {
		y[i] = math.Sqrt(x[i])
	}
	for _, method := range []string{curve.Linear, curve.Spline, curve.Polynomial} {
		b.Run(method, func(b *testing.B) {
			c := curve.New(method, x, y)
			b.ReportAllocs()
			b.SetBytes(8)
			v := 0.0
			for b.Loop() {
				if v += 0.37; v > 100 {
					v = 0
				}
				c.At(v)
			}
		})
	}
}
