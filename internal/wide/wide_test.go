package wide_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"testing"

	"github.com/dendro-carbon/dendro/internal/wide"
)

func ExampleUint_Over() {
	// 12 W for 537.45 s and 1 W for 287239.26 s, in µW × µs, as µWh.
	busy := wide.Product(12_000_000, 537_450_000)
	idle := wide.Product(1_000_000, 287_239_260_000)
	sum, _ := busy.Add(idle)
	fmt.Println(sum.Over(wide.From(3_600_000_000)))
	// Output: 81580183 <nil>
}

func FuzzArithmetic(f *testing.F) {
	f.Add(uint64(0), uint64(5), uint64(0), uint64(2), uint64(3))
	f.Add(uint64(math.MaxUint64), uint64(math.MaxUint64), uint64(1), uint64(0), uint64(2))
	f.Add(uint64(1), uint64(math.MaxUint64), uint64(0), uint64(2), uint64(math.MaxUint64))
	f.Add(uint64(1), uint64(math.MaxUint64), uint64(0), uint64(3), uint64(math.MaxUint64))
	f.Fuzz(func(t *testing.T, ahi, alo, bhi, blo, m uint64) {
		a, b := wide.Uint{Hi: ahi, Lo: alo}, wide.Uint{Hi: bhi, Lo: blo}
		if got := a.Cmp(b); got != a.Big().Cmp(b.Big()) {
			t.Fatalf("Cmp(%v, %v) = %d", a, b, got)
		}
		sum, err := a.Add(b)
		check(t, "+", sum, err, new(big.Int).Add(a.Big(), b.Big()))
		difference, err := a.Sub(b)
		check(t, "-", difference, err, new(big.Int).Sub(a.Big(), b.Big()))
		product, err := a.Times(m)
		check(t, "×", product, err, new(big.Int).Mul(a.Big(), new(big.Int).SetUint64(m)))
		check(t, "product", wide.Product(alo, m), nil,
			new(big.Int).Mul(new(big.Int).SetUint64(alo), new(big.Int).SetUint64(m)))
		checkOver(t, a, b)
		checkOver(t, a, wide.From(m))
	})
}

func check(t *testing.T, op string, got wide.Uint, err error, want *big.Int) {
	t.Helper()
	fits := want.Sign() >= 0 && want.BitLen() <= 128
	if fits != (err == nil) || (fits && got.Big().Cmp(want) != 0) {
		t.Fatalf("%s = %v, %v; want %v", op, got, err, want)
	}
	if err != nil && !errors.Is(err, wide.ErrOverflow) {
		t.Fatalf("%s: %v", op, err)
	}
}

func checkOver(t *testing.T, a, d wide.Uint) {
	t.Helper()
	got, err := a.Over(d)
	if d.IsZero() {
		if err == nil {
			t.Fatalf("%v ÷ 0 = %d", a, got)
		}
		return
	}
	// Half to even, the other way round: the nearest of two neighbours.
	q := new(big.Int).Quo(a.Big(), d.Big())
	low := new(big.Int).Sub(a.Big(), new(big.Int).Mul(q, d.Big()))
	high := new(big.Int).Sub(d.Big(), low)
	if c := low.Cmp(high); c > 0 || (c == 0 && q.Bit(0) == 1) {
		q.Add(q, big.NewInt(1))
	}
	if q.IsInt64() != (err == nil) || (err == nil && got != q.Int64()) {
		t.Fatalf("%v ÷ %v = %d, %v; want %v", a, d, got, err, q)
	}
}

func TestNarrow(t *testing.T) {
	t.Parallel()
	if v, ok := wide.From(7).Narrow(); v != 7 || !ok {
		t.Errorf("Narrow(7) = %d, %v", v, ok)
	}
	if _, ok := (wide.Uint{Hi: 1}).Narrow(); ok {
		t.Error("Narrow(2^64) must not fit")
	}
}
