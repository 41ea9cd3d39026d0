package expr_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
)

func ExampleParse() {
	e, err := expr.Parse("= 2.5 * (cpu/energy + 'network/energy')")
	if err != nil {
		fmt.Println(err)
		return
	}
	// The rows have both metrics, so cpu/energy is one of them and no division.
	formula := e.Bind(func(name string) bool { return name == "cpu/energy" || name == "network/energy" })
	result, zeroAt := formula.Columns(2, func(name string) frame.Vec {
		if name == "cpu/energy" {
			return frame.VecOf([]float64{1, 3})
		}
		return frame.ConstantVec(1, 2)
	})
	fmt.Println(formula.Names(), result.Floats(), zeroAt)
	// Output: [cpu/energy network/energy] [5 10] -1
}

func ExampleIs() {
	fmt.Println(expr.Is("= 2 * carbon"), expr.Is("env=prod"))
	// Output: true false
}

// value calculates an expression with the given metrics, as text for comparison.
func calculate(t *testing.T, text string, row map[string]float64) string {
	t.Helper()
	e, err := expr.Parse(text)
	if err != nil {
		return err.Error()
	}
	f := e.Bind(func(name string) bool { _, ok := row[name]; return ok })
	for _, name := range f.Names() {
		if _, ok := row[name]; !ok {
			return "no " + name
		}
	}
	v, ok := f.Row(func(name string) float64 { return row[name] })
	if !ok {
		return "division by zero"
	}
	return fmt.Sprint(v)
}

func TestArithmetic(t *testing.T) {
	t.Parallel()
	row := map[string]float64{
		"a": 6, "b": 3, "carbon": 10, "co2": 7, "cpu-util": 50, "gpu0/energy": 4, "énergie": 9, "cpu.energy": 8,
		"2xlarge": 5, "a b": 11, "zero": 0,
	}
	for _, test := range []struct{ text, want string }{
		{"=1+2*3", "7"},
		{"=(1+2)*3", "9"},
		{"= 10 - 2 - 3", "5"},
		{"= 100 / 10 / 5", "2"},
		{"= 2 - -1", "3"},
		{"=--1", "1"},
		{"= -a", "-6"},
		{"= -(a + b) * 2", "-18"},
		{"= +a", "6"},
		{"=2.5*carbon", "25"},
		{"=.5*carbon", "5"},
		{"=5.*carbon", "50"},
		{"=1e3*a", "6000"},
		{"=1e-3*a", "0.006"},
		{"=2E+2", "200"},
		{"=co2*2", "14"},
		{"=2xlarge*2", "10"},
		{"=énergie/3", "3"},
		{"=cpu.energy/2", "4"},
		{"= 'a b' + \"carbon\"", "21"},
		{"= 1 / zero", "division by zero"},
		{"= zero / zero", "division by zero"},
		{"= 1 / (a - 6)", "division by zero"},
		{"= 0 / a", "0"},
		{"carbon * 2", "20"},
		// Runs: the longest name that is known, else operators.
		{"=gpu0/energy*2", "8"},
		{"=cpu-util*2", "100"},
		{"=a/b", "2"},
		{"=a-b", "3"},
		{"=a-1", "5"},
		{"=10-carbon", "0"},
		{"=carbon/a-b", "-1.3333333333333333"},
		{"=a-cpu-util", "-44"},
		{"=gpu0/energy/b", "1.3333333333333333"},
		{"=8/4/2", "1"},
		{"=2023-07-06", "2010"},
		// Unknown names: the whole run, or what is left of it.
		{"=disk/energy*2", "no disk/energy"},
		{"=a/disk", "no disk"},
		{"=disk-2", "no disk"},
		{"='cpu/energy'", "no cpu/energy"},
	} {
		if got := calculate(t, test.text, row); got != test.want {
			t.Errorf("%s: got %s, want %s", test.text, got, test.want)
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"=", `the end stands where a number or a name is missing`},
		{"=2*", `the end stands where a number or a name is missing`},
		{"=*2", `"*" at character 1 stands where a number or a name is missing`},
		{"=(1+2", `the end stands where a ) is missing`},
		{"=1+2)", `")" at character 4 stands where an operator is missing`},
		{"= 2 carbon", `"carbon" at character 4 stands where an operator is missing`},
		{"=2&3", `'&' at character 2 is neither a number nor a name nor one of + - * / ( ); put names in quotes`},
		{"= 'carbon", `the quote at character 2 is not closed`},
		{"=2**3", `"*" at character 3 stands where a number or a name is missing`},
		{"=" + strings.Repeat("(", 2000), "signs and parentheses are nested more than 1000 deep"},
	} {
		if _, err := expr.Parse(test.text); err == nil || err.Error() != test.want {
			t.Errorf("%.20s: got %v, want %s", test.text, err, test.want)
		}
	}
}

func TestColumnsAgreeWithRows(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	columns := map[string]frame.Vec{"constant": frame.ConstantVec(3, 50)}
	for _, name := range []string{"a", "b", "c"} {
		nums := make([]float64, 50)
		for i := range nums {
			nums[i] = float64(random.IntN(7)) - 2
		}
		columns[name] = frame.VecOf(nums)
	}
	known := func(name string) bool { _, ok := columns[name]; return ok }
	for _, text := range []string{"=a+b*c", "=(a-b)/c", "=2*a-constant/b", "=-(a*a)-c", "=constant*2", "=1/a+1/b", "=a-b-c-constant", "=b/(a-c)", "=a*a*a"} {
		e, err := expr.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		f := e.Bind(known)
		got, zeroAt := f.Columns(50, func(name string) frame.Vec { return columns[name] })
		wantZero := -1
		for row := range 50 {
			want, ok := f.Row(func(name string) float64 { return columns[name].At(row) })
			if !ok && wantZero < 0 {
				wantZero = row
			}
			if ok && math.Float64bits(got.At(row)) != math.Float64bits(want) {
				t.Errorf("%s: row %d: got %v, want %v", text, row, got.At(row), want)
			}
		}
		if zeroAt != wantZero {
			t.Errorf("%s: divides by zero in row %d, want %d", text, zeroAt, wantZero)
		}
	}
	if nums := columns["a"].Floats(); slices.Max(nums) > 4 {
		t.Error("a column was changed")
	}
}

func TestConstantsStayConstant(t *testing.T) {
	t.Parallel()
	e, err := expr.Parse("= 2 * (x + 1) / 4")
	if err != nil {
		t.Fatal(err)
	}
	f := e.Bind(func(string) bool { return true })
	got, _ := f.Columns(1000, func(string) frame.Vec { return frame.ConstantVec(3, 1000) })
	if c, ok := got.Constant(); !ok || c != 2 || got.Len() != 1000 {
		t.Errorf("got %v (constant %v, %d rows), want the constant 2 in 1000 rows", c, ok, got.Len())
	}
}

func TestSeriesAllocatesOnce(t *testing.T) {
	x, y := frame.VecOf(make([]float64, 1000)), frame.VecOf(make([]float64, 1000))
	allocations := testing.AllocsPerRun(10, func() {
		s := expr.Constant(2, 1000).Mul(expr.Of(x)).Add(expr.Of(y)).Sub(expr.Constant(1, 1000)).Div(expr.Of(y))
		s = expr.Constant(1, 1000).Add(s)
		_ = s.Vec()
	})
	if allocations > 1 {
		t.Errorf("%v allocations for a formula, want 1", allocations)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"=1+2", "= 2 * 'cpu/energy'", "=(a-b)/c", "=cpu/energy-2e-3", "=-.5", "='", "=1e", "=a--b", "=é/ü"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := expr.Parse(s)
		if err != nil {
			return
		}
		if e.String() != s {
			t.Errorf("%q reads as %q", s, e)
		}
		for _, known := range []func(string) bool{
			func(string) bool { return true },
			func(string) bool { return false },
			func(name string) bool { return len(name)%2 == 0 },
		} {
			formula := e.Bind(known)
			row, ok := formula.Row(func(name string) float64 { return float64(len(name)) })
			column, zeroAt := formula.Columns(3, func(name string) frame.Vec { return frame.ConstantVec(float64(len(name)), 3) })
			if ok != (zeroAt < 0) {
				t.Errorf("%q: rows divide by zero: %v, columns: %d", s, !ok, zeroAt)
			}
			if diff := cmp.Diff(fmt.Sprint(row), fmt.Sprint(column.At(2))); ok && diff != "" {
				t.Errorf("%q: rows and columns differ: %s", s, diff)
			}
		}
	})
}

func BenchmarkColumns(b *testing.B) {
	const n = 1440
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i)
	}
	e, err := expr.Parse("= 2.5 * (energy + overhead) / 3")
	if err != nil {
		b.Fatal(err)
	}
	formula := e.Bind(func(string) bool { return true })
	b.ReportAllocs()
	b.SetBytes(n * 8)
	for b.Loop() {
		formula.Columns(n, func(string) frame.Vec { return frame.VecOf(x) })
	}
}
