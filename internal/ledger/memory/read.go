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

// stream yields what collect returns under the read lock: a copy, so a slow
// reader holds up no writer and sees one state.
func stream[T any](ctx context.Context, s *Store, collect func() ([]T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		if err := s.rlock(ctx); err != nil {
			yield(none, err)
			return
		}
		items, err := collect()
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
			if !yield(item, nil) {
				return
			}
		}
	}
}

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

// Slots implements [ledger.Reader].
func (s *Store) Slots(ctx context.Context, span account.Span) iter.Seq2[ledger.SlotState, error] {
	return stream(ctx, s, func() ([]ledger.SlotState, error) {
		var out []ledger.SlotState
		for _, one := range s.within(span) {
			out = append(out, one.state)
		}
		return out, nil
	})
}

// Facts implements [ledger.Reader].
func (s *Store) Facts(ctx context.Context, span account.Span, at time.Time) iter.Seq2[*account.Batch, error] {
	return stream(ctx, s, func() ([]*account.Batch, error) {
		var out []*account.Batch
		for _, one := range s.within(span) {
			if b := account.Resolve(one.batches, at); b != nil {
				out = append(out, cloneBatch(b))
			}
		}
		return out, nil
	})
}

// Entries implements [ledger.Reader].
func (s *Store) Entries(ctx context.Context, span account.Span, where account.Filter) iter.Seq2[ledger.SlotEntry, error] {
	return stream(ctx, s, func() ([]ledger.SlotEntry, error) {
		var out []ledger.SlotEntry
		for _, one := range s.within(span) {
			for _, e := range one.entries {
				if where.Holds(e.Account.Labels) {
					out = append(out, ledger.SlotEntry{Slot: one.state.Slot, Entry: e})
				}
			}
		}
		return out, nil
	})
}

// Rows implements [ledger.Reader].
func (s *Store) Rows(ctx context.Context, q ledger.Query) iter.Seq2[ledger.Row, error] {
	return stream(ctx, s, func() ([]ledger.Row, error) {
		if q.Span.IsEmpty() {
			return nil, nil
		}
		if q.Step == account.StepSlot {
			return s.slotRows(q)
		}
		sums, ok := s.sums[q.Step]
		if !ok {
			return nil, fmt.Errorf("%w: step %q", ledger.ErrInvalid, q.Step)
		}
		return sums.rows(q), nil
	})
}

// slotRows adds up the entries of each account, which has several where its
// basis is not one.
func (s *Store) slotRows(q ledger.Query) ([]ledger.Row, error) {
	var out []ledger.Row
	for _, one := range s.within(q.Span) {
		changes, err := ledger.Changes(nil, one.entries)
		if err != nil {
			return nil, err
		}
		for _, c := range changes {
			if q.Where.Holds(c.Account.Labels) {
				out = append(out, ledger.Row{Period: one.state.Slot, Account: c.Account, Quantities: c.Quantities})
			}
		}
	}
	return out, nil
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
	})
}
