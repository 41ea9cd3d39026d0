package builtin_test

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/builtin"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/value"
)

// rowwise are configs of all plugins that look at one row at a time.
func rowwise() []example {
	return []example{
		{method: "Sum", config: `{"input-parameters": ["a", "b", "c"], "output-parameter": "x"}`},
		{method: "Multiply", config: `{"input-parameters": ["a", "b", "c"], "output-parameter": "= 2 * x + c"}`},
		{method: "Subtract", config: `{"input-parameters": ["a", "b", "c"], "output-parameter": "a"}`},
		{method: "Coefficient", config: `{"input-parameter": "= a - b", "coefficient": "= c / 3", "output-parameter": "x"}`},
		{method: "Coefficient", config: `{"input-parameter": "a", "coefficient": 0.1, "output-parameter": "x"}`},
		{method: "Divide", config: `{"numerator": "a", "denominator": "duration", "output": "x"}`},
		{method: "Exponent", config: `{"input-parameter": "a", "exponent": 1.7, "output-parameter": "x"}`},
		{method: "Copy", config: `{"keep-existing": false, "from": "a", "to": "x"}`},
		{method: "Interpolation", config: `{"method": "linear", "x": [0, 30, 100], "y": [5, 2, 9], "input-parameter": "a", "output-parameter": "x"}`},
		{method: "Interpolation", config: `{"method": "spline", "x": [0, 30, 100], "y": [5, 2, 9], "input-parameter": "a", "output-parameter": "x"}`},
		{method: "Sci", config: `{"functional-unit": "b"}`},
		{method: "SciEmbodied", config: `{"baseline-emissions": "= 1000 * b"}`},
		{method: "TimeConverter", config: `{"input-parameter": "a", "original-time-unit": "day", "new-time-unit": "duration", "output-parameter": "x"}`},
		{method: "Regex", config: `{"parameter": "name", "match": "[0-9]+", "output": "x"}`},
	}
}

// randomFrame returns n rows that suit rowwise, some of whose columns are
// constant.
func randomFrame(random *rand.Rand, n int) *frame.Frame {
	numbers := func(name string) *frame.Column {
		if random.IntN(3) == 0 {
			return frame.NewConstant(name, n, value.OfNumber(float64(random.IntN(90)+1)))
		}
		nums := make([]float64, n)
		for i := range nums {
			nums[i] = 1 + 90*random.Float64()
		}
		return frame.NewNumbers(name, nums)
	}
	texts, times := make([]string, n), make([]int64, n)
	for i := range texts {
		texts[i] = fmt.Sprintf("host-%d", random.IntN(1000))
		times[i] = int64(i) * 60000
	}
	return frame.New(n, frame.NewTimes("timestamp", times, value.ISOMillis), numbers("duration"), numbers("a"), numbers("b"), numbers("c"),
		numbers("carbon"), frame.NewTexts("name", texts))
}

func mustRun(t testing.TB, e example, opts compat.Options, in *frame.Frame) *frame.Frame {
	t.Helper()
	p, err := builtin.New(specOf(t, e), opts)
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Run(context.Background(), &builtin.Env{First: true}, in)
	if err != nil {
		t.Fatalf("%s %s: %v", e.method, e.config, err)
	}
	return out
}

// TestOrderOfRows: rows in another order give the same results in that order.
func TestOrderOfRows(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 8))
	for range 20 {
		in := randomFrame(random, 40)
		order := random.Perm(40)
		for _, e := range rowwise() {
			got := result(mustRun(t, e, compat.Options{}, in.Take(order)), nil)
			want := result(mustRun(t, e, compat.Options{}, in).Take(order), nil)
			if got != want {
				t.Fatalf("%s %s: rows in another order give other results", e.method, e.config)
			}
		}
	}
}

// TestConstantColumns: how a column is stored changes nothing, and what is made
// of constants is constant.
func TestConstantColumns(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(9, 10))
	for range 20 {
		in := randomFrame(random, 30)
		var spread []*frame.Column
		for _, c := range in.Columns() {
			if v, ok := c.Vec(); ok {
				c = frame.NewNumbers(c.Name(), append([]float64(nil), v.Floats()...))
			}
			spread = append(spread, c)
		}
		for _, e := range rowwise() {
			for _, opts := range []compat.Options{{}, {InputLeak: true, EmptyInputsFail: true, CopyKeepsFalsy: true}} {
				got := result(mustRun(t, e, opts, frame.New(30, spread...)), nil)
				if want := result(mustRun(t, e, opts, in), nil); got != want {
					t.Fatalf("%s %s: columns of equal numbers and constant ones give different results", e.method, e.config)
				}
			}
		}
	}
	constant := randomFrame(random, 1000).Slice(0, 1).Take(make([]int, 1000))
	for _, e := range rowwise() {
		out := mustRun(t, e, compat.Options{}, constant)
		for _, c := range out.Columns() {
			if c.Rep() != frame.Constant {
				t.Errorf("%s %s: %s is not constant", e.method, e.config, c.Name())
			}
		}
	}
}

// TestInputsAreKept: a plugin changes none of the columns that it is given.
func TestInputsAreKept(t *testing.T) {
	t.Parallel()
	in := randomFrame(rand.New(rand.NewPCG(11, 12)), 50)
	before := result(in, nil)
	for _, e := range rowwise() {
		mustRun(t, e, compat.Options{}, in)
		mustRun(t, e, compat.Options{CopyKeepsFalsy: true, ConverterSixDecimals: true}, in)
		if result(in, nil) != before {
			t.Fatalf("%s %s: the input has changed", e.method, e.config)
		}
	}
}

// TestSixDecimals compares rounding with the exact decimal expansion, near the
// halves in particular.
func TestSixDecimals(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(13, 14))
	e := example{method: "TimeConverter", config: `{"input-parameter": "a", "original-time-unit": "s", "new-time-unit": "s", "output-parameter": "x"}`}
	var nums []float64
	for range 2000 {
		nums = append(nums, random.NormFloat64()*math.Pow(10, float64(random.IntN(24)-8)), (float64(random.IntN(1e6))+0.5)/1e6, float64(random.IntN(1<<20))/128)
	}
	nums = append(nums, 0, math.Copysign(0, -1), 5e-7, 4.9999999e-7, -1e-9, math.Inf(1), 1e21, 1e300, 0.0078125, -0.0078125, 8589934592.0078125)
	in := frame.New(len(nums), frame.NewConstant("duration", len(nums), value.OfNumber(1)), frame.NewNumbers("a", nums))
	out := mustRun(t, e, compat.Options{ConverterSixDecimals: true}, in)
	v, _ := out.Vec("x")
	for i, f := range nums {
		if got, want := v.At(i), exactSixDecimals(f); math.Float64bits(got) != math.Float64bits(want) {
			t.Errorf("%v: got %v, want %v", f, got, want)
		}
	}
}

// exactSixDecimals rounds a number's exact decimal expansion by hand.
func exactSixDecimals(f float64) float64 {
	if math.IsInf(f, 0) || math.Abs(f) >= 1e21 {
		return f
	}
	exact := new(big.Rat).SetFloat64(math.Abs(f))
	scaled := exact.Mul(exact, big.NewRat(1_000_000, 1))
	twice := new(big.Int).Quo(new(big.Int).Add(new(big.Int).Mul(scaled.Num(), big.NewInt(2)), scaled.Denom()), new(big.Int).Mul(scaled.Denom(), big.NewInt(2)))
	rounded, _ := new(big.Rat).SetFrac(twice, big.NewInt(1_000_000)).Float64()
	if f < 0 {
		return -rounded
	}
	return rounded
}
