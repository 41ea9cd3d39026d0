package manifest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/emit"
	"github.com/dendro-carbon/dendro/internal/manifest/yaml"
)

// A result is a manifest again: what was asked, what came out, and how the run
// went.
func ExampleManifest_Success() {
	doc, err := yaml.Read("example.yml", []byte(example), yaml.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := manifest.FromDocument("example.yml", doc, compat.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	energy, known := m.Metrics().Lookup("energy")
	fmt.Println(energy.Unit, energy.Time, energy.Component, known, m.Options() == compat.Options{})

	result, err := m.Run(context.Background(), manifest.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, notice := range result.Notices {
		fmt.Println("notice:", notice.Difference.Name, "|", notice.Where())
	}
	written := m.Success(result, manifest.Execution{Command: "dendro run", Version: "v1", OS: "Linux", Start: time.Unix(0, 0)})
	if err := emit.YAML(os.Stdout, written, emit.Options{OnlyAggregated: true}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// kWh sum sum true true
	// notice: built-in-methods | energy: sum over time, sum over components
	// name: two rows
	// aggregation:
	//   metrics:
	//     - energy
	//   type: both
	// initialize:
	//   plugins:
	//     sum:
	//       path: builtin
	//       method: Sum
	//       config:
	//         input-parameters:
	//           - cpu/energy
	//           - memory/energy
	//         output-parameter: energy
	// execution:
	//   command: dendro run
	//   environment:
	//     if-version: 1.1.0
	//     dendro-version: v1
	//     os: Linux
	//     os-version: ''
	//     node-version: none
	//     date-time: 1970-01-01T00:00:00.000Z (UTC)
	//     dependencies: []
	//   status: success
	// tree:
	//   children:
	//     web:
	//       aggregated:
	//         energy: 3.75
	//   aggregated:
	//     energy: 3.75
}

// A run that fails is written down as well, with what went wrong; scripts look for
// the text.
func ExampleManifest_Failure() {
	m, err := manifest.Read("bad.yml", []byte("name: bad\ninitialize: {plugins: {}}\ntree: {pipeline: {compute: [sum]}, children: {a: {inputs: []}}}\n"), compat.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = m.Run(context.Background(), manifest.Options{})
	var problems diag.List
	if !errors.As(err, &problems) {
		fmt.Println("no problems")
		return
	}
	fmt.Println(manifest.ErrorText(problems, compat.Options{}))
	var out bytes.Buffer
	failed := m.Failure(err, manifest.Execution{Command: "dendro run", Version: "v1", OS: "Linux", Start: time.Unix(0, 0)})
	if err := emit.YAML(&out, failed, emit.Options{}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(bytes.Contains(out.Bytes(), []byte("status: fail")))
	// Output:
	// PluginInitializationError: Not initalized plugin: sum. Check if sum is in 'manifest.initalize.plugins'.
	// true
}

// A trace keeps each plugin's work, and where the observations came from.
func ExampleManifest_Trace() {
	m, err := manifest.Read("example.yml", []byte(example), compat.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	trace, err := m.Trace(context.Background(), manifest.Options{}, "tree.children.web")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, step := range trace.Steps("tree.children.web") {
		fmt.Println(step.Phase, step.Plugin, step.In.Has(0, "energy"), step.Out.At(0, "energy"))
	}
	source := trace.Source("tree.children.web")
	fmt.Println(source.Path, source.Rows.Len(), "rows; the second is on line", source.Line(1))
	// Output:
	// compute sum false 1.5
	// tree.children.web 2 rows; the second is on line 12
}

// A misspelt key does not vanish in silence.
func ExampleManifest_Warnings() {
	m, err := manifest.Read("m.yml", []byte("nam: x\ninitialize: {plugins: {}}\ntree: {}\n"), compat.Options{})
	fmt.Println(err)
	for _, w := range m.Warnings() {
		fmt.Println(w)
	}
	// Output:
	// m.yml: ManifestValidationError: "name" parameter is required. Error code: invalid_type.
	// m.yml:1: nam is not a key of a manifest and is ignored; did you mean name?
}
