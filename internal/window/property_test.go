package window_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/window"
)

// random returns a config, conditions and spans that use all that there is.
func random(r *rand.Rand, n int) (window.Config, window.Conditions, []window.Span) {
	regions := []string{"", "pl", "PL", "eu-west-3", "us-east-1", "mars-1", "uk"}
	c := in(regions[r.IntN(len(regions))])
	c.Profiles, c.HourlyProfiles = profiles(), r.IntN(2) == 0
	c.Factors.PerOperation = r.IntN(2) == 0
	c.Factors.KWhPerSecond = float64(r.IntN(2)) * 1e-9
	c.SplitEmbodied = true
	c.ServiceRegions = map[string]string{"svc-1": "us-east-1", "Svc-2": "pl"}
	c.Calibration = map[string]float64{"svc-3": r.Float64() * 3}
	c.Metered = []string{"svc-4", "svc-5"}
	second := int64(time.Second)
	var when window.Conditions
	for i := range int64(10) {
		when.Readings = append(when.Readings,
			window.Reading{Source: window.EnergyKepler, Services: []string{"SVC-4"}, From: july + 5*i*second, To: july + 5*(i+1)*second, KWh: r.Float64() * 1e-4},
			window.Reading{Source: window.EnergyRedfish, Services: []string{"svc-4", "svc-5"}, From: july + 20*i*second, To: july + 20*(i+1)*second, KWh: r.Float64() * 1e-3})
	}
	when.Live = map[string][]window.Live{"US-east-1": {{From: july, To: july + 1800*second, Intensity: r.Float64() * 900}}}
	all := make([]window.Span, n)
	for i := range all {
		all[i] = window.Span{
			Service: fmt.Sprintf("%s-%d", []string{"svc", "SVC"}[r.IntN(2)], r.IntN(8)), Region: regions[r.IntN(len(regions))],
			Environment: []string{"", "prod", "Test"}[r.IntN(3)], Endpoint: fmt.Sprint("/", r.IntN(5)), Callee: fmt.Sprintf("svc-%d", r.IntN(4)),
			Trace: window.TraceID{byte(r.IntN(40)), 1}, Start: july + r.Int64N(3600)*second, Duration: r.Int64N(1e9),
			ResponseBytes: r.Int64N(3_000_000) - 1, Kind: window.Kind(r.IntN(4)), Verb: window.Verb(r.IntN(5)), LocalRoot: r.IntN(5) == 0,
		}
		if r.IntN(20) == 0 {
			all[i].Start = 0
		}
	}
	return c, when, all
}

func text(t testing.TB, w window.Window) string {
	t.Helper()
	out, err := w.AppendJSON(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestOrderChangesNothing compares bytes.
func TestOrderChangesNothing(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		c, when, all := random(r, 500)
		want := text(t, score(t, c, all, when))
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		slices.Reverse(when.Readings)
		if diff := cmp.Diff(want, text(t, score(t, c, all, when))); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
	}
}

// TestScorerIsReady compares a scorer's second window with that of a new scorer.
func TestScorerIsReady(t *testing.T) {
	t.Parallel()
	c, when, all := random(rand.New(rand.NewPCG(1, 2)), 500)
	s, err := window.New(c)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for range 2 {
		for i := range all {
			s.Add(&all[i])
		}
		texts = append(texts, text(t, s.Close(when)))
		if s.Len() != 0 {
			t.Errorf("%d spans in a window that has just opened", s.Len())
		}
	}
	if diff := cmp.Diff(texts[0], texts[1]); diff != "" {
		t.Error(diff)
	}
}

// TestSums holds the invariants of a window.
func TestSums(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		c, when, all := random(rand.New(rand.NewPCG(seed, 3)), 300)
		w := score(t, c, all, when)
		g, d := w.Green, w.Detail
		var kg, kwh, regions, cells, low, unknown, services, embodied, compatible float64
		var ops, others uint64
		for i := range g.ServiceCarbonKg {
			kg += g.ServiceCarbonKg[i].Value
			kwh += g.ServiceEnergyKWh[i].Value
		}
		for _, r := range g.Regions {
			regions += r.Grams
		}
		for _, cell := range d.Cells {
			ops += cell.Ops
			others += cell.Others
			cells += cell.EnergyKWh
			low += cell.Low
			unknown += cell.UnknownKWh
			compatible += cell.Operational
			var byEnergy, byIntensity float64
			for _, p := range cell.EnergyBy {
				byEnergy += p.KWh
			}
			for _, p := range cell.IntensityBy {
				byIntensity += p.KWh
			}
			if !isClose(byEnergy, cell.EnergyKWh) || !isClose(byIntensity, cell.EnergyKWh) {
				t.Errorf("seed %d: parts of %+v", seed, cell)
			}
			if cell.Low > cell.Operational && cell.UnknownKWh == 0 || cell.High < cell.Operational {
				t.Errorf("seed %d: bounds of %+v", seed, cell)
			}
		}
		for _, s := range d.Services {
			services += s.EnergyKWh
			embodied += *s.Embodied
		}
		var meters, parts float64
		for _, m := range d.Meters {
			meters += m.EnergyKWh
			parts += m.AttributedKWh + m.IdleKWh + m.SupersededKWh
		}
		var readings float64
		for _, r := range when.Readings {
			readings += r.KWh
		}
		for _, pair := range []struct {
			name      string
			got, want float64
		}{
			{"Σ carbon of services × 1000 = operational", kg * 1000, g.CO2.Operational},
			{"Σ carbon of regions = operational", regions, g.CO2.Operational},
			{"Σ carbon of cells = operational", compatible, g.CO2.Operational},
			{"Σ energy of services = energy", kwh, g.EnergyKWh},
			{"Σ energy of cells = total", cells, d.Total.EnergyKWh},
			{"Σ energy of service details = total", services, d.Total.EnergyKWh},
			{"Σ low of cells = total", low, d.Total.Low},
			{"Σ unknown of cells = total", unknown, d.Total.UnknownKWh},
			{"Σ embodied of services = embodied", embodied, g.CO2.Embodied},
			{"Σ parts of meters = meters", parts, meters},
			{"Σ readings = meters", readings, meters},
		} {
			if !isClose(pair.got, pair.want) {
				t.Errorf("seed %d: %s: %v and %v", seed, pair.name, pair.got, pair.want)
			}
		}
		if ops != g.TotalOps || ops+others != uint64(len(all)) || d.Spans.Counted != uint64(len(all)) {
			t.Errorf("seed %d: %d operations and %d others in cells of %d spans", seed, ops, others, len(all))
		}
	}
}

// TestPartsAddUpToTheWhole divides a stream by trace among two scorers.
func TestPartsAddUpToTheWhole(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		c, when, all := random(rand.New(rand.NewPCG(seed, 4)), 400)
		when.Readings = nil // a reading is shared by all operations of its time
		var halves [2][]window.Span
		for _, s := range all {
			halves[s.Trace[0]%2] = append(halves[s.Trace[0]%2], s)
		}
		whole, first, second := score(t, c, all, when), score(t, c, halves[0], when), score(t, c, halves[1], when)
		if diff := cmp.Diff(sums(whole), sums(first, second), closeTo()); diff != "" {
			t.Errorf("seed %d: %s", seed, diff)
		}
	}
}

// sums adds windows up by cell.
func sums(windows ...window.Window) map[string]float64 {
	out := map[string]float64{}
	for _, w := range windows {
		out["traces"] += float64(w.Analysis.Traces)
		out["embodied"] += w.Green.CO2.Embodied
		out["operational"] += w.Green.CO2.Operational
		out["transport"] += w.Detail.Total.Transport
		out["energy"] += w.Green.EnergyKWh
		for _, c := range w.Detail.Cells {
			key := fmt.Sprint(c.Service, "|", c.Region, "|", c.Environment, "|", c.Slot)
			out[key+" kwh"] += c.EnergyKWh
			out[key+" g"] += c.Operational
			out[key+" high"] += c.High
			out[key+" ops"] += float64(c.Ops)
		}
		for _, e := range w.Endpoints {
			out[e.Service+e.Endpoint] += float64(e.Ops)
		}
	}
	maps.DeleteFunc(out, func(_ string, v float64) bool { return v == 0 })
	return out
}

// TestConfigIsNotKept changes the maps of a config that was given away.
func TestConfigIsNotKept(t *testing.T) {
	t.Parallel()
	c := flat("pl")
	c.ServiceRegions = map[string]string{"A": "us-east-1"}
	s, err := window.New(c)
	if err != nil {
		t.Fatal(err)
	}
	delete(c.ServiceRegions, "A")
	clear(c.Places)
	s.Add(&spans(1, "a", nil)[0])
	if w := s.Close(window.Conditions{}); !isClose(w.Green.CO2.Operational, 1e-7*379*1.15) {
		t.Errorf("%g g", w.Green.CO2.Operational)
	}
}
