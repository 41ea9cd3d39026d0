// Package memory is a ledger store in memory: for tests, for the demo, and as
// the plainest reading of the port's contract. What it holds is gone when the
// process ends.
package memory

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// Store is a [ledger.Store] in memory. Make one with [New].
type Store struct {
	calendar account.Calendar

	mu           sync.RWMutex
	closed       bool
	slots        map[int64]*slot
	order        []int64 // starts of slots, ascending
	sums         map[account.Step]*sums
	restatements []ledger.Restatement
	intensities  []account.Intensity // canonical order
	holdings     []account.Holding   // canonical order
	methods      []method
	accounts     map[account.Account]struct{}
	last         time.Time

	// The newest revision of each thing, by what identifies it.
	newestIntensity map[intensityKey]account.Intensity
	newest          map[string]account.Holding
}

var _ ledger.Store = (*Store)(nil)

// slot is one closed slot in all its revisions.
type slot struct {
	state   ledger.SlotState
	digest  string
	batches []*account.Batch
	entries []account.Entry
}

// New returns an empty store.
func New(c account.Calendar) *Store {
	s := &Store{
		calendar:        c,
		slots:           map[int64]*slot{},
		sums:            map[account.Step]*sums{},
		newest:          map[string]account.Holding{},
		newestIntensity: map[intensityKey]account.Intensity{},
		accounts:        map[account.Account]struct{}{},
	}
	for _, step := range account.RollupSteps() {
		s.sums[step] = newSums()
	}
	return s
}

// Calendar implements [ledger.Store].
func (s *Store) Calendar() account.Calendar { return s.calendar }

// Close implements [ledger.Store].
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

// lock takes the lock for writing, unless the store is closed or ctx is done.
func (s *Store) lock(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return ledger.ErrClosed
	}
	return nil
}

func (s *Store) rlock(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.RLock()
	if s.closed {
		s.mu.RUnlock()
		return ledger.ErrClosed
	}
	return nil
}

// Commit implements [ledger.Writer].
func (s *Store) Commit(ctx context.Context, c ledger.Commit) error {
	if err := c.Validate(s.calendar); err != nil {
		return err
	}
	digest, err := c.Digest()
	if err != nil {
		return err
	}
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	key := c.Slot.From.UnixMicro()
	old := s.slots[key]
	if done, err := check(old, &c, digest); done || err != nil {
		return err
	}
	next := &slot{digest: digest, entries: slices.Clone(c.Entries)}
	if next.state, err = nextState(old, &c); err != nil {
		return err
	}
	if old != nil {
		next.batches = slices.Clone(old.batches)
	}
	if c.Facts != nil {
		next.batches = append(next.batches, cloneBatch(c.Facts))
	}
	if err := s.addUp(old, next); err != nil {
		return err
	}
	s.install(key, old, next, &c)
	return nil
}

// check applies the rules of revisions. It reports whether the commit is already
// done.
func check(old *slot, c *ledger.Commit, digest string) (done bool, err error) {
	revision, knownAt := 0, time.Time{}
	if old != nil {
		revision, knownAt = old.state.Revision, old.state.KnownAt
	}
	switch {
	case c.Revision == revision && digest == old.digest:
		return true, nil
	case c.Revision != revision+1:
		return false, fmt.Errorf("%w: slot %v is at revision %d, not %d", ledger.ErrConflict, c.Slot, revision, c.Revision-1)
	case !account.Instant(c.KnownAt).After(knownAt):
		return false, fmt.Errorf("%w: slot %v: revision %d was known at %v, not before %v",
			ledger.ErrInvalid, c.Slot, revision, knownAt, c.KnownAt)
	}
	return false, nil
}

func nextState(old *slot, c *ledger.Commit) (ledger.SlotState, error) {
	total, err := ledger.Total(c.Entries)
	if err != nil {
		return ledger.SlotState{}, err
	}
	knownAt := account.Instant(c.KnownAt)
	state := ledger.SlotState{
		Slot: account.NewSpan(c.Slot.From, c.Slot.To), Revision: c.Revision,
		FirstKnownAt: knownAt, KnownAt: knownAt, Total: total,
	}
	if old != nil {
		state.FirstKnownAt = old.state.FirstKnownAt
	}
	return state, nil
}

// addUp changes the sums, all or none of them.
func (s *Store) addUp(old, next *slot) error {
	var before []account.Entry
	if old != nil {
		before = old.entries
	}
	changes, err := ledger.Changes(before, next.entries)
	if err != nil {
		return err
	}
	for _, try := range []bool{true, false} {
		for step, sums := range s.sums {
			if err := sums.apply(s.calendar.Period(step, next.state.Slot.From), changes, try); err != nil {
				return err
			}
		}
	}
	return nil
}

// install publishes a revision whose sums are already changed.
func (s *Store) install(key int64, old, next *slot, c *ledger.Commit) {
	s.slots[key] = next
	for i := range next.entries {
		s.accounts[next.entries[i].Account] = struct{}{}
	}
	s.noteTime(next.state.KnownAt)
	if old == nil {
		at, _ := slices.BinarySearch(s.order, key)
		s.order = slices.Insert(s.order, at, key)
		return
	}
	s.restatements = append(s.restatements, ledger.Restatement{
		Slot: next.state.Slot, Revision: c.Revision, KnownAt: next.state.KnownAt,
		Reason: c.Reason, Note: c.Note, Before: old.state.Total, After: next.state.Total,
	})
}

func (s *Store) noteTime(t time.Time) {
	if t.After(s.last) {
		s.last = t
	}
}

// Status implements [ledger.Store].
func (s *Store) Status(ctx context.Context) (ledger.Status, error) {
	if err := s.rlock(ctx); err != nil {
		return ledger.Status{}, err
	}
	defer s.mu.RUnlock()
	status := ledger.Status{
		Slots: int64(len(s.order)), Accounts: int64(len(s.accounts)),
		Restatements: int64(len(s.restatements)), LastKnownAt: s.last,
	}
	if n := len(s.order); n > 0 {
		status.First, status.Last = s.slots[s.order[0]].state.Slot, s.slots[s.order[n-1]].state.Slot
	}
	return status, nil
}

func cloneBatch(b *account.Batch) *account.Batch {
	return &account.Batch{
		Slot: account.NewSpan(b.Slot.From, b.Slot.To), KnownAt: account.Instant(b.KnownAt),
		Origins: slices.Clone(b.Origins), Subjects: slices.Clone(b.Subjects), Facts: slices.Clone(b.Facts),
	}
}
