// Package static gives annual averages of carbon intensity that come with the
// program: countries, groups of countries and the world, and the regions of clouds by
// the country they are in. It asks nobody.
//
// The averages are Ember's: life-cycle factors, location-based, of what is
// generated in a place. data/ATTRIBUTION.md says where each table is from and
// under which licence.
//
// The fact that a reader would get wrong: there is one average for each place, of
// the latest year that Ember had. It is given for every year from [FirstYear] on, as
// an annual mean, so what is worked out from it is an estimate and says so.
package static

import (
	"context"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/intensity"
)

// FirstYear is the first year for which the averages are given. Before, grids were
// so different that a value of today says nothing.
const FirstYear = 2020

// World is the region of the world's average.
const World = "WORLD"

// Config says how the source is called.
type Config struct {
	// Name is the source's name in chains and in the basis of figures.
	Name string
}

// Defaults returns the config that is used where nothing is set.
func Defaults() Config { return Config{Name: "static"} }

// Validate returns what is wrong with the config, as a [diag.List].
func (c Config) Validate() error {
	var list diag.List
	if c.Name == "" {
		list = append(list, diag.New("", "name: required"))
	}
	return list.Err()
}

// Source is an [intensity.Source] of the embedded averages. It is immutable and
// safe for concurrent use.
type Source struct {
	config Config
	tables *tables
}

// New returns a source, or the error of [Config.Validate].
func New(c Config) (*Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	t, err := readTables()
	if err != nil {
		return nil, err
	}
	return &Source{c, t}, nil
}

// Info implements [intensity.Source].
func (s *Source) Info() intensity.Info {
	return intensity.Info{
		Name:       s.config.Name,
		Accounting: account.Accounting{Scope: "lifecycle", Approach: "location"},
		Forecasts:  true, // a mean of years holds for the next hours, too
		Licence:    "CC BY-SA 4.0",
		Credit:     "Ember, ember-energy.org, as shipped in @tgwf/co2 " + s.tables.version + " (The Green Web Foundation)",
	}
}

// Regions returns all names that [Source.Fetch] takes, sorted: ISO 3166-1 codes of
// two and three letters, English names of countries, groups such as EU and WORLD,
// and codes of cloud regions. The result is the caller's.
func (s *Source) Regions() []string { return s.tables.names() }

// Fetch implements [intensity.Source]. Case does not matter in regions. It returns one
// value for each year (UTC).
func (s *Source) Fetch(ctx context.Context, region string, span account.Span) ([]account.Intensity, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	place, ok := s.tables.find(region)
	if !ok {
		return nil, intensity.NoRegion(s.config.Name, region, s.Regions())
	}
	if span.IsEmpty() {
		return nil, nil
	}
	var out []account.Intensity
	for y := max(FirstYear, span.From.UTC().Year()); newYear(y).Before(span.To); y++ {
		out = append(out, account.Intensity{
			Region: region, Span: account.NewSpan(newYear(y), newYear(y+1)), Value: place.value, Kind: account.IntensityAnnual,
			Accounting: s.Info().Accounting, Source: s.config.Name,
			Version: "Ember " + place.code + ", co2.js " + s.tables.version,
		})
	}
	return out, nil
}

func newYear(y int) time.Time { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC) }
