package ledgertest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

func testStatus(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	mustCommit(t, s, firstClose(t, 3), firstClose(t, 1), restate(t, 1, 2))
	status, err := s.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	accounts := map[account.Account]bool{}
	for _, e := range Collect(t, s.Entries(t.Context(), spanOf(0, 9), nil)) {
		accounts[e.Account] = true
	}
	equal(t, "status", status, ledger.Status{
		First: slotAt(1), Last: slotAt(3), Slots: 2, Accounts: int64(len(accounts)), Restatements: 1,
		LastKnownAt: restate(t, 1, 2).KnownAt,
	})
	late := intensity(0, account.IntensityActual, 1, known(5000))
	if _, err := s.PutIntensities(t.Context(), []account.Intensity{late}); err != nil {
		t.Fatal(err)
	}
	if status, err = s.Status(t.Context()); err != nil || !status.LastKnownAt.Equal(known(5000)) {
		t.Errorf("last known at %v, %v; want that of the intensity", status.LastKnownAt, err)
	}
	if got := s.Calendar().Grid().Step(); got != account.DefaultStep {
		t.Errorf("calendar of %v", got)
	}
}

// testConcurrent commits each slot from two goroutines while others read: one of
// two different commits wins, and sums never disagree with entries.
func testConcurrent(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	const slots = 12
	var commits [slots][2]ledger.Commit
	for n := range slots {
		commits[n] = [2]ledger.Commit{firstClose(t, n), firstClose(t, n)}
		commits[n][1].Note = "the other"
	}
	var wg sync.WaitGroup
	errs := make([][2]error, slots)
	for writer := range 2 {
		wg.Go(func() {
			for n := range slots {
				errs[n][writer] = s.Commit(t.Context(), commits[n][writer])
			}
		})
	}
	for range 2 {
		wg.Go(func() {
			for range 10 {
				readAll(t, s, spanOf(0, slots-1))
			}
		})
	}
	wg.Wait()
	for n, pair := range errs {
		if (pair[0] == nil) == (pair[1] == nil) {
			t.Errorf("slot %d: %v and %v, want one to win", n, pair[0], pair[1])
		}
		if err := errors.Join(pair[0], pair[1]); err != nil && !errors.Is(err, ledger.ErrConflict) {
			t.Errorf("slot %d: %v", n, err)
		}
	}
	checkSums(t, s, spanOf(0, slots-1))
}

func readAll(t *testing.T, s ledger.Store, span account.Span) {
	for _, err := range s.Entries(t.Context(), span, nil) {
		if err != nil {
			t.Error(err)
		}
	}
	for _, err := range s.Rows(t.Context(), ledger.Query{Span: span, Step: account.StepHour}) {
		if err != nil {
			t.Error(err)
		}
	}
}

func testCancelled(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	mustCommit(t, s, firstClose(t, 0))
	before := stateOf(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, err := range callAll(t, ctx, s) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want the context's error", name, err)
		}
	}
	equal(t, "state", stateOf(t, s), before)
}

func testClosed(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	mustCommit(t, s, firstClose(t, 0))
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
	}
	for name, err := range callAll(t, t.Context(), s) {
		if !errors.Is(err, ledger.ErrClosed) {
			t.Errorf("%s: %v, want ErrClosed", name, err)
		}
	}
}

// callAll calls every method that can fail.
func callAll(t *testing.T, ctx context.Context, s ledger.Store) map[string]error {
	t.Helper()
	span, errs := spanOf(0, 1), map[string]error{}
	errs["Commit"] = s.Commit(ctx, firstClose(t, 1))
	_, errs["PutIntensities"] = s.PutIntensities(ctx, []account.Intensity{intensity(0, 0, 1, known(0))})
	_, errs["PutHoldings"] = s.PutHoldings(ctx, []account.Holding{holding(t, "ws", 0, 1, known(0))})
	_, errs["PutMethod"] = s.PutMethod(ctx, ledger.MethodRecord{KnownAt: known(0), Method: method()})
	_, errs["Status"] = s.Status(ctx)
	errs["Pin"] = s.Pin(ctx, ledger.Pin{Name: "a", Span: span, Since: known(0)})
	_, errs["Pins"] = s.Pins(ctx)
	_, errs["DropFacts"] = s.DropFacts(ctx, known(0), 1)
	_, errs["Claim"] = s.Claim(ctx, "work", time.Minute)
	errs["Release"] = s.Release(ctx, "work")
	_, errs["Leases"] = s.Leases(ctx)
	errs["Slots"] = failure(t, s.Slots(ctx, span))
	errs["Facts"] = failure(t, s.Facts(ctx, span, time.Time{}))
	errs["Entries"] = failure(t, s.Entries(ctx, span, nil))
	errs["Rows"] = failure(t, s.Rows(ctx, ledger.Query{Span: span, Step: account.StepHour}))
	errs["Restatements"] = failure(t, s.Restatements(ctx, time.Time{}, time.Time{}))
	errs["Intensities"] = failure(t, s.Intensities(ctx, span, time.Time{}))
	errs["Holdings"] = failure(t, s.Holdings(ctx, span, time.Time{}))
	errs["Methods"] = failure(t, s.Methods(ctx))
	return errs
}

func testReopen(t *testing.T, h Harness) {
	if h.Reopen == nil {
		t.Skip("this store keeps nothing over a restart, and says so")
	}
	s := h.Open(t, calendar(t))
	mustCommit(t, s, firstClose(t, 0), firstClose(t, 1), restate(t, 1, 2))
	if _, err := s.PutIntensities(t.Context(), []account.Intensity{intensity(0, account.IntensityActual, 9, known(3))}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PutHoldings(t.Context(), []account.Holding{holding(t, "ws", 0, -1, known(3))}); err != nil {
		t.Fatal(err)
	}
	before := stateOf(t, s)
	s = h.Reopen(t, s)
	equal(t, "state", stateOf(t, s), before)
	mustCommit(t, s, restate(t, 1, 2), restate(t, 1, 3), firstClose(t, 2)) // replay, then go on
	checkSums(t, s, spanOf(0, 2))
}
