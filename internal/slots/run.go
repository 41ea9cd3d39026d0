package slots

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// duty is something that Run does again and again.
type duty struct {
	name  string
	next  time.Time
	fails int
	// every is how often it is due, and shared says that one process of those on
	// a ledger does it.
	every  time.Duration
	shared bool
	// run does what is due and returns when it is due again.
	run func(ctx context.Context, now time.Time) (time.Time, error)
}

// Run does its duties until the context ends, and returns nil then: it asks
// directories and intensity sources, closes slots when they are due, reads closed
// ones again, and looks at the open one. What fails is logged, shown in
// [Driver.Status] and tried again; a slot whose source fails stays open. Run
// returns an error only when it cannot begin.
func (d *Driver) Run(ctx context.Context) error {
	if err := d.start(ctx); err != nil {
		return stopped(ctx, err)
	}
	now := time.Now()
	var err error
	if d.began, err = d.firstMethod(ctx, now); err != nil {
		return stopped(ctx, err)
	}
	duties := d.duties(now)
	for ctx.Err() == nil {
		if d.unfinished.Swap(false) {
			one := duties[finishing]
			if soon := time.Now().Add(d.config.RetryAfter); soon.Before(one.next) {
				one.next = soon
			}
		}
		d.doDue(ctx, duties)
		next := slices.MinFunc(duties, func(a, b *duty) int { return a.next.Compare(b.next) }).next
		wait(ctx, time.Until(next))
	}
	return nil
}

const (
	dutyIntensity = "intensity"
	dutyFinish    = "finish"
	// finishing is the place of that duty.
	finishing = 2
)

// duties returns what Run does, in order.
func (d *Driver) duties(now time.Time) []*duty {
	every := func(name string, interval time.Duration, do func(context.Context) error) *duty {
		return &duty{name: name, next: now, every: interval, shared: true, run: func(ctx context.Context, now time.Time) (time.Time, error) {
			return now.Add(interval), do(ctx)
		}}
	}
	slot := d.Store.Calendar().Grid().Step() + d.config.Grace
	duties := []*duty{
		every("directory", d.config.DirectoryEvery, d.syncDirectories),
		{name: dutyIntensity, next: now, every: d.config.IntensityEvery, run: func(ctx context.Context, now time.Time) (time.Time, error) {
			return now.Add(d.config.IntensityEvery), d.syncIntensities(ctx)
		}},
		finishing: {name: dutyFinish, next: now, every: slot, shared: true, run: func(ctx context.Context, now time.Time) (time.Time, error) {
			return now.Add(never), d.finish(ctx)
		}},
		{name: "close", next: now, every: slot, run: d.closeDue},
		{name: "logs", next: now, every: slot, shared: true, run: d.catchUpLogs},
		{name: "recheck", next: now, every: slot, shared: true, run: d.recheckDue},
		{name: "open", next: now, every: slot, run: d.openDue},
	}
	if d.config.KeepFacts > 0 {
		duties = append(duties, every("retention", time.Hour, d.forget))
	}
	return duties
}

// never is longer than any server runs.
const never = 1 << 62

// firstMethod returns when the ledger was made, at the latest now.
func (d *Driver) firstMethod(ctx context.Context, now time.Time) (time.Time, error) {
	for m, err := range d.Store.Methods(ctx) {
		if err != nil {
			return now, fmt.Errorf("methods: %w", err)
		}
		if m.KnownAt.Before(now) {
			return m.KnownAt, nil
		}
	}
	return now, nil
}

// stopped is nil when err is only the end of the context.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Cause(ctx)) {
		return nil
	}
	return err
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// doDue does what is due, in order: what is known before what follows from it.
func (d *Driver) doDue(ctx context.Context, duties []*duty) {
	for _, one := range duties {
		now := time.Now()
		if one.next.After(now) || ctx.Err() != nil {
			continue
		}
		next, err := d.do(ctx, one, now)
		if stopped(ctx, err) == nil && err != nil {
			return
		}
		one.next = next
		if err != nil {
			one.fails++
			retry := time.Now().Add(d.backoff(one.fails))
			if retry.Before(next) {
				one.next = retry
			}
			d.Log.Warn("duty failed", "duty", one.name, "error", err, "fails", one.fails, "retry", one.next)
		} else {
			one.fails = 0
		}
		if d.status.note(one.name, err) {
			d.events.send(Event{Kind: EventTrouble})
		}
	}
}

// do does a duty, or leaves it to another process.
func (d *Driver) do(ctx context.Context, one *duty, now time.Time) (time.Time, error) {
	if one.shared {
		held, err := d.claim(ctx, one.name, one.every)
		if err != nil || !held {
			return now.Add(min(one.every, leaseMargin)), err
		}
	}
	next, err := one.run(ctx, now)
	if errors.Is(err, ledger.ErrUnavailable) || errors.Is(err, ledger.ErrLease) {
		d.unfinished.Store(true) // something may be stored that nothing was restated for
	}
	return next, err
}

// backoff doubles with each failure.
func (d *Driver) backoff(fails int) time.Duration {
	wait := d.config.RetryAfter
	for range fails - 1 {
		if wait *= 2; wait >= d.config.RetryMax {
			return d.config.RetryMax
		}
	}
	return wait
}

// closeDue closes all slots that are due: those since the first slot of the
// ledger, as far back as the driver catches up. A new ledger begins with the slot
// in which it was made.
func (d *Driver) closeDue(ctx context.Context, now time.Time) (time.Time, error) {
	grid := d.Store.Calendar().Grid()
	next := grid.Slot(now.Add(-d.config.Grace)).To.Add(d.config.Grace)
	since, err := d.closeSince(ctx, now)
	if err != nil {
		return next, err
	}
	missing, err := d.missing(ctx, account.Span{From: since, To: now.Add(-d.config.Grace)})
	if err != nil || len(missing) == 0 {
		return next, err
	}
	f := &filling{Driver: d, sources: d.Sources, gone: d.gap, total: Progress{Total: len(missing)}}
	err = f.run(ctx, missing)
	d.status.closed(f.total, missing)
	if soon := now.Add(d.config.RetryAfter); f.left > 0 && soon.Before(next) {
		next = soon // see whether the others have closed theirs
	}
	return next, err
}

// closeSince returns the first slot that the driver looks after.
func (d *Driver) closeSince(ctx context.Context, now time.Time) (time.Time, error) {
	status, err := d.Store.Status(ctx)
	if err != nil {
		return time.Time{}, err
	}
	since := now
	if d.began.Before(since) { // its first slot was perhaps never closed
		since = d.began
	}
	if status.Slots > 0 && status.First.From.Before(since) {
		since = status.First.From
	}
	if oldest := now.Add(-d.config.CatchUp); since.Before(oldest) {
		since = oldest
	}
	return d.Store.Calendar().Grid().Slot(since).From, nil
}

// openDue looks at the open slot. Where that takes long it is done less often, so
// that it takes a tenth of the time at most.
func (d *Driver) openDue(ctx context.Context, now time.Time) (time.Time, error) {
	err := d.lookOpen(ctx)
	return now.Add(max(d.config.OpenEvery, 10*time.Since(now))), err
}

// recheckDue reads closed slots again at the configured ages, a few at a time.
func (d *Driver) recheckDue(ctx context.Context, now time.Time) (time.Time, error) {
	next := d.Store.Calendar().Grid().Slot(now).To.Add(d.config.Grace)
	ages := d.config.Recheck
	if len(ages) == 0 || len(d.replayable()) == 0 {
		return next, nil
	}
	// A day more than the last age, for slots of before a downtime.
	window := account.Span{From: now.Add(-ages[len(ages)-1] - 24*time.Hour), To: now.Add(-ages[0])}
	var due []account.Span
	for s, err := range d.Store.Slots(ctx, window) {
		if err != nil {
			return next, err
		}
		forgotten := s.Slot.From.Before(window.From) // as below
		if !forgotten && d.recheckAge(s.Slot, now) > d.rechecked[s.Slot.From.UnixMicro()] {
			due = append(due, s.Slot)
		}
	}
	maps.DeleteFunc(d.rechecked, func(from int64, _ int) bool { return from < window.From.UnixMicro() })
	if len(due) == 0 {
		return next, nil
	}
	spans := account.JoinSpans(due)
	length := time.Duration(d.config.ReadSlots) * d.Store.Calendar().Grid().Step()
	for part := range parts(spans[0], length) {
		if err := d.reread(ctx, part); err != nil {
			return next, err
		}
		for slot := range d.Store.Calendar().Grid().Slots(part) {
			d.rechecked[slot.From.UnixMicro()] = d.recheckAge(slot, now)
		}
		if len(spans) > 1 || part.To.Before(spans[0].To) {
			return now, nil // more to do, after what else is due
		}
	}
	return next, nil
}

// recheckAge returns how many of the ages a slot has reached.
func (d *Driver) recheckAge(slot account.Span, now time.Time) int {
	n := 0
	for _, age := range d.config.Recheck {
		if !now.Before(slot.To.Add(age)) {
			n++
		}
	}
	return n
}
