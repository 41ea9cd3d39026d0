package query

import (
	"iter"
	"sort"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
)

// table is an answer in the making.
type table struct {
	calendar account.Calendar
	question Question
	// periods are those of the series, the first and last cut to the window;
	// none without a step.
	periods []account.Span
	open    []bool // of each period: it has an open slot
	isOpen  bool   // something has
	root    *account.Node
	other   *account.Node // the same nodes under the policy compared with, if any
	last    int           // the period found last
	// perimeter is that of root and other, once they are chosen.
	perimeter account.Perimeter
}

func newTable(c account.Calendar, q Question) *table {
	t := &table{calendar: c, question: q}
	if q.Step != "" {
		for p := range c.Periods(q.Step, q.Span) {
			t.periods = append(t.periods, p.Overlap(q.Span))
		}
		t.open = make([]bool, len(t.periods))
	}
	return t
}

// period returns the index of the period that contains an instant.
func (t *table) period(at time.Time) int {
	if len(t.periods) == 0 || t.periods[t.last].Contains(at) { // rows come in order of time
		return t.last
	}
	t.last = sort.Search(len(t.periods)-1, func(i int) bool { return at.Before(t.periods[i].To) })
	return t.last
}

// markOpen notes that a slot is part of the answer and not closed.
func (t *table) markOpen(slot account.Span) {
	t.isOpen = true
	if len(t.periods) > 0 {
		t.open[t.period(slot.From)] = true
	}
}

// stretch is a span that is read as rows of one step, of so many periods.
type stretch struct {
	step    account.Step
	span    account.Span
	periods int
}

// stretches yields what has to be read, with the longest steps that stay within
// the periods; neighbours of one step are one stretch.
func (t *table) stretches() iter.Seq[stretch] {
	return func(yield func(stretch) bool) {
		var s stretch
		for step, p := range t.pieces() {
			if s.step == step {
				s.span.To = p.To
				s.periods++
				continue
			}
			if s.step != "" && !yield(s) {
				return
			}
			s = stretch{step, p, 1}
		}
		if s.step != "" {
			yield(s)
		}
	}
}

// pieces yields the periods as they are, or in parts where they were cut.
func (t *table) pieces() iter.Seq2[account.Step, account.Span] {
	if len(t.periods) == 0 {
		return t.calendar.Cover(t.question.Span)
	}
	return func(yield func(account.Step, account.Span) bool) {
		for _, p := range t.periods {
			if t.calendar.Period(t.question.Step, p.From).Equal(p) {
				if !yield(t.question.Step, p) {
					return
				}
				continue
			}
			for step, part := range t.calendar.Cover(p) {
				if !yield(step, part) {
					return
				}
			}
		}
	}
}
