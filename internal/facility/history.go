package facility

import (
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/query"
)

// series returns figures by the step of a span for the project and the machine of the
// request, as in the original, and its group, username and experiment besides.
func (s *Server) series(a *asked, span account.Span, step account.Step) ([]query.Point, error) {
	project, machine := a.values.Get("cloud_project_name"), a.values.Get("machine_name")
	filter := s.places(project, machine)
	for _, p := range [][2]string{{"group", account.LabelGroup}, {"username", account.LabelUser}, {"experiment", account.LabelExperiment}} {
		if value := a.values.Get(p[0]); value != "" {
			filter = append(filter, where(p[1], value)...)
		}
	}
	answer, err := s.figures(a, query.Question{Span: span, Step: step, View: account.View{Where: filter}})
	if err != nil {
		return nil, err
	}
	if !seen(answer.Total.Figures) {
		err = s.known(a.Context(), project, machine)
	}
	return answer.Total.Series, err
}

// bars is one view of a history.
type bars struct {
	span  account.Span
	step  account.Step
	label func(i int, from time.Time) string
}

// bars returns the span and the buckets of a view. Days, months and years are those of
// the ledger's zone, so a day may have 23 or 25 hours.
func (s *Server) bars(a *asked, view string) (bars, error) {
	c := s.Store.Calendar()
	today := s.now().In(c.Zone())
	switch view {
	case "day":
		t, err := a.values.date("date", time.DateOnly, today)
		day := c.Period(account.StepDay, noon(t, c.Zone()))
		return bars{day, account.StepHour, func(_ int, from time.Time) string { return from.In(c.Zone()).Format("15:04") }}, err
	case "month":
		t, err := a.values.date("month", "2006-01", today)
		month := c.Period(account.StepMonth, noon(t, c.Zone()))
		return bars{month, account.StepDay, func(i int, _ time.Time) string { return fmt.Sprintf("Day %d", i+1) }}, err
	}
	year, err := s.year(a)
	return bars{year, account.StepMonth, func(_ int, from time.Time) string { return from.In(c.Zone()).Format("Jan") }}, err
}

// noon returns the middle of a date in a zone.
func noon(t time.Time, zone *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, zone)
}

// year returns the year that is asked for, by default this one.
func (s *Server) year(a *asked) (account.Span, error) {
	c := s.Store.Calendar()
	y, err := a.values.whole("year", s.now().In(c.Zone()).Year(), 1970, 2199)
	first := c.Period(account.StepMonth, time.Date(y, time.January, 15, 0, 0, 0, 0, c.Zone()))
	last := c.Period(account.StepMonth, time.Date(y, time.December, 15, 0, 0, 0, 0, c.Zone()))
	return account.NewSpan(first.From, last.To), err
}

type history struct {
	View   string   `json:"view"`
	Data   string   `json:"data_type"`
	Labels []string `json:"labels"`
	Busy   []number `json:"busy"`
	Idle   []number `json:"idle"`
}

func (s *Server) history(a *asked) (any, error) {
	view, err := a.values.choice("view", "day", "month", "year")
	if err != nil {
		return nil, err
	}
	data, err := a.values.choice("data_type", "carbon", "electricity")
	if err != nil {
		return nil, err
	}
	b, err := s.bars(a, view)
	if err != nil {
		return nil, err
	}
	points, err := s.series(a, b.span, b.step)
	if err != nil {
		return nil, err
	}
	out := history{View: view, Data: data, Labels: []string{}, Busy: []number{}, Idle: []number{}}
	for i, point := range points {
		values := carbonOf(point.Figures)
		if data == "electricity" {
			values = energyOf(point.Figures)
		}
		out.Labels = append(out.Labels, b.label(i, point.From))
		out.Busy, out.Idle = append(out.Busy, values.Busy), append(out.Idle, values.Idle)
	}
	return out, nil
}

type day struct {
	Date  string `json:"date"`
	Value number `json:"value"`
}

func (s *Server) heatmap(a *asked) (any, error) {
	span, err := s.year(a)
	if err != nil {
		return nil, err
	}
	points, err := s.series(a, span, account.StepDay)
	if err != nil {
		return nil, err
	}
	zone := s.Store.Calendar().Zone()
	out := struct {
		Year int    `json:"year"`
		Days []day  `json:"days"`
		Max  number `json:"max"`
	}{Year: span.From.In(zone).Year(), Days: []day{}}
	for _, point := range points {
		value := carbonOf(point.Figures).Total
		out.Days = append(out.Days, day{point.From.In(zone).Format(time.DateOnly), value})
		if value != nil && (out.Max == nil || *value > *out.Max) {
			out.Max = value
		}
	}
	return out, nil
}
