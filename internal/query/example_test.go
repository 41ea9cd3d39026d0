package query_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/query"
)

// A window is a date, a month, a quarter or two instants.
func ExampleWindow_Span() {
	zone, _ := time.LoadLocation("Europe/London")
	calendar, _ := account.NewCalendar(30*time.Minute, zone)
	for _, w := range []query.Window{
		{From: "2026-03-29", To: "2026-03-29"}, {Month: "2026-07"}, {Quarter: "2026-Q4"},
	} {
		span, err := w.Span(calendar, time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))
		fmt.Println(span, span.Duration(), err)
	}
	// Output:
	// [2026-03-29T00:00:00Z, 2026-03-29T23:00:00Z) 23h0m0s <nil>
	// [2026-06-30T23:00:00Z, 2026-07-31T23:00:00Z) 744h0m0s <nil>
	// [2026-09-30T23:00:00Z, 2027-01-01T00:00:00Z) 2209h0m0s <nil>
}

// slotOfOneHost is an engine over a ledger of one slot.
func slotOfOneHost() (*query.Engine, account.Span) {
	ctx := context.Background()
	calendar, _ := account.NewCalendar(30*time.Minute, time.UTC)
	store := memory.New(calendar)
	slot := calendar.Grid().Slot(time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC))
	labels, _ := account.LabelsOf("project", "IDAaaS")
	facts := &account.Batch{
		Slot: slot, KnownAt: slot.To, Origins: []account.Origin{{Source: "example"}},
		Subjects: []account.Subject{{Host: "a", Labels: labels}},
		Facts: []account.Fact{{
			To: slot.Length(), Busy: 1800e6, Idle: 1800e6, Observed: slot.Length(), Expected: slot.Length(),
		}},
	}
	deriver, _ := derive.New(derive.Method{
		Models: []derive.ModelRule{{Model: energy.Default()}}, Policy: derive.Policy{Name: "usage"},
	}, derive.Known{})
	entries, _ := deriver.Derive(facts)
	if err := store.Commit(ctx, ledger.Commit{Slot: slot, Revision: 1, KnownAt: slot.To, Facts: facts, Entries: entries}); err != nil {
		fmt.Println(err)
	}
	return query.New(store, query.Options{}), slot
}

// What a ledger says of the projects in it.
func ExampleEngine_Ask() {
	engine, slot := slotOfOneHost()
	question, _ := query.Asked{By: []string{"project"}, Window: query.Window{Month: "2026-01"}}.Parse(engine.Calendar(), slot.To)
	answer, err := engine.Ask(context.Background(), question)
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = answer.WriteJSON(os.Stdout)
	// Output:
	// {"from":"2026-01-01T00:00:00Z","to":"2026-02-01T00:00:00Z","time_zone":"UTC","by":["project"],"as_known_at":"2026-01-01T09:30:00Z","total":{"energy_kwh":0.0065,"operational_gco2e":null,"embodied_gco2e":null,"cpu_busy_s":1800,"cpu_idle_s":1800,"intensity_gco2e_per_kwh":null,"coverage":1,"carbon_coverage":0,"estimated_share":0,"busy_energy_kwh":0.006,"busy_operational_gco2e":null,"embodied_coverage":null},"nodes":[{"path":["IDAaaS"],"kind":"account","energy_kwh":0.0065,"operational_gco2e":null,"embodied_gco2e":null,"cpu_busy_s":1800,"cpu_idle_s":1800,"intensity_gco2e_per_kwh":null,"coverage":1,"carbon_coverage":0,"estimated_share":0,"busy_energy_kwh":0.006,"busy_operational_gco2e":null,"embodied_coverage":null}]}
}

// What the figures of a slot rest on: the source, the power model and the
// intensity, of which none is known here.
func ExampleEngine_Basis() {
	engine, slot := slotOfOneHost()
	f, err := engine.Basis(context.Background(), slot, nil, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, b := range f.Bases {
		fmt.Printf("%v %s by %s, from %s, intensity of %q\n", *b.Figures.Energy, b.Basis.Energy, b.Basis.Model, b.Basis.Origin.Source, b.Basis.Intensity.Source)
	}
	// Output:
	// 0.0065 kWh modelled by busy-idle 12 W/1 W, from example, intensity of ""
}
