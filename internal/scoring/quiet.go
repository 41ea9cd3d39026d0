package scoring

import (
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/window"
)

// A window in which nothing came goes on, so that an idle server writes nothing. It is
// closed all the same, once the slot of the ledger in which it began is over, where
// that slot waits for it: for what meters measured of services that rest, or, because
// spans came in it before, for how long it was watched.

// Watch tells the driver that spans can come from now on. Before, as in a program that only
// fills in the past, a quiet window is a time in which nobody could send.
func (d *Driver) Watch() { d.watching.Store(true) }

// isQuiet reports whether no spans came in a window.
func (s *segment) isQuiet() bool { return s.scorer.Len() == 0 && s.rejected == 0 }

// isAwaited reports whether a quiet window is to be closed.
func (d *Driver) isAwaited(s *segment, now time.Time) bool {
	return d.watching.Load() && d.Book != nil && !d.Book.grid.Slot(time.Unix(0, s.from)).To.After(now.Add(-d.config.Window)) && len(d.resting(s)) > 0
}

// resting returns the services that a quiet window tells something of, in order: those that
// meters measure, and those that were met in the slot in which it began.
func (d *Driver) resting(s *segment) []string {
	var names []string
	if d.Readings != nil {
		for _, name := range d.config.Scoring.Metered {
			names = append(names, window.Fold(name))
		}
	}
	if d.Book != nil {
		names = append(names, d.Book.services(s.from)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// services returns the services of the slot in which an instant is, in no order.
func (b *Book) services(at int64) (names []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.pages[b.grid.Slot(time.Unix(0, at)).From.UnixNano()]
	if p == nil {
		return nil
	}
	for key := range p.cells {
		if key.service != "" {
			names = append(names, key.service)
		}
	}
	return names
}

// tellResting says of services in a window without spans that they used nothing. A line without
// any service is taken for one of a version that knew no services, whose figures have to
// be divided by operations, of which there are none.
func tellResting(w *window.Window, services []string) {
	g := &w.Green
	for _, name := range services {
		g.ServiceEnergyKWh = append(g.ServiceEnergyKWh, window.Amount{Service: name})
		g.ServiceCarbonKg = append(g.ServiceCarbonKg, window.Amount{Service: name})
	}
}
