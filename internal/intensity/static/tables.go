package static

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/embedded"
	"github.com/dendro-carbon/dendro/unit"
)

//go:embed data/*.csv
var data embed.FS

// tables are the embedded tables, joined. They do not change.
type tables struct {
	version string // of the package that the averages are from
	places  map[string]place
	shown   map[string]string // the names as they are written, by key

	operators map[string]string   // of cloud regions, by key
	buildings map[string]building // by operator
}

// place is a country or a group of countries with its average.
type place struct {
	code  string
	value unit.Intensity
}

// key is the form in which regions are looked up.
func key(name string) string { return strings.ToUpper(name) }

func (t *tables) find(region string) (place, bool) {
	p, ok := t.places[key(region)]
	return p, ok
}

func (t *tables) names() []string { return slices.Sorted(maps.Values(t.shown)) }

// name lets a place be found by one more name.
func (t *tables) name(name string, p place) error {
	if have, ok := t.places[key(name)]; ok && have != p {
		return fmt.Errorf("%q is %s and %s", name, have.code, p.code)
	}
	t.places[key(name)], t.shown[key(name)] = p, name
	return nil
}

// readTables joins the embedded tables. It fails only if they were edited wrongly.
func readTables() (*tables, error) {
	t := &tables{
		places: map[string]place{}, shown: map[string]string{}, operators: map[string]string{}, buildings: map[string]building{},
	}
	for _, file := range []struct {
		name   string
		fields int
		read   func([]string) error
	}{
		{"data/ember.csv", 2, t.average},
		{"data/countries.csv", 3, t.country},
		{"data/cloud.csv", 4, t.cloud},
		{"data/pue.csv", 3, t.pue},
	} {
		if err := embedded.Records(data, file.name, file.fields, file.read); err != nil {
			return nil, err
		}
	}
	if err := t.complete(); err != nil {
		return nil, err
	}
	return t, t.name("UK", t.places["GBR"]) // reserved in ISO 3166 for it, and what people write
}

// average reads code and value, or the version of the data.
func (t *tables) average(fields []string) error {
	if t.version == "" {
		t.version = fields[1]
		return nil
	}
	v, err := unit.ParseIntensity(fields[1])
	if err != nil {
		return err
	}
	return t.name(fields[0], place{fields[0], v})
}

// country reads the codes and the name of a country.
func (t *tables) country(fields []string) error {
	p, ok := t.places[fields[0]]
	if !ok {
		return fmt.Errorf("no average of %q", fields[0])
	}
	if err := t.name(fields[1], p); err != nil {
		return err
	}
	return t.name(fields[2], p)
}

// cloud reads operator, region, country and place.
func (t *tables) cloud(fields []string) error {
	p, ok := t.places[fields[2]]
	if !ok {
		return fmt.Errorf("no average of %q", fields[2])
	}
	t.operators[key(fields[1])] = fields[0]
	return t.name(fields[1], p)
}
