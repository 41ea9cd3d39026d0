// Package equivalency says what a mass of carbon compares with: miles by car, charges
// of a telephone. Each factor has its unit, its source and its year.
//
// The fact that a reader would get wrong: the factors are averages of other people and
// places, mostly of the United States, and those of electric things imply a grid of 640
// to 940 g/kWh. They are for a picture in the mind, never for an account.
package equivalency

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/dendro-carbon/dendro/unit"
)

// Factor is the carbon of one of something.
type Factor struct {
	// Name is the key in JSON, and Unit what is counted.
	Name, Unit string
	// Means says what one of it is.
	Means string
	// Kind is what factors have in common that say the same in other units.
	Kind string
	// Carbon is that of one unit.
	Carbon unit.Mass
	// Source says whose figure it is, and Vintage of which edition or year; "" where
	// that is not known.
	Source, Vintage string
}

// Equivalent is so much of something as has the carbon that was asked about.
type Equivalent struct {
	Factor
	// Amount is in the unit of the factor.
	Amount float64
}

const gram = 1_000_000 // in micrograms

// Factors returns all factors. Their order decides between amounts that are equally
// easy to picture: things that most people use come first.
func Factors() []Factor {
	const epa, platform = "US EPA, Greenhouse Gas Equivalencies Calculator", "Ada platform's documentation, without a source"
	return []Factor{
		{"smartphone_charges", "charges", "Full charges of a smartphone", "telephone", 8_220_000, epa, "2024"},
		{"miles_driven", "miles", "Miles by an average passenger car", "car", 400 * gram, epa, "2024"},
		{"km_driven", "kilometers", "Kilometres by an average passenger car", "car", 251 * gram, platform, ""},
		{"kettles_boiled", "liters", "Litres of water boiled in an electric kettle", "kettle", 70 * gram, "Carbon Footprint Ltd", ""},
		{"streaming_hours", "hours", "Hours of video streamed", "streaming", 55 * gram, "Carbon Trust, Carbon impact of video streaming", "2021"},
		{"trees_day", "tree-days", "Days in which one tree takes as much up", "tree", 59_600_000, platform, ""},
		{"trees_year", "trees", "Trees that take as much up in a year", "tree", 21_772 * gram, platform, ""},
		{"laptop_charges", "charges", "Full charges of a laptop", "laptop", 47 * gram, platform, ""},
		{"led_hours", "hours", "Hours of a 10 W LED lamp", "lamp", 9 * gram, platform, ""},
		{"plastic_bottles", "bottles", "Plastic bottles of half a litre made", "bottle", 82_800_000, platform, ""},
		{"aluminum_cans", "cans", "Aluminium cans of 330 ml made", "can", 170 * gram, platform, ""},
		{"liters_gasoline", "liters", "Litres of petrol burned", "petrol", 2392 * gram, platform, ""},
		{"kg_coal", "kg", "Kilograms of coal burned", "coal", 2419 * gram, platform, ""},
	}
}

// Of returns up to count equivalents of a mass, the ones that are easiest to picture
// first: the nearer an amount is to ten, as a ratio, the easier. A second one of a kind
// comes after all other kinds, and of equals the one that Factors lists first. A mass of
// zero or below has none.
func Of(mass unit.Mass, count int) []Equivalent {
	if mass <= 0 || count <= 0 {
		return nil
	}
	var list []Equivalent
	for _, f := range Factors() {
		list = append(list, Equivalent{f, float64(mass) / float64(f.Carbon)})
	}
	slices.SortStableFunc(list, func(a, b Equivalent) int { return cmp.Compare(a.distance(), b.distance()) })
	var first, second []Equivalent
	for _, e := range list {
		if slices.ContainsFunc(first, func(other Equivalent) bool { return other.Kind == e.Kind }) {
			second = append(second, e)
			continue
		}
		first = append(first, e)
	}
	list = append(first, second...)
	return list[:min(count, len(list))]
}

// distance returns how far the amount is from ten: 1 is there, 2 is twice or half.
func (e Equivalent) distance() float64 { return max(e.Amount/10, 10/e.Amount) }

// Rounded returns the amount as it is shown: four decimals below 0.01, two below one,
// one from there on.
func (e Equivalent) Rounded() float64 {
	places := 1
	switch {
	case e.Amount < 0.01:
		places = 4
	case e.Amount < 1:
		places = 2
	}
	v, err := strconv.ParseFloat(strconv.FormatFloat(e.Amount, 'f', places, 64), 64)
	if err != nil { // cannot happen: it was written by the line itself
		return e.Amount
	}
	return v
}
