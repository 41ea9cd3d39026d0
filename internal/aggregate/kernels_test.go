package aggregate

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/dendro-carbon/dendro/internal/frame"
)

func TestSumConstantIsTheSum(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 1))
	special := []float64{
		0, math.Copysign(0, -1), 1, -1, 0.1, 0.5, 1e300, -1e300, math.MaxFloat64, math.SmallestNonzeroFloat64,
		math.Inf(1), math.Inf(-1), math.NaN(), 1 << 52, 1<<53 - 1, 1.0 / 3, 1e-280, 400, 0.75,
	}
	for i := range 2000 {
		f, n := random.NormFloat64(), random.IntN(300)
		if i < len(special) {
			f = special[i]
		} else if i%2 == 0 {
			f = math.Round(f*1000) / 8
		}
		want := 0.0
		for range n {
			want += f
		}
		if got := sumConstant(f, n); math.Float64bits(got) != math.Float64bits(want) && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Fatalf("%d times %v: got %v, want %v", n, f, got, want)
		}
	}
	if got := sumConstant(0.25, 1<<40); got != 1<<38 { // not by adding
		t.Errorf("got %v", got)
	}
}

func TestKernelsKeepTheOrder(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(2, 2))
	for _, n := range []int{0, 1, 2, 3, 7, 100} {
		x := columns(random, n, 11)
		sums := sumFour((*[4][]float64)(x[:4]))
		for k, got := range sums {
			if want := sumOne(x[k]); got != want {
				t.Errorf("n %d, column %d: got %v, want %v", n, k, got, want)
			}
		}
		var a accumulator
		for _, c := range x {
			a.add(series{vec: frame.VecOf(c)})
		}
		a.add(constant(0.1, n))
		got := a.series()
		for i := range n {
			want := 0.0
			for _, c := range x {
				want += c[i]
			}
			if want += 0.1; got.vec.At(i) != want {
				t.Errorf("n %d, step %d: got %v, want %v", n, i, got.vec.At(i), want)
			}
		}
	}
}

func columns(random *rand.Rand, n, k int) [][]float64 {
	x := make([][]float64, k)
	for i := range x {
		x[i] = make([]float64, n)
		for j := range x[i] {
			x[i][j] = random.NormFloat64()
		}
	}
	return x
}

// The kernels, with one pass over memory beside them. 100,000 rows of 64
// components do not fit into a cache.
func BenchmarkKernels(b *testing.B) {
	const components = 64
	for name, n := range map[string]int{"cached": 24, "uncached": 100_000} {
		x := columns(rand.New(rand.NewPCG(3, 3)), n, components)
		sums := make([]float64, n)
		each := func(f func(x [][]float64)) func(*testing.B) {
			return func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(8 * n * components))
				for b.Loop() {
					for i := 0; i < components; i += maxQueue {
						f(x[i : i+maxQueue])
					}
				}
				b.ReportMetric(float64(n*components)*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gvalues/s")
			}
		}
		b.Run("vertical/"+name, each(func(x [][]float64) { addAll(sums, x) }))
		b.Run("horizontal/"+name, each(func(x [][]float64) {
			for i := 0; i < len(x); i += 4 {
				sums[0] += sumFour((*[4][]float64)(x[i : i+4]))[0]
			}
		}))
		b.Run("one-chain/"+name, each(func(x [][]float64) {
			for _, c := range x {
				sums[0] += sumOne(c)
			}
		}))
		b.Run("one-pass/"+name, each(func(x [][]float64) {
			for _, c := range x {
				sums[0] += onePass(c)
			}
		}))
	}
}

// onePass reads memory as fast as Go can: eight chains over one column, whose
// order of additions is not that of a sum.
func onePass(a []float64) float64 {
	var s0, s1, s2, s3, s4, s5, s6, s7 float64
	for len(a) >= 8 {
		x := (*[8]float64)(a)
		s0, s1, s2, s3 = s0+x[0], s1+x[1], s2+x[2], s3+x[3]
		s4, s5, s6, s7 = s4+x[4], s5+x[5], s6+x[6], s7+x[7]
		a = a[8:]
	}
	return s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + sumOne(a)
}
