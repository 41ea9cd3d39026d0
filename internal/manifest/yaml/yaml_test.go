package yaml_test

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/manifest/yaml"
)

const manifest = `name: two hosts
tree:
  children:
    a:
      inputs:
        - timestamp: '2024-01-01T00:00:00.000Z'
          duration: 60
          energy: 0.5
        - timestamp: '2024-01-01T00:01:00.000Z'
          duration: 60
          energy: 0.25
`

func ExampleRead() {
	doc, err := yaml.Read("m.yml", []byte(manifest), yaml.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	tree := doc.Root.Map().Get("tree").Map()
	inputs := tree.Get("children").Map().Get("a").Map().Get("inputs")
	i, _ := inputs.BulkIndex()
	b := doc.Bulk[i]
	energy, _ := b.Frame.Vec("energy")
	fmt.Println(b.Frame.Len(), "rows; row 1 is on line", b.Line(1), "and used", energy.At(1))
	// Output: 2 rows; row 1 is on line 9 and used 0.25
}

func ExampleRead_errors() {
	_, err := yaml.Read("m.yml", []byte("tree: {children: {a: {}, a: {}}}\nname: x\nname: y\n"), yaml.Options{})
	fmt.Println(err)
	// Output:
	// m.yml:1: ReadFileError: duplicated mapping key (1:26)
	//   Try: keep one of the keys "a"
	// m.yml:3: ReadFileError: duplicated mapping key (3:1)
	//   Try: keep one of the keys "name"
}
