package query_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/unit"
)

// TestAnswersAreSumsOfEntries holds, for random windows over a change of clocks and
// the end of a month, that totals and each period of a series are the sums of the
// entries in exactly that time, now and as known at the end.
func TestAnswersAreSumsOfEntries(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	random := rand.New(rand.NewPCG(3, 4))
	first := at(t, "2026-03-28T20:00:00Z")
	const slots = 200 // to the evening of 1 April
	for i := range slots {
		if random.IntN(5) == 0 {
			continue // missing
		}
		from := first.Add(time.Duration(i) * 30 * time.Minute)
		f.close(from.Format(time.RFC3339), "2026-04-05T00:00:00Z", "",
			host{"IDAaaS", "Muon", "a", float64(random.IntN(1800)), float64(random.IntN(1800))},
			host{"CDAaaS", "Laser", "b", float64(random.IntN(1800)), 17})
	}
	for range 60 {
		begin := random.IntN(slots)
		window := query.Window{
			From: first.Add(time.Duration(begin) * 30 * time.Minute).Format(time.RFC3339),
			To:   first.Add(time.Duration(begin+1+random.IntN(slots-begin)) * 30 * time.Minute).Format(time.RFC3339),
		}
		step := []string{"", "slot", "1h", "1d", "1mo"}[random.IntN(5)]
		asked := query.Asked{By: []string{"facility"}, Window: window, Step: step}
		if random.IntN(2) == 0 {
			asked.AsKnownAt = "2026-04-06"
		}
		a := f.ask(query.Options{}, asked)
		addsUp(t, a)
		f.equals(a.Total.Energy, account.NewSpan(a.From, a.To))
		for _, p := range a.Total.Series {
			f.equals(p.Energy, account.NewSpan(p.From, p.To))
		}
		if n := len(a.Total.Series); n > 0 && (!a.Total.Series[0].From.Equal(a.From) || !a.Total.Series[n-1].To.Equal(a.To)) {
			t.Errorf("%+v: series from %v to %v", asked, a.Total.Series[0].From, a.Total.Series[n-1].To)
		}
		if t.Failed() {
			t.Fatalf("asked %+v", asked)
		}
	}
}

// equals compares a figure with the sum of the entries of a span.
func (f *fixture) equals(got *unit.Energy, span account.Span) {
	f.t.Helper()
	var want unit.Energy
	known := false
	for e, err := range f.store.Entries(f.t.Context(), span, nil) {
		if err != nil {
			f.t.Fatal(err)
		}
		want, known = want+e.Energy, true
	}
	if known != (got != nil) || known && *got != want {
		f.t.Errorf("%v: %v, want %v (known: %v)", span, got, want, known)
	}
}

// TestTotalsAreThoseOfAnyView holds that what is asked without levels, which is read
// from the totals of slots where these are fewer than sums of accounts, is to the
// last byte the total of the same question by accounts.
func TestTotalsAreThoseOfAnyView(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.intensity("2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z", "2026-03-28T00:00:00Z", 231.5, account.IntensityForecast)
	random := rand.New(rand.NewPCG(5, 6))
	first := at(t, "2026-03-28T20:00:00Z")
	const slots = 200
	for i := range slots {
		hosts := make([]host, random.IntN(9)) // of a slot without any nothing is known
		for h := range hosts {
			name := string(rune('a' + random.IntN(40)))
			hosts[h] = host{"IDAaaS", "M" + name, name + string(rune('0'+h)), float64(random.IntN(1800)), 3}
		}
		if random.IntN(5) > 0 {
			f.close(first.Add(time.Duration(i)*30*time.Minute).Format(time.RFC3339), "2026-04-05T00:00:00Z", "", hosts...)
		}
	}
	for range 60 {
		begin := random.IntN(slots)
		asked := query.Asked{
			Window: query.Window{
				From: first.Add(time.Duration(begin) * 30 * time.Minute).Format(time.RFC3339),
				To:   first.Add(time.Duration(begin+1+random.IntN(slots-begin)) * 30 * time.Minute).Format(time.RFC3339),
			},
			Step: []string{"", "slot", "1h", "1d", "1mo"}[random.IntN(5)],
		}
		whole := f.ask(query.Options{}, asked)
		asked.By = []string{"group"}
		byGroup := f.ask(query.Options{}, asked)
		byGroup.By, byGroup.Nodes = whole.By, whole.Nodes
		if diff := cmp.Diff(string(compact(t, byGroup)), string(compact(t, whole))); diff != "" {
			t.Fatalf("%+v: %s", asked, diff)
		}
	}
}
