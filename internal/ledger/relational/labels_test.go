package relational_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/ledgertest"
	"github.com/dendro-carbon/dendro/internal/ledger/relational"
	"github.com/dendro-carbon/dendro/internal/ledger/sqlite"
)

// TestFewAccountsRead holds that a question about few of many accounts, the first of
// a process, reads those alone; and all where the table that tells is not filled,
// with the same answer, which opening for writing mends.
func TestFewAccountsRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	writer, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Calendar: utc(t)})
	if err != nil {
		t.Fatal(err)
	}
	for slot := range 10 { // 32 chunks of accounts
		if err := writer.Commit(t.Context(), ledgertest.BigCommit(t, slot, 200)); err != nil {
			t.Fatal(err)
		}
	}
	where := account.Filter{{Label: "group", Values: []string{"group 000077 of slot 3", "group 000078 of slot 3", "nobody"}}}
	span := account.NewSpan(ledgertest.BigCommit(t, 0, 0).Slot.From, ledgertest.BigCommit(t, 9, 0).Slot.To)
	want := map[string]int{"entries": 2, "1h": 2, "slot": 2, "no such": 0, "missing": 2000}
	ask := func() (map[string]int, int) {
		t.Helper()
		s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		got := map[string]int{"entries": len(ledgertest.Collect(t, s.Entries(t.Context(), span, where)))}
		rows := func(step account.Step, where account.Filter) int {
			return len(ledgertest.Collect(t, s.Rows(t.Context(), ledger.Query{Span: span, Step: step, Where: where})))
		}
		got["1h"], got["slot"] = rows(account.StepHour, where), rows(account.StepSlot, where)
		got["no such"] = rows(account.StepDay, account.Filter{{Label: "group", Values: []string{"nobody"}}})
		_, pages := relational.Remembered(s.Store)
		got["missing"] = rows(account.StepDay, account.Filter{{Label: "user", Values: []string{"", "alice"}}})
		return got, pages
	}
	for _, c := range []struct {
		name       string
		change     string
		pages, few int
	}{{"filled", "", 1, 2}, {"not filled", "DELETE FROM account_labels", 32, 32}} {
		if c.change != "" {
			if err := relational.DBOf(writer.Store).Write(t.Context(), "tamper", func(tx relational.Tx) error { return tx.Exec(c.change) }); err != nil {
				t.Fatal(err)
			}
		}
		got, pages := ask()
		if diff := cmp.Diff(want, got); diff != "" || pages < c.pages || pages > c.few {
			t.Errorf("%s: %d chunks were read, want %d to %d; %s", c.name, pages, c.pages, c.few, diff)
		}
		if err := writer.Check(t.Context()); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Calendar: utc(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got, pages := ask(); !cmp.Equal(want, got) || pages > 2 {
		t.Errorf("filled again: %d chunks were read, %v", pages, got)
	}
	if err := again.Check(t.Context()); err != nil {
		t.Error(err)
	}
}
