package memory

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// stream yields, from each item that collect returns under the read lock, what
// each makes of it without the lock. Items never change, so a slow reader holds
// up no writer and sees one state.
func stream[I, T any](ctx context.Context, s *Store, collect func() ([]I, error), each func(lists, I, func(T) bool) bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		if err := s.rlock(ctx); err != nil {
			yield(none, err)
			return
		}
		items, err := collect()
		l := s.texts.lists()
		s.mu.RUnlock()
		if err != nil {
			yield(none, err)
			return
		}
		for _, item := range items {
			if err := ctx.Err(); err != nil {
				yield(none, err)
				return
			}
			if !each(l, item, func(v T) bool { return yield(v, nil) }) {
				return
			}
		}
	}
}

// itself is for items that are what is yielded.
func itself[T any](_ lists, v T, yield func(T) bool) bool { return yield(v) }

// within returns the closed slots that overlap a span, in order.
func (s *Store) within(span account.Span) []*slot {
	if span.IsEmpty() {
		return nil
	}
	first, _ := slices.BinarySearch(s.order, s.calendar.Grid().Slot(span.From).From.UnixMicro())
	var found []*slot
	for _, key := range s.order[first:] {
		one := s.slots[key]
		if !one.state.Slot.From.Before(span.To) {
			break
		}
		found = append(found, one)
	}
	return found
}

// eachSlot streams what each makes of the closed slots that overlap a span.
func eachSlot[T any](ctx context.Context, s *Store, span account.Span, each func(lists, *slot, func(T) bool) bool) iter.Seq2[T, error] {
	return stream(ctx, s, func() ([]*slot, error) { return s.within(span), nil }, each)
}

// Slots implements [ledger.Reader].
func (s *Store) Slots(ctx context.Context, span account.Span) iter.Seq2[ledger.SlotState, error] {
	return eachSlot(ctx, s, span, func(_ lists, one *slot, yield func(ledger.SlotState) bool) bool {
		return yield(one.state)
	})
}

// Facts implements [ledger.Reader].
func (s *Store) Facts(ctx context.Context, span account.Span, at time.Time) iter.Seq2[*account.Batch, error] {
	known := func(p packedBatch) bool { return at.IsZero() || !p.knownAt.After(at) }
	return func(yield func(*account.Batch, error) bool) {
		var forgotten error
		slots := stream(ctx, s, func() ([]*slot, error) {
			slots := s.within(span)
			for i, one := range slots {
				if one.state.Forgotten && slices.ContainsFunc(one.batches, known) {
					forgotten = fmt.Errorf("facts: slot %v: %w: entries and sums stay; ask for the newest figures under the ledger's own method",
						one.state.Slot, ledger.ErrForgotten)
					return slots[:i], nil
				}
			}
			return slots, nil
		}, func(l lists, one *slot, yield func(*account.Batch) bool) bool {
			var batches []*account.Batch
			for _, p := range one.batches {
				if known(p) {
					batches = append(batches, l.batch(p, one.state.Slot))
				}
			}
			b := account.Resolve(batches, at)
			return b == nil || yield(b)
		})
		for b, err := range slots {
			if !yield(b, err) || err != nil {
				return
			}
		}
		if forgotten != nil {
			yield(nil, forgotten)
		}
	}
}

// Entries implements [ledger.Reader].
func (s *Store) Entries(ctx context.Context, span account.Span, where account.Filter) iter.Seq2[ledger.SlotEntry, error] {
	return eachSlot(ctx, s, span, func(l lists, one *slot, yield func(ledger.SlotEntry) bool) bool {
		for e := range l.entries(one.entries) {
			if where.Holds(e.Account.Labels) && !yield(ledger.SlotEntry{Slot: one.state.Slot, Entry: e}) {
				return false
			}
		}
		return true
	})
}

// Rows implements [ledger.Reader].
func (s *Store) Rows(ctx context.Context, q ledger.Query) iter.Seq2[ledger.Row, error] {
	if q.Step == account.StepSlot {
		return s.slotRows(ctx, q)
	}
	return stream(ctx, s, func() ([]row, error) {
		sums, ok := s.sums[q.Step]
		switch {
		case !ok:
			return nil, fmt.Errorf("%w: step %q", ledger.ErrInvalid, q.Step)
		case q.Span.IsEmpty():
			return nil, nil
		}
		return sums.rows(q, &s.texts.accounts), nil
	}, func(l lists, r row, yield func(ledger.Row) bool) bool {
		return yield(ledger.Row{Period: r.span, Account: l.accounts[r.number], Quantities: r.Quantities})
	})
}

// slotRows adds up the entries of each account, which has several where its
// basis is not one.
func (s *Store) slotRows(ctx context.Context, q ledger.Query) iter.Seq2[ledger.Row, error] {
	return eachSlot(ctx, s, q.Span, func(l lists, one *slot, yield func(ledger.Row) bool) bool {
		row := ledger.Row{Period: one.state.Slot}
		some := false
		for e := range l.entries(one.entries) {
			if some && e.Account == row.Account {
				row.Quantities, _ = row.Add(e.Quantities) // fits: the slot's total does
				continue
			}
			if some && q.Where.Holds(row.Account.Labels) && !yield(row) {
				return false
			}
			row.Account, row.Quantities, some = e.Account, e.Quantities, true
		}
		return !some || !q.Where.Holds(row.Account.Labels) || yield(row)
	})
}

// Restatements implements [ledger.Reader].
func (s *Store) Restatements(ctx context.Context, after, until time.Time) iter.Seq2[ledger.Restatement, error] {
	return stream(ctx, s, func() ([]ledger.Restatement, error) {
		var out []ledger.Restatement
		for _, r := range s.restatements {
			if r.KnownAt.After(after) && (until.IsZero() || !r.KnownAt.After(until)) {
				out = append(out, r)
			}
		}
		slices.SortStableFunc(out, func(a, b ledger.Restatement) int {
			if c := a.KnownAt.Compare(b.KnownAt); c != 0 {
				return c
			}
			return a.Slot.From.Compare(b.Slot.From)
		})
		return out, nil
	}, itself)
}
