package explain_test

import (
	"context"
	"fmt"
	"os"

	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/explain"
)

// A manifest is run once, and any number of its figures explained.
func ExampleNew() {
	m, err := manifest.Read("m.yml", []byte(`
name: shop
initialize:
  plugins:
    total: {path: builtin, method: Sum, config: {input-parameters: [cpu/energy, network/energy], output-parameter: energy}}
aggregation: {metrics: [energy], type: horizontal}
tree:
  pipeline: {compute: [total]}
  children:
    web: {inputs: [{timestamp: '2024-01-01T00:00:00.000Z', duration: 3600, cpu/energy: 0.5, network/energy: 1}]}
`), compat.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := explain.New(context.Background(), m, manifest.Options{}, "web")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, metric := range []string{"energy", "carbon"} {
		figure, err := e.Figure(explain.Query{Component: "web", Metric: metric})
		if err != nil {
			fmt.Println(err)
			continue
		}
		if err := figure.JSON(os.Stdout); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// {
	//   "component": "tree.children.web",
	//   "metric": "energy",
	//   "value": 1.5,
	//   "unit": "kWh",
	//   "kind": "time",
	//   "file": "m.yml",
	//   "line": 10,
	//   "aggregation-method": "sum",
	//   "formula": "sum of 1 row, at 2024-01-01T00:00:00.000Z",
	//   "filled": "1.5",
	//   "from": [
	//     {
	//       "component": "tree.children.web",
	//       "metric": "energy",
	//       "timestamp": "2024-01-01T00:00:00.000Z",
	//       "value": 1.5,
	//       "unit": "kWh",
	//       "kind": "part",
	//       "file": "m.yml",
	//       "line": 10,
	//       "notes": [
	//         "first"
	//       ]
	//     }
	//   ]
	// }
	// tree.children.web has no aggregated metric "carbon"
}
