package emit

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

func checkShortest(t *testing.T, f float64) {
	t.Helper()
	digits, exponent := shortest(f)
	if digits == 0 || digits >= 1e17 {
		t.Fatalf("%v: got the digits %d", f, digits)
	}
	for digits%10 == 0 {
		digits, exponent = digits/10, exponent+1
	}
	mantissa, exponentText, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	want := strings.ReplaceAll(mantissa, ".", "")
	got := strconv.FormatUint(digits, 10)
	if got != want {
		t.Fatalf("%v: got the digits %s, want %s", f, got, want)
	}
	if want, _ := strconv.Atoi(exponentText); exponent+len(got)-1 != want {
		t.Fatalf("%v: got %s × 10^%d, want the exponent %d", f, got, exponent, want)
	}
}

func TestShortestAgreesWithStrconv(t *testing.T) {
	t.Parallel()
	checkShortest(t, 5e-324)
	checkShortest(t, math.MaxFloat64)
	for e := range 2046 { // the neighbours of every power of two, where spacing changes
		word := uint64(e) << 52
		for d := range uint64(8) {
			for _, w := range []uint64{word + d, word - d} {
				if f := math.Float64frombits(w &^ (1 << 63)); f > 0 && !math.IsInf(f, 0) && f == f {
					checkShortest(t, f)
				}
			}
		}
	}
	for e := -323; e <= 308; e++ { // of every power of ten, where digits change
		f, _ := strconv.ParseFloat("1e"+strconv.Itoa(e), 64)
		for d := range uint64(8) {
			checkShortest(t, math.Float64frombits(math.Float64bits(f)+d))
			if word := math.Float64bits(f); word > d {
				checkShortest(t, math.Float64frombits(word-d))
			}
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		if f := math.Float64frombits(r.Uint64() &^ (1 << 63)); f > 0 && f <= math.MaxFloat64 {
			checkShortest(t, f)
		}
		checkShortest(t, r.Float64()+1e-9)
		checkShortest(t, float64(r.Int64N(1<<62)+1)/math.Pow10(r.IntN(19)))
		checkShortest(t, float64(r.IntN(1e6)+1)/1e3)
	}
}

func FuzzShortest(f *testing.F) {
	f.Add(math.Float64bits(0.3))
	f.Fuzz(func(t *testing.T, word uint64) {
		if x := math.Abs(math.Float64frombits(word)); x > 0 && x <= math.MaxFloat64 {
			checkShortest(t, x)
		}
	})
}

func BenchmarkShortest(b *testing.B) {
	values := make([]float64, 4096)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range values {
		values[i] = r.Float64() * 0.05
	}
	var i int
	var sum uint64
	for b.Loop() {
		digits, _ := shortest(values[i&4095])
		sum += digits
		i++
	}
	_ = sum
}
