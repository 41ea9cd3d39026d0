package window_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/spanfile"
	"github.com/dendro-carbon/dendro/internal/testenv"
	"github.com/dendro-carbon/dendro/internal/window"
)

// places are the annual intensities and PUEs with which the cases were recorded.
func places() map[string]window.Place {
	const aws, gcp, generic = 1.15, 1.09, 1.5
	return map[string]window.Place{
		"eu-west-3": {Annual: 41.5, PUE: aws}, "fr": {Annual: 41.5, PUE: generic}, "de": {Annual: 329.6, PUE: generic},
		"gb": {Annual: 217.4, PUE: generic}, "uk": {Annual: 217.4, PUE: generic}, "pl": {Annual: 590.8, PUE: generic},
		"se": {Annual: 35.4, PUE: generic}, "eu-north-1": {Annual: 35.4, PUE: aws}, "us-east-1": {Annual: 379, PUE: aws},
		"us-central1": {Annual: 426, PUE: gcp}, "ie": {Annual: 255.9, PUE: generic},
	}
}

// profiles are the hours of profiles that the cases need: 03, 14 and 15 UTC. The other
// hours are of no case.
func profiles() map[string]window.Profile {
	hours := func(monthly bool, at03, at14, at15 float64) window.Profile {
		p := window.Daily([24]float64{3: at03, 14: at14, 15: at15})
		p.Monthly = monthly
		return p
	}
	return map[string]window.Profile{
		"eu-west-3": hours(true, 28.1, 31.1, 32.6), "us-east-1": hours(true, 0, 455, 0),
		"uk": hours(true, 183.5, 0, 0), "pl": hours(false, 0, 586.6, 599.2), "eu-north-1": hours(false, 35.4, 35.4, 35.4),
	}
}

// recordedConfig reads what the configuration of a case says of scoring.
func recordedConfig(t testing.TB, file string) window.Config {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c := window.Defaults()
	c.Places, c.Profiles, c.ServiceRegions, c.GenericPUE = places(), profiles(), map[string]string{}, 1.5
	section := ""
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if strings.HasPrefix(line, "[") {
			section = strings.Trim(line, "[]")
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		key, value = strings.Trim(key, ` "`), strings.Trim(value, ` "`)
		switch section + "." + key {
		case "green.default_region":
			c.DefaultRegion = value
		case "green.use_hourly_profiles":
			c.HourlyProfiles = value == "true"
		case "green.per_operation_coefficients":
			c.Factors.PerOperation = value == "true"
		case "green.embodied_carbon_per_request_gco2":
			if c.Factors.EmbodiedPerTrace, err = strconv.ParseFloat(value, 64); err != nil {
				t.Fatal(err)
			}
		case "green.service_regions." + key:
			c.ServiceRegions[key] = value
		}
	}
	return c
}

// scoreFile scores the spans of a file.
func scoreFile(t testing.TB, c window.Config, file string) window.Window {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := window.New(c)
	if err != nil {
		t.Fatal(err)
	}
	summary, err := spanfile.Read(file, f, spanfile.Limits{}, func(spans []window.Span) error {
		for i := range spans {
			s.Add(&spans[i])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range summary.Problems {
		t.Log(problem)
	}
	return s.Close(window.Conditions{})
}

// green returns the summary as a reader of the wire sees it.
func green(t testing.TB, w *window.Window) map[string]any {
	t.Helper()
	text, err := w.AppendJSON(nil)
	if err != nil {
		t.Fatal(err)
	}
	var report struct {
		Green map[string]any `json:"green_summary"`
	}
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	return report.Green
}

// asOurs makes of a recorded summary what Dendro promises of it: services that differ in
// case alone are one, and what needs the detection of anti-patterns is left out.
func asOurs(recorded map[string]any) map[string]any {
	for _, name := range []string{
		"avoidable_io_ops", "avoidable_sql_io_ops", "avoidable_messaging_io_ops", "io_waste_ratio", "io_waste_ratio_band",
		"database_waste", "messaging_waste",
	} {
		delete(recorded, name)
	}
	if carbon, ok := recorded["co2"].(map[string]any); ok {
		delete(carbon, "avoidable")
	}
	for name, values := range recorded {
		if strings.HasPrefix(name, "per_service_") {
			recorded[name] = mergeCase(values.(map[string]any))
		}
	}
	recorded["top_offenders"] = mergeOffenders(recorded["top_offenders"].([]any))
	return recorded
}

func mergeCase(values map[string]any) map[string]any {
	out := map[string]any{}
	for name, value := range values {
		lower := strings.ToLower(name)
		have, seen := out[lower].(float64)
		if number, ok := value.(float64); ok && seen {
			value = have + number
		}
		out[lower] = value
	}
	return out
}

// mergeOffenders lowers the names of services. Of services that differ in case alone, the
// cases give no single figure: they are left out.
func mergeOffenders(list []any) []any {
	count := map[string]int{}
	key := func(o any) string {
		return strings.ToLower(o.(map[string]any)["service"].(string)) + "\n" + o.(map[string]any)["endpoint"].(string)
	}
	for _, o := range list {
		count[key(o)]++
	}
	list = slices.DeleteFunc(slices.Clone(list), func(o any) bool { return count[key(o)] > 1 })
	for _, o := range list {
		o.(map[string]any)["service"] = strings.ToLower(o.(map[string]any)["service"].(string))
	}
	return list
}

// closeTo compares numbers at the tolerance of the cases.
func closeTo() cmp.Option {
	return cmp.Comparer(func(a, b float64) bool {
		return a == b || math.Abs(a-b) <= 1e-12*max(math.Abs(a), math.Abs(b))
	})
}

// TestOracle compares summaries with those recorded from the original, one file a case:
// score/INPUT--CONFIG.json.
func TestOracle(t *testing.T) {
	t.Parallel()
	root := filepath.Join(testenv.Oracle(t), "service")
	cases, err := filepath.Glob(filepath.Join(root, "score", "*--*.json"))
	if err != nil || len(cases) < 4 {
		t.Fatalf("%d cases in %s, %v", len(cases), root, err)
	}
	for _, file := range cases {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		input, config, _ := strings.Cut(name, "--")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := filepath.Join(root, "in", input+".json")
			if _, err := os.Stat(in); err != nil {
				testenv.Skip(t, "oracle", fmt.Sprintf("the input of %s is not recorded: %v", name, err))
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want map[string]any
			if err := json.Unmarshal(text, &want); err != nil {
				t.Fatal(err)
			}
			w := scoreFile(t, recordedConfig(t, filepath.Join(root, "cfg", config+".toml")), in)
			want = asOurs(want)
			got := asOurs(green(t, &w))
			known := map[string]bool{}
			for _, o := range want["top_offenders"].([]any) {
				known[o.(map[string]any)["service"].(string)] = true
			}
			got["top_offenders"] = slices.DeleteFunc(got["top_offenders"].([]any), func(o any) bool {
				return !known[o.(map[string]any)["service"].(string)]
			})
			forgetFirstRegion(&w, want, got)
			if diff := cmp.Diff(want, got, closeTo()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// forgetFirstRegion leaves out the region of services that have several: the original
// takes traces in the order of a hash map, Dendro spans in that of time.
func forgetFirstRegion(w *window.Window, summaries ...map[string]any) {
	regions := map[string]map[string]bool{}
	for _, c := range w.Detail.Cells {
		if regions[c.Service] == nil {
			regions[c.Service] = map[string]bool{}
		}
		if c.Region != "" {
			regions[c.Service][c.Region] = true
		}
	}
	for _, summary := range summaries {
		first, _ := summary["per_service_region"].(map[string]any)
		for service := range first {
			if len(regions[service]) > 1 {
				delete(first, service)
			}
		}
	}
}

// TestRecordedFigures compares with figures of cases whose summaries are not all at hand.
func TestRecordedFigures(t *testing.T) {
	t.Parallel()
	root := filepath.Join(testenv.Oracle(t), "service")
	for _, c := range []struct {
		input, config                                   string
		ops                                             uint64
		model                                           string
		energy, total, operational, embodied, transport float64
	}{
		{"edge", "default-fr", 25, "io_proxy_v3", 2.47e-06, 0.00412374005, 0.00012374005, 0.004, 0},
		{"edge", "flat-fr", 25, "io_proxy_v1", 2.4999999999999998e-06, 0.0041904145, 0.00019041449999999998, 0.004, 0},
		{"edge", "multi", 25, "io_proxy_v3", 2.47e-06, 0.15453195012200002, 0.00160777425, 0.008, 0.14492417587200002},
		{"edge", "noregion", 25, "io_proxy_v3", 2e-07, 0.0040425535, 4.25535e-05, 0.004, 0},
		{"edge", "loose-n1", 25, "io_proxy_v3", 2.47e-06, 0.00412374005, 0.00012374005, 0.004, 0},
		{"waste", "default-fr", 19, "io_proxy_v3", 1.48e-06, 0.00205470895, 5.470895e-05, 0.002, 0},
		{"waste", "flat-fr", 19, "io_proxy_v1", 1.9e-06, 0.0020906775, 9.06775e-05, 0.002, 0},
		{"waste", "multi", 19, "io_proxy_v3", 1.48e-06, 0.007994321, 0.001118161, 0.004, 0.00287616},
		{"waste", "loose-n1", 19, "io_proxy_v3", 1.48e-06, 0.00205470895, 5.470895e-05, 0.002, 0},
		{"waste", "noregion", 19, "", 0, 0.002, 0, 0.002, 0},
	} {
		t.Run(c.input+"--"+c.config, func(t *testing.T) {
			t.Parallel()
			w := scoreFile(t, recordedConfig(t, filepath.Join(root, "cfg", c.config+".toml")), filepath.Join(root, "in", c.input+".json"))
			g := w.Green
			transport := 0.0
			if g.CO2.Transport != nil {
				transport = *g.CO2.Transport
			}
			got := []any{g.TotalOps, g.EnergyModel, g.EnergyKWh, g.CO2.Total.Mid, g.CO2.Operational, g.CO2.Embodied, transport}
			want := []any{c.ops, c.model, c.energy, c.total, c.operational, c.embodied, c.transport}
			if diff := cmp.Diff(want, got, closeTo()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestServiceRegionIsTheFirstInTime: the original takes any, see forgetFirstRegion. The
// span in de has the time 14:32:01+02:00, two hours before the others.
func TestServiceRegionIsTheFirstInTime(t *testing.T) {
	t.Parallel()
	root := filepath.Join(testenv.Oracle(t), "service")
	w := scoreFile(t, recordedConfig(t, filepath.Join(root, "cfg", "default-fr.toml")), filepath.Join(root, "in", "edge.json"))
	if region, _ := w.Green.ServiceRegion.Get("cart"); region != "de" {
		t.Errorf("cart is in %q, want de", region)
	}
}

// TestServicesAreMergedWithoutRegardToCase: the original has payment-svc and PAYMENT-SVC.
func TestServicesAreMergedWithoutRegardToCase(t *testing.T) {
	t.Parallel()
	root := filepath.Join(testenv.Oracle(t), "service")
	w := scoreFile(t, recordedConfig(t, filepath.Join(root, "cfg", "multi.toml")), filepath.Join(root, "in", "edge.json"))
	want := window.Amounts{
		{Service: "cart", Value: 4.434175e-08},
		{Service: "mars-svc", Value: 0},
		{Service: "order-svc", Value: 5.075525e-07},
		{Service: "payment-svc", Value: 9.6789e-07 + 8.799e-08},
	}
	if diff := cmp.Diff(want, w.Green.ServiceCarbonKg, closeTo()); diff != "" {
		t.Error(diff)
	}
}

// TestOffsetsAreRead: the original reads hours from timestamps with Z alone, and scores the
// span at 14:32:01+02:00 by the year.
func TestOffsetsAreRead(t *testing.T) {
	t.Parallel()
	root := filepath.Join(testenv.Oracle(t), "service")
	c := recordedConfig(t, filepath.Join(root, "cfg", "default-fr.toml"))
	c.Profiles["de"] = window.Daily([24]float64{12: 250})
	w := scoreFile(t, c, filepath.Join(root, "in", "edge.json"))
	for _, r := range w.Green.Regions {
		if r.Region == "de" && (r.Intensity != 250 || r.Source != "hourly") {
			t.Errorf("de: %+v", r)
		}
	}
}
