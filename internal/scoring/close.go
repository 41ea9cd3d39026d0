package scoring

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/window"
)

// The reasons of drops in windows.
const (
	// DropNotValid is spans that were left out of a request.
	DropNotValid = "not_valid"
	// DropOverload is spans that were refused. Their senders were told to come again,
	// so they may be counted later.
	DropOverload = "overload"
)

// Times of closing a window.
const (
	// lookupFor bounds how long intensities and meters are waited for: without them a
	// window is scored by what is known.
	lookupFor = 10 * time.Second
	retryMin  = 200 * time.Millisecond
	retryMax  = 30 * time.Second
)

// closeAll archives windows one after the other: first those of a former driver. After
// one that cannot be archived no other is, since its journal says that the next place
// in the archive is its own.
func (d *Driver) closeAll(former []*segment) {
	ok := true
	for _, s := range former {
		ok = ok && d.close(s)
	}
	d.busy.Store(false)
	for s := range d.sealed {
		d.busy.Store(true)
		if ok = ok && d.close(s); ok {
			d.scorers.Put(s.scorer)
		} else if err := s.file.Close(); err != nil {
			d.Log.Warn("journal not closed", "path", s.path, "error", err)
		}
		d.busy.Store(false)
	}
}

// close archives a window. It tries again until it can, or the driver stops: then
// the journal is left for the next one.
func (d *Driver) close(s *segment) bool {
	var w *window.Window
	for wait := retryMin; ; wait = min(2*wait, retryMax) {
		err := d.archive(s, &w)
		if err == nil {
			d.well(troubleArchive)
			return true
		}
		d.trouble(troubleArchive, err)
		select {
		case <-time.After(wait):
		case <-d.stopping:
			if wait > retryMin { // it was tried when the driver stopped
				return false
			}
		}
	}
}

// archive scores a window, unless that is done, and archives it.
func (d *Driver) archive(s *segment, w **window.Window) error {
	if s.closed != nil {
		there, err := d.Archive.Holds(s.closed.at)
		if err != nil {
			return err
		}
		if there { // though an error was told
			if *w != nil {
				d.archived(s.closed.at, *w)
			}
			return s.remove()
		}
	}
	scoredAt := time.Unix(0, s.to).UTC()
	at, err := d.Archive.Next(scoredAt)
	if err != nil {
		return err
	}
	if s.closed == nil {
		s.closed = &closing{to: s.to, refused: d.refused.Swap(0), readings: d.readings(s)}
	}
	s.closed.at = at
	record, err := s.closed.record()
	if err == nil {
		err = s.write(record)
	}
	if err == nil {
		err = s.sync()
	}
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if *w == nil {
		scored := s.scorer.Close(d.conditions(s))
		if scored.Detail.Spans.Counted == 0 {
			tellResting(&scored, d.resting(s))
		}
		*w = &scored
	}
	mark, err := d.Archive.Append(*w, scoredAt)
	if err != nil {
		return err
	}
	d.archived(mark, *w)
	if err := s.remove(); err != nil { // a restart finds that it is archived
		d.Log.Warn("journal of an archived window not removed", "path", s.path, "error", err)
	}
	return nil
}

// archived tells everybody of a window.
func (d *Driver) archived(mark account.Mark, w *window.Window) {
	d.counters.archived(mark, w)
	if d.Book != nil {
		d.Book.Learn(mark, w)
	}
}

// conditions gathers what is known of the time of a window.
func (d *Driver) conditions(s *segment) window.Conditions {
	c := window.Conditions{
		From: s.from, To: s.closed.to, Late: s.late, Readings: s.closed.readings,
		Drops: []window.Drop{{Reason: DropNotValid, Spans: s.rejected}, {Reason: DropOverload, Spans: s.closed.refused}},
	}
	if length := c.To - c.From; length > 0 {
		c.Blind = min(1, float64(s.blind)/float64(length))
	}
	if d.Live != nil {
		ctx, cancel := context.WithTimeout(context.Background(), lookupFor)
		defer cancel()
		var err error
		if c.Live, err = d.Live(ctx, c.From, c.To); err != nil {
			d.without("intensities", s, err)
		}
	}
	return c
}

// readings asks the meters what they measured in the time of a window.
func (d *Driver) readings(s *segment) []window.Reading {
	if d.Readings == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookupFor)
	defer cancel()
	readings, err := d.Readings(ctx, s.from, s.to)
	if err != nil {
		d.without("meters", s, err)
	}
	return readings
}

// without tells that a window is scored by less than what could be known.
func (d *Driver) without(what string, s *segment, err error) {
	d.Log.Warn("window scored without a part", "part", what, "from", time.Unix(0, s.from).UTC(), "error", err)
	d.counters.blindfold.Add(1)
}

// replay goes on where a former driver ended: it counts what lies in journals again.
// It returns the windows that are to be closed, and opens the newest one.
func (d *Driver) replay(now int64) (sealed []*segment, err error) {
	defer func() {
		if err != nil {
			for _, s := range sealed {
				err = errors.Join(err, s.file.Close())
			}
		}
	}()
	numbers, err := journals(d.config.Journal)
	if err != nil {
		return nil, err
	}
	for _, number := range numbers {
		d.next = number + 1
		s, err := d.replayOne(number, now)
		if err != nil {
			return sealed, err
		}
		done := s.from == 0 // it was never begun
		if s.closed != nil {
			if done, err = d.Archive.Holds(s.closed.at); err != nil {
				return append(sealed, s), err
			}
		}
		if done {
			if err := s.remove(); err != nil {
				return sealed, err
			}
			continue
		}
		sealed = append(sealed, s)
	}
	for i, s := range sealed {
		switch {
		case s.closed != nil:
			s.to = s.closed.to
		case i < len(sealed)-1:
			s.to = max(sealed[i+1].from, s.from+1)
		default: // the newest one goes on
			d.open = s
			return sealed[:i], nil
		}
	}
	d.next = max(d.next, 1)
	d.open, err = d.begin(now)
	return sealed, err
}

// replayOne counts the spans of one journal.
func (d *Driver) replayOne(number uint64, now int64) (*segment, error) {
	scorer, err := window.New(d.config.Scoring)
	if err != nil {
		return nil, err
	}
	s := &segment{scorer: scorer}
	r, err := replay(d.config.Journal, number, func(from int64, b *decoded) {
		s.from = from
		s.count(b.spans, b.rejected)
	})
	if err != nil {
		return nil, err
	}
	s.journal, s.from, s.closed = r.journal, r.from, r.closed
	s.opened = time.Now().Add(-time.Duration(max(now-s.from, 0)))
	if s.closed == nil {
		s.blind = max(now-r.last, 0)
	}
	if r.lost > 0 {
		d.Log.Warn("end of a journal cut off", "path", r.path, "bytes", r.lost)
	}
	d.counters.replayed.Add(scorer.Len())
	return s, nil
}
