package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/ledgertest"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/ledger/sqlite"
	"github.com/dendro-carbon/dendro/unit"
)

// killCommit is revision r of slot n: always the same, so that parent and
// children agree on it without talking.
func killCommit(n, revision int) (ledger.Commit, error) {
	r := rand.New(rand.NewPCG(uint64(n), uint64(revision)))
	slot := nth(newYear(), n)
	b := &account.Batch{
		Slot: slot, KnownAt: slot.To.AddDate(0, revision, 0), Origins: []account.Origin{{Source: "child"}},
	}
	var entries []account.Entry
	for i := range 100 {
		labels, err := account.LabelsOf("group", fmt.Sprintf("g%03d", i+n/4)) // new ones appear all the time
		if err != nil {
			return ledger.Commit{}, err
		}
		b.Subjects = append(b.Subjects, account.Subject{Host: fmt.Sprintf("h%03d", i+n/4), Labels: labels})
		b.Facts = append(b.Facts, account.Fact{
			Subject: i, To: slot.Length(), Busy: unit.Duration(r.Int64N(1e9)), Observed: slot.Length(), Expected: slot.Length(),
		})
		entries = append(entries, account.Entry{
			Account: account.Account{Labels: labels}, Basis: account.Basis{Policy: "usage"},
			Quantities: account.Quantities{Energy: unit.Energy(r.Int64N(1e9)), Expected: slot.Length()},
		})
	}
	b.Sort()
	slices.SortFunc(entries, account.Entry.Compare)
	c := ledger.Commit{Slot: slot, Revision: revision, KnownAt: b.KnownAt, Facts: b, Entries: entries}
	if revision > 1 {
		c.Reason = ledger.ReasonLate
	}
	return c, nil
}

// killRevisions is how many revisions slot n gets.
func killRevisions(n int) int { return 1 + n%3 }

// commitUntilKilled goes on where the ledger ends, as the server does after a
// restart, and says what is durable.
func commitUntilKilled(s *sqlite.Store, seed uint64) error {
	ctx := context.Background()
	status, err := s.Status(ctx)
	if err != nil {
		return err
	}
	first := int(status.Slots)
	if first > 0 {
		first-- // its later revisions may be missing
	}
	for n := first; ; n++ {
		for revision := 1; revision <= killRevisions(n); revision++ {
			c, err := killCommit(n, revision)
			if err != nil {
				return err
			}
			err = s.Commit(ctx, c)
			if n == first && errors.Is(err, ledger.ErrConflict) {
				continue // that revision was stored before
			}
			if err != nil {
				return err
			}
			fmt.Println("stored", n, revision)
		}
	}
}

// TestKill kills a writer again and again, at any instant: while it creates the
// file, builds sums of another zone, commits, or puts the journal into the file.
// What the child said is stored is stored; all else is whole or absent.
func TestKill(t *testing.T) {
	t.Parallel()
	kills := 200
	if testing.Short() {
		kills = 20
	}
	const ledgers = 4 // creation is killed too
	for i := range ledgers {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			killOne(t, uint64(i), kills/ledgers)
		})
	}
}

func killOne(t *testing.T, seed uint64, kills int) {
	r := rand.New(rand.NewPCG(seed, 5))
	path := filepath.Join(t.TempDir(), "data", "ledger.db")
	zones := []string{"Europe/London", "Asia/Kolkata"}
	stored := 0 // revisions that a child called durable
	for kill := range kills {
		c := start(t, task{Do: "commit", Path: path, Zone: zones[r.IntN(2)], Seed: seed})
		delay := time.Duration(r.Int64N(int64(60 * time.Millisecond)))
		if r.IntN(4) > 0 {
			c.say() // it is open
		}
		if kill == 0 {
			delay = time.Hour // the first lives until it has stored something, however slow the machine
		}
		timer := time.AfterFunc(delay, func() { _ = c.Process.Kill() })
		for c.lines.Scan() {
			var n, revision int
			if _, err := fmt.Sscanf(c.lines.Text(), "stored %d %d", &n, &revision); err == nil {
				stored = max(stored, revisionsBefore(n)+revision)
				if kill == 0 && stored > 2 {
					_ = c.Process.Kill()
				}
			} else if c.lines.Text() != "open" {
				t.Error(c.lines.Text())
			}
		}
		timer.Stop()
		c.kill()
		if t.Failed() {
			return
		}
	}
	verifyKilled(t, path, stored)
}

// revisionsBefore counts the revisions of the slots before n.
func revisionsBefore(n int) int {
	total := 0
	for i := range n {
		total += killRevisions(i)
	}
	return total
}

func verifyKilled(t *testing.T, path string, atLeast int) {
	t.Helper()
	s := open(t, path, benchCalendar(t))
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	// The same commits, up to where the ledger is, in memory.
	want := memory.New(s.Calendar())
	count := 0
	for state, err := range s.Slots(t.Context(), account.NewSpan(newYear(), newYear().AddDate(1, 0, 0))) {
		if err != nil {
			t.Fatal(err)
		}
		n := int(state.Slot.From.Sub(newYear()) / account.DefaultStep)
		for revision := 1; revision <= state.Revision; revision++ {
			commitAll(t, want, must(killCommit(n, revision))(t))
			count++
		}
	}
	if count < atLeast {
		t.Errorf("%d revisions, and %d were stored durably", count, atLeast)
	}
	if count == 0 {
		t.Error("no child lived long enough to store anything")
	}
	t.Logf("%d revisions after the kills", count)
	all := account.NewSpan(newYear(), newYear().AddDate(1, 0, 0))
	for _, step := range append(account.RollupSteps(), account.StepSlot) {
		q := ledger.Query{Span: all, Step: step}
		if !slices.Equal(ledgertest.Collect(t, s.Rows(t.Context(), q)), ledgertest.Collect(t, want.Rows(t.Context(), q))) {
			t.Errorf("rows by %s differ from those of the same commits in memory", step)
		}
	}
	if got, want := must(s.Status(t.Context()))(t), must(want.Status(t.Context()))(t); got != want {
		t.Errorf("status %+v, want %+v", got, want)
	}
}
