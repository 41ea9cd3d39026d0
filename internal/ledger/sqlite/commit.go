package sqlite

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// revision is the newest revision of a slot as stored; number 0 is none.
type revision struct {
	number       int
	known        time.Time
	reason, note string
}

// Commit implements [ledger.Writer].
func (s *Store) Commit(ctx context.Context, c ledger.Commit) error {
	if err := c.Validate(s.calendar); err != nil {
		return err
	}
	if len(c.Entries) > maxRows || c.Facts != nil && max(len(c.Facts.Facts), len(c.Facts.Subjects), len(c.Facts.Origins)) > maxRows {
		return fmt.Errorf("%w: commit of slot %v: more than %d facts or entries", ledger.ErrInvalid, c.Slot, maxRows)
	}
	c.Slot, c.KnownAt = account.NewSpan(c.Slot.From, c.Slot.To), account.Instant(c.KnownAt)
	total, err := ledger.Total(c.Entries)
	if err != nil {
		return err
	}
	return s.write(ctx, "commit of slot "+c.Slot.String(), func(tx *transaction) error {
		old, err := tx.revisionOf(c.Slot)
		if err != nil {
			return err
		}
		if done, err := s.check(tx, old, &c); done || err != nil {
			return err
		}
		if err := tx.storeRevision(&c, total); err != nil {
			return err
		}
		if err := s.storeFacts(tx, &c); err != nil {
			return err
		}
		if err := s.replaceEntries(tx, &c); err != nil {
			return err
		}
		return tx.noteTime(c.KnownAt)
	})
}

func (tx *transaction) revisionOf(slot account.Span) (revision, error) {
	var r revision
	var known int64
	_, err := first(tx, `SELECT r.revision, r.known_us, r.reason, r.note FROM slots s
		JOIN revisions r ON r.from_us = s.from_us AND r.revision = s.revision WHERE s.from_us = ?`,
		[]any{slot.From.UnixMicro()}, &r.number, &known, &r.reason, &r.note)
	r.known = instant(known)
	return r, err
}

// check applies the rules of revisions. It reports whether the commit is already
// done.
func (s *Store) check(tx *transaction, old revision, c *ledger.Commit) (done bool, err error) {
	if c.Revision == old.number {
		if done, err = s.isStored(tx, old, c); done || err != nil {
			return done, err
		}
	}
	switch {
	case c.Revision != old.number+1:
		return false, fmt.Errorf("%w: slot %v is at revision %d, not %d", ledger.ErrConflict, c.Slot, old.number, c.Revision-1)
	case old.number > 0 && !c.KnownAt.After(old.known):
		return false, fmt.Errorf("%w: slot %v: revision %d was known at %v, not before %v",
			ledger.ErrInvalid, c.Slot, old.number, old.known, c.KnownAt)
	}
	return false, nil
}

// isStored reports whether a commit says what the newest revision of its slot
// says. Comparing with what is stored needs no digest of commits, which would
// take longer than storing them.
func (s *Store) isStored(tx *transaction, old revision, c *ledger.Commit) (bool, error) {
	if !old.known.Equal(c.KnownAt) || old.reason != string(c.Reason) || old.note != c.Note {
		return false, nil
	}
	entries, err := s.storedEntries(tx, c.Slot)
	if err != nil || !slices.Equal(entries, c.Entries) {
		return false, err
	}
	var stored *account.Batch
	err = each(tx, factsOfRevision, []any{c.Slot.From.UnixMicro(), c.Revision}, s.batches(tx, &tx.writer.columns, func(b *account.Batch) error {
		stored = b
		return nil
	}))
	if err != nil || (stored == nil) != (c.Facts == nil) {
		return false, err
	}
	return stored == nil || slices.Equal(stored.Origins, c.Facts.Origins) &&
		slices.Equal(stored.Subjects, c.Facts.Subjects) && slices.Equal(stored.Facts, c.Facts.Facts), nil
}

// storedEntries returns the entries of a slot's newest revision.
func (s *Store) storedEntries(tx *transaction, slot account.Span) ([]account.Entry, error) {
	var entries []account.Entry
	err := each(tx, "SELECT from_us, entries FROM entries WHERE from_us = ?", []any{slot.From.UnixMicro()},
		s.slotEntries(tx, &tx.writer.columns, nil, func(e ledger.SlotEntry) error {
			entries = append(entries, e.Entry)
			return nil
		}))
	return entries, err
}

// totalColumns are the columns of totals, and marks as many question marks.
func totalColumns(prefix string) string {
	names := account.QuantityNames()
	for i := range names {
		names[i] = prefix + names[i]
	}
	return strings.Join(names[:], ", ")
}

func marks(n int) string { return strings.Repeat(", ?", n)[2:] }

func (tx *transaction) storeRevision(c *ledger.Commit, total account.Quantities) error {
	args := []any{c.Slot.From.UnixMicro(), c.Revision, c.KnownAt.UnixMicro(), string(c.Reason), c.Note}
	for _, v := range total.Values() {
		args = append(args, v)
	}
	err := tx.exec("INSERT INTO revisions (from_us, revision, known_us, reason, note, "+totalColumns("")+
		") VALUES ("+marks(len(args))+")", args...)
	if err != nil {
		return err
	}
	return tx.exec("INSERT INTO slots (from_us, revision) VALUES (?, ?) ON CONFLICT (from_us) DO UPDATE SET revision = excluded.revision",
		args[:2]...)
}

func (s *Store) storeFacts(tx *transaction, c *ledger.Commit) error {
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
	return tx.exec("INSERT INTO facts (from_us, revision, batch) VALUES (?, ?, ?)",
		c.Slot.From.UnixMicro(), c.Revision, tx.writer.encoder.batch(b.Facts, origins, subjects))
}

// replaceEntries stores the entries of a revision and changes the sums by what
// they differ from those before.
func (s *Store) replaceEntries(tx *transaction, c *ledger.Commit) error {
	var before []account.Entry
	if c.Revision > 1 {
		var err error
		if before, err = s.storedEntries(tx, c.Slot); err != nil {
			return err
		}
	}
	changes, err := ledger.Changes(before, c.Entries)
	if err != nil {
		return err
	}
	ids, err := s.accounts.intern(tx, len(changes), func(i int) account.Account { return changes[i].Account })
	if err != nil {
		return err
	}
	if err := s.changeSums(tx, c.Slot, changes, ids); err != nil {
		return err
	}
	accounts, err := s.accounts.intern(tx, len(c.Entries), func(i int) account.Account { return c.Entries[i].Account })
	if err != nil {
		return err
	}
	bases, err := s.bases.intern(tx, len(c.Entries), func(i int) account.Basis { return c.Entries[i].Basis })
	if err != nil {
		return err
	}
	return tx.exec("INSERT INTO entries (from_us, entries) VALUES (?, ?) ON CONFLICT (from_us) DO UPDATE SET entries = excluded.entries",
		c.Slot.From.UnixMicro(), tx.writer.encoder.entries(c.Entries, accounts, bases))
}

// noteTime records that something became known.
func (tx *transaction) noteTime(t time.Time) error {
	return tx.exec("UPDATE ledger SET last_known_us = ?1 WHERE last_known_us IS NULL OR last_known_us < ?1", t.UnixMicro())
}
