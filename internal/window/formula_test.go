package window_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/window"
)

// july is a Thursday's half hour in which the tests run.
var july = time.Date(2025, 7, 10, 14, 30, 0, 0, time.UTC).UnixNano()

// in returns the default config with places and a default region.
func in(region string) window.Config {
	c := window.Defaults()
	c.Places, c.DefaultRegion, c.GenericPUE = places(), region, 1.5
	return c
}

// flat is in, without weights and profiles.
func flat(region string) window.Config {
	c := in(region)
	c.HourlyProfiles, c.Factors.PerOperation = false, false
	return c
}

// spans returns n statements of a service, each of another trace.
func spans(n int, service string, change func(*window.Span)) []window.Span {
	out := make([]window.Span, n)
	for i := range out {
		out[i] = window.Span{
			Service: service, Kind: window.KindSQL, ResponseBytes: window.UnknownSize, Start: july + int64(i)*int64(time.Second),
			Trace: window.TraceID{byte(i), byte(i >> 8), 1},
		}
		if change != nil {
			change(&out[i])
		}
	}
	return out
}

func score(t testing.TB, c window.Config, s []window.Span, when window.Conditions) window.Window {
	t.Helper()
	w, err := window.Score(c, s, when)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func isClose(a, b float64) bool { return math.Abs(a-b) <= 1e-12*max(math.Abs(a), math.Abs(b)) }

func TestWeights(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		span   window.Span
		weight float64
	}{
		{"select", window.Span{Kind: window.KindSQL, Verb: window.VerbSelect}, 0.5},
		{"insert", window.Span{Kind: window.KindSQL, Verb: window.VerbInsert}, 1.5},
		{"update", window.Span{Kind: window.KindSQL, Verb: window.VerbUpdate}, 1.5},
		{"delete", window.Span{Kind: window.KindSQL, Verb: window.VerbDelete}, 1.2},
		{"other-statement", window.Span{Kind: window.KindSQL}, 1},
		{"no-verb-there-is", window.Span{Kind: window.KindSQL, Verb: 200}, 1},
		{"response-unknown", window.Span{Kind: window.KindHTTP, ResponseBytes: window.UnknownSize}, 1},
		{"response-empty", window.Span{Kind: window.KindHTTP}, 0.8},
		{"response-10239", window.Span{Kind: window.KindHTTP, ResponseBytes: 10239}, 0.8},
		{"response-10240", window.Span{Kind: window.KindHTTP, ResponseBytes: 10240}, 1.2},
		{"response-1048576", window.Span{Kind: window.KindHTTP, ResponseBytes: 1048576}, 1.2},
		{"response-1048577", window.Span{Kind: window.KindHTTP, ResponseBytes: 1048577}, 2},
		{"message", window.Span{Kind: window.KindMessaging, ResponseBytes: 5_000_000}, 1},
		{"other-span", window.Span{Kind: window.KindOther, Duration: int64(time.Second)}, 0},
		{"no-kind-there-is", window.Span{Kind: 77}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for weighed, weight := range map[bool]float64{true: c.weight, false: min(1, math.Ceil(c.weight))} {
				config := in("eu-west-3")
				config.Factors.PerOperation = weighed
				w := score(t, config, []window.Span{c.span}, window.Conditions{})
				if got := w.Green.EnergyKWh; !isClose(got, weight*1e-7) {
					t.Errorf("weighed %v: %g kWh, want %g", weighed, got, weight*1e-7)
				}
			}
		})
	}
}

//archtest:long a table
func TestCarbon(t *testing.T) {
	t.Parallel()
	always := window.Live{From: math.MinInt64, To: math.MaxInt64}
	live := func(region string, grams float64) window.Conditions {
		l := always
		l.Intensity = grams
		return window.Conditions{Live: map[string][]window.Live{region: {l}}}
	}
	meter := func(source window.Energy) window.Conditions {
		return window.Conditions{Readings: []window.Reading{window.Always(source, "A", 5e-7)}}
	}
	profile := func(hours float64, monthly bool) map[string]window.Profile {
		var day [24]float64
		for i := range day {
			day[i] = hours
		}
		p := window.Daily(day)
		p.Monthly = monthly
		return map[string]window.Profile{"Moon-Base-1": p, "eu-west-3": p}
	}
	for _, c := range []struct {
		name   string
		config func() window.Config
		when   window.Conditions
		grams  float64
		model  string
		row    window.Region
	}{
		{
			"annual", func() window.Config { return flat("EU-West-3") },
			window.Conditions{},
			6e-7 * 41.5 * 1.15, "io_proxy_v1",
			window.Region{Status: "known", Region: "eu-west-3", Intensity: 41.5, PUE: 1.15, Source: "annual"},
		},
		{
			"live", func() window.Config { return flat("eu-west-3") }, live("EU-WEST-3", 200),
			6e-7 * 200 * 1.15, "electricity_maps_api",
			window.Region{Status: "known", Region: "eu-west-3", Intensity: 200, PUE: 1.15, Source: "real_time"},
		},
		{
			"live-out-of-table", func() window.Config { return flat("moon-base-1") }, live("moon-base-1", 150),
			6e-7 * 150 * 1.5, "electricity_maps_api",
			window.Region{Status: "out_of_table", Region: "moon-base-1", Intensity: 150, PUE: 1.5, Source: "real_time"},
		},
		{
			"profile-out-of-table", func() window.Config {
				c := flat("moon-base-1")
				c.HourlyProfiles, c.Profiles = true, profile(500, false)
				return c
			},
			window.Conditions{},
			4.5e-4, "io_proxy_v2",
			window.Region{Status: "out_of_table", Region: "moon-base-1", Intensity: 500, PUE: 1.5, Source: "hourly"},
		},
		{
			"profile-monthly", func() window.Config {
				c := flat("eu-west-3")
				c.HourlyProfiles, c.Profiles = true, profile(31.1, true)
				return c
			},
			window.Conditions{},
			6e-7 * 31.1 * 1.15, "io_proxy_v3",
			window.Region{Status: "known", Region: "eu-west-3", Intensity: 31.1, PUE: 1.15, Source: "monthly_hourly"},
		},
		{
			"profiles-off", func() window.Config {
				c := flat("eu-west-3")
				c.Profiles = profile(500, true)
				return c
			},
			window.Conditions{},
			6e-7 * 41.5 * 1.15, "io_proxy_v1",
			window.Region{Status: "known", Region: "eu-west-3", Intensity: 41.5, PUE: 1.15, Source: "annual"},
		},
		{
			"out-of-table", func() window.Config { return flat("mars-1") },
			window.Conditions{},
			0, "io_proxy_v1",
			window.Region{Status: "out_of_table", Region: "mars-1", Source: "annual"},
		},
		{
			"calibrated", func() window.Config {
				c := flat("eu-west-3")
				c.Calibration = map[string]float64{"a": 2}
				return c
			},
			window.Conditions{},
			12e-7 * 41.5 * 1.15, "io_proxy_v1+cal",
			window.Region{Status: "known", Region: "eu-west-3", Intensity: 41.5, PUE: 1.15, Source: "annual"},
		},
		{
			"scaphandre", func() window.Config { return flat("eu-west-3") }, meter(window.EnergyScaphandre),
			1.43175e-4, "scaphandre_rapl",
			window.Region{Status: "known", Region: "eu-west-3", Intensity: 41.5, PUE: 1.15, Source: "annual"},
		},
		{
			"measured-not-calibrated", func() window.Config {
				c := in("eu-west-3")
				c.Calibration = map[string]float64{"a": 2}
				return c
			}, meter(window.EnergyKepler),
			1.43175e-4, "kepler_ebpf",
			window.Region{Status: "known", Region: "eu-west-3", Intensity: 41.5, PUE: 1.15, Source: "annual"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := score(t, c.config(), spans(6, "A", nil), c.when)
			g := w.Green
			if !isClose(g.CO2.Operational, c.grams) || g.EnergyModel != c.model || g.CO2.Total.Model != c.model {
				t.Errorf("%g g, %s, want %g g, %s", g.CO2.Operational, g.EnergyModel, c.grams, c.model)
			}
			c.row.Ops, c.row.Grams = 6, c.grams
			if diff := cmp.Diff([]window.Region{c.row}, g.Regions, closeTo()); diff != "" {
				t.Error(diff)
			}
			total := c.grams + 6*0.001
			want := window.Estimate{Low: total / 2, Mid: total, High: total * 2, Model: c.model, Methodology: "sci_v1_numerator+transport"}
			if diff := cmp.Diff(want, g.CO2.Total, closeTo()); diff != "" {
				t.Error(diff)
			}
			want = window.Estimate{Low: total / 12, Mid: total / 6, High: total / 3, Model: c.model, Methodology: "sci_v1_intensity"}
			if diff := cmp.Diff(&want, g.CO2.SCIPerTrace, closeTo()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestModelPrecedence(t *testing.T) {
	t.Parallel()
	order := []window.Energy{
		window.EnergyCloud, window.EnergyRedfish, window.EnergyKepler, window.EnergyScaphandre, window.EnergyAlumet,
	}
	for i, better := range order {
		for _, worse := range order[:i] {
			when := window.Conditions{Readings: []window.Reading{window.Always(better, "a", 2e-7), window.Always(worse, "a", 7e-7)}}
			w := score(t, flat("pl"), spans(3, "a", nil), when)
			if w.Green.EnergyModel != better.String() || !isClose(w.Green.EnergyKWh, 6e-7) {
				t.Errorf("%v before %v: got %s, %g kWh", better, worse, w.Green.EnergyModel, w.Green.EnergyKWh)
			}
			two := append(spans(3, "a", nil), spans(3, "b", nil)...)
			when.Readings = []window.Reading{window.Always(better, "a", 2e-7), window.Always(worse, "b", 7e-7)}
			w = score(t, flat("pl"), two, when)
			want := window.Labels{{Service: "a", Value: better.String()}, {Service: "b", Value: worse.String()}}
			if diff := cmp.Diff(want, w.Green.ServiceModel); diff != "" || w.Green.EnergyModel != better.String() {
				t.Errorf("%v beside %v: %s, %s", better, worse, w.Green.EnergyModel, diff)
			}
		}
	}
}

func TestMeasuredRatio(t *testing.T) {
	t.Parallel()
	all := append(spans(4, "measured", nil), spans(2, "modelled", nil)...)
	w := score(t, flat("pl"), all, window.Conditions{Readings: []window.Reading{window.Always(window.EnergyAlumet, "Measured", 1e-7)}})
	want := window.Amounts{{Service: "measured", Value: 1}, {Service: "modelled", Value: 0}}
	if diff := cmp.Diff(want, w.Green.ServiceMeasuredRatio); diff != "" {
		t.Error(diff)
	}
	// An unmeasured service has the tag of the window, as in the original; the shares do not.
	if model, _ := w.Green.ServiceModel.Get("modelled"); model != "alumet_rapl" {
		t.Errorf("the compatible tag of an unmeasured service is %q", model)
	}
	if diff := cmp.Diff([]window.Share{{Source: "io_proxy", Share: 1}}, w.Detail.Services[1].EnergyShares); diff != "" {
		t.Error(diff)
	}
}

func TestReadingsAreSharedByTheOperationsOfTheirTime(t *testing.T) {
	t.Parallel()
	c := flat("pl")
	c.Metered = []string{"A", "b"}
	second := int64(time.Second)
	reading := func(source window.Energy, from, to int64, kwh float64, services ...string) window.Reading {
		return window.Reading{Source: source, Services: services, From: july + from*second, To: july + to*second, KWh: kwh}
	}
	all := append(spans(10, "a", nil), spans(10, "B", nil)...) // one a second each
	w := score(t, c, all, window.Conditions{Readings: []window.Reading{
		reading(window.EnergyScaphandre, 0, 5, 5e-6, "a"),
		reading(window.EnergyScaphandre, 5, 10, 1e-6, "A"),
		reading(window.EnergyScaphandre, 10, 15, 4e-6, "a"), // nobody works: idle
		reading(window.EnergyRedfish, 0, 10, 20e-6, "a", "b"),
		reading(window.EnergyRedfish, 10, 20, math.NaN(), "b"), // of no use
	}})
	want := window.Amounts{{Service: "a", Value: 6e-6}, {Service: "b", Value: 10e-6}}
	if diff := cmp.Diff(want, w.Green.ServiceEnergyKWh, closeTo()); diff != "" {
		t.Error(diff)
	}
	meters := []window.Meter{
		{Source: "redfish_bmc", EnergyKWh: 20e-6, AttributedKWh: 10e-6, SupersededKWh: 10e-6},
		{Source: "scaphandre_rapl", EnergyKWh: 10e-6, AttributedKWh: 6e-6, IdleKWh: 4e-6},
	}
	if diff := cmp.Diff(meters, w.Detail.Meters, closeTo()); diff != "" {
		t.Error(diff)
	}
	if len(w.Detail.Cells) != 2 {
		t.Errorf("%d cells, want one a service: ticks are counted apart, not published", len(w.Detail.Cells))
	}
}

func TestTransport(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		span  window.Span
		grams float64
	}{
		{"other-region", window.Span{Kind: window.KindHTTP, Callee: "Remote", ResponseBytes: 100_000}, 1e5 * 4e-11 * 41.5 * 1.15},
		{"host-with-dots", window.Span{Kind: window.KindHTTP, Callee: "api.remote.example", ResponseBytes: 100_000}, 1e5 * 4e-11 * 41.5 * 1.15},
		{"same-region", window.Span{Kind: window.KindHTTP, Callee: "near", ResponseBytes: 100_000}, 0},
		{"unknown-host", window.Span{Kind: window.KindHTTP, Callee: "elsewhere", ResponseBytes: 100_000}, 0},
		{"no-host", window.Span{Kind: window.KindHTTP, ResponseBytes: 100_000}, 0},
		{"no-size", window.Span{Kind: window.KindHTTP, Callee: "remote", ResponseBytes: window.UnknownSize}, 0},
		{"not-http", window.Span{Kind: window.KindSQL, Callee: "remote", ResponseBytes: 100_000}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			config := flat("eu-west-3")
			config.ServiceRegions = map[string]string{"remote": "us-east-1", "api.remote.example": "us-east-1", "near": "EU-WEST-3"}
			c.span.Service = "caller"
			w := score(t, config, []window.Span{c.span}, window.Conditions{})
			if got := w.Green.Transport; c.grams == 0 && got != nil {
				t.Errorf("got %g g, want none", *got)
			} else if c.grams > 0 && (got == nil || !isClose(*got, c.grams)) {
				t.Errorf("got %v, want %g g", got, c.grams)
			}
			if want := 1e-7 * 41.5 * 1.15; !isClose(w.Green.CO2.Operational, want) {
				t.Errorf("operational carbon is %g g, want %g without transport", w.Green.CO2.Operational, want)
			}
		})
	}
}

func TestUnknownRegionKeepsItsEnergy(t *testing.T) {
	t.Parallel()
	c := flat("")
	all := append(spans(4, "lost", nil), spans(6, "found", func(s *window.Span) { s.Region = "PL" })...)
	w := score(t, c, append(all, spans(2, "mars", func(s *window.Span) { s.Region = "mars-1" })...), window.Conditions{})
	if got := w.Green.EnergyKWh; !isClose(got, 8e-7) {
		t.Errorf("the compatible energy is %g kWh, want that of resolved regions, 8e-7", got)
	}
	total := w.Detail.Total
	if !isClose(total.EnergyKWh, 12e-7) || !isClose(total.UnknownKWh, 6e-7) || !isClose(total.CarbonCoverage, 0.5) || !total.HasCarbon {
		t.Errorf("total %+v", total)
	}
	known := 6e-7 * 590.8 * 1.5
	if low, high := known*0.5+6e-7*35.4*0.5, known*2+6e-7*590.8*1.5*2; !isClose(total.Low, low) || !isClose(total.High, high) {
		t.Errorf("bounds %g to %g, want %g to %g", total.Low, total.High, low, high)
	}
	for _, cell := range w.Detail.Cells {
		if known := cell.Service == "found"; cell.HasCarbon != known {
			t.Errorf("%s in %q: carbon known %v, want %v", cell.Service, cell.Region, cell.HasCarbon, known)
		}
	}
	last := w.Green.Regions[len(w.Green.Regions)-1]
	if last.Status != "unresolved" || last.Ops != 4 {
		t.Errorf("the last region is %+v", last)
	}
}

func TestLimitsFold(t *testing.T) {
	t.Parallel()
	c := flat("pl")
	c.Limits.Services, c.Limits.Endpoints = 3, 2
	var all []window.Span
	for i := range 260 {
		all = append(all, spans(1, fmt.Sprintf("s%03d", i%5), func(s *window.Span) {
			s.Region, s.Endpoint = fmt.Sprintf("region-%03d", i), fmt.Sprint("/", i)
		})...)
	}
	w := score(t, c, all, window.Conditions{})
	g := w.Green
	if len(g.Regions) != 257 {
		t.Fatalf("%d regions, want 256 and one unresolved", len(g.Regions))
	}
	unresolved := 0
	for _, r := range g.Regions {
		if r.Status == "unresolved" {
			unresolved += int(r.Ops)
		}
	}
	if unresolved != 4 {
		t.Errorf("%d operations are unresolved, want 4", unresolved)
	}
	if _, ok := g.ServiceEnergyKWh.Get("other"); !ok || len(g.ServiceEnergyKWh) != 4 {
		t.Errorf("services %v, want 3 and other", g.ServiceEnergyKWh)
	}
	var ops uint64
	for _, e := range w.Endpoints {
		ops += e.Ops
	}
	if ops != 260 || !isClose(w.Detail.Total.EnergyKWh, 260e-7) {
		t.Errorf("%d operations of endpoints, %g kWh; nothing may be lost", ops, w.Detail.Total.EnergyKWh)
	}
	// Of two services beyond three, and of four regions beyond 256, two of which are of those services.
	if want := uint64(2*52 + 4 - 2); w.Detail.Spans.Folded != want {
		t.Errorf("%d spans folded, want %d", w.Detail.Spans.Folded, want)
	}
	kinds := map[account.Kind]bool{}
	for _, cell := range w.Detail.Cells {
		kinds[cell.ServiceKind] = true
	}
	if !kinds[account.KindOther] {
		t.Error("no cell of kind other")
	}
}

// TestHostileSpansAreBounded feeds names, environments and times that never come again.
func TestHostileSpansAreBounded(t *testing.T) {
	t.Parallel()
	c := flat("")
	c.Limits = window.Limits{Services: 10, Regions: 10, Endpoints: 10, Cells: 50}
	s, err := window.New(c)
	if err != nil {
		t.Fatal(err)
	}
	const n = 5000
	for i := range n {
		s.Add(&window.Span{
			Service: fmt.Sprint("s", i), Region: fmt.Sprint("r", i), Environment: fmt.Sprint("e", i), Endpoint: fmt.Sprint(i),
			Kind: window.KindHTTP, Callee: fmt.Sprint(i), Start: int64(i) * int64(time.Hour), ResponseBytes: math.MaxInt64,
		})
	}
	w := s.Close(window.Conditions{})
	if len(w.Detail.Cells) > 2*50+1 || len(w.Green.ServiceEnergyKWh) > 11 || len(w.Green.Regions) > 11 || len(w.Endpoints) > 21 {
		t.Errorf("%d cells, %d services, %d regions, %d endpoints",
			len(w.Detail.Cells), len(w.Green.ServiceEnergyKWh), len(w.Green.Regions), len(w.Endpoints))
	}
	var ops uint64
	for _, cell := range w.Detail.Cells {
		ops += cell.Ops
	}
	if ops != n || w.Green.TotalOps != n {
		t.Errorf("%d operations in cells, %d in all, want %d", ops, w.Green.TotalOps, n)
	}
	if text, err := w.AppendJSON(nil); err != nil || strings.Contains(string(text), "null") {
		t.Errorf("written as %s, %v", text, err)
	}
}

func TestTraces(t *testing.T) {
	t.Parallel()
	all := spans(6, "a", func(s *window.Span) {
		s.Trace[0] %= 2
		s.LocalRoot = s.Start == july
	})
	all = append(all, window.Span{Kind: window.KindOther, LocalRoot: true, Trace: window.TraceID{9}, Start: july})
	for rule, want := range map[window.TraceRule]uint64{window.DistinctTraces: 2, window.LocalRoots: 2} {
		c := flat("pl")
		c.Traces = rule
		w := score(t, c, all, window.Conditions{})
		if w.Analysis.Traces != want || !isClose(w.Green.CO2.Embodied, float64(want)*0.001) {
			t.Errorf("rule %d: %d traces, %g g embodied", rule, w.Analysis.Traces, w.Green.CO2.Embodied)
		}
		if offenders := string(w.Green.Offenders) != "[]"; offenders != (rule == window.DistinctTraces) {
			t.Errorf("rule %d: offenders %s", rule, w.Green.Offenders)
		}
	}
	c := flat("pl")
	c.Traces = window.LocalRoots
	if w := score(t, c, spans(2, "a", nil), window.Conditions{}); w.Green.CO2.SCIPerTrace != nil {
		t.Error("a window without a trace has no figure per trace")
	}
	if w := score(t, c, nil, window.Conditions{}); w.Green.CO2 != nil || w.Green.EnergyModel != "" {
		t.Error("an empty window has carbon")
	}
}

func TestOtherSpansByConfiguration(t *testing.T) {
	t.Parallel()
	c := flat("pl")
	c.Factors.KWhPerSecond = 2e-6
	all := []window.Span{{Service: "cpu", Start: july, Duration: 1_500_000_000}, {Service: "cpu", Start: july, Duration: -5}}
	w := score(t, c, all, window.Conditions{})
	if !isClose(w.Green.EnergyKWh, 3e-6) || w.Green.TotalOps != 0 || w.Detail.Spans.Other != 2 {
		t.Errorf("%g kWh, %d operations, %d others", w.Green.EnergyKWh, w.Green.TotalOps, w.Detail.Spans.Other)
	}
	if diff := cmp.Diff([]window.Share{{Source: "duration_proxy", Share: 1}}, w.Detail.Services[0].EnergyShares); diff != "" {
		t.Error(diff)
	}
}

func TestEmbodiedSplit(t *testing.T) {
	t.Parallel()
	c := flat("pl")
	all := append(spans(3, "a", nil), spans(1, "b", nil)...)
	if w := score(t, c, all, window.Conditions{}); w.Detail.Services[0].Embodied != nil {
		t.Error("embodied carbon is split without being asked for")
	}
	c.SplitEmbodied = true
	w := score(t, c, all, window.Conditions{})
	sum := 0.0
	for i, want := range []float64{0.75, 0.25} {
		got := *w.Detail.Services[i].Embodied
		sum += got
		if !isClose(got, want*w.Green.CO2.Embodied) {
			t.Errorf("service %d: %g g", i, got)
		}
	}
	if !isClose(sum, w.Detail.Total.Embodied) {
		t.Errorf("the parts are %g g, the whole %g g", sum, w.Detail.Total.Embodied)
	}
}

func TestSlots(t *testing.T) {
	t.Parallel()
	c := in("pl")
	c.Profiles = map[string]window.Profile{"pl": window.Daily([24]float64{14: 100, 15: 300})}
	all := spans(3, "a", func(s *window.Span) { s.Kind = window.KindMessaging })
	all[1].Start += int64(30 * time.Minute)
	all[2].Start = 0
	w := score(t, c, all, window.Conditions{})
	var slots []int64
	var intensities []float64
	for _, cell := range w.Detail.Cells {
		slots, intensities = append(slots, cell.Slot), append(intensities, cell.Intensity)
	}
	if diff := cmp.Diff([]int64{0, july, july + int64(30*time.Minute)}, slots); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]float64{590.8, 100, 300}, intensities, closeTo()); diff != "" {
		t.Error(diff)
	}
	if w.Detail.From != july || w.Detail.To != july+int64(time.Hour) || w.Detail.Spans.Undated != 1 {
		t.Errorf("from %d to %d, %d undated", w.Detail.From, w.Detail.To, w.Detail.Spans.Undated)
	}
}

func TestServicesInTwoRegions(t *testing.T) {
	t.Parallel()
	c := flat("")
	c.ServiceRegions = map[string]string{"low": "eu-west-3", "High": "pl"}
	w := score(t, c, append(spans(6, "low", nil), spans(6, "high", nil)...), window.Conditions{})
	low, _ := w.Green.ServiceCarbonKg.Get("low")
	high, _ := w.Green.ServiceCarbonKg.Get("high")
	if want := (590.8 * 1.5) / (41.5 * 1.15); !isClose(high/low, want) {
		t.Errorf("the ratio is %g, want %g", high/low, want)
	}
}

// TestExtremesStayNumbers multiplies the largest of all that may be given.
func TestExtremesStayNumbers(t *testing.T) {
	t.Parallel()
	c := in("x")
	c.Factors.KWhPerOp, c.Factors.SQL.Other, c.Factors.High, c.Factors.EmbodiedPerTrace = 1e15, 1e15, 1e15, 1e15
	c.Factors.KWhPerSecond, c.Factors.TransportKWhPerByte = 1e15, 1e15
	c.Places = map[string]window.Place{"x": {Annual: 1e15, PUE: 1e15}}
	c.Calibration = map[string]float64{"a": 1e15}
	c.ServiceRegions = map[string]string{"far": "y"}
	all := spans(3, "a", nil)
	all = append(all, window.Span{Service: "a", Duration: math.MaxInt64, Start: math.MaxInt64},
		window.Span{Service: "b", Kind: window.KindHTTP, Callee: "far", ResponseBytes: math.MaxInt64, Start: 1})
	w := score(t, c, all, window.Conditions{})
	line, _, err := window.AppendLine(nil, window.Envelope{Time: time.Unix(0, july)}, &w)
	if err != nil {
		t.Fatal(err)
	}
	var d window.Decoder
	var back window.Line
	if err := d.Decode(line, &back); err != nil || back.Negative != 0 {
		t.Errorf("%s\nreads with %d negative amounts, %v", line, back.Negative, err)
	}
}

// TestLiveIntensityHoldsAtItsTime puts a value of five minutes inside a slot.
func TestLiveIntensityHoldsAtItsTime(t *testing.T) {
	t.Parallel()
	minute := int64(time.Minute)
	c := flat("pl")
	c.Step = 5 * time.Minute
	all := spans(3, "a", nil)
	for i, at := range []int64{1, 6, 11} { // minutes of the slot
		all[i].Start = july + at*minute
	}
	when := window.Conditions{Live: map[string][]window.Live{"pl": {{From: july + 5*minute, To: july + 10*minute, Intensity: 100}}}}
	w := score(t, c, all, when)
	if want := 1e-7 * (590.8 + 100 + 590.8) * 1.5; !isClose(w.Green.CO2.Operational, want) || len(w.Detail.Cells) != 1 {
		t.Errorf("%g g in %d cells, want %g in 1", w.Green.CO2.Operational, len(w.Detail.Cells), want)
	}
	parts := []window.Part{{Source: "annual", KWh: 2e-7}, {Source: "real_time", KWh: 1e-7}}
	if diff := cmp.Diff(parts, w.Detail.Cells[0].IntensityBy, closeTo()); diff != "" {
		t.Error(diff)
	}
	c.Step = 0
	all[0].Start = july + 6*minute // the first of its slot, so it speaks for all
	all[1].Start = july + 7*minute
	if w := score(t, c, all, when); w.Green.EnergyModel != "electricity_maps_api" {
		t.Errorf("a value that does not hold when the slot begins is not used: %s", w.Green.EnergyModel)
	}
}

func TestCoverage(t *testing.T) {
	t.Parallel()
	w := score(t, flat("pl"), spans(6, "a", nil), window.Conditions{
		From: july, To: july + int64(time.Minute), Late: 2, Blind: 0.5,
		Drops: []window.Drop{{Reason: "overload", Spans: 1}, {Reason: "bad", Spans: 0}, {Reason: "overload", Spans: 1}},
	})
	if diff := cmp.Diff([]window.Drop{{Reason: "overload", Spans: 2}}, w.Detail.Drops); diff != "" {
		t.Error(diff)
	}
	if !isClose(w.Detail.Coverage, 0.375) || w.Detail.Spans.Late != 2 {
		t.Errorf("coverage %g, %d late", w.Detail.Coverage, w.Detail.Spans.Late)
	}
}

func TestValidateNamesAllThatIsWrong(t *testing.T) {
	t.Parallel()
	c := window.Defaults()
	c.Factors.KWhPerOp, c.Factors.Low, c.Factors.HTTP.LargeAbove = math.NaN(), 2, 1
	c.DefaultRegion, c.ServiceRegions = "no region", map[string]string{"a": "b c", "": "pl"}
	c.Places = map[string]window.Place{"x": {Annual: -1, PUE: 0.5}}
	c.Profiles = map[string]window.Profile{"y": window.Daily([24]float64{5: math.Inf(1)})}
	c.Calibration = map[string]float64{"s": -1}
	c.Unknown = window.Bounds{Low: 5, High: 2}
	c.GenericPUE, c.Slot, c.Limits.Cells = 0, 7*time.Minute, 0
	for _, grid := range []window.Config{{Slot: time.Hour, Tick: 7}, {Slot: time.Hour, Tick: 1, Step: 7 * time.Minute}} {
		if err := grid.Validate(); err == nil || !strings.Contains(err.Error(), "does not divide the slot") {
			t.Errorf("tick %v, step %v: %v", grid.Tick, grid.Step, err)
		}
	}
	_, err := window.New(c)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"kwh_per_op", "factors: low", "factors.http", `"no region"`, `"b c"`, `regions: ""`, `"x": intensity`, `"x": pue`,
		"month 12, hour 5", `calibration: "s"`, "unknown.high", "generic_pue", "slot", "limits",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in the error:\n%v", want, err)
		}
	}
}

// TestNothingIsDetected: what needs the detection of anti-patterns is 0 where the wire wants
// a number, and absent elsewhere.
func TestNothingIsDetected(t *testing.T) {
	t.Parallel()
	w := score(t, flat("pl"), spans(20, "a", nil), window.Conditions{})
	g := w.Green
	if g.AvoidableOps != 0 || g.WasteRatio != 0 || g.WasteBand != "healthy" || g.CO2.Avoidable.High != 0 {
		t.Errorf("%+v", g)
	}
	if g.DatabaseWaste != nil || g.MessagingWaste != nil || w.DisclosureWaste != nil || w.DetectionConfig != nil || string(w.Findings) != "[]" {
		t.Errorf("%+v", w)
	}
}

// TestZeroEmbodiedIsZero: the original takes its default for an exact 0.
func TestZeroEmbodiedIsZero(t *testing.T) {
	t.Parallel()
	c := flat("pl")
	c.Factors.EmbodiedPerTrace = 0
	if w := score(t, c, spans(2, "a", nil), window.Conditions{}); w.Green.CO2.Embodied != 0 || w.Green.CO2.Total.Mid != w.Green.CO2.Operational {
		t.Errorf("%+v", w.Green.CO2)
	}
}

// TestRowsOutOfTheTable: a region that has a profile and no place is written with a PUE
// and a source only if there is carbon in it, and if profiles are asked for.
func TestRowsOutOfTheTable(t *testing.T) {
	t.Parallel()
	bare := window.Region{Status: "out_of_table", Region: "mars-1", Source: "annual", Ops: 1}
	dusk := bare
	dusk.PUE, dusk.Source, dusk.Intensity, dusk.Grams = 1.5, "hourly", 200, 1e-7*200*1.5
	for name, c := range map[string]struct {
		hourly bool
		at1430 float64
		want   window.Region
	}{
		"carbon": {true, 200, dusk}, "no carbon": {true, 0, bare}, "no profiles": {false, 200, bare},
	} {
		config := flat("mars-1")
		config.HourlyProfiles = c.hourly
		config.Profiles = map[string]window.Profile{"mars-1": window.Daily([24]float64{14: c.at1430})}
		w := score(t, config, spans(1, "rover", nil), window.Conditions{})
		if diff := cmp.Diff([]window.Region{c.want}, w.Green.Regions, closeTo()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestLengthsOfNames: endpoints are kept to 512 bytes, services to 256, and no character
// is cut.
func TestLengthsOfNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 300)
	w := score(t, flat("fr"), spans(1, long, func(s *window.Span) { s.Endpoint = long }), window.Conditions{})
	if got := len(w.Endpoints[0].Endpoint); got != 512 {
		t.Errorf("an endpoint of %d bytes", got)
	}
	if got := len(w.Endpoints[0].Service); got != 256 {
		t.Errorf("a service of %d bytes", got)
	}
}
