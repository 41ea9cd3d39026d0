package app_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/ledgertest"
	"github.com/dendro-carbon/dendro/internal/ledger/postgres"
	"github.com/dendro-carbon/dendro/internal/remote"
	"github.com/dendro-carbon/dendro/internal/testenv/pgtest"
)

// TestFetchBackup has servers on both stores send their ledgers, while they serve, and
// restores each into both stores: all have the same entries.
func TestFetchBackup(t *testing.T) {
	t.Parallel()
	database := pgtest.Start(t)
	kept := func(t *testing.T, url string) *config.Config {
		c := settings(t, "http://127.0.0.1:1") // no source answers, and nothing else is closed
		if url != "" {
			c.Ledger, c.Postgres.URL = config.LedgerPostgres, postgres.Secret(url)
		}
		return c
	}
	var want []ledger.SlotEntry
	for name, url := range map[string]string{"sqlite": "", "postgres": database.URL(t)} {
		t.Run(name, func(t *testing.T) {
			c := kept(t, url)
			a := serve(t, c)
			for slot := range 3 {
				if err := a.Store.Commit(t.Context(), ledgertest.BigCommit(t, slot, 100)); err != nil {
					t.Fatal(err)
				}
			}
			want = entriesOf(t, a.Store)
			server, err := remote.Find(t.Context(), c.Data)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "backup.db")
			if err := (app.Upkeep{}).Fetch(t.Context(), server, file); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(filepath.Join(c.Data, ".backup")); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("left at the server: %v", err)
			}
			for _, to := range []string{"", database.URL(t)} {
				again := kept(t, to)
				if err := (app.Kept{Config: again}).Restore(t.Context(), file); err != nil {
					t.Fatal(err)
				}
				p, err := app.Open(t.Context(), again, app.Deps{}, app.Read)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, entriesOf(t, p.Store), cmp.Comparer(func(a, b account.Labels) bool { return a == b })); diff != "" {
					t.Error(diff)
				}
				if err := p.Close(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	if len(want) != 300 {
		t.Errorf("%d entries", len(want))
	}
}

func entriesOf(t *testing.T, s ledger.Store) []ledger.SlotEntry {
	t.Helper()
	year := account.Span{From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}
	return ledgertest.Collect(t, s.Entries(t.Context(), year, nil))
}

// TestNoBackupOfMemory holds that a server without a store on a disk says so.
func TestNoBackupOfMemory(t *testing.T) {
	t.Parallel()
	err := app.Kept{Config: &config.Config{Ledger: config.LedgerMemory}}.Backup(t.Context(), filepath.Join(t.TempDir(), "x"))
	if !errors.Is(err, app.ErrPlace) {
		t.Errorf("%v", err)
	}
}
