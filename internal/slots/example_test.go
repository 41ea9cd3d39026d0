package slots_test

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/intensity"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/slots"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/internal/source/demo"
)

// An empty ledger is filled with two hours of a simulated facility, then compared
// with its source and left to the driver.
func Example() {
	begin := time.Date(2026, 1, 28, 0, 0, 0, 0, time.UTC)
	facility := demo.Config{Name: "demo", Seed: 1, Begin: begin}
	machines, err := demo.New(facility, time.Now)
	if err != nil {
		fmt.Println(err)
		return
	}
	grid, err := demo.NewGrid(facility, time.Now)
	if err != nil {
		fmt.Println(err)
		return
	}
	config := slots.Defaults()
	config.Method = derive.Method{
		Models: []derive.ModelRule{{Model: energy.Default()}}, Places: []derive.PlaceRule{{Region: demo.Region}},
		Chain: []string{"demo"}, Accounting: grid.Info().Accounting, Policy: derive.Policy{Name: "usage"},
	}
	calendar, _ := account.NewCalendar(account.DefaultStep, time.UTC)
	driver, err := slots.New(config, slots.Deps{
		Store: memory.New(calendar), Sources: []source.Source{machines}, Intensities: []intensity.Source{grid},
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	events, unsubscribe := driver.Subscribe()

	ctx, stop := context.WithCancel(context.Background())
	span := account.NewSpan(begin.Add(24*time.Hour), begin.Add(26*time.Hour))
	progress, err := driver.Backfill(ctx, span, nil)
	fmt.Println("closed", progress.Done, "of", progress.Total, err)

	same := 0
	err = driver.Reconcile(ctx, span, func(r slots.Reconciliation) bool {
		if r.Equal() {
			same++
		}
		return true
	})
	fmt.Println(same, "slots are what the source says", err)

	unsubscribe()
	closed := 0
	for event := range events {
		if event.Kind == slots.EventClosed {
			closed++
		}
	}
	fmt.Println(closed, "events,", len(driver.Status().Troubles), "troubles, open:", driver.Open() != nil, "forecast:", len(driver.Forecast(demo.Region)))
	stop()
	fmt.Println(driver.Run(ctx)) // until the context ends
	// Output:
	// closed 4 of 4 <nil>
	// 4 slots are what the source says <nil>
	// 4 events, 0 troubles, open: false forecast: 0
	// <nil>
}
