package static_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/intensity"
	"github.com/dendro-carbon/dendro/internal/intensity/intensitytest"
	"github.com/dendro-carbon/dendro/internal/intensity/static"
)

func Example() {
	s, err := static.New(static.Defaults())
	if err != nil {
		panic(err)
	}
	noon := time.Date(2026, 1, 28, 12, 0, 0, 0, time.UTC)
	for _, region := range []string{"GB", "eu-west-2", static.World} {
		values, err := s.Fetch(context.Background(), region, account.NewSpan(noon, noon.Add(time.Hour)))
		for _, v := range values {
			fmt.Println(v.Region, v.Value, v.Kind, v.Accounting, "|", v.Version)
		}
		if err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// GB 215.79 gCO2e/kWh annual lifecycle, location-based | Ember GBR, co2.js 0.19.0
	// eu-west-2 215.79 gCO2e/kWh annual lifecycle, location-based | Ember GBR, co2.js 0.19.0
	// WORLD 472.94 gCO2e/kWh annual lifecycle, location-based | Ember WORLD, co2.js 0.19.0
}

func open(t testing.TB) *static.Source {
	t.Helper()
	s, err := static.New(static.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func year(from, to int) account.Span {
	return account.NewSpan(time.Date(from, 6, 1, 0, 0, 0, 0, time.UTC), time.Date(to, 6, 1, 0, 0, 0, 0, time.UTC))
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for _, region := range []string{"GB", "WORLD", "europe-west1"} {
		t.Run(region, func(t *testing.T) {
			t.Parallel()
			intensitytest.Run(t, intensitytest.Harness{
				Source: open(t), Region: region, Unknown: "Atlantis", Span: year(2023, 2027), Nothing: year(2010, 2012),
			})
		})
	}
}

// TestPlaces finds places by all their names.
func TestPlaces(t *testing.T) {
	t.Parallel()
	s := open(t)
	for region, want := range map[string]string{
		"GBR": "215.79", "gb": "215.79", "UK": "215.79", "united kingdom": "215.79", "uksouth": "215.79", "europe-west2": "215.79",
		"FR": "44.18", "francecentral": "44.18", "eu-west-3": "44.18",
		"IE": "279.79", "northeurope": "279.79", "eu-west-1": "279.79",
		"SE": "35.89", "eu-north-1": "35.89", "Sweden": "35.89",
		"EU": "213.02", "Latin America and Caribbean": "", "MIDDLE EAST": "", "XK": "958.72", "Côte d'Ivoire": "393.53",
		"us-west-2": "383.55", "us-west2": "383.55", "westus2": "383.55", "USA": "383.55",
	} {
		values, err := s.Fetch(t.Context(), region, year(2025, 2026))
		if err != nil || len(values) != 2 || (want != "" && values[0].Value.Decimal() != want) {
			t.Errorf("%s: %v, %v; want %s", region, values, err, want)
		}
	}
}

// TestUnknownPlaces wants an error with a hint, never a default.
func TestUnknownPlaces(t *testing.T) {
	t.Parallel()
	s := open(t)
	for region, hint := range map[string]string{
		"eu-west-9":       `"eu-west-1"`,
		"uk-south":        `"uksouth"`,
		"Germny":          `"Germany"`,
		"GBRR":            `"GBR"`,
		"average-region":  "has no",
		"CF":              "did you mean", // 0 in the data, which no life-cycle factor is
		"":                "no region is given",
		"us-east-1-bos-1": "has no",
	} {
		values, err := s.Fetch(t.Context(), region, year(2025, 2026))
		if !errors.Is(err, intensity.ErrRegion) || len(values) != 0 || !strings.Contains(err.Error(), hint) {
			t.Errorf("%q: %v, %v; want %s", region, values, err, hint)
		}
	}
}

// TestTables checks what is embedded as a whole.
func TestTables(t *testing.T) {
	t.Parallel()
	s := open(t)
	names := s.Regions()
	if !slices.IsSorted(names) || len(names) != 221+2*208+1+146 {
		t.Errorf("%d names", len(names))
	}
	twoLetters := 0
	for _, name := range names {
		values, err := s.Fetch(t.Context(), name, year(2026, 2027))
		if err != nil || len(values) != 2 {
			t.Fatalf("%s: %v, %v", name, values, err)
		}
		// The cleanest grid of hydropower is near 20, the dirtiest of old gas near 1,300.
		if v := values[0]; v.Value < 20_000_000 || v.Value > 1_400_000_000 || v.Kind != account.IntensityAnnual {
			t.Errorf("%s: %v %v", name, v.Value, v.Kind)
		}
		if len(name) == 2 && name == strings.ToUpper(name) {
			twoLetters++
		}
	}
	if twoLetters != 208+3 { // with UK, EU and G7
		t.Errorf("%d codes of two letters", twoLetters)
	}
}

func TestYears(t *testing.T) {
	t.Parallel()
	values, err := open(t).Fetch(t.Context(), "GB", account.NewSpan(time.Date(1066, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC)))
	if err != nil || len(values) != 2 || values[0].Span.From.Year() != static.FirstYear || values[1].Span.To.Year() != 2022 {
		t.Errorf("%v, %v", values, err)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	if _, err := static.New(static.Config{}); err == nil || err.Error() != "name: required" {
		t.Error(err)
	}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := static.New(static.Defaults()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFetch(b *testing.B) {
	s := open(b)
	b.ReportAllocs()
	for b.Loop() {
		if v, err := s.Fetch(b.Context(), "GB", year(2025, 2026)); err != nil || len(v) != 2 {
			b.Fatal(v, err)
		}
	}
}

func ExampleSource_Places() {
	s, err := static.New(static.Defaults())
	if err != nil {
		panic(err)
	}
	for name, p := range s.Places() {
		if name == "eu-west-3" || name == "swedencentral" || name == "FR" {
			fmt.Println(name, p.Annual, p.PUE.Decimal(), "|", p.Version)
		}
	}
	// Output:
	// FR 44.18 gCO2e/kWh 1.54 | Ember FRA, co2.js 0.19.0; PUE of other 2025
	// eu-west-3 44.18 gCO2e/kWh 1.14 | Ember FRA, co2.js 0.19.0; PUE of aws 2025
	// swedencentral 35.89 gCO2e/kWh 1.17 | Ember SWE, co2.js 0.19.0; PUE of azure 2025
}

// TestEveryCloudRegionHasItsOperator holds the tables together.
func TestEveryCloudRegionHasItsOperator(t *testing.T) {
	t.Parallel()
	s := open(t)
	seen := map[string]int{}
	for name, p := range s.Places() {
		if p.Annual <= 0 || p.PUE < 1 {
			t.Errorf("%s: %v, %v", name, p.Annual, p.PUE)
		}
		seen[p.PUE.Decimal()]++
	}
	if seen["1.14"] < 30 || seen["1.17"] < 50 || seen["1.09"] < 30 || seen["1.54"] < 400 {
		t.Errorf("places by power usage effectiveness: %v", seen)
	}
}
