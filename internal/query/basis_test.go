package query_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/unit"
)

// TestBasis holds that what a window rests on adds up to its figures, and that an
// intensity which was replaced is no longer among it.
func TestBasis(t *testing.T) {
	t.Parallel()
	f := facility(t)
	day := account.NewSpan(at(t, "2026-03-29T00:00:00Z"), at(t, "2026-03-29T03:00:00Z"))
	for name, test := range map[string]struct {
		where           []string
		slots, restated int64
		kinds           map[account.IntensityKind]int64
	}{
		"all":       {nil, 3, 1, map[account.IntensityKind]int64{account.IntensityActual: 1, account.IntensityForecast: 2}},
		"one group": {[]string{"group=IDAaaS_Muon"}, 2, 1, map[account.IntensityKind]int64{account.IntensityActual: 1, account.IntensityForecast: 1}},
		"nobody":    {[]string{"group=nobody"}, 0, 1, map[account.IntensityKind]int64{}},
	} {
		where, err := query.Filter("where", test.where)
		if err != nil {
			t.Fatal(err)
		}
		got, err := query.New(f.store, query.Options{}).Basis(t.Context(), day, where, "")
		if err != nil {
			t.Fatal(err)
		}
		kinds, energy := map[account.IntensityKind]int64{}, unit.Energy(0)
		for i, b := range got.Bases {
			kinds[b.Basis.Intensity.Kind] += b.Slots
			energy += *b.Figures.Energy
			if b.Basis.Origin.Source != "test" || b.Basis.Intensity.Source != "grid" || b.Basis.Intensity.Version != "1" {
				t.Errorf("%s: basis %d: %+v", name, i, b.Basis)
			}
		}
		if diff := cmp.Diff(test.kinds, kinds); diff != "" || got.Slots != test.slots || got.Restated != test.restated || !got.Complete {
			t.Errorf("%s: %d slots, %d restated, complete %v: %s", name, got.Slots, got.Restated, got.Complete, diff)
		}
		total := f.ask(query.Options{}, query.Asked{Where: test.where, Window: query.Window{From: "2026-03-29T00:00Z", To: "2026-03-29T03:00Z"}}).Total
		if total.Energy != nil && energy != *total.Energy {
			t.Errorf("%s: %v, the answer says %v", name, energy, *total.Energy)
		}
	}
}

// TestBasisWithin holds that it is of hosts or of services, as an answer is.
func TestBasisWithin(t *testing.T) {
	t.Parallel()
	f := mixed(t)
	span := account.NewSpan(at(t, "2026-03-29T00:30:00Z"), at(t, "2026-03-29T01:30:00Z"))
	engine := query.New(f.store, query.Options{})
	for name, test := range map[string]struct {
		where  []string
		asked  string
		want   account.Perimeter
		energy account.EnergyBasis
	}{
		"hosts":          {nil, "", account.PerimeterHosts, account.EnergyModelled},
		"services asked": {nil, "services", account.PerimeterServices, account.EnergyScored},
		"services named": {[]string{"service=cart"}, "", account.PerimeterServices, account.EnergyScored},
	} {
		where, err := query.Filter("where", test.where)
		if err != nil {
			t.Fatal(err)
		}
		got, err := engine.Basis(t.Context(), span, where, test.asked)
		if err != nil {
			t.Fatal(err)
		}
		if got.Perimeter != test.want || len(got.Bases) == 0 || got.Bases[0].Basis.Energy != test.energy {
			t.Errorf("%s: %s: %+v", name, got.Perimeter, got.Bases)
		}
	}
	if _, err := engine.Basis(t.Context(), span, nil, "racks"); err == nil {
		t.Error("racks are no perimeter")
	}
}
