package ledgertest

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/unit"
)

func testEmpty(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	got := stateOf(t, s)
	if len(got.Slots)+len(got.Facts)+len(got.Entries)+len(got.Restatements)+len(got.Intensities)+len(got.Holdings) != 0 {
		t.Errorf("an empty store shows %+v", got)
	}
	equal(t, "status", got.Status, ledger.Status{})
	if n := len(Collect(t, s.Methods(t.Context()))); n != 0 {
		t.Errorf("%d methods", n)
	}
}

func testCommitAndRead(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	first, second := firstClose(t, 0), firstClose(t, 1)
	mustCommit(t, s, first, second)

	equal(t, "facts", Collect(t, s.Facts(t.Context(), spanOf(0, 1), time.Time{})), []*account.Batch{first.Facts, second.Facts})
	var want []ledger.SlotEntry
	for _, c := range []ledger.Commit{first, second} {
		for _, e := range c.Entries {
			want = append(want, ledger.SlotEntry{Slot: c.Slot, Entry: e})
		}
	}
	equal(t, "entries", Collect(t, s.Entries(t.Context(), spanOf(0, 1), nil)), want)

	total, err := ledger.Total(first.Entries)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "slots", Collect(t, s.Slots(t.Context(), slotAt(0))), []ledger.SlotState{
		{Slot: first.Slot, Revision: 1, FirstKnownAt: first.KnownAt, KnownAt: first.KnownAt, Total: total},
	})
	// A span that only touches a slot's end does not overlap it.
	if n := len(Collect(t, s.Slots(t.Context(), account.Span{From: slotAt(1).To, To: slotAt(9).To}))); n != 0 {
		t.Errorf("%d slots after the last", n)
	}
	// One that begins inside a slot does.
	inside := account.Span{From: slotAt(1).From.Add(time.Minute), To: slotAt(1).From.Add(2 * time.Minute)}
	if n := len(Collect(t, s.Slots(t.Context(), inside))); n != 1 {
		t.Errorf("%d slots around a minute, want 1", n)
	}
}

func testIdempotent(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	mustCommit(t, s, firstClose(t, 0), restate(t, 0, 2))
	before := stateOf(t, s)
	mustCommit(t, s, restate(t, 0, 2))
	equal(t, "state after a replay", stateOf(t, s), before)
}

func testConflict(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	mustCommit(t, s, firstClose(t, 0))
	before := stateOf(t, s)

	other := firstClose(t, 0)
	other.Entries = other.Entries[1:]
	otherFacts := firstClose(t, 0)
	otherFacts.Facts.Facts[0].Busy++
	for name, c := range map[string]ledger.Commit{
		"another first close":      other,
		"first close, other facts": otherFacts,
		"revision left out":        restate(t, 0, 3),
		"restating what is open":   restate(t, 1, 2),
	} {
		if err := s.Commit(t.Context(), c); !errors.Is(err, ledger.ErrConflict) {
			t.Errorf("%s: %v, want a conflict", name, err)
		}
	}
	mustCommit(t, s, restate(t, 0, 2))
	if err := s.Commit(t.Context(), firstClose(t, 0)); !errors.Is(err, ledger.ErrConflict) {
		t.Errorf("replay of an old revision: %v, want a conflict", err)
	}
	again := h.Open(t, calendar(t))
	mustCommit(t, again, firstClose(t, 0))
	equal(t, "state after conflicts", before, stateOf(t, again))
}

func testInvalidCommit(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	mustCommit(t, s, firstClose(t, 5))
	for name, change := range map[string]func(*ledger.Commit){
		"not a slot":              func(c *ledger.Commit) { c.Slot.To = c.Slot.To.Add(time.Minute) },
		"revision 0":              func(c *ledger.Commit) { c.Revision = 0 },
		"no time":                 func(c *ledger.Commit) { c.KnownAt = time.Time{} },
		"reason for a close":      func(c *ledger.Commit) { c.Reason = ledger.ReasonLate },
		"facts of another slot":   func(c *ledger.Commit) { c.Facts.Slot = slotAt(1) },
		"facts of another time":   func(c *ledger.Commit) { c.Facts.KnownAt = known(9) },
		"fact outside the slot":   func(c *ledger.Commit) { c.Facts.Facts[0].To *= 2 },
		"unsorted entries":        func(c *ledger.Commit) { slices.Reverse(c.Entries) },
		"an entry twice":          func(c *ledger.Commit) { c.Entries = append(c.Entries, c.Entries[len(c.Entries)-1]) },
		"restating with no cause": func(c *ledger.Commit) { *c = restate(t, 5, 2); c.Reason = "" },
		"known before the last":   func(c *ledger.Commit) { *c = restate(t, 5, 2); c.KnownAt = known(5); c.Facts.KnownAt = known(5) },
	} {
		c := firstClose(t, 0)
		change(&c)
		if err := s.Commit(t.Context(), c); !errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
	if n := len(Collect(t, s.Slots(t.Context(), spanOf(0, 9)))); n != 1 {
		t.Errorf("%d slots after refusals, want 1", n)
	}
}

// testAllOrNothing makes a sum overflow: the slot itself fits, the hour does not.
func testAllOrNothing(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	mustCommit(t, s, firstClose(t, 0))
	before := stateOf(t, s)
	c := firstClose(t, 1)
	c.Entries[len(c.Entries)-1].Energy = unit.Energy(math.MaxInt64) - 1
	if err := s.Commit(t.Context(), c); !errors.Is(err, unit.ErrOverflow) {
		t.Errorf("commit: %v, want an overflow", err)
	}
	equal(t, "state after a failed commit", stateOf(t, s), before)
	mustCommit(t, s, firstClose(t, 1))
}

func testOwnership(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	c := firstClose(t, 0)
	mustCommit(t, s, c)
	c.Facts.Facts[0].Busy = 1
	c.Facts.Subjects[0].Host = "changed"
	c.Entries[0].Energy = 1
	for b, err := range s.Facts(t.Context(), slotAt(0), time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		b.Facts[0].Idle, b.Subjects[1].Host = 2, "changed" // the caller's to change
	}
	fresh := firstClose(t, 0)
	equal(t, "facts", Collect(t, s.Facts(t.Context(), slotAt(0), time.Time{})), []*account.Batch{fresh.Facts})
	if got := Collect(t, s.Entries(t.Context(), slotAt(0), nil)); got[0].Energy != fresh.Entries[0].Energy {
		t.Errorf("the caller's change reached the store: %v", got[0])
	}
}

func testRestatement(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	c1, c2, c3 := firstClose(t, 0), restate(t, 0, 2), restate(t, 0, 3)
	c3.Facts, c3.Reason, c3.Note = nil, ledger.ReasonMethod, "" // same facts, other figures
	mustCommit(t, s, c1, firstClose(t, 1), c2, c3)

	totals := make([]account.Quantities, 3)
	for i, c := range []ledger.Commit{c1, c2, c3} {
		var err error
		if totals[i], err = ledger.Total(c.Entries); err != nil {
			t.Fatal(err)
		}
	}
	want := []ledger.Restatement{
		{Slot: c1.Slot, Revision: 2, KnownAt: c2.KnownAt, Reason: ledger.ReasonLate, Note: c2.Note, Before: totals[0], After: totals[1]},
		{Slot: c1.Slot, Revision: 3, KnownAt: c3.KnownAt, Reason: ledger.ReasonMethod, Before: totals[1], After: totals[2]},
	}
	equal(t, "restatements", Collect(t, s.Restatements(t.Context(), time.Time{}, time.Time{})), want)
	equal(t, "after the first", Collect(t, s.Restatements(t.Context(), c2.KnownAt, time.Time{})), want[1:])
	equal(t, "until the first", Collect(t, s.Restatements(t.Context(), time.Time{}, c2.KnownAt)), want[:1])

	equal(t, "slot", Collect(t, s.Slots(t.Context(), slotAt(0))), []ledger.SlotState{
		{Slot: c1.Slot, Revision: 3, FirstKnownAt: c1.KnownAt, KnownAt: c3.KnownAt, Total: totals[2]},
	})
	var got []account.Entry
	for _, e := range Collect(t, s.Entries(t.Context(), slotAt(0), nil)) {
		got = append(got, e.Entry)
	}
	equal(t, "entries", got, c3.Entries)
}

func testCommitOrder(t *testing.T, h Harness) {
	forwards, backwards := h.Open(t, calendar(t)), h.Open(t, calendar(t))
	var commits []ledger.Commit
	for n := range 6 {
		commits = append(commits, firstClose(t, n))
	}
	mustCommit(t, forwards, commits...)
	mustCommit(t, forwards, restate(t, 2, 2), restate(t, 4, 2))
	slices.Reverse(commits)
	mustCommit(t, backwards, commits...)
	mustCommit(t, backwards, restate(t, 4, 2), restate(t, 2, 2))
	equal(t, "state", stateOf(t, backwards), stateOf(t, forwards))
}
