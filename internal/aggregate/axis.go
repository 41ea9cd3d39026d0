package aggregate

import (
	"math"
	"time"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/value"
)

// axis is the steps of a segment: half-open spans in ms since 1970-01-01 UTC,
// ascending. Under Sync they do not overlap.
type axis struct{ from, to []int64 }

func (x axis) equal(y axis) bool { return equalTimes(x.from, y.from) && equalTimes(x.to, y.to) }

// axisOf reads a leaf's steps, and how their beginnings are written.
func (a *Aggregator) axisOf(s *segment) (axis, value.Layout, *diag.Problem) {
	x := axis{make([]int64, s.n), make([]int64, s.n)}
	length, problem := a.seconds(s)
	if problem != nil {
		return x, 0, problem
	}
	for i := range x.from {
		begin, ok := instant(s.stamp, i)
		millis := float64(length.vec.At(i) * 1000)
		switch {
		case !ok:
			return x, 0, unaligned(i, "timestamp %s is not an instant", s.stamp.At(i))
		case length.lacks(i) || !(millis >= 0 && millis < math.MaxInt32*1000.0):
			return x, 0, unaligned(i, "a duration of %s s is not a length of time", s.dur.At(i))
		case math.Abs(millis-math.Round(millis)) > 1e-6:
			return x, 0, unaligned(i, "a duration of %s s is finer than a millisecond", s.dur.At(i))
		}
		x.from[i], x.to[i] = begin, begin+int64(math.Round(millis))
		if problem := a.follows(x, i); problem != nil {
			return x, 0, problem
		}
	}
	return x, layoutOf(s.stamp), nil
}

// follows checks a step against the one before.
func (a *Aggregator) follows(x axis, i int) *diag.Problem {
	switch {
	case a.align == Sync && x.to[i] == x.from[i]:
		return unaligned(i, "the step has no length, so that nothing can be divided over it")
	case i == 0:
	case x.from[i] == x.from[i-1]:
		return unaligned(i, "the step begins when the one before begins")
	case x.from[i] < x.from[i-1]:
		return unaligned(i, "the step begins before the one before")
	case a.align == Sync && x.from[i] < x.to[i-1]:
		return unaligned(i, "the step begins before the one before has ended")
	}
	return nil
}

func unaligned(row int, format string, args ...any) *diag.Problem {
	return diag.New(classAlign, format, args...).AtRow(row).
		WithHint("aggregation.align needs ascending timestamps (ISO 8601) and durations in seconds: correct the row")
}

// instant returns a timestamp in ms since 1970-01-01 UTC. One without a zone is
// UTC.
func instant(c *frame.Column, row int) (int64, bool) {
	if times, _ := c.Times(); times != nil {
		return times[row], true
	}
	v := c.At(row)
	if ms, ok := v.Millis(); ok {
		return ms, true
	}
	text, _ := v.Str()
	if ms, layout := value.ParseISO(text); layout != value.NoLayout {
		return ms, true
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || t.Nanosecond()%int(time.Millisecond) != 0 {
		return 0, false
	}
	return t.UnixMilli(), true
}

// layoutOf returns how instants of a column are written. NoLayout stands for
// dates.
func layoutOf(c *frame.Column) value.Layout {
	if times, layout := c.Times(); times != nil {
		return layout
	}
	if c.Len() == 0 {
		return value.ISOMillis
	}
	v := c.At(0)
	if _, isDate := v.Millis(); isDate {
		return value.NoLayout
	}
	text, _ := v.Str()
	if _, layout := value.ParseISO(text); layout != value.NoLayout {
		return layout
	}
	return value.ISOMillis
}

// columns returns the steps as the columns timestamp and duration. The layout is
// kept if it is fine enough.
func (x axis) columns(layout value.Layout) (stamp, dur *frame.Column) {
	seconds := make([]float64, len(x.from))
	unit := int64(1)
	switch layout {
	case value.ISOSeconds, value.Naive:
		unit = 1000
	case value.ISOMinutes, value.NaiveShort:
		unit = 60_000
	}
	for i, from := range x.from {
		seconds[i] = float64(x.to[i]-from) / 1000
		if from%unit != 0 {
			layout, unit = value.ISOMillis, 1
		}
	}
	if allSame(seconds) {
		dur = frame.NewConstant(keyDuration, len(seconds), value.OfNumber(seconds[0]))
	} else {
		dur = frame.NewNumbers(keyDuration, seconds)
	}
	return frame.NewTimes(keyTimestamp, x.from, layout), dur
}

func allSame(nums []float64) bool {
	for _, f := range nums {
		if f != nums[0] {
			return false
		}
	}
	return len(nums) > 0
}

// sameStep compares one step of two strictly aligned parts.
func sameStep(a, b *segment, i int) bool {
	return sameTime(a.stamp, b.stamp, i) && value.Equal(a.dur.At(i), b.dur.At(i))
}

func sameTime(a, b *frame.Column, i int) bool {
	if value.Equal(a.At(i), b.At(i)) {
		return true
	}
	x, okX := instant(a, i)
	y, okY := instant(b, i)
	return okX && okY && x == y
}

// differ returns the first step in which two segments differ, the length of the
// shorter if one is the beginning of the other, or -1 if they have the same
// steps.
func differ(a, b *segment) int {
	n := min(a.n, b.n)
	if n > 0 && !sameColumns(a, b, n) {
		for i := range n {
			if !sameStep(a, b, i) {
				return i
			}
		}
	}
	if a.n != b.n {
		return n
	}
	return -1
}

// sameColumns is a fast way to see that n steps are the same; false may mean
// that only their form is different.
func sameColumns(a, b *segment, n int) bool {
	x, _ := a.stamp.Times()
	y, _ := b.stamp.Times()
	if x == nil || y == nil || !equalTimes(x[:n], y[:n]) {
		return false
	}
	c, okC := a.dur.Vec()
	d, okD := b.dur.Vec()
	if !okC || !okD {
		return false
	}
	f, sameC := c.Constant()
	g, sameD := d.Constant()
	if sameC && sameD {
		return f == g
	}
	for i := range n {
		if c.At(i) != d.At(i) {
			return false
		}
	}
	return true
}
