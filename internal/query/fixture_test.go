package query_test

import (
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/unit"
)

// london is the zone of the fixtures: its clocks change.
func london(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func calendar(t testing.TB) account.Calendar {
	t.Helper()
	c, err := account.NewCalendar(30*time.Minute, london(t))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// at reads an instant.
func at(t testing.TB, text string) time.Time {
	t.Helper()
	instant, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return account.Instant(instant)
}

// host is what one host did in a slot.
type host struct {
	project, machine, name string
	busy, idle             float64
}

// fixture is a ledger that tests fill slot by slot.
type fixture struct {
	t        testing.TB
	store    *memory.Store
	method   derive.Method
	revision map[account.Span]int
	last     map[account.Span][]account.Entry
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := &fixture{
		t: t, store: memory.New(calendar(t)), revision: map[account.Span]int{}, last: map[account.Span][]account.Entry{},
		method: derive.Method{
			Names: []derive.LabelRule{
				{Label: "facility", From: []string{"project"}, Map: map[string]string{"IDAaaS": "ISIS", "IDAaaS_X": "ISIS", "CDAaaS": "CLF"}},
				{Label: "group", From: []string{"project", "machine"}, Separator: "_"},
			},
			Models:     []derive.ModelRule{{Model: energy.Default()}},
			Places:     []derive.PlaceRule{{Region: "GB"}},
			Chain:      []string{"grid"},
			Accounting: account.Accounting{Scope: "combustion", Approach: "location"},
			Policy:     derive.Policy{Name: "usage"},
		},
	}
	if _, err := f.store.PutMethod(t.Context(), ledger.MethodRecord{KnownAt: at(t, "2026-01-01T00:00:00Z"), Method: f.method}); err != nil {
		t.Fatal(err)
	}
	return f
}

// intensity makes a value known.
func (f *fixture) intensity(from, to, knownAt string, grams float64, kind account.IntensityKind) {
	f.t.Helper()
	value, err := unit.IntensityFromGramsPerKWh(grams)
	if err != nil {
		f.t.Fatal(err)
	}
	_, err = f.store.PutIntensities(f.t.Context(), []account.Intensity{{
		Region: "GB", Span: account.NewSpan(at(f.t, from), at(f.t, to)), Value: value, Kind: kind,
		Accounting: f.method.Accounting, Source: "grid", Version: "1", KnownAt: at(f.t, knownAt),
	}})
	if err != nil {
		f.t.Fatal(err)
	}
}

// batch returns the facts of a slot.
func (f *fixture) batch(slot account.Span, knownAt time.Time, hosts []host) *account.Batch {
	f.t.Helper()
	b := &account.Batch{Slot: slot, KnownAt: knownAt, Origins: []account.Origin{{Source: "test", Method: "by hand"}}}
	for i, h := range hosts {
		labels, err := account.LabelsOf("project", h.project, "machine", h.machine)
		if err != nil {
			f.t.Fatal(err)
		}
		b.Subjects = append(b.Subjects, account.Subject{Host: h.name, Labels: labels})
		busy, _ := unit.DurationFromSeconds(h.busy)
		idle, _ := unit.DurationFromSeconds(h.idle)
		b.Facts = append(b.Facts, account.Fact{
			Subject: i, To: slot.Length(), Busy: busy, Idle: idle, Observed: slot.Length(), Expected: slot.Length(),
		})
	}
	b.Sort()
	return b
}

// derived returns the entries of facts with what the ledger knew at a time.
func (f *fixture) derived(b *account.Batch) []account.Entry {
	f.t.Helper()
	known, err := ledger.KnownIn(f.t.Context(), f.store, b.Slot, b.KnownAt)
	if err != nil {
		f.t.Fatal(err)
	}
	d, err := derive.New(f.method, known)
	if err != nil {
		f.t.Fatal(err)
	}
	entries, err := d.Derive(b)
	if err != nil {
		f.t.Fatal(err)
	}
	return entries
}

// close closes a slot, or restates it with a reason.
func (f *fixture) close(from, knownAt string, reason ledger.Reason, hosts ...host) {
	f.t.Helper()
	slot := f.store.Calendar().Grid().Slot(at(f.t, from))
	b := f.batch(slot, at(f.t, knownAt), hosts)
	f.revision[slot]++
	err := f.store.Commit(f.t.Context(), ledger.Commit{
		Slot: slot, Revision: f.revision[slot], KnownAt: b.KnownAt, Reason: reason, Note: string(reason),
		Facts: b, Entries: f.derived(b),
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// ask asks in words, at a time after everything.
func (f *fixture) ask(o query.Options, a query.Asked) *query.Answer {
	f.t.Helper()
	q, err := a.Parse(f.store.Calendar(), at(f.t, "2026-04-10T12:00:00Z"))
	if err != nil {
		f.t.Fatal(err)
	}
	answer, err := query.New(f.store, o).Ask(f.t.Context(), q)
	if err != nil {
		f.t.Fatal(err)
	}
	return answer
}

// facility is a ledger of three half hours around the change of clocks on
// 2026-03-29 at 01:00 UTC, of which the second is missing, and one that was
// restated when its actual intensity arrived.
func facility(t testing.TB) *fixture {
	t.Helper()
	f := newFixture(t)
	f.intensity("2026-03-29T00:00:00Z", "2026-03-29T03:00:00Z", "2026-03-29T00:00:00Z", 231.5, account.IntensityForecast)
	hosts := []host{
		{"IDAaaS", "Muon", "m1", 537.45, 287239.26},
		{"IDAaaS", "SANS", "s1", 1800, 1800},
		{"CDAaaS", "Laser", "l1", 0, 3600},
		{"IDAaaS", "", "x1", 10, 20},
	}
	f.close("2026-03-29T00:30:00Z", "2026-03-29T01:02:00Z", "", hosts...)
	f.close("2026-03-29T01:30:00Z", "2026-03-29T02:02:00Z", "", hosts[:3]...)
	f.close("2026-03-29T02:00:00Z", "2026-03-29T02:32:00Z", "", hosts[1:]...)
	f.intensity("2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T05:00:00Z", 200, account.IntensityActual)
	f.close("2026-03-29T00:30:00Z", "2026-03-29T05:01:00Z", ledger.ReasonIntensity, hosts...)
	return f
}
