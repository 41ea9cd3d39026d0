package derive_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/unit"
)

func location() account.Accounting {
	return account.Accounting{Scope: "combustion", Approach: "location"}
}

// grid is a value of the first source; change alters it.
func grid(s account.Span, kind account.IntensityKind, grams float64, change ...func(*account.Intensity)) account.Intensity {
	value, err := unit.IntensityFromGramsPerKWh(grams)
	if err != nil {
		panic(err)
	}
	v := account.Intensity{
		Region: "GB", Span: s, Kind: kind, Value: value, Accounting: location(), Source: "ukgrid",
		KnownAt: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC),
	}
	for _, f := range change {
		f(&v)
	}
	return v
}

func knownOn(day int) func(*account.Intensity) {
	return func(v *account.Intensity) { v.KnownAt = time.Date(2026, 2, day, 0, 0, 0, 0, time.UTC) }
}

func by(source string) func(*account.Intensity) {
	return func(v *account.Intensity) { v.Source = source }
}

func TestChain(t *testing.T) {
	t.Parallel()
	slot := span(t, "2026-01-28T12:00:00Z", "2026-01-28T12:30:00Z")
	first := span(t, "2026-01-28T12:00:00Z", "2026-01-28T12:10:00Z")
	second := span(t, "2026-01-28T12:10:00Z", "2026-01-28T12:30:00Z")
	hour := span(t, "2026-01-28T12:00:00Z", "2026-01-28T13:00:00Z")
	year := span(t, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
	const (
		actual, estimate = account.IntensityActual, account.IntensityEstimate
		forecast, annual = account.IntensityForecast, account.IntensityAnnual
	)
	tests := []struct {
		name   string
		values []account.Intensity
		at     string
		want   string // "" is unknown
		kind   account.IntensityKind
		source string
		est    bool
	}{
		{name: "nothing known"},
		{name: "actual", values: []account.Intensity{grid(slot, actual, 231.5)}, want: "231.5", source: "ukgrid"},
		{
			name:   "actual before estimate before forecast",
			values: []account.Intensity{grid(slot, forecast, 1), grid(slot, estimate, 2), grid(slot, actual, 3)},
			want:   "3", source: "ukgrid",
		},
		{
			name:   "an actual of zero is an actual",
			values: []account.Intensity{grid(slot, forecast, 100), grid(slot, actual, 0)}, want: "0", source: "ukgrid",
		},
		{name: "forecast", values: []account.Intensity{grid(slot, forecast, 7)}, want: "7", kind: forecast, source: "ukgrid", est: true},
		{name: "a longer span", values: []account.Intensity{grid(hour, actual, 7)}, want: "7", source: "ukgrid"},
		{name: "a year", values: []account.Intensity{grid(year, annual, 200)}, want: "200", kind: annual, source: "ukgrid", est: true},
		{
			name:   "shorter spans, weighted by time",
			values: []account.Intensity{grid(second, actual, 40), grid(first, actual, 10)}, want: "30", source: "ukgrid",
		},
		{
			name:   "the worst kind used",
			values: []account.Intensity{grid(first, actual, 10), grid(slot, forecast, 40)}, want: "30", kind: forecast, source: "ukgrid", est: true,
		},
		{name: "a part is not the slot", values: []account.Intensity{grid(first, actual, 10)}},
		{
			name:   "a part is not the slot, the next source is",
			values: []account.Intensity{grid(first, actual, 10), grid(year, annual, 200, by("static"))},
			want:   "200", kind: annual, source: "static", est: true,
		},
		{
			name:   "the next source is estimated even when actual",
			values: []account.Intensity{grid(slot, actual, 9, by("static"))}, want: "9", source: "static", est: true,
		},
		{
			name:   "the first source even with a worse kind",
			values: []account.Intensity{grid(slot, actual, 9, by("static")), grid(slot, forecast, 8)}, want: "8", kind: forecast, source: "ukgrid", est: true,
		},
		{
			name:   "the newest revision",
			values: []account.Intensity{grid(slot, actual, 5, knownOn(3)), grid(slot, actual, 6, knownOn(4)), grid(slot, actual, 4, knownOn(2))},
			want:   "6", source: "ukgrid",
		},
		{
			name:   "as known earlier",
			values: []account.Intensity{grid(slot, actual, 5, knownOn(3)), grid(slot, actual, 6, knownOn(4)), grid(slot, forecast, 4, knownOn(2))},
			at:     "2026-02-02T12:00:00Z", want: "4", kind: forecast, source: "ukgrid", est: true,
		},
		{name: "as known before anything", values: []account.Intensity{grid(slot, actual, 5)}, at: "2026-01-28T00:00:00Z"},
		{name: "a source outside of the chain", values: []account.Intensity{grid(slot, actual, 5, by("other"))}},
		{name: "other accounting", values: []account.Intensity{grid(slot, actual, 5, func(v *account.Intensity) { v.Accounting.Scope = "lifecycle" })}},
		{name: "another region", values: []account.Intensity{grid(slot, actual, 5, func(v *account.Intensity) { v.Region = "FR" })}},
	}
	method := &derive.Method{Chain: []string{"ukgrid", "static"}, Accounting: location()}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var at time.Time
			if tt.at != "" {
				at = instant(t, tt.at)
			}
			got, basis, ok := derive.NewChain(method, tt.values, at).At("GB", slot)
			if ok != (tt.want != "") || (ok && got.Decimal() != tt.want) {
				t.Fatalf("intensity %v, %v; want %q", got, ok, tt.want)
			}
			if basis.Source != tt.source || basis.Kind != tt.kind || basis.Estimated != tt.est || basis.Region != "GB" {
				t.Errorf("basis %+v", basis)
			}
		})
	}
}

// TestChainOrder holds that the order of values does not matter, and the answer
// against a plain sweep of the slot second by second.
func TestChainOrder(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	method := &derive.Method{Chain: []string{"ukgrid"}, Accounting: location()}
	start := instant(t, "2026-01-28T12:00:00Z")
	for range 300 {
		var values []account.Intensity
		for range 1 + r.IntN(8) {
			from := start.Add(time.Duration(r.IntN(80)-40) * time.Minute)
			s := account.NewSpan(from, from.Add(time.Duration(1+r.IntN(90))*time.Minute))
			values = append(values, grid(s, account.IntensityKind(r.IntN(4)), float64(r.IntN(500)), knownOn(1+r.IntN(3))))
		}
		slot := account.NewSpan(start, start.Add(30*time.Minute))
		want, basis, ok := derive.NewChain(method, values, time.Time{}).At("GB", slot)
		r.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
		got, again, okAgain := derive.NewChain(method, values, time.Time{}).At("GB", slot)
		if got != want || basis != again || ok != okAgain {
			t.Fatalf("%v %v after shuffling, %v %v before; values %+v", got, okAgain, want, ok, values)
		}
		if covered := sweep(values, slot); covered != ok {
			t.Fatalf("known %v, but all minutes covered is %v: %+v", ok, covered, values)
		}
	}
}

// sweep reports whether every minute of a slot is in some value's span.
func sweep(values []account.Intensity, slot account.Span) bool {
	for at := slot.From; at.Before(slot.To); at = at.Add(time.Minute) {
		found := false
		for _, v := range values {
			found = found || v.Span.Contains(at)
		}
		if !found {
			return false
		}
	}
	return true
}
