package wide_test

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/wide"
)

// The mean of two intensities, weighted by energy: the sum of the products needs
// more than 64 bits, the result does not.
func Example() {
	total := wide.From(0)
	var energy uint64
	for _, hour := range []struct{ energy, intensity uint64 }{{40_000_000_000_000, 231_500_000}, {10_000_000_000_000, 80_000_000}} {
		carbon := wide.Product(hour.energy, hour.intensity)
		total, _ = total.Add(carbon)
		energy += hour.energy
	}
	_, fits := total.Narrow()
	mean, err := total.Over(wide.From(energy))
	fmt.Println(total.Big(), fits, mean, err)
	// Output: 10060000000000000000000 false 201200000 <nil>
}

// The rest of a division is what is left of the whole without the parts.
func ExampleUint_Sub() {
	whole, _ := wide.From(1_000_000_007).Times(3)
	parts := wide.From(3_000_000_000)
	rest, err := whole.Sub(parts)
	n, fits := rest.Narrow()
	fmt.Println(n, fits, err, whole.Cmp(parts))
	nothing, _ := rest.Sub(rest)
	_, err = nothing.Sub(rest)
	fmt.Println(nothing.IsZero(), err)
	// Output:
	// 21 true <nil> 1
	// true result overflows 128-bit arithmetic
}
