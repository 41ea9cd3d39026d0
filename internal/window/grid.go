package window

import (
	"math"
	"time"
)

// current is the electricity of a region at a time.
type current struct {
	intensity float64 // gCO2e/kWh
	pue       float64
	source    Electric
	live      Live // if the source is live
}

// known reports whether there is an intensity.
func (c current) known() bool { return c.source != ElectricUnknown }

// carbon returns the carbon of an energy in kWh, in gCO2e.
func (c current) carbon(kwh float64) float64 { return kwh * c.intensity * c.pue }

// grid answers for the electricity of regions.
type grid struct {
	config *Config
	live   map[string][]Live
}

// at returns the electricity of a region at a time: what is live, else the profile of
// the hour, else the mean of the year. Without any of them it is not known.
func (g *grid) at(region string, when int64) current {
	place, placed := g.config.Places[region]
	profile, profiled := g.config.Profiles[region]
	profiled = profiled && g.config.HourlyProfiles
	c := current{pue: place.PUE}
	if !placed && (profiled || len(g.live[region]) > 0) {
		c.pue = g.config.GenericPUE
	}
	if l, ok := live(g.live, region, when); ok {
		c.intensity, c.source, c.live = l.Intensity, ElectricLive, l
		return c
	}
	switch {
	case profiled && when != undated:
		t := time.Unix(0, when).UTC()
		c.intensity, c.source = profile.Hours[t.Month()-1][t.Hour()], ElectricHourly
		if profile.Monthly {
			c.source = ElectricMonthly
		}
	case placed:
		c.intensity, c.source = place.Annual, ElectricAnnual
	}
	return c
}

// bounds returns the least and the most carbon of an energy in kWh whose intensity is
// not known, in gCO2e, before the uncertainty of the model.
func (g *grid) bounds(kwh float64) (low, high float64) {
	return kwh * g.config.Unknown.Low, kwh * g.config.Unknown.High * math.Max(g.config.GenericPUE, 1)
}
