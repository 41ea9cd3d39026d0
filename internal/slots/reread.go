package slots

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/source"
)

// reread reads closed slots again and restates those whose facts have changed.
func (d *Driver) reread(ctx context.Context, span account.Span) error {
	return d.rereadFrom(ctx, span, d.replayable())
}

// rereadFrom is reread from some of the sources. Of what a source keeps no more,
// what it has said stays.
func (d *Driver) rereadFrom(ctx context.Context, span account.Span, sources []source.Source) error {
	states, err := ledger.Collect(d.Store.Slots(ctx, span))
	if err != nil || len(states) == 0 {
		return err
	}
	span = account.Span{From: states[0].Slot.From, To: states[len(states)-1].Slot.To}
	readings, err := d.read(ctx, span, sources)
	if errors.Is(err, source.ErrGone) {
		return d.rereadRest(ctx, span, sources)
	}
	if err != nil {
		return err
	}
	return d.replace(ctx, span, readings, sources)
}

// rereadRest reads slots one by one, each without the sources that keep nothing of it.
func (d *Driver) rereadRest(ctx context.Context, span account.Span, sources []source.Source) error {
	grid := d.Store.Calendar().Grid()
	if span.Duration() > grid.Step() {
		for slot := range grid.Slots(span) {
			if err := d.rereadFrom(ctx, slot, sources); err != nil {
				return err
			}
		}
		return nil
	}
	if len(sources) == 1 { // it was the one
		return nil
	}
	var keeping []source.Source
	for _, s := range sources {
		switch _, err := d.read(ctx, span, []source.Source{s}); {
		case errors.Is(err, source.ErrGone):
		case err != nil:
			return err
		default:
			keeping = append(keeping, s)
		}
	}
	if len(keeping) == 0 {
		return nil
	}
	return d.rereadFrom(ctx, span, keeping)
}

// replace restates the slots of a span whose readings say something else than their
// facts.
func (d *Driver) replace(ctx context.Context, span account.Span, readings []reading, sources []source.Source) error {
	end, err := d.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	states, err := ledger.Collect(d.Store.Slots(ctx, span)) // they may have been restated meanwhile
	if err != nil {
		return err
	}
	states = slices.DeleteFunc(states, func(s ledger.SlotState) bool { return s.Forgotten })
	if len(states) == 0 {
		return nil
	}
	dv, err := d.deriver(ctx, span)
	if err != nil {
		return err
	}
	stored, err := ledger.Collect(d.Store.Facts(ctx, span, dv.knownAt))
	if err != nil {
		return err
	}
	for _, state := range states {
		i := slices.IndexFunc(readings, func(r reading) bool { return r.Slot.Equal(state.Slot) })
		if i < 0 {
			continue
		}
		if err := d.replaceFacts(ctx, dv, state, d.compared(ofSlot(stored, state.Slot), readings[i], sources)); err != nil {
			return err
		}
	}
	return nil
}

// replaceFacts commits what a reading changes. A reading that goes on to another mark
// and says the same is not committed: what it would add is known to add nothing, and
// is looked at again at the next start.
func (d *Driver) replaceFacts(ctx context.Context, dv derivation, state ledger.SlotState, c comparison) error {
	if c.change == nil {
		return nil
	}
	c.change.KnownAt = dv.knownAt
	entries, err := dv.Derive(c.now)
	if err != nil {
		return err
	}
	return d.commitRestated(ctx, ledger.Commit{
		Slot: state.Slot, Revision: state.Revision + 1, KnownAt: dv.knownAt, Reason: ledger.ReasonLate,
		Note: fmt.Sprintf("%d hosts read differently", len(c.change.Subjects)), Facts: c.change, Mark: c.mark, Entries: entries,
	})
}

// comparison is the facts of a slot beside a reading of some of its sources.
type comparison struct {
	// change is what the reading says that the facts do not, nil when that is
	// nothing, and now the facts with it, nil when there are none.
	change, now *account.Batch
	mark        account.Mark
}

// compared compares facts, nil when there are none, with a reading of sources. What
// sources that were not read have said stays, and goes before what later ones say of
// the same subject.
func (d *Driver) compared(old *account.Batch, read reading, sources []source.Source) comparison {
	c := comparison{now: old, mark: read.mark}
	mine, now := old, read.Batch
	if old != nil {
		ofOthers := d.originsNotOf(old, sources)
		others := map[account.Subject]int{} // the place of the source that has told of it
		for _, f := range old.Facts {
			if place := ofOthers[f.Origin]; place >= 0 {
				others[old.Subjects[f.Subject]] = place
			}
		}
		mine = filtered(old, func(f *account.Fact) bool { return ofOthers[f.Origin] < 0 })
		if len(others) > 0 {
			now = filtered(now, func(f *account.Fact) bool {
				place, told := others[now.Subjects[f.Subject]]
				return !told || place > d.place(now.Origins[f.Origin])
			})
		}
	}
	if c.change = account.Difference(mine, now); c.change == nil {
		return c
	}
	if c.now = c.change; old != nil {
		c.now = account.Merge([]*account.Batch{c.change, old})
	}
	return c
}

// place returns the place among the driver's sources of the one that told something,
// -1 when it is none of them.
func (d *Driver) place(o account.Origin) int {
	return slices.IndexFunc(d.Sources, func(s source.Source) bool { return s.Info().Name == o.Source })
}

// originsNotOf returns, for each origin of a batch, the place of its source, and -1
// where that is one of some sources or none of the driver's.
func (d *Driver) originsNotOf(b *account.Batch, sources []source.Source) []int {
	out := make([]int, len(b.Origins))
	for i, o := range b.Origins {
		out[i] = d.place(o)
		if slices.ContainsFunc(sources, func(s source.Source) bool { return s.Info().Name == o.Source }) {
			out[i] = -1
		}
	}
	return out
}

// filtered returns a batch with the facts for which keep holds.
func filtered(b *account.Batch, keep func(*account.Fact) bool) *account.Batch {
	out := &account.Batch{Slot: b.Slot, KnownAt: b.KnownAt, Origins: b.Origins, Subjects: b.Subjects}
	for i := range b.Facts {
		if keep(&b.Facts[i]) {
			out.Facts = append(out.Facts, b.Facts[i])
		}
	}
	return out
}
