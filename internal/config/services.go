package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"strconv"

	"github.com/BurntSushi/toml"
	"go.yaml.in/yaml/v4"

	"github.com/dendro-carbon/dendro/internal/buildinfo"
	"github.com/dendro-carbon/dendro/internal/intensity/static"
	"github.com/dendro-carbon/dendro/internal/meter"
	"github.com/dendro-carbon/dendro/internal/window"
)

// Services says how the spans of services become energy and carbon.
type Services struct {
	// Scoring holds what is set directly. [Config.Scoring] completes it.
	Scoring window.Config
	// Places replace or add to the embedded ones.
	Places []ServicePlace
	// EmbeddedPlaces is whether those are used.
	EmbeddedPlaces bool
	// ProfilesFile and CalibrationFile are read by [Config.Scoring], "" for none.
	ProfilesFile, CalibrationFile string
	// Receive is how spans come in.
	Receive Receive
	// Meters measure energy, and MeterReading is how they are read.
	Meters       []Meter
	MeterReading meter.Config
}

// ServicePlace is the electricity and the building of a region.
type ServicePlace struct {
	Region string
	window.Place
}

func defaultServices() Services {
	return Services{Scoring: window.Defaults(), EmbeddedPlaces: true, Receive: defaultReceive(), MeterReading: defaultMeterReading()}
}

// decimal is a target for a number that is not an exact quantity.
func decimal(to *float64) target {
	return value[float64]{to, "a number", func(s string) (float64, error) {
		x, err := strconv.ParseFloat(s, 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return 0, fmt.Errorf("write it in decimal digits, such as 0.5 or 1e-7")
		}
		return x, nil
	}, func(x float64) *yaml.Node { return bare(strconv.FormatFloat(x, 'g', -1, 64)) }}
}

// servicePlaces is a target for places of regions.
func servicePlaces(to *[]ServicePlace) target {
	return objects[ServicePlace]{to: to, fresh: func() ServicePlace { return ServicePlace{} }, fields: func(p *ServicePlace) []field {
		return []field{
			{name: "region", doc: "the region, as spans name it; case does not matter", to: words(&p.Region, "a region"), required: true},
			{name: "intensity_gco2e_per_kwh", doc: "the mean carbon intensity of a year", to: decimal(&p.Annual), required: true},
			{name: "pue", doc: "power usage effectiveness of the building, 1 or more", to: decimal(&p.PUE), required: true},
		}
	}}
}

func servicesSettings() Section {
	s := func(c *Config) *Services { return &c.Services }
	return Section{"Services", "How spans of services become energy and carbon, in `dendro score` and in the server. METHODOLOGY.md tells what the " +
		"numbers mean. Case does not matter in names of services and regions.", []Setting{
		{
			Path: "services.default_region", Doc: "Where services run that do not say it themselves. Empty: their carbon is unknown, with bounds.",
			at: func(c *Config) target { return words(&s(c).Scoring.DefaultRegion, "a region") },
		},
		{
			Path: "services.regions", Doc: "Where services run whose spans do not say it, by name; also the hosts to which transport is counted.",
			at: func(c *Config) target {
				return names(&s(c).Scoring.ServiceRegions, "a map from services to regions")
			},
		},
		{
			Path: "services.places", Doc: "Regions with their annual carbon intensity and PUE; they go before the embedded ones.",
			at: func(c *Config) target { return servicePlaces(&s(c).Places) },
		},
		{
			Path: "services.embedded_places", Doc: "Whether regions that are not in `services.places` are looked up in the embedded averages: Ember's by country, and the PUE of the cloud.",
			at: func(c *Config) target { return flag(&s(c).EmbeddedPlaces) },
		},
		{
			Path: "services.generic_pue", Doc: "The PUE of a region that has a profile or a live intensity but no place, and the highest that an unknown one is given.",
			at: func(c *Config) target { return decimal(&s(c).Scoring.GenericPUE) },
		},
		{
			Path: "services.hourly_profiles", Doc: "Whether profiles go before annual averages.",
			at: func(c *Config) target { return flag(&s(c).Scoring.HourlyProfiles) },
		},
		{
			Path: "services.profiles_file",
			Doc: "A JSON file of intensities by hour (UTC): `{\"profiles\": {REGION: {\"type\": \"flat_year\", \"hours\": [24 numbers]} | " +
				"{\"type\": \"monthly\", \"months\": [12 lists of 24]}}}`. None is embedded.",
			at: func(c *Config) target { return location{&s(c).ProfilesFile, "a file"} },
		},
		{
			Path: "services.calibration", Doc: "Factors by which the modelled energy of services is multiplied.",
			at: func(c *Config) target {
				return dictionary[float64]{&s(c).Scoring.Calibration, "a map from services to numbers", func(x *float64) target { return decimal(x) }}
			},
		},
		{
			Path: "services.calibration_file", Doc: "A TOML file of such factors, `[calibration.services] \"NAME\" = {factor = 1.2}`; those of `services.calibration` go before them.",
			at: func(c *Config) target { return location{&s(c).CalibrationFile, "a file"} },
		},
		{
			Path: "services.unknown.low", Doc: "The lowest carbon intensity, in gCO2e/kWh, that a region may have which is not known. With both 0: the lowest and highest of all places.",
			at: func(c *Config) target { return decimal(&s(c).Scoring.Unknown.Low) },
		},
		{
			Path: "services.unknown.high", Doc: "The highest one.",
			at: func(c *Config) target { return decimal(&s(c).Scoring.Unknown.High) },
		},
		{
			Path: "services.split_embodied", Doc: "Divide embodied carbon among services by their operations. It is an arbitrary spread, so it is off.",
			at: func(c *Config) target { return flag(&s(c).Scoring.SplitEmbodied) },
		},
	}}
}

func serviceFactorSettings() Section {
	f := func(c *Config) *window.Factors { return &c.Services.Scoring.Factors }
	number := func(path, doc string, of func(*window.Factors) *float64) Setting {
		return Setting{Path: "services.factors." + path, Doc: doc, at: func(c *Config) target { return decimal(of(f(c))) }}
	}
	limit := func(path, doc string, of func(*window.Limits) *int) Setting {
		return Setting{Path: "services.limits." + path, Doc: doc, at: func(c *Config) target { return numberOf(of(&c.Services.Scoring.Limits)) }}
	}
	return Section{"Services: factors and limits", "The numbers of the model that stands in where no meter measures. They are orders of magnitude.", []Setting{
		number("kwh_per_op", "The energy of an operation of weight 1, in kWh.", func(f *window.Factors) *float64 { return &f.KWhPerOp }),
		{
			Path: "services.factors.per_operation", Doc: "Whether operations are weighed by what they do. If not, all weigh 1.",
			at: func(c *Config) target { return flag(&f(c).PerOperation) },
		},
		number("sql.select", "The weight of SELECT.", func(f *window.Factors) *float64 { return &f.SQL.Select }),
		number("sql.insert", "The weight of INSERT.", func(f *window.Factors) *float64 { return &f.SQL.Insert }),
		number("sql.update", "The weight of UPDATE.", func(f *window.Factors) *float64 { return &f.SQL.Update }),
		number("sql.delete", "The weight of DELETE.", func(f *window.Factors) *float64 { return &f.SQL.Delete }),
		number("sql.other", "The weight of other statements.", func(f *window.Factors) *float64 { return &f.SQL.Other }),
		number("http.unknown", "The weight of a request whose response has no known size.", func(f *window.Factors) *float64 { return &f.HTTP.Unknown }),
		number("http.small", "The weight of a request with a small response.", func(f *window.Factors) *float64 { return &f.HTTP.Small }),
		number("http.medium", "The weight of a request with a response of medium size.", func(f *window.Factors) *float64 { return &f.HTTP.Medium }),
		number("http.large", "The weight of a request with a large response.", func(f *window.Factors) *float64 { return &f.HTTP.Large }),
		{
			Path: "services.factors.http.small_below", Doc: "The size from which a response is medium, in bytes.",
			at: func(c *Config) target { return numberOf(&f(c).HTTP.SmallBelow) },
		},
		{
			Path: "services.factors.http.large_above", Doc: "The largest size of a medium response, in bytes.",
			at: func(c *Config) target { return numberOf(&f(c).HTTP.LargeAbove) },
		},
		number("messaging", "The weight of a message.", func(f *window.Factors) *float64 { return &f.Messaging }),
		number("kwh_per_second", "The energy of a second of a span that is no operation, in kWh; 0 leaves such spans without cost.",
			func(f *window.Factors) *float64 { return &f.KWhPerSecond }),
		number("embodied_gco2e_per_trace", "The embodied carbon of a trace, in gCO2e.", func(f *window.Factors) *float64 { return &f.EmbodiedPerTrace }),
		number("transport_kwh_per_byte", "The energy of a byte between two regions, in kWh.", func(f *window.Factors) *float64 { return &f.TransportKWhPerByte }),
		number("low", "By how much carbon may be lower than modelled, as a factor.", func(f *window.Factors) *float64 { return &f.Low }),
		number("high", "By how much it may be higher.", func(f *window.Factors) *float64 { return &f.High }),
		limit("services", "How many services a window tells apart; others are one row.", func(l *window.Limits) *int { return &l.Services }),
		limit("regions", "How many regions.", func(l *window.Limits) *int { return &l.Regions }),
		limit("endpoints", "How many endpoints.", func(l *window.Limits) *int { return &l.Endpoints }),
		limit("cells", "How many combinations of service, region, environment and time.", func(l *window.Limits) *int { return &l.Cells }),
	}}
}

// numberOf is a target for a whole number of any width.
func numberOf[T int | int64](to *T) target {
	return value[T]{to, "a whole number", func(s string) (T, error) {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || int64(T(n)) != n {
			return 0, fmt.Errorf("write digits alone")
		}
		return T(n), nil
	}, func(n T) *yaml.Node { return bare(strconv.FormatInt(int64(n), 10)) }}
}

// Scoring returns how windows are scored: what is set, the embedded places and the files
// that are named.
func (c *Config) Scoring() (window.Config, error) {
	w := c.Services.Scoring
	w.Slot, w.BinaryVersion = c.Slot, buildinfo.Read().Version
	places, err := c.Services.places()
	if err != nil {
		return w, err
	}
	w.Places = places
	if file := c.Services.ProfilesFile; file != "" {
		if w.Profiles, err = readProfiles(file); err != nil {
			return w, fmt.Errorf("services.profiles_file: %w", err)
		}
	}
	if file := c.Services.CalibrationFile; file != "" {
		factors, err := readCalibration(file)
		if err != nil {
			return w, fmt.Errorf("services.calibration_file: %w", err)
		}
		maps.Copy(factors, w.Calibration)
		w.Calibration = factors
	}
	return w, w.Validate()
}

// places returns the places of regions, those that are set over the embedded ones.
func (s *Services) places() (map[string]window.Place, error) {
	places := map[string]window.Place{}
	if s.EmbeddedPlaces {
		source, err := static.New(static.Defaults())
		if err != nil {
			return nil, err
		}
		for name, p := range source.Places() {
			if window.IsRegion(name) {
				places[window.Fold(name)] = window.Place{Annual: p.Annual.GramsPerKWh(), PUE: p.PUE.Float()}
			}
		}
	}
	for _, p := range s.Places {
		places[window.Fold(p.Region)] = p.Place
	}
	return places, nil
}

// validateServices checks what is set, without the files.
func (c *Config) validateServices(l *problems) {
	w := c.Services.Scoring
	w.Slot, w.Places = window.Defaults().Slot, map[string]window.Place{} // slot has its own check
	seen := map[string]bool{}
	for i, p := range c.Services.Places {
		name := window.Fold(p.Region)
		path := "services.places" + index(i)
		l.wrong(!window.IsRegion(p.Region), path, "region: %q is no region id: use letters, digits, - and _, at most 64", p.Region)
		l.wrong(seen[name], path, "the region %q is given twice", p.Region)
		seen[name] = true
		w.Places[p.Region] = p.Place
	}
	l.adapter("services", w.Validate())
}

// The limits of the original on a file of profiles.
const (
	maxProfiles     = 256
	maxProfilesFile = 2 << 20
)

// readProfiles reads a file of intensities by hour.
func readProfiles(path string) (map[string]window.Profile, error) {
	content, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	if len(content) > maxProfilesFile {
		return nil, fmt.Errorf("%s: larger than %d bytes", path, maxProfilesFile)
	}
	var file struct {
		Profiles map[string]struct {
			Type   string      `json:"type"`
			Hours  []float64   `json:"hours"`
			Months [][]float64 `json:"months"`
		} `json:"profiles"`
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(file.Profiles) > maxProfiles {
		return nil, fmt.Errorf("%s: %d profiles, more than %d", path, len(file.Profiles), maxProfiles)
	}
	profiles := map[string]window.Profile{}
	for region, p := range file.Profiles {
		months := p.Months
		monthly := p.Type == "monthly"
		if !monthly {
			months = make([][]float64, 12)
			for i := range months {
				months[i] = p.Hours
			}
		}
		if p.Type != "monthly" && p.Type != "flat_year" || len(months) != 12 || monthly == (p.Hours != nil) || monthly != (p.Months != nil) {
			return nil, fmt.Errorf("%s: %q: give type flat_year with hours, or monthly with 12 months", path, region)
		}
		profile := window.Profile{Monthly: monthly}
		for i, hours := range months {
			if len(hours) != 24 {
				return nil, fmt.Errorf("%s: %q: %d hours where 24 are expected", path, region, len(hours))
			}
			copy(profile.Hours[i][:], hours)
		}
		profiles[region] = profile
	}
	return profiles, nil
}

// readCalibration reads the factors of a file that perf-sentinel's calibrate wrote.
func readCalibration(path string) (map[string]float64, error) {
	content, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	var file struct {
		Calibration struct {
			Services map[string]struct {
				Factor *float64 `toml:"factor"`
			} `toml:"services"`
		} `toml:"calibration"`
	}
	if err := toml.Unmarshal(content, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	factors := map[string]float64{}
	for service, entry := range file.Calibration.Services {
		if entry.Factor == nil {
			return nil, fmt.Errorf("%s: %q: factor: required", path, service)
		}
		factors[service] = *entry.Factor
	}
	return factors, nil
}
