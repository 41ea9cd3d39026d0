package postgres_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/ledgertest"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/ledger/postgres"
	"github.com/dendro-carbon/dendro/internal/ledger/sqlite"
	"github.com/dendro-carbon/dendro/internal/testenv/pgtest"
)

// open opens a ledger for writing and closes it when the test ends.
func open(t testing.TB, url string, c account.Calendar) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), postgres.Config{URL: postgres.Secret(url), Calendar: c, Connections: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestConformance(t *testing.T) {
	t.Parallel()
	var urls sync.Map // of stores
	join := func(t *testing.T, s ledger.Store) ledger.Store {
		url, _ := urls.Load(s)
		again := open(t, url.(string), s.Calendar())
		urls.Store(again, url)
		return again
	}
	ledgertest.Run(t, ledgertest.Harness{
		Open: func(t *testing.T, c account.Calendar) ledger.Store {
			url := pgtest.URL(t)
			s := open(t, url, c)
			urls.Store(s, url)
			return s
		},
		Reopen: func(t *testing.T, s ledger.Store) ledger.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return join(t, s)
		},
		Join: join,
	})
}

// TestSameBytes plays one history, in three orders, to three stores, with replays
// and refusals between, and holds that all of them answer with the same bytes.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			sameBytes(t, seed)
		})
	}
}

func FuzzSameBytes(f *testing.F) {
	f.Add(uint64(100))
	f.Fuzz(sameBytes)
}

func sameBytes(t *testing.T, seed uint64) {
	w := ledgertest.NewWorld(t, seed)
	history := w.History(10 + w.IntN(10))
	reference := memory.New(w.Calendar)
	defer reference.Close()
	file, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "ledger.db"), Calendar: w.Calendar})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	url := pgtest.URL(t)
	tested := open(t, url, w.Calendar)
	stores := []ledger.Store{reference, file, tested}
	for _, s := range stores {
		for _, c := range ledgertest.Interleave(w.Rand, history) {
			if err := s.Commit(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			if w.IntN(4) == 0 {
				replay(t, s, c)
			}
		}
		ledgertest.Learn(t, s, w, seed)
	}
	want := ledgertest.Dump(t, reference, w)
	for _, s := range append(stores[1:], open(t, url, w.Calendar)) {
		ledgertest.SameBytes(t, fmt.Sprintf("seed %d, %T", seed, s), ledgertest.Dump(t, s, w), want)
	}
	for _, s := range stores {
		ledgertest.Forget(t, s, w, seed)
	}
	want = ledgertest.Dump(t, reference, w)
	for _, s := range stores[1:] {
		ledgertest.SameBytes(t, fmt.Sprintf("seed %d, %T, forgotten", seed, s), ledgertest.Dump(t, s, w), want)
	}
	if err := errors.Join(file.Check(t.Context()), tested.Check(t.Context())); err != nil {
		t.Error(err)
	}
}

func replay(t *testing.T, s ledger.Store, c ledger.Commit) {
	t.Helper()
	if err := s.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	c.Note += "!"
	if err := s.Commit(t.Context(), c); !errors.Is(err, ledger.ErrConflict) && !errors.Is(err, ledger.ErrInvalid) {
		t.Fatalf("another revision %d: %v", c.Revision, err)
	}
}
