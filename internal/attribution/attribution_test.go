package attribution_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/attribution"
	"github.com/dendro-carbon/dendro/internal/wide"
	"github.com/dendro-carbon/dendro/unit"
)

func ExampleDivide() {
	parts, _ := attribution.Divide(unit.Energy(100), []uint64{1, 1, 1, 0})
	for _, p := range parts {
		fmt.Print(int64(p), " ")
	}
	// Output: 34 33 33 0
}

func TestDivide(t *testing.T) {
	t.Parallel()
	const huge = math.MaxUint64
	tests := []struct {
		name    string
		whole   int64
		weights []uint64
		want    []int64
		err     error
	}{
		{"one party", 7, []uint64{3}, []int64{7}, nil},
		{"nothing to nobody", 0, nil, []int64{}, nil},
		{"nothing to zero weights", 0, []uint64{0, 0}, []int64{0, 0}, nil},
		{"something to nobody", 1, nil, nil, attribution.ErrNoWeight},
		{"something to zero weights", -1, []uint64{0, 0}, nil, attribution.ErrNoWeight},
		{"ties to the lower index", 2, []uint64{1, 1, 1, 1}, []int64{1, 1, 0, 0}, nil},
		{"largest remainder", 10, []uint64{15, 35, 50}, []int64{2, 3, 5}, nil},
		{"larger remainder later", 10, []uint64{14, 37, 49}, []int64{1, 4, 5}, nil},
		{"negative whole", -10, []uint64{14, 37, 49}, []int64{-1, -4, -5}, nil},
		{"zero weight between", 3, []uint64{1, 0, 1}, []int64{2, 0, 1}, nil},
		{"weights above 64 bits together", 5, []uint64{huge, huge, 0}, []int64{3, 2, 0}, nil},
		{"largest whole", math.MaxInt64, []uint64{1, 1}, []int64{1 << 62, 1<<62 - 1}, nil},
		{"least whole", math.MinInt64, []uint64{1, 1}, []int64{-1 << 62, -1 << 62}, nil},
		{"least whole, one party", math.MinInt64, []uint64{9}, []int64{math.MinInt64}, nil},
		{"least whole, huge weights", math.MinInt64, []uint64{huge, huge}, []int64{-1 << 62, -1 << 62}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := attribution.Divide(tt.whole, tt.weights)
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if err == nil && !cmp.Equal(got, tt.want) {
				t.Fatalf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestDivideWide(t *testing.T) {
	t.Parallel()
	big := wide.Uint{Hi: 3}
	got, err := attribution.DivideWide(int64(7), []wide.Uint{big, {}, {Hi: 6}})
	if err != nil || !cmp.Equal(got, []int64{2, 0, 5}) {
		t.Fatalf("got %v, %v", got, err)
	}
	got, err = attribution.DivideWide(int64(7), []wide.Uint{wide.From(1), wide.From(2)})
	if err != nil || !cmp.Equal(got, []int64{2, 5}) {
		t.Fatalf("narrow: got %v, %v", got, err)
	}
	if _, err = attribution.DivideWide(int64(7), []wide.Uint{{}}); !errors.Is(err, attribution.ErrNoWeight) {
		t.Fatalf("no weight: %v", err)
	}
}

func TestAppendDivideKeepsWhatWasThere(t *testing.T) {
	t.Parallel()
	got, err := attribution.AppendDivide([]int64{42}, 3, []uint64{1, 2})
	if err != nil || !cmp.Equal(got, []int64{42, 1, 2}) {
		t.Fatalf("got %v, %v", got, err)
	}
	got, err = attribution.AppendDivide([]int64{42}, 3, []uint64{0})
	if err == nil || !cmp.Equal(got, []int64{42}) {
		t.Fatalf("after an error: %v, %v", got, err)
	}
}

// FuzzDivide holds the promises of the package comment against any input.
func FuzzDivide(f *testing.F) {
	f.Add(int64(100), []byte{1, 1, 1})
	f.Add(int64(-7), binary.LittleEndian.AppendUint64(nil, math.MaxUint64))
	f.Add(int64(math.MinInt64), []byte("0123456789abcdef0123456789abcdef"))
	f.Fuzz(func(t *testing.T, whole int64, raw []byte) {
		weights := weightsFrom(raw)
		parts, err := attribution.Divide(whole, weights)
		if err != nil {
			if sumOf(weights).Sign() != 0 || whole == 0 {
				t.Fatalf("Divide(%d, %v): %v", whole, weights, err)
			}
			return
		}
		checkDivision(t, whole, weights, parts)
		wides := make([]wide.Uint, len(weights))
		for i, w := range weights {
			wides[i] = wide.Product(w, 1<<40) // the same proportions, wider
		}
		again, err := attribution.DivideWide(whole, wides)
		if err != nil || !cmp.Equal(again, parts) {
			t.Fatalf("wide: %v, %v; narrow: %v", again, err, parts)
		}
	})
}

func checkDivision(t *testing.T, whole int64, weights []uint64, parts []int64) {
	t.Helper()
	sum := sumOf(weights)
	total := new(big.Int)
	for i, p := range parts {
		total.Add(total, big.NewInt(p))
		if weights[i] == 0 && p != 0 {
			t.Fatalf("party %d of weight 0 carries %d", i, p)
		}
		if sum.Sign() == 0 {
			continue
		}
		// |part × sum - whole × weight| < sum: within one unit of the share.
		share := new(big.Int).Mul(big.NewInt(whole), new(big.Int).SetUint64(weights[i]))
		share.Sub(share, new(big.Int).Mul(big.NewInt(p), sum))
		if share.CmpAbs(sum) >= 0 {
			t.Fatalf("part %d of Divide(%d, %v) = %d: not within one of its share", i, whole, weights, p)
		}
	}
	if total.Cmp(big.NewInt(whole)) != 0 {
		t.Fatalf("Divide(%d, %v) = %v sums to %v", whole, weights, parts, total)
	}
}

// weightsFrom reads weights of 1 to 8 bytes, so that both small and huge ones
// occur.
func weightsFrom(raw []byte) []uint64 {
	var weights []uint64
	for len(raw) > 0 {
		n := min(int(raw[0])%8+1, len(raw))
		var word [8]byte
		copy(word[:], raw[:n])
		weights = append(weights, binary.LittleEndian.Uint64(word[:])>>(raw[0]&1))
		raw = raw[n:]
	}
	return weights
}

func sumOf(weights []uint64) *big.Int {
	sum := new(big.Int)
	for _, w := range weights {
		sum.Add(sum, new(big.Int).SetUint64(w))
	}
	return sum
}

func BenchmarkDivide(b *testing.B) {
	for _, n := range []int{2, 10, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			weights := make([]uint64, n)
			for i := range weights {
				weights[i] = uint64(i*i + 1)
			}
			dst := make([]unit.Energy, 0, n)
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if dst, err = attribution.AppendDivide(dst[:0], 81_580_183, weights); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
