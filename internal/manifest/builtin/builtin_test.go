package builtin_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/builtin"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/value"
)

// example is a plugin and its rows, as JSON, and what it makes of them: by
// default, and where that is different under the options of Impact Framework.
type example struct {
	name                    string
	method, config, mapping string
	rows                    string
	want                    string   // rows as JSON, or the error's class and text
	notices                 []string // the differences that the default reports
	if11                    string
}

func specOf(t testing.TB, e example) builtin.Spec {
	spec := builtin.Spec{Name: "p", Method: e.method}
	if e.config != "" {
		spec.Config = ordered(t, []byte(e.config)).Map()
	}
	if e.mapping != "" {
		spec.Mapping = ordered(t, []byte(e.mapping)).Map()
	}
	return spec
}

// run runs an example and returns its rows, or its error, and the notices.
func run(t testing.TB, e example, opts compat.Options, first bool) (*frame.Frame, []string, error) {
	t.Helper()
	p, err := builtin.New(specOf(t, e), opts)
	if err != nil {
		t.Fatal(err)
	}
	var notices []string
	env := &builtin.Env{Options: opts, First: first, Notice: func(difference, _ string) { notices = append(notices, difference) }}
	f, err := p.Run(context.Background(), env, rowsOf(ordered(t, []byte(e.rows))))
	return f, notices, err
}

// result is what an example comes to, as text.
func result(f *frame.Frame, err error) string {
	if err != nil {
		var problem *diag.Problem
		if errors.As(err, &problem) {
			return problem.Short()
		}
		return err.Error()
	}
	return show(listOf(f))
}

func checkExamples(t *testing.T, examples []example) {
	t.Helper()
	for _, e := range examples {
		t.Run(e.method+"/"+e.name, func(t *testing.T) {
			t.Parallel()
			want := e.want
			if strings.HasPrefix(want, "[") {
				want = show(ordered(t, []byte(want)))
			}
			f, notices, err := run(t, e, compat.Options{}, true)
			if got := result(f, err); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if diff := cmp.Diff(e.notices, notices); diff != "" {
				t.Errorf("notices: %s", diff)
			}
			if e.if11 != "" {
				want = e.if11
			}
			if strings.HasPrefix(want, "[") && e.if11 != "" {
				want = show(ordered(t, []byte(want)))
			}
			f, notices, err = run(t, e, compat.IF11(), true)
			if got := result(f, err); got != want {
				t.Errorf("as Impact Framework: got %s\nwant %s", got, want)
			}
			if len(notices) > 0 {
				t.Errorf("as Impact Framework: notices %v", notices)
			}
		})
	}
}

func TestFolds(t *testing.T) {
	t.Parallel()
	sum := func(output string) string {
		return `{"input-parameters": ["a", "b"], "output-parameter": "` + output + `"}`
	}
	checkExamples(t, []example{
		{
			name: "sum", method: "Sum", config: sum("s"), rows: `[{"a": 0.1, "b": 0.2}, {"a": 5, "b": -3}]`,
			want: `[{"a": 0.1, "b": 0.2, "s": 0.30000000000000004}, {"a": 5, "b": -3, "s": 2}]`,
		},
		{name: "sum-overwrites-in-place", method: "Sum", config: sum("a"), rows: `[{"a": 1, "b": 2}]`, want: `[{"a": 3, "b": 2}]`},
		{name: "sum-of-nothing", method: "Sum", config: `{"input-parameters": [], "output-parameter": "s"}`, rows: `[{"a": 1}]`, want: `[{"a": 1, "s": 0}]`},
		{
			name: "negative-zero", method: "Sum", config: `{"input-parameters": ["a"], "output-parameter": "s"}`, rows: `[{"a": {"$num": "-0"}}]`,
			want: `[{"a": {"$num": "-0"}, "s": 0}]`,
		},
		{
			name: "infinity", method: "Sum", config: `{"input-parameters": ["a"], "output-parameter": "s"}`, rows: `[{"a": {"$num": "Infinity"}}]`,
			want: `[{"a": {"$num": "Infinity"}, "s": {"$num": "Infinity"}}]`,
		},
		{name: "multiply", method: "Multiply", config: sum("p"), rows: `[{"a": 3, "b": 0.1}]`, want: `[{"a": 3, "b": 0.1, "p": 0.30000000000000004}]`},
		{name: "multiply-nothing", method: "Multiply", config: `{"input-parameters": [], "output-parameter": "p"}`, rows: `[{"a": 1}]`, want: `[{"a": 1, "p": 1}]`},
		{
			name: "subtract", method: "Subtract", config: `{"input-parameters": ["a", "b", "c"], "output-parameter": "d"}`, rows: `[{"a": 10, "b": 2, "c": 3}]`,
			want: `[{"a": 10, "b": 2, "c": 3, "d": 5}]`,
		},
		{name: "subtract-nothing", method: "Subtract", config: `{"input-parameters": [], "output-parameter": "d"}`, rows: `[{"a": 10}]`, want: `[{"a": 10}]`},
		{
			name: "no-config", method: "Sum", rows: `[{"a": 1}]`,
			want: `InputValidationError: "input-parameters" parameter is required. Error code: invalid_type.,"output-parameter" parameter is required. Error code: invalid_type.`,
		},
		{name: "no-config", method: "Multiply", rows: `[{"a": 1}]`, want: `ConfigError: Config is not provided.`},
		{
			name: "missing", method: "Sum", config: sum("s"), rows: `[{"c": 1}]`,
			want: `InputValidationError: "a" parameter is required. Error code: invalid_type.,"b" parameter is required. Error code: invalid_type.`,
		},
		{
			name: "wrong-types", method: "Sum", config: sum("s"), rows: `[{"a": "abc", "b": true}]`,
			want: `InputValidationError: "a" parameter is expected number, received string. Error code: invalid_type.,"b" parameter is expected number, received boolean. Error code: invalid_type.`,
		},
		{
			name: "not-a-number", method: "Sum", config: sum("s"), rows: `[{"a": {"$num": "NaN"}, "b": null}]`,
			want: `InputValidationError: "a" parameter is expected number, received nan. Error code: invalid_type.,"b" parameter is expected number, received null. Error code: invalid_type.`,
		},
		{
			name: "names-with-digits", method: "Sum", config: sum("co2"), rows: `[{"a": 1, "b": 2}]`, want: `[{"a": 1, "b": 2, "co2": 3}]`, notices: []string{"plain-names"},
			if11: "WrongArithmeticExpressionError: The output parameter `co2` contains an invalid arithmetic expression. It should start with `=` and include the symbols `*`, `+`, `-` and `/`.",
		},
		{name: "names-that-exist", method: "Sum", config: sum("co2"), rows: `[{"a": 1, "b": 2, "co2": 9}]`, want: `[{"a": 1, "b": 2, "co2": 3}]`},
		{name: "output-expression", method: "Sum", config: sum("= 2.5 * product"), rows: `[{"a": 1, "b": 5}]`, want: `[{"a": 1, "b": 5, "product": 15}]`},
		{
			name: "output-parentheses", method: "Sum", config: sum("= 2 * (product + 1)"), rows: `[{"a": 1, "b": 5}]`, notices: []string{"plain-names"}, want: `[{"a": 1, "b": 5, "product": 14}]`,
			if11: "WrongArithmeticExpressionError: The output parameter `= 2 * (product + 1)` contains an invalid arithmetic expression. It should start with `=` and include the symbols `*`, `+`, `-` and `/`.",
		},
		{name: "output-over-a-metric", method: "Sum", config: sum("= total / b"), rows: `[{"a": 1, "b": 5}]`, notices: []string{"plain-names"}, want: `[{"a": 1, "b": 5, "total": 1.2}]`, if11: `[{"a": 1, "b": 5}]`},
		{
			name: "quoted-number", method: "Sum", config: sum("s"), rows: `[{"a": "5", "b": 1}]`, notices: []string{"input-text"},
			want: `InputValidationError: "a" parameter is expected number, received string. Error code: invalid_type.`, if11: `[{"a": 5, "b": 1, "s": 6}]`,
		},
		{
			name: "quoted-date", method: "Sum", config: sum("s"), rows: `[{"day": "2023-07-06", "a": 1, "b": 1}]`, notices: []string{"input-text"},
			want: `[{"day": "2023-07-06", "a": 1, "b": 1, "s": 2}]`, if11: `[{"a": 1, "b": 1, "s": 2}]`,
		},
		{
			name: "label-with-equals", method: "Sum", config: sum("s"), rows: `[{"label": "env=prod", "a": 1, "b": 1}]`, notices: []string{"input-text"},
			want: `[{"label": "env=prod", "a": 1, "b": 1, "s": 2}]`, if11: "InputValidationError: envprod is missing from the input array or has nullish value.",
		},
		{
			name: "input-expression", method: "Sum", config: sum("s"), rows: `[{"a": "= 2 * (b + 1)", "b": 1}, {"a": 1, "b": "=3"}]`,
			notices: []string{"input-text"}, want: `[{"a": 4, "b": 1, "s": 5}, {"a": 1, "b": 3, "s": 4}]`,
			if11: "WrongArithmeticExpressionError: The operator in `= 2 * (b + 1)` should be one of these arithmetic operators: *, +, - or /.",
		},
		{name: "no-rows", method: "Sum", config: sum("s"), rows: `[]`, want: `[]`, if11: "TypeError: Cannot convert undefined or null to object"},
	})
}

func TestCoefficientExponentCopy(t *testing.T) {
	t.Parallel()
	coefficient := func(input, coefficient string) string {
		return `{"input-parameter": "` + input + `", "coefficient": ` + coefficient + `, "output-parameter": "x"}`
	}
	const lastRow = "last-row-expression"
	checkExamples(t, []example{
		{name: "number", method: "Coefficient", config: coefficient("a", "-2.5e-3"), rows: `[{"a": 9}]`, want: `[{"a": 9, "x": -0.0225}]`},
		{name: "constant-expression", method: "Coefficient", config: coefficient("a", `"= 2 * 3"`), rows: `[{"a": 1}]`, want: `[{"a": 1, "x": 6}]`},
		{name: "constant-without-equals", method: "Coefficient", config: coefficient("a", `"2 * 3"`), rows: `[{"a": 1}]`, want: `[{"a": 1, "x": 6}]`},
		{
			name: "parentheses", method: "Coefficient", config: coefficient("a", `"=(2+1)*3"`), rows: `[{"a": 1}]`, notices: []string{lastRow}, want: `[{"a": 1, "x": 9}]`,
			if11: "InputValidationError: The `coefficient` contains an invalid arithmetic expression. It should start with `=` and include the symbols `*`, `+`, `-` and `/`.",
		},
		{
			name: "each-row", method: "Coefficient", config: coefficient("= 2 * aa", "100"), rows: `[{"aa": 1}, {"aa": 2}, {"aa": 3}]`, notices: []string{lastRow},
			want: `[{"aa": 1, "x": 200}, {"aa": 2, "x": 400}, {"aa": 3, "x": 600}]`, if11: `[{"aa": 1, "x": 600}, {"aa": 2, "x": 600}, {"aa": 3, "x": 600}]`,
		},
		{
			name: "coefficient-of-each-row", method: "Coefficient", config: coefficient("aa", `"= bb / 2"`), rows: `[{"aa": 1, "bb": 2}, {"aa": 1, "bb": 4}]`, notices: []string{lastRow},
			want: `[{"aa": 1, "bb": 2, "x": 1}, {"aa": 1, "bb": 4, "x": 2}]`, if11: `[{"aa": 1, "bb": 2, "x": 2}, {"aa": 1, "bb": 4, "x": 2}]`,
		},
		{
			name: "slash-in-a-name", method: "Coefficient", config: coefficient("= 2 * cpu/energy", "3"), rows: `[{"cpu/energy": 1}]`, notices: []string{lastRow}, want: `[{"cpu/energy": 1, "x": 6}]`,
			if11: "InputValidationError: cpu is missing from the input array or has nullish value.",
		},
		{name: "negative-operand", method: "Coefficient", config: coefficient("= 10 - aa", "3"), rows: `[{"aa": -2}]`, notices: []string{lastRow}, want: `[{"aa": -2, "x": 36}]`, if11: `[{"aa": -2, "x": {"$num": "NaN"}}]`},
		{
			name: "digits-in-a-name", method: "Coefficient", config: coefficient("co2", "2"), rows: `[{"co2": 1}]`, want: `[{"co2": 1, "x": 2}]`,
			if11: "InputValidationError: The `input-parameter` contains an invalid arithmetic expression. It should start with `=` and include the symbols `*`, `+`, `-` and `/`.",
		},
		{
			name: "dot-in-a-name", method: "Coefficient", config: coefficient("cpu.energy", "2"), rows: `[{"cpu.energy": 1}]`, want: `[{"cpu.energy": 1, "x": 2}]`,
			if11: `InputValidationError: "input-parameter" parameter is required. Error code: invalid_type.`,
		},
		{
			name: "text", method: "Coefficient", config: coefficient("a", `"abc 7 def"`), rows: `[{"a": 1}]`,
			want: `InputValidationError: "coefficient" parameter is expected number, received string. Error code: invalid_type.`, if11: `[{"a": 1, "x": {"$num": "NaN"}}]`,
		},
		{
			name: "missing-operand", method: "Coefficient", config: coefficient("= 2 * none", "2"), rows: `[{"a": 1}]`,
			want: "InputValidationError: none is missing from the input array or has nullish value.",
		},
		{
			name: "missing-input", method: "Coefficient", config: coefficient("carbon", "2"), rows: `[{"a": 1}]`,
			want: `InputValidationError: "input-parameter" parameter is required. Error code: invalid_type.`,
		},
		{
			name: "division-by-zero", method: "Coefficient", config: coefficient("= 1 / aa", "2"), rows: `[{"aa": 1}, {"aa": 0}]`,
			want: "ZeroDivisionArithmeticOperationError: The input expression contains a division by zero: `= 1 / aa`.",
			if11: "ZeroDivisionArithmeticOperationError: The input expression contains a division by zero: `1/0`.",
		},

		{
			name: "powers", method: "Exponent", config: `{"input-parameter": "a", "exponent": 0.5, "output-parameter": "x"}`, rows: `[{"a": 9}, {"a": -9}]`,
			want: `[{"a": 9, "x": 3}, {"a": -9, "x": {"$num": "NaN"}}]`,
		},
		{
			name: "spaces", method: "Exponent", config: `{"input-parameter": "a", "exponent": "= 1 + 1", "output-parameter": "x"}`, rows: `[{"a": 3}]`, want: `[{"a": 3, "x": 9}]`,
			if11: `InputValidationError: "exponent" parameter is expected number, received string. Error code: invalid_type.`,
		},

		{name: "keep", method: "Copy", config: `{"keep-existing": true, "from": "aa", "to": "x"}`, rows: `[{"aa": "hi", "b": 1}]`, want: `[{"aa": "hi", "b": 1, "x": "hi"}]`},
		{name: "move", method: "Copy", config: `{"keep-existing": false, "from": "aa", "to": "x"}`, rows: `[{"aa": "hi", "b": 1}]`, want: `[{"b": 1, "x": "hi"}]`},
		{
			name: "move-zero", method: "Copy", config: `{"keep-existing": false, "from": "aa", "to": "x"}`, rows: `[{"aa": 0}, {"aa": 1}]`, want: `[{"x": 0}, {"x": 1}]`,
			notices: []string{"copy-falsy"}, if11: `[{"aa": 0, "x": 0}, {"x": 1}]`,
		},
		{
			name: "expression", method: "Copy", config: `{"keep-existing": false, "from": "= 4 * 'if-size'", "to": "x"}`, rows: `[{"if-size": 2}, {"if-size": 3}]`, want: `[{"x": 8}, {"x": 12}]`,
			notices: []string{lastRow}, if11: `[{"x": 12}, {"x": 12}]`,
		},
		{
			name: "boolean", method: "Copy", config: `{"keep-existing": true, "from": "aa", "to": "x"}`, rows: `[{"aa": true}]`,
			want: `InputValidationError: "aa" parameter is expected string, received boolean. Error code: invalid_union.`,
		},
		{name: "no-keep", method: "Copy", config: `{"from": "aa", "to": "x"}`, rows: `[{"aa": 1}]`, want: `InputValidationError: "keep-existing" parameter is required. Error code: invalid_type.`},
		{
			name: "constant", method: "Copy", config: `{"keep-existing": true, "from": "=3*2", "to": "x"}`, rows: `[{"a": 1}]`, want: `[{"a": 1, "x": 6}]`,
			if11: `InputValidationError: "from" parameter is expected string, received number. Error code: invalid_type.`,
		},
	})
}

func TestDivide(t *testing.T) {
	t.Parallel()
	divide := func(denominator string) string {
		return `{"numerator": "a", "denominator": ` + denominator + `, "output": "x"}`
	}
	checkExamples(t, []example{
		{name: "by-a-number", method: "Divide", config: divide("4"), rows: `[{"a": 5}]`, want: `[{"a": 5, "x": 1.25}]`},
		{name: "by-a-quoted-number", method: "Divide", config: divide(`"4"`), rows: `[{"a": 5}]`, want: `[{"a": 5, "x": 1.25}]`},
		{name: "by-a-metric", method: "Divide", config: divide(`"b"`), rows: `[{"a": 5, "b": 2}, {"a": 9, "b": 3}]`, want: `[{"a": 5, "b": 2, "x": 2.5}, {"a": 9, "b": 3, "x": 3}]`},
		{
			name: "by-zero", method: "Divide", config: divide("0"), rows: `[{"a": 5}]`,
			want: "ZeroDivisionArithmeticOperationError: The `denominator` is 0, by which nothing can be divided.", if11: `[{"a": 5, "x": 5}]`,
		},
		{
			name: "by-a-row-of-zero", method: "Divide", config: divide(`"b"`), rows: `[{"a": 5, "b": 2}, {"a": 5, "b": 0}]`,
			want: "ZeroDivisionArithmeticOperationError: The `denominator` b is 0, by which nothing can be divided.",
			if11: "MissingInputDataError: b is missing from the input array, or has nullish value.",
		},
		{name: "by-what-is-missing", method: "Divide", config: divide(`"b"`), rows: `[{"a": 5}]`, want: "MissingInputDataError: b is missing from the input array, or has nullish value."},
		{name: "missing-numerator", method: "Divide", config: divide("4"), rows: `[{"b": 5}]`, want: `InputValidationError: "a" parameter is required. Error code: invalid_type.`},
		{
			name: "row-keys", method: "Divide", config: divide(`"b"`), rows: `[{"a": 5, "b": 2, "numerator": 100, "denominator": 10}]`,
			want: `[{"a": 5, "b": 2, "numerator": 100, "denominator": 10, "x": 2.5}]`, notices: []string{"divide-row-keys", "divide-row-keys"},
			if11: `[{"a": 5, "b": 2, "numerator": 100, "denominator": 10, "x": 10}]`,
		},
		{
			name: "expressions", method: "Divide", config: `{"numerator": "= 2 * aa", "denominator": "= bb + 1", "output": "x"}`, rows: `[{"aa": 6, "bb": 2}]`,
			want: `[{"aa": 6, "bb": 2, "x": 4}]`,
		},
	})
}

func TestSciAndEmbodied(t *testing.T) {
	t.Parallel()
	const unit = `{"functional-unit": "requests"}`
	checkExamples(t, []example{
		{name: "units", method: "Sci", config: unit, rows: `[{"duration": 10, "carbon": 5, "requests": 100}]`, want: `[{"duration": 10, "carbon": 5, "requests": 100, "sci": 0.05}]`},
		{
			name: "no-units", method: "Sci", config: unit, rows: `[{"duration": 10, "carbon": 5, "requests": 100}, {"duration": 10, "carbon": 5, "requests": 0}]`,
			want:    `[{"duration": 10, "carbon": 5, "requests": 100, "sci": 0.05}, {"duration": 10, "carbon": 5, "requests": 0, "sci": null}]`,
			notices: []string{"zero-units"},
			if11:    `[{"duration": 10, "carbon": 5, "requests": 100, "sci": 0.05}, {"duration": 10, "carbon": 5, "requests": 0, "sci": 5}]`,
		},
		{
			name: "null-units", method: "Sci", config: unit, rows: `[{"duration": 10, "carbon": 5, "requests": null}]`,
			want: "MissingInputDataError: `functional-unit` value is missing from input data or it is not a positive integer",
			if11: `[{"duration": 10, "carbon": 5, "requests": null, "sci": {"$num": "Infinity"}}]`,
		},
		{
			name: "negative-units", method: "Sci", config: unit, rows: `[{"duration": 10, "carbon": 5, "requests": -1}]`,
			want: "MissingInputDataError: `functional-unit` value is missing from input data or it is not a positive integer",
		},
		{
			name: "negative-carbon", method: "Sci", config: unit, rows: `[{"duration": 10, "carbon": -5, "requests": 1}]`,
			want: `InputValidationError: "carbon" parameter is number must be greater than or equal to 0. Error code: too_small.`,
		},
		{
			name: "no-duration", method: "Sci", config: unit, rows: `[{"duration": 0, "carbon": 5, "requests": 1}]`,
			want: `InputValidationError: "duration" parameter is number must be greater than or equal to 1. Error code: too_small.`,
		},
		{name: "empty-unit", method: "Sci", config: `{"functional-unit": ""}`, rows: `[{"carbon": 5}]`, want: "InputValidationError: `functional-unit` should be provided in your config"},
		{
			name: "expression", method: "Sci", config: `{"functional-unit": "= 2 * requests"}`, rows: `[{"duration": 10, "carbon": 4, "requests": 2}, {"duration": 10, "carbon": 4, "requests": 4}]`,
			want:    `[{"duration": 10, "carbon": 4, "requests": 2, "sci": 1}, {"duration": 10, "carbon": 4, "requests": 4, "sci": 0.5}]`,
			notices: []string{"last-row-expression"},
			if11:    `[{"duration": 10, "carbon": 4, "requests": 2, "sci": 0.5}, {"duration": 10, "carbon": 4, "requests": 4, "sci": 0.5}]`,
		},

		{
			name: "defaults", method: "SciEmbodied", rows: `[{"duration": 3600}]`,
			want: `[{"duration": 3600, "vCPUs": 1, "memory": 16, "ssd": 0, "hdd": 0, "gpu": 0, "usage-ratio": 1, "embodied-carbon": 28.538812785388128}]`,
		},
		{
			name: "everything", method: "SciEmbodied", rows: `[{"duration": 10, "vCPUs": 8, "memory": 32, "ssd": 1, "hdd": 2, "gpu": 3, "usage-ratio": 0.5, "time": 3600}]`,
			want: `[{"duration": 10, "vCPUs": 8, "memory": 32, "ssd": 1, "hdd": 2, "gpu": 3, "usage-ratio": 0.5, "time": 3600, "embodied-carbon": 34.563475076103494}]`,
		},
		{
			name: "wrong-types", method: "SciEmbodied", rows: `[{"duration": 10, "vCPUs": "abc", "memory": -1}]`,
			want: `InputValidationError: "vCPUs" parameter is expected number, received string at index 0. Error code: invalid_type.,"memory" parameter is number must be greater than 0 at index 0. Error code: too_small.`,
		},
		{
			name: "lifespan", method: "SciEmbodied", config: `{"lifespan": 0}`, rows: `[{"duration": 10}]`,
			want: `InputValidationError: "lifespan" parameter is number must be greater than 0. Error code: too_small.`,
		},
		{
			name: "config-of-each-row", method: "SciEmbodied", config: `{"baseline-emissions": "=2*be"}`, rows: `[{"duration": 10, "be": 100000}, {"duration": 10, "be": 200000}]`,
			want: `[{"duration": 10, "be": 100000, "vCPUs": 1, "memory": 16, "ssd": 0, "hdd": 0, "gpu": 0, "usage-ratio": 1, "embodied-carbon": 0.015854895991882296},
			        {"duration": 10, "be": 200000, "vCPUs": 1, "memory": 16, "ssd": 0, "hdd": 0, "gpu": 0, "usage-ratio": 1, "embodied-carbon": 0.03170979198376459}]`,
			notices: []string{"last-row-expression"},
			if11: `[{"duration": 10, "be": 100000, "vCPUs": 1, "memory": 16, "ssd": 0, "hdd": 0, "gpu": 0, "usage-ratio": 1, "embodied-carbon": 0.03170979198376459},
			        {"duration": 10, "be": 200000, "vCPUs": 1, "memory": 16, "ssd": 0, "hdd": 0, "gpu": 0, "usage-ratio": 1, "embodied-carbon": 0.03170979198376459}]`,
		},
	})
}

func TestInterpolationRegexTimeConverter(t *testing.T) {
	t.Parallel()
	curve := func(method, y string) string {
		return `{"method": "` + method + `", "x": [0, 10, 50, 100], "y": ` + y + `, "input-parameter": "cpu", "output-parameter": "f"}`
	}
	row := func(cpu, f string) string { return `[{"timestamp": "t1", "duration": 10, "cpu": ` + cpu + f + `}]` }
	convert := func(from, to string) string {
		return `{"input-parameter": "e", "original-time-unit": "` + from + `", "new-time-unit": "` + to + `", "output-parameter": "x"}`
	}
	regex := func(match string) string { return `{"parameter": "a", "match": "` + match + `", "output": "x"}` }
	const rising = `[0.12, 0.32, 0.75, 1.02]`
	checkExamples(t, []example{
		{name: "linear", method: "Interpolation", config: curve("linear", rising), rows: row("15.5", ""), want: row("15.5", `, "f": 0.379125`)},
		{name: "spline", method: "Interpolation", config: curve("spline", rising), rows: row("15.5", ""), want: row("15.5", `, "f": 0.4125646772103659`)},
		{name: "polynomial", method: "Interpolation", config: curve("polynomial", rising), rows: row("15.5", ""), want: row("15.5", `, "f": 0.4105360041666667`)},
		{name: "falling", method: "Interpolation", config: curve("linear", `[4, 3, 2, 1]`), rows: row("5", ""), want: row("5", `, "f": 3.5`), notices: []string{"sorted-curve"}, if11: row("5", `, "f": 1.5`)},
		{name: "unsorted", method: "Interpolation", config: `{"x": [100, 0, 50], "y": [1, 0.5, 0.8], "input-parameter": "cpu", "output-parameter": "f"}`, rows: row("25", ""), want: row("25", `, "f": 0.65`)},
		{name: "off", method: "Interpolation", config: curve("linear", rising), rows: row(`"off"`, ""), want: row("0", `, "f": 0`)},
		{name: "out-of-range", method: "Interpolation", config: curve("linear", rising), rows: row("101", ""), want: "InputValidationError: The target x value must be within the range of the given x values"},
		{
			name: "negative", method: "Interpolation", config: curve("linear", rising), rows: row("-1", ""),
			want: `InputValidationError: "cpu" parameter is number must be greater than or equal to 0 at index 0. Error code: too_small.,The target x value must be within the range of the given x values`,
		},
		{
			name: "no-time", method: "Interpolation", config: curve("linear", rising), rows: `[{"duration": 1, "cpu": 1}]`,
			want: `InputValidationError: "timestamp" parameter is required at index 0. Error code: invalid_union.`,
		},
		{
			name: "no-x", method: "Interpolation", config: `{"y": [1, 2], "input-parameter": "cpu", "output-parameter": "f"}`, rows: row("1", ""),
			want: `InputValidationError: "x" parameter is required. Error code: invalid_type.`, if11: "TypeError: Cannot read properties of undefined (reading 'sort')",
		},
		{
			name: "one-point", method: "Interpolation", config: `{"x": [0], "y": [1], "input-parameter": "cpu", "output-parameter": "f"}`, rows: row("0", ""),
			want: "InputValidationError: the length of the input arrays must be greater than 1",
		},
		{
			name: "unequal", method: "Interpolation", config: `{"x": [0], "y": [1, 2], "input-parameter": "cpu", "output-parameter": "f"}`, rows: row("0", ""),
			want: "InputValidationError: The length of `x` and `y` should be equal,the length of the input arrays must be greater than 1",
		},
		{
			name: "point-twice", method: "Interpolation", config: `{"method": "spline", "x": [0, 10, 10], "y": [1, 2, 3], "input-parameter": "cpu", "output-parameter": "f"}`, rows: row("1", ""),
			want: "InputValidationError: `x` has 10 twice: no spline goes through both points", if11: row("1", `, "f": {"$num": "NaN"}`),
		},
		{name: "expression", method: "Interpolation", config: `{"x": [0, 100], "y": [0, 1], "input-parameter": "= cpu / 2", "output-parameter": "f"}`, rows: row("50", ""), want: row("50", `, "f": 0.25`)},
		{
			name: "expression-out-of-range", method: "Interpolation", config: `{"x": [0, 100], "y": [0, 1], "input-parameter": "= cpu * 3", "output-parameter": "f"}`, rows: row("50", ""),
			want: "InputValidationError: The target x value must be within the range of the given x values", if11: row("50", `, "f": 0`),
		},

		{name: "first", method: "Regex", config: regex("^[^,]+"), rows: `[{"a": "foo,bar"}]`, want: `[{"a": "foo,bar", "x": "foo"}]`},
		{name: "group", method: "Regex", config: regex("(f)(o)"), rows: `[{"a": "foo,bar"}]`, want: `[{"a": "foo,bar", "x": "f"}]`, notices: []string{"regex-groups"}, if11: `[{"a": "foo,bar", "x": "fo f o"}]`},
		{name: "all", method: "Regex", config: regex("/[oa]/g"), rows: `[{"a": "foo,bar"}]`, want: `[{"a": "foo,bar", "x": "o o a"}]`},
		{name: "flag", method: "Regex", config: regex("/FOO/i"), rows: `[{"a": "foo,bar"}]`, want: `[{"a": "foo,bar", "x": "foo"}]`, if11: "SyntaxError: Unexpected end of input"},
		{name: "slash", method: "Regex", config: regex("a/b"), rows: `[{"a": "xa/by"}]`, want: `[{"a": "xa/by", "x": "a/b"}]`, if11: "SyntaxError: Invalid regular expression flags"},
		{name: "overwrite", method: "Regex", config: regex("^.") /* to x */, rows: `[{"a": "xy", "x": 1}]`, want: `[{"a": "xy", "x": "x"}]`},
		{name: "mismatch", method: "Regex", config: regex("z"), rows: `[{"a": "foo"}]`, want: "RegexMismatchError: `foo` does not match the /z/ regex expression"},
		{name: "missing", method: "Regex", config: regex("z"), rows: `[{"b": "foo"}]`, want: "MissingInputDataError: a is missing from the input array, or has nullish value."},
		{
			name: "number", method: "Regex", config: regex("z"), rows: `[{"a": 5}]`, want: `InputValidationError: "a" parameter is expected string, received number. Error code: invalid_type.`,
			if11: "TypeError: input[parameter].match is not a function",
		},
		{
			name: "lookahead", method: "Regex", config: regex("(?=a)"), rows: `[{"a": "a"}]`, want: "SyntaxError: Invalid regular expression: (?=a): invalid or unsupported Perl syntax: `(?=`",
			if11: "SyntaxError: Invalid regular expression: /(?=a)/: lookahead (?=",
		},

		{
			name: "to-duration", method: "TimeConverter", config: convert("year", "duration"), rows: `[{"duration": 3600, "e": 10000}]`, want: `[{"duration": 3600, "e": 10000, "x": 1.1407945862452114}]`,
			notices: []string{"six-decimals"}, if11: `[{"duration": 3600, "e": 10000, "x": 1.140795}]`,
		},
		{
			name: "small", method: "TimeConverter", config: convert("year", "s"), rows: `[{"duration": 3600, "e": 1}]`, want: `[{"duration": 3600, "e": 1, "x": 3.168873850681143e-08}]`,
			notices: []string{"six-decimals"}, if11: `[{"duration": 3600, "e": 1, "x": 0}]`,
		},
		{name: "exact", method: "TimeConverter", config: convert("hour", "min"), rows: `[{"duration": 3600, "e": 1.5}]`, want: `[{"duration": 3600, "e": 1.5, "x": 0.025}]`},
		{name: "m-is-a-month", method: "TimeConverter", config: convert("m", "month"), rows: `[{"duration": 3600, "e": 2}]`, want: `[{"duration": 3600, "e": 2, "x": 2}]`},
		{
			name: "short-duration", method: "TimeConverter", config: convert("hour", "duration"), rows: `[{"duration": 0.5, "e": 1}]`,
			want: `InputValidationError: "duration" parameter is number must be greater than or equal to 1. Error code: too_small.`,
		},
	})
}

// TestMappingWorksEverywhere is about the second component that uses an
// instance: there Impact Framework has forgotten the mapping.
func TestMappingWorksEverywhere(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		example
		first, later string // as Impact Framework
	}{
		{
			example{
				method: "Coefficient", config: `{"input-parameter": "carbon", "coefficient": 3, "output-parameter": "product"}`,
				mapping: `{"carbon": "my-carbon", "product": "p"}`, rows: `[{"my-carbon": 1}]`, want: `[{"my-carbon": 1, "p": 3}]`,
			},
			`[{"my-carbon": 1, "p": 3}]`, `InputValidationError: "input-parameter" parameter is required. Error code: invalid_type.`,
		},
		{
			example{
				method: "Coefficient", config: `{"input-parameter": "carbon", "coefficient": 3, "output-parameter": "product"}`,
				mapping: `{"product": "p"}`, rows: `[{"carbon": 1}]`, want: `[{"carbon": 1, "p": 3}]`,
			},
			`[{"carbon": 1, "p": 3}]`, `[{"carbon": 1, "product": 3}]`,
		},
		{
			example{
				method: "Sci", config: `{"functional-unit": "requests"}`, mapping: `{"carbon": "my-carbon", "sci": "if-sci"}`,
				rows: `[{"duration": 1, "carbon": 1, "my-carbon": 5, "requests": 2}]`,
				want: `[{"duration": 1, "carbon": 1, "my-carbon": 5, "requests": 2, "if-sci": 2.5}]`,
			},
			`[{"duration": 1, "my-carbon": 5, "requests": 2, "if-sci": 2.5}]`, `[{"duration": 1, "my-carbon": 5, "requests": 2, "if-sci": 2.5}]`,
		},
		{
			example{
				method: "Sci", config: `{"functional-unit": "requests"}`, mapping: `{"carbon": "my-carbon"}`,
				rows: `[{"duration": 1, "my-carbon": 5, "requests": 2}]`, want: `[{"duration": 1, "my-carbon": 5, "requests": 2, "sci": 2.5}]`,
			},
			`InputValidationError: "carbon" parameter is required. Error code: invalid_type.`, `InputValidationError: "carbon" parameter is required. Error code: invalid_type.`,
		},
		{
			example{
				method: "SciEmbodied", mapping: `{"vCPUs": "cpus", "embodied-carbon": "ec"}`, rows: `[{"duration": 3600, "cpus": 1}]`,
				want: `[{"duration": 3600, "cpus": 1, "memory": 16, "ssd": 0, "hdd": 0, "gpu": 0, "usage-ratio": 1, "ec": 28.538812785388128}]`,
			},
			`[{"duration": 3600, "cpus": 1, "memory": 16, "ssd": 0, "hdd": 0, "gpu": 0, "usage-ratio": 1, "ec": 28.538812785388128}]`,
			`[{"duration": 3600, "cpus": 1, "memory": 16, "ssd": 0, "hdd": 0, "gpu": 0, "usage-ratio": 1, "ec": 28.538812785388128}]`,
		},
		{
			example{
				method: "Coefficient", config: `{"input-parameter": "= 2 * carbon", "coefficient": 3, "output-parameter": "product"}`,
				mapping: `{"carbon": "my-carbon"}`, rows: `[{"my-carbon": 1}]`, want: `[{"my-carbon": 1, "product": 6}]`,
			},
			`[{"my-carbon": 1, "product": 6}]`, "InputValidationError: carbon is missing from the input array or has nullish value.",
		},
	} {
		want := show(ordered(t, []byte(test.want)))
		for _, first := range []bool{true, false} {
			f, _, err := run(t, test.example, compat.Options{}, first)
			if got := result(f, err); got != want {
				t.Errorf("%s %s, first %v: got %s, want %s", test.method, test.mapping, first, got, want)
			}
			wantIF := test.later
			if first {
				wantIF = test.first
			}
			if strings.HasPrefix(wantIF, "[") {
				wantIF = show(ordered(t, []byte(wantIF)))
			}
			f, _, err = run(t, test.example, compat.IF11(), first)
			if got := result(f, err); got != wantIF {
				t.Errorf("as Impact Framework, %s %s, first %v: got %s, want %s", test.method, test.mapping, first, got, wantIF)
			}
		}
	}
	_, notices, _ := run(t, example{method: "Sum", config: `{"input-parameters": ["a"], "output-parameter": "b"}`, mapping: `{"a": "c"}`, rows: `[{"c": 1}]`}, compat.Options{}, false)
	if !slices.Contains(notices, "mapping-once") {
		t.Errorf("notices %v, want mapping-once", notices)
	}
}

// TestMappedRowsOfSomeShape maps a metric that only some rows have.
func TestMappedRowsOfSomeShape(t *testing.T) {
	t.Parallel()
	e := example{
		method: "Sum", config: `{"input-parameters": ["a"], "output-parameter": "s"}`, mapping: `{"a": "c"}`,
		rows: `[{"a": 1}, {"a": 1, "c": 5}, {"c": 7}]`,
	}
	f, _, err := run(t, e, compat.Options{}, true)
	want := show(ordered(t, []byte(`[{"a": 1, "s": 1}, {"a": 1, "c": 5, "s": 5}, {"c": 7, "s": 7}]`)))
	if got := result(f, err); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestProblems looks at all that a problem says.
func TestProblems(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		example
		want string
	}{
		{
			example{method: "Sum", config: `{"input-parameters": ["a"], "output-parameter": "s"}`, rows: `[{"a": 1}, {"b": 1}, {"b": 2}, {"a": "x"}]`},
			`row 2, metric "a": InputValidationError: "a" parameter is required. Error code: invalid_type. (and 1 more row)
  Try: give "a" in the inputs or in defaults, or let an earlier plugin of the pipeline write it; the row has b`,
		},
		{
			example{method: "Sum", config: `{"input-parameters": ["a"], "output-parameter": "s"}`, rows: `[{"a": "5"}]`},
			`row 1, metric "a": InputValidationError: "a" parameter is expected number, received string. Error code: invalid_type.
  Try: write the number without quotes: a: 5`,
		},
		{
			example{method: "Coefficient", config: `{"input-parameter": "carbon", "coefficient": 1, "output-parameter": "s"}`, rows: `[{"carbon": null}]`},
			`row 1, metric "carbon": InputValidationError: "input-parameter" parameter is expected number, received null. Error code: invalid_type.
  Try: give "carbon" a value, or leave it out and give it in defaults`,
		},
		{
			example{
				method: "Interpolation", config: `{"x": [0, 10], "y": [0, 1], "input-parameter": "cpu", "output-parameter": "f"}`,
				rows: `[{"timestamp": "t", "duration": 1, "cpu": 5}, {"timestamp": "t", "duration": 1, "cpu": 11}]`,
			},
			`row 2, metric "cpu": InputValidationError: The target x value must be within the range of the given x values
  Try: x goes from 0 to 10; the value is 11`,
		},
		{
			example{method: "Divide", config: `{"numerator": "a", "denominator": "b", "output": "x"}`, rows: `[{"a": 1, "b": 0}, {"a": 1, "b": 0}]`},
			"row 1, metric \"b\": ZeroDivisionArithmeticOperationError: The `denominator` b is 0, by which nothing can be divided. (and 1 more row)\n" +
				"  Try: leave the row out, or say what b is when there is none",
		},
		{
			example{method: "Coefficient", config: `{"input-parameter": "= 2 * (carbon", "coefficient": 1, "output-parameter": "s"}`, rows: `[{"carbon": 1}]`},
			"InputValidationError: The `input-parameter` contains an invalid arithmetic expression. It should start with `=` and include the symbols `*`, `+`, `-` and `/`.\n" +
				"  Try: the end stands where a ) is missing",
		},
		{
			example{method: "Sum", config: `{"input-parameters": ["a"], "output-parameter": "s"}`, rows: `[{"a": "= b"}, {"a": "= b", "b": "x"}]`},
			"row 1, metric \"a\": InputValidationError: b is missing from the input array or has nullish value.\n" +
				"  Try: = b is calculated from b, which is undefined",
		},
	} {
		_, _, err := run(t, test.example, compat.Options{}, true)
		if err == nil || err.Error() != test.want {
			t.Errorf("got\n%v\nwant\n%s", err, test.want)
		}
	}
}

func TestUnknownMethod(t *testing.T) {
	t.Parallel()
	_, err := builtin.New(builtin.Spec{Name: "p", Method: "Summ"}, compat.Options{})
	if err == nil || !strings.Contains(err.Error(), "no builtin method `Summ`") || !strings.Contains(err.Error(), "Sum, TimeConverter, TimeSync") {
		t.Errorf("got %v", err)
	}
}

func TestCheckFindsWithoutRunning(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ method, config, want, if11 string }{
		{"Sum", `{"input-parameters": "a"}`, "input-parameters", "input-parameters"},
		{"Regex", `{"parameter": "a", "match": "(", "output": "x"}`, "Unterminated group", "Unterminated group"},
		{"Coefficient", `{"input-parameter": "=2*", "coefficient": 2, "output-parameter": "x"}`, "input-parameter", "Unexpected end of input"},
		{"Coefficient", `{"input-parameter": "co2", "coefficient": 2, "output-parameter": "x"}`, "", "input-parameter"},
		{"Coefficient", `{"input-parameter": "a", "coefficient": "=1/0", "output-parameter": "x"}`, "division by zero", "division by zero"},
		{"Divide", `{"numerator": "a", "denominator": 0, "output": "x"}`, "denominator", ""},
		{"Sum", `{"input-parameters": ["a"], "output-parameter": "= 2 * 3"}`, "= 2 * 3", ""},
		{"Nope", `{}`, "Nope", "plugin is not a function"},
		{"Sum", `{"input-parameters": ["a"], "output-parameter": "s"}`, "", ""},
	} {
		for _, mode := range []struct {
			opts compat.Options
			want string
		}{{compat.Options{}, test.want}, {compat.IF11(), test.if11}} {
			problems := builtin.Check(specOf(t, example{method: test.method, config: test.config}), mode.opts)
			found := slices.ContainsFunc(problems, func(p *diag.Problem) bool { return strings.Contains(p.Text, mode.want) })
			if found != (mode.want != "") {
				t.Errorf("%s %s: got %v, want %q", test.method, test.config, problems, mode.want)
			}
		}
	}
}

func ExampleNew() {
	config := value.NewMap(3)
	config.Set("input-parameter", value.OfText("energy"))
	config.Set("coefficient", value.OfNumber(400))
	config.Set("output-parameter", value.OfText("carbon"))
	plugin, err := builtin.New(builtin.Spec{Name: "carbon", Method: "Coefficient", Config: config}, compat.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	in := frame.New(2, frame.NewNumbers("energy", []float64{0.5, 0.25}))
	out, err := plugin.Run(context.Background(), &builtin.Env{First: true}, in)
	fmt.Println(out.At(0, "carbon"), out.At(1, "carbon"), err)
	// Output: 200 100 <nil>
}

func ExampleCheck() {
	config := value.NewMap(1)
	config.Set("input-parameters", value.OfText("energy"))
	for _, problem := range builtin.Check(builtin.Spec{Name: "s", Method: "Sum", Config: config}, compat.Options{}) {
		fmt.Println(problem)
	}
	// Output:
	// InputValidationError: "input-parameters" parameter is expected array, received string. Error code: invalid_type.,"output-parameter" parameter is required. Error code: invalid_type.
}

func ExampleMetadataOf() {
	for _, info := range builtin.MetadataOf("Sci").Outputs {
		fmt.Println(info.Name, info.Unit, info.Time, info.Component)
	}
	// Output: sci gCO2e avg sum
}

func ExampleAfterRun() {
	mapping := value.NewMap(1)
	mapping.Set("carbon", value.OfText("my-carbon"))
	config := value.NewMap(1)
	config.Set("input-parameter", value.OfText("carbon"))
	spec := builtin.Spec{Name: "c", Method: "Coefficient", Config: config, Mapping: mapping}
	fmt.Println(builtin.AfterRun(spec, compat.Options{}).Mapping.Len(), builtin.AfterRun(spec, compat.IF11()).Mapping.Len())
	// Output: 1 0
}
