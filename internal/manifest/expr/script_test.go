package expr_test

import (
	"bufio"
	"errors"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/value"
)

func ExampleScriptValue() {
	row := func(name string) (value.Value, bool) { return value.OfNumber(-2), name == "carbon" }
	for _, s := range []string{"= 2 * carbon", "= 10 - carbon", "2023-07-06", "1/4", "label"} {
		v, err := expr.ScriptValue(s, row)
		fmt.Println(s, "→", v, err)
	}
	// Output:
	// = 2 * carbon → -4 <nil>
	// = 10 - carbon → undefined <nil>
	// 2023-07-06 → undefined <nil>
	// 1/4 → 0.25 <nil>
	// label → label <nil>
}

func ExampleScriptName() {
	for _, s := range []string{"carbon", "= 2 * 'cpu/energy'", "co2", "=2*3", "énergie", "2.5"} {
		name, _ := expr.ScriptName(s)
		fmt.Println(s, "→", name)
	}
	// Output:
	// carbon → carbon
	// = 2 * 'cpu/energy' → cpu/energy
	// co2 → co
	// =2*3 → 6
	// énergie → nergie
	// 2.5 → 2.5
}

// short is an error as Impact Framework prints it.
func short(err error) string {
	var p *diag.Problem
	if errors.As(err, &p) {
		return p.Short()
	}
	return fmt.Sprint(err)
}

func TestScriptValue(t *testing.T) {
	t.Parallel()
	row := value.NewMap(0)
	row.Set("carbon", value.OfNumber(3))
	row.Set("cpu-util", value.OfNumber(0.5))
	row.Set("cpu/energy", value.OfNumber(8))
	row.Set("text", value.OfText("2*3"))
	row.Set("five", value.OfText("5"))
	row.Set("nothing", value.OfNull())
	row.Set("yes", value.OfBool(true))
	row.Set("label", value.OfText("hello"))
	lookup := func(name string) (value.Value, bool) { return row.Get(name), row.Has(name) }
	for _, test := range []struct{ text, want string }{
		{"=2*3", "6"},
		{"2 + 3 * 4", "14"},
		{"7", "7"},
		{"007", "undefined"},
		{" 7 ", "7"},
		{"= 2 * carbon", "6"},
		{"=carbon", "3"},
		{"= 2 * 'cpu/energy'", "16"},
		{"= 2 * cpu-util", "1"},
		{"=2**3", "8"},
		{"=6//3", "6"},
		{"=2--1", "undefined"},
		{"=2 - -1", "undefined"}, // the tokens are joined without white space
		{"=2*five", "10"},
		{"=2*yes", "2"},
		{"=2*nothing", "undefined"},
		{"env=prod", "InputValidationError: envprod is missing from the input array or has nullish value."},
		{"=2*cpu/energy", "InputValidationError: cpu is missing from the input array or has nullish value."},
		{"=2*label", "InputValidationError: The value of the `label` parameter in the input array is not a number."},
		{"=2*text", "InputValidationError: The value of the `text` parameter in the input array is not a number."},
		{"=2&3", "WrongArithmeticExpressionError: The operator in `=2&3` should be one of these arithmetic operators: *, +, - or /."},
		{"=(2+3)*2", "WrongArithmeticExpressionError: The operator in `=(2+3)*2` should be one of these arithmetic operators: *, +, - or /."},
		{"=2.5*carbon", "WrongArithmeticExpressionError: The operator in `=2.5*carbon` should be one of these arithmetic operators: *, +, - or /."},
		{"=1/0", "ZeroDivisionArithmeticOperationError: The input expression contains a division by zero: `1/0`."},
		{"=0/0", "undefined"},
		{"= -1/0", "-Infinity"},
	} {
		v, err := expr.ScriptValue(test.text, lookup)
		got := v.String()
		if err != nil {
			got = short(err)
		}
		if got != test.want {
			t.Errorf("%q: got %s, want %s", test.text, got, test.want)
		}
	}
}

func TestScriptOutput(t *testing.T) {
	t.Parallel()
	const refused = "WrongArithmeticExpressionError: The output parameter `%s` contains an invalid arithmetic expression. " +
		"It should start with `=` and include the symbols `*`, `+`, `-` and `/`."
	for _, test := range []struct {
		output       string
		result       float64
		name, amount string
	}{
		{"carbon-product", 3, "carbon-product", "3"},
		{"= 2 * 'carbon-product'", 3, "carbon-product", "6"},
		{"= 10 - product", -1, "product", "11"},
		{"=10-product", -1, "product", "undefined"},
		{"= 2.5 * product", 6, "product", "15"},
		{"= 2 * co2", 3, "co", "64"},
		{"co2", 3, fmt.Sprintf(refused, "co2"), ""},
		{"cpu energy", 3, fmt.Sprintf(refused, "cpu energy"), ""},
		{"= 2 * (product)", 3, fmt.Sprintf(refused, "= 2 * (product)"), ""},
		{"= product / 0", 3, "ZeroDivisionArithmeticOperationError: The input expression contains a division by zero: ` 3 / 0`.", ""},
	} {
		name, v, err := expr.ScriptOutput(test.output, value.OfNumber(test.result))
		amount := v.String()
		if err != nil {
			name, amount = short(err), ""
		}
		if name != test.name || amount != test.amount {
			t.Errorf("%q of %v: got %s %s, want %s %s", test.output, test.result, name, amount, test.name, test.amount)
		}
	}
}

func TestCheckScript(t *testing.T) {
	t.Parallel()
	const refused = "InputValidationError: The `key` contains an invalid arithmetic expression. " +
		"It should start with `=` and include the symbols `*`, `+`, `-` and `/`."
	for _, test := range []struct {
		text   string
		number bool
		want   string
	}{
		{"carbon", false, "string carbon"},
		{"cpu.energy", false, "string cpu.energy"},
		{"co2", false, refused},
		{"gpu0/energy", false, refused},
		{"= 2 * carbon", false, "string = 2 * carbon"},
		{"=(2+1)*3", true, refused},
		{"= 2 * 3", true, "number 6"},
		{"abc 7 def", true, "number 7"},
		{"=-2*3", true, "number -6"},
	} {
		v, err := expr.CheckScript("key", test.text, test.number)
		got := v.Kind().String() + " " + v.String()
		if err != nil {
			got = short(err)
		}
		if got != test.want {
			t.Errorf("%q: got %s, want %s", test.text, got, test.want)
		}
	}
}

// TestPowIsThatOfV8 holds Pow to testdata/pow-v8.txt, which testdata/pow-v8.js
// has recorded: every bit must be the same.
func TestPowIsThatOfV8(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/pow-v8.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	scanner, n := bufio.NewScanner(file), 0
	for ; scanner.Scan(); n++ {
		var x, y, want uint64
		if _, err := fmt.Sscanf(scanner.Text(), "%x %x %x", &x, &y, &want); err != nil {
			t.Fatal(err)
		}
		base, exponent, power := math.Float64frombits(x), math.Float64frombits(y), math.Float64frombits(want)
		got := expr.Pow(base, exponent)
		if math.Float64bits(got) != want && (got == got || power == power) {
			t.Errorf("%v ** %v: got %v, want %v", base, exponent, got, power)
		}
	}
	if n < 1000 {
		t.Errorf("only %d powers were compared: %v", n, scanner.Err())
	}
}

func ExampleInputs() {
	row := value.NewMap(0)
	row.Set("energy", value.OfNumber(3))
	row.Set("carbon", value.OfText("= 400 * energy"))
	row.Set("id", value.OfText("007"))
	f, err := expr.Inputs(frame.FromRows([]*value.Map{row}))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.At(0, "carbon"), f.At(0, "id"))
	// Output: 1200 007
}

func TestInputs(t *testing.T) {
	t.Parallel()
	run := func(cells ...string) string {
		row := value.NewMap(0)
		for i := 0; i < len(cells); i += 2 {
			row.Set(cells[i], value.OfText(cells[i+1]))
		}
		row.Set("n", value.OfNumber(4))
		for _, rows := range [][]*value.Map{{row}, {value.NewMap(0), row}} {
			f, err := expr.Inputs(frame.FromRows(rows))
			if err != nil {
				return short(err)
			}
			if got := f.At(f.Len()-1, "a").String(); len(rows) == 2 {
				return got
			}
		}
		return ""
	}
	for _, test := range []struct {
		cells []string
		want  string
	}{
		{[]string{"a", "=n*2"}, "8"},
		{[]string{"a", "=b+1", "b", "=n*2"}, "9"},
		{[]string{"b", "=n*2", "a", "=b+1"}, "9"},
		{[]string{"a", "env=prod"}, "env=prod"},
		{[]string{"a", "1-2"}, "1-2"},
		{[]string{"a", "=a"}, "InputValidationError: The value of the `a` parameter in the input array is not a number."},
		{[]string{"a", "=b", "b", "=a"}, "InputValidationError: The value of the `a` parameter in the input array is not a number."},
		{[]string{"a", "=b", "b", "hello"}, "InputValidationError: The value of the `b` parameter in the input array is not a number."},
		{[]string{"a", "=none"}, "InputValidationError: none is missing from the input array or has nullish value."},
		{[]string{"a", "=2&3"}, "WrongArithmeticExpressionError: The operator in `=2&3` should be one of these arithmetic operators: *, +, - or /."},
		{[]string{"a", "=n/(n-4)"}, "ZeroDivisionArithmeticOperationError: The input expression contains a division by zero: `=n/(n-4)`."},
	} {
		if got := run(test.cells...); got != test.want {
			t.Errorf("%v: got %s, want %s", test.cells, got, test.want)
		}
	}
}

func FuzzScript(f *testing.F) {
	for _, s := range []string{"= 2 * carbon", "2023-07-06", "env=prod", "=2**-1", "=6//3", "='a' + \"b\"", "=2--1", "=\u00a07", "=1e3", "==", "=&"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		row := func(name string) (value.Value, bool) { return value.OfNumber(float64(len(name))), len(name) > 1 }
		v, err := expr.ScriptValue(s, row)
		if err == nil && !expr.ScriptEvaluates(s) && v.String() != s {
			t.Errorf("%q is no arithmetic and became %v", s, v)
		}
		_, _, _ = expr.ScriptOutput(s, value.OfNumber(1.5))
		_, _ = expr.CheckScript("key", s, true)
		_, _ = expr.ScriptSimple(value.OfText(s))
	})
}
