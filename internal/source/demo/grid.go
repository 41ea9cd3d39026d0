package demo

import (
	"context"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/intensity"
	"github.com/dendro-carbon/dendro/unit"
)

const (
	halfHour = 30 * time.Minute
	// settled is how long after its end the actual of a half-hour is known, and
	// corrected how long after some are corrected.
	settled   = 30 * time.Minute
	corrected = 24 * time.Hour
	// forecastFor is how far ahead there are forecasts; they are made anew every
	// six hours.
	forecastFor   = 48 * time.Hour
	forecastEvery = 6 * time.Hour
)

// Grid is an [intensity.Source] of a grid with wind, sun and gas: forecasts for two
// days that come closer to the truth as it comes closer, and actuals half an hour
// after the fact, of which one in ten is corrected after a day. It is safe for
// concurrent use.
type Grid struct {
	config Config
	now    func() time.Time
	begin  time.Time
}

// NewGrid returns the grid of a facility, or the error of [Config.Validate]. Now tells
// the time at which it is asked what is known: [time.Now], or an earlier one to learn
// things late and see closed slots restated.
func NewGrid(c Config, now func() time.Time) (*Grid, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Grid{c, now, c.begin(now()).Truncate(halfHour)}, nil
}

// Info implements [intensity.Source].
func (g *Grid) Info() intensity.Info {
	return intensity.Info{
		Name:       g.config.Name,
		Accounting: account.Accounting{Scope: "combustion", Approach: "location"},
		Revises:    true, Forecasts: true,
		Licence: "none needed", Credit: "simulated by Dendro; no grid was measured",
	}
}

// Fetch implements [intensity.Source]. The one region is [Region].
func (g *Grid) Fetch(ctx context.Context, region string, span account.Span) ([]account.Intensity, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if region != Region {
		return nil, intensity.NoRegion(g.config.Name, region, []string{Region})
	}
	now := account.Instant(g.now())
	known := account.Span{From: g.begin, To: now.Add(forecastFor)}.Overlap(span)
	if known.IsEmpty() {
		return nil, nil
	}
	out := make([]account.Intensity, 0, 2*int(known.Duration()/halfHour)+4)
	for from := known.From.Truncate(halfHour); from.Before(known.To); from = from.Add(halfHour) {
		one := account.Intensity{
			Region: Region, Span: account.NewSpan(from, from.Add(halfHour)),
			Accounting: g.Info().Accounting, Source: g.config.Name, Version: Version,
		}
		if !now.Before(one.Span.To.Add(settled)) {
			one.Kind, one.Value = account.IntensityActual, g.actual(from, now)
			out = append(out, one)
		}
		one.Kind, one.Value = account.IntensityForecast, g.forecast(from, now)
		out = append(out, one)
	}
	return out, nil
}

// truth returns what a half-hour emitted in the end, in g/kWh.
func (g *Grid) truth(from time.Time) int64 {
	seed, at := g.config.Seed, from.Unix()
	d := floor(at, day)
	h := (at - d*day) * 2 / hour // half-hour of the day
	base := 95 + demand(h) - sun(h)*between(20, 100, chance(seed, ofGrid, 1, uint64(d)))/100
	// Wind comes and goes over days: between two days it changes evenly.
	today, tomorrow := g.wind(d), g.wind(d+1)
	wind := (today*(48-h) + tomorrow*h) / 48
	return max(8, base-wind+between(-6, 6, chance(seed, ofGrid, 2, uint64(at))))
}

// wind returns how much the wind of a day takes off, in g/kWh.
func (g *Grid) wind(d int64) int64 {
	return between(0, 85, chance(g.config.Seed, ofGrid, 3, uint64(d)))
}

// demand returns what a half-hour of the day adds, in g/kWh: little at night, most in
// the evening.
func demand(h int64) int64 {
	switch {
	case h < 12:
		return 20
	case h < 18: // until 9:00
		return 20 + (h-12)*12
	case h < 32: // until 16:00
		return 92
	case h < 38: // until 19:00
		return 92 + (h-32)*14
	default:
		return 176 - (h-38)*15
	}
}

// sun returns what a clear sky takes off around noon, in g/kWh.
func sun(h int64) int64 { return max(0, 70-abs(h-25)*8) }

func abs(v int64) int64 { return max(v, -v) }

// actual returns the actual of a half-hour as it is known at a time.
func (g *Grid) actual(from, now time.Time) unit.Intensity {
	value := g.truth(from)
	c := chance(g.config.Seed, ofCorrection, uint64(from.Unix()))
	if c%10 == 0 && now.Before(from.Add(corrected)) {
		value = max(0, value+between(-9, 9, c>>8))
	}
	return grams(value)
}

// forecast returns the last forecast of a half-hour that was made before it and before
// a time.
func (g *Grid) forecast(from, now time.Time) unit.Intensity {
	made := from
	if now.Before(made) {
		made = now
	}
	made = made.Truncate(forecastEvery)
	ahead := int64(from.Sub(made) / halfHour) // up to 107
	wrong := between(-100, 100, chance(g.config.Seed, ofForecast, uint64(from.Unix()), uint64(made.Unix())))
	truth := g.truth(from)
	return grams(max(0, truth+truth*wrong*(12+ahead)/(100*240)))
}

func grams(v int64) unit.Intensity { return unit.Intensity(v * micro) }
