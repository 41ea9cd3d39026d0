package query

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
)

// Window is a span of time in the words in which people ask for one: From and
// To, or Month ("2026-01"), or Quarter ("2026-Q1").
type Window struct {
	From, To       string
	Month, Quarter string
}

// lastly is the window of a question that names none.
const lastly = 24 * time.Hour

// Span returns the half-open span that the window means in a calendar, rounded
// outwards to whole slots. A date, a month and a quarter are those of the
// calendar's zone; a date as To is inclusive, an instant exclusive. Without To,
// the window ends with the slot that contains now; without anything it is the
// last 24 hours. What is wrong wraps [ErrQuestion].
func (w Window) Span(c account.Calendar, now time.Time) (account.Span, error) {
	named := 0
	for _, text := range []string{w.Month, w.Quarter, w.From + w.To} {
		if text != "" {
			named++
		}
	}
	span, err := account.Span{}, error(nil)
	switch {
	case named > 1:
		return span, refuse("window", "named in two ways", "give from and to, or month, or quarter")
	case w.Month != "":
		span, err = month(c, w.Month)
	case w.Quarter != "":
		span, err = quarter(c, w.Quarter)
	default:
		span, err = w.between(c, now)
	}
	if err != nil {
		return account.Span{}, err
	}
	return account.NewSpan(c.Grid().Slot(span.From).From, c.Grid().Slot(span.To.Add(-time.Microsecond)).To), nil
}

// between returns the span of From and To.
func (w Window) between(c account.Calendar, now time.Time) (account.Span, error) {
	span := account.Span{To: c.Grid().Slot(now).To}
	span.From = span.To.Add(-lastly)
	var err error
	switch {
	case w.From != "":
		span.From, err = Instant(c, "from", w.From)
	case w.To != "":
		return span, refuse("from", "missing", "say where the window begins")
	}
	if err != nil {
		return span, err
	}
	if w.To != "" {
		if span.To, err = end(c, w.To); err != nil {
			return span, err
		}
	}
	if span.IsEmpty() {
		return span, refuse("window", fmt.Sprintf("%v holds nothing", span), "from must be before to")
	}
	return span, nil
}

// Instant reads a point in time: a date, which is its first instant in the
// calendar's zone, or an instant with its offset from UTC, such as
// 2026-01-31T12:00Z. What is wrong wraps [ErrQuestion] and names the parameter.
func Instant(c account.Calendar, parameter, text string) (time.Time, error) {
	if y, m, d, ok := date(text); ok {
		return day(c, y, m, d), nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00"} {
		// A plus sign that went through a URL unescaped is a space.
		if t, err := time.Parse(layout, strings.Replace(text, " ", "+", 1)); err == nil {
			return bounded(parameter, t)
		}
	}
	return time.Time{}, refuse(parameter, fmt.Sprintf("%q is neither a date nor an instant", text),
		"write 2026-01-31, or with a time and its offset from UTC 2026-01-31T12:00:00Z")
}

// end reads the end of a window: the end of a date, or an instant.
func end(c account.Calendar, text string) (time.Time, error) {
	if y, m, d, ok := date(text); ok {
		return day(c, y, m, d+1), nil
	}
	return Instant(c, "to", text)
}

// bounded refuses years far outside those of which anybody keeps accounts: they
// are slips of the pen, and would make windows of millions of slots.
func bounded(parameter string, t time.Time) (time.Time, error) {
	if y := t.UTC().Year(); y < firstYear || y > lastYear {
		return t, refuse(parameter, fmt.Sprintf("year %d", y), fmt.Sprintf("use a year from %d to %d", firstYear, lastYear))
	}
	return account.Instant(t), nil
}

const firstYear, lastYear = 1970, 2199

// date reads a date of a year within bounds.
func date(text string) (y int, m time.Month, d int, ok bool) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || t.Year() < firstYear || t.Year() > lastYear {
		return 0, 0, 0, false
	}
	y, m, d = t.Date()
	return y, m, d, true
}

// day returns the first instant of a date, which is normalised as by time.Date.
func day(c account.Calendar, y int, m time.Month, d int) time.Time {
	return c.Period(account.StepDay, time.Date(y, m, d, 12, 0, 0, 0, c.Zone())).From
}

func month(c account.Calendar, text string) (account.Span, error) {
	y, m, _, ok := date(text + "-01")
	if !ok {
		return account.Span{}, refuse("month", fmt.Sprintf("%q is not a month", text), "write it as 2026-01")
	}
	return account.Span{From: day(c, y, m, 1), To: day(c, y, m+1, 1)}, nil
}

func quarter(c account.Calendar, text string) (account.Span, error) {
	year, number, _ := strings.Cut(strings.ToUpper(text), "-Q")
	y, _, _, ok := date(year + "-01-01")
	n, err := strconv.Atoi(number)
	if !ok || err != nil || len(number) != 1 || n < 1 || n > 4 {
		return account.Span{}, refuse("quarter", fmt.Sprintf("%q is not a quarter", text), "write it as 2026-Q1")
	}
	first := time.Month(3*n - 2)
	return account.Span{From: day(c, y, first, 1), To: day(c, y, first+3, 1)}, nil
}
