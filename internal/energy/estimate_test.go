package energy_test

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/energy"
)

func ExampleEstimator_Estimate() {
	e, err := energy.NewEstimator(energy.Default())
	if err != nil {
		panic(err)
	}
	f, err := e.Estimate(energy.Use{Busy: 537_450_000, Idle: 287_239_260_000})
	fmt.Println(f.Busy, "+", f.Idle, err)
	// Output: 0.0017915 kWh + 0.079788683 kWh <nil>
}
