package postgres_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/sqlite"
	"github.com/dendro-carbon/dendro/internal/testenv/pgtest"
	"github.com/dendro-carbon/dendro/unit"
)

// fleetCommit is the close of a slot of 780 groups on 1,000 hosts.
func fleetCommit(b *testing.B, n int) ledger.Commit {
	b.Helper()
	from := newYear().Add(time.Duration(n) * account.DefaultStep)
	slot := account.NewSpan(from, from.Add(account.DefaultStep))
	batch := &account.Batch{Slot: slot, KnownAt: slot.To, Origins: []account.Origin{{Source: "prometheus"}}}
	for i := range 1000 {
		labels, err := account.LabelsOf("group", fmt.Sprintf("IDAaaS_Machine type %d", i%780), "facility", "ISIS")
		if err != nil {
			b.Fatal(err)
		}
		batch.Subjects = append(batch.Subjects, account.Subject{Host: fmt.Sprintf("host-%05d.example.org", i), Labels: labels})
		batch.Facts = append(batch.Facts, account.Fact{
			Subject: i, To: slot.Length(), Busy: unit.Duration(7919 * (i + n) * 1000 % 1e10), Idle: unit.Duration(104729 * (i + 2*n) * 1000 % 1e10),
			Observed: slot.Length(), Expected: slot.Length(),
		})
	}
	batch.Sort()
	d, err := derive.New(derive.Method{Models: []derive.ModelRule{{Model: energy.Default()}}, Policy: derive.Policy{Name: "usage"}}, derive.Known{})
	if err != nil {
		b.Fatal(err)
	}
	entries, err := d.Derive(batch)
	if err != nil {
		b.Fatal(err)
	}
	return ledger.Commit{Slot: slot, Revision: 1, KnownAt: slot.To, Facts: batch, Entries: entries}
}

// benchStores calls body for a ledger in SQLite and one in a PostgreSQL server
// that waits for the disk, on this machine.
func benchStores(b *testing.B, body func(b *testing.B, s ledger.Store)) {
	calendar, err := account.NewCalendar(account.DefaultStep, time.UTC)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("sqlite", func(b *testing.B) {
		s, err := sqlite.Open(b.Context(), sqlite.Config{Path: filepath.Join(b.TempDir(), "ledger.db"), Calendar: calendar})
		if err != nil {
			b.Fatal(err)
		}
		defer s.Close()
		body(b, s)
	})
	b.Run("postgres", func(b *testing.B) { body(b, open(b, pgtest.Start(b).URL(b), calendar)) })
}

func BenchmarkCommit(b *testing.B) {
	benchStores(b, func(b *testing.B, s ledger.Store) {
		if err := s.Commit(b.Context(), fleetCommit(b, 0)); err != nil { // all names are new once
			b.Fatal(err)
		}
		b.ReportAllocs()
		for n := 1; b.Loop(); n++ {
			b.StopTimer()
			c := fleetCommit(b, n)
			b.StartTimer()
			if err := s.Commit(b.Context(), c); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkMonth ranks the 780 groups of a month, and gives its days.
func BenchmarkMonth(b *testing.B) {
	benchStores(b, func(b *testing.B, s ledger.Store) {
		for n := 0; n < 31*48; n += 24 { // as many sums as with all slots
			if err := s.Commit(b.Context(), fleetCommit(b, n)); err != nil {
				b.Fatal(err)
			}
		}
		month := s.Calendar().Period(account.StepMonth, newYear())
		view := account.View{By: []string{"facility", "group"}}
		b.Run("ranked", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ledger.FoldTotal(b.Context(), s, view, month); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("by-day", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ledger.FoldSeries(b.Context(), s, view, ledger.Query{Span: month, Step: account.StepDay}); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}
