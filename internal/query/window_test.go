package query_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/query"
)

func TestWindow(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-04-10T12:10:00Z")
	for name, c := range map[string]struct {
		window   query.Window
		from, to string
	}{
		"nothing-is-24-hours": {query.Window{}, "2026-04-09T12:30:00Z", "2026-04-10T12:30:00Z"},
		"date-is-inclusive":   {query.Window{From: "2026-01-01", To: "2026-01-31"}, "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"},
		"one-day":             {query.Window{From: "2026-01-01", To: "2026-01-01"}, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"},
		"summer-date":         {query.Window{From: "2026-06-01", To: "2026-06-01"}, "2026-05-31T23:00:00Z", "2026-06-01T23:00:00Z"},
		"day-of-23-hours":     {query.Window{From: "2026-03-29", To: "2026-03-29"}, "2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z"},
		"day-of-25-hours":     {query.Window{From: "2026-10-25", To: "2026-10-25"}, "2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z"},
		"instant-is-exclusive": {
			query.Window{From: "2026-01-01T00:00:00Z", To: "2026-01-31T00:00:00Z"},
			"2026-01-01T00:00:00Z", "2026-01-31T00:00:00Z",
		},
		"without-seconds":    {query.Window{From: "2026-01-01T00:00Z", To: "2026-01-01T02:00+01:00"}, "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"},
		"plus-from-a-url":    {query.Window{From: "2026-01-01T00:00Z", To: "2026-01-01T02:00 01:00"}, "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"},
		"outwards-to-slots":  {query.Window{From: "2026-01-01T00:10Z", To: "2026-01-01T00:31Z"}, "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"},
		"from-alone":         {query.Window{From: "2026-04-10"}, "2026-04-09T23:00:00Z", "2026-04-10T12:30:00Z"},
		"month":              {query.Window{Month: "2026-03"}, "2026-03-01T00:00:00Z", "2026-03-31T23:00:00Z"},
		"month-of-winter":    {query.Window{Month: "2024-02"}, "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"},
		"quarter":            {query.Window{Quarter: "2026-Q1"}, "2026-01-01T00:00:00Z", "2026-03-31T23:00:00Z"},
		"last-quarter":       {query.Window{Quarter: "2026-q4"}, "2026-09-30T23:00:00Z", "2027-01-01T00:00:00Z"},
		"mixed-date-instant": {query.Window{From: "2026-01-01T06:00Z", To: "2026-01-01"}, "2026-01-01T06:00:00Z", "2026-01-02T00:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			span, err := c.window.Span(calendar(t), now)
			if err != nil {
				t.Fatal(err)
			}
			if want := account.NewSpan(at(t, c.from), at(t, c.to)); span != want {
				t.Errorf("got %v, want %v", span, want)
			}
		})
	}
}

func TestWindowRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		window query.Window
		want   string
	}{
		"two-ways":      {query.Window{Month: "2026-01", From: "2026-01-01"}, "two ways"},
		"month-quarter": {query.Window{Month: "2026-01", Quarter: "2026-Q1"}, "two ways"},
		"to-alone":      {query.Window{To: "2026-01-01"}, "from: missing"},
		"reversed":      {query.Window{From: "2026-01-02", To: "2026-01-01"}, "holds nothing"},
		"empty":         {query.Window{From: "2026-01-01T00:00Z", To: "2026-01-01T00:00Z"}, "holds nothing"},
		"no-such-date":  {query.Window{From: "2026-02-30"}, `from: "2026-02-30"`},
		"no-offset":     {query.Window{From: "2026-01-01T00:00:00"}, "offset"},
		"words":         {query.Window{From: "yesterday"}, "neither a date nor an instant"},
		"month-13":      {query.Window{Month: "2026-13"}, "not a month"},
		"month-date":    {query.Window{Month: "2026-01-01"}, "not a month"},
		"quarter-5":     {query.Window{Quarter: "2026-Q5"}, "not a quarter"},
		"quarter-0":     {query.Window{Quarter: "2026-Q0"}, "not a quarter"},
		"quarter-two":   {query.Window{Quarter: "2026-Q11"}, "not a quarter"},
		"quarter-alone": {query.Window{Quarter: "2026"}, "not a quarter"},
		"year-9999":     {query.Window{From: "9999-01-01T00:00Z"}, "year 9999"},
		"date-9999":     {query.Window{From: "9999-01-01"}, "neither"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := c.window.Span(calendar(t), time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))
			if !errors.Is(err, query.ErrQuestion) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want a question refused because of %q", err, c.want)
			}
		})
	}
}
