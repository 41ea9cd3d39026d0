package pivot_test

import (
	"fmt"
	"os"

	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/pivot"
)

// if-csv of Impact Framework puts values one after another, whatever their times.
func ExampleWriteIF11() {
	m, err := manifest.Read("m.yml", []byte(`
name: shop
initialize: {plugins: {}}
tree:
  children:
    web: {outputs: [{timestamp: '2024-01-01T00:00:00.000Z', duration: 3600, energy: 0.5, carbon: 200}]}
    db: {outputs: [{timestamp: '2024-01-01T01:00:00.000Z', duration: 3600, energy: 1, carbon: 360}]}
`), compat.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(pivot.Metrics(m.Tree))
	if err := pivot.WriteIF11(os.Stdout, m.Tree, "carbon", true); err != nil {
		fmt.Println(err)
	}
	// Output:
	// [energy carbon]
	// Path,2024-01-01T00:00:00.000Z,2024-01-01T01:00:00.000Z
	// tree.children.web.carbon,200,360
}
