package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/window"
)

// beside writes a file into the folder of a configuration file.
func beside(t *testing.T, file, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(filepath.Dir(file), name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

const flatYear = `{"profiles": {"eu-west-3": {"type": "flat_year", "hours": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24]}}}`

func TestScoring(t *testing.T) {
	t.Parallel()
	file := write(t, `
services:
  default_region: EU-West-3
  regions: {orders: us-east-1}
  places: [{region: EU-WEST-3, intensity_gco2e_per_kwh: 41.5, pue: 1.15}]
  profiles_file: profiles.json
  calibration: {cart: 3}
  calibration_file: calibration.toml
  factors: {kwh_per_op: 2e-7, sql: {select: 0.25}, http: {large_above: 5000000}}
`)
	beside(t, file, "profiles.json", flatYear)
	beside(t, file, "calibration.toml", `
[calibration]
base_energy_per_io_op_kwh = 0.0000001
[calibration.services]
"orders.v2" = { factor = 1.25, measured_energy_per_op_kwh = 0.000000125 }
cart = { factor = 2 }
`)
	l, err := config.Load(config.Input{File: file, Env: []string{"HOME=/h", "DENDRO_SERVICES_FACTORS_MESSAGING=4"}})
	if err != nil {
		t.Fatal(err)
	}
	w, err := l.Scoring()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(window.Place{Annual: 41.5, PUE: 1.15}, w.Places["eu-west-3"]); diff != "" {
		t.Error(diff)
	}
	if p, ok := w.Places["us-east-1"]; !ok || p.PUE != 1.14 {
		t.Errorf("an embedded place: %v, %v", p, ok)
	}
	if diff := cmp.Diff(map[string]float64{"orders.v2": 1.25, "cart": 3}, w.Calibration); diff != "" {
		t.Error(diff)
	}
	if p := w.Profiles["eu-west-3"]; p.Monthly || p.Hours[11][23] != 24 {
		t.Errorf("profile %v", p)
	}
	f := w.Factors
	if f.KWhPerOp != 2e-7 || f.SQL.Select != 0.25 || f.SQL.Insert != 1.5 || f.HTTP.LargeAbove != 5_000_000 || f.Messaging != 4 {
		t.Errorf("factors %+v", f)
	}
	if _, err := window.New(w); err != nil {
		t.Error(err)
	}
}

func TestScoringWithoutEmbeddedPlaces(t *testing.T) {
	t.Parallel()
	l := load(t, "services: {embedded_places: false}")
	w, err := l.Scoring()
	if err != nil || len(w.Places) != 0 {
		t.Errorf("%d places, %v", len(w.Places), err)
	}
}

func TestServicesRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"services: {default_region: 'a b'}", "services.default_region"},
		{"services: {regions: {a: 'b c'}}", "services.regions"},
		{"services: {factors: {sql: {insert: -1}}}", "services.factors.sql.insert"},
		{"services: {factors: {kwh_per_op: .nan}}", "services.factors.kwh_per_op"},
		{"services: {factors: {low: 3}}", "services.factors"},
		{"services: {generic_pue: 0.5}", "services.generic_pue"},
		{"services: {unknown: {low: 5, high: 2}}", "services.unknown.high"},
		{"services: {limits: {cells: 0}}", "services.limits"},
		{"services: {places: [{region: x, intensity_gco2e_per_kwh: 1, pue: 0.5}]}", "services.places"},
		{"services: {places: [{region: 'x y', intensity_gco2e_per_kwh: 1, pue: 1}]}", "services.places[0]"},
		{"services: {places: [{region: x, intensity_gco2e_per_kwh: 1, pue: 1}, {region: X, intensity_gco2e_per_kwh: 1, pue: 1}]}", "services.places[1]"},
		{"services: {calibration: {a: -1}}", "services.calibration"},
	} {
		_, err := config.Load(config.Input{File: write(t, c.text), Env: []string{"HOME=/h"}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.text, err, c.want)
		}
	}
}

func TestScoringFilesRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ key, text, want string }{
		"missing":        {"profiles_file", "", "no such file"},
		"no-json":        {"profiles_file", "{", "unexpected EOF"},
		"unknown-key":    {"profiles_file", `{"profile": {}}`, "unknown field"},
		"no-hours":       {"profiles_file", `{"profiles": {"x": {"type": "flat_year"}}}`, "flat_year with hours"},
		"few-hours":      {"profiles_file", `{"profiles": {"x": {"type": "flat_year", "hours": [1]}}}`, "1 hours"},
		"both":           {"profiles_file", `{"profiles": {"x": {"type": "monthly", "hours": [1], "months": []}}}`, "12 months"},
		"negative":       {"profiles_file", strings.Replace(flatYear, "[1,", "[-1,", 1), "month 1, hour 0"},
		"no-toml":        {"calibration_file", "=", "calibration_file"},
		"no-factor":      {"calibration_file", "[calibration.services]\na = {}", "factor: required"},
		"infinite":       {"calibration_file", "[calibration.services]\na = {factor = inf}", "calibration"},
		"far-too-large":  {"profiles_file", `"` + strings.Repeat("x", 3<<20) + `"`, "larger than"},
		"unknown-number": {"profiles_file", strings.Replace(flatYear, "[1,", "[1e999,", 1), "cannot unmarshal"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := write(t, "services: {"+c.key+": given}")
			if c.text != "" {
				beside(t, file, "given", c.text)
			}
			l, err := config.Load(config.Input{File: file, Env: []string{"HOME=/h"}})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := l.Scoring(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}
