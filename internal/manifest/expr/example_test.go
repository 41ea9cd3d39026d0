package expr_test

import (
	"fmt"
	"math"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/value"
)

// A formula is computed column by column; where a result is needed for one row
// only, row by row.
func ExampleFormula_Series() {
	e, err := expr.Parse("= (energy - idle) * 'carbon intensity'")
	if err != nil {
		fmt.Println(err)
		return
	}
	columns := map[string]frame.Vec{
		"energy": frame.VecOf([]float64{3, 5}), "idle": frame.ConstantVec(1, 2), "carbon intensity": frame.ConstantVec(200, 2),
	}
	f := e.Bind(func(name string) bool { _, ok := columns[name]; return ok })
	carbon, zeroAt := f.Series(2, func(name string) frame.Vec { return columns[name] })
	perPerson := carbon.Div(expr.Constant(4, 2))
	fmt.Println(perPerson.Vec().Floats(), zeroAt)

	last, ok := f.Row(func(name string) float64 { return columns[name].At(1) })
	fmt.Println(last, ok)
	// Output:
	// [100 200] -1
	// 800 true
}

// A series takes no memory of its own until it must, and then once.
func ExampleSeries() {
	busy, idle := frame.VecOf([]float64{1, 2, 3}), frame.VecOf([]float64{3, 2, 1})
	total := expr.Of(busy).Add(expr.Of(idle)).Mul(expr.Constant(0.5, 3)).Sub(expr.Constant(1, 3))
	fmt.Println(expr.Column("mean", total.Vec()).Constant())
	// Output: 1 true
}

// What cannot be calculated with is a problem that names it.
func ExampleNotOperand() {
	fmt.Println(expr.NotOperand("energy", value.OfNull()))
	fmt.Println(expr.NotOperand("energy", value.OfText("12")))
	fmt.Println(expr.DivisionByZero("= a / b"))
	fmt.Println(expr.Describe(value.OfText("12")), expr.Describe(value.OfNull()))
	// Output:
	// InputValidationError: energy is missing from the input array or has nullish value.
	// InputValidationError: The value of the `energy` parameter in the input array is not a number.
	// ZeroDivisionArithmeticOperationError: The input expression contains a division by zero: `= a / b`.
	// "12" null
}

// Before columns are evaluated, somebody looks whether any of them needs it.
func ExampleAnyText() {
	f := frame.New(1, frame.NewNumbers("a", []float64{1}), frame.NewTexts("b", []string{"= a * 2"}))
	fmt.Println(expr.AnyText(f, expr.Is))
	// Output: b true
}

// Powers are those of JavaScript engines, to the last bit.
func ExamplePow() {
	fmt.Println(expr.Pow(1.1, 10), math.IsNaN(expr.Pow(1, math.Inf(1))))
	// Output: 2.5937424601000023 true
}

// What Impact Framework 1.1.0 takes for arithmetic, and what becomes of it.
func ExampleScriptEvaluates() {
	for _, s := range []string{"= 2 * 'carbon'", "2024-01-01", "label", "=2*3"} {
		fmt.Println(s, "|", expr.ScriptEvaluates(s), expr.ScriptReads(s))
	}
	fmt.Println(expr.ScriptNumber(value.OfNull()), expr.ScriptNumber(value.OfText(" 7 ")), expr.ScriptNumber(value.OfBool(true)))
	// Output:
	// = 2 * 'carbon' | true true
	// 2024-01-01 | true false
	// label | false false
	// =2*3 | true false
	// 0 7 1
}

// Rows, configs and names of outputs are evaluated each in their own way.
func ExampleScriptInputs() {
	f := frame.New(2, frame.NewNumbers("a", []float64{1, 2}), frame.NewTexts("date", []string{"2024-01-02", "=3*4"}))
	out, rows, err := expr.ScriptInputs(f)
	fmt.Println(out.At(0, "date"), out.At(1, "date"), rows, err)

	simple, err := expr.ScriptSimple(value.OfText("=2*3"))
	fmt.Println(simple, err)
	number, err := expr.CheckScript("coefficient", "=2*'carbon'", true)
	fmt.Println(number, err)
	name, result, err := expr.ScriptOutput("= 2 * 'carbon'", value.OfNumber(10))
	fmt.Println(name, result, err)
	// Output:
	// undefined 12 2 <nil>
	// 6 <nil>
	// 2 <nil>
	// carbon 20 <nil>
}
