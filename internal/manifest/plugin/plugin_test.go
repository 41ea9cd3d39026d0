package plugin_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/plugin"
	"github.com/dendro-carbon/dendro/internal/value"
)

// double is a method as small as they come: it writes twice a metric.
type double struct {
	input  string
	output plugin.Target
}

func bindDouble(s *plugin.Settings) plugin.Runner {
	s.Require()
	s.Check(plugin.Key("input", plugin.Text(1)), plugin.Key("output", plugin.Text(1)))
	return &double{input: s.Text("input"), output: s.Output("output")}
}

func (p *double) Check(c *plugin.Call) error {
	return c.CheckRows(plugin.RowCheck{Cells: []plugin.Cell{plugin.Numeric(p.input, plugin.AtLeast(0))}})
}

func (p *double) Compute(_ context.Context, c *plugin.Call) (*frame.Frame, error) {
	return c.EmitVec(c.In, p.output, c.Series(p.input).Add(c.Series(p.input)).Vec())
}

func doubleOf(input, output string) *plugin.Instance {
	config := value.NewMap(2)
	config.Set("input", value.OfText(input))
	config.Set("output", value.OfText(output))
	method := plugin.Method{Name: "Double", Bind: bindDouble, Evaluates: true}
	return plugin.NewInstance(method, plugin.Spec{Name: "d", Config: config}, compat.Options{})
}

func ExampleNewInstance() {
	in := frame.New(2, frame.NewNumbers("energy", []float64{1, 2.5}))
	for _, output := range []string{"twice", "= thrice * 1.5"} {
		out, err := doubleOf("energy", output).Run(context.Background(), &plugin.Env{First: true}, in)
		fmt.Println(out.Row(1).Keys(), out.Row(1).At(1), err)
	}
	_, err := doubleOf("power", "twice").Run(context.Background(), &plugin.Env{First: true}, in)
	fmt.Println(err)
	// Output:
	// [energy twice] 5 <nil>
	// [energy thrice] 7.5 <nil>
	// row 1, metric "power": InputValidationError: "power" parameter is required. Error code: invalid_type. (and 1 more row)
	//   Try: give "power" in the inputs or in defaults, or let an earlier plugin of the pipeline write it; the row has energy
}

// TestProblemsAreCopies: what an engine adds to a problem of one component is
// not seen in the next.
func TestProblemsAreCopies(t *testing.T) {
	t.Parallel()
	p := doubleOf("energy", "=2*")
	for range 2 {
		for _, problem := range p.Problems() {
			if problem.Component != "" {
				t.Errorf("the problem has the place of another one: %v", problem)
			}
			problem.Component = "tree.a"
		}
	}
	if len(p.Problems()) != 1 {
		t.Errorf("got %v, want one problem", p.Problems())
	}
}

// TestSchemas holds the messages to those of zod 3.25, as Impact Framework
// prints them.
func TestSchemas(t *testing.T) {
	t.Parallel()
	list := func(items ...value.Value) value.Value { return value.OfList(items) }
	object := value.NewMap(1)
	object.Set("inner", value.OfNumber(1))
	nan := value.OfNumber(0)
	f, _ := nan.Float()
	nan = value.OfNumber(f / f)
	either := plugin.AnyOf(plugin.Text(0), plugin.Number(plugin.AnyNumber()))
	for _, test := range []struct {
		name   string
		schema plugin.Schema
		v      value.Value
		want   string
	}{
		{"missing", plugin.Text(1), value.Value{}, `"x" parameter is required. Error code: invalid_type.`},
		{"null", plugin.Text(1), value.OfNull(), `"x" parameter is expected string, received null. Error code: invalid_type.`},
		{"empty", plugin.Text(1), value.OfText(""), `"x" parameter is string must contain at least 1 character(s). Error code: too_small.`},
		{"date", plugin.Text(1), value.OfTime(0), `"x" parameter is expected string, received date. Error code: invalid_type.`},
		{"nan", plugin.Number(plugin.AnyNumber()), nan, `"x" parameter is expected number, received nan. Error code: invalid_type.`},
		{"at-least", plugin.Number(plugin.AtLeast(1)), value.OfNumber(0.5), `"x" parameter is number must be greater than or equal to 1. Error code: too_small.`},
		{"more-than", plugin.Number(plugin.MoreThan(0)), value.OfNumber(0), `"x" parameter is number must be greater than 0. Error code: too_small.`},
		{"boolean", plugin.Boolean(), value.OfText("true"), `"x" parameter is expected boolean, received string. Error code: invalid_type.`},
		{"enum", plugin.OneOf("a", "b"), value.OfText("C"), `"x" parameter is invalid enum value. expected 'a' | 'b', received 'c'. Error code: invalid_enum_value.`},
		{"enum-type", plugin.OneOf("a", "b"), value.OfNumber(1), `"x" parameter is expected 'a' | 'b', received number. Error code: invalid_type.`},
		{"native-enum", plugin.OneOfEnum("a"), value.OfNumber(1), `"x" parameter is invalid enum value. expected 'a', received '1'. Error code: invalid_enum_value.`},
		{"union", either, value.OfBool(true), `"x" parameter is expected string, received boolean. Error code: invalid_union.`},
		{
			"union-dirty", plugin.AnyOf(plugin.Number(plugin.AtLeast(0)), plugin.Literal("off")), value.OfNumber(-1),
			`"x" parameter is number must be greater than or equal to 0. Error code: too_small.`,
		},
		{"union-second", either, value.OfNumber(1), ""},
		{"optional", plugin.Optional(plugin.Text(1)), value.Value{}, ""},
		{
			"list", plugin.ListOf(plugin.Text(0)), list(value.OfText("a"), value.OfNumber(1), value.OfNull()),
			`"x.[1]" parameter is expected string, received number. Error code: invalid_type.,"x.[2]" parameter is expected string, received null. Error code: invalid_type.`,
		},
		{"not-a-list", plugin.ListOf(plugin.Text(0)), value.OfText("a"), `"x" parameter is expected array, received string. Error code: invalid_type.`},
		{"record", plugin.RecordOf(plugin.Text(0)), value.OfMap(object), `"x.inner" parameter is expected string, received number. Error code: invalid_type.`},
		{
			"object", plugin.Object(plugin.Key("inner", plugin.Text(0)), plugin.Key("other", plugin.Date())), value.OfMap(object),
			`"x.inner" parameter is expected string, received number. Error code: invalid_type.,"x.other" parameter is required. Error code: invalid_type.`,
		},
	} {
		var r plugin.Report
		test.schema(test.v, "x", &r)
		got := ""
		if problem := r.Problem(""); problem != nil {
			got = problem.Text
		}
		if got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
	var r plugin.Report
	plugin.Number(plugin.AnyNumber())(value.OfText("a"), "x", &r)
	if want := `"x" parameter is expected number, received string at index 3. Error code: invalid_type.`; r.Problem(" at index 3").Text != want {
		t.Errorf("got %s, want %s", r.Problem(" at index 3").Text, want)
	}
}
