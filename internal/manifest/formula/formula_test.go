package formula_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/builtin"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/formula"
	"github.com/dendro-carbon/dendro/internal/manifest/yaml"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/value"
)

// object reads a map in YAML.
func object(t testing.TB, text string) *value.Map {
	t.Helper()
	doc, err := yaml.Read("test", []byte("{"+text+"}"), yaml.Options{BulkKeys: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	return doc.Root.Map()
}

// example is a plugin, a row, and what is said of a metric that it writes.
type example struct {
	name, method, config, mapping, row, metric string
	text, filled, inputs                       string
}

//archtest:long a table
func examples() []example {
	const times = "timestamp: 2024-01-01T00:00:00Z, duration: 3600, "
	return []example{
		{
			name: "sum", method: "Sum", config: "input-parameters: [a, b, a], output-parameter: s", row: "a: 1.5, b: -2", metric: "s",
			text: "a + b + a", filled: "1.5 + (-2) + 1.5", inputs: "a b",
		},
		{
			name: "sum-of-nothing", method: "Sum", config: "input-parameters: [], output-parameter: s", row: "a: 1", metric: "s",
			text: "0", filled: "0",
		},
		{
			name: "multiply", method: "Multiply", config: "input-parameters: [energy, grid/carbon-intensity], output-parameter: carbon",
			row: "energy: 0.5, grid/carbon-intensity: 400", metric: "carbon",
			text: "energy × grid/carbon-intensity", filled: "0.5 × 400", inputs: "energy grid/carbon-intensity",
		},
		{
			name: "multiply-nothing", method: "Multiply", config: "input-parameters: [], output-parameter: s", row: "a: 1", metric: "s",
			text: "1", filled: "1",
		},
		{
			name: "subtract", method: "Subtract", config: "input-parameters: [a, b], output-parameter: s", row: "a: 1, b: -2", metric: "s",
			text: "a − b", filled: "1 − (-2)", inputs: "a b",
		},
		{
			name: "coefficient", method: "Coefficient", config: "input-parameter: a, coefficient: -3, output-parameter: s", row: "a: 2", metric: "s",
			text: "a × coefficient", filled: "2 × (-3)", inputs: "a",
		},
		{
			name: "coefficient-expression", method: "Coefficient", config: "input-parameter: a, coefficient: '= 2 * b', output-parameter: s",
			row: "a: 2, b: 5", metric: "s", text: "a × (2 * b)", filled: "2 × (2 * b with b = 5)", inputs: "a b",
		},
		{
			name: "coefficient-constant-expression", method: "Coefficient", config: "input-parameter: a, coefficient: '1 / 4', output-parameter: s",
			row: "a: 2", metric: "s", text: "a × (1 / 4)", filled: "2 × (1 / 4)", inputs: "a",
		},
		{
			name: "output-expression", method: "Multiply", config: "input-parameters: [a, b], output-parameter: \"= 2 * 'my-out'\"",
			row: "a: 2, b: 5", metric: "my-out", text: "2 * 'my-out' with my-out = a × b", filled: "(2 * 'my-out' with my-out = 2 × 5)", inputs: "a b",
		},
		{
			name: "mapping", method: "Multiply", config: "input-parameters: [a, b], output-parameter: s", mapping: "a: energy, s: carbon",
			row: "energy: 2, b: 5", metric: "carbon", text: "energy × b", filled: "2 × 5", inputs: "energy b",
		},
		{
			name: "divide", method: "Divide", config: "numerator: a, denominator: b, output: s", row: "a: 1, b: 4", metric: "s",
			text: "a ÷ b", filled: "1 ÷ 4", inputs: "a b",
		},
		{
			name: "divide-by-number", method: "Divide", config: "numerator: a, denominator: 8, output: s", row: "a: 1", metric: "s",
			text: "a ÷ denominator", filled: "1 ÷ 8", inputs: "a",
		},
		{
			name: "exponent", method: "Exponent", config: "input-parameter: a, exponent: 0.5, output-parameter: s", row: "a: 9", metric: "s",
			text: "a ^ exponent", filled: "9 ^ 0.5", inputs: "a",
		},
		{
			name: "copy", method: "Copy", config: "from: a, to: b, keep-existing: true", row: "a: text", metric: "b",
			text: "a", filled: `"text"`, inputs: "a",
		},
		{
			name: "line", method: "Interpolation", config: "x: [0, 10, 50, 100], y: [0.12, 0.32, 0.75, 1.02], input-parameter: cpu, output-parameter: f",
			row: times + "cpu: 15.5", metric: "f", inputs: "cpu",
			text:   "linear curve through (0, 0.12) (10, 0.32) (50, 0.75) (100, 1.02) at cpu",
			filled: "0.32 + (15.5 − 10) × (0.75 − 0.32) ÷ (50 − 10)",
		},
		{
			name: "line-at-a-point", method: "Interpolation", config: "x: [10, 0], y: [0.32, 0.12], input-parameter: cpu, output-parameter: f",
			row: times + "cpu: 10", metric: "f", inputs: "cpu", text: "linear curve through (0, 0.12) (10, 0.32) at cpu", filled: "curve at 10",
		},
		{
			name: "spline", method: "Interpolation", config: "method: spline, x: [0, 10, 50], y: [0.12, 0.32, 0.75], input-parameter: cpu, output-parameter: f",
			row: times + "cpu: 5", metric: "f", inputs: "cpu", text: "spline curve through (0, 0.12) (10, 0.32) (50, 0.75) at cpu", filled: "curve at 5",
		},
		{
			name: "off", method: "Interpolation", config: "x: [0, 10], y: [0.12, 0.32], input-parameter: cpu, output-parameter: f",
			row: times + "cpu: 'off'", metric: "f", inputs: "cpu", text: "0 where cpu is off", filled: "0",
		},
		{
			name: "sci", method: "Sci", config: "functional-unit: requests", row: times + "carbon: 5, requests: 10", metric: "sci",
			text: "carbon ÷ requests", filled: "5 ÷ 10", inputs: "carbon requests",
		},
		{
			name: "embodied", method: "SciEmbodied", config: "lifespan: 1000", row: times + "vCPUs: 2, ssd: 1, usage-ratio: 0.5", metric: "embodied-carbon",
			text: "(baseline-emissions + (vCPUs − baseline-vcpus) × vcpu-emissions-constant + (16 − baseline-memory) × " +
				"memory-emissions-constant × baseline-memory ÷ 16 × 1000 + ssd × ssd-emissions-constant + 0 × hdd-emissions-constant + " +
				"0 × gpu-emissions-constant) × usage-ratio × duration ÷ lifespan",
			filled: "(1000000 + (2 − 1) × 100000 + (16 − 16) × 1.3880208333333333 × 16 ÷ 16 × 1000 + 1 × 50000 + 0 × 100000 + " +
				"0 × 150000) × 0.5 × 3600 ÷ 1000",
			inputs: "vCPUs ssd usage-ratio duration",
		},
		{
			name: "embodied-default", method: "SciEmbodied", config: "lifespan: 1000", row: times + "vCPUs: 2", metric: "memory",
			text: "default of SciEmbodied", filled: "16",
		},
		{
			name: "time", method: "TimeConverter", config: "input-parameter: a, original-time-unit: hour, new-time-unit: duration, output-parameter: s",
			row: times + "a: 7200", metric: "s", text: "a ÷ seconds of hour × duration", filled: "7200 ÷ 3600 × 3600", inputs: "a duration",
		},
		{
			name: "time-unit", method: "TimeConverter", config: "input-parameter: a, original-time-unit: hour, new-time-unit: day, output-parameter: s",
			row: times + "a: 2", metric: "s", text: "a ÷ seconds of hour × seconds of day", filled: "2 ÷ 3600 × 86400", inputs: "a",
		},
		{
			name: "regex", method: "Regex", config: "parameter: cpu, match: '[0-9]+', output: model", row: "cpu: Xeon 42", metric: "model",
			text: "first match of [0-9]+ in cpu", filled: `first match in "Xeon 42"`, inputs: "cpu",
		},
	}
}

// A formula must give what the plugin gives, and say so with names and numbers.
func TestOf(t *testing.T) {
	t.Parallel()
	for _, test := range examples() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			spec := builtin.Spec{Name: "p", Method: test.method, Config: object(t, test.config), Mapping: object(t, test.mapping)}
			row := object(t, test.row)
			f, ok := formula.Of(spec, row, test.metric)
			if !ok {
				t.Fatal("no formula")
			}
			want := []string{test.text, test.filled, test.inputs}
			if d := cmp.Diff(want, []string{f.Text, f.Filled, strings.Join(f.Inputs, " ")}); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			got := made(t, spec, row).Get(test.metric)
			if f.Result.Kind() == value.Absent && test.method == "Regex" {
				return // a text is found, not calculated
			}
			if !value.Equal(f.Result, got) {
				t.Errorf("the formula gives %v, the plugin %v", f.Result, got)
			}
		})
	}
}

// made returns the row that a plugin makes of a row.
func made(t *testing.T, spec builtin.Spec, row *value.Map) *value.Map {
	t.Helper()
	plugin, err := builtin.New(spec, compat.Options{})
	if err != nil {
		t.Fatal(err)
	}
	env := &builtin.Env{Metrics: metric.Builtin(), First: true}
	out, err := plugin.Run(t.Context(), env, frame.FromRows([]*value.Map{row}))
	if err != nil {
		t.Fatal(err)
	}
	return out.Row(0)
}

func TestOfLookup(t *testing.T) {
	t.Parallel()
	row := object(t, "cloud/instance-type: m5.large, vendor: aws")
	const query = "filepath: table.csv, query: {type: cloud/instance-type, by: vendor}, output: "
	for output, wants := range map[string]map[string]string{
		"'*'":                        {"tdp": "tdp"},
		"tdp":                        {"tdp": "tdp", "other": ""},
		"[tdp]":                      {"tdp": "tdp"},
		"[tdp, power]":               {"power": "tdp", "tdp": ""},
		"[[tdp, power], [cores, n]]": {"power": "tdp", "n": "cores"},
	} {
		for name, column := range wants {
			spec := builtin.Spec{Method: "CSVLookup", Config: object(t, query+output)}
			f, ok := formula.Of(spec, row, name)
			if ok != (column != "") {
				t.Errorf("%s, %s: formula %v", output, name, ok)
				continue
			}
			want := "column " + column + " of the record of table.csv where type is cloud/instance-type and by is vendor"
			if ok && (f.Text != want || f.Filled != `type = "m5.large" and by = "aws"`) {
				t.Errorf("%s, %s: %s, %s", output, name, f.Text, f.Filled)
			}
		}
	}
}

// What cannot be calculated is shown, and nothing else is claimed.
func TestOfWhatIsNotThere(t *testing.T) {
	t.Parallel()
	spec := builtin.Spec{Method: "Sum", Config: object(t, "input-parameters: [a, b, c], output-parameter: s")}
	f, ok := formula.Of(spec, object(t, "a: null, b: text"), "s")
	if !ok || f.Filled != `null + "text" + missing` || f.Result.Kind() != value.Absent {
		t.Errorf("%+v, %v", f, ok)
	}
	for _, method := range []string{"TimeSync", "CSVImport", "MockObservations", "Shell", "Unknown"} {
		if f, ok := formula.Of(builtin.Spec{Method: method}, object(t, "a: 1"), "a"); ok {
			t.Errorf("%s has a formula: %+v", method, f)
		}
	}
	for _, method := range []string{
		"Sum", "Multiply", "Subtract", "Coefficient", "Divide", "Exponent", "Copy", "Interpolation", "Sci",
		"SciEmbodied", "TimeConverter", "Regex", "CSVLookup",
	} {
		formula.Of(builtin.Spec{Method: method}, nil, "a") // no config, no row: nothing to say, and no panic
	}
}

func TestOfNoUnits(t *testing.T) {
	t.Parallel()
	f, ok := formula.Of(builtin.Spec{Method: "Sci", Config: object(t, "functional-unit: users")}, object(t, "carbon: 5, users: 0"), "sci")
	if !ok || f.Filled != "5 ÷ 0" || f.Result.Kind() != value.Absent {
		t.Errorf("%+v, %v", f, ok)
	}
}

func ExampleOf() {
	config := value.NewMap(2)
	config.Set("input-parameters", value.OfList([]value.Value{value.OfText("energy"), value.OfText("grid/carbon-intensity")}))
	config.Set("output-parameter", value.OfText("carbon"))
	row := value.NewMap(2)
	row.Set("energy", value.OfNumber(0.5))
	row.Set("grid/carbon-intensity", value.OfNumber(400))

	f, _ := formula.Of(builtin.Spec{Name: "operational", Method: "Multiply", Config: config}, row, "carbon")
	fmt.Println("carbon =", f.Text, "=", f.Filled, "=", f.Result)
	// Output: carbon = energy × grid/carbon-intensity = 0.5 × 400 = 200
}
