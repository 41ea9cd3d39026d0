package relational

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// Commit implements [ledger.Writer].
func (s *Store) Commit(ctx context.Context, commits ...ledger.Commit) error {
	if err := ledger.ValidCommits(commits, s.calendar); err != nil || len(commits) == 0 {
		return err
	}
	for i := range commits {
		c := &commits[i]
		if len(c.Entries) > maxRows || c.Facts != nil && max(len(c.Facts.Facts), len(c.Facts.Subjects), len(c.Facts.Origins)) > maxRows {
			return fmt.Errorf("%w: commit of slot %v: more than %d facts or entries", ledger.ErrInvalid, c.Slot, maxRows)
		}
	}
	doing := "commit of slot " + commits[0].Slot.String()
	if len(commits) > 1 {
		doing = fmt.Sprintf("commit of %d slots from %v", len(commits), commits[0].Slot)
	}
	return s.db.Write(ctx, doing, func(tx Tx) error {
		sums := newSumChanges(s.calendar)
		var latest time.Time
		for _, c := range commits {
			c.Slot, c.KnownAt = account.NewSpan(c.Slot.From, c.Slot.To), account.Instant(c.KnownAt)
			stored, err := s.commit(tx, &c, sums)
			if err != nil {
				return err
			}
			if stored && c.KnownAt.After(latest) {
				latest = c.KnownAt
			}
		}
		if latest.IsZero() { // all were there
			return nil
		}
		if err := s.changeSums(tx, sums); err != nil {
			return err
		}
		return noteTime(tx, latest)
	})
}

// commit stores all of a commit but what it changes in sums, which is noted. It
// reports false for one that is stored already.
func (s *Store) commit(tx Tx, c *ledger.Commit, sums *sumChanges) (stored bool, err error) {
	total, err := ledger.Total(c.Entries)
	if err != nil {
		return false, err
	}
	old, err := revisionOf(tx, c.Slot)
	if err != nil {
		return false, err
	}
	if done, err := s.check(tx, old, c); done || err != nil {
		return false, err
	}
	if err := storeRevision(tx, c, total); err != nil {
		return false, err
	}
	if err := s.storeFacts(tx, c); err != nil {
		return false, err
	}
	return true, s.replaceEntries(tx, c, sums)
}

// revisionOf returns the newest revision of a slot; its number is 0 when there is
// none.
func revisionOf(tx Tx, slot account.Span) (revision, error) {
	var newest revision
	err := tx.Each(newestRevision(), []any{slot.From.UnixMicro()}, newest.scan)
	return newest, err
}

// check applies the rules of revisions. It reports whether the commit is already
// done.
func (s *Store) check(tx Tx, old revision, c *ledger.Commit) (done bool, err error) {
	if int64(c.Revision) == old.number {
		if done, err = s.isStored(tx, old, c); done || err != nil {
			return done, err
		}
	}
	switch {
	case int64(c.Revision) != old.number+1:
		return false, fmt.Errorf("%w: slot %v is at revision %d, not %d", ledger.ErrConflict, c.Slot, old.number, c.Revision-1)
	case old.number > 0 && !c.KnownAt.After(instant(old.known)):
		return false, fmt.Errorf("%w: slot %v: revision %d was known at %v, not before %v",
			ledger.ErrInvalid, c.Slot, old.number, instant(old.known), c.KnownAt)
	}
	return false, nil
}

// isStored reports whether a commit says what the newest revision of its slot
// says. A digest of every commit, to compare instead, would take longer than
// storing it.
func (s *Store) isStored(tx Tx, old revision, c *ledger.Commit) (bool, error) {
	if old.known != c.KnownAt.UnixMicro() || old.reason != string(c.Reason) || old.note != c.Note {
		return false, nil
	}
	if same, err := sameMark(tx, c); err != nil || !same {
		return false, err
	}
	entries, err := s.storedEntries(tx, c.Slot)
	if err != nil || !slices.Equal(entries, c.Entries) {
		return false, err
	}
	if old.facts != factsKept { // dropped ones are taken to have been the same
		return (old.facts == factsDropped) == (c.Facts != nil), nil
	}
	var stored *account.Batch
	err = tx.Each(factsOfRevision, []any{c.Slot.From.UnixMicro(), c.Revision}, s.batches(tx, &s.columns, func(b *account.Batch) error {
		stored = b
		return nil
	}))
	if err != nil || c.Facts == nil {
		return false, err
	}
	return sameFacts(stored, c.Facts), nil
}

// sameFacts reports whether two batches of one slot say the same, however they
// number their subjects and origins.
func sameFacts(a, b *account.Batch) bool {
	return slices.EqualFunc(a.Facts, b.Facts, func(x, y account.Fact) bool {
		same := a.Subjects[x.Subject] == b.Subjects[y.Subject] && a.Origins[x.Origin] == b.Origins[y.Origin]
		x.Subject, x.Origin = y.Subject, y.Origin
		return same && x == y
	})
}

// storedEntries returns the entries of a slot's newest revision.
func (s *Store) storedEntries(tx Tx, slot account.Span) ([]account.Entry, error) {
	var entries []account.Entry
	err := tx.Each(entriesOfSlot, []any{slot.From.UnixMicro()},
		s.slotEntries(tx, &s.columns, nil, func(e ledger.SlotEntry) error {
			entries = append(entries, e.Entry)
			return nil
		}))
	return entries, err
}

func storeRevision(tx Tx, c *ledger.Commit, total account.Quantities) error {
	r := revision{
		from: c.Slot.From.UnixMicro(), number: int64(c.Revision), known: c.KnownAt.UnixMicro(),
		reason: string(c.Reason), note: c.Note, total: total.Values(),
	}
	if c.Facts != nil {
		r.facts = factsKept
	}
	if err := insert(tx, "revisions", revisionColumns(), r.values()...); err != nil || c.Mark == (account.Mark{}) {
		return err
	}
	return insert(tx, "marks", markColumns, markValues(c.Slot.From.UnixMicro(), int64(c.Revision), c.Mark)...)
}

func (s *Store) storeFacts(tx Tx, c *ledger.Commit) error {
	if c.Facts == nil {
		return nil
	}
	b := c.Facts
	origins, err := s.origins.intern(tx, len(b.Origins), func(i int) account.Origin { return b.Origins[i] })
	if err != nil {
		return err
	}
	subjects, err := s.subjects.intern(tx, len(b.Subjects), func(i int) account.Subject { return b.Subjects[i] })
	if err != nil {
		return err
	}
	from := c.Slot.From.UnixMicro()
	return tx.Exec("INSERT INTO facts (from_us, revision, batch) VALUES (?, ?, ?)",
		from, c.Revision, s.encoder.batch(factsPlace(from, int64(c.Revision)), b.Facts, subjects, origins))
}

// replaceEntries stores the entries of a revision and notes what sums change by.
func (s *Store) replaceEntries(tx Tx, c *ledger.Commit, sums *sumChanges) error {
	accounts, err := s.accounts.intern(tx, len(c.Entries), func(i int) account.Account { return c.Entries[i].Account })
	if err != nil {
		return err
	}
	bases, err := s.bases.intern(tx, len(c.Entries), func(i int) account.Basis { return c.Entries[i].Basis })
	if err != nil {
		return err
	}
	d := slotDelta{}
	for i, id := range accounts {
		if err := d.add(id, c.Entries[i].Quantities); err != nil {
			return err
		}
	}
	from := c.Slot.From.UnixMicro()
	if c.Revision > 1 {
		err := tx.Each(entriesOfSlot, []any{from}, s.entryColumns(&s.columns, func(_ account.Span, before *entryColumns) error {
			return d.remove(before)
		}))
		if err != nil {
			return err
		}
	}
	if err := sums.add(c.Slot, d); err != nil {
		return err
	}
	blob := s.encoder.entries(entriesPlace(from, int64(c.Revision)), c.Entries, accounts, bases)
	return tx.Exec(`INSERT INTO entries (from_us, revision, entries) VALUES (?, ?, ?)
		ON CONFLICT (from_us) DO UPDATE SET revision = excluded.revision, entries = excluded.entries`, from, c.Revision, blob)
}

// noteTime records that something became known.
func noteTime(tx Tx, t time.Time) error {
	return tx.Exec("UPDATE ledger SET last_known_us = ?1 WHERE last_known_us IS NULL OR last_known_us < ?1", t.UnixMicro())
}
