package window

import (
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/diag"
)

// Config is what a scorer knows before the first span. A scorer keeps no
// reference to its maps.
type Config struct {
	// Factors are the numbers of the proxy model.
	Factors Factors
	// Traces says how traces are counted.
	Traces TraceRule
	// DefaultRegion is where services run that say nothing, or "".
	DefaultRegion string
	// ServiceRegions is where services run whose spans say nothing, by name. It also
	// names the hosts to which transport is counted.
	ServiceRegions map[string]string
	// Places are the annual intensity and the building of regions, by name.
	Places map[string]Place
	// GenericPUE is the power usage effectiveness of a region that has a profile or
	// a live intensity, but no place.
	GenericPUE float64
	// HourlyProfiles says whether Profiles are used.
	HourlyProfiles bool
	// Profiles are the intensities of regions by hour, by name.
	Profiles map[string]Profile
	// Calibration multiplies the energy of the operations of services, by name.
	Calibration map[string]float64
	// Unknown bounds the intensity of a region that is not known. The zero value
	// takes the lowest and the highest of Places.
	Unknown Bounds
	// Electricity is written into each window: what its intensities are.
	Electricity Electricity
	// SplitEmbodied divides embodied carbon among services, by their operations.
	SplitEmbodied bool
	// Slot is the grid of published cells; an hour is a multiple of it.
	Slot time.Duration
	// Step divides Slot: operations of one step have one live intensity, that which
	// holds at the first of them. 0 is Slot.
	Step time.Duration
	// Metered names the services that have meters. Their operations are counted in
	// steps of Tick, to be met with readings.
	Metered []string
	// Tick divides Slot.
	Tick time.Duration
	// Limits bound the memory of a window.
	Limits Limits
	// Admit says whether an account is told apart by service and environment, and whether
	// by region; in lower case, "" for none. Else it is others'. It may be nil.
	Admit func(service, region, environment string) (names, place bool)
	// BinaryVersion is the version of the program, written into each window.
	BinaryVersion string
}

// TraceRule says how traces are counted.
type TraceRule uint8

const (
	// DistinctTraces counts different trace ids of operations, for a batch that is
	// read at once. It takes memory for each trace.
	DistinctTraces TraceRule = iota
	// LocalRoots counts spans with [Span.LocalRoot], for a stream.
	LocalRoots
)

// Place is what is known of the electricity and the building of a region.
type Place struct {
	// Annual is the mean carbon intensity of a year, in gCO2e/kWh.
	Annual float64
	// PUE is the power usage effectiveness of the building.
	PUE float64
}

// Profile is a carbon intensity by month and hour (UTC), in gCO2e/kWh.
type Profile struct {
	// Hours is the intensity by month (0 is January) and hour.
	Hours [12][24]float64
	// Monthly is false if all months are alike.
	Monthly bool
}

// Daily returns the profile of 24 hours that hold in all months.
func Daily(hours [24]float64) Profile {
	var p Profile
	for month := range p.Hours {
		p.Hours[month] = hours
	}
	return p
}

// Bounds are the lowest and the highest intensity that something may have, in gCO2e/kWh.
type Bounds struct{ Low, High float64 }

// Electricity says what kind of intensities are used. Its words are those of the
// compatible field scoring_config.
type Electricity struct {
	APIVersion          string // v3, v4, custom
	EmissionFactorType  string // lifecycle, direct
	TemporalGranularity string // hourly, 5_minutes, 15_minutes
	Live                bool   // whether live intensities are asked for
}

// Limits bound what a window may hold. What is beyond folds into rows of kind other.
type Limits struct {
	Services, Regions, Endpoints int
	// Cells bounds the combinations of service, region, environment and time.
	Cells int
}

// Defaults returns the config that is used where nothing is set: no region is known.
func Defaults() Config {
	return Config{
		Factors:        DefaultFactors(),
		GenericPUE:     1.54, // Uptime Institute, Global Data Center Survey 2025
		HourlyProfiles: true,
		Electricity:    Electricity{APIVersion: "v4", EmissionFactorType: "lifecycle", TemporalGranularity: "hourly"},
		Slot:           30 * time.Minute,
		Tick:           time.Second,
		Limits:         Limits{Services: 4096, Regions: 256, Endpoints: 4096, Cells: 1 << 16},
	}
}

// Validate returns all that is wrong with the config, as a [diag.List].
func (c Config) Validate() error {
	var list diag.List
	wrong := func(format string, args ...any) { list = append(list, diag.New("", format, args...)) }
	amount := func(x float64, format string, args ...any) {
		if !isFactor(x) {
			wrong(format+": %v: give a number from 0 to 1e15", append(args, x)...)
		}
	}
	if err := c.Factors.Validate(); err != nil {
		list.Add(err)
	}
	if c.DefaultRegion != "" && !IsRegion(c.DefaultRegion) {
		wrong("default_region: %q is no region id: use letters, digits, - and _, at most 64", c.DefaultRegion)
	}
	for service, region := range sorted(c.ServiceRegions) {
		if service == "" || len(service) > maxName || !IsRegion(region) {
			wrong("regions: %q: %q is no region id: use letters, digits, - and _, at most 64", service, region)
		}
	}
	for region, place := range sorted(c.Places) {
		amount(place.Annual, "places: %q: intensity", region)
		if amount(place.PUE, "places: %q: pue", region); place.PUE < 1 {
			wrong("places: %q: pue: %v: give a number from 1 up", region, place.PUE)
		}
	}
	for region, profile := range sorted(c.Profiles) {
		for month := range profile.Hours {
			for hour, x := range profile.Hours[month] {
				amount(x, "profiles: %q: month %d, hour %d", region, month+1, hour)
			}
		}
	}
	for service, factor := range sorted(c.Calibration) {
		amount(factor, "calibration: %q", service)
	}
	amount(c.Unknown.Low, "unknown.low")
	if amount(c.Unknown.High, "unknown.high"); c.Unknown.High < c.Unknown.Low {
		wrong("unknown.high: %v is below unknown.low, %v", c.Unknown.High, c.Unknown.Low)
	}
	if amount(c.GenericPUE, "generic_pue"); c.GenericPUE < 1 {
		wrong("generic_pue: %v: give a number from 1 up", c.GenericPUE)
	}
	if c.Slot < time.Second || c.Slot%time.Second != 0 || time.Hour%c.Slot != 0 {
		wrong("slot: %v is not whole seconds that divide an hour", c.Slot)
	} else if c.Tick <= 0 || c.Slot%c.Tick != 0 {
		wrong("tick: %v does not divide the slot, %v", c.Tick, c.Slot)
	} else if c.Step < 0 || c.Step > 0 && c.Slot%c.Step != 0 {
		wrong("step: %v does not divide the slot, %v", c.Step, c.Slot)
	}
	if min(c.Limits.Services, c.Limits.Regions, c.Limits.Endpoints, c.Limits.Cells) < 1 {
		wrong("limits: give numbers from 1 up")
	}
	return list.Err()
}

// sorted ranges over a map in the order of its keys.
func sorted[V any](m map[string]V) func(func(string, V) bool) {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}

// maxRegion is the longest id of a region, in bytes.
const maxRegion = 64

// IsRegion reports whether a text is an id of a region: 1 to 64 letters, digits,
// hyphens and underscores of ASCII.
func IsRegion(id string) bool {
	for i := range len(id) {
		switch c := id[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return id != "" && len(id) <= maxRegion
}

// Fold returns a name of a service or a region as windows have it: in lower case.
func Fold(name string) string { return strings.ToLower(name) }

// lowered returns the map with its keys in lower case. Of keys that differ in case
// alone the last in byte order counts.
func lowered[V any](m map[string]V) map[string]V {
	out := make(map[string]V, len(m))
	for key, value := range sorted(m) {
		out[strings.ToLower(key)] = value
	}
	return out
}

// normal returns the config with names in lower case and the bounds filled in.
func (c Config) normal() Config {
	c.DefaultRegion = strings.ToLower(c.DefaultRegion)
	c.ServiceRegions = lowered(c.ServiceRegions)
	for service, region := range c.ServiceRegions {
		c.ServiceRegions[service] = strings.ToLower(region)
	}
	c.Places, c.Profiles, c.Calibration = lowered(c.Places), lowered(c.Profiles), lowered(c.Calibration)
	c.Metered = slices.Clone(c.Metered)
	if c.Step == 0 {
		c.Step = c.Slot
	}
	if c.Unknown == (Bounds{}) {
		c.Unknown = boundsOf(c.Places)
	}
	return c
}

// coalGrid bounds the intensity of a region when no other is known, in gCO2e/kWh: the
// highest life-cycle emissions of electricity from coal in IPCC AR5 WG3, annex III,
// table A.III.2 (2014), with a tenth for what lines lose.
const coalGrid = 1000

// boundsOf returns the lowest and the highest annual intensity of places.
func boundsOf(places map[string]Place) Bounds {
	if len(places) == 0 {
		return Bounds{0, coalGrid}
	}
	b := Bounds{math.Inf(1), 0}
	for _, p := range places {
		b.Low, b.High = min(b.Low, p.Annual), max(b.High, p.Annual)
	}
	return b
}
