package relational

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// within returns the bounds of the starts of slots that overlap a span, for
// from_us >= ? AND from_us < ?.
func (s *Store) within(span account.Span) []any {
	if span.IsEmpty() {
		return []any{0, 0}
	}
	return []any{s.calendar.Grid().Slot(span.From).From.UnixMicro(), ceilMicro(span.To)}
}

// ceilMicro returns the first microsecond that is not before t.
func ceilMicro(t time.Time) int64 {
	us := t.UnixMicro()
	if time.UnixMicro(us).Before(t) {
		us++
	}
	return us
}

// slotFrom returns the slot that begins at a stored instant.
func (s *Store) slotFrom(us int64) account.Span {
	from := instant(us)
	return account.Span{From: from, To: from.Add(s.calendar.Grid().Step())}
}

// Slots implements [ledger.Reader].
func (s *Store) Slots(ctx context.Context, span account.Span) iter.Seq2[ledger.SlotState, error] {
	return stream(ctx, s, "slots", func(r Querier, yield func(ledger.SlotState) error) error {
		var state ledger.SlotState // of the slot whose revisions come
		finish := func() error {
			if state.Revision == 0 {
				return nil
			}
			return yield(state)
		}
		err := r.Stream(slotsOfSpan(), s.within(span), func(rows Row) error {
			var v revision
			var file, seq, crc int64
			if err := rows.Scan(append(v.into(), &file, &seq, &crc)...); err != nil {
				return err
			}
			mark, err := readMark(v.from, v.number, file, seq, crc)
			if err = cmp.Or(v.check(), err); err != nil {
				return err
			}
			if v.number == 1 {
				if err := finish(); err != nil {
					return err
				}
				state = ledger.SlotState{Slot: s.slotFrom(v.from), FirstKnownAt: instant(v.known)}
			}
			state.Forgotten = state.Forgotten || v.facts == factsDropped
			state.Revision, state.KnownAt, state.Total = int(v.number), instant(v.known), account.QuantitiesOf(v.total)
			state.Mark = mark
			return nil
		})
		if err != nil {
			return err
		}
		return finish()
	})
}

// Facts and entries are looked up from revisions and not for themselves: a row
// that is missing because its key is damaged is then seen to be missing.
const (
	factsOf         = "SELECT r.from_us, r.revision, r.known_us, r.facts, f.batch FROM revisions r LEFT JOIN facts f USING (from_us, revision) "
	factsOfRevision = factsOf + "WHERE r.facts <> 0 AND r.from_us = ? AND r.revision = ?"
	factsOfSpan     = factsOf + "WHERE r.facts <> 0 AND r.from_us >= ? AND r.from_us < ? AND r.known_us <= ? ORDER BY r.from_us, r.revision"
	allFacts        = factsOf + "WHERE r.facts = 1 ORDER BY r.from_us, r.revision"

	entriesOf     = "SELECT r.from_us, e.revision, e.entries FROM revisions r LEFT JOIN entries e USING (from_us) WHERE r.revision = 1 "
	entriesOfSlot = entriesOf + "AND r.from_us = ?"
	entriesOfSpan = entriesOf + "AND r.from_us >= ? AND r.from_us < ? ORDER BY r.from_us"
	allEntries    = entriesOf + "ORDER BY r.from_us"
)

// batches scans rows of [factsOf] and calls use on each batch, which is
// use's to keep.
func (s *Store) batches(q Querier, columns *columnReader, use func(*account.Batch) error) func(Row) error {
	return func(rows Row) error {
		var from, number, known, state int64
		var blob sql.RawBytes
		if err := rows.Scan(&from, &number, &known, &state, &blob); err != nil {
			return err
		}
		b := &account.Batch{Slot: s.slotFrom(from), KnownAt: instant(known)}
		if state == factsDropped {
			return fmt.Errorf("slot %v: %w: entries and sums stay; ask for the newest figures under the ledger's own method", b.Slot, ledger.ErrForgotten)
		}
		stored, err := columns.batch(factsPlace(from, number), blob)
		if err == nil {
			b.Origins, err = s.origins.values(q, stored.origins, nil)
		}
		if err == nil {
			b.Subjects, err = s.subjects.values(q, stored.subjects, nil)
		}
		if err != nil {
			return fmt.Errorf("facts of slot %v: %w", b.Slot, err)
		}
		b.Facts = stored.facts
		return use(b)
	}
}

// Facts implements [ledger.Reader].
func (s *Store) Facts(ctx context.Context, span account.Span, at time.Time) iter.Seq2[*account.Batch, error] {
	return stream(ctx, s, "facts", func(r Querier, yield func(*account.Batch) error) error {
		var slot []*account.Batch // of one slot
		finish := func() error {
			b := account.Resolve(slot, time.Time{})
			slot = slot[:0]
			if b == nil {
				return nil
			}
			return yield(b)
		}
		var columns columnReader
		err := r.Stream(factsOfSpan, append(s.within(span), knownBy(at)), s.batches(r, &columns, func(b *account.Batch) error {
			if len(slot) > 0 && slot[0].Slot != b.Slot {
				if err := finish(); err != nil {
					return err
				}
			}
			slot = append(slot, b)
			return nil
		}))
		if err != nil && !errors.Is(err, ledger.ErrForgotten) {
			return err
		}
		return cmp.Or(finish(), err) // slots before one that is forgotten are whole
	})
}

// knownBy returns the bound of known_us for what was known at an instant; zero
// is no bound.
func knownBy(at time.Time) int64 {
	if at.IsZero() {
		return 1<<63 - 1
	}
	return at.UnixMicro()
}

// entryColumns scans rows of [entriesOf] and calls use on the
// columns, which are valid until it returns.
func (s *Store) entryColumns(columns *columnReader, use func(account.Span, *entryColumns) error) func(Row) error {
	return func(rows Row) error {
		var from int64
		var number sql.NullInt64 // NULL when the row is missing
		var blob sql.RawBytes
		if err := rows.Scan(&from, &number, &blob); err != nil {
			return err
		}
		slot := s.slotFrom(from)
		stored, err := columns.entries(entriesPlace(from, number.Int64), blob)
		if err != nil {
			return fmt.Errorf("entries of slot %v: %w", slot, err)
		}
		return use(slot, &stored)
	}
}

// slotEntries scans the same rows and calls use on each entry for whose account
// where holds.
func (s *Store) slotEntries(q Querier, columns *columnReader, where account.Filter, use func(ledger.SlotEntry) error) func(Row) error {
	known := s.newAccountSet(where)
	var bases []account.Basis
	return s.entryColumns(columns, func(slot account.Span, stored *entryColumns) error {
		var err error
		if bases, err = s.bases.values(q, stored.bases, bases[:0]); err != nil {
			return err
		}
		for i, id := range stored.accounts {
			a, err := known.account(q, id)
			if err != nil {
				return err
			}
			if a == nil {
				continue
			}
			e := account.Entry{Account: *a, Basis: bases[i], Quantities: stored.quantitiesAt(i)}
			if err := use(ledger.SlotEntry{Slot: slot, Entry: e}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Entries implements [ledger.Reader].
func (s *Store) Entries(ctx context.Context, span account.Span, where account.Filter) iter.Seq2[ledger.SlotEntry, error] {
	return stream(ctx, s, "entries", func(r Querier, yield func(ledger.SlotEntry) error) error {
		var columns columnReader
		return r.Stream(entriesOfSpan, s.within(span), s.slotEntries(r, &columns, where, yield))
	})
}

// Restatements implements [ledger.Reader].
func (s *Store) Restatements(ctx context.Context, after, until time.Time) iter.Seq2[ledger.Restatement, error] {
	return stream(ctx, s, "restatements", func(r Querier, yield func(ledger.Restatement) error) error {
		return r.Stream(restatementsOfTime(), []any{after.UnixMicro(), knownBy(until)}, func(rows Row) error {
			var now, before revision
			if err := rows.Scan(append(now.into(), before.into()...)...); err != nil {
				return err
			}
			if err := errors.Join(now.check(), before.check()); err != nil {
				return err
			}
			return yield(ledger.Restatement{
				Slot: s.slotFrom(now.from), Revision: int(now.number), KnownAt: instant(now.known),
				Reason: ledger.Reason(now.reason), Note: now.note,
				Before: account.QuantitiesOf(before.total), After: account.QuantitiesOf(now.total),
			})
		})
	})
}

// Status implements [ledger.Store].
func (s *Store) Status(ctx context.Context) (ledger.Status, error) {
	var status ledger.Status
	err := s.db.Read(ctx, func(r Querier) error {
		var firstSlot, lastSlot, known sql.NullInt64
		_, err := first(r, `SELECT (SELECT min(from_us) FROM revisions WHERE revision = 1), (SELECT max(from_us) FROM revisions WHERE revision = 1),
			(SELECT count(*) FROM revisions WHERE revision = 1), (SELECT count(*) FROM accounts),
			(SELECT count(*) FROM revisions WHERE revision > 1), (SELECT last_known_us FROM ledger)`, nil,
			&firstSlot, &lastSlot, &status.Slots, &status.Accounts, &status.Restatements, &known)
		if firstSlot.Valid {
			status.First, status.Last = s.slotFrom(firstSlot.Int64), s.slotFrom(lastSlot.Int64)
		}
		status.LastKnownAt = instantOr(known)
		return err
	})
	return status, s.db.Fail(ctx, "status", err)
}
