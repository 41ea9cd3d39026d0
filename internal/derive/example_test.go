package derive_test

import (
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/energy"
)

// The facility example: 537.45 s busy and 287239.26 s idle at 12 W and 1 W in an
// hour of 231.5 g/kWh.
func ExampleDeriver_Derive() {
	grid, _ := account.NewGrid(time.Hour)
	slot := grid.Slot(time.Date(2026, 1, 28, 12, 0, 0, 0, time.UTC))
	labels, _ := account.LabelsOf("cloud_project_name", "IDAaaS", "machine_name", "Muon")
	facts := &account.Batch{
		Slot:     slot,
		Origins:  []account.Origin{{Source: "prometheus", Method: "raw samples"}},
		Subjects: []account.Subject{{Host: "172.16.100.50", Labels: labels}},
		Facts: []account.Fact{{
			To: slot.Length(), Busy: 537_450_000, Idle: 287_239_260_000, Observed: slot.Length(), Expected: slot.Length(),
		}},
	}
	location := account.Accounting{Scope: "combustion", Approach: "location"}
	d, err := derive.New(derive.Method{
		Names: []derive.LabelRule{
			{Label: "group", From: []string{"cloud_project_name", "machine_name"}, Separator: "_"},
		},
		Models:     []derive.ModelRule{{Model: energy.Default()}},
		Places:     []derive.PlaceRule{{Region: "GB"}},
		Chain:      []string{"ukgrid"},
		Accounting: location,
		Policy:     derive.Policy{Name: "usage"},
	}, derive.Known{Intensities: []account.Intensity{{
		Region: "GB", Span: slot, Value: 231_500_000, Kind: account.IntensityActual, Accounting: location, Source: "ukgrid",
	}}})
	if err != nil {
		panic(err)
	}
	entries, err := d.Derive(facts)
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		fmt.Println(e.Account.Labels.Get("group"), e.Energy, e.Operational)
	}
	// Output: IDAaaS_Muon 0.081580183 kWh 18.885812 gCO2e
}
