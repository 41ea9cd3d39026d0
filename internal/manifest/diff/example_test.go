package diff_test

import (
	"fmt"
	"os"

	"github.com/dendro-carbon/dendro/internal/manifest/diff"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Programs read a report as JSON; if-diff of Impact Framework tells of the first
// difference only.
func ExampleReport_JSON() {
	side := func(name string, version float64) diff.Side {
		head := value.NewMap(2)
		head.Set("name", value.OfText(name))
		head.Set("version", value.OfNumber(version))
		return diff.Side{Head: head}
	}
	a, b := side("shop", 1), side("shop", 2)
	report := diff.Compare(a, b, diff.Options{Limit: 1})
	fmt.Println(report.Equal(), diff.Compare(a, a, diff.Options{}).Equal())
	for _, d := range report.Listed {
		fmt.Println(d.Path, diff.Show(d.A), diff.Show(d.B))
	}
	if err := report.JSON(os.Stdout, diff.Names{A: "old.yml", B: "new.yml"}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(diff.FirstIF11(a, b))
	// Output:
	// false true
	// version 1 2
	// {
	//   "a": "old.yml",
	//   "b": "new.yml",
	//   "equal": false,
	//   "compared": 1,
	//   "differences": 1,
	//   "listed": [
	//     {
	//       "path": "version",
	//       "part": "version",
	//       "a": 1,
	//       "b": 2,
	//       "relative": 0.5
	//     }
	//   ],
	//   "metrics": [
	//     {
	//       "part": "version",
	//       "differences": 1,
	//       "components": 1,
	//       "largest_relative": 0.5
	//     }
	//   ]
	// }
	// [version source: 1 target: 2]
}
