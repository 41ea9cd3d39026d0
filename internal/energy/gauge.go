package energy

import (
	"time"

	"github.com/dendro-carbon/dendro/unit"
)

// Gauge integrates the samples of a power gauge, in watts, over bins. It is used
// like a [Counter].
//
// The rules. Between two samples at most BridgeAfter apart the power is their
// mean. Over a longer time nothing is known: unlike a counter, a gauge does not
// tell later what was missed. The energy between two samples is rounded to the
// microjoule, half to even, and spread evenly over (t1, t2].
type Gauge struct {
	counter Counter
	any     bool
	at      int64
	power   int64 // in µW
	total   int64 // in µJ since the first sample
}

// NewGauge returns a gauge for bins.
func NewGauge(rule Rule, bins *Bins) *Gauge {
	rule.MaxBridge = rule.BridgeAfter
	return &Gauge{counter: *NewCounter(rule, bins, nil)}
}

// Reset makes the gauge ready for another series, as [Counter.Reset] does.
func (g *Gauge) Reset(bins *Bins) {
	g.counter.Reset(bins, nil)
	g.any, g.at, g.power, g.total = false, 0, 0, 0
}

// Add takes the next sample: microseconds since 1970 UTC, and the power in watts.
// A sample that cannot be used is skipped and counted; Add reports whether it was
// used.
func (g *Gauge) Add(at int64, watts float64) bool {
	power, ok := g.counter.faults.check(watts)
	if !ok {
		return false
	}
	if g.any && at <= g.at {
		g.counter.faults.Disordered++
		return false
	}
	total := g.total
	if g.any && at-g.at <= g.counter.rule.MaxBridge.Microseconds() {
		energy, err := meanEnergy(g.power, power, time.Duration(at-g.at)*time.Microsecond)
		if err != nil || total+energy < total {
			g.counter.faults.TooLarge++
			return false
		}
		total += energy
	}
	if !g.counter.add(at, total) {
		return false
	}
	g.any, g.at, g.power, g.total = true, at, power, total
	return true
}

// meanEnergy returns the energy, in µJ, of the mean of two powers, in µW, over a
// time.
func meanEnergy(p1, p2 int64, d time.Duration) (int64, error) {
	sum, err := unit.Power(p1).Add(unit.Power(p2))
	if err != nil {
		return 0, err
	}
	return unit.MulDiv(int64(sum), d.Microseconds(), 2*time.Second.Microseconds())
}

// Finish returns the tally, in microjoules, and the faults. The tally is valid
// until Reset.
func (g *Gauge) Finish() (*Tally, Faults) { return g.counter.Finish() }
