package window_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/window"
)

// Joules that nobody used are told with the region and slot that they belong to, once,
// and a meter's energy is that of services, idle and what a better meter measured.
func TestIdle(t *testing.T) {
	t.Parallel()
	half := time.Date(2026, 1, 15, 12, 30, 0, 0, time.UTC).UnixNano()
	minute := int64(time.Minute)
	c := window.Defaults()
	c.Places = map[string]window.Place{"pl": {Annual: 600, PUE: 1.2}, "fr": {Annual: 50, PUE: 1.1}}
	c.ServiceRegions = map[string]string{"batch": "fr", "cart": "fr"}
	c.Metered, c.Tick, c.Slot = []string{"cart", "pay", "batch"}, time.Second, 30*time.Minute
	reading := func(source window.Energy, from int64, kwh float64, services ...string) window.Reading {
		return window.Reading{Source: source, Services: services, From: half + from, To: half + from + minute, KWh: kwh}
	}
	w, err := window.Score(c, []window.Span{
		{Service: "cart", Region: "pl", Kind: window.KindSQL, Start: half + 1},
		{Service: "pay", Region: "pl", Kind: window.KindSQL, Start: half + 1},
		{Service: "pay", Region: "fr", Kind: window.KindSQL, Start: half + 2},
	}, window.Conditions{From: half - minute, To: half + 2*minute, Readings: []window.Reading{
		reading(window.EnergyKepler, 0, 4, "cart"),                  // used
		reading(window.EnergyKepler, -minute, 1, "CART"),            // idle in the slot before, where its spans were and not where it is said to be
		reading(window.EnergyKepler, minute, 2, "cart"),             // idle
		reading(window.EnergyRedfish, minute, 50, "cart"),           // idle, and Kepler knows better
		reading(window.EnergyKepler, minute, 8, "batch"),            // idle where the service is said to be
		reading(window.EnergyKepler, minute, 16, "pay"),             // idle in one of two regions
		reading(window.EnergyRedfish, minute, 32, "never"),          // of a service of which nothing is known
		reading(window.EnergyRedfish, -minute, 64, "batch", "cart"), // cart has a better meter then, batch has none
	}})
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		Source, Region string
		Kind           account.Kind
		Slot           int64
		KWh, Grams     float64
	}
	var got []row
	sums := map[string]float64{}
	for _, i := range w.Detail.Idle {
		got = append(got, row{i.Source, i.Region, i.RegionKind, (i.Slot - half) / minute, i.EnergyKWh, math.Round(i.Operational)})
		sums[i.Source] += i.EnergyKWh
		if i.HasCarbon == (i.RegionKind == account.KindUnknown) || i.High <= i.Low {
			t.Errorf("%+v", i)
		}
	}
	const kepler, redfish = "kepler_ebpf", "redfish_bmc"
	want := []row{
		{redfish, "", account.KindUnknown, -30, 64, 0},
		{redfish, "", account.KindUnknown, 0, 32, 0},
		{kepler, "", account.KindUnknown, 0, 16, 0},
		{kepler, "fr", account.KindAccount, 0, 8, 8 * 50 * 1.1},
		{kepler, "pl", account.KindAccount, -30, 1, 1 * 600 * 1.2},
		{kepler, "pl", account.KindAccount, 0, 2, 2 * 600 * 1.2},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, m := range w.Detail.Meters {
		if m.IdleKWh != sums[m.Source] || m.EnergyKWh != m.AttributedKWh+m.IdleKWh+m.SupersededKWh {
			t.Errorf("%+v, rows add up to %v", m, sums[m.Source])
		}
		if m.Source == redfish && m.SupersededKWh != 50 {
			t.Errorf("%+v", m)
		}
	}
	if math.Abs(w.Detail.Total.EnergyKWh-4-2e-7) > 1e-12 {
		t.Errorf("idle energy is among that of spans: %+v", w.Detail.Total)
	}
	text, _, err := window.AppendLine(nil, window.Envelope{Prev: window.ChainSeed, Time: time.Unix(0, half).UTC()}, &w)
	if err != nil {
		t.Fatal(err)
	}
	var line window.Line
	if err := new(window.Decoder).Decode(text, &line); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(w.Detail.Idle, line.Window.Detail.Idle); diff != "" {
		t.Errorf("read again: %s", diff)
	}
}
