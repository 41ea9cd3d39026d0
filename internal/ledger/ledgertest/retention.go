package ledgertest

import (
	"errors"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// testRetention drops facts and holds that nothing else changes, and that what
// would need them says so.
func testRetention(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	mustCommit(t, s, firstClose(t, 0), firstClose(t, 1), restate(t, 1, 2), firstClose(t, 2), firstClose(t, 3))
	before := stateOf(t, s)
	drop(t, s, slotAt(3).From.Add(-time.Microsecond), 1, 1) // the limit
	drop(t, s, slotAt(3).From.Add(-time.Microsecond), 9, 1) // slot 2 ends later
	drop(t, s, slotAt(3).From.Add(-time.Microsecond), 9, 0)
	if h.Reopen != nil {
		s = h.Reopen(t, s)
	}
	for n, want := range []bool{true, true, false, false} {
		if got := Collect(t, s.Slots(t.Context(), slotAt(n))); got[0].Forgotten != want {
			t.Errorf("slot %d is forgotten: %v, want %v", n, got[0].Forgotten, want)
		}
		err := failure(t, s.Facts(t.Context(), slotAt(n), time.Time{}))
		if errors.Is(err, ledger.ErrForgotten) != want {
			t.Errorf("facts of slot %d: %v", n, err)
		}
		_, err = ledger.Explain(t.Context(), s, slotAt(n), nil, time.Time{})
		if errors.Is(err, ledger.ErrForgotten) && !want {
			t.Errorf("explain slot %d: %v", n, err)
		}
	}
	if got := Collect(t, s.Facts(t.Context(), spanOf(0, 3), known(-1))); got != nil {
		t.Errorf("facts as known before there were any: %d", len(got))
	}
	yielded := 0
	for b, err := range s.Facts(t.Context(), account.NewSpan(start().Add(-time.Hour), slotAt(9).To), time.Time{}) {
		if yielded++; b != nil || !errors.Is(err, ledger.ErrForgotten) {
			t.Errorf("facts that begin with a forgotten slot: %v, %v", b, err)
		}
	}
	if yielded != 1 {
		t.Errorf("%d pairs", yielded)
	}
	after := withoutFacts(t, s)
	before.Facts = nil
	for i := range after.Slots {
		after.Slots[i].Forgotten = false
	}
	equal(t, "what is not facts", after, before)
	// The slot goes on: replays are known, a restatement brings new facts.
	mustCommit(t, s, firstClose(t, 0), restate(t, 1, 2), restate(t, 1, 3))
	checkSums(t, s, spanOf(0, 3))
	_, err := ledger.FoldDerived(t.Context(), s, ledger.Derivation{Span: spanOf(0, 3), Method: method(), At: known(5000)})
	if !errors.Is(err, ledger.ErrForgotten) {
		t.Errorf("derive from dropped facts: %v", err)
	}
}

func drop(t *testing.T, s ledger.Store, until time.Time, limit, want int) {
	t.Helper()
	if n, err := s.DropFacts(t.Context(), until, limit); err != nil || n != want {
		t.Errorf("dropped facts of %d slots, %v; want %d", n, err, want)
	}
}

// withoutFacts is stateOf for a store whose facts cannot all be read.
func withoutFacts(t *testing.T, s ledger.Store) state {
	t.Helper()
	return stateWith(t, s, func(account.Span) []*account.Batch { return nil })
}

func testPins(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	mustCommit(t, s, firstClose(t, 0), firstClose(t, 1), firstClose(t, 2), firstClose(t, 3))
	pin := ledger.Pin{Name: "sha256:b", Span: account.Span{From: slotAt(1).To.Add(-time.Second), To: slotAt(2).From.Add(time.Second)}, Since: known(9)}
	other := ledger.Pin{Name: "a", Span: slotAt(7), Since: known(10)}
	for range 2 {
		for _, p := range []ledger.Pin{pin, other} {
			if err := s.Pin(t.Context(), p); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, wrong := range []ledger.Pin{{}, {Name: "a", Span: slotAt(8), Since: known(9)}, {Name: "c", Span: slotAt(1)}} {
		if err := s.Pin(t.Context(), wrong); !errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("pin %v: %v, want ErrInvalid", wrong, err)
		}
	}
	if h.Reopen != nil {
		s = h.Reopen(t, s)
	}
	pins, err := s.Pins(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "pins", pins, []ledger.Pin{other, pin})
	drop(t, s, slotAt(9).To, 99, 2)
	for n, want := range []bool{true, false, false, true} {
		if got := Collect(t, s.Slots(t.Context(), slotAt(n))); got[0].Forgotten != want {
			t.Errorf("slot %d is forgotten: %v, want %v", n, got[0].Forgotten, want)
		}
	}
}
