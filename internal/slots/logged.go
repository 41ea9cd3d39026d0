package slots

import (
	"context"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/source"
)

// catchUpLogs finds what logs tell of slots that the ledger does not know yet: closed
// ones are read again when a line came after they were read, and such of before the
// ledger began are closed. It is what makes a late line, or one that was written
// just before a crash, reach the ledger without waiting for an age.
func (d *Driver) catchUpLogs(ctx context.Context, now time.Time) (time.Time, error) {
	next := now.Add(min(d.config.OpenEvery, logsEvery))
	if regions, _ := d.regions(); int64(len(regions)) > d.asked.Load() { // a service is where none was
		if err := d.syncIntensities(ctx); err != nil {
			return next, err
		}
	}
	since, err := d.closeSince(ctx, now)
	if err != nil {
		return next, err
	}
	missing, err := d.rereadLogs(ctx, since, now)
	if err != nil || len(missing) == 0 {
		return next, err
	}
	f := &filling{Driver: d, sources: d.Sources, gone: d.gap, total: Progress{Total: len(missing)}}
	return next, f.run(ctx, missing)
}

// rereadLogs reads closed slots again of which logs tell more than was read. It
// returns those before an instant that are not closed and should be.
func (d *Driver) rereadLogs(ctx context.Context, since, now time.Time) (missing []account.Span, err error) {
	d.logsMu.Lock()
	defer d.logsMu.Unlock()
	for _, s := range d.Sources {
		log, ok := s.(source.Logged)
		if !ok {
			continue
		}
		marks := log.Marks()
		behind, open, err := d.behind(ctx, marks, since, now)
		if err != nil {
			return nil, err
		}
		missing = append(missing, open...)
		for _, span := range account.JoinSpans(behind) {
			if err := d.reread(ctx, span); err != nil {
				return nil, err
			}
			d.seen(span, marks)
		}
	}
	return missing, nil
}

// logsEvery is how often logs are looked at, at least.
const logsEvery = 10 * time.Second

// behind returns the closed slots of which a log tells more than was read, and those
// that nobody else will close because the ledger began after them.
func (d *Driver) behind(ctx context.Context, marks []source.SlotMark, since, now time.Time) (closed, missing []account.Span, err error) {
	if len(marks) == 0 {
		return nil, nil, nil
	}
	states := map[int64]ledger.SlotState{}
	whole := account.Span{From: marks[0].Slot.From, To: marks[len(marks)-1].Slot.To}
	for s, err := range d.Store.Slots(ctx, whole) {
		if err != nil {
			return nil, nil, err
		}
		states[s.Slot.From.UnixMicro()] = s
	}
	for _, m := range marks {
		key := m.Slot.From.UnixMicro()
		state, ok := states[key]
		switch {
		case ok && !state.Forgotten && state.Mark.Compare(m.Mark) < 0 && d.logSeen[key].Compare(m.Mark) < 0:
			closed = append(closed, m.Slot)
		case !ok && m.Slot.From.Before(since) && !m.Slot.To.After(now.Add(-d.config.Grace)):
			missing = append(missing, m.Slot)
		}
	}
	return closed, missing, nil
}

// seen notes how far a log was read, at least, for slots whose facts may not have
// changed by it. What it notes of slots that the log has forgotten goes.
func (d *Driver) seen(span account.Span, marks []source.SlotMark) {
	if len(d.logSeen) > 2*len(marks) {
		clear(d.logSeen)
	}
	for _, m := range marks {
		if span.Covers(m.Slot) {
			d.logSeen[m.Slot.From.UnixMicro()] = m.Mark
		}
	}
}
