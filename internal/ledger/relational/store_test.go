package relational_test

import (
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/ledgertest"
	"github.com/dendro-carbon/dendro/internal/ledger/relational"
	"github.com/dendro-carbon/dendro/internal/ledger/sqlite"
	"github.com/dendro-carbon/dendro/unit"
)

// open returns a ledger in SQLite, the database that needs no server.
func open(t testing.TB, c account.Calendar) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "ledger.db"), Calendar: c})
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

// TestSmallMemory runs the conformance suite with interners that remember next
// to nothing: what they forget is read again.
func TestSmallMemory(t *testing.T) {
	t.Parallel()
	ledgertest.Run(t, ledgertest.Harness{Open: func(t *testing.T, c account.Calendar) ledger.Store {
		s := open(t, c)
		relational.Forget(s.Store, 1)
		return s
	}})
}

// TestBoundedMemory meets many more names than interners may remember.
func TestBoundedMemory(t *testing.T) {
	t.Parallel()
	s := open(t, utc(t))
	relational.Forget(s.Store, 4)
	for slot := range 10 {
		if err := s.Commit(t.Context(), ledgertest.BigCommit(t, slot, 200)); err != nil {
			t.Fatal(err)
		}
		if ids, _ := relational.Remembered(s.Store); ids > 4*64 {
			t.Errorf("%d ids are remembered, the limit is %d", ids, 4*64)
		}
	}
	rows := 0
	for _, err := range s.Rows(t.Context(), ledger.Query{Span: ledgertest.BigCommit(t, 0, 0).Slot, Step: account.StepMonth}) {
		if err != nil {
			t.Fatal(err)
		}
		rows++
	}
	if rows != 2000 {
		t.Errorf("%d rows, want 2000", rows)
	}
	if _, pages := relational.Remembered(s.Store); pages > 4 {
		t.Errorf("%d pages are remembered, the limit is 4", pages)
	}
}

// TestPlans holds that no question reads a whole table: the work is in
// proportion to the answer, not to the history.
func TestPlans(t *testing.T) {
	t.Parallel()
	s := open(t, utc(t))
	for _, query := range relational.Questions() {
		err := relational.DBOf(s.Store).Read(t.Context(), func(q relational.Querier) error {
			return q.Each("EXPLAIN QUERY PLAN "+query, make([]any, strings.Count(query, "?")), func(rows relational.Row) error {
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
	s := open(t, utc(t))
	full, more, fine := ledgertest.BigCommit(t, 0, 1), ledgertest.BigCommit(t, 1, 3), ledgertest.BigCommit(t, 1, 3)
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
	s := open(t, utc(t))
	for slot := range 3 {
		c := ledgertest.BigCommit(t, slot, 1)
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
	for what, tamper := range relational.Tampers(ledgertest.BigCommit(t, 0, 0).Slot, ledgertest.BigCommit(t, 1, 0).Slot) {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := open(t, utc(t))
			for slot := range 2 {
				if err := s.Commit(t.Context(), ledgertest.BigCommit(t, slot, 100)); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := tamper(t.Context(), s.Store); err != nil {
				t.Fatal(err)
			}
			if err := s.Check(t.Context()); !errors.Is(err, sqlite.ErrDamaged) || !strings.Contains(err.Error(), what) {
				t.Errorf("check: %v, want %q", err, what)
			}
		})
	}
}
