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
	pins         []ledger.Pin // by name
	texts        texts
	last         time.Time

	// The newest revision of each thing, by what identifies it.
	newestIntensity map[intensityKey]account.Intensity
	newest          map[string]account.Holding
}

var _ ledger.Store = (*Store)(nil)

// slot is one closed slot in its newest revision, and the facts of all. It never
// changes: a new revision is another slot.
type slot struct {
	state   ledger.SlotState
	reason  ledger.Reason
	note    string
	batches []packedBatch
	entries []byte
}

// packedBatch is facts that became known together.
type packedBatch struct {
	knownAt time.Time
	facts   []byte
}

// New returns an empty store.
func New(c account.Calendar) *Store {
	s := &Store{
		calendar:        c,
		slots:           map[int64]*slot{},
		sums:            map[account.Step]*sums{},
		newest:          map[string]account.Holding{},
		newestIntensity: map[intensityKey]account.Intensity{},
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

// staged is a commit that breaks no rule, and what it changes in sums.
type staged struct {
	*ledger.Commit
	old     *slot
	state   ledger.SlotState
	changes []change
}

// Commit implements [ledger.Writer].
func (s *Store) Commit(ctx context.Context, commits ...ledger.Commit) error {
	if err := ledger.ValidCommits(commits, s.calendar); err != nil {
		return err
	}
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	var all []staged
	for i := range commits {
		one := staged{Commit: &commits[i], old: s.slots[commits[i].Slot.From.UnixMicro()]}
		done, err := s.check(one.old, one.Commit)
		if err == nil && !done {
			one.state, err = nextState(one.old, one.Commit)
		}
		if err == nil && !done {
			one.changes, err = s.changes(one.old, one.Entries)
			all = append(all, one)
		}
		if err != nil {
			return err
		}
	}
	if err := s.addUp(all); err != nil {
		return err
	}
	for _, one := range all {
		s.install(one)
	}
	s.texts.accounts.arrange()
	return nil
}

// check applies the rules of revisions. It reports whether the commit is already
// done.
func (s *Store) check(old *slot, c *ledger.Commit) (done bool, err error) {
	revision, knownAt := 0, time.Time{}
	if old != nil {
		revision, knownAt = old.state.Revision, old.state.KnownAt
	}
	switch {
	case c.Revision == revision && s.says(old, c):
		return true, nil
	case c.Revision != revision+1:
		return false, fmt.Errorf("%w: slot %v is at revision %d, not %d", ledger.ErrConflict, c.Slot, revision, c.Revision-1)
	case !account.Instant(c.KnownAt).After(knownAt):
		return false, fmt.Errorf("%w: slot %v: revision %d was known at %v, not before %v",
			ledger.ErrInvalid, c.Slot, revision, knownAt, c.KnownAt)
	}
	return false, nil
}

// says reports whether the newest revision of a slot says what a commit does.
func (s *Store) says(old *slot, c *ledger.Commit) bool {
	if !old.state.KnownAt.Equal(account.Instant(c.KnownAt)) || old.reason != c.Reason || old.note != c.Note || old.state.Mark != c.Mark {
		return false
	}
	l := s.texts.lists()
	var facts *account.Batch
	if n := len(old.batches); n > 0 && old.batches[n-1].knownAt.Equal(old.state.KnownAt) {
		if old.batches[n-1].facts == nil { // dropped ones are taken to have been the same
			return c.Facts != nil && slices.Equal(slices.Collect(l.entries(old.entries)), c.Entries)
		}
		facts = l.batch(old.batches[n-1], old.state.Slot)
	}
	if (facts == nil) != (c.Facts == nil) {
		return false
	}
	if facts != nil && account.Difference(facts, c.Facts) != nil {
		return false
	}
	return slices.Equal(slices.Collect(l.entries(old.entries)), c.Entries)
}

func nextState(old *slot, c *ledger.Commit) (ledger.SlotState, error) {
	total, err := ledger.Total(c.Entries)
	if err != nil {
		return ledger.SlotState{}, err
	}
	knownAt := account.Instant(c.KnownAt)
	state := ledger.SlotState{
		Slot: account.NewSpan(c.Slot.From, c.Slot.To), Revision: c.Revision,
		FirstKnownAt: knownAt, KnownAt: knownAt, Total: total, Mark: c.Mark,
	}
	if old != nil {
		state.FirstKnownAt, state.Forgotten = old.state.FirstKnownAt, old.state.Forgotten
	}
	return state, nil
}

// changes returns what replacing the entries of a slot changes in sums.
func (s *Store) changes(old *slot, now []account.Entry) ([]change, error) {
	var before []account.Entry
	if old != nil {
		l := s.texts.lists()
		before = slices.Collect(l.entries(old.entries))
	}
	list, err := ledger.Changes(before, now)
	if err != nil {
		return nil, err
	}
	changes := make([]change, len(list))
	for i := range list {
		id, known := s.texts.accounts.ids[list[i].Account]
		changes[i] = change{id, known, &list[i]}
	}
	return changes, nil
}

// addUp changes the sums, all or none of them.
func (s *Store) addUp(all []staged) error {
	for step, sums := range s.sums {
		if err := sums.fit(all, func(c *ledger.Commit) account.Span { return s.calendar.Period(step, c.Slot.From) }); err != nil {
			return err
		}
	}
	for _, one := range all {
		for i := range one.changes {
			if c := &one.changes[i]; !c.known {
				c.account = s.texts.accounts.id(c.Account)
			}
		}
		for step, sums := range s.sums {
			if err := sums.apply(s.calendar.Period(step, one.Slot.From), one.changes); err != nil {
				return err
			}
		}
	}
	return nil
}

// install publishes a revision whose sums are already changed.
func (s *Store) install(one staged) {
	c, old, key := one.Commit, one.old, one.Slot.From.UnixMicro()
	next := &slot{state: one.state, reason: c.Reason, note: c.Note, entries: packEntries(&s.texts, c.Entries)}
	if old != nil {
		next.batches = slices.Clone(old.batches)
	}
	if c.Facts != nil {
		next.batches = append(next.batches, packedBatch{next.state.KnownAt, packBatch(&s.texts, c.Facts)})
	}
	s.slots[key] = next
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
		Slots: int64(len(s.order)), Accounts: int64(len(s.texts.accounts.list)),
		Restatements: int64(len(s.restatements)), LastKnownAt: s.last,
	}
	if n := len(s.order); n > 0 {
		status.First, status.Last = s.slots[s.order[0]].state.Slot, s.slots[s.order[n-1]].state.Slot
	}
	return status, nil
}
