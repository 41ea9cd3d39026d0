package query

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
)

// mostEntries is how many entries are read to say what figures rest on: a year of
// a group, or a month of a facility.
const mostEntries = 2_000_000

// Foundation says what the figures of a window rest on: the closed slots in their
// newest revision, under the ledger's own policy.
type Foundation struct {
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	TimeZone  string    `json:"time_zone"`
	Simulated bool      `json:"simulated,omitempty"`
	// Slots counts closed slots with figures, and Restated those of them that were
	// changed after they were closed.
	Slots    int64 `json:"slots"`
	Restated int64 `json:"restated"`
	// Until is how far the window was read, and Complete whether that is all.
	Until    time.Time `json:"until"`
	Complete bool      `json:"complete"`
	// Bases are the ways in which figures came to be, most energy first.
	Bases []Based `json:"bases"`
}

// Based are the figures that came to be in one way.
type Based struct {
	Basis account.Basis `json:"basis"`
	// Slots counts the slots with such figures.
	Slots   int64           `json:"slots"`
	Figures account.Figures `json:"figures"`
}

// based adds up entries of one basis.
type based struct {
	slots int64
	last  account.Span
	sum   account.Quantities
}

// add adds an entry of a slot.
func (b *based) add(slot account.Span, q account.Quantities) error {
	if b.slots == 0 || !b.last.Equal(slot) {
		b.slots, b.last = b.slots+1, slot
	}
	sum, err := b.sum.Add(q)
	b.sum = sum
	return err
}

// Basis says what the figures of a window rest on, of the accounts for which where
// holds. Work is bounded: of a window with too many entries, the first ones are
// told, with how far they reach. It returns the errors of the ledger.
func (e *Engine) Basis(ctx context.Context, span account.Span, where account.Filter) (*Foundation, error) {
	names, err := e.names(false)
	if err != nil {
		return nil, err
	}
	view := account.View{Where: where, Names: names}
	f := &Foundation{
		From: span.From, To: span.To, Until: span.To, Complete: true,
		TimeZone: e.ledger.Calendar().Zone().String(), Simulated: e.opts.Simulated,
	}
	sums, slots, n := map[account.Basis]*based{}, based{}, 0
	for entry, err := range e.ledger.Entries(ctx, span, view.Stored()) {
		if err != nil {
			return nil, fmt.Errorf("basis of %v: %w", span, err)
		}
		if n++; n > mostEntries && !entry.Slot.Equal(slots.last) {
			f.Until, f.Complete = entry.Slot.From, false
			break
		}
		if names != nil && !where.Holds(names.Rename(entry.Account.Labels)) {
			continue
		}
		sum := sums[entry.Basis]
		if sum == nil {
			sum = &based{}
			sums[entry.Basis] = sum
		}
		if err := sum.add(entry.Slot, entry.Quantities); err != nil {
			return nil, fmt.Errorf("basis of %v: %w", span, err)
		}
		_ = slots.add(entry.Slot, account.Quantities{}) // nothing that could overflow
	}
	f.Slots, f.Bases = slots.slots, mostFirst(sums)
	f.Restated, err = e.changed(ctx, account.NewSpan(span.From, f.Until))
	return f, err
}

// changed counts the slots of a span that were changed after they were closed.
func (e *Engine) changed(ctx context.Context, span account.Span) (int64, error) {
	var n int64
	for state, err := range e.ledger.Slots(ctx, span) {
		if err != nil {
			return 0, fmt.Errorf("basis of %v: %w", span, err)
		}
		if state.Revision > 1 {
			n++
		}
	}
	return n, nil
}

// mostFirst puts what has most energy first.
func mostFirst(sums map[account.Basis]*based) []Based {
	keys := make([]account.Basis, 0, len(sums))
	for b := range sums {
		keys = append(keys, b)
	}
	slices.SortFunc(keys, func(a, b account.Basis) int {
		if x, y := sums[a].sum.Energy, sums[b].sum.Energy; x != y {
			if x > y {
				return -1
			}
			return 1
		}
		return a.Compare(b)
	})
	out := make([]Based, len(keys))
	for i, b := range keys {
		out[i] = Based{Basis: b, Slots: sums[b].slots, Figures: sums[b].sum.Figures()}
	}
	return out
}
