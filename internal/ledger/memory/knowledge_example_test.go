package memory_test

import (
	"context"
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
)

// What is learnt is appended; asking as known at an earlier time gives what was
// known then.
func ExampleStore_PutIntensities() {
	ctx := context.Background()
	calendar, err := account.NewCalendar(account.DefaultStep, time.UTC)
	if err != nil {
		fmt.Println(err)
		return
	}
	store := memory.New(calendar)
	defer store.Close()
	slot := store.Calendar().Grid().Slot(time.Date(2026, 1, 28, 12, 0, 0, 0, time.UTC))
	value := account.Intensity{
		Region: "GB", Source: "ukgrid", Span: slot, Value: 231_500_000, KnownAt: slot.To,
		Accounting: account.Accounting{Scope: "combustion", Approach: "location"},
	}
	corrected := value
	corrected.Value, corrected.KnownAt = 229_000_000, slot.To.Add(time.Hour)
	for _, v := range []account.Intensity{value, value, corrected} { // the second says nothing new
		added, err := store.PutIntensities(ctx, []account.Intensity{v})
		fmt.Println(len(added), err)
	}
	for _, at := range []time.Time{slot.To, {}} {
		for v, err := range store.Intensities(ctx, slot, at) {
			fmt.Println("now:", at.IsZero(), v.Value, err)
		}
	}

	holder, _ := account.LabelsOf(account.LabelUser, "u42")
	_, err = store.PutHoldings(ctx, []account.Holding{{ID: "7", Host: "n1", From: slot.From, Holder: holder, KnownAt: slot.To}})
	for h := range store.Holdings(ctx, slot, time.Time{}) {
		fmt.Println(h.Host, h.Holder, err)
	}
	status, err := store.Status(ctx)
	fmt.Println(status.Slots, status.LastKnownAt.Format(time.RFC3339), err)
	// Output:
	// 1 <nil>
	// 0 <nil>
	// 1 <nil>
	// now: false 231.5 gCO2e/kWh <nil>
	// now: true 231.5 gCO2e/kWh <nil>
	// now: true 229 gCO2e/kWh <nil>
	// n1 {user="u42"} <nil>
	// 0 2026-01-28T13:30:00Z <nil>
}

// Facts are forgotten by age, unless something refers to them.
func ExampleStore_Pin() {
	ctx := context.Background()
	calendar, err := account.NewCalendar(account.DefaultStep, time.UTC)
	if err != nil {
		fmt.Println(err)
		return
	}
	store := memory.New(calendar)
	begin := time.Date(2026, 1, 28, 12, 0, 0, 0, time.UTC)
	for i := range 3 {
		slot := calendar.Grid().Slot(begin.Add(time.Duration(i) * account.DefaultStep))
		facts := &account.Batch{
			Slot: slot, KnownAt: slot.To, Origins: []account.Origin{{Source: "prometheus"}}, Subjects: []account.Subject{{Host: "n1"}},
			Facts: []account.Fact{{To: slot.Length(), Busy: 1, Observed: slot.Length(), Expected: slot.Length()}},
		}
		if err := store.Commit(ctx, ledger.Commit{Slot: slot, Revision: 1, KnownAt: slot.To, Facts: facts}); err != nil {
			fmt.Println(err)
		}
	}
	all := account.NewSpan(begin, begin.Add(3*account.DefaultStep))
	report := ledger.Pin{Name: "report", Span: calendar.Grid().Slot(begin), Since: all.To}
	fmt.Println(store.Pin(ctx, report))
	dropped, err := store.DropFacts(ctx, all.To, 10)
	fmt.Println(dropped, err)
	pins, _ := store.Pins(ctx)
	fmt.Println(len(pins), pins[0].Name)
	for state := range store.Slots(ctx, all) {
		fmt.Println(state.Slot.From.Format("15:04"), state.Revision, state.Forgotten)
	}
	for batch, err := range store.Facts(ctx, report.Span, time.Time{}) {
		fmt.Println(len(batch.Facts), err)
	}
	// Output:
	// <nil>
	// 2 <nil>
	// 1 report
	// 12:00 1 false
	// 12:30 1 true
	// 13:00 1 true
	// 1 <nil>
}
