package config_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/window"
)

// scored scores the same operations by a configuration: one of each class, each of a
// service that is called after it, all in pl, but for one whose region is not known.
func scored(t *testing.T, text string) window.Window {
	t.Helper()
	for key, value := range map[string]string{
		"default_region": "pl", "regions": "{far: se}",
		"places": "[{region: pl, intensity_gco2e_per_kwh: 600, pue: 1.5}, {region: se, intensity_gco2e_per_kwh: 30, pue: 1.1}]",
	} {
		if !strings.Contains("\n"+text, "\n"+key+":") {
			text += "\n" + key + ": " + value
		}
	}
	file := write(t, "services:"+strings.ReplaceAll("\n"+strings.TrimSpace(text), "\n", "\n  ")+"\n")
	beside(t, file, "profiles.json", strings.ReplaceAll(flatYear, "eu-west-3", "pl"))
	beside(t, file, "calibration.toml", "[calibration.services]\nselect = { factor = 8 }\n")
	l, err := config.Load(config.Input{File: file, Env: []string{"HOME=/h"}})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	c, err := l.Scoring()
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	at := time.Date(2026, 7, 10, 14, 30, 0, 0, time.UTC).UnixNano()
	var all []window.Span
	add := func(s window.Span) {
		s.Start, s.Trace = at, window.TraceID{byte(len(all)), 1}
		all = append(all, s)
	}
	for i, service := range []string{"other", "select", "insert", "update", "delete"} {
		add(window.Span{Service: service, Endpoint: service, Kind: window.KindSQL, Verb: window.Verb(i), ResponseBytes: window.UnknownSize})
	}
	for service, size := range map[string]int64{"unknown": window.UnknownSize, "small": 10<<10 - 1, "medium": 1 << 20, "large": 1<<20 + 1} {
		add(window.Span{Service: service, Kind: window.KindHTTP, ResponseBytes: size})
	}
	add(window.Span{Service: "message", Kind: window.KindMessaging, ResponseBytes: window.UnknownSize})
	add(window.Span{Service: "caller", Kind: window.KindHTTP, Callee: "far", ResponseBytes: 1000})
	add(window.Span{Service: "lost", Kind: window.KindSQL, Verb: window.VerbSelect, Region: "nowhere-1", ResponseBytes: window.UnknownSize})
	add(window.Span{Service: "cpu", Kind: window.KindOther, Duration: int64(2 * time.Second)})
	w, err := window.Score(c, all, window.Conditions{})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return w
}

// effect is what a setting does to a figure: a factor, or a value if set is true.
type effect struct {
	text   string
	figure func(window.Window) float64
	want   float64
	set    bool
}

func energyOf(service string) func(window.Window) float64 {
	return func(w window.Window) float64 { v, _ := w.Green.ServiceEnergyKWh.Get(service); return v }
}

func carbonOf(service string) func(window.Window) float64 {
	return func(w window.Window) float64 { v, _ := w.Green.ServiceCarbonKg.Get(service); return v }
}

// detailOf returns a figure of a service beside the compatible ones.
func detailOf(service string, of func(window.Carbon) float64) func(window.Window) float64 {
	return func(w window.Window) float64 {
		for _, c := range w.Detail.Cells {
			if c.Service == service {
				return of(c.Carbon)
			}
		}
		return math.NaN()
	}
}

func effects() map[string]effect {
	operational := func(w window.Window) float64 { return w.Green.CO2.Operational }
	low := func(w window.Window) float64 { return w.Green.CO2.Total.Low / w.Green.CO2.Total.Mid }
	high := func(w window.Window) float64 { return w.Green.CO2.Total.High / w.Green.CO2.Total.Mid }
	transport := func(w window.Window) float64 { return *w.Green.Transport }
	services := func(w window.Window) float64 { return float64(len(w.Detail.Services)) }
	folded := func(w window.Window) float64 { return float64(w.Detail.Spans.Folded) }
	lostLow := detailOf("lost", func(c window.Carbon) float64 { return c.Low })
	lostHigh := detailOf("lost", func(c window.Carbon) float64 { return c.High })
	const lost = 0.5e-7 // kWh
	return map[string]effect{
		"factors.kwh_per_op":               {"factors: {kwh_per_op: 3e-7}", operational, 3, false},
		"factors.per_operation":            {"factors: {per_operation: false}", energyOf("select"), 2, false},
		"factors.sql.select":               {"factors: {sql: {select: 1.5}}", energyOf("select"), 3, false},
		"factors.sql.insert":               {"factors: {sql: {insert: 3}}", energyOf("insert"), 2, false},
		"factors.sql.update":               {"factors: {sql: {update: 3}}", energyOf("update"), 2, false},
		"factors.sql.delete":               {"factors: {sql: {delete: 3}}", energyOf("delete"), 2.5, false},
		"factors.sql.other":                {"factors: {sql: {other: 4}}", energyOf("other"), 4, false},
		"factors.http.unknown":             {"factors: {http: {unknown: 5}}", energyOf("unknown"), 5, false},
		"factors.http.small":               {"factors: {http: {small: 1.6}}", energyOf("small"), 2, false},
		"factors.http.medium":              {"factors: {http: {medium: 3.6}}", energyOf("medium"), 3, false},
		"factors.http.large":               {"factors: {http: {large: 8}}", energyOf("large"), 4, false},
		"factors.http.small_below":         {"factors: {http: {small_below: 100}}", energyOf("small"), 1.5, false},
		"factors.http.large_above":         {"factors: {http: {large_above: 5000000}}", energyOf("large"), 0.6, false},
		"factors.messaging":                {"factors: {messaging: 7}", energyOf("message"), 7, false},
		"factors.kwh_per_second":           {"factors: {kwh_per_second: 1e-6}", energyOf("cpu"), 2e-6, true},
		"factors.embodied_gco2e_per_trace": {"factors: {embodied_gco2e_per_trace: 0.002}", func(w window.Window) float64 { return w.Green.CO2.Embodied }, 2, false},
		"factors.transport_kwh_per_byte":   {"factors: {transport_kwh_per_byte: 8e-11}", transport, 2, false},
		"factors.low":                      {"factors: {low: 0.25}", low, 0.5, false},
		"factors.high":                     {"factors: {high: 6}", high, 3, false},
		"limits.services":                  {"limits: {services: 3}", services, 4, true},
		"limits.regions":                   {"limits: {regions: 1}", folded, 1, true},
		"limits.endpoints":                 {"limits: {endpoints: 2}", func(w window.Window) float64 { return float64(len(w.Endpoints)) }, 2*2 + 1, true},
		"limits.cells":                     {"limits: {cells: 4}", func(w window.Window) float64 { return min(1, folded(w)) }, 1, true},
		"default_region":                   {"default_region: se", carbonOf("insert"), 30 * 1.1 / (600 * 1.5), false},
		"regions":                          {"regions: {insert: se}", carbonOf("insert"), 30 * 1.1 / (600 * 1.5), false},
		"places":                           {"places: [{region: pl, intensity_gco2e_per_kwh: 300, pue: 1}]", carbonOf("insert"), 300 / (600 * 1.5), false},
		"embedded_places":                  {"embedded_places: false\nregions: {insert: fr}", carbonOf("insert"), 0, true},
		"generic_pue":                      {"generic_pue: 3.08", lostHigh, 2, false},
		"hourly_profiles":                  {"profiles_file: profiles.json\nhourly_profiles: false", carbonOf("insert"), 1, false},
		"profiles_file":                    {"profiles_file: profiles.json", carbonOf("insert"), 15. / 600, false},
		"calibration":                      {"calibration: {Select: 4}", energyOf("select"), 4, false},
		"calibration_file":                 {"calibration_file: calibration.toml", energyOf("select"), 8, false},
		"unknown.low":                      {"unknown: {low: 10, high: 1000}", lostLow, lost * 10 * 0.5, true},
		"unknown.high":                     {"unknown: {low: 10, high: 1000}", lostHigh, lost * 1000 * 1.54 * 2, true},
		"split_embodied": {"split_embodied: true", func(w window.Window) float64 {
			for _, s := range w.Detail.Services {
				if s.Embodied != nil {
					return 1
				}
			}
			return 0
		}, 1, true},
	}
}

// Each number, table and file of the model can be given, and does what it says.
func TestEverySettingHasItsEffect(t *testing.T) {
	t.Parallel()
	base, all := scored(t, ""), effects()
	for name, e := range all {
		before, after := e.figure(base), e.figure(scored(t, e.text))
		want := e.want
		if !e.set {
			want *= before
		}
		if math.IsNaN(before) || math.Abs(after-want) > 1e-12*math.Abs(want) || e.set && name != "embedded_places" && after == before {
			t.Errorf("%s: %v was %v, want %v", name, after, before, want)
		}
	}
	for _, section := range config.Settings() {
		if section.Title != "Services" && section.Title != "Services: factors and limits" {
			continue
		}
		for _, s := range section.Settings {
			if _, tried := all[strings.TrimPrefix(s.Path, "services.")]; !tried {
				t.Errorf("%s: no test shows what it does", s.Path)
			}
		}
	}
}
