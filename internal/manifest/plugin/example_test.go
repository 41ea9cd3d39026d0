package plugin_test

import (
	"context"
	"fmt"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/manifest/plugin"
	"github.com/dendro-carbon/dendro/internal/manifest/yaml"
	"github.com/dendro-carbon/dendro/internal/value"
)

// config reads the config of a plugin as a manifest has it.
func config(text string) *value.Map {
	doc, err := yaml.Read("config", []byte(text), yaml.Options{})
	if err != nil {
		panic(err)
	}
	return doc.Root.Map()
}

// steps is a runner made of two functions.
type steps struct {
	check   func(c *plugin.Call) error
	compute func(c *plugin.Call) (*frame.Frame, error)
}

func (s steps) Check(c *plugin.Call) error { return s.check(c) }

func (s steps) Compute(_ context.Context, c *plugin.Call) (*frame.Frame, error) { return s.compute(c) }

// A plugin is a Bind, which reads the config, and a runner, which checks the rows and
// computes whole columns. Expressions, mapping and messages come with it.
func Example() {
	discount := plugin.Method{Name: "Discount", Evaluates: true, Expressions: []string{"rate"}, Bind: func(s *plugin.Settings) plugin.Runner {
		s.Require()
		s.Check(
			plugin.Key("input", plugin.Text(1)),
			plugin.Key("rate", s.Arithmetic("rate", plugin.Number(plugin.AtLeast(0)))),
			plugin.Key("output", plugin.Text(1)),
		)
		input, rate, output := s.Metric("input"), s.Quantity("rate", 0), s.Output("output")
		rows := plugin.RowCheck{Cells: []plugin.Cell{plugin.Numeric(input.CheckName(s.Options), plugin.AnyNumber())}}
		return steps{
			check: func(c *plugin.Call) error { return c.CheckRows(rows) },
			compute: func(c *plugin.Call) (*frame.Frame, error) {
				whole, err := c.Resolve(input)
				if err != nil {
					return nil, err
				}
				off, err := c.Resolve(rate)
				if err != nil {
					return nil, err
				}
				return c.EmitVec(c.In, output, whole.Mul(expr.Constant(1, c.In.Len()).Sub(off)).Vec())
			},
		}
	}}
	rows := frame.New(2, frame.NewNumbers("carbon", []float64{10, 20}), frame.NewNumbers("green", []float64{0.1, 0.5}))
	for _, text := range []string{
		"{input: carbon, rate: 0.25, output: net}",
		"{input: carbon, rate: = green / 2, output: net}",
		"{input: energy, rate: 0, output: net}",
		"{input: carbon, rate: -1}",
	} {
		p := plugin.NewInstance(discount, plugin.Spec{Name: "d", Method: "Discount", Config: config(text)}, compat.Options{})
		if problems := p.Problems(); len(problems) > 0 { // known before any rows are
			fmt.Println("config:", problems.Err())
			continue
		}
		out, err := p.Run(context.Background(), &plugin.Env{First: true}, rows)
		if err != nil {
			fmt.Println("rows:", err)
			continue
		}
		net, _ := out.Vec("net")
		fmt.Println(net.Floats(), p.After().Name)
	}
	// Output:
	// [7.5 15] d
	// [9.5 15] d
	// rows: row 1, metric "energy": InputValidationError: "energy" parameter is required. Error code: invalid_type. (and 1 more row)
	//   Try: give "energy" in the inputs or in defaults, or let an earlier plugin of the pipeline write it; the row has carbon, green
	// config: InputValidationError: "rate" parameter is number must be greater than or equal to 0. Error code: too_small.,"output" parameter is required. Error code: invalid_type.
}

// Settings is a config while it is read. The first problem ends the reading.
func ExampleSettings() {
	s := &plugin.Settings{Config: config(`
columns: [a, b]
factors: [1, 2.5]
label: grid
share: = 1 / 4
by: 8
`)}
	s.Refine(func(whole value.Value, r *plugin.Report) {
		if len(whole.Map().Get("columns").List()) != len(whole.Map().Get("factors").List()) {
			r.Add("factors", "custom", "as many as columns")
		}
	}, plugin.Key("columns", plugin.ListOf(plugin.Text(1))), plugin.Key("factors", plugin.ListOf(plugin.Number(plugin.AnyNumber()))))
	quarter, ok := s.Constant("share", s.Text("share"))
	fmt.Println(s.Texts("columns"), s.Numbers("factors"), s.Text("label"), quarter, ok)

	by := s.MetricOrNumber("by")
	name, plain := by.Plain(s.Options)
	fmt.Println(by.CheckName(s.Options), by.CheckValue(s.Options).Kind(), name, plain)

	s.FailLate(diag.New("ConfigError", "label is not known"), "label") // once there are rows
	s.Fail(diag.New("ConfigError", "by must be below 5"), "by")
	s.Fail(diag.New("ConfigError", "is not looked at any more"), "share")
	fmt.Println(s.Problem, "in line", s.Problem.Line)
	// Output:
	// [a b] [1 2.5] grid 0.25 true
	// 8 number  false
	// ConfigError: by must be below 5 in line 6
}

// A schema says what a value must be, and its messages what is wrong in the words
// that users of Impact Framework know.
func ExampleObject() {
	limit := func(v value.Value, path string, r *plugin.Report) bool {
		if f, ok := v.Float(); ok && f > 100 {
			r.Add(path, "custom", "at most 100")
			return true
		}
		return v.Kind() == value.Number || plugin.WrongType(v, path, "number", r)
	}
	schema := plugin.Object(
		plugin.Key("interval", plugin.Number(plugin.MoreThan(0))),
		plugin.Key("begin", plugin.AnyOf(plugin.Date(), plugin.Literal("now"))),
		plugin.Key("padding", plugin.Optional(plugin.Boolean())),
		plugin.Key("method", plugin.OneOf("linear", "spline")),
		plugin.Key("phase", plugin.Optional(plugin.OneOfEnum("observe", "compute"))),
		plugin.Key("labels", plugin.RecordOf(plugin.Text(1))),
		plugin.Key("share", limit),
	)
	for _, text := range []string{
		"{interval: 60, begin: now, method: spline, labels: {region: uk}, share: 50}",
		"{interval: 0, begin: 3, padding: 1, method: cubic, phase: 7, labels: {region: ''}, share: 101}",
	} {
		var r plugin.Report
		right := schema(value.OfMap(config(text)), "", &r)
		fmt.Println(right, r.OK())
		if problem := r.Problem(""); problem != nil {
			fmt.Println(problem.Short())
		}
	}
	// Output:
	// true true
	// false false
	// InputValidationError: "interval" parameter is number must be greater than 0. Error code: too_small.,"begin" parameter is expected date, received number. Error code: invalid_union.,"padding" parameter is expected boolean, received number. Error code: invalid_type.,"method" parameter is invalid enum value. expected 'linear' | 'spline', received 'cubic'. Error code: invalid_enum_value.,"phase" parameter is invalid enum value. expected 'observe' | 'compute', received '7'. Error code: invalid_enum_value.,"labels.region" parameter is string must contain at least 1 character(s). Error code: too_small.,"share" parameter is at most 100. Error code: custom.
}

// A call gives a plugin its rows under the names that it knows, whatever they are
// called in the data.
func ExampleCall() {
	c := &plugin.Call{
		Env: &plugin.Env{
			Notice: func(difference, detail string) { fmt.Println("notice:", difference, detail) },
			Warn:   func(text string) { fmt.Println("warning:", text) },
		},
		In:      frame.New(2, frame.NewNumbers("kwh", []float64{1, 2}), frame.NewTexts("site", []string{"uk", "7"})),
		Mapping: config("{energy: kwh, result: score}"),
	}
	fmt.Println(c.Name("energy"), c.OutName("result"), c.Has("energy"), c.Has("carbon"), c.At(1, "energy"))
	numbers, ok := c.Vec("energy")
	fmt.Println(numbers.Floats(), ok, c.Column("site").At(0))
	fmt.Println(c.NumbersOf("site").Floats(), plugin.NumberOf(value.OfText("0x10"))) // as JavaScript makes them

	cells := []plugin.Cell{plugin.Numeric("energy", plugin.AnyNumber())}
	cells = plugin.Override(cells, plugin.Numeric("energy", plugin.AtLeast(2)))
	fmt.Println(c.ColumnsFit(cells), plugin.AllWithin(numbers, plugin.AtLeast(1)), c.CheckRows(plugin.RowCheck{Cells: cells}))
	fmt.Println(c.Hint(1, "site", c.At(1, "site")))

	c.Notice("zero-units", "in "+plugin.Plural(c.In.Len(), "row"))
	c.Warn(plugin.Describe(c.At(0, "site")) + " is not a region")
	// Output:
	// kwh score true false 2
	// [1 2] true uk
	// [NaN 7] 16
	// false true row 1, metric "kwh": InputValidationError: "energy" parameter is number must be greater than or equal to 2. Error code: too_small.
	//   Try: kwh is 1 here
	// write the number without quotes: site: 7
	// notice: zero-units in 2 rows
	// warning: "uk" is not a region
}

// Results go where the config says: under a name, or into an expression.
func ExampleCall_Emit() {
	s := &plugin.Settings{Config: config("{plain: total, doubled: = 2 * total, sum: = a + b}")}
	sum := s.Metric("sum")
	c := &plugin.Call{Env: &plugin.Env{}, In: frame.New(2, frame.NewNumbers("a", []float64{1, 2}), frame.NewNumbers("b", []float64{3, 4}))}
	series, err := c.Columns(sum)
	if err != nil {
		fmt.Println(err)
		return
	}
	total := series.Add(c.Series("a")).Vec()
	for _, key := range []string{"plain", "doubled"} {
		out, err := c.EmitVec(c.In, s.Output(key), total)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(key, out.At(0, "total"), out.At(1, "total"))
	}
	labelled, _ := c.Emit(c.In, s.Output("plain"), frame.NewTexts("", []string{"low", "high"}))
	fmt.Println(labelled.At(1, "total"), c.EmitNothing(s.Output("plain")).Has(0, "total"))
	// Output:
	// plain 5 8
	// doubled 10 16
	// high false
}

// Under the options of Impact Framework 1.1.0 expressions are texts; what is wrong
// with them is a problem like any other.
func ExampleScripted() {
	fmt.Println(plugin.Scripted(compat.Options{}), plugin.Scripted(compat.IF11()))
	_, err := expr.ScriptName("=2++3")
	fmt.Println(plugin.AsProblem(err).Class)
	// Output:
	// false true
	// SyntaxError
}
