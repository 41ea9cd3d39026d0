package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger/ledgertest"
	"github.com/dendro-carbon/dendro/internal/ledger/relational"
)

func openInternal(t testing.TB, path string, c account.Calendar) *Store {
	t.Helper()
	s, err := Open(t.Context(), Config{Path: path, Calendar: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func utc(t testing.TB) account.Calendar {
	t.Helper()
	c, err := account.NewCalendar(account.DefaultStep, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestFullDisk fills the file up to a limit of pages, which SQLite reports as it
// does a full disk: at any statement of a commit.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	s := openInternal(t, path, utc(t))
	fill(t, s, func() {
		if err := s.file.Write(t.Context(), "limit", func(tx relational.Tx) error {
			return tx.Each("PRAGMA max_page_count = 4000000", nil, func(relational.Row) error { return nil })
		}); err != nil {
			t.Fatal(err)
		}
	}, func() {
		if _, err := s.file.writer.conn.ExecContext(t.Context(), "PRAGMA max_page_count = 120"); err != nil {
			t.Fatal(err)
		}
	})
}

// fill commits slots until there is no room; what was stored stays, nothing of
// the failed commit does, and once there is room it goes on.
func fill(t *testing.T, s *Store, makeRoom, limit func()) {
	t.Helper()
	limit()
	stored := 0
	var failed error
	for failed == nil && stored < 1000 {
		if failed = s.Commit(t.Context(), ledgertest.BigCommit(t, stored, 100)); failed == nil {
			stored++
		}
	}
	if !errors.Is(failed, ErrFull) || !strings.Contains(failed.Error(), "make room in "+filepath.Dir(s.file.path)) {
		t.Fatalf("after %d slots: %v, want ErrFull", stored, failed)
	}
	if err := s.Commit(t.Context(), ledgertest.BigCommit(t, stored, 100)); !errors.Is(err, ErrFull) {
		t.Errorf("again: %v, want ErrFull", err)
	}
	status, err := s.Status(t.Context())
	if err != nil || int(status.Slots) != stored || int(status.Accounts) != 100*stored {
		t.Errorf("%d slots: %+v, %v", stored, status, err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	makeRoom()
	for range 2 {
		if err := s.Commit(t.Context(), ledgertest.BigCommit(t, stored, 100)); err != nil {
			t.Fatalf("with room again: %v", err)
		}
		stored++
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if status, err = s.Status(t.Context()); err != nil || int(status.Slots) != stored {
		t.Errorf("%d slots: %+v, %v", stored, status, err)
	}
}

// TestUpgrade runs migrations that are to come on a ledger of today.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	s := openInternal(t, path, utc(t))
	if err := s.Commit(t.Context(), ledgertest.BigCommit(t, 0, 10)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	upgrade := func(next string) error {
		files := fstest.MapFS{"99999_next.sql": {Data: []byte("-- +goose Up\n" + next)}}
		for _, name := range names {
			today, err := migrations.ReadFile(name)
			if err != nil {
				return err
			}
			files[filepath.Base(name)] = &fstest.MapFile{Data: today}
		}
		db, err := sql.Open("sqlite", dsn(path, "rw", writePragmas()))
		if err != nil {
			return err
		}
		defer db.Close()
		db.SetMaxOpenConns(1)
		return schema{db: db, path: path, log: slog.New(slog.DiscardHandler), files: files}.upgrade(t.Context())
	}
	if err := upgrade("ALTER TABLE methods ADD COLUMN by TEXT; INSERT INTO nowhere VALUES (1);"); err == nil {
		t.Fatal("a migration that fails was taken for done")
	}
	if err := openInternal(t, path, utc(t)).Close(); err != nil { // as it was
		t.Fatal(err)
	}
	for range 2 { // the second time there is nothing to do
		if err := upgrade("ALTER TABLE methods ADD COLUMN by TEXT;"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(t.Context(), Config{Path: path, Calendar: utc(t)}); !errors.Is(err, ErrVersion) || !strings.Contains(err.Error(), path+".v*") {
		t.Errorf("the program of today opens it: %v, want ErrVersion", err)
	}
	kept := openInternal(t, fmt.Sprintf("%s.v%d", path, len(names)), utc(t))
	if status, err := kept.Status(t.Context()); err != nil || status.Slots != 1 {
		t.Errorf("copy of before: %+v, %v", status, err)
	}
	if err := kept.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(fmt.Sprintf("%s.v%d.partial", path, len(names))); err == nil {
		t.Error("a partial copy is left")
	}
}

// TestCheckFile has SQLite find a row that refers to nothing, and holds that a ledger with one is no
// backup.
func TestCheckFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openInternal(t, filepath.Join(dir, "ledger.db"), utc(t))
	if _, err := s.file.writer.conn.ExecContext(t.Context(), "PRAGMA foreign_keys = 0"); err != nil {
		t.Fatal(err)
	}
	if err := s.file.Write(t.Context(), "tamper", func(tx relational.Tx) error {
		return tx.Exec("INSERT INTO facts (from_us, revision, batch) VALUES (5, 1, x'00')")
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "refer to nothing") {
		t.Errorf("check: %v, want a row that refers to nothing", err)
	}
	backup := filepath.Join(dir, "backup.db")
	if err := s.backup(t.Context(), backup); !errors.Is(err, ErrDamaged) {
		t.Errorf("backup: %v", err)
	}
	if left, err := filepath.Glob(backup + "*"); err != nil || len(left) != 0 {
		t.Errorf("left are %v, %v", left, err)
	}
}

// TestAppear holds that a file never gets a name that something else has got meanwhile.
func TestAppear(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	partial, name := filepath.Join(dir, "partial"), filepath.Join(dir, "name")
	for _, want := range []error{nil, ErrExists} {
		if err := os.WriteFile(partial, []byte("a copy"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := appear(partial, name); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
		if err := os.WriteFile(name, []byte("somebody's"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(name); err != nil || string(text) != "somebody's" {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := os.Stat(partial); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the part is left: %v", err)
	}
}
