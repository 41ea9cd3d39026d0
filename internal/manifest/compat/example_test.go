package compat_test

import (
	"fmt"
	"strings"

	"github.com/dendro-carbon/dendro/internal/manifest/compat"
)

// One table holds every difference: the option that switches it, what documents and
// notices say of it.
func ExampleTable() {
	for _, d := range compat.Table() {
		if d.Name != "zero-units" {
			continue
		}
		var o compat.Options
		*d.Field(&o) = true
		fmt.Println(o.ZeroUnitsIsCarbon)
		fmt.Println(d.IF)
		fmt.Println(strings.Contains(compat.Markdown(), d.Dendro))
	}
	// Output:
	// true
	// the SCI of no functional units is the carbon itself
	// true
}
