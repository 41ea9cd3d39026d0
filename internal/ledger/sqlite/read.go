package sqlite

import (
	"context"
	"database/sql"
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

// totals scans the columns of totals after some others.
type totals struct {
	values [quantityColumns]int64
}

func (t *totals) into(others ...any) []any {
	for i := range t.values {
		others = append(others, &t.values[i])
	}
	return others
}

// Slots implements [ledger.Reader].
func (s *Store) Slots(ctx context.Context, span account.Span) iter.Seq2[ledger.SlotState, error] {
	return stream(ctx, s, "slots", func(r *snapshot, yield func(ledger.SlotState) error) error {
		query := `SELECT s.from_us, s.revision, f.known_us, n.known_us, ` + totalColumns("n.") + ` FROM slots s
			JOIN revisions f ON f.from_us = s.from_us AND f.revision = 1
			JOIN revisions n ON n.from_us = s.from_us AND n.revision = s.revision
			WHERE s.from_us >= ? AND s.from_us < ? ORDER BY s.from_us`
		return each(r, query, s.within(span), func(rows *sql.Rows) error {
			var state ledger.SlotState
			var from, firstKnown, known int64
			var total totals
			if err := rows.Scan(total.into(&from, &state.Revision, &firstKnown, &known)...); err != nil {
				return err
			}
			state.Slot, state.FirstKnownAt, state.KnownAt = s.slotFrom(from), instant(firstKnown), instant(known)
			state.Total = account.QuantitiesOf(total.values)
			return yield(state)
		})
	})
}

const (
	factColumnsOf   = "SELECT f.from_us, r.known_us, f.batch FROM facts f JOIN revisions r ON r.from_us = f.from_us AND r.revision = f.revision "
	factsOfRevision = factColumnsOf + "WHERE f.from_us = ? AND f.revision = ?"
	factsOfSpan     = factColumnsOf + "WHERE f.from_us >= ? AND f.from_us < ? AND r.known_us <= ? ORDER BY f.from_us, f.revision"
)

// batches scans rows of [factColumnsOf] and calls use on each batch, which is
// use's to keep.
func (s *Store) batches(q querier, columns *columnReader, use func(*account.Batch) error) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var from, known int64
		var blob sql.RawBytes
		if err := rows.Scan(&from, &known, &blob); err != nil {
			return err
		}
		b := &account.Batch{Slot: s.slotFrom(from), KnownAt: instant(known)}
		stored, err := columns.batch(blob)
		if err == nil && len(stored.origins) > 0 {
			b.Origins, err = s.origins.values(q, stored.origins, make([]account.Origin, 0, len(stored.origins)))
		}
		if err == nil && len(stored.subjects) > 0 {
			b.Subjects, err = s.subjects.values(q, stored.subjects, make([]account.Subject, 0, len(stored.subjects)))
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
	return stream(ctx, s, "facts", func(r *snapshot, yield func(*account.Batch) error) error {
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
		err := each(r, factsOfSpan, append(s.within(span), knownBy(at)), s.batches(r, &columns, func(b *account.Batch) error {
			if len(slot) > 0 && slot[0].Slot != b.Slot {
				if err := finish(); err != nil {
					return err
				}
			}
			slot = append(slot, b)
			return nil
		}))
		if err != nil {
			return err
		}
		return finish()
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

// slotEntries scans rows of from_us and entries and calls use on each entry for
// whose account where holds.
func (s *Store) slotEntries(q querier, columns *columnReader, where account.Filter, use func(ledger.SlotEntry) error) func(*sql.Rows) error {
	known := s.newAccountSet(where)
	var bases []account.Basis
	return func(rows *sql.Rows) error {
		var from int64
		var blob sql.RawBytes
		if err := rows.Scan(&from, &blob); err != nil {
			return err
		}
		slot := s.slotFrom(from)
		stored, err := columns.entries(blob)
		if err == nil {
			bases, err = s.bases.values(q, stored.bases, bases[:0])
		}
		if err != nil {
			return fmt.Errorf("entries of slot %v: %w", slot, err)
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
	}
}

const entriesOfSpan = "SELECT from_us, entries FROM entries WHERE from_us >= ? AND from_us < ? ORDER BY from_us"

// Entries implements [ledger.Reader].
func (s *Store) Entries(ctx context.Context, span account.Span, where account.Filter) iter.Seq2[ledger.SlotEntry, error] {
	return stream(ctx, s, "entries", func(r *snapshot, yield func(ledger.SlotEntry) error) error {
		var columns columnReader
		return each(r, entriesOfSpan, s.within(span), s.slotEntries(r, &columns, where, yield))
	})
}

// Restatements implements [ledger.Reader].
func (s *Store) Restatements(ctx context.Context, after, until time.Time) iter.Seq2[ledger.Restatement, error] {
	return stream(ctx, s, "restatements", func(r *snapshot, yield func(ledger.Restatement) error) error {
		query := `SELECT n.from_us, n.revision, n.known_us, n.reason, n.note, ` + totalColumns("b.") + ", " + totalColumns("n.") + `
			FROM revisions n JOIN revisions b ON b.from_us = n.from_us AND b.revision = n.revision - 1
			WHERE n.revision > 1 AND n.known_us > ? AND n.known_us <= ? ORDER BY n.known_us, n.from_us`
		return each(r, query, []any{after.UnixMicro(), knownBy(until)}, func(rows *sql.Rows) error {
			var v ledger.Restatement
			var from, known int64
			var before, now totals
			if err := rows.Scan(now.into(before.into(&from, &v.Revision, &known, &v.Reason, &v.Note)...)...); err != nil {
				return err
			}
			v.Slot, v.KnownAt = s.slotFrom(from), instant(known)
			v.Before, v.After = account.QuantitiesOf(before.values), account.QuantitiesOf(now.values)
			return yield(v)
		})
	})
}

// Status implements [ledger.Store].
func (s *Store) Status(ctx context.Context) (ledger.Status, error) {
	var status ledger.Status
	err := s.read(ctx, func(r *snapshot) error {
		var firstSlot, lastSlot, known sql.NullInt64
		_, err := first(r, `SELECT (SELECT min(from_us) FROM slots), (SELECT max(from_us) FROM slots),
			(SELECT count(*) FROM slots), (SELECT count(*) FROM accounts), (SELECT count(*) FROM revisions WHERE revision > 1),
			(SELECT last_known_us FROM ledger)`, nil,
			&firstSlot, &lastSlot, &status.Slots, &status.Accounts, &status.Restatements, &known)
		if firstSlot.Valid {
			status.First, status.Last = s.slotFrom(firstSlot.Int64), s.slotFrom(lastSlot.Int64)
		}
		status.LastKnownAt = instantOr(known)
		return err
	})
	return status, s.fail(ctx, "status", err)
}
