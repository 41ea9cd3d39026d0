package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/ledgertest"
	"github.com/dendro-carbon/dendro/unit"
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

// bigCommit is a slot of n accounts.
func bigCommit(t testing.TB, slot, n int) ledger.Commit {
	t.Helper()
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(slot) * account.DefaultStep)
	c := ledger.Commit{Slot: account.NewSpan(from, from.Add(account.DefaultStep)), Revision: 1, KnownAt: from.AddDate(0, 1, 0)}
	for i := range n {
		labels, err := account.LabelsOf("group", fmt.Sprintf("group %06d of slot %d", i, slot))
		if err != nil {
			t.Fatal(err)
		}
		c.Entries = append(c.Entries, account.Entry{
			Account: account.Account{Labels: labels}, Quantities: account.Quantities{Energy: 1, Expected: c.Slot.Length()},
		})
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
		if err := s.write(t.Context(), "limit", func(tx *transaction) error {
			return each(tx, "PRAGMA max_page_count = 4000000", nil, func(*sql.Rows) error { return nil })
		}); err != nil {
			t.Fatal(err)
		}
	}, func() {
		if _, err := s.writer.conn.ExecContext(t.Context(), "PRAGMA max_page_count = 120"); err != nil {
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
		if failed = s.Commit(t.Context(), bigCommit(t, stored, 100)); failed == nil {
			stored++
		}
	}
	if !errors.Is(failed, ErrFull) || !strings.Contains(failed.Error(), "make room in "+filepath.Dir(s.path)) {
		t.Fatalf("after %d slots: %v, want ErrFull", stored, failed)
	}
	if err := s.Commit(t.Context(), bigCommit(t, stored, 100)); !errors.Is(err, ErrFull) {
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
		if err := s.Commit(t.Context(), bigCommit(t, stored, 100)); err != nil {
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
	if err := s.Commit(t.Context(), bigCommit(t, 0, 10)); err != nil {
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

// TestSmallMemory runs the conformance suite with interners that remember next
// to nothing: what they forget is read again.
func TestSmallMemory(t *testing.T) {
	t.Parallel()
	ledgertest.Run(t, ledgertest.Harness{Open: func(t *testing.T, c account.Calendar) ledger.Store {
		s := openInternal(t, filepath.Join(t.TempDir(), "ledger.db"), c)
		s.accounts.limit, s.subjects.limit, s.origins.limit, s.bases.limit = 1, 1, 1, 1
		return s
	}})
}

// TestBoundedMemory meets many more names than interners may remember.
func TestBoundedMemory(t *testing.T) {
	t.Parallel()
	s := openInternal(t, filepath.Join(t.TempDir(), "ledger.db"), utc(t))
	s.accounts.limit = 4
	for slot := range 10 {
		if err := s.Commit(t.Context(), bigCommit(t, slot, 200)); err != nil {
			t.Fatal(err)
		}
		if n := len(s.accounts.ids); n > 4*chunkSize {
			t.Errorf("%d ids are remembered, the limit is %d", n, 4*chunkSize)
		}
	}
	rows := 0
	for _, err := range s.Rows(t.Context(), ledger.Query{Span: bigCommit(t, 0, 0).Slot, Step: account.StepMonth}) {
		if err != nil {
			t.Fatal(err)
		}
		rows++
	}
	if rows != 2000 {
		t.Errorf("%d rows, want 2000", rows)
	}
	if n := len(s.accounts.pages); n > 4 {
		t.Errorf("%d pages are remembered, the limit is 4", n)
	}
}

// TestPlans holds that no question reads a whole table: the work is in
// proportion to the answer, not to the history.
func TestPlans(t *testing.T) {
	t.Parallel()
	s := openInternal(t, filepath.Join(t.TempDir(), "ledger.db"), utc(t))
	for _, query := range []string{
		newestRevision(), factsOfRevision, factsOfSpan, entriesOfSlot, entriesOfSpan, selectChunk, fmt.Sprintf(sumsOfSpan, ""), chunksOfSpan,
		intensitiesOfSpan, newestIntensity, newestHolding, slotsOfSpan(), restatementsOfTime(),
	} {
		err := s.read(t.Context(), func(r *snapshot) error {
			return each(r, "EXPLAIN QUERY PLAN "+query, make([]any, strings.Count(query, "?")), func(rows *sql.Rows) error {
				var id, parent, unused int
				var step string
				if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
					return err
				}
				if strings.HasPrefix(step, "SCAN") && !strings.Contains(step, "magnitudes") && !strings.Contains(step, "CONSTANT ROW") {
					t.Errorf("%s\n%s", query, step)
				}
				return nil
			})
		})
		if err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
}

// TestForgetsRolledBackNames fails a commit after its names were stored, and
// stores another that uses them.
func TestForgetsRolledBackNames(t *testing.T) {
	t.Parallel()
	s := openInternal(t, filepath.Join(t.TempDir(), "ledger.db"), utc(t))
	full, more, fine := bigCommit(t, 0, 1), bigCommit(t, 1, 3), bigCommit(t, 1, 3)
	full.Entries[0].Energy = math.MaxInt64 - 10
	more.Entries = append(full.Entries[:1:1], more.Entries...) // the sum of the hour overflows
	if err := s.Commit(t.Context(), full); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context(), more); !errors.Is(err, unit.ErrOverflow) {
		t.Fatalf("commit: %v, want an overflow", err)
	}
	if err := s.Commit(t.Context(), fine); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestFilterSeesNewNames asks for an account that joined a page of names which
// was read before.
func TestFilterSeesNewNames(t *testing.T) {
	t.Parallel()
	s := openInternal(t, filepath.Join(t.TempDir(), "ledger.db"), utc(t))
	for slot := range 3 {
		c := bigCommit(t, slot, 1)
		if err := s.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		group := c.Entries[0].Account.Labels.Get("group")
		q := ledger.Query{Span: c.Slot, Step: account.StepDay, Where: account.Filter{{Label: "group", Values: []string{group}}}}
		rows := 0
		for row, err := range s.Rows(t.Context(), q) {
			if err != nil || row.Account != c.Entries[0].Account {
				t.Errorf("slot %d: %v, %v", slot, row, err)
			}
			rows++
		}
		if rows != 1 {
			t.Errorf("slot %d: %d rows, want 1", slot, rows)
		}
	}
}

// TestCheck changes a sound ledger in ways that leave every checksum right.
func TestCheck(t *testing.T) {
	t.Parallel()
	for what, change := range map[string]func(tx *transaction) error{
		"not the sum of its entries": func(tx *transaction) error {
			r := revision{from: bigCommit(t, 1, 0).Slot.From.UnixMicro()}
			if err := each(tx, newestRevision(), []any{r.from}, r.scan); err != nil {
				return err
			}
			r.total[0]++
			return tx.exec("UPDATE revisions SET energy_uwh = ?, crc = ? WHERE from_us = ?", r.total[0], rowChecksum(r.values()...), r.from)
		},
		"not those of the entries": func(tx *transaction) error {
			return tx.changeChunk(account.StepDay, bigCommit(t, 0, 0).Slot.From.UnixMicro(), 1, func(c *chunk) error {
				return c.add(0, 1, account.Quantities{Energy: 1})
			})
		},
		"chunks of sums": func(tx *transaction) error {
			var c chunk
			if err := c.add(0, 1, account.Quantities{Energy: 1}); err != nil {
				return err
			}
			return tx.exec(upsertChunk, "1h", 0, 0, tx.writer.encoder.chunk(sumsPlace(account.StepHour, 0, 0), &c))
		},
		"revisions are not 1 to": func(tx *transaction) error {
			r := revision{from: bigCommit(t, 1, 0).Slot.From.UnixMicro(), number: 3}
			return tx.insert("revisions", revisionColumns(), r.values()...)
		},
		"refer to nothing": func(tx *transaction) error {
			return tx.exec("INSERT INTO facts (from_us, revision, batch) VALUES (5, 1, x'00')")
		},
		"no accounts with id": func(tx *transaction) error { return tx.exec("DELETE FROM accounts WHERE id = 199") },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := openInternal(t, filepath.Join(t.TempDir(), "ledger.db"), utc(t))
			for slot := range 2 {
				if err := s.Commit(t.Context(), bigCommit(t, slot, 100)); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := s.writer.conn.ExecContext(t.Context(), "PRAGMA foreign_keys = 0"); err != nil {
				t.Fatal(err)
			}
			if err := s.write(t.Context(), "tamper", change); err != nil {
				t.Fatal(err)
			}
			s.accounts.pages = map[int64][]account.Account{}
			if err := s.Check(t.Context()); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), what) {
				t.Errorf("check: %v, want %q", err, what)
			}
		})
	}
}
