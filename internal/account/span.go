package account

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/unit"
)

// Span is the half-open time [From, To). Both are UTC and whole microseconds
// when made by [NewSpan]; compare spans with Equal, not ==, unless both were.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// NewSpan returns [from, to) in UTC, cut to microseconds and without a
// monotonic clock reading, so that equal spans are equal under ==.
func NewSpan(from, to time.Time) Span { return Span{Instant(from), Instant(to)} }

// Instant returns t in UTC, cut to the microsecond, without a monotonic clock
// reading. Instants that are equal are equal under ==.
func Instant(t time.Time) time.Time { return time.UnixMicro(t.UnixMicro()).UTC() }

// Duration returns the length of s, zero when it is empty or reversed.
func (s Span) Duration() time.Duration { return max(0, s.To.Sub(s.From)) }

// Length returns the length of s as a quantity.
func (s Span) Length() unit.Duration { return unit.Duration(s.Duration().Microseconds()) }

// IsEmpty reports whether no instant is in s.
func (s Span) IsEmpty() bool { return !s.From.Before(s.To) }

// Contains reports whether t is in s.
func (s Span) Contains(t time.Time) bool { return !t.Before(s.From) && t.Before(s.To) }

// Covers reports whether all of other is in s.
func (s Span) Covers(other Span) bool {
	return !other.From.Before(s.From) && !other.To.After(s.To)
}

// Overlap returns what s and other share, which may be empty.
func (s Span) Overlap(other Span) Span {
	if other.From.After(s.From) {
		s.From = other.From
	}
	if other.To.Before(s.To) {
		s.To = other.To
	}
	return s
}

// Equal reports whether s and other have the same ends.
func (s Span) Equal(other Span) bool { return s.From.Equal(other.From) && s.To.Equal(other.To) }

// String returns the ends in RFC 3339.
func (s Span) String() string {
	return fmt.Sprintf("[%s, %s)", s.From.UTC().Format(time.RFC3339Nano), s.To.UTC().Format(time.RFC3339Nano))
}

// JoinSpans returns the time of all spans in order, those that overlap or touch as
// one, without empty ones.
func JoinSpans(spans []Span) []Span {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b Span) int { return a.From.Compare(b.From) })
	var out []Span
	for _, s := range spans {
		if s.IsEmpty() {
			continue
		}
		if n := len(out); n > 0 && !s.From.After(out[n-1].To) {
			out[n-1].To = maxTime(out[n-1].To, s.To)
			continue
		}
		out = append(out, s)
	}
	return out
}

// ErrGrid reports a slot length that the ledger cannot use.
var ErrGrid = errors.New("slot length is not valid")

// Grid cuts time into slots of one length, aligned to UTC. The zero Grid is not
// valid; make one with [NewGrid].
type Grid struct{ step time.Duration }

// DefaultStep is the length of a slot where nothing else is configured: the
// settlement period of most European grids.
const DefaultStep = 30 * time.Minute

// NewGrid returns the grid of a slot length. It returns [ErrGrid] unless step is
// a whole number of seconds that divides one hour.
func NewGrid(step time.Duration) (Grid, error) {
	if step < time.Second || step%time.Second != 0 || time.Hour%step != 0 {
		return Grid{}, fmt.Errorf("%w: %v does not divide one hour into whole seconds; use for example 30m, 15m or 5m", ErrGrid, step)
	}
	return Grid{step}, nil
}

// Step returns the length of a slot.
func (g Grid) Step() time.Duration { return g.step }

// Slot returns the slot that contains t.
func (g Grid) Slot(t time.Time) Span {
	// Truncate counts from year 1, which is a whole number of hours before
	// any UTC hour, so slots line up with UTC hours.
	from := Instant(t).Truncate(g.step)
	return Span{from, from.Add(g.step)}
}

// Starts reports whether t is the start of a slot.
func (g Grid) Starts(t time.Time) bool { return g.Slot(t).From.Equal(t) }

// Slots yields, in order, the slots that overlap s.
func (g Grid) Slots(s Span) iter.Seq[Span] {
	return func(yield func(Span) bool) {
		for slot := g.Slot(s.From); slot.From.Before(s.To); slot = (Span{slot.To, slot.To.Add(g.step)}) {
			if !yield(slot) {
				return
			}
		}
	}
}
