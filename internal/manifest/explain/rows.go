package explain

import (
	"slices"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

const (
	keyTimestamp = "timestamp"
	keyDuration  = "duration"
)

// instant is a time in ms since 1970-01-01 UTC.
type instant struct {
	ms int64
	ok bool
}

// instantOf reads a timestamp; one without a zone is UTC.
func instantOf(v value.Value) instant {
	if ms, ok := v.Millis(); ok {
		return instant{ms, true}
	}
	s, _ := v.Str()
	if ms, layout := value.ParseISO(s); layout != value.NoLayout {
		return instant{ms, true}
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.Parse(layout, strings.TrimSpace(s)); err == nil {
			return instant{t.UnixMilli(), true}
		}
	}
	return instant{}
}

// findRow returns the row of a component's outputs that has the timestamp, or
// else the one in whose time it lies.
func findRow(n *tree.Node, at string) (int, error) {
	wanted := instantOf(value.OfText(at))
	within := -1
	var times []string
	for row := range n.Outputs.Len() {
		v := n.Outputs.At(row, keyTimestamp)
		times = append(times, v.String())
		begin := instantOf(v)
		if s, ok := v.Str(); ok && s == at || wanted.ok && begin == wanted {
			return row, nil
		}
		if wanted.ok && begin.ok && within < 0 && covers(begin, n.Outputs, row, wanted) {
			within = row
		}
	}
	if within >= 0 {
		return within, nil
	}
	return 0, &NotFound{What: "time", Name: at, In: n.Path, Names: nearest(times, wanted), Unreadable: !wanted.ok}
}

// covers reports whether a time lies in a row that begins at another.
func covers(begin instant, f *frame.Frame, row int, at instant) bool {
	seconds, _ := f.At(row, keyDuration).Float()
	return begin.ms <= at.ms && float64(at.ms-begin.ms) < seconds*1000
}

// nearest puts timestamps in the order of how far they are from a time, and
// keeps a few.
func nearest(times []string, at instant) []string {
	gap := func(s string) int64 {
		t := instantOf(value.OfText(s))
		return max(t.ms-at.ms, at.ms-t.ms)
	}
	if at.ok {
		slices.SortStableFunc(times, func(a, b string) int {
			switch x, y := gap(a), gap(b); {
			case x < y:
				return -1
			case x > y:
				return 1
			}
			return 0
		})
	}
	return times[:min(len(times), 3)]
}

// rowAt returns the row of a frame that begins at a time, -1 if there is none.
func rowAt(f *frame.Frame, at value.Value) int {
	wanted := instantOf(at)
	for row := range f.Len() {
		v := f.At(row, keyTimestamp)
		if value.Equal(v, at) || wanted.ok && instantOf(v) == wanted {
			return row
		}
	}
	return -1
}
