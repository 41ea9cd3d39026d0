package ledgertest

import (
	"errors"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// A mark is part of its commit: it comes with the newest revision, goes when that has
// none, and another one is another commit.
func testMarks(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	first := firstClose(t, 0)
	first.Mark = account.Mark{File: 2, Seq: 41}
	without := firstClose(t, 1)
	mustCommit(t, s, first, without, first)
	marks := func() (got []account.Mark) {
		for _, state := range Collect(t, s.Slots(t.Context(), spanOf(0, 1))) {
			got = append(got, state.Mark)
		}
		return got
	}
	equal(t, "marks", marks(), []account.Mark{{File: 2, Seq: 41}, {}})
	other := first
	other.Mark.Seq++
	if err := s.Commit(t.Context(), other); !errors.Is(err, ledger.ErrConflict) {
		t.Errorf("the same revision with another mark: %v", err)
	}
	second := ledger.Commit{
		Slot: first.Slot, Revision: 2, KnownAt: first.KnownAt.Add(time.Hour), Reason: ledger.ReasonLate,
		Mark: account.Mark{File: 3}, Entries: first.Entries,
	}
	mustCommit(t, s, second)
	equal(t, "marks after a restatement", marks(), []account.Mark{{File: 3}, {}})
}
