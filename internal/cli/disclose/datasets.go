package disclose

import (
	"slices"

	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/intensity/static"
)

// dataSets returns which tables of this program windows were scored with: those of the regions whose
// factors they name, if no other version of the program scored any of them.
func dataSets(p *disclosure.Period, version string) ([]disclosure.Factor, error) {
	if !slices.Equal(p.Report.Versions, []string{version}) {
		return nil, nil
	}
	source, err := static.New(static.Config{Name: "places"})
	if err != nil {
		return nil, err
	}
	named := map[string]bool{}
	for _, f := range p.Factors {
		named[f.Of] = true
	}
	credit := source.Info().Credit
	var all []disclosure.Factor
	for region, place := range source.Places() {
		if named[region] {
			all = append(all, disclosure.Factor{Name: "place", Of: region, Version: place.Version, Source: credit + "; PUE of the operators' own pages"})
		}
	}
	return all, nil
}
