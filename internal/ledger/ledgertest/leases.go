package ledgertest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

func claim(t *testing.T, s ledger.Store, work string, term time.Duration) ledger.Grant {
	t.Helper()
	g, err := s.Claim(t.Context(), work, term)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func testLeases(t *testing.T, h Harness) {
	a := h.Open(t, calendar(t))
	mustCommit(t, a, firstClose(t, 0))
	if g := claim(t, a, "close 1", time.Hour); !g.Held {
		t.Error("the only process was not granted what it claimed")
	}
	if err := a.Release(t.Context(), "never claimed"); err != nil {
		t.Error(err)
	}
	if h.Join == nil {
		if g := claim(t, a, "close 2", time.Hour); g != (ledger.Grant{Held: true}) {
			t.Errorf("a store of one writer grants %+v", g)
		}
		return
	}
	b := h.Join(t, a)
	want := ledger.Grant{LastKnownAt: known(0)}
	equal(t, "claim of what another has", claim(t, b, "close 1", time.Hour), want)
	want.Held = true
	equal(t, "claim of one's own", claim(t, a, "close 1", time.Hour), want)
	want.Fresh = true
	equal(t, "claim of something else", claim(t, b, "close 2", time.Millisecond), want)
	leases, err := a.Leases(t.Context())
	if err != nil || len(leases) < 1 || leases[0].Work != "close 1" || !leases[0].Own || leases[0].Holder == "" ||
		!leases[0].Until.After(leases[0].Since.Add(50*time.Minute)) {
		t.Errorf("leases %+v, %v", leases, err)
	}
	time.Sleep(5 * time.Millisecond)
	equal(t, "claim of what has ended", claim(t, a, "close 2", time.Hour), want)
	if err := a.Release(t.Context(), "close 1"); err != nil {
		t.Fatal(err)
	}
	equal(t, "claim of what was released", claim(t, b, "close 1", time.Hour), want)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	equal(t, "claim of what a process had that stopped", claim(t, b, "close 2", time.Hour), want)
}

// testLostTurn holds that who lost the turn cannot write.
func testLostTurn(t *testing.T, h Harness) {
	if h.Join == nil {
		t.Skip("this store has one writer, and says so")
	}
	a := h.Open(t, calendar(t))
	b := h.Join(t, a)
	claim(t, a, ledger.Turn, 10*time.Millisecond)
	mustCommit(t, a, firstClose(t, 0))
	time.Sleep(20 * time.Millisecond)
	claim(t, b, ledger.Turn, time.Hour)
	refused := map[string]error{"commit": a.Commit(t.Context(), firstClose(t, 1))}
	_, refused["intensities"] = a.PutIntensities(t.Context(), []account.Intensity{intensity(0, 0, 1, known(0))})
	_, refused["holdings"] = a.PutHoldings(t.Context(), []account.Holding{holding(t, "ws", 0, 1, known(0))})
	for what, err := range refused {
		if !errors.Is(err, ledger.ErrLease) {
			t.Errorf("%s after the turn was lost: %v, want ErrLease", what, err)
		}
	}
	mustCommit(t, b, firstClose(t, 1))
	if err := a.Release(t.Context(), ledger.Turn); err != nil { // not its own any more
		t.Fatal(err)
	}
	mustCommit(t, b, firstClose(t, 2))
	if err := b.Release(t.Context(), ledger.Turn); err != nil {
		t.Fatal(err)
	}
	if g := claim(t, a, ledger.Turn, time.Hour); !g.Held || !g.LastKnownAt.Equal(known(2)) {
		t.Errorf("claim %+v", g)
	}
	mustCommit(t, a, firstClose(t, 3))
}

// testSeveralProcesses commits slots from two stores at once, with the same new
// names in both.
func testSeveralProcesses(t *testing.T, h Harness) {
	if h.Join == nil {
		t.Skip("this store has one writer, and says so")
	}
	a := h.Open(t, calendar(t))
	stores := []ledger.Store{a, h.Join(t, a)}
	const slots = 12
	var wg sync.WaitGroup
	for i, s := range stores {
		wg.Go(func() {
			for n := range slots {
				c := firstClose(t, n)
				if i == 1 { // from the other end
					c = firstClose(t, slots-1-n)
				}
				if err := s.Commit(t.Context(), c); err != nil { // the second is a replay
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	want := h.Open(t, calendar(t))
	for n := range slots {
		mustCommit(t, want, firstClose(t, n))
	}
	for _, s := range stores {
		equal(t, "state", stateOf(t, s), stateOf(t, want))
	}
}
