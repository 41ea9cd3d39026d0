package sqlite_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/ledgertest"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/ledger/sqlite"
)

// must fails the test unless err is nil.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// sameAsMemory plays a history to the store in memory, and in another order,
// with restarts, replays and refusals between, to a file. Both must answer with
// the same bytes.
func sameAsMemory(t testing.TB, seed uint64) {
	w := ledgertest.NewWorld(t, seed)
	history := w.History(10 + w.IntN(10))
	want := memory.New(w.Calendar)
	defer want.Close()
	commitAll(t, want, ledgertest.Interleave(w.Rand, history)...)
	ledgertest.Learn(t, want, w, seed)

	path := filepath.Join(t.TempDir(), "ledger.db")
	s := open(t, path, w.Calendar)
	learnAt := w.IntN(20)
	for i, c := range ledgertest.Interleave(w.Rand, history) {
		if i == learnAt {
			ledgertest.Learn(t, s, w, seed)
		}
		if w.IntN(10) == 0 {
			s = reopen(t, s, path)
		}
		commitAll(t, s, c)
		switch w.IntN(6) {
		case 0:
			commitAll(t, s, c) // a replay
		case 1:
			c.Note += "!"
			if err := s.Commit(t.Context(), c); !errors.Is(err, ledger.ErrConflict) && !errors.Is(err, ledger.ErrInvalid) {
				t.Fatalf("another revision %d: %v", c.Revision, err)
			}
		}
	}
	ledgertest.SameBytes(t, fmt.Sprintf("seed %d", seed), ledgertest.Dump(t, s, w), ledgertest.Dump(t, want, w))
	ledgertest.Forget(t, s, w, seed)
	ledgertest.Forget(t, want, w, seed)
	ledgertest.SameBytes(t, fmt.Sprintf("seed %d, forgotten", seed), ledgertest.Dump(t, s, w), ledgertest.Dump(t, want, w))
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("seed %d: %v", seed, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func reopen(t testing.TB, s *sqlite.Store, path string) *sqlite.Store {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return open(t, path, s.Calendar())
}

func TestSameAsMemory(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			sameAsMemory(t, seed)
		})
	}
}

func FuzzSameAsMemory(f *testing.F) {
	f.Add(uint64(100))
	f.Fuzz(func(t *testing.T, seed uint64) { sameAsMemory(t, seed) })
}
