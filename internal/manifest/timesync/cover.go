package timesync

import (
	"fmt"
	"math"
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/value"
)

// cover says which part of which observation lies in which time step.
type cover struct {
	start, end int64 // ms since 1970-01-01 UTC
	step       int64 // ms; the last one is cut at end
	steps      int
	begins     []int64 // of the rows
	lengths    []int64 // of the rows, in ms
	spans      []span
	observed   []int64 // per step, the ms of it that rows cover
	// stands is, per step, the row whose constants stand in it: the last one that
	// lies in it; without any, the next row, or the last of all.
	stands []int32
	// The sides and the inside of the time asked for that no row covers.
	before, after, gaps int64 // ms
	gapCount            int
}

// span is the part of a row that lies in one step. The parts of rows without
// length have none either.
type span struct {
	row, step int32
	overlap   int64 // ms
}

// at returns when a step begins and how long it is, in ms.
func (k *cover) at(step int) (begin, length int64) {
	begin = k.start + int64(step)*k.step
	return begin, min(k.step, k.end-begin)
}

// full reports whether a span is all of its step.
func (k *cover) full(s span) bool {
	_, length := k.at(int(s.step))
	return s.overlap == length
}

// newCover divides the rows among the steps. Rows must be in order and not
// overlap.
func newCover(g Grid, begins []int64, durations []float64) (*cover, error) {
	k := &cover{start: g.Start, end: g.End, step: int64(math.Round(g.Interval * 1000)), begins: begins}
	k.steps = int((k.end - k.start + k.step - 1) / k.step)
	if err := k.measure(durations); err != nil {
		return nil, err
	}
	if err := k.order(); err != nil {
		return nil, err
	}
	k.divide()
	k.stand()
	return k, nil
}

// measure takes the lengths of the rows, in ms as timestamps are.
func (k *cover) measure(durations []float64) error {
	const most = 1e15 // ms, 30,000 years
	var found *diag.Problem
	k.lengths = make([]int64, len(durations))
	for row, d := range durations {
		if ms := math.Round(d * 1000); ms >= 0 && ms < most {
			k.lengths[row] = int64(ms)
		} else if found == nil {
			found = diag.New("InvalidInputError", "A duration of %s s is not one.", value.NumberText(d)).
				WithHint("give it in seconds, from 0 on").WithMetric("duration").AtRow(row)
		} else {
			found.Rows++
		}
	}
	if found != nil {
		return found
	}
	return nil
}

// order checks that each row begins where the one before has ended. Timestamps
// are whole milliseconds: what is less is taken for rounding.
func (k *cover) order() error {
	var found *diag.Problem
	for row := 1; row < len(k.begins); row++ {
		end := k.begins[row-1] + k.lengths[row-1]
		switch begin := k.begins[row]; {
		case begin >= end:
		case begin == end-1 && k.lengths[row-1] > 1:
			k.lengths[row-1]--
		case found == nil:
			found = overlap(row, k.begins[row-1], end, begin)
		default:
			found.Rows++
		}
	}
	if found != nil {
		return found
	}
	return nil
}

// overlapText is Impact Framework's message, also where rows are not in order.
const overlapText = "Observation timestamps overlap, please check inputs."

func overlap(row int, before, end, begin int64) *diag.Problem {
	p := diag.New("InvalidInputError", overlapText).AtRow(row)
	if begin < before {
		return p.WithHint("sort the rows by time: row %d begins at %s and row %d after it at %s",
			row, isoText(before), row+1, isoText(begin))
	}
	return p.WithHint("row %d lasts from %s to %s and row %d begins at %s: correct a duration or a timestamp",
		row, isoText(before), isoText(end), row+1, isoText(begin))
}

// divide finds the spans.
func (k *cover) divide() {
	k.spans = make([]span, 0, len(k.begins)+k.steps)
	k.observed = make([]int64, k.steps)
	for row, begin := range k.begins {
		from, to := max(begin, k.start), min(begin+k.lengths[row], k.end)
		if k.lengths[row] == 0 && from == begin && begin < k.end {
			k.spans = append(k.spans, span{row: int32(row), step: int32((begin - k.start) / k.step)})
		}
		for from < to {
			step := (from - k.start) / k.step
			part := min(to, k.start+(step+1)*k.step) - from
			k.spans = append(k.spans, span{int32(row), int32(step), part})
			k.observed[step] += part
			from += part
		}
	}
}

// stand chooses the rows whose constants stand in the steps, and measures what
// is not covered.
func (k *cover) stand() {
	k.stands = make([]int32, k.steps)
	for i := range k.stands {
		k.stands[i] = -1
	}
	for _, s := range k.spans {
		k.stands[s.step] = s.row
	}
	next := 0
	for step := range k.stands {
		begin, _ := k.at(step)
		for next < len(k.begins)-1 && k.begins[next] < begin {
			next++
		}
		if k.stands[step] < 0 {
			k.stands[step] = int32(next)
		}
	}
	k.measureGaps()
}

func (k *cover) measureGaps() {
	last := len(k.begins) - 1
	k.before = min(max(k.begins[0]-k.start, 0), k.end-k.start)
	k.after = min(max(k.end-k.begins[last]-k.lengths[last], 0), k.end-k.start)
	for row := 1; row <= last; row++ {
		from := max(k.begins[row-1]+k.lengths[row-1], k.start)
		if to := min(k.begins[row], k.end); to > from {
			k.gaps += to - from
			k.gapCount++
		}
	}
}

// shortGap reports whether two rows lie apart by a second or less.
func (k *cover) shortGap() bool {
	for row := 1; row < len(k.begins); row++ {
		if gap := k.begins[row] - k.begins[row-1] - k.lengths[row-1]; gap > 0 && gap <= 1000 {
			return true
		}
	}
	return false
}

// missing says what is not covered, "" if all is.
func (k *cover) missing() string {
	var parts []string
	add := func(ms int64, format string, args ...any) {
		if ms > 0 {
			parts = append(parts, value.NumberText(float64(ms)/1000)+" s "+fmt.Sprintf(format, args...))
		}
	}
	add(k.before, "before the first observation")
	add(k.gaps, "in %s", plural(k.gapCount, "gap"))
	add(k.after, "after the last")
	if len(parts) == 0 {
		return ""
	}
	empty := 0
	for _, ms := range k.observed {
		if ms == 0 {
			empty++
		}
	}
	return fmt.Sprintf("no observation covers %s: sums count nothing there and averages 0; %d of %s have no observation at all",
		strings.Join(parts, ", "), empty, plural(k.steps, "step"))
}
