package unit_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"testing"

	"github.com/dendro-carbon/dendro/unit"
)

func ExampleEnergy_Times() {
	busy, _ := unit.EnergyFromKWh(0.0017915)
	gb, _ := unit.ParseIntensity("231.5")
	carbon, err := busy.Times(gb)
	fmt.Println(carbon, err)
	// Output: 0.414732 gCO2e <nil>
}

func ExampleEnergy_Fixed() {
	fmt.Println(unit.Energy(81_580_183).Decimal(), unit.Energy(1_500_000_000).Decimal())
	fmt.Println(unit.Energy(81_580_183).Fixed(), unit.Energy(1_500_000_000).Fixed())
	// Output:
	// 0.081580183 1.5
	// 0.081580183 1.500000000
}

func ExampleRatioOf() {
	r, _ := unit.RatioOf(unit.Duration(999_999_999_999), unit.Duration(1_000_000_000_000))
	_, err := unit.RatioOf(unit.Duration(1), unit.Duration(0))
	fmt.Println(r, errors.Is(err, unit.ErrDivideByZero))
	// Output: 0.999999999 true
}

func ExampleSum() {
	_, err := unit.Sum(unit.Mass(math.MaxInt64), unit.Mass(1))
	fmt.Println(err)
	// Output: quantity overflows 64 bits
}

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want unit.Energy
		err  error
	}{
		{"0", 0, nil},
		{"-0", 0, nil},
		{"+1.5", 1_500_000_000, nil},
		{".5", 500_000_000, nil},
		{"5.", 5_000_000_000, nil},
		{"0.000000001", 1, nil},
		{"1e-9", 1, nil},
		{"1E+3", 1_000_000_000_000, nil},
		{"0.1000000000000000000000000000", 100_000_000, nil},
		{"100000000000000000000000e-23", 1_000_000_000, nil},
		{"0.00000000000000000000000000001e29", 1_000_000_000, nil},
		{"9223372036.854775807", math.MaxInt64, nil},
		{"-9223372036.854775808", math.MinInt64, nil},
		{"0e99999999999999999999", 0, nil},
		{"0.0000000001", 0, unit.ErrInexact},
		{"1e-10", 0, unit.ErrInexact},
		{"0.123456789012345678901234567", 0, unit.ErrInexact},
		{"9223372036.854775808", 0, unit.ErrOverflow},
		{"1e10", 0, unit.ErrOverflow},
		{"1e99999999999999999999", 0, unit.ErrOverflow},
		{"123456789012345678901234567890", 0, unit.ErrOverflow},
		{"", 0, unit.ErrSyntax},
		{"-", 0, unit.ErrSyntax},
		{".", 0, unit.ErrSyntax},
		{"1..2", 0, unit.ErrSyntax},
		{"1e", 0, unit.ErrSyntax},
		{"1e5x", 0, unit.ErrSyntax},
		{"1_000", 0, unit.ErrSyntax},
		{" 1", 0, unit.ErrSyntax},
		{"NaN", 0, unit.ErrSyntax},
		{"0x10", 0, unit.ErrSyntax},
	}
	for _, tt := range tests {
		got, err := unit.ParseEnergy(tt.text)
		if got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("ParseEnergy(%q) = %d, %v; want %d, %v", tt.text, int64(got), err, int64(tt.want), tt.err)
		}
	}
}

func TestFromFloatRoundsHalfToEven(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   float64
		want unit.Mass
	}{
		{0, 0},
		{1, 1_000_000},
		{-231.5, -231_500_000},
		{0.1, 100_000},
		{0.3, 300_000},
		{1e-7, 0},
		{0.0000005, 0}, // the float is just below a half
		{1.5 / 1048576, 1},
		{math.SmallestNonzeroFloat64, 0},
		{9223372036854.774, 9223372036854773438},
	}
	for _, tt := range tests {
		got, err := unit.MassFromGrams(tt.in)
		if err != nil || got != tt.want {
			t.Errorf("MassFromGrams(%v) = %d, %v; want %d", tt.in, int64(got), err, int64(tt.want))
		}
	}
	// 2^-7 × 10^6 = 7812.5 and 3 × 2^-7 × 10^6 = 23437.5 are exact ties.
	for in, want := range map[float64]unit.Mass{0.0078125: 7812, 0.0234375: 23438, -0.0078125: -7812} {
		if got, _ := unit.MassFromGrams(in); got != want {
			t.Errorf("MassFromGrams(%v) = %d, want %d", in, int64(got), int64(want))
		}
	}
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e13, -1e300} {
		if got, err := unit.MassFromGrams(bad); err == nil {
			t.Errorf("MassFromGrams(%v) = %v, want an error", bad, got)
		}
	}
}

func TestSeedExample(t *testing.T) {
	t.Parallel()
	total := unit.Energy(81_580_183)
	carbon, err := total.Times(unit.Intensity(231_500_000))
	if err != nil || carbon != 18_885_812 {
		t.Fatalf("carbon = %d, %v; want 18885812 µg", int64(carbon), err)
	}
	if back, err := unit.IntensityOf(carbon, total); err != nil || back.Decimal() != "231.499996" {
		t.Fatalf("intensity = %v, %v", back, err)
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	type row struct {
		Energy   unit.Energy    `json:"energy_kwh"`
		Carbon   *unit.Mass     `json:"operational_gco2e"`
		Coverage unit.Ratio     `json:"coverage"`
		Busy     unit.Duration  `json:"cpu_busy_s"`
		Grid     unit.Intensity `json:"intensity_gco2e_per_kwh"`
		Power    unit.Power     `json:"power_w"`
		Meter    unit.Joules    `json:"joules"`
	}
	carbon := unit.Mass(-1)
	in := row{1, &carbon, unit.One, 537_450_000, 231_500_000, 12_000_000, 7}
	text, err := json.Marshal(in)
	want := `{"energy_kwh":0.000000001,"operational_gco2e":-0.000001,"coverage":1,` +
		`"cpu_busy_s":537.45,"intensity_gco2e_per_kwh":231.5,"power_w":12,"joules":0.000007}`
	if err != nil || string(text) != want {
		t.Fatalf("got %s, %v\nwant %s", text, err, want)
	}
	var out row
	if err := json.Unmarshal(text, &out); err != nil || *out.Carbon != carbon || out.Busy != in.Busy {
		t.Fatalf("round trip: %+v, %v", out, err)
	}
	if err := json.Unmarshal([]byte(`{"energy_kwh":null}`), &out); err != nil || out.Energy != 1 {
		t.Fatalf("null must change nothing: %v, %v", out.Energy, err)
	}
	for _, bad := range []string{`{"energy_kwh":1e-12}`, `{"energy_kwh":"1"}`, `{"joules":1e30}`} {
		if err := json.Unmarshal([]byte(bad), &out); err == nil {
			t.Errorf("%s: want an error", bad)
		}
	}
}

func TestCheckedArithmetic(t *testing.T) {
	t.Parallel()
	const largest, least = unit.Energy(math.MaxInt64), unit.Energy(math.MinInt64)
	for _, tt := range []struct {
		name string
		do   func() (unit.Energy, error)
		want unit.Energy
		ok   bool
	}{
		{"max+0", func() (unit.Energy, error) { return largest.Add(0) }, largest, true},
		{"max+1", func() (unit.Energy, error) { return largest.Add(1) }, 0, false},
		{"min+max", func() (unit.Energy, error) { return least.Add(largest) }, -1, true},
		{"min+-1", func() (unit.Energy, error) { return least.Add(-1) }, 0, false},
		{"min-1", func() (unit.Energy, error) { return least.Sub(1) }, 0, false},
		{"-1-min", func() (unit.Energy, error) { return unit.Energy(-1).Sub(least) }, largest, true},
		{"0-min", func() (unit.Energy, error) { return unit.Energy(0).Sub(least) }, 0, false},
		{"min-min", func() (unit.Energy, error) { return least.Sub(least) }, 0, true},
	} {
		got, err := tt.do()
		if got != tt.want || (err == nil) != tt.ok || (err != nil && !errors.Is(err, unit.ErrOverflow)) {
			t.Errorf("%s = %d, %v", tt.name, int64(got), err)
		}
	}
	if _, err := largest.Times(unit.Intensity(1_000_000_001)); !errors.Is(err, unit.ErrOverflow) {
		t.Errorf("Times: %v, want overflow", err)
	}
	if _, err := unit.IntensityOf(1, 0); !errors.Is(err, unit.ErrDivideByZero) {
		t.Errorf("IntensityOf: %v, want division by zero", err)
	}
}

func TestJoulesEnergy(t *testing.T) {
	t.Parallel()
	for in, want := range map[unit.Joules]unit.Energy{
		3600: 1, 1800: 0, 5400: 2, -1800: 0, -1801: -1, 3_600_000_000_000: 1_000_000_000,
	} {
		if got := in.Energy(); got != want {
			t.Errorf("%v = %d µWh, want %d", in, int64(got), int64(want))
		}
	}
}

func TestRatioOfIsHonestAtItsEnds(t *testing.T) {
	t.Parallel()
	const big = 1 << 60
	for _, tt := range []struct {
		part, whole unit.Energy
		want        unit.Ratio
	}{
		{0, 5, 0},
		{5, 5, unit.One},
		{1, big, 1},
		{big - 1, big, unit.One - 1},
		{big + 1, big, unit.One + 1},
		{-1, big, -1},
		{1, 3, 333_333_333},
		{2, 3, 666_666_667},
	} {
		if got, err := unit.RatioOf(tt.part, tt.whole); err != nil || got != tt.want {
			t.Errorf("RatioOf(%d, %d) = %d, %v; want %d", tt.part, tt.whole, int64(got), err, int64(tt.want))
		}
	}
}

func TestAllTypesRoundTrip(t *testing.T) {
	t.Parallel()
	for _, v := range []int64{0, 1, -1, 999_999, 1_000_000, math.MaxInt64, math.MinInt64} {
		checkRoundTrip(t, unit.Energy(v), unit.ParseEnergy, unit.EnergyFromKWh, unit.Energy.KWh)
		checkRoundTrip(t, unit.Mass(v), unit.ParseMass, unit.MassFromGrams, unit.Mass.Grams)
		checkRoundTrip(t, unit.Intensity(v), unit.ParseIntensity, unit.IntensityFromGramsPerKWh, unit.Intensity.GramsPerKWh)
		checkRoundTrip(t, unit.Ratio(v), unit.ParseRatio, unit.RatioFromFloat, unit.Ratio.Float)
		checkRoundTrip(t, unit.Duration(v), unit.ParseDuration, unit.DurationFromSeconds, unit.Duration.Seconds)
		checkRoundTrip(t, unit.Power(v), unit.ParsePower, unit.PowerFromWatts, unit.Power.Watts)
		checkRoundTrip(t, unit.Joules(v), unit.ParseJoules, unit.JoulesFromFloat, unit.Joules.Float)
	}
}

type printed interface {
	~int64
	Decimal() string
	Fixed() string
	String() string
}

func checkRoundTrip[Q printed](
	t *testing.T, v Q, parse func(string) (Q, error), fromFloat func(float64) (Q, error), float func(Q) float64,
) {
	t.Helper()
	for _, text := range []string{v.Decimal(), v.Fixed()} {
		if back, err := parse(text); err != nil || back != v {
			t.Errorf("%T: parse(%q) = %d, %v; want %d", v, text, int64(back), err, int64(v))
		}
	}
	const exactFloats = 1 << 50
	if v < exactFloats && v > -exactFloats {
		if back, err := fromFloat(float(v)); err != nil || back != v {
			t.Errorf("%T: from float %v = %d, %v; want %d", v, float(v), int64(back), err, int64(v))
		}
	}
}

func FuzzParseFormat(f *testing.F) {
	for _, s := range []string{"0", "-1.5e3", "0.081580183", "9223372036.854775807", "1e-9", "..", "1e+"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := unit.ParseEnergy(text)
		if err != nil {
			return
		}
		back, err := unit.ParseEnergy(q.Decimal())
		if err != nil || back != q {
			t.Fatalf("%q → %d → %q → %d, %v", text, int64(q), q.Decimal(), int64(back), err)
		}
		want, ok := new(big.Rat).SetString(text)
		if ok && want.Cmp(new(big.Rat).SetFrac64(int64(q), 1_000_000_000)) != 0 {
			t.Fatalf("%q parsed as %d µWh", text, int64(q))
		}
	})
}

func FuzzFromFloat(f *testing.F) {
	for _, v := range []float64{0, 1, 0.1, 231.5, -0.0078125, 1e-300, 9.2e12, math.Pi} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v float64) {
		got, err := unit.MassFromGrams(v)
		if math.IsNaN(v) || math.IsInf(v, 0) {
			if err == nil {
				t.Fatalf("%v: want an error", v)
			}
			return
		}
		exact := new(big.Rat).SetFloat64(v)
		want := roundHalfEven(exact.Mul(exact, big.NewRat(1_000_000, 1)))
		if !want.IsInt64() {
			if !errors.Is(err, unit.ErrOverflow) {
				t.Fatalf("%v: %v, want overflow", v, err)
			}
			return
		}
		if err != nil || int64(got) != want.Int64() {
			t.Fatalf("%v = %d, %v; want %v", v, int64(got), err, want)
		}
	})
}

func FuzzMulDiv(f *testing.F) {
	f.Add(int64(81_580_183), int64(231_500_000), int64(1_000_000_000))
	f.Add(int64(math.MinInt64), int64(-1), int64(1))
	f.Add(int64(math.MinInt64), int64(math.MinInt64), int64(math.MinInt64))
	f.Add(int64(3), int64(1), int64(2))
	f.Fuzz(func(t *testing.T, a, b, c int64) {
		got, err := unit.MulDiv(a, b, c)
		if c == 0 {
			if !errors.Is(err, unit.ErrDivideByZero) {
				t.Fatalf("÷ 0: %v", err)
			}
			return
		}
		product := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
		want := roundHalfEven(new(big.Rat).SetFrac(product, big.NewInt(c)))
		if want.IsInt64() != (err == nil) || (err == nil && got != want.Int64()) {
			t.Fatalf("%d × %d ÷ %d = %d, %v; want %v", a, b, c, got, err, want)
		}
	})
}

// roundHalfEven is the rule written down a second time, in math/big.
func roundHalfEven(r *big.Rat) *big.Int {
	twice := new(big.Int).Lsh(r.Num(), 1)
	q, m := new(big.Int).DivMod(twice, r.Denom(), new(big.Int))
	half := q.Bit(0) == 1
	floor := new(big.Int).Rsh(q, 1)
	if half && (m.Sign() != 0 || floor.Bit(0) == 1) {
		floor.Add(floor, big.NewInt(1))
	}
	return floor
}

func BenchmarkTimes(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := unit.Energy(81_580_183).Times(231_500_000); err != nil {
			b.Fatal(err)
		}
	}
}
