package scoring

import (
	"time"

	"github.com/dendro-carbon/dendro/internal/window"
)

// maxGroup bounds what is written at once, in bytes.
const maxGroup = 4 << 20

// commitAll takes batches until the driver stops, and cuts windows when it is time.
func (d *Driver) commitAll() {
	defer close(d.sealed)
	tick := time.NewTicker(min(d.config.Window/4, 250*time.Millisecond))
	defer tick.Stop()
	var group []*batch
	for {
		select {
		case b := <-d.queue:
			group = d.more(append(group[:0], b))
			d.commit(group)
			clear(group)
		case <-tick.C:
		case <-d.stopping:
			d.drain()
			return
		}
		d.keep(d.Now())
	}
}

// more adds what waits already to a group, up to a size.
func (d *Driver) more(group []*batch) []*batch {
	size := len(group[0].record)
	for size < maxGroup {
		select {
		case b := <-d.queue:
			group, size = append(group, b), size+len(b.record)
		default:
			return group
		}
	}
	return group
}

// commit writes a group to the journal, counts it, and acknowledges it.
func (d *Driver) commit(group []*batch) {
	before := d.open.size
	records := make([][]byte, len(group))
	for i, b := range group {
		records[i] = b.record
	}
	err := d.open.write(records...)
	if err == nil && d.config.Sync == SyncAlways {
		err = d.open.sync()
	}
	if err != nil {
		d.open.undo(before)
		d.trouble(troubleJournal, err)
	} else {
		d.well(troubleJournal)
	}
	for _, b := range group {
		if err == nil {
			d.open.count(b.spans, b.rejected)
			d.counters.accepted.Add(uint64(len(b.spans)))
			d.counters.rejected.Add(b.rejected)
		}
		b.done <- err
	}
}

// count counts spans in the window.
func (s *segment) count(spans []window.Span, rejected uint64) {
	for i := range spans {
		if start := spans[i].Start; start > 0 && start < s.from {
			s.late++
		}
		s.scorer.Add(&spans[i])
	}
	s.rejected += rejected
}

// keep does what is due between groups: to sync, and to cut a window.
func (d *Driver) keep(now time.Time) {
	if d.config.Sync == SyncInterval && now.Sub(d.synced) >= syncEvery {
		d.synced = now
		if err := d.open.sync(); err != nil {
			d.trouble(troubleJournal, err)
		}
	}
	s := d.open
	due := time.Since(s.opened) >= d.config.Window
	large := s.size >= d.config.MaxBytes
	d.counters.window(s, now)
	if !due && !large {
		return
	}
	if s.isQuiet() && d.refused.Load() == 0 && !d.isAwaited(s, now) {
		return
	}
	cut := !d.busy.Load() && d.cut(now)
	d.full.Store(!cut && s.size >= 2*d.config.MaxBytes)
}

// cut seals the open window and opens another, which begins where it ends unless the clock
// was put back. It reports whether it could: not while the one before is still being
// closed.
func (d *Driver) cut(now time.Time) bool {
	next, err := d.begin(now.UnixNano())
	if err != nil {
		d.trouble(troubleJournal, err)
		return false
	}
	s := d.open
	s.to = max(next.from, s.from+1)
	select {
	case d.sealed <- s:
		d.open = next
		return true
	default:
		d.next--
		d.scorers.Put(next.scorer)
		if err := next.remove(); err != nil {
			d.trouble(troubleJournal, err)
		}
		return false
	}
}

// begin opens a window.
func (d *Driver) begin(from int64) (*segment, error) {
	scorer, err := d.scorer()
	if err != nil {
		return nil, err
	}
	j, err := createJournal(d.config.Journal, d.next, from)
	if err != nil {
		return nil, err
	}
	d.next++
	return &segment{journal: j, scorer: scorer, from: from, opened: time.Now()}, nil
}

// scorer returns one that was used before, or a new one.
func (d *Driver) scorer() (*window.Scorer, error) {
	if s, ok := d.scorers.Get().(*window.Scorer); ok {
		return s, nil
	}
	return window.New(d.config.Scoring)
}

// drain commits what is left at the end and seals the last window, unless it is quiet
// and in a slot that has nothing of services: what meters measured in it they keep.
func (d *Driver) drain() {
	for {
		select {
		case b := <-d.queue:
			d.commit(d.more([]*batch{b}))
			continue
		default:
		}
		break
	}
	s := d.open
	if s.isQuiet() && (!d.watching.Load() || d.Book == nil || len(d.Book.services(s.from)) == 0) {
		if err := s.remove(); err != nil {
			d.trouble(troubleJournal, err)
		}
		return
	}
	s.to = max(d.Now().UnixNano(), s.from+1)
	d.sealed <- s
}
