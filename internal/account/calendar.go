package account

import (
	"fmt"
	"iter"
	"sort"
	"time"
)

// Step is a length of time by which figures are added up.
type Step string

// The steps of a query. Hours, days and months are those of the calendar's zone.
const (
	StepSlot  Step = "slot"
	StepHour  Step = "1h"
	StepDay   Step = "1d"
	StepMonth Step = "1mo"
)

// RollupSteps returns the steps for which stores keep sums, from fine to coarse.
func RollupSteps() []Step { return []Step{StepHour, StepDay, StepMonth} }

// Calendar divides time into slots, and into the hours, days and months of one
// time zone, which all are whole numbers of slots. It is immutable and safe
// for concurrent use. The zero Calendar is not valid.
type Calendar struct {
	grid Grid
	zone *time.Location
}

// NewCalendar returns the calendar of a slot length and a zone. It returns
// [ErrGrid] when the slot does not divide each of the zone's offsets from UTC
// between the years 2015 and 2100: a local day would then cut a slot in two.
func NewCalendar(step time.Duration, zone *time.Location) (Calendar, error) {
	grid, err := NewGrid(step)
	if err != nil {
		return Calendar{}, err
	}
	c := Calendar{grid, zone}
	// Day by day, because time.Time.ZoneBounds is not to be relied on after 2037
	// (in Go 1.26 it gives the last day of a leap year an end before its start).
	day := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)
	for end := day.AddDate(85, 0, 0); day.Before(end); day = day.AddDate(0, 0, 1) {
		next := day.AddDate(0, 0, 1)
		aligned := c.offset(day)%step == 0
		if c.offset(next) != c.offset(day) {
			aligned = aligned && grid.Starts(c.changeAfter(day, next))
		}
		if !aligned {
			return Calendar{}, fmt.Errorf("%w: %v does not divide the offset of %s from UTC on %s; use a shorter slot",
				ErrGrid, step, zone, day.Format(time.DateOnly))
		}
	}
	return c, nil
}

// offset returns how far the zone's clocks are ahead of UTC at t.
func (c Calendar) offset(t time.Time) time.Duration {
	_, seconds := t.In(c.zone).Zone()
	return time.Duration(seconds) * time.Second
}

// changeAfter returns the second after from and not after to at which clocks have
// left the offset they have at from. There is one change at most in between.
func (c Calendar) changeAfter(from, to time.Time) time.Time {
	was := c.offset(from)
	n := sort.Search(int(to.Sub(from)/time.Second), func(i int) bool {
		return c.offset(from.Add(time.Duration(i)*time.Second)) != was
	})
	return from.Add(time.Duration(n) * time.Second)
}

// Grid returns the calendar's slots.
func (c Calendar) Grid() Grid { return c.grid }

// Zone returns the calendar's time zone.
func (c Calendar) Zone() *time.Location { return c.zone }

// Period returns the slot, hour, day or month that contains t. A day lasts from
// the first instant of its date to the first of the next: 23 or 25 hours when
// clocks change.
func (c Calendar) Period(step Step, t time.Time) Span {
	local := t.In(c.zone)
	switch step {
	case StepHour:
		return c.hour(local)
	case StepDay:
		y, m, d := local.Date()
		return Span{c.dayStart(y, m, d), c.dayStart(y, m, d+1)}
	case StepMonth:
		y, m, _ := local.Date()
		return Span{c.dayStart(y, m, 1), c.dayStart(y, m+1, 1)}
	default:
		return c.grid.Slot(t)
	}
}

// hour returns the hour of the local clock that contains t. Where the clock is
// set by less than an hour, the hours beside the change are shorter or longer.
func (c Calendar) hour(local time.Time) Span {
	into := time.Duration(local.Minute())*time.Minute + time.Duration(local.Second())*time.Second +
		time.Duration(local.Nanosecond())
	from := local.Add(-into)
	to := from.Add(time.Hour)
	now := c.offset(local)
	if c.offset(from) != now {
		from = c.changeAfter(from, local)
	}
	if last := to.Add(-time.Second); c.offset(last) != now {
		to = c.changeAfter(local.Truncate(time.Second), to)
	}
	return NewSpan(from, to)
}

// dayStart returns the first instant whose local date is the given one or a
// later one. That is not always 00:00: in some zones clocks change at midnight,
// and Samoa once left out a day. Dates are normalised as by time.Date.
func (c Calendar) dayStart(y int, m time.Month, d int) time.Time {
	want := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	near := time.Date(y, m, d, 12, 0, 0, 0, c.zone)
	// The local date never goes back, so bisection finds the second at which it
	// is reached, within a day and a half around noon.
	const reach = 36 * 3600
	n := sort.Search(2*reach, func(i int) bool {
		y, m, d := near.Add(time.Duration(i-reach) * time.Second).Date()
		return !time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Before(want)
	})
	return Instant(near.Add(time.Duration(n-reach) * time.Second))
}

// Periods yields, in order, the periods that overlap s.
func (c Calendar) Periods(step Step, s Span) iter.Seq[Span] {
	return func(yield func(Span) bool) {
		for p := c.Period(step, s.From); p.From.Before(s.To); p = c.Period(step, p.To) {
			if !yield(p) {
				return
			}
		}
	}
}

// Cover splits s, rounded outwards to slots, into the coarsest whole periods:
// months, then days, hours and slots at its ends. Each yielded span is a whole
// period of its step; they are in order of time and together are s. So a store
// that keeps rollups reads a long span as few rows.
func (c Calendar) Cover(s Span) iter.Seq2[Step, Span] {
	steps := []Step{StepMonth, StepDay, StepHour, StepSlot}
	return func(yield func(Step, Span) bool) {
		for t := c.grid.Slot(s.From).From; t.Before(s.To); {
			step, period := StepSlot, c.grid.Slot(t)
			for _, coarse := range steps[:3] {
				if p := c.Period(coarse, t); p.From.Equal(t) && !p.To.After(s.To) {
					step, period = coarse, p
					break
				}
			}
			if !yield(step, period) {
				return
			}
			t = period.To
		}
	}
}
