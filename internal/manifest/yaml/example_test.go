package yaml_test

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/manifest/yaml"
)

// Lists of observations are frames; who wants plain values makes them.
func ExampleBulk_List() {
	doc, err := yaml.Read("m.yml", []byte("inputs:\n  - {energy: 1}\n  - {energy: 2}\n"), yaml.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, item := range doc.Bulk[0].List().List() {
		fmt.Println(item.Map().Get("energy"))
	}
	// Output:
	// 1
	// 2
}
