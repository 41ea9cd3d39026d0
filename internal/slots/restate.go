package slots

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// why says for which reason a slot is restated.
type why struct {
	reason ledger.Reason
	note   string
}

// restateSlots is how many slots are restated under one lock. What is known is read
// once for all of them, and slots are closed in between.
const restateSlots = 48

// restate derives the closed slots that overlap spans anew, and commits those
// whose entries have changed. Spans may be of years, as an annual mean is: only what
// lies among closed slots is looked at. A slot that is closed meanwhile is derived
// from what is known by then.
func (d *Driver) restate(ctx context.Context, spans []account.Span, w why) error {
	status, err := d.Store.Status(ctx)
	if err != nil || status.Slots == 0 {
		return err
	}
	closed := account.Span{From: status.First.From, To: status.Last.To}
	for _, span := range account.JoinSpans(spans) {
		span = span.Overlap(closed)
		known := knowing{whole: span}
		for part := range parts(span, restateSlots*d.Store.Calendar().Grid().Step()) {
			if err := d.restatePart(ctx, part, &known, w); err != nil {
				return fmt.Errorf("restate %v (%s): %w", part, w.reason, err)
			}
		}
	}
	return nil
}

// parts yields a span piece by piece.
func parts(s account.Span, length time.Duration) func(yield func(account.Span) bool) {
	return func(yield func(account.Span) bool) {
		for from := s.From; from.Before(s.To); from = from.Add(length) {
			to := from.Add(length)
			if to.After(s.To) {
				to = s.To
			}
			if !yield(account.Span{From: from, To: to}) {
				return
			}
		}
	}
}

// restatePart restates a few neighbouring slots.
func (d *Driver) restatePart(ctx context.Context, span account.Span, known *knowing, w why) error {
	end, err := d.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	states, err := ledger.Collect(d.Store.Slots(ctx, span))
	if err != nil {
		return err
	}
	for _, run := range derivable(states) {
		if err := d.restateRun(ctx, run, known, w); err != nil {
			return err
		}
	}
	return nil
}

// knowing is what is known of a part of a whole span that is restated. It serves for
// as long as nothing more becomes known.
type knowing struct {
	derivation
	whole, span account.Span
}

// knowSlots is for how many slots it is read at once.
const knowSlots = 14 * restateSlots

// of returns a deriver for slots of the whole that knows all that is known now. The
// turn is taken.
func (k *knowing) of(ctx context.Context, d *Driver, slots account.Span) (derivation, error) {
	status, err := d.Store.Status(ctx)
	if err != nil || k.span.Covers(slots) && !status.LastKnownAt.After(k.knownAt) {
		return k.derivation, err
	}
	k.span = account.Span{From: slots.From, To: slots.From.Add(knowSlots * d.Store.Calendar().Grid().Step())}
	if k.span.To.After(k.whole.To) {
		k.span.To = k.whole.To
	}
	if k.span.To.Before(slots.To) { // slots reach beyond the whole
		k.span.To = slots.To
	}
	k.derivation, err = d.deriver(ctx, k.span)
	return k.derivation, err
}

// derivable returns the slots whose facts are kept, in runs between those whose
// are not. The figures of the others stay.
func derivable(states []ledger.SlotState) [][]ledger.SlotState {
	var runs [][]ledger.SlotState
	begins := true
	for _, s := range states {
		switch {
		case s.Forgotten:
			begins = true
			continue
		case begins:
			runs = append(runs, nil)
		}
		begins = false
		runs[len(runs)-1] = append(runs[len(runs)-1], s)
	}
	return runs
}

// restateRun restates neighbouring slots, under the turn.
func (d *Driver) restateRun(ctx context.Context, states []ledger.SlotState, known *knowing, w why) error {
	whole := account.Span{From: states[0].Slot.From, To: states[len(states)-1].Slot.To}
	dv, err := known.of(ctx, d, whole)
	if err != nil {
		return err
	}
	facts, err := ledger.Collect(d.Store.Facts(ctx, whole, dv.knownAt))
	if err != nil {
		return err
	}
	entries, err := d.entries(ctx, whole)
	if err != nil {
		return err
	}
	var kept []reading
	stateOf := make(map[*account.Batch]ledger.SlotState, len(facts))
	for _, state := range states {
		if batch := ofSlot(facts, state.Slot); batch != nil {
			kept, stateOf[batch] = append(kept, reading{Batch: batch}), state
		}
	}
	ahead, rest := dv.ahead(ctx, kept)
	defer rest() // before the turn ends
	var changed []ledger.Commit
	for now := range ahead {
		if now.err != nil {
			return now.err
		}
		state := stateOf[now.Batch]
		if slices.Equal(now.entries, entries[state.Slot.From.UnixMicro()]) {
			continue
		}
		changed = append(changed, ledger.Commit{
			Revision: state.Revision + 1, KnownAt: dv.knownAt, Slot: state.Slot, Reason: w.reason, Note: w.note, Mark: state.Mark, Entries: now.entries,
		})
		if len(changed) == together {
			if err := d.commitRestated(ctx, changed...); err != nil {
				return err
			}
			changed = nil
		}
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return d.commitRestated(ctx, changed...)
}

// entries returns the stored entries of a span by the start of their slot.
func (d *Driver) entries(ctx context.Context, span account.Span) (map[int64][]account.Entry, error) {
	out := map[int64][]account.Entry{}
	for e, err := range d.Store.Entries(ctx, span, nil) {
		if err != nil {
			return nil, err
		}
		key := e.Slot.From.UnixMicro()
		out[key] = append(out[key], e.Entry)
	}
	return out, nil
}

// commitRestated commits and tells it. A slot that somebody else has restated in
// the meantime will be found stale again; the others of its transaction are
// committed one by one.
func (d *Driver) commitRestated(ctx context.Context, commits ...ledger.Commit) error {
	switch err := d.Store.Commit(ctx, commits...); {
	case errors.Is(err, ledger.ErrConflict):
		if len(commits) == 1 {
			return nil
		}
		for _, c := range commits {
			if err := d.commitRestated(ctx, c); err != nil {
				return err
			}
		}
		return nil
	case err != nil:
		return err
	}
	for _, c := range commits {
		d.Log.Info("slot restated", "slot", c.Slot.From, "revision", c.Revision, "reason", string(c.Reason), "note", c.Note)
		d.events.send(Event{Kind: EventRestated, Slot: c.Slot, KnownAt: c.KnownAt, Reason: c.Reason})
	}
	return nil
}
