package sqlite_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/sqlite"
	"github.com/dendro-carbon/dendro/unit"
)

// The fleet of the benchmarks: 780 groups of four facilities on 1,000 hosts with
// 8,130 processors.
const (
	fleetHosts  = 1000
	fleetGroups = 780
	fleetCPUs   = 8130
)

// fleet makes the commits of slots.
type fleet struct {
	subjects []account.Subject
	deriver  *derive.Deriver
	random   *rand.Rand
}

func newFleet(t testing.TB, hosts int) *fleet {
	t.Helper()
	f := &fleet{random: rand.New(rand.NewPCG(1, 2))}
	for i := range hosts {
		group := i % fleetGroups
		labels, err := account.LabelsOf(
			"cloud_project_name", []string{"IDAaaS", "CDAaaS", "DDAaaS", "TDAaaS"}[group%4],
			"machine_name", fmt.Sprintf("Machine type %d", group))
		if err != nil {
			t.Fatal(err)
		}
		f.subjects = append(f.subjects, account.Subject{Host: fmt.Sprintf("host-%05d.example.org", i), Labels: labels})
	}
	start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	accounting := account.Accounting{Scope: "combustion", Approach: "location"}
	known := derive.Known{Intensities: []account.Intensity{{
		Region: "GB", Span: account.NewSpan(start, start.AddDate(100, 0, 0)), Value: 231_500_000, Kind: account.IntensityActual,
		Accounting: accounting, Source: "ukgrid", KnownAt: start,
	}}}
	var err error
	f.deriver, err = derive.New(derive.Method{
		Names: []derive.LabelRule{
			{
				Label: "facility", From: []string{"cloud_project_name"},
				Map: map[string]string{"IDAaaS": "ISIS", "CDAaaS": "CLF", "DDAaaS": "Development", "TDAaaS": "Training"},
			},
			{Label: "group", From: []string{"cloud_project_name", "machine_name"}, Separator: "_"},
		},
		Models: []derive.ModelRule{{Model: energy.Default()}}, Places: []derive.PlaceRule{{Region: "GB"}},
		Chain: []string{"ukgrid"}, Accounting: accounting, Policy: derive.Policy{Name: "usage"},
	}, known)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// commit returns a revision of a slot. A few hosts were bridged or seen in part,
// as they are.
func (f *fleet) commit(t testing.TB, slot account.Span, revision int) ledger.Commit {
	t.Helper()
	length := slot.Length()
	b := &account.Batch{
		Slot: slot, KnownAt: slot.To.Add(time.Duration(revision) * time.Hour), Subjects: f.subjects,
		Origins: []account.Origin{{Source: "prometheus", Method: "raw samples"}},
	}
	cpus := int64(fleetCPUs / fleetHosts)
	for i := range f.subjects {
		fact := account.Fact{Subject: i, To: length, Observed: length, Expected: length}
		if f.random.IntN(50) == 0 {
			fact.Observed = unit.Duration(f.random.Int64N(int64(length)))
			fact.Bridged = fact.Observed / 2
		}
		fact.Busy = unit.Duration(f.random.Int64N(cpus * int64(fact.Observed+1)))
		fact.Idle = unit.Duration(cpus)*fact.Observed - fact.Busy
		b.Facts = append(b.Facts, fact)
	}
	entries, err := f.deriver.Derive(b)
	if err != nil {
		t.Fatal(err)
	}
	c := ledger.Commit{Slot: slot, Revision: revision, KnownAt: b.KnownAt, Facts: b, Entries: entries}
	if revision > 1 {
		c.Reason = ledger.ReasonIntensity
	}
	return c
}

func newYear() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// nth is the n-th half-hour after an instant.
func nth(from time.Time, n int) account.Span {
	from = from.Add(time.Duration(n) * account.DefaultStep)
	return account.NewSpan(from, from.Add(account.DefaultStep))
}

func benchCalendar(t testing.TB) account.Calendar {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	c, err := account.NewCalendar(account.DefaultStep, zone)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func commitAll(t testing.TB, s ledger.Writer, commits ...ledger.Commit) {
	t.Helper()
	for _, c := range commits {
		if err := s.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkCommit(b *testing.B) {
	f := newFleet(b, fleetHosts)
	for name, revision := range map[string]int{"close": 1, "restate": 2} {
		b.Run(name, func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "ledger.db"), benchCalendar(b))
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				b.StopTimer()
				if revision > 1 {
					commitAll(b, s, f.commit(b, nth(newYear(), n), 1))
				}
				c := f.commit(b, nth(newYear(), n), revision)
				b.StartTimer()
				commitAll(b, s, c)
			}
		})
	}
}

// year is a ledger of the fleet with a slot every six hours of 2026, which has
// as many sums of days and months as one with all slots.
func year(b *testing.B) *sqlite.Store {
	b.Helper()
	s := open(b, filepath.Join(b.TempDir(), "ledger.db"), benchCalendar(b))
	f := newFleet(b, fleetHosts)
	for n := 0; n < 365*48; n += 96 {
		commitAll(b, s, f.commit(b, nth(newYear(), n), 1))
	}
	return s
}

func byGroup() account.View { return account.View{By: []string{"facility", "group"}} }

func BenchmarkQuery(b *testing.B) {
	s := year(b)
	january := s.Calendar().Period(account.StepMonth, newYear())
	all := account.NewSpan(newYear(), newYear().AddDate(1, 0, 0))
	b.Run("month-ranked", func(b *testing.B) { benchTotal(b, s, byGroup(), january) })
	b.Run("year-by-month", func(b *testing.B) { benchSeries(b, s, byGroup(), all, account.StepMonth) })
	one := byGroup()
	one.Where = account.Filter{{Label: "machine_name", Values: []string{"Machine type 400"}}}
	b.Run("one-group-by-day", func(b *testing.B) { benchSeries(b, s, one, all, account.StepDay) })
}

func BenchmarkFacts(b *testing.B) {
	for _, hosts := range []int{1000, 8000} {
		b.Run(fmt.Sprint(hosts), func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "ledger.db"), benchCalendar(b))
			slot := nth(newYear(), 0)
			commitAll(b, s, newFleet(b, hosts).commit(b, slot, 1))
			benchFacts(b, s, slot, hosts)
		})
	}
}
