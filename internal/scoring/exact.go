package scoring

import (
	"math"

	"github.com/dendro-carbon/dendro/internal/window"
	"github.com/dendro-carbon/dendro/unit"
)

// exact is a sum of energies in kWh whose result does not depend on their order: a
// whole number of microwatt-hours, and of billionths of one. It is rounded once, when
// it is taken.
type exact struct{ whole, billionths int64 }

const billion = 1_000_000_000

// add adds an energy. What is no amount adds nothing, and a sum that no ledger can
// hold stays at the largest.
func (e *exact) add(kwh float64) {
	kwh, ok := window.Clean(kwh)
	if !ok {
		return
	}
	whole, part := math.Modf(kwh * billion)
	if whole >= math.MaxInt64/2 || e.whole >= math.MaxInt64/2 {
		e.whole = math.MaxInt64 / 2
		return
	}
	e.whole += int64(whole)
	e.billionths += int64(math.RoundToEven(part * billion))
	e.whole += e.billionths / billion
	e.billionths %= billion
}

// energy returns the sum, half to even.
func (e exact) energy() unit.Energy {
	const half = billion / 2
	if e.billionths > half || e.billionths == half && e.whole%2 != 0 {
		return unit.Energy(e.whole + 1)
	}
	return unit.Energy(e.whole)
}
