package derive_test

import (
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/unit"
)

// The first source of the chain that knows all of a slot answers: here half an hour
// of one value and half an hour of another.
func ExampleChain() {
	location := account.Accounting{Scope: "combustion", Approach: "location"}
	method := &derive.Method{Chain: []string{"grid", "annual"}, Accounting: location}
	hour := account.NewSpan(time.Date(2026, 1, 28, 12, 0, 0, 0, time.UTC), time.Date(2026, 1, 28, 13, 0, 0, 0, time.UTC))
	half := hour.From.Add(30 * time.Minute)
	value := func(from, to time.Time, value unit.Intensity) account.Intensity {
		return account.Intensity{
			Region: "GB", Source: "grid", Span: account.NewSpan(from, to), Value: value, Accounting: location, KnownAt: to,
		}
	}
	low, high := value(hour.From, half, 100_000_000), value(half, hour.To, 300_000_000)
	year := value(hour.From, hour.To, 231_500_000)
	year.Source, year.Kind = "annual", account.IntensityAnnual

	chain := derive.NewChain(method, []account.Intensity{high, year, low}, time.Time{})
	mean, basis, known := chain.At("GB", hour)
	fmt.Println(mean, basis.Source, basis.Estimated, known)
	for _, used := range chain.Used("GB", hour) {
		fmt.Println(used.Value, used.Part.Duration())
	}
	earlier := derive.NewChain(method, []account.Intensity{high, year, low}, half) // the second half was not known yet
	_, _, known = earlier.At("GB", hour)
	fmt.Println(known)
	// Output:
	// 200 gCO2e/kWh grid false true
	// 100 gCO2e/kWh 30m0s
	// 300 gCO2e/kWh 30m0s
	// false
}

// A view over a long span folds slot by slot, without making entries.
func ExampleDeriver_Fold() {
	grid, _ := account.NewGrid(time.Hour)
	group, _ := account.LabelsOf("group", "Muon")
	method := derive.Method{Models: []derive.ModelRule{{Model: energy.Default()}}, Policy: derive.Policy{Name: "usage"}}
	if err := method.Validate(); err != nil {
		fmt.Println(err)
		return
	}
	d, _ := derive.New(method, derive.Known{})
	fold := account.NewFold(account.View{By: []string{"group"}}, 2)
	for hour := range 2 {
		slot := grid.Slot(time.Date(2026, 1, 28, 12+hour, 0, 0, 0, time.UTC))
		err := d.Fold(&account.Batch{
			Slot: slot, Origins: []account.Origin{{Source: "prometheus"}}, Subjects: []account.Subject{{Host: "n1", Labels: group}},
			Facts: []account.Fact{{To: slot.Length(), Busy: slot.Length(), Observed: slot.Length(), Expected: slot.Length()}},
		}, fold, hour)
		if err != nil {
			fmt.Println(err)
		}
	}
	root, _ := fold.Tree()
	fmt.Println(root.Energy, root.Series[1].Energy, "divided by", d.Method().Policy.Divide, "in doubt:", len(d.Contentions()))
	fmt.Println((&derive.Method{}).Validate())
	// Output:
	// 0.024 kWh 0.012 kWh divided by usage in doubt: 0
	// method is not valid: the last model must be for all hosts
}
