package sqlite_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/sqlite"
	"github.com/dendro-carbon/dendro/unit"
)

// people is how many users hold hosts in a slot, of how many there are.
const (
	usersAtATime = 300
	usersInAll   = 2000
)

// BenchmarkPeople asks for people in a year of 300 users at a time, of 2,000, each on
// one of 40 machine types: a user's year by day, and all users of a month. The year is
// loaded with one slot a day; the sums of days and months, which are read, have as many
// rows as with all of them. The first question of a new process, which knows no
// accounts, stands apart.
func BenchmarkPeople(b *testing.B) {
	path := filepath.Join(b.TempDir(), "ledger.db")
	s := open(b, path, benchCalendar(b))
	begin := newYear()
	for day := range 365 {
		commitAll(b, s, peopleSlot(b, nth(begin.AddDate(0, 0, day), 24), day))
	}
	year := account.NewSpan(begin, begin.AddDate(1, 0, 0))
	month := s.Calendar().Period(account.StepMonth, begin.AddDate(0, 6, 1))
	userYear := func(s ledger.Store) {
		v := account.View{By: []string{"user"}, Where: account.Filter{{Label: "user", Values: []string{"user-0007"}}}}
		series, err := ledger.FoldSeries(b.Context(), s, v, ledger.Query{Span: year, Step: account.StepDay})
		if err != nil || len(series.Periods) != 365 || series.Root.Energy == 0 {
			b.Fatal(series, err)
		}
	}
	userYear(s) // a server knows the accounts after the first question
	b.Run("user-year-by-day", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			userYear(s)
		}
	})
	b.Run("user-year-by-day-first", func(b *testing.B) { // as every dendro query asks, with the opening
		b.ReportAllocs()
		for b.Loop() {
			again, err := sqlite.Open(b.Context(), sqlite.Config{Path: path, ReadOnly: true})
			if err != nil {
				b.Fatal(err)
			}
			userYear(again)
			if err := again.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("users-of-month", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			root, err := ledger.FoldTotal(b.Context(), s, account.View{By: []string{"user"}}, month)
			if err != nil || len(root.Children) < usersAtATime {
				b.Fatal(root, err)
			}
		}
	})
}

// peopleSlot is a slot of a day, with its people: they change slowly.
func peopleSlot(b *testing.B, slot account.Span, day int) ledger.Commit {
	b.Helper()
	length := slot.Length()
	batch := &account.Batch{Slot: slot, KnownAt: slot.To.Add(time.Hour), Origins: []account.Origin{{Source: "prometheus", Method: "raw samples"}}}
	c := ledger.Commit{Slot: slot, Revision: 1, KnownAt: batch.KnownAt, Facts: batch}
	for i := range usersAtATime {
		user := (i*7 + day*3) % usersInAll
		labels, err := account.LabelsOf(
			"cloud_project_name", "IDAaaS", "machine_name", fmt.Sprint("M", user%40), "user", fmt.Sprintf("user-%04d", user),
			"workspace", fmt.Sprintf("ws-%04d-%d", user, day/10), "research_group", fmt.Sprint("group-", user%30),
		)
		if err != nil {
			b.Fatal(err)
		}
		batch.Subjects = append(batch.Subjects, account.Subject{Host: fmt.Sprintf("host-%04d", i), Labels: account.Labels{}})
		batch.Facts = append(batch.Facts, account.Fact{Subject: i, To: length, Busy: length, Idle: length, Observed: length, Expected: length})
		q := account.Quantities{
			Energy: 5_000_000 + unit.Energy(i), BusyEnergy: 4_000_000, CarbonEnergy: 5_000_000 + unit.Energy(i), Operational: 1_000_000,
			Busy: length, Idle: length, Observed: length, Expected: length,
		}
		c.Entries = append(c.Entries, account.Entry{Account: account.Account{Labels: labels}, Basis: account.Basis{Origin: batch.Origins[0], Policy: "usage"}, Quantities: q})
	}
	batch.Sort()
	slices.SortFunc(c.Entries, account.Entry.Compare)
	return c
}
