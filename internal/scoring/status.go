package scoring

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/window"
)

// Status is how a driver is doing. Counts are since its start.
type Status struct {
	// Accepted are the spans that were taken, Rejected those that were not valid, and
	// Refused those for which there was no room, each time they came.
	Accepted uint64 `json:"accepted"`
	Rejected uint64 `json:"rejected"`
	Refused  uint64 `json:"refused"`
	// Replayed are spans that a former driver had left in its journal.
	Replayed uint64 `json:"replayed"`
	// Windows were archived, with Scored spans, of which Late came after the window of
	// their time.
	Windows uint64 `json:"windows"`
	Scored  uint64 `json:"scored"`
	Late    uint64 `json:"late"`
	// Blindfold are windows that were scored without asking intensities or meters.
	Blindfold uint64 `json:"blindfold,omitempty"`
	// Open is the window that is being filled.
	Open OpenWindow `json:"open"`
	// LastArchived is when the last window ended, and LastMark its place.
	LastArchived time.Time    `json:"last_archived,omitzero"`
	LastMark     account.Mark `json:"last_mark,omitzero"`
	// Troubles are what fails, by what it concerns.
	Troubles map[string]string `json:"troubles,omitempty"`
}

// OpenWindow is the window that is being filled.
type OpenWindow struct {
	From  time.Time `json:"from,omitzero"`
	Spans uint64    `json:"spans"`
	Bytes int64     `json:"journal_bytes"`
}

// The parts that can fail.
const (
	troubleJournal = "journal"
	troubleArchive = "archive"
)

// counters are what a driver counts.
type counters struct {
	accepted, rejected, refused, replayed, blindfold atomic.Uint64

	mu       sync.Mutex
	status   Status
	troubles map[string]string
}

// window takes note of the open window.
func (c *counters) window(s *segment, _ time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status.Open = OpenWindow{time.Unix(0, s.from).UTC(), s.scorer.Len(), s.size}
}

// archived takes note of a window that was archived.
func (c *counters) archived(mark account.Mark, w *window.Window) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status.Windows++
	c.status.Scored += w.Detail.Spans.Counted
	c.status.Late += w.Detail.Spans.Late
	c.status.LastArchived, c.status.LastMark = time.Unix(0, w.Detail.To).UTC(), mark
}

// trouble takes note of what fails, or with an empty text that it does not. It reports
// whether that is new, not whether the text is: while a disk is full it is now this
// file that cannot be written and now that one.
func (c *counters) trouble(part, text string) (changed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, before := c.troubles[part]
	if text == "" {
		delete(c.troubles, part)
		return before
	}
	if c.troubles == nil {
		c.troubles = map[string]string{}
	}
	c.troubles[part] = text
	return !before
}

// trouble logs what fails, once until it is well again.
func (d *Driver) trouble(part string, err error) {
	if d.counters.trouble(part, err.Error()) {
		d.Log.Error("scoring in trouble", "part", part, "error", err)
	}
}

// well logs that what failed does not any more.
func (d *Driver) well(part string) {
	if d.counters.trouble(part, "") {
		d.Log.Info("scoring out of trouble", "part", part)
	}
}

// Status returns how the driver is doing.
func (d *Driver) Status() Status {
	c := &d.counters
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.status
	s.Accepted, s.Rejected, s.Refused = c.accepted.Load(), c.rejected.Load(), c.refused.Load()
	s.Replayed, s.Blindfold = c.replayed.Load(), c.blindfold.Load()
	if len(c.troubles) > 0 {
		s.Troubles = map[string]string{}
		for part, text := range c.troubles {
			s.Troubles[part] = text
		}
	}
	return s
}
