package static

import (
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/dendro-carbon/dendro/unit"
)

// Place is the electricity and the building of a region.
type Place struct {
	// Annual is the mean intensity of a year, life cycle, location-based.
	Annual unit.Intensity
	// PUE is the power usage effectiveness of the building.
	PUE unit.Ratio
	// Version says which data they are.
	Version string
}

// otherOperator is the row of buildings of nobody in particular.
const otherOperator = "other"

// Places ranges over all names that [Source.Fetch] takes, sorted, with what is known of
// each: for services, whose place is a region and not a host.
func (s *Source) Places() iter.Seq2[string, Place] {
	t := s.tables
	return func(yield func(string, Place) bool) {
		for _, name := range t.names() {
			p, _ := t.find(name)
			operator, ok := t.operators[key(name)]
			if !ok {
				operator = otherOperator
			}
			b := t.buildings[operator]
			version := fmt.Sprintf("Ember %s, co2.js %s; PUE of %s %s", p.code, t.version, operator, b.year)
			if !yield(name, Place{p.value, b.pue, version}) {
				return
			}
		}
	}
}

// building is what an operator publishes of its buildings.
type building struct {
	pue  unit.Ratio
	year string
}

// pue reads operator, effectiveness and year.
func (t *tables) pue(fields []string) error {
	r, err := unit.ParseRatio(fields[1])
	if err != nil {
		return err
	}
	if r < unit.One {
		return fmt.Errorf("%s: a power usage effectiveness below 1", fields[0])
	}
	t.buildings[fields[0]] = building{r, fields[2]}
	return nil
}

// complete reports operators whose buildings are missing.
func (t *tables) complete() error {
	for _, operator := range append(slices.Sorted(maps.Values(t.operators)), otherOperator) {
		if _, ok := t.buildings[operator]; !ok {
			return fmt.Errorf("data/pue.csv: no row of %q", operator)
		}
	}
	return nil
}
