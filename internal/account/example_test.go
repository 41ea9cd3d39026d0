package account_test

import (
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/unit"
)

// Time is cut into half-open spans; slots are spans of one length, aligned to UTC.
func ExampleGrid() {
	grid, err := account.NewGrid(account.DefaultStep)
	if err != nil {
		fmt.Println(err)
		return
	}
	noon := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	shift := account.NewSpan(noon.Add(-10*time.Minute), noon.Add(40*time.Minute))
	for slot := range grid.Slots(shift) {
		worked := slot.Overlap(shift)
		fmt.Println(slot.From.Format("15:04"), worked.Length(), shift.Covers(slot), grid.Starts(worked.From))
	}
	fmt.Println(grid.Step(), grid.Slot(noon).Equal(account.NewSpan(noon, noon.Add(grid.Step()))))
	fmt.Println(shift.Contains(shift.From), shift.Contains(shift.To), account.NewSpan(noon, noon).IsEmpty())
	// Output:
	// 11:30 600 s false false
	// 12:00 1800 s true true
	// 12:30 600 s false true
	// 30m0s true
	// true false true
}

// A long span is read as few rollups: months, then days, hours and slots at its
// ends.
func ExampleCalendar_Cover() {
	london, _ := time.LoadLocation("Europe/London")
	calendar, _ := account.NewCalendar(account.DefaultStep, london)
	fmt.Println(calendar.Zone(), calendar.Grid().Step(), account.RollupSteps())
	from := time.Date(2026, 1, 30, 23, 30, 0, 0, time.UTC)
	for step, span := range calendar.Cover(account.NewSpan(from, time.Date(2026, 3, 1, 1, 0, 0, 0, time.UTC))) {
		fmt.Println(step, span)
	}
	days := 0
	for range calendar.Periods(account.StepDay, calendar.Period(account.StepMonth, from)) {
		days++
	}
	fmt.Println(days, "days")
	// Output:
	// Europe/London 30m0s [1h 1d 1mo]
	// slot [2026-01-30T23:30:00Z, 2026-01-31T00:00:00Z)
	// 1d [2026-01-31T00:00:00Z, 2026-02-01T00:00:00Z)
	// 1mo [2026-02-01T00:00:00Z, 2026-03-01T00:00:00Z)
	// 1h [2026-03-01T00:00:00Z, 2026-03-01T01:00:00Z)
	// 31 days
}

// Instants are cut to the microsecond, which is what stores keep.
func ExampleInstant() {
	t := time.Date(2026, 1, 15, 13, 0, 0, 1999, time.FixedZone("", 3600))
	fmt.Println(account.Instant(t).Format(time.RFC3339Nano))
	// Output: 2026-01-15T12:00:00.000001Z
}

// Labels are sets: what a directory knows goes over what a source says.
func ExampleLabels_Merge() {
	host, err := account.NewLabels(map[string]string{"machine_name": "Muon", "user": "unknown"})
	if err != nil {
		fmt.Println(err)
		return
	}
	holder, _ := account.LabelsOf(account.LabelUser, "u42", account.LabelWorkspace, "w7")
	both := host.Merge(holder)
	for name, v := range both.All() {
		fmt.Println(name, "=", v, account.IsPersonalLabel(name), account.IsPartyLabel(name))
	}
	fmt.Println(both.Len(), both.Get("user"), both.Without("user", "workspace"))
	// Output:
	// machine_name = Muon false false
	// user = u42 true true
	// workspace = w7 false true
	// 3 u42 {machine_name="Muon"}
}

// A query's filter: every label it names has one of the values.
func ExampleFilter_Holds() {
	muon, _ := account.LabelsOf("facility", "ISIS", "group", "Muon")
	laser, _ := account.LabelsOf("facility", "CLF")
	filter := account.Filter{{Label: "facility", Values: []string{"ISIS", "DLS"}}}
	fmt.Println(filter.Holds(muon), filter.Holds(laser), account.Filter{}.Holds(laser))
	// Output: true false true
}

// Sums are exact, and what is unknown is not zero.
func ExampleQuantities_Figures() {
	hour := unit.Duration(3600_000_000)
	a := account.Quantities{
		Energy: 2_000_000_000, CarbonEnergy: 1_000_000_000, Operational: 200_000_000, Observed: hour, Expected: hour,
	}
	unseen := account.Quantities{Expected: hour}
	total, _ := a.Add(unseen)
	f := total.Figures()
	fmt.Println(f.Energy, f.Operational, "at", f.Intensity, "covers", f.Coverage, "of the time and", f.CarbonCoverage, "of the energy")
	fmt.Println(unseen.Known(), unseen.Figures().Energy, unseen.IsZero())

	change, _ := total.Sub(a)
	names, values := account.QuantityNames(), change.Values()
	for i, v := range values {
		if v != 0 {
			fmt.Println(names[i], v)
		}
	}
	fmt.Println(account.QuantitiesOf(values) == unseen)
	// Output:
	// 2 kWh 200 gCO2e at 200 gCO2e/kWh covers 0.5 of the time and 0.5 of the energy
	// false <nil> false
	// expected_us 3600000000
	// true
}

// Facts are appended and never changed. What holds in a slot is, for each subject,
// what became known last; asking for an earlier instant gives what was known then.
func ExampleResolve() {
	grid, _ := account.NewGrid(time.Hour)
	slot := grid.Slot(time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC))
	batch := func(knownAt time.Duration, busy unit.Duration, hosts ...string) *account.Batch {
		b := &account.Batch{Slot: slot, KnownAt: slot.To.Add(knownAt), Origins: []account.Origin{{Source: "prometheus"}}}
		for i, host := range hosts {
			b.Subjects = append(b.Subjects, account.Subject{Host: host})
			b.Facts = append(b.Facts, account.Fact{
				Subject: i, To: slot.Length(), Busy: busy, Observed: slot.Length(), Expected: slot.Length(),
			})
		}
		b.Sort()
		if err := b.Validate(); err != nil {
			fmt.Println(err)
		}
		return b
	}
	first := batch(time.Minute, 60_000_000, "n2", "n1")
	late := batch(time.Hour, 90_000_000, "n2")

	show := func(title string, b *account.Batch) {
		fmt.Print(title)
		for facts := range b.BySubject() {
			for _, f := range facts {
				fmt.Print(" ", b.Subjects[f.Subject].Host, ": ", f.Busy)
			}
		}
		fmt.Println()
	}
	show("now: ", account.Resolve([]*account.Batch{first, late}, time.Time{}))
	show("then:", account.Resolve([]*account.Batch{first, late}, slot.To.Add(2*time.Minute)))
	show("new: ", account.Difference(first, account.Merge([]*account.Batch{late, first})))
	// Output:
	// now:  n1: 60 s n2: 90 s
	// then: n1: 60 s n2: 60 s
	// new:  n2: 90 s
}

// A directory tells of a holding twice; the second time it has ended.
func ExampleHolding() {
	from := time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC)
	holder, _ := account.LabelsOf(account.LabelUser, "u42")
	open := account.Holding{ID: "7", Host: "n1", From: from, Holder: holder, KnownAt: from}
	ended := open.Clone()
	ended.To, ended.KnownAt = from.Add(8*time.Hour), from.Add(9*time.Hour)

	fmt.Println(ended.SameAs(open), ended.Span())
	for _, span := range ended.Changed(open) {
		fmt.Println("changed from", span.From.Format("15:04"))
	}
	fmt.Println(account.JoinSpans([]account.Span{account.NewSpan(from, from.Add(time.Hour)), ended.Span()}))
	// Output:
	// false [2026-01-15T09:00:00Z, 2026-01-15T17:00:00Z)
	// changed from 17:00
	// [[2026-01-15T09:00:00Z, 2026-01-15T17:00:00Z)]
}

// A value that is stated again is no news; one that is corrected is.
func ExampleIntensity_SameAs() {
	grid, _ := account.NewGrid(account.DefaultStep)
	first := account.Intensity{Region: "GB", Span: grid.Slot(time.Unix(0, 0)), Value: 231_500_000, Source: "ukgrid", KnownAt: time.Unix(3600, 0)}
	again, corrected := first, first
	again.KnownAt = time.Unix(7200, 0)
	corrected.Value++
	fmt.Println(again.SameAs(first), corrected.SameAs(first))
	// Output: true false
}

// An experiment has its members' time on an instrument.
func ExampleExperiment() {
	labels, _ := account.LabelsOf(account.LabelExperiment, "RB2610001", account.LabelPI, "u1")
	e := account.Experiment{Labels: labels, Members: []string{"u1", "u42"}, From: time.Unix(0, 0), To: time.Unix(86400, 0)}
	same := e
	same.Members = []string{"u1", "u42"}
	fmt.Println(e.SameAs(same), e.Span())
	// Output: true [1970-01-01T00:00:00Z, 1970-01-02T00:00:00Z)
}

// Workers fold the slots of their own part of a span; their folds become one.
func ExampleFold_Merge() {
	view := account.View{By: []string{"group"}}
	muon, _ := account.LabelsOf("group", "Muon")
	var folds []*account.Fold
	for worker := range 2 {
		fold := account.NewFold(view, 2)
		if err := fold.Add(account.Account{Labels: muon}, worker, account.Quantities{Energy: 1_500_000_000, Observed: 1}); err != nil {
			fmt.Println(err)
		}
		folds = append(folds, fold)
	}
	if err := folds[0].Merge(folds[1]); err != nil {
		fmt.Println(err)
	}
	root, _ := folds[0].Tree()
	for path, node := range root.Walk() {
		fmt.Println(path, node.Energy, node.Series[0].Energy, node.Series[1].Energy)
	}
	// Output: [Muon] 3 kWh 1.5 kWh 1.5 kWh
}

// Services run on hosts: a view over both has a tree for each, and no sum.
func ExampleView_Choose() {
	host, _ := account.LabelsOf("host", "n1")
	service, _ := account.LabelsOf("service", "cart", account.LabelPerimeter, string(account.PerimeterServices))
	view := account.View{By: []string{"service"}, Perimeters: true}
	fold := account.NewFold(view, 0)
	_ = fold.Add(account.Account{Labels: host}, 0, account.Quantities{Energy: 5_000_000_000})
	_ = fold.Add(account.Account{Labels: service}, 0, account.Quantities{Energy: 2_000_000_000})
	root, _ := fold.Tree()
	chosen, tree, apart := view.Choose(root, "")
	fmt.Println(chosen, tree.Energy, "apart:", apart[0].Name, apart[0].Energy)
	_, tree, _ = view.Choose(root, account.PerimeterHosts)
	fmt.Println(tree.Energy, account.Perimeters(), host.Perimeter(), account.SubjectIdle.IsScored())
	// Output:
	// services 2 kWh apart: hosts 5 kWh
	// 5 kWh [hosts services] hosts true
}
