package emit_test

import (
	"fmt"
	"os"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/emit"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

func example() *emit.Document {
	web, db := tree.New("web", "tree.children.web"), tree.New("db", "tree.children.db")
	web.SetOutputs(frame.New(2,
		frame.NewTimes("timestamp", []int64{1702339200000, 1702339260000}, value.ISOMillis),
		frame.NewConstant("duration", 2, value.OfNumber(60)),
		frame.NewNumbers("carbon", []float64{0.5, 1e-7})))
	web.SetAggregated(pairsOf("carbon", value.OfNumber(0.5000001)))
	db.SetOutputs(frame.New(0))
	root := tree.New("", "tree")
	root.SetChildren([]*tree.Node{web, db})
	head := pairsOf("name", value.OfText("shop: all"), "tags", value.OfMap(nil))
	return &emit.Document{Head: head, Tree: root}
}

func ExampleYAML() {
	if err := emit.YAML(os.Stdout, example(), emit.Options{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// name: 'shop: all'
	// tags: {}
	// tree:
	//   children:
	//     web:
	//       outputs:
	//         - timestamp: '2023-12-12T00:00:00.000Z'
	//           duration: 60
	//           carbon: 0.5
	//         - timestamp: '2023-12-12T00:01:00.000Z'
	//           duration: 60
	//           carbon: 1.e-7
	//       aggregated:
	//         carbon: 0.5000001
	//     db:
	//       outputs: []
}

func ExampleValue() {
	v := value.OfList([]value.Value{value.OfText("yes"), value.OfMap(pairsOf("a", value.OfNull(), "b", value.Value{}))})
	if err := emit.Value(os.Stdout, v); err != nil {
		fmt.Println(err)
	}
	// Output:
	// - 'yes'
	// - a: null
}

func ExampleJSON() {
	if err := emit.JSON(os.Stdout, example(), emit.Options{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {
	//   "name": "shop: all",
	//   "tags": {},
	//   "tree": {
	//     "children": {
	//       "web": {
	//         "outputs": [
	//           {"timestamp":"2023-12-12T00:00:00.000Z","duration":60,"carbon":0.5},
	//           {"timestamp":"2023-12-12T00:01:00.000Z","duration":60,"carbon":1e-7}
	//         ],
	//         "aggregated": {
	//           "carbon": 0.5000001
	//         }
	//       },
	//       "db": {
	//         "outputs": []
	//       }
	//     }
	//   }
	// }
}

func ExampleCSV() {
	if err := emit.CSV(os.Stdout, example(), emit.Options{Workers: 2}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// component,record,timestamp,duration,carbon
	// tree.children.web,output,2023-12-12T00:00:00.000Z,60,0.5
	// tree.children.web,output,2023-12-12T00:01:00.000Z,60,1e-7
	// tree.children.web,aggregated,,,0.5000001
}
