package emit

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/dendro-carbon/dendro/internal/value"
)

// What is written in CSV is what JavaScript prints, so package value agrees.
func TestNumbersAgreeWithValue(t *testing.T) {
	t.Parallel()
	check := func(f float64) {
		if got, want := string(appendNumber(nil, f, csvSyntax)), value.NumberText(f); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	for _, f := range []float64{
		0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), 1e21, 1e20, 1e-6, 9.999999e-7, 1 << 53,
		1<<53 - 1, 1<<53 + 2, 99999999, 100000000, 1e16, 12345678901234567000, 5e-324, math.MaxFloat64,
	} {
		check(f)
		check(-f)
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 50_000 {
		check(math.Float64frombits(r.Uint64()))
		check(r.Float64() * math.Pow10(r.IntN(30)-8))
		check(float64(r.Int64N(1<<53)) / math.Pow10(r.IntN(20)))
		check(-float64(r.Uint64() >> r.IntN(64)))
	}
}

func BenchmarkNumber(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	kinds := map[string]func() float64{
		"Long":    func() float64 { return r.Float64() * 0.05 },
		"Short":   func() float64 { return float64(r.IntN(10000)) / 100 },
		"Integer": func() float64 { return float64(r.IntN(100000)) },
	}
	for name, next := range kinds {
		values := make([]float64, 4096)
		for i := range values {
			values[i] = next()
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			dst, i, n := make([]byte, 0, 64), 0, 0
			for b.Loop() {
				dst = appendNumber(dst[:0], values[i&4095], yamlSyntax)
				n += len(dst)
				i++
			}
			b.SetBytes(int64(n / b.N))
		})
	}
}
