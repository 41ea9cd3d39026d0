package sqlite_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/ledgertest"
	"github.com/dendro-carbon/dendro/internal/ledger/sqlite"
)

// BenchmarkHistory asks a ledger with years of slots, committed one by one:
//
//	DENDRO_BENCH_FACTS=100000000 DENDRO_BENCH_DIR=/big go test -run '^$' -bench History -timeout 2h
//
// loads 100 million facts (100,000 slots of 1,000 hosts: five years and eight
// months) into /big/ledger.db, which stays and is taken again, and needs 6 GB. It
// is not run otherwise.
func BenchmarkHistory(b *testing.B) {
	facts, err := strconv.Atoi(os.Getenv("DENDRO_BENCH_FACTS"))
	if err != nil {
		b.Skip("set DENDRO_BENCH_FACTS to how many facts to load")
	}
	dir := os.Getenv("DENDRO_BENCH_DIR")
	if dir == "" {
		dir = b.TempDir()
	}
	path := filepath.Join(dir, "ledger.db")
	s := open(b, path, benchCalendar(b))
	end := load(b, s, facts/fleetHosts)
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%d slots, %d MB, %.1f bytes a fact", facts/fleetHosts, info.Size()>>20, float64(info.Size())/float64(facts))
	last := s.Calendar().Period(account.StepMonth, s.Calendar().Period(account.StepMonth, end).From.AddDate(0, 0, -1))
	yearBefore := account.NewSpan(last.To.AddDate(-1, 0, 0), last.To)

	b.Run("month-ranked", func(b *testing.B) { benchTotal(b, s, byGroup(), last) })
	b.Run("odd-span-ranked", func(b *testing.B) {
		benchTotal(b, s, byGroup(), account.NewSpan(last.From.Add(-75*time.Hour/2), last.To.Add(-31*time.Hour/2)))
	})
	b.Run("month-by-day", func(b *testing.B) { benchSeries(b, s, byGroup(), last, account.StepDay) })
	b.Run("month-by-slot", func(b *testing.B) { benchSeries(b, s, byGroup(), last, account.StepSlot) })
	b.Run("year-by-month", func(b *testing.B) { benchSeries(b, s, byGroup(), yearBefore, account.StepMonth) })
	one := byGroup()
	one.Where = account.Filter{{Label: "machine_name", Values: []string{"Machine type 400"}}}
	b.Run("one-group-year-by-hour", func(b *testing.B) { benchSeries(b, s, one, yearBefore, account.StepHour) })
	b.Run("facts-of-month", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			for batch, err := range s.Facts(b.Context(), last, time.Time{}) {
				if err != nil {
					b.Fatal(err)
				}
				n += len(batch.Facts)
			}
			b.ReportMetric(float64(n), "facts/op")
		}
	})
	b.Run("facts-of-slot", func(b *testing.B) { benchFacts(b, s, nth(last.From, 100), fleetHosts) })
	b.Run("status", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Status(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	f := newFleet(b, fleetHosts)
	b.Run("restate", func(b *testing.B) {
		for n := 0; b.Loop(); n++ {
			b.StopTimer()
			slot := nth(last.From, n%1000)
			states := ledgertest.Collect(b, s.Slots(b.Context(), slot))
			c := f.commit(b, slot, states[0].Revision+1)
			b.StartTimer()
			commitAll(b, s, c)
		}
	})
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	b.Logf("%d MB of the heap, %d MB of the system", memory.HeapInuse>>20, memory.Sys>>20)
}

// load commits slots from 2020 on until there are as many as asked, and returns
// where they end.
func load(b *testing.B, s *sqlite.Store, slots int) time.Time {
	b.Helper()
	start := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	status, err := s.Status(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	f, began := newFleet(b, fleetHosts), time.Now()
	for n := int(status.Slots); n < slots; n++ {
		commitAll(b, s, f.commit(b, nth(start, n), 1))
		if n%10_000 == 0 {
			b.Logf("%d slots after %v", n, time.Since(began).Round(time.Second))
		}
	}
	return nth(start, slots).From
}

func benchTotal(b *testing.B, s *sqlite.Store, v account.View, span account.Span) {
	b.ReportAllocs()
	for b.Loop() {
		root, err := ledger.FoldTotal(b.Context(), s, v, span)
		if err != nil || len(root.Children) != 4 {
			b.Fatal(root, err)
		}
	}
}

func benchSeries(b *testing.B, s *sqlite.Store, v account.View, span account.Span, step account.Step) {
	b.ReportAllocs()
	for b.Loop() {
		series, err := ledger.FoldSeries(b.Context(), s, v, ledger.Query{Span: span, Step: step})
		if err != nil || len(series.Root.Children) == 0 {
			b.Fatal(series, err)
		}
	}
}

func benchFacts(b *testing.B, s *sqlite.Store, slot account.Span, want int) {
	b.ReportAllocs()
	for b.Loop() {
		for batch, err := range s.Facts(b.Context(), slot, time.Time{}) {
			if err != nil || len(batch.Facts) != want {
				b.Fatal(err)
			}
		}
	}
}
