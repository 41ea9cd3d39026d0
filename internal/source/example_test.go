package source_test

import (
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/source"
)

// An adapter feeds each series to a counter and each tally to the builder.
func ExampleBuilder() {
	grid, _ := account.NewGrid(account.DefaultStep)
	slot := grid.Slot(time.Date(2026, 1, 28, 12, 0, 0, 0, time.UTC))
	b, err := source.NewBuilder(source.Request{Span: slot, Grid: grid}, account.Origin{Source: "demo", Method: "raw samples"})
	if err != nil {
		panic(err)
	}
	host := account.Subject{Host: "node1"}
	counter := energy.NewCounter(energy.DefaultRule(), b.Bins(host.Host), nil)
	for mode, rate := range map[string]float64{"user": 0.25, "iowait": 0.05, "idle": 0.7} {
		counter.Reset(b.Bins(host.Host), nil)
		for at := slot.From.Add(-time.Minute); !at.After(slot.To.Add(time.Minute)); at = at.Add(time.Minute) {
			counter.Add(at.UnixMicro(), rate*at.Sub(slot.From.Add(-time.Hour)).Seconds())
		}
		tally, _ := counter.Finish()
		if class, ok := source.DefaultModes().Of(mode); ok {
			if err := b.Processor(host, class, tally); err != nil {
				panic(err)
			}
		}
	}
	readings, err := b.Readings()
	if err != nil {
		panic(err)
	}
	for _, f := range readings[0].Facts.Facts {
		fmt.Println("busy", f.Busy, "idle", f.Idle, "observed", f.Observed)
	}
	// Output: busy 450 s idle 1350 s observed 1800 s
}
