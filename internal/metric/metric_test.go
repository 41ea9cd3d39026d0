package metric_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/golden"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/testenv"
)

func ExampleRegistry_Lookup() {
	r := metric.Builtin()
	r.Set(metric.Info{Name: "gpu0/energy", Unit: "Wh", Time: metric.Sum, Component: metric.None})
	for _, name := range []string{"energy", "gpu0/energy", "gpu1/energy", "requests"} {
		info, ok := r.Lookup(name)
		fmt.Println(name, ok, info.Unit, info.Time, info.Component, info.Builtin)
	}
	// Output:
	// energy true kWh sum sum true
	// gpu0/energy true Wh sum none false
	// gpu1/energy true kWh sum sum true
	// requests false  none none false
}

func ExampleParseMethod() {
	m, err := metric.ParseMethod("avg")
	fmt.Println(m, err)
	_, err = metric.ParseMethod("mean")
	fmt.Println(err)
	// Output:
	// avg <nil>
	// aggregation method "mean": not one of sum, avg, copy, none
}

// What Impact Framework's own plugins say of their metrics holds here too, so
// that the built-in table never changes the result of a manifest that relied
// on it.
func TestBuiltinAgreesWithPlugins(t *testing.T) {
	t.Parallel()
	r := metric.Builtin()
	for name, want := range map[string][2]metric.Method{
		"carbon": {metric.Sum, metric.Sum}, "sci": {metric.Avg, metric.Sum},
		"vCPUs": {metric.Copy, metric.Copy}, "memory": {metric.Copy, metric.Copy},
		"ssd": {metric.Copy, metric.Copy}, "hdd": {metric.Copy, metric.Copy}, "gpu": {metric.Copy, metric.Copy},
		"usage-ratio": {metric.Copy, metric.Copy}, "time": {metric.Copy, metric.Copy},
		"embodied-carbon": {metric.Sum, metric.Sum}, "timestamp": {metric.None, metric.None},
		"duration": {metric.Sum, metric.None},
	} {
		info, ok := r.Lookup(name)
		if !ok || info.Time != want[0] || info.Component != want[1] {
			t.Errorf("%s: got %v %v/%v, want %v/%v", name, ok, info.Time, info.Component, want[0], want[1])
		}
	}
}

func TestBuiltinKnowsEachNameOnce(t *testing.T) {
	t.Parallel()
	r := metric.Builtin()
	seen := map[string]bool{}
	for info := range r.All() {
		if seen[info.Name] {
			t.Errorf("%s is listed twice", info.Name)
		}
		seen[info.Name] = true
		if info.Unit == "" || info.Description == "" || !info.Builtin {
			t.Errorf("%s: incomplete: %+v", info.Name, info)
		}
		// A member of a family must not silently differ from it.
		family, ok := r.Lookup("x/" + info.Name[strings.LastIndexByte(info.Name, '/')+1:])
		if ok && strings.Contains(info.Name, "/") && (family.Time != info.Time || family.Component != info.Component) {
			t.Errorf("%s: %v/%v, but its family is %v/%v", info.Name, info.Time, info.Component, family.Time, family.Component)
		}
	}
	if len(seen) < 30 {
		t.Errorf("only %d names", len(seen))
	}
}

func TestSetKeepsPlaceAndLastWins(t *testing.T) {
	t.Parallel()
	var r metric.Registry
	r.Set(metric.Info{Name: "b", Time: metric.Sum})
	r.Set(metric.Info{Name: "a", Time: metric.Sum})
	r.Set(metric.Info{Name: "b", Time: metric.Avg})
	var got []string
	for info := range r.All() {
		got = append(got, info.Name+" "+info.Time.String())
	}
	if !slices.Equal(got, []string{"b avg", "a sum"}) {
		t.Errorf("got %v", got)
	}
}

// docs/METRICS.md is made of the table that the program uses.
func TestMetricsDocument(t *testing.T) {
	var b strings.Builder
	b.WriteString(head)
	var names []string
	var last metric.Info
	line := func() {
		if len(names) > 0 {
			fmt.Fprintf(&b, "| %s | %s | %v | %v | %s |\n", strings.Join(names, ", "), last.Unit, last.Time, last.Component, last.Description)
		}
		names = nil
	}
	for info := range metric.Builtin().All() {
		if info.Description != last.Description {
			line()
		}
		names, last = append(names, "`"+info.Name+"`"), info
	}
	line()
	b.WriteString(tail)
	golden.Equal(t, filepath.Join(testenv.Root(t), "docs", "METRICS.md"), b.String())
}

const head = `# Metrics

<!-- Made by internal/metric from the table that the program uses; go test ./internal/metric -update rewrites it. -->

What Dendro knows without being told: how each of the usual metrics is added up along time (the rows of one component) and
over components (the parts of a group at one time step). ` + "`*/energy`" + ` stands for every name that ends in ` + "`/energy`" + `, such
as ` + "`gpu0/energy`" + `; a name of its own goes before its family.

| metric | unit | over time | over components | what it is |
|---|---|---|---|---|
`

const tail = `
## Saying it otherwise

A plugin's ` + "`parameter-metadata`" + ` goes before this table, and a later plugin before an earlier one; within a plugin, outputs go
before inputs:

` + "```yaml" + `
initialize:
  plugins:
    meter:
      path: builtin
      method: Sum
      config: {input-parameters: [cpu/power, gpu/power], output-parameter: power}
      parameter-metadata:
        outputs:
          power:
            unit: W
            description: power of the machine
            aggregation-method: {time: avg, component: sum}
` + "```" + `

A metric that is in neither is an error that shows these lines. Functional units (requests, users, …) are not built in:
whether two components serve the same requests or different ones is known only to those who count them.

## Methods

| method | value |
|---|---|
| ` + "`sum`" + ` | the sum, from left to right |
| ` + "`avg`" + ` | the mean; of a tree, over its leaves; weighted if ` + "`aggregation.weights`" + ` says so |
| ` + "`copy`" + ` | the last value |
| ` + "`none`" + ` | none: the metric is left out |
`
