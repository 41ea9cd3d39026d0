package slots

import (
	"context"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
)

// Open is what is known of slots that are not closed yet: the one that goes on, and
// those before it that wait for late samples. It is provisional, in no sum and
// in no report, and immutable.
type Open struct {
	// At is when it was derived.
	At    time.Time
	Slots []OpenSlot
}

// OpenSlot is one slot that is not closed.
type OpenSlot struct {
	Slot    account.Span
	Entries []account.Entry
}

// Open returns the newest view of the open slots, nil before there is one. The
// caller must not change it.
func (d *Driver) Open() *Open { return d.open.Load() }

// lookOpen reads the slots after the last closed one, up to now. After a long
// downtime they are left to the catching up.
func (d *Driver) lookOpen(ctx context.Context) error {
	now := time.Now()
	span := account.Span{From: now.Add(-d.config.Grace), To: d.Store.Calendar().Grid().Slot(now).To}
	missing, err := d.missing(ctx, account.Span{From: d.Store.Calendar().Grid().Slot(span.From).From, To: span.To})
	if err != nil || len(missing) == 0 {
		return err
	}
	view := &Open{At: account.Instant(now)}
	whole := account.Span{From: missing[0].From, To: missing[len(missing)-1].To}
	batches, err := d.read(ctx, whole, d.Sources)
	if err != nil {
		return err
	}
	dv, err := d.deriver(ctx, whole)
	if err != nil {
		return err
	}
	for _, b := range batches {
		entries, err := dv.Derive(b.Batch)
		if err != nil {
			return err
		}
		view.Slots = append(view.Slots, OpenSlot{b.Slot, entries})
	}
	d.open.Store(view)
	d.events.send(Event{Kind: EventOpen, Slot: whole})
	return nil
}
