package demo_test

import (
	"context"
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/source/demo"
)

// The grid of the simulated facility knows actuals of the past and forecasts of the
// next two days.
func ExampleGrid() {
	config := demo.Config{Name: "demo", Begin: time.Date(2026, 1, 28, 0, 0, 0, 0, time.UTC)}
	if err := config.Validate(); err != nil {
		fmt.Println(err)
		return
	}
	noon := config.Begin.Add(12 * time.Hour)
	grid, err := demo.NewGrid(config, func() time.Time { return noon })
	if err != nil {
		fmt.Println(err)
		return
	}
	values, err := grid.Fetch(context.Background(), demo.Region, account.NewSpan(noon.Add(-time.Hour), noon.Add(time.Hour)))
	for _, v := range values {
		fmt.Println(v.Span.From.Format("15:04"), v.Kind)
	}
	fmt.Println(err, grid.Info().Forecasts, grid.Info().Accounting)
	// Output:
	// 11:00 actual
	// 11:00 forecast
	// 11:30 forecast
	// 12:00 forecast
	// 12:30 forecast
	// <nil> true combustion, location-based
}
