package fold

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// exact returns the sum of numbers by math/big, with more bits than a sum has.
func exact(terms []float64) *big.Float {
	total := new(big.Float).SetPrec(2000)
	for _, x := range terms {
		total.Add(total, new(big.Float).SetPrec(2000).SetFloat64(x))
	}
	return total
}

func TestSumIsExactInAnyOrder(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		terms := make([]float64, 1+random.IntN(50))
		for i := range terms {
			terms[i] = math.Ldexp(random.Float64(), random.IntN(120)-90)
		}
		var forward, backward, left, right sum
		for i, x := range terms {
			forward.addFloat(x)
			backward.addFloat(terms[len(terms)-1-i])
			if i%2 == 0 {
				left.addFloat(x)
			} else {
				right.addFloat(x)
			}
		}
		left.add(&right)
		want, _ := exact(terms).Float64()
		if got := forward.float(); got != want {
			t.Fatalf("sum of %v = %v, want %v", terms, got, want)
		}
		if forward != backward || forward != left {
			t.Fatalf("sum of %v depends on the order", terms)
		}
	}
}

func TestSumRounds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		terms []float64
		want  int64
	}{
		{nil, 0},
		{[]float64{0.5}, 0},
		{[]float64{1.5}, 2},
		{[]float64{0.5, 0x1p-150}, 1},
		{[]float64{1e9}, 1e9},
		{[]float64{5e-324}, 0},
	} {
		var s sum
		for _, x := range c.terms {
			s.addFloat(x)
		}
		if got, err := s.rounded(1); got != c.want || err != nil {
			t.Errorf("%v: %v, %v, want %v", c.terms, got, err, c.want)
		}
	}
	var s sum
	s.addFloat(0x1p62)
	if _, err := s.rounded(2); err == nil {
		t.Error("2^63 fits")
	}
	if got, err := s.rounded(1); got != 1<<62 || err != nil {
		t.Error(got, err)
	}
}

func TestSumOfSmallestAndLargest(t *testing.T) {
	t.Parallel()
	var s sum
	for range 1000 {
		s.addFloat(maxAmount)
		s.addFloat(0x1p-160)
		s.addFloat(0x1p-161)
	}
	want := new(big.Float).SetPrec(2000).SetFloat64(1000 * maxAmount)
	want.Add(want, new(big.Float).SetMantExp(big.NewFloat(1000), -160))
	if got, _ := want.Float64(); s.float() != got {
		t.Errorf("%v, want %v", s.float(), got)
	}
	if s[0] != 1000 {
		t.Errorf("low word %d", s[0])
	}
}
