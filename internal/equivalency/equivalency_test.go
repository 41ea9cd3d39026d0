package equivalency_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/equivalency"
	"github.com/dendro-carbon/dendro/unit"
)

func ExampleOf() {
	for _, e := range equivalency.Of(1_000_000_000, 3) { // 1000 g
		fmt.Println(e.Name, e.Rounded(), e.Unit)
	}
	// Output:
	// plastic_bottles 12.1 bottles
	// kettles_boiled 14.3 liters
	// trees_day 16.8 tree-days
}

func ExampleFactors() {
	for _, f := range equivalency.Factors()[:2] {
		fmt.Println(f.Name, f.Carbon, f.Source, f.Vintage)
	}
	// Output:
	// smartphone_charges 8.22 gCO2e US EPA, Greenhouse Gas Equivalencies Calculator 2024
	// miles_driven 400 gCO2e US EPA, Greenhouse Gas Equivalencies Calculator 2024
}

func ExampleEquivalent_Rounded() {
	for _, amount := range []float64{0.00123, 0.3435, 2.2981, 121.654} {
		fmt.Println(equivalency.Equivalent{Amount: amount}.Rounded())
	}
	// Output:
	// 0.0012
	// 0.34
	// 2.3
	// 121.7
}

// TestGolden holds the five best of masses that the original's rule is known for.
func TestGolden(t *testing.T) {
	t.Parallel()
	for grams, want := range map[float64][]string{
		0.874: {"smartphone_charges 0.1063", "led_hours 0.0971", "laptop_charges 0.0186", "streaming_hours 0.0159", "trees_day 0.0147"},
		18.89: {"smartphone_charges 2.2981", "led_hours 2.0989", "laptop_charges 0.4019", "streaming_hours 0.3435", "trees_day 0.3169"},
		112.4: {"led_hours 12.4889", "smartphone_charges 13.6740", "laptop_charges 2.3915", "streaming_hours 2.0436", "trees_day 1.8859"},
		1000:  {"plastic_bottles 12.0773", "kettles_boiled 14.2857", "trees_day 16.7785", "aluminum_cans 5.8824", "streaming_hours 18.1818"},
		5000:  {"miles_driven 12.5000", "aluminum_cans 29.4118", "liters_gasoline 2.0903", "kg_coal 2.0670", "plastic_bottles 60.3865"},
		50000: {"kg_coal 20.6697", "liters_gasoline 20.9030", "trees_year 2.2965", "miles_driven 125.0000", "aluminum_cans 294.1176"},
	} {
		var got []string
		for _, e := range equivalency.Of(unit.Mass(math.Round(grams*1e6)), 5) {
			got = append(got, fmt.Sprintf("%s %.4f", e.Name, e.Amount))
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%v g (-want +got):\n%s", grams, d)
		}
	}
}

// TestNoKindTwice holds that all kinds come before the second of one.
func TestNoKindTwice(t *testing.T) {
	t.Parallel()
	kinds := map[string]bool{}
	for _, f := range equivalency.Factors() {
		kinds[f.Kind] = true
	}
	for _, mass := range []unit.Mass{1, 1e6, 1e9, 1e12, math.MaxInt64} {
		all := equivalency.Of(mass, 100)
		if len(all) != len(equivalency.Factors()) {
			t.Errorf("%v: %d equivalents", mass, len(all))
		}
		seen := map[string]bool{}
		for _, e := range all[:len(kinds)] {
			if seen[e.Kind] {
				t.Errorf("%v: %s is the second of its kind", mass, e.Name)
			}
			seen[e.Kind] = true
		}
	}
}

func TestNothing(t *testing.T) {
	t.Parallel()
	if got := append(equivalency.Of(0, 5), equivalency.Of(-5, 5)...); len(got) > 0 {
		t.Errorf("nothing compares with %v", got)
	}
	if got := equivalency.Of(1000, 0); len(got) > 0 {
		t.Errorf("none were asked for: %v", got)
	}
}
