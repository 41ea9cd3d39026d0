package table_test

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/manifest/table"
)

// To Impact Framework identifiers are numbers, and lose their zeros.
func ExampleCastLoose() {
	for _, field := range []string{"12.5", "007", "0x10", "10abc", ""} {
		f, ok := table.CastLoose(field)
		fmt.Printf("%q %v %v\n", field, f, ok)
	}
	// Output:
	// "12.5" 12.5 true
	// "007" 7 true
	// "0x10" 0 true
	// "10abc" 10 false
	// "" 0 false
}
