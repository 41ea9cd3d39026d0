package sqlite_test

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/ledgertest"
	"github.com/dendro-carbon/dendro/internal/ledger/sqlite"
)

// open opens a ledger for writing and closes it when the test ends.
func open(t testing.TB, path string, c account.Calendar) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Calendar: c})
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
	var paths sync.Map // of stores
	ledgertest.Run(t, ledgertest.Harness{
		Open: func(t *testing.T, c account.Calendar) ledger.Store {
			path := filepath.Join(t.TempDir(), "ledger.db")
			s := open(t, path, c)
			paths.Store(s, path)
			return s
		},
		Reopen: func(t *testing.T, s ledger.Store) ledger.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			path, _ := paths.Load(s)
			return open(t, path.(string), s.Calendar())
		},
	})
}
