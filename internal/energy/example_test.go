package energy_test

import (
	"fmt"
	"math"
	"time"

	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/unit"
)

// A gauge of watts is integrated over slots. A counter and a gauge keep count of
// the samples that they could not use; both are used again for the next series.
func ExampleGauge() {
	at := func(seconds int64) int64 { return time.Unix(seconds, 0).UnixMicro() }
	bins := energy.NewBins([]time.Time{time.Unix(0, 0), time.Unix(60, 0), time.Unix(120, 0)})
	var skipped energy.Faults

	gauge := energy.NewGauge(energy.DefaultRule(), bins)
	for host, watts := range []float64{100, 40} {
		gauge.Reset(bins)
		gauge.Add(at(0), watts)
		gauge.Add(at(60), watts)
		gauge.Add(at(90), math.NaN())
		gauge.Add(at(120), 2*watts)
		tally, faults := gauge.Finish()
		skipped.Add(faults)
		for i := range bins.Len() {
			from, to := bins.Bin(i)
			fmt.Println("host", host, from.UTC().Format("15:04"), to.UTC().Format("15:04"), unit.Joules(tally.Amount[i]))
		}
	}
	fmt.Println(skipped.Total(), "skipped")

	counter := energy.NewCounter(energy.DefaultRule(), bins, nil)
	counter.Reset(bins, []time.Time{time.Unix(30, 0)}) // the host was started at 0:30
	fmt.Println(counter.Add(at(60), 15), counter.Add(at(60), 16))
	// Output:
	// host 0 00:00 00:01 6000 J
	// host 0 00:01 00:02 9000 J
	// host 1 00:00 00:01 2400 J
	// host 1 00:01 00:02 3600 J
	// 2 skipped
	// true false
}

// A power model is data: a curve of power by use, times the PUE of the building.
func ExampleModel() {
	measured := energy.Model{
		Name: "R640", Per: energy.PerHost, PUE: unit.One + unit.One/10,
		Curve: []energy.Point{{Use: 0, Power: 50_000_000}, {Use: unit.One / 2, Power: 120_000_000}, {Use: unit.One, Power: 150_000_000}},
	}
	hour := unit.Duration(3600_000_000)
	use := energy.Use{Busy: hour, Idle: 3 * hour, Observed: hour} // one of four processors
	for _, m := range []energy.Model{energy.BusyIdle(20_000_000, 5_000_000), energy.TDP(65_000_000), measured} {
		e, err := energy.NewEstimator(m)
		if err != nil {
			fmt.Println(err)
			continue
		}
		figures, _ := e.Estimate(use)
		fmt.Println(e.Model().Name, e.Model().PUE, figures.Busy, figures.Idle)
	}
	measured.Curve = measured.Curve[1:]
	fmt.Println(measured.Validate())
	// Output:
	// busy-idle 20 W/5 W 1 0.02 kWh 0.015 kWh
	// tdp 65 W 1 0.065 kWh 0.195 kWh
	// R640 1.1 0.05225 kWh 0.04125 kWh
	// power model is not valid: "R640": its curve must go from use 0 to use 1
}

// Sets of instants: what two counters of a host both cover, or either.
func ExampleStretches() {
	busy := energy.Stretches{{From: 0, To: 60}, {From: 120, To: 180}}
	idle := energy.Stretches{{From: 30, To: 150}}
	kept := busy.Clone()
	fmt.Println(busy.Union(idle), busy.Intersect(idle), kept)
	// Output: [{0 180}] [{30 60} {120 150}] [{0 60} {120 180}]
}
