package curve_test

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/manifest/curve"
)

// Which piece of a curve a value lies on.
func ExampleLastNotAbove() {
	x := []float64{0, 10, 50, 100}
	fmt.Println(curve.LastNotAbove(x, -1), curve.LastNotAbove(x, 10), curve.LastNotAbove(x, 99))
	// Output: -1 1 2
}
