package demo_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/intensity"
	"github.com/dendro-carbon/dendro/internal/intensity/intensitytest"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/internal/source/demo"
	"github.com/dendro-carbon/dendro/internal/source/sourcetest"
	"github.com/dendro-carbon/dendro/unit"
)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

// clock returns a clock that stands still.
func clock(text string) func() time.Time { return func() time.Time { return at(text) } }

func open(t testing.TB, c demo.Config, now func() time.Time) *demo.Source {
	t.Helper()
	s, err := demo.New(c, now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func halfHours(t testing.TB) account.Grid {
	t.Helper()
	g, err := account.NewGrid(30 * time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func read(t testing.TB, s *demo.Source, from, to time.Time) []*account.Batch {
	t.Helper()
	var out []*account.Batch
	for r, err := range s.Read(t.Context(), source.Request{Span: account.NewSpan(from, to), Grid: halfHours(t)}) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r.Facts)
	}
	return out
}

func Example() {
	now := func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }
	s, err := demo.New(demo.Defaults(), now)
	if err != nil {
		panic(err)
	}
	grid, err := account.NewGrid(30 * time.Minute)
	if err != nil {
		panic(err)
	}
	fmt.Println("begins", s.Begin())
	for r, err := range s.Read(context.Background(), source.Request{Span: grid.Slot(now().Add(-time.Hour)), Grid: grid}) {
		f := r.Facts
		fmt.Println(len(f.Subjects), "machines,", "simulated:", f.Origins[0].Simulated)
		fmt.Println(f.Subjects[0].Labels, f.Facts[0].Busy, f.Facts[0].Idle)
		if err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// begins 2025-12-31 00:00:00 +0000 UTC
	// 297 machines, simulated: true
	// {cloud_project_name="IDAaaS", instance="sim-001-721:9100", machine_name="SANS", user="sim-user-113"} 214.56 s 28585.44 s
}

func TestSourceConformance(t *testing.T) {
	t.Parallel()
	s := open(t, demo.Defaults(), clock("2026-03-01T12:10:00Z"))
	sourcetest.Run(t, sourcetest.Harness{
		Source: s, Grid: halfHours(t),
		Span:    account.NewSpan(at("2026-02-27T22:00:00Z"), at("2026-02-28T02:00:00Z")),
		Nothing: account.NewSpan(at("2026-03-02T00:00:00Z"), at("2026-03-02T02:00:00Z")), // the future
		Gone:    account.NewSpan(at("2025-12-01T00:00:00Z"), at("2025-12-01T02:00:00Z")),
	})
}

func TestGridConformance(t *testing.T) {
	t.Parallel()
	g, err := demo.NewGrid(demo.Defaults(), clock("2026-03-01T12:10:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	intensitytest.Run(t, intensitytest.Harness{
		Source: g, Region: demo.Region, Unknown: "GB",
		Span:    account.NewSpan(at("2026-02-27T22:11:00Z"), at("2026-03-05T00:00:00Z")),
		Nothing: account.NewSpan(at("2020-01-01T00:00:00Z"), at("2020-02-01T00:00:00Z")),
	})
}

// TestFacility looks at 60 days as a whole: it has all that a demonstration is to show.
func TestFacility(t *testing.T) {
	t.Parallel()
	s := open(t, demo.Defaults(), clock("2026-03-01T12:00:00Z"))
	groups, users, hosts := map[string]bool{}, map[string]bool{}, map[string]bool{}
	var busy, idle, missed, bridged, partly, nobody int64
	var working, weekend int64
	for _, b := range read(t, s, s.Begin(), at("2026-03-01T00:00:00Z")) {
		if err := b.Validate(); err != nil {
			t.Fatal(err)
		}
		for _, f := range b.Facts {
			subject := b.Subjects[f.Subject]
			if !hosts[subject.Host] {
				hosts[subject.Host] = true
				groups[subject.Labels.Get("cloud_project_name")+"_"+subject.Labels.Get("machine_name")] = true
				if user := subject.Labels.Get("user"); user != "" {
					users[user] = true
				} else {
					nobody++
				}
			}
			busy += int64(f.Busy)
			idle += int64(f.Idle)
			switch {
			case f.Observed == 0:
				missed++
			case f.Bridged > 0:
				bridged++
			case f.Observed < f.Expected:
				partly++
			}
			switch b.Slot.From.Weekday() {
			case time.Saturday, time.Sunday:
				weekend += int64(f.Busy)
			default:
				working += int64(f.Busy)
			}
		}
	}
	t.Logf("%d groups, %d hosts, %d users; busy %d %%; missed %d, bridged %d, partly %d, nobody's %d", len(groups), len(hosts), len(users),
		100*busy/(busy+idle), missed, bridged, partly, nobody)
	if len(groups) != demo.Groups || len(users) < 250 || len(hosts) < 2*demo.Groups {
		t.Errorf("%d groups, %d users, %d hosts", len(groups), len(users), len(hosts))
	}
	if share := 100 * busy / (busy + idle); share < 3 || share > 15 {
		t.Errorf("busy %d %%", share)
	}
	if missed == 0 || bridged == 0 || partly == 0 || nobody == 0 {
		t.Errorf("missed %d, bridged %d, partly %d, nobody's %d", missed, bridged, partly, nobody)
	}
	if working/5 <= weekend/2 {
		t.Errorf("no less is done at weekends: %d and %d", working/5, weekend/2)
	}
}

// TestSeeds wants the same facility from the same seed, whenever it is looked at, and
// another one from another seed.
func TestSeeds(t *testing.T) {
	t.Parallel()
	from, to := at("2026-02-27T00:00:00Z"), at("2026-02-27T01:00:00Z")
	compare := cmp.Comparer(func(a, b account.Labels) bool { return a == b })
	c := demo.Defaults()
	want := read(t, open(t, c, clock("2026-03-01T12:00:00Z")), from, to)
	if diff := cmp.Diff(want, read(t, open(t, c, clock("2026-03-20T12:00:00Z")), from, to), compare); diff != "" {
		t.Errorf("later:\n%s", diff)
	}
	c.Seed = 2
	if cmp.Equal(want, read(t, open(t, c, clock("2026-03-01T12:00:00Z")), from, to), compare) {
		t.Error("two seeds give one facility")
	}
}

// TestNow reads a slot that goes on: only what has happened is known, and it is a part of
// what will be.
func TestNow(t *testing.T) {
	t.Parallel()
	from, to := at("2026-02-27T10:00:00Z"), at("2026-02-27T10:30:00Z")
	var last unit.Duration
	for _, now := range []string{"2026-02-27T10:00:00Z", "2026-02-27T10:07:13Z", "2026-02-27T10:29:59Z", "2026-02-27T10:30:00Z", "2026-02-28T00:00:00Z"} {
		b := read(t, open(t, demo.Defaults(), clock(now)), from, to)[0]
		var busy unit.Duration
		for _, f := range b.Facts {
			busy += f.Busy
			if end := b.Slot.From.Add(time.Duration(f.Expected) * time.Microsecond); end.After(at(now)) {
				t.Errorf("%s: a fact of the future", now)
			}
		}
		if busy < last {
			t.Errorf("%s: busy %v after %v", now, busy, last)
		}
		last = busy
	}
	if last == 0 {
		t.Error("nothing was done")
	}
}

// TestGridRevisions follows one half-hour from its first forecast to its last
// correction.
func TestGridRevisions(t *testing.T) {
	t.Parallel()
	var now time.Time
	c := demo.Defaults()
	c.Begin = at("2026-01-01T00:00:00Z")
	g, err := demo.NewGrid(c, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	forecasts, actuals, firsts, count := 0, 0, 0, 0
	var off, offFar int64
	for from := at("2026-02-01T00:00:00Z"); from.Before(at("2026-02-08T00:00:00Z")); from = from.Add(30 * time.Minute) {
		count++
		slot := account.NewSpan(from, from.Add(30*time.Minute))
		known := map[account.IntensityKind]map[unit.Intensity]bool{account.IntensityActual: {}, account.IntensityForecast: {}}
		var far, near, last unit.Intensity
		for now = from.Add(-48 * time.Hour); now.Before(from.Add(30 * time.Hour)); now = now.Add(time.Hour) {
			values, err := g.Fetch(t.Context(), demo.Region, slot)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range values {
				known[v.Kind][v.Value] = true
				switch {
				case v.Kind == account.IntensityActual:
					last = v.Value
				case now.Before(from.Add(-40 * time.Hour)):
					far = v.Value
				default:
					near = v.Value
				}
				if v.Version != demo.Version || v.Value > 400_000_000 {
					t.Errorf("%+v", v)
				}
				if v.Kind == account.IntensityActual && now.Before(from.Add(time.Hour)) {
					t.Errorf("%v: an actual at %v", from, now)
				}
			}
		}
		forecasts += len(known[account.IntensityForecast])
		actuals += len(known[account.IntensityActual])
		off += abs(int64(near - last))
		offFar += abs(int64(far - last))
		if near != last {
			firsts++
		}
	}
	if forecasts < 5*count || actuals <= count || actuals > 5*count/4 {
		t.Errorf("of %d half-hours %d forecasts and %d actuals", count, forecasts, actuals)
	}
	if firsts < count/2 || offFar < 2*off {
		t.Errorf("%d of %d forecasts were wrong; %d g off in all, from afar %d", firsts, count, off/1e6, offFar/1e6)
	}
}

func abs(v int64) int64 { return max(v, -v) }

// TestCutsAnywhere cuts hosts at random instants: valid facts with the same sums.
func TestCutsAnywhere(t *testing.T) {
	t.Parallel()
	s := open(t, demo.Defaults(), clock("2026-03-01T12:00:00Z"))
	random := rand.New(rand.NewPCG(7, 7))
	for range 40 {
		slot := halfHours(t).Slot(s.Begin().Add(time.Duration(random.Int64N(int64(60 * 24 * time.Hour)))))
		plain := read(t, s, slot.From, slot.To)[0]
		cuts := map[string][]time.Time{}
		for _, subject := range plain.Subjects {
			for range random.IntN(4) {
				cuts[subject.Host] = append(cuts[subject.Host], slot.From.Add(time.Duration(random.Int64N(int64(40*time.Minute)))-5*time.Minute))
			}
		}
		for r, err := range s.Read(t.Context(), source.Request{Span: slot, Grid: halfHours(t), Cuts: cuts}) {
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Facts.Validate(); err != nil {
				t.Fatal(err)
			}
			i := 0
			for facts := range r.Facts.BySubject() {
				var busy, idle, observed, bridged unit.Duration
				for _, f := range facts {
					busy, idle, observed, bridged = busy+f.Busy, idle+f.Idle, observed+f.Observed, bridged+f.Bridged
				}
				if want := plain.Facts[i]; busy != want.Busy || idle != want.Idle || observed != want.Observed || bridged != want.Bridged {
					t.Errorf("%v: %v", r.Facts.Subjects[facts[0].Subject], facts)
				}
				i++
			}
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for _, c := range []demo.Config{{Days: 60}, {Name: "demo"}} {
		if _, err := demo.New(c, time.Now); err == nil {
			t.Errorf("New took %+v", c)
		}
		if _, err := demo.NewGrid(c, time.Now); err == nil {
			t.Errorf("NewGrid took %+v", c)
		}
	}
	g, err := demo.NewGrid(demo.Defaults(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	_, err = g.Fetch(t.Context(), "simulated grd", account.NewSpan(time.Now(), time.Now().Add(time.Hour)))
	if !errors.Is(err, intensity.ErrRegion) || !strings.Contains(err.Error(), `"simulated grid"`) {
		t.Error(err)
	}
}

func BenchmarkRead60Days(b *testing.B) {
	s := open(b, demo.Defaults(), clock("2026-03-01T12:00:00Z"))
	b.ReportAllocs()
	facts := 0
	for b.Loop() {
		for r, err := range s.Read(b.Context(), source.Request{Span: account.NewSpan(s.Begin(), at("2026-03-01T00:00:00Z")), Grid: halfHours(b)}) {
			if err != nil {
				b.Fatal(err)
			}
			facts += len(r.Facts.Facts)
		}
	}
	b.ReportMetric(float64(facts)/float64(b.N), "facts/op")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(facts), "ns/fact")
}
