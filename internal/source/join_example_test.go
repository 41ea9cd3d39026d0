package source_test

import (
	"fmt"
	"math"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/source"
)

// Hosts are read in shards, whose facts are joined. What was left out travels with
// them as warnings.
func ExampleBuilder_Join() {
	grid, _ := account.NewGrid(account.DefaultStep)
	slot := grid.Slot(time.Date(2026, 1, 28, 12, 0, 0, 0, time.UTC))
	request := source.Request{Span: slot, Grid: grid}
	fmt.Println(request.Validate())

	var shards []*source.Builder
	for _, name := range []string{"n1", "n2"} {
		b, err := source.NewBuilder(request, account.Origin{Source: "prometheus", Method: "raw samples"})
		if err != nil {
			fmt.Println(err)
			return
		}
		host := account.Subject{Host: name}
		meter := energy.NewGauge(energy.DefaultRule(), b.Bins(host.Host))
		for at := slot.From; !at.After(slot.To); at = at.Add(5 * time.Minute) {
			meter.Add(at.UnixMicro(), 100)
		}
		meter.Add(slot.To.UnixMicro(), math.NaN())
		tally, faults := meter.Finish()
		if err := b.Meter(host, tally); err != nil {
			fmt.Println(err)
		}
		b.Faults("power of "+name, faults)
		shards = append(shards, b)
	}
	shards[0].Join(shards[1])
	shards[0].Warn(source.Warning{Code: "two-names", Subject: "n2", Text: "n2 is also called node2", Count: 1})
	readings, err := shards[0].Readings()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range readings[0].Facts.Facts {
		fmt.Println(readings[0].Facts.Subjects[f.Subject].Host, f.Measured, "in", f.Metered)
	}
	for _, w := range readings[0].Warnings {
		fmt.Println(w.Code, w.Subject, w.Count)
	}
	// Output:
	// <nil>
	// n1 180000 J in 1800 s
	// n2 180000 J in 1800 s
	// two-names n2 1
	// not-finite power of n1 1
	// not-finite power of n2 1
}
