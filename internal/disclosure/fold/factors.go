package fold

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/window"
)

// maxFactorRegions bounds the regions of which factors are listed: the first by name.
const maxFactorRegions = 256

// factors are the intensities and the effectiveness of buildings with which windows were scored, from
// the lowest to the highest.
type factors struct {
	regions nameSet
	extents map[factorKey]extent
}

type factorKey struct{ name, region, source string }

type extent struct{ low, high float64 }

// The names of factors of regions.
const (
	factorIntensity = "carbon intensity"
	factorPUE       = "PUE"
)

func newFactors() factors {
	return factors{nameSet{limit: maxFactorRegions}, map[factorKey]extent{}}
}

// add notes the regions of a window.
func (f *factors) add(g *window.Green) {
	for i := range g.Regions {
		r := &g.Regions[i]
		if r.Region == "" || len(r.Region) > maxTag || r.Status == "unresolved" {
			continue
		}
		f.note(factorKey{factorIntensity, r.Region, r.Source}, r.Intensity)
		f.note(factorKey{factorPUE, r.Region, ""}, r.PUE)
	}
}

// note widens a factor to a value. What is 0 was not known.
func (f *factors) note(key factorKey, value float64) {
	if clean, ok := window.Clean(value); !ok || clean == 0 {
		return
	}
	have, known := f.extents[key]
	if known && have.low <= value && value <= have.high {
		return
	}
	if !known && !slices.Contains(knownSources(), key.source) && key.source != "" {
		key.source = "other"
		have, known = f.extents[key]
	}
	if !known {
		switch left := f.regions.insert(key.region); left {
		case "":
		case key.region:
			return
		default:
			maps.DeleteFunc(f.extents, func(k factorKey, _ extent) bool { return k.region == left })
		}
		key.region = strings.Clone(key.region)
		have = extent{value, value}
	}
	f.extents[key] = extent{min(have.low, value), max(have.high, value)}
}

func (f *factors) merge(o *factors) {
	for key, e := range o.extents {
		f.note(key, e.low)
		f.note(key, e.high)
	}
}

// list returns all that windows rest on: what they say of regions and of their scoring, and the
// models of their energy.
func (f *folder) factorList() []disclosure.Factor {
	programs := strings.Join(f.report.versions.sorted, ", ")
	var all []disclosure.Factor
	for key, e := range f.factors.extents {
		unit := ""
		if key.name == factorIntensity {
			unit = " gCO2e/kWh"
		}
		all = append(all, disclosure.Factor{
			Name: key.name, Of: key.region, Value: e.text() + unit, Version: programs, Source: sourceText(key),
		})
	}
	for _, tag := range f.report.coefficients.sorted {
		name, value, _ := strings.Cut(tag, "=")
		all = append(all, disclosure.Factor{Name: name, Value: value, Version: programs, Source: "the configuration of the program that scored"})
	}
	for name := range f.models {
		all = append(all, disclosure.Factor{Name: "energy model", Of: name, Value: modelText(name), Version: programs, Source: modelSource(name)})
	}
	slices.SortFunc(all, func(a, b disclosure.Factor) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Of, b.Of), strings.Compare(a.Source, b.Source), strings.Compare(a.Value, b.Value))
	})
	return all
}

func (e extent) text() string {
	low := strconv.FormatFloat(e.low, 'g', 6, 64)
	if high := strconv.FormatFloat(e.high, 'g', 6, 64); high != low {
		return low + " to " + high
	}
	return low
}

// sourceText says where a factor of a region is from.
func sourceText(key factorKey) string {
	if key.name == factorPUE {
		return "the table of the program that scored"
	}
	switch key.source {
	case "annual":
		return "annual mean, of the table of the program that scored"
	case "hourly":
		return "profile by hour, of the table of the program that scored"
	case "monthly_hourly":
		return "profile by month and hour, of the table of the program that scored"
	case "real_time":
		return "live values of an API"
	}
	return cmp.Or(key.source, "not said")
}

// modelText says what a model of energy does.
func modelText(tag string) string {
	switch {
	case strings.HasPrefix(tag, "io_proxy"):
		return "1e-7 kWh an operation unless configured, weighed by its kind"
	case tag == "duration_proxy":
		return "energy for each second of a span, as configured"
	case tag == "cloud_specpower":
		return "power of the instance type at its load"
	case metered(tag):
		return "a meter"
	}
	return ""
}

// modelSource says what stands behind a model of energy.
func modelSource(tag string) string {
	switch {
	case strings.HasPrefix(tag, "io_proxy"), tag == "duration_proxy":
		return "an order of magnitude: no measurement stands behind it"
	case tag == "cloud_specpower":
		return "Cloud Carbon Footprint's coefficients, after SPECpower"
	case metered(tag):
		return "measured where the service ran"
	}
	return "not said"
}
