package sqlite_test

import (
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/sqlite"
	"github.com/dendro-carbon/dendro/unit"
)

// TestReadersSeeWholeCommits reads sums while slots are committed, in the writer's
// process and through a store opened for reading: every answer is that after some
// whole number of commits, and never an earlier one than the answer before.
func TestReadersSeeWholeCommits(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	s := open(t, path, benchCalendar(t))
	reader, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Calendar: s.Calendar(), ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	const slots = 60
	commits := make([]ledger.Commit, slots)
	totals := map[unit.Energy]int{0: 0} // of the month, after so many commits
	f, sum := newFleet(t, 130), unit.Energy(0)
	for n := range commits {
		commits[n] = f.commit(t, nth(newYear(), n), 1)
		for _, e := range commits[n].Entries {
			sum += e.Energy
		}
		totals[sum] = n + 1
	}
	var done atomic.Bool
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			from := []*sqlite.Store{s, reader}[i%2]
			step := append(account.RollupSteps(), account.StepSlot)[i]
			for last := 0; last < slots && !(done.Load() && t.Failed()); {
				now, ok := totals[energyOf(t, from, step)]
				if !ok || now < last {
					t.Errorf("by %s: an answer that is not between two commits, or from before: %d after %d", step, now, last)
					return
				}
				last = now
			}
		})
	}
	commitAll(t, s, commits...)
	done.Store(true)
	wg.Wait()
}

// energyOf sums the energy of January.
func energyOf(t *testing.T, s *sqlite.Store, step account.Step) unit.Energy {
	sum := unit.Energy(0)
	for row, err := range s.Rows(t.Context(), ledger.Query{Span: s.Calendar().Period(account.StepMonth, newYear()), Step: step}) {
		if err != nil {
			t.Error(err)
			return -1
		}
		sum += row.Energy
	}
	return sum
}

// TestReadersHoldNobodyUp commits while iterators of every kind are open.
func TestReadersHoldNobodyUp(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "ledger.db"), benchCalendar(t))
	f := newFleet(t, 10)
	commitAll(t, s, f.commit(t, nth(newYear(), 0), 1), f.commit(t, nth(newYear(), 1), 1))
	span, n := s.Calendar().Period(account.StepMonth, newYear()), 2
	for range s.Facts(t.Context(), span, time.Time{}) {
		for range s.Rows(t.Context(), ledger.Query{Span: nth(newYear(), 0), Step: account.StepHour}) {
			for range s.Entries(t.Context(), nth(newYear(), 1), nil) {
				commitAll(t, s, f.commit(t, nth(newYear(), n), 1))
				n++
				break
			}
		}
	}
	if n != 2+2*10 {
		t.Errorf("%d slots: readers saw what was committed after they began", n)
	}
	// Closing does not wait for a reader; the reader is told.
	var last error
	for _, err := range s.Slots(t.Context(), span) {
		if last = err; err == nil {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if last == nil {
		t.Error("an iterator went on after Close")
	}
}
