package slots

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/source"
)

// Progress is how far a filling of slots has come.
type Progress struct {
	// Done of Total slots are closed; Gone are those of which a source keeps
	// nothing.
	Done, Total, Gone int
	// Last is a slot that was closed just now.
	Last account.Span
}

// Backfill closes the slots of a span that are due and not closed, with all
// sources that can be read again. It may be broken off and called again: it goes
// on where it was. Progress, which may be nil, is called for each slot, by one
// goroutine at a time. Slots of which a source keeps nothing are left out and
// counted.
func (d *Driver) Backfill(ctx context.Context, span account.Span, progress func(Progress)) (Progress, error) {
	if err := d.start(ctx); err != nil {
		return Progress{}, err
	}
	due := time.Now().Add(-d.config.Grace)
	if span.To.After(due) {
		span.To = due
	}
	missing, err := d.missing(ctx, span)
	if err != nil {
		return Progress{}, err
	}
	f := &filling{Driver: d, sources: d.replayable(), progress: progress, total: Progress{Total: len(missing)}}
	if _, err := d.rereadLogs(ctx, time.Time{}, time.Now()); err != nil { // what a killed server had not come to
		return f.total, err
	}
	if len(missing) == 0 || len(f.sources) == 0 {
		return f.total, nil
	}
	whole := account.Span{From: missing[0].From, To: missing[len(missing)-1].To}
	if err := d.syncDirectories(ctx); err != nil {
		d.Log.Warn("holdings are missing for now", "error", err)
	}
	if err := d.fetchIntensities(ctx, whole); err != nil {
		d.Log.Warn("intensities of the past are missing for now", "span", whole, "error", err)
	}
	err = f.run(ctx, missing)
	for err == nil && f.left > 0 { // what another process reads may come to nothing
		if wait(ctx, time.Second); ctx.Err() != nil {
			return f.total, context.Cause(ctx)
		}
		f.left = 0
		if missing, err = d.missing(ctx, span); err == nil {
			err = f.run(ctx, missing)
		}
		f.total.Done = f.total.Total - f.total.Gone - len(missing)
	}
	return f.total, err
}

// missing returns the slots that lie in a span and are not closed, in order.
func (d *Driver) missing(ctx context.Context, span account.Span) ([]account.Span, error) {
	closed := map[int64]bool{}
	for s, err := range d.Store.Slots(ctx, span) {
		if err != nil {
			return nil, fmt.Errorf("closed slots of %v: %w", span, err)
		}
		closed[s.Slot.From.UnixMicro()] = true
	}
	var missing []account.Span
	for slot := range d.Store.Calendar().Grid().Slots(span) {
		if span.Covers(slot) && !closed[slot.From.UnixMicro()] {
			missing = append(missing, slot)
		}
	}
	return missing, nil
}

// filling closes many slots with several readers.
type filling struct {
	*Driver
	sources []source.Source
	// gone makes facts of a slot of which a source keeps nothing; nil makes none.
	gone     func(ctx context.Context, slot account.Span) (*account.Batch, error)
	progress func(Progress)

	mu    sync.Mutex
	total Progress
	left  int // chunks that another process reads, or took the turn from
}

// run reads chunks of neighbouring slots and closes them. It stops at the first
// failure, which it returns; what is closed stays closed.
func (f *filling) run(ctx context.Context, missing []account.Span) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	chunks := make(chan account.Span)
	var wg sync.WaitGroup
	for range f.config.Parallel {
		wg.Go(func() {
			for chunk := range chunks {
				if err := f.claimed(ctx, chunk); err != nil {
					cancel(err)
				}
			}
		})
	}
	for _, chunk := range f.chunks(missing) {
		select {
		case chunks <- chunk:
		case <-ctx.Done():
		}
	}
	close(chunks)
	wg.Wait()
	return context.Cause(ctx)
}

// chunks joins neighbours, up to the configured number of slots. Their bounds are
// the same for all processes on a ledger, so that each finds which are taken.
func (f *filling) chunks(missing []account.Span) []account.Span {
	var out []account.Span
	length := time.Duration(f.config.ReadSlots) * f.Store.Calendar().Grid().Step()
	for _, slot := range missing {
		n := len(out)
		if n > 0 && out[n-1].To.Equal(slot.From) && slot.From.Sub(slot.From.Truncate(length)) != 0 {
			out[n-1].To = slot.To
			continue
		}
		out = append(out, slot)
	}
	return out
}

// claimed fills one chunk, unless another process does.
func (f *filling) claimed(ctx context.Context, chunk account.Span) error {
	work := "close " + chunk.From.Format(time.RFC3339)
	g, err := f.Store.Claim(ctx, work, closeTerm)
	if err != nil {
		return err
	}
	if !g.Held {
		return f.leave()
	}
	if !g.LastKnownAt.IsZero() {
		defer f.release(ctx, work)
	}
	if err = f.fill(ctx, chunk); errors.Is(err, ledger.ErrLease) { // it took too long: nothing of it was stored
		f.Log.Warn("slots are read again: another process took the turn meanwhile", "slots", chunk)
		return f.leave()
	}
	return err
}

// leave notes a chunk to be looked at again.
func (f *filling) leave() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left++
	return nil
}

// fill reads and closes one chunk. Where a source keeps nothing of some of it, it
// goes slot by slot.
func (f *filling) fill(ctx context.Context, chunk account.Span) error {
	batches, err := f.read(ctx, chunk, f.sources)
	if errors.Is(err, source.ErrGone) {
		grid := f.Store.Calendar().Grid()
		if chunk.Duration() > grid.Step() {
			for slot := range grid.Slots(chunk) {
				if err := f.fill(ctx, slot); err != nil {
					return err
				}
			}
			return nil
		}
		batches, err = f.readRest(ctx, chunk)
		f.note(Progress{Gone: 1})
	}
	if err != nil || len(batches) == 0 {
		return err
	}
	n, err := f.close(ctx, chunk, batches)
	for _, b := range batches[:n] {
		f.note(Progress{Done: 1, Last: b.Slot})
	}
	return err
}

// readRest returns the facts of a slot of which at least one source keeps nothing:
// those of the other sources, and what gone makes of the rest.
func (f *filling) readRest(ctx context.Context, slot account.Span) ([]reading, error) {
	var kept []*account.Batch
	var mark account.Mark
	several := f.sources
	if len(several) == 1 { // it was the one
		several = nil
	}
	for _, s := range several {
		batches, err := f.read(ctx, slot, []source.Source{s})
		switch {
		case errors.Is(err, source.ErrGone):
		case err != nil:
			return nil, err
		default:
			for _, b := range batches {
				kept = append(kept, b.Batch)
				if mark.Compare(b.mark) < 0 {
					mark = b.mark
				}
			}
		}
	}
	if f.gone != nil {
		lost, err := f.gone(ctx, slot)
		if err != nil {
			return nil, err
		}
		kept = append(kept, lost)
	}
	if len(kept) == 0 {
		return nil, nil
	}
	return []reading{{account.Merge(kept), mark}}, nil
}

// close derives and commits slots that were read, and returns how many.
func (f *filling) close(ctx context.Context, span account.Span, batches []reading) (int, error) {
	end, err := f.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer end()
	dv, err := f.deriver(ctx, span)
	if err != nil {
		return 0, err
	}
	for _, b := range batches {
		b.KnownAt = dv.knownAt
	}
	ahead, rest := dv.ahead(ctx, batches)
	defer rest() // before the turn ends
	n := 0
	for d := range ahead {
		if d.err != nil {
			return n, d.err
		}
		f.warnContentions(d.Slot, d.contentions)
		c := ledger.Commit{Slot: d.Slot, Revision: 1, KnownAt: dv.knownAt, Facts: d.Batch, Mark: d.mark, Entries: d.entries}
		switch err := f.Store.Commit(ctx, c); {
		case errors.Is(err, ledger.ErrConflict): // somebody else has closed it
		case err != nil:
			return n, fmt.Errorf("close slot %v: %w", d.Slot, err)
		default:
			f.events.send(Event{Kind: EventClosed, Slot: d.Slot, KnownAt: dv.knownAt})
		}
		n++
	}
	return n, context.Cause(ctx)
}

// note adds to the progress and tells it.
func (f *filling) note(p Progress) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.total.Done += p.Done
	f.total.Gone += p.Gone
	if p.Done > 0 {
		f.total.Last = p.Last
	}
	if f.progress != nil {
		f.progress(f.total)
	}
}

// gap returns facts for a slot of which a source keeps nothing: the hosts of the
// last slot before it were expected and not observed.
func (d *Driver) gap(ctx context.Context, slot account.Span) (*account.Batch, error) {
	last, err := d.lastFacts(ctx, slot.From)
	if err != nil {
		return nil, fmt.Errorf("facts before %v: %w", slot.From, err)
	}
	out := &account.Batch{Slot: slot, Origins: []account.Origin{{Source: "dendro", Method: "gap"}}}
	for facts := range last.BySubject() {
		s := last.Subjects[facts[0].Subject]
		if s.Kind == account.SubjectHost {
			out.Subjects = append(out.Subjects, s)
			out.Facts = append(out.Facts, account.Fact{Subject: len(out.Subjects) - 1, To: slot.Length(), Expected: slot.Length()})
		}
	}
	d.Log.Warn("slot is lost: a source keeps nothing of it", "slot", slot.From, "hosts", len(out.Subjects))
	return out, nil
}

// lastFacts returns the facts of the last slot before an instant that has any, no
// further back than the driver catches up.
func (d *Driver) lastFacts(ctx context.Context, before time.Time) (*account.Batch, error) {
	states, err := ledger.Collect(d.Store.Slots(ctx, account.Span{From: before.Add(-d.config.CatchUp), To: before}))
	if err != nil {
		return nil, err
	}
	for _, state := range slices.Backward(states) {
		for b, err := range d.Store.Facts(ctx, state.Slot, time.Time{}) {
			if err != nil || len(b.Facts) > 0 {
				return b, err
			}
		}
	}
	return &account.Batch{}, nil
}
