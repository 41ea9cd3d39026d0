package manifest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/files"
)

func read(t *testing.T, text string) *manifest.Manifest {
	t.Helper()
	m, err := manifest.Read("m.yml", []byte(text), compat.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func options() manifest.Options {
	return manifest.Options{Files: files.New(files.Options{Offline: true})}
}

// What is wrong with the sum of those that could be computed is told beside
// what is wrong with the others; what follows from that is not.
func TestFailedComponentsHideNoAggregationProblems(t *testing.T) {
	t.Parallel()
	m := read(t, `name: q
initialize: {plugins: {s: {path: builtin, method: Sum, config: {input-parameters: [a, b], output-parameter: energy}}}}
aggregation: {metrics: [energy], type: both}
tree:
  pipeline: {compute: [s]}
  children:
    broken: {inputs: [{timestamp: '2024-01-01T00:00:00.000Z', duration: 60, a: 1}]}
    x: {inputs: [{timestamp: '2024-01-01T00:00:00.000Z', duration: 60, a: 1, b: 1}]}
    y: {inputs: [{timestamp: '2024-01-01T00:05:00.000Z', duration: 60, a: 1, b: 1}]}
    z: {pipeline: {compute: []}, inputs: [{timestamp: '2024-01-01T00:00:00.000Z', duration: 60, a: 1}]}
`)
	result, err := m.Run(context.Background(), options())
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"tree.children.broken, plugin \"s\"", "AlignmentError: tree.children.x and tree.children.y"} {
		if strings.Count(err.Error(), want) != 1 {
			t.Errorf("want %q once in\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "children.broken: MissingAggregationParamError") {
		t.Errorf("what follows from a failure is told as well:\n%v", err)
	}
	for _, w := range result.Warnings {
		if strings.Contains(w, "broken") {
			t.Errorf("warning %q", w)
		}
	}
}

// A metric without a method does not hide what is wrong with the others.
func TestUnknownMetricsHideNoAggregationProblems(t *testing.T) {
	t.Parallel()
	m := read(t, `name: q
initialize: {plugins: {}}
aggregation: {metrics: [water, energy], type: both}
tree:
  children:
    x: {pipeline: {compute: []}, outputs: [{timestamp: '2024-01-01T00:00:00.000Z', duration: 60, energy: 1}]}
    y: {pipeline: {compute: []}, outputs: [{timestamp: '2024-01-01T00:05:00.000Z', duration: 60, energy: 1}]}
`)
	_, err := m.Run(context.Background(), options())
	if got := fmt.Sprint(err); !strings.Contains(got, "water has no known aggregation method") || !strings.Contains(got, "AlignmentError") {
		t.Errorf("got %v", got)
	}
}

// A wrong pipeline that many components share is one problem.
func TestSharedPipelinesAreCheckedOnce(t *testing.T) {
	t.Parallel()
	m := read(t, `name: q
initialize: {plugins: {}}
tree:
  pipeline: {compute: [nobody]}
  children: {a: {inputs: []}, b: {inputs: []}, c: {pipeline: {compute: [nobody]}, inputs: []}}
`)
	_, err := m.Run(context.Background(), options())
	if got := strings.Count(fmt.Sprint(err), "PluginInitializationError"); got != 2 {
		t.Errorf("%d problems, want one for each of two pipelines:\n%v", got, err)
	}
}

// With OnlyAggregated neither tree holds observations at the end.
func TestObservationsAreLetGo(t *testing.T) {
	t.Parallel()
	text := "name: q\ninitialize: {plugins: {}}\naggregation: {metrics: [energy], type: both}\ntree:\n  children:\n"
	for i := range 100 {
		text += fmt.Sprintf("    c%d: {pipeline: {compute: []}, inputs: [{timestamp: '2024-01-01T00:00:00.000Z', duration: 60, energy: %d}],", i, i)
		text += " outputs: [{timestamp: '2024-01-01T00:00:00.000Z', duration: 60, energy: 1}]}\n"
	}
	m := read(t, text)
	o := options()
	o.OnlyAggregated = true
	result, err := m.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := result.Tree.Aggregated.Get("energy").Float(); got != 100 {
		t.Errorf("energy %v, want 100", got)
	}
	for leaf := range result.Tree.Leaves() {
		if leaf.Inputs != nil || leaf.Outputs != nil || leaf.Aggregated == nil {
			t.Errorf("%s: inputs %v, outputs %v, aggregated %v", leaf.Path, leaf.Inputs, leaf.Outputs, leaf.Aggregated)
		}
	}
	for leaf := range m.Tree.Leaves() {
		if leaf.Inputs != nil || leaf.Outputs != nil {
			t.Errorf("%s of the manifest has its observations", leaf.Path)
		}
	}
}

// Places where the default differs and that are seen in the outputs alone.
func TestNoticesOfOutputs(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ plugin, want string }{
		"integer name":   {"{path: builtin, method: Copy, config: {keep-existing: true, from: a, to: '10'}}", `integer-keys: tree: "timestamp" comes before "10" in the outputs`},
		"no integer":     {"{path: builtin, method: Copy, config: {keep-existing: true, from: a, to: 10x}}", ""},
		"quoted digits":  {"{path: builtin, method: SciEmbodied, config: {baseline-emissions: '.5'}}", "coerced-number: tree, plugin \"p\": Impact Framework puts the digits"},
		"an expression":  {"{path: builtin, method: SciEmbodied, config: {baseline-emissions: '=.5'}}", ""},
		"without quotes": {"{path: builtin, method: SciEmbodied, config: {baseline-emissions: .5}}", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := read(t, "name: q\ninitialize: {plugins: {p: "+test.plugin+"}}\ntree:\n  pipeline: {compute: [p]}\n"+
				"  inputs: [{timestamp: '2024-01-01T00:00:00.000Z', duration: 60, a: 1}]\n")
			result, err := m.Run(context.Background(), options())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, n := range result.Notices {
				if n.Difference.Name == "integer-keys" || n.Difference.Name == "coerced-number" {
					got = append(got, n.String())
				}
			}
			if all := strings.Join(got, "\n"); (test.want == "") != (all == "") || !strings.Contains(all, test.want) {
				t.Errorf("got %q, want %q", all, test.want)
			}
		})
	}
}
