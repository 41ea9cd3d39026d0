package ledgertest

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/unit"
)

// testSeveral holds that commits together leave what the same commits leave one by
// one: first closes, restatements, some of each, and some that are stored already.
func testSeveral(t *testing.T, h Harness) {
	single, several := h.Open(t, calendar(t)), h.Open(t, calendar(t))
	noFacts := restate(t, 3, 2)
	noFacts.Facts, noFacts.Reason = nil, ledger.ReasonMethod
	fewer := restate(t, 4, 2)
	fewer.Entries = fewer.Entries[2:]
	if err := several.Commit(t.Context()); err != nil {
		t.Errorf("no commits: %v", err)
	}
	for _, together := range [][]ledger.Commit{
		{firstClose(t, 0), firstClose(t, 1), firstClose(t, 2), firstClose(t, 3), firstClose(t, 4)},
		{restate(t, 1, 2), noFacts, fewer, firstClose(t, 5), firstClose(t, 60)},
		{restate(t, 1, 2), restate(t, 2, 2)},
	} {
		if err := several.Commit(t.Context(), together...); err != nil {
			t.Fatal(err)
		}
		mustCommit(t, single, together...)
		equal(t, "state", stateOf(t, several), stateOf(t, single))
		checkSums(t, several, spanOf(0, 61))
	}
}

// testSeveralOrNothing holds that one commit that is refused keeps back the others.
func testSeveralOrNothing(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	mustCommit(t, s, firstClose(t, 0))
	before := stateOf(t, s)
	invalid := firstClose(t, 2)
	invalid.Reason = ledger.ReasonLate
	early := restate(t, 0, 2)
	early.KnownAt, early.Facts = firstClose(t, 0).KnownAt, nil
	huge := [2]ledger.Commit{firstClose(t, 2), firstClose(t, 3)}
	for i := range huge { // each fits, and their hour does not
		huge[i].Entries = huge[i].Entries[:1]
		huge[i].Entries[0].Quantities = account.Quantities{Energy: unit.Energy(math.MaxInt64/2) + 1}
	}
	for name, c := range map[string]struct {
		commits []ledger.Commit
		want    error
	}{
		"a conflict":      {[]ledger.Commit{firstClose(t, 1), restate(t, 0, 3)}, ledger.ErrConflict},
		"not valid":       {[]ledger.Commit{firstClose(t, 1), invalid}, ledger.ErrInvalid},
		"known too early": {[]ledger.Commit{firstClose(t, 1), early}, ledger.ErrInvalid},
		"one slot twice":  {[]ledger.Commit{firstClose(t, 1), firstClose(t, 1)}, ledger.ErrInvalid},
		"an overflow":     {huge[:], unit.ErrOverflow},
	} {
		if err := s.Commit(t.Context(), c.commits...); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		equal(t, "state after "+name, stateOf(t, s), before)
	}
	mustCommit(t, s, firstClose(t, 1), restate(t, 0, 2))
	if n := len(Collect(t, s.Facts(t.Context(), spanOf(0, 9), time.Time{}))); n != 2 {
		t.Errorf("%d slots, want 2", n)
	}
}
