package query

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
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
	// Perimeter is whose figures these are: hosts or services.
	Perimeter account.Perimeter `json:"perimeter"`
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

// bases are the figures of one perimeter by basis, and all of them together.
type bases struct {
	by  map[account.Basis]*based
	all based
}

// add adds an entry.
func (b *bases) add(e ledger.SlotEntry) error {
	sum := b.by[e.Basis]
	if sum == nil {
		sum = &based{}
		b.by[e.Basis] = sum
	}
	return errors.Join(sum.add(e.Slot, e.Quantities), b.all.add(e.Slot, e.Quantities))
}

// Basis says what the figures of a window rest on, of the accounts for which where
// holds, within one perimeter: that asked for, or the one that a question means.
// Work is bounded: of a window with too many entries, the first ones are told, with
// how far they reach. It returns the errors of the ledger, and one that wraps
// [ErrQuestion] for what is no perimeter.
func (e *Engine) Basis(ctx context.Context, span account.Span, where account.Filter, asked string) (*Foundation, error) {
	names, err := e.names(false)
	if err != nil {
		return nil, err
	}
	within, err := perimeter(asked)
	if err != nil {
		return nil, err
	}
	f := &Foundation{
		From: span.From, To: span.To, Until: span.To, Complete: true,
		TimeZone: e.ledger.Calendar().Zone().String(), Simulated: e.opts.Simulated,
	}
	view := account.View{Where: where, Names: names}
	found := map[account.Perimeter]*bases{}
	for _, p := range account.Perimeters() {
		found[p] = &bases{by: map[account.Basis]*based{}}
	}
	last, n := account.Span{}, 0
	for entry, err := range e.ledger.Entries(ctx, span, view.Stored()) {
		if err != nil {
			return nil, fmt.Errorf("basis of %v: %w", span, err)
		}
		if n++; n > mostEntries && !entry.Slot.Equal(last) {
			f.Until, f.Complete = entry.Slot.From, false
			break
		}
		last = entry.Slot
		of := found[entry.Account.Labels.Perimeter()]
		if of == nil || names != nil && !where.Holds(names.Rename(entry.Account.Labels)) {
			continue
		}
		if err := of.add(entry); err != nil {
			return nil, fmt.Errorf("basis of %v: %w", span, err)
		}
	}
	f.Perimeter = chosen(view, within, found)
	f.Slots, f.Bases = found[f.Perimeter].all.slots, mostFirst(found[f.Perimeter].by)
	f.Restated, err = e.changed(ctx, account.NewSpan(span.From, f.Until))
	return f, err
}

// chosen returns the perimeter that a question about the same accounts would have.
func chosen(v account.View, asked account.Perimeter, found map[account.Perimeter]*bases) account.Perimeter {
	root := &account.Node{}
	for _, p := range account.Perimeters() {
		root.Children = append(root.Children, &account.Node{Name: string(p), Quantities: found[p].all.sum})
	}
	p, _, _ := v.Choose(root, asked)
	return p
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
