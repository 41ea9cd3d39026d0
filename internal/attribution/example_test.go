package attribution_test

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/attribution"
	"github.com/dendro-carbon/dendro/internal/wide"
	"github.com/dendro-carbon/dendro/unit"
)

// Many hosts are divided into one slice, without a slice for each.
func ExampleAppendDivide() {
	var parts []unit.Energy
	for _, host := range []struct {
		whole unit.Energy
		busy  []uint64
	}{{100, []uint64{2, 1}}, {7, []uint64{1, 1}}} {
		var err error
		if parts, err = attribution.AppendDivide(parts, host.whole, host.busy); err != nil {
			fmt.Println(err)
		}
	}
	for _, p := range parts {
		fmt.Print(int64(p), " ")
	}
	_, err := attribution.AppendDivide(parts, 5, []uint64{0, 0})
	fmt.Println(err)
	// Output: 67 33 4 3 nothing to divide by: every weight is zero
}

// Weights that are products, such as processors × µs, may need 128 bits.
func ExampleDivideWide() {
	weights := []wide.Uint{wide.Product(1<<40, 1<<40), wide.Product(1<<40, 1<<41)}
	parts, err := attribution.DivideWide(unit.Mass(10), weights)
	fmt.Println(int64(parts[0]), int64(parts[1]), err)
	// Output: 3 7 <nil>
}
