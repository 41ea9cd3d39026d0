package ledger_test

import (
	"context"
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/unit"
)

// exampleMethod is the facility default, without intensities.
func exampleMethod() derive.Method {
	return derive.Method{Models: []derive.ModelRule{{Model: energy.Default()}}, Policy: derive.Policy{Name: "usage"}}
}

// exampleCommit is the first close of a slot in which one host of a group was busy.
func exampleCommit(calendar account.Calendar, busy unit.Duration) ledger.Commit {
	slot := calendar.Grid().Slot(time.Date(2026, 1, 28, 12, 0, 0, 0, time.UTC))
	muon, _ := account.LabelsOf("group", "Muon")
	facts := &account.Batch{
		Slot: slot, KnownAt: slot.To.Add(2 * time.Minute),
		Origins:  []account.Origin{{Source: "prometheus", Method: "raw samples"}},
		Subjects: []account.Subject{{Host: "n1", Labels: muon}},
		Facts:    []account.Fact{{To: slot.Length(), Busy: busy, Observed: slot.Length(), Expected: slot.Length()}},
	}
	d, err := derive.New(exampleMethod(), derive.Known{})
	if err != nil {
		panic(err)
	}
	entries, err := d.Derive(facts)
	if err != nil {
		panic(err)
	}
	return ledger.Commit{Slot: slot, Revision: 1, KnownAt: facts.KnownAt, Facts: facts, Entries: entries}
}

// exampleStore is a ledger of one slot and the method under which it was closed.
func exampleStore() (ledger.Store, ledger.Commit) {
	calendar, err := account.NewCalendar(account.DefaultStep, time.UTC)
	if err != nil {
		panic(err)
	}
	store := memory.New(calendar)
	first := exampleCommit(calendar, 900_000_000)
	if _, err := store.PutMethod(context.Background(), ledger.MethodRecord{KnownAt: first.Slot.From, Method: exampleMethod()}); err != nil {
		panic(err)
	}
	if err := store.Commit(context.Background(), first); err != nil {
		panic(err)
	}
	return store, first
}

// A restatement replaces the entries of a slot; stores add the difference to the
// sums that contain it.
func ExampleChanges() {
	calendar, _ := account.NewCalendar(account.DefaultStep, time.UTC)
	before, after := exampleCommit(calendar, 900_000_000), exampleCommit(calendar, 1_200_000_000)
	fmt.Println(before.Validate(calendar))

	old, _ := ledger.Total(before.Entries)
	now, _ := ledger.Total(after.Entries)
	fmt.Println(old.Energy, "→", now.Energy)
	changes, err := ledger.Changes(before.Entries, after.Entries)
	for _, c := range changes {
		fmt.Println(c.Account, c.Entries, c.Energy, err)
	}
	after.Revision = 2 // and no reason is given
	fmt.Println(after.Validate(calendar))
	// Output:
	// <nil>
	// 0.003 kWh → 0.004 kWh
	// {group="Muon"} 0 0.001 kWh <nil>
	// not valid for the ledger: commit of slot [2026-01-28T12:00:00Z, 2026-01-28T12:30:00Z) revision 2: a restatement needs a reason
}

// Several slots are committed together, each once.
func ExampleValidCommits() {
	calendar, _ := account.NewCalendar(account.DefaultStep, time.UTC)
	c := exampleCommit(calendar, 900_000_000)
	fmt.Println(ledger.ValidCommits([]ledger.Commit{c}, calendar))
	fmt.Println(ledger.ValidCommits([]ledger.Commit{c, c}, calendar))
	// Output:
	// <nil>
	// not valid for the ledger: two commits of slot [2026-01-28T12:00:00Z, 2026-01-28T12:30:00Z) at once
}

// What was shown once can be shown again: folded from sums, derived anew from facts,
// or explained.
func ExampleFoldDerived() {
	ctx := context.Background()
	store, commit := exampleStore()
	view := account.View{By: []string{"group"}}
	day := store.Calendar().Period(account.StepDay, commit.Slot.From)

	total, err := ledger.FoldTotal(ctx, store, view, day)
	if err != nil {
		fmt.Println(err)
		return
	}
	series, err := ledger.FoldSeries(ctx, store, view, ledger.Query{Span: day, Step: account.StepHour})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(total.Energy, len(series.Periods), series.Root.Series[12].Energy)

	method, err := ledger.MethodAt(ctx, store, time.Time{})
	if err != nil {
		fmt.Println(err)
		return
	}
	method.Models[0].Model = energy.BusyIdle(24_000_000, 1_000_000) // what if they drew twice as much?
	other, err := ledger.FoldDerived(ctx, store, ledger.Derivation{Span: day, View: view, Method: method})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(other.Root.Energy)

	explained, err := ledger.Explain(ctx, store, commit.Slot, nil, time.Time{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(explained[0].Hosts[0].Steps[0].Formula)
	again, err := ledger.ExplainDerived(ctx, store, ledger.Derivation{Span: commit.Slot, Method: method})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(again[0].Hosts[0].Steps[0].Formula)
	known, err := ledger.KnownIn(ctx, store, commit.Slot, time.Time{})
	fmt.Println(len(known.Holdings), len(known.Intensities), err)
	// Output:
	// 0.003 kWh 24 0.003 kWh
	// 0.006 kWh
	// (12 W × 900 s busy + 1 W × 0 s idle) ÷ 3.6e6 J/kWh
	// (24 W × 900 s busy + 1 W × 0 s idle) ÷ 3.6e6 J/kWh
	// 0 0 <nil>
}

// Two policies over the same facts: they divide one total. Nothing was idle here, so
// nothing is kept apart.
func ExampleFoldPolicies() {
	ctx := context.Background()
	store, commit := exampleStore()
	method, err := ledger.MethodAt(ctx, store, time.Time{})
	if err != nil {
		fmt.Println(err)
		return
	}
	holder, apart := method.Policy, method.Policy
	apart.Name, apart.Idle = "idle apart", derive.IdleApart
	both, err := ledger.FoldPolicies(ctx, store, ledger.Derivation{
		Span: commit.Slot, View: account.View{By: []string{"group"}}, Method: method,
	}, holder, apart)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range both {
		fmt.Println(s.Root.Energy, len(s.Root.Children))
	}
	// Output:
	// 0.003 kWh 1
	// 0.003 kWh 1
}

// Stores refuse what cannot be true.
func ExampleValidIntensity() {
	slot := account.NewSpan(time.Unix(0, 0), time.Unix(1800, 0))
	value := account.Intensity{
		Region: "GB", Source: "ukgrid", Span: slot, Value: 231_500_000, KnownAt: time.Unix(3600, 0),
		Accounting: account.Accounting{Scope: "combustion", Approach: "location"},
	}
	fmt.Println(ledger.ValidIntensity(value))
	value.Value = -1
	fmt.Println(ledger.ValidIntensity(value))
	fmt.Println(ledger.ValidHolding(account.Holding{Host: "n1", From: slot.From, KnownAt: slot.To}))
	fmt.Println(ledger.CheckOrder("method", slot.From, slot.To))
	fmt.Println(ledger.Pin{Name: "report 2026-01", Span: account.NewSpan(slot.To, slot.From)}.Validate())
	// Output:
	// <nil>
	// not valid for the ledger: intensity [1970-01-01T00:00:00Z, 1970-01-01T00:30:00Z) of "GB" by "ukgrid": it needs a region, a source, a span, a time and a value of at least 0
	// not valid for the ledger: holding "" of host "n1": it needs an ID, a host, a beginning and a time
	// not valid for the ledger: method: another revision is stored, known at 1970-01-01 00:30:00 +0000 UTC, which is not before 1970-01-01 00:00:00 +0000 UTC
	// not valid for the ledger: pin "report 2026-01" of [1970-01-01T00:30:00Z, 1970-01-01T00:00:00Z): it needs a name, a span and a time
}

// Methods are kept as JSON; equal ones have equal bytes.
func ExampleEncodeMethod() {
	a, err := ledger.EncodeMethod(exampleMethod())
	b, _ := ledger.EncodeMethod(exampleMethod())
	fmt.Println(string(a) == string(b), err)
	fmt.Println(string(a))
	// Output:
	// true <nil>
	// {"models":[{"model":{"name":"busy-idle 12 W/1 W","per":"cpu","curve":[{"use":0,"power_w":1},{"use":1,"power_w":12}]}}],"accounting":{"scope":"","approach":""},"policy":{"name":"usage","held":false}}
}

func ExampleCollect() {
	ctx := context.Background()
	calendar, _ := account.NewCalendar(account.DefaultStep, time.UTC)
	store := memory.New(calendar)
	commit := exampleCommit(calendar, 600_000_000)
	if err := store.Commit(ctx, commit); err != nil {
		panic(err)
	}
	states, err := ledger.Collect(store.Slots(ctx, commit.Slot))
	fmt.Println(len(states), "slot, revision", states[0].Revision, err)
	// Output: 1 slot, revision 1 <nil>
}
