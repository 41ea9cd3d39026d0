package fold_test

import (
	"slices"
	"testing"

	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/unit"
)

// TestLedgerHasBounds: modelled energy of known carbon is within half and twice; of unknown carbon
// within nothing and a grid of coal.
func TestLedgerHasBounds(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	b.close(0, 1, "", 900_000_000)
	d := b.disclosed(nil)
	coal, err := d.Totals.Energy.Times(1_000_000_000)
	if err != nil {
		t.Fatal(err)
	}
	if d.Totals.Operational != nil || d.Totals.Low != 0 || d.Totals.High != coal {
		t.Errorf("without an intensity: %v, from %v to %v, want none, from 0 to %v", d.Totals.Operational, d.Totals.Low, d.Totals.High, coal)
	}
	b.grid(100_000_000) // 100 gCO2e/kWh
	b.close(0, 2, ledger.ReasonIntensity, 0)
	d = b.disclosed(nil)
	mid := d.Totals.LocationBased
	if mid == 0 || d.Totals.Low < mid/2-2 || d.Totals.Low > mid/2+2 || d.Totals.High != 2*mid {
		t.Errorf("%v, from %v to %v", mid, d.Totals.Low, d.Totals.High)
	}
	var rows unit.Mass
	for _, row := range d.Rows {
		rows += row.OperationalHigh
	}
	if rows != d.Totals.OperationalHigh {
		t.Errorf("rows are up to %v, the totals %v", rows, d.Totals.OperationalHigh)
	}
	u := d.Method.Uncertainty
	if u == nil || u.Kinds[1].Kind != "modelled" || u.Kinds[1].Energy != d.Totals.Energy || u.Kinds[3].Energy != 0 {
		t.Errorf("%+v", u)
	}
	want := disclosure.Factor{Name: "carbon intensity", Of: "GB", Value: "100 gCO2e/kWh (actual)", Version: "v1", Source: "grid"}
	if !slices.Contains(d.Method.Factors, want) {
		t.Errorf("no %+v in %+v", want, d.Method.Factors)
	}
	if wrong := disclosure.Inconsistencies(d); len(wrong) > 0 {
		t.Error(wrong)
	}
}

// TestArchivesNameTheirFactors with values and versions.
func TestArchivesNameTheirFactors(t *testing.T) {
	t.Parallel()
	p := folded(t, text("a", recorded(t, "clean")))
	for _, want := range []disclosure.Factor{
		{Name: "PUE", Of: "pl", Value: "1.5", Version: "0.11.1", Source: "the table of the program that scored"},
		{Name: "carbon intensity", Of: "us-east-1", Value: "455 gCO2e/kWh", Version: "0.11.1", Source: "profile by month and hour, of the table of the program that scored"},
		{Name: "embodied_gco2_per_request", Value: "0.002", Version: "0.11.1", Source: "the configuration of the program that scored"},
	} {
		if !slices.Contains(p.Factors, want) {
			t.Errorf("no %+v in\n%+v", want, p.Factors)
		}
	}
}
