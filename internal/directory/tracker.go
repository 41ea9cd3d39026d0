package directory

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
)

// Tracker remembers what a directory said, so that the changes since a cursor can
// be told of a place that only says how things are now. Cursors are those of one
// Tracker: any other is refused with [ErrCursor], and who asked begins again. It is
// safe for concurrent use. Make one with [NewTracker].
type Tracker struct {
	run string

	mu       sync.Mutex
	seq      uint64
	known    map[string]tracked
	warnings []Warning
	goneAt   time.Time
	records  *Records
	own      []Warning // of the records themselves
	others   []Register
	used     []*Records // of others, when holdings were composed
}

// tracked is the newest revision of a holding and when it was noticed.
type tracked struct {
	account.Holding
	seq uint64
}

// NewTracker returns a tracker that knows nothing.
func NewTracker() *Tracker { return &Tracker{run: rand.Text(), known: map[string]tracked{}} }

// Set takes what a directory says now, and its records' own warnings. What it said
// before and does not say now is gone: with goneAt it ended then at the latest,
// without it never was. The tracker keeps the records, which must not be changed.
func (t *Tracker) Set(r *Records, warnings []Warning, goneAt time.Time) {
	used := t.ofOthers()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.records, t.goneAt, t.own = r, goneAt, warnings
	t.compose(used)
}

// Join implements [Register].
func (t *Tracker) Join(others ...Register) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.others = others
}

// ofOthers returns what the others know now. It holds no lock while it asks them.
func (t *Tracker) ofOthers() []*Records {
	t.mu.Lock()
	others := t.others
	t.mu.Unlock()
	var used []*Records
	for _, other := range others {
		if r := other.Records(); r != nil {
			used = append(used, r)
		}
	}
	return used
}

// compose makes holdings of what is known and notes what has changed.
func (t *Tracker) compose(used []*Records) {
	holdings, contradictions := Compose(t.records, used...)
	t.used, t.warnings = used, slices.Concat(t.own, contradictions)
	t.seq++
	said := make(map[string]bool, len(holdings))
	for _, h := range holdings {
		said[h.ID] = true
		t.note(h)
	}
	var missing []account.Holding
	for id, h := range t.known {
		if !said[id] {
			missing = append(missing, h.Holding)
		}
	}
	for _, h := range Gone(missing, holdings, t.goneAt) {
		t.note(h)
	}
}

// note keeps a holding that is new or says something else than before.
func (t *Tracker) note(h account.Holding) {
	if before, ok := t.known[h.ID]; !ok || !before.SameAs(h) {
		t.known[h.ID] = tracked{h, t.seq}
	}
}

// Since returns what changed since a cursor, or [ErrCursor].
func (t *Tracker) Since(cursor string) (Update, error) {
	used := t.ofOthers()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.records != nil && !slices.Equal(used, t.used) {
		t.compose(used)
	}
	after, err := t.parse(cursor)
	if err != nil {
		return Update{}, err
	}
	u := Update{Cursor: fmt.Sprintf("%s-%d", t.run, t.seq), Warnings: slices.Clone(t.warnings)}
	if cursor == "" {
		u.Whole, u.GoneAt = true, t.goneAt
	}
	for _, h := range t.known {
		if h.seq > after {
			u.Holdings = append(u.Holdings, h.Clone())
		}
	}
	slices.SortFunc(u.Holdings, account.Holding.Compare)
	return u, nil
}

func (t *Tracker) parse(cursor string) (uint64, error) {
	if cursor == "" {
		return 0, nil
	}
	run, number, _ := strings.Cut(cursor, "-")
	n, err := strconv.ParseUint(number, 10, 64)
	if err != nil || run != t.run || n > t.seq {
		return 0, fmt.Errorf("%w: %q", ErrCursor, cursor)
	}
	return n, nil
}

// Records implements [Register].
func (t *Tracker) Records() *Records {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.records
}

// Gone returns the revisions that say of holdings that they are gone. With an
// instant they ended then, or when somebody else got the host if that was earlier;
// those that had ended before stay as they are. Without it they never were, as never
// was a piece of a workspace that is still there.
func Gone(missing, others []account.Holding, at time.Time) []account.Holding {
	var out []account.Holding
	next, there := map[string][]time.Time{}, map[string]bool{}
	for _, h := range others {
		next[h.Host] = append(next[h.Host], h.From)
		there[h.ID] = true
	}
	for _, h := range missing {
		whole, isPiece := wholeOf(h.ID)
		switch {
		case h.Withdrawn:
			continue
		case isPiece && there[whole]:
			h.Withdrawn = true
		case !at.IsZero() && !h.Span().To.After(at):
			continue
		case at.IsZero() || !h.From.Before(at): // it had not begun
			h.Withdrawn = true
		default:
			h.To = account.Instant(at)
			for _, from := range next[h.Host] {
				if from.After(h.From) && from.Before(h.To) {
					h.To = from
				}
			}
		}
		out = append(out, h)
	}
	slices.SortFunc(out, account.Holding.Compare)
	return out
}
