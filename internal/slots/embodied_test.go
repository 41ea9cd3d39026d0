package slots_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/intensity"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/slots"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/unit"
)

// TestEmbodiedIsRestated holds that modelling embodied carbon restates closed slots
// with reason method, in a column of its own: nothing operational changes.
func TestEmbodiedIsRestated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		w := newWorld("a", "b")
		store := memory.New(calendar(t))
		run := func(m derive.Method, until time.Duration) {
			d, err := slots.New(slots.Config{Method: m}, slots.Deps{
				Store: store, Sources: []source.Source{w}, Intensities: []intensity.Source{grid{w}}, Log: quiet(),
			})
			if err != nil {
				t.Fatal(err)
			}
			live(t, d, begin.Add(until))
		}
		m := method()
		run(m, 2*time.Hour+5*time.Minute)
		span := account.NewSpan(begin, begin.Add(time.Hour))
		before := total(t, store, span)
		m.Embodied = []derive.EmbodiedRule{{Total: 1_200_000_000_000, Lifespan: 126_230_400_000_000, Reserved: 8, Resources: 64}}
		run(m, 3*time.Hour)
		after := total(t, store, span)
		// An hour of two hosts that were observed: 2 × 1,200 kg × 1 h ÷ 4 a × 8 ÷ 64.
		if after.EmbodiedTime != after.Observed || after.Embodied != 4*2_138_946 {
			t.Errorf("embodied %v for %v of %v", after.Embodied, after.EmbodiedTime, after.Observed)
		}
		after.Embodied, after.EmbodiedTime = 0, 0
		if before != after || before.Embodied != 0 {
			t.Errorf("before %+v, after %+v", before, after)
		}
		reasons := map[ledger.Reason]int{}
		for r, err := range store.Restatements(t.Context(), time.Time{}, time.Time{}) {
			if err != nil {
				t.Fatal(err)
			}
			if span.Covers(r.Slot) {
				reasons[r.Reason]++
			}
		}
		if reasons[ledger.ReasonMethod] != 2 {
			t.Errorf("restated: %v", reasons)
		}
	})
}

func total(t *testing.T, s ledger.Store, span account.Span) account.Quantities {
	t.Helper()
	var sum account.Quantities
	for _, e := range figures(t, s, span) {
		var err error
		if sum, err = sum.Add(e.Quantities); err != nil {
			t.Fatal(err)
		}
	}
	sum.EstimatedEnergy = unit.Energy(0) // intensities arrive meanwhile
	return sum
}
