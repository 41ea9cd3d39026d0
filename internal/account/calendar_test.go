package account_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // so that the zones are those of Go and not of the machine

	"github.com/dendro-carbon/dendro/internal/account"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func mustCalendar(t testing.TB, step time.Duration, name string) account.Calendar {
	t.Helper()
	c, err := account.NewCalendar(step, zone(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func instant(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func span(t testing.TB, from, to string) account.Span {
	t.Helper()
	return account.NewSpan(instant(t, from), instant(t, to))
}

func ExampleCalendar_Period() {
	london, _ := time.LoadLocation("Europe/London")
	c, _ := account.NewCalendar(account.DefaultStep, london)
	day := c.Period(account.StepDay, time.Date(2025, 10, 26, 12, 0, 0, 0, time.UTC))
	fmt.Println(day, day.Duration())
	// Output: [2025-10-25T23:00:00Z, 2025-10-27T00:00:00Z) 25h0m0s
}

func TestPeriods(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, zone string
		slot       time.Duration
		step       account.Step
		at         string
		from, to   string
	}{
		{"slot", "Europe/London", 30 * time.Minute, account.StepSlot, "2026-07-01T10:31:00Z", "2026-07-01T10:30:00Z", "2026-07-01T11:00:00Z"},
		{"summer day", "Europe/London", 30 * time.Minute, account.StepDay, "2026-07-01T23:30:00Z", "2026-07-01T23:00:00Z", "2026-07-02T23:00:00Z"},
		{"23 hours", "Europe/London", 30 * time.Minute, account.StepDay, "2026-03-29T00:00:00Z", "2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z"},
		{"25 hours", "Europe/London", 30 * time.Minute, account.StepDay, "2025-10-26T23:59:59Z", "2025-10-25T23:00:00Z", "2025-10-27T00:00:00Z"},
		{"month with a change", "Europe/London", 30 * time.Minute, account.StepMonth, "2026-03-31T22:59:00Z", "2026-03-01T00:00:00Z", "2026-03-31T23:00:00Z"},
		{"december", "Europe/London", 30 * time.Minute, account.StepMonth, "2025-12-31T23:59:00Z", "2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z"},
		{"first of the repeated hours", "Europe/London", 30 * time.Minute, account.StepHour, "2025-10-26T00:30:00Z", "2025-10-26T00:00:00Z", "2025-10-26T01:00:00Z"},
		{"second of them", "Europe/London", 30 * time.Minute, account.StepHour, "2025-10-26T01:30:00Z", "2025-10-26T01:00:00Z", "2025-10-26T02:00:00Z"},
		{"offset of 5:45", "Asia/Kathmandu", 15 * time.Minute, account.StepHour, "2026-01-01T00:20:00Z", "2026-01-01T00:15:00Z", "2026-01-01T01:15:00Z"},
		{"day at 5:45", "Asia/Kathmandu", 15 * time.Minute, account.StepDay, "2026-01-01T00:20:00Z", "2025-12-31T18:15:00Z", "2026-01-01T18:15:00Z"},
		{"half an hour forward", "Australia/Lord_Howe", 30 * time.Minute, account.StepHour, "2025-10-04T15:45:00Z", "2025-10-04T15:30:00Z", "2025-10-04T16:00:00Z"},
		{"half an hour back, before", "Australia/Lord_Howe", 30 * time.Minute, account.StepHour, "2026-04-04T14:30:00Z", "2026-04-04T14:00:00Z", "2026-04-04T15:00:00Z"},
		{"half an hour back, after", "Australia/Lord_Howe", 30 * time.Minute, account.StepHour, "2026-04-04T15:10:00Z", "2026-04-04T15:00:00Z", "2026-04-04T15:30:00Z"},
		{"a day that begins at 1:00", "America/Havana", 30 * time.Minute, account.StepDay, "2026-03-08T12:00:00Z", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"},
		{"a midnight that comes twice", "America/Havana", 30 * time.Minute, account.StepDay, "2025-11-02T12:00:00Z", "2025-11-02T04:00:00Z", "2025-11-03T05:00:00Z"},
		{"before a date left out", "Pacific/Apia", 30 * time.Minute, account.StepDay, "2011-12-30T09:00:00Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"},
		{"after a date left out", "Pacific/Apia", 30 * time.Minute, account.StepDay, "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"},
		{"last day of a leap year after 2037", "Europe/London", 30 * time.Minute, account.StepHour, "2040-12-31T12:10:00Z", "2040-12-31T12:00:00Z", "2040-12-31T13:00:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := mustCalendar(t, tt.slot, tt.zone)
			if got, want := c.Period(tt.step, instant(t, tt.at)), span(t, tt.from, tt.to); got != want {
				t.Errorf("%s of %s: %v, want %v", tt.step, tt.at, got, want)
			}
		})
	}
}

// TestPeriodsTile holds for many zones that periods follow one another without
// gap, contain what they are asked for and consist of whole slots.
func TestPeriodsTile(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"UTC", "Europe/London", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Havana",
		"Pacific/Apia", "Asia/Tehran", "America/Sao_Paulo", "Africa/Casablanca", "Pacific/Chatham", "America/St_Johns",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := mustCalendar(t, 15*time.Minute, name)
			r := rand.New(rand.NewPCG(1, 2))
			for range 60 {
				at := time.Unix(1_420_070_400+r.Int64N(2_500_000_000), 0).UTC()
				for _, step := range append(account.RollupSteps(), account.StepSlot) {
					p := c.Period(step, at)
					if !p.Contains(at) || !c.Grid().Starts(p.From) || !c.Grid().Starts(p.To) {
						t.Fatalf("%s of %v: %v", step, at, p)
					}
					if last := c.Period(step, p.To.Add(-time.Second)); last != p {
						t.Fatalf("%s: %v at its end is %v", step, p, last)
					}
					if next := c.Period(step, p.To); next.From != p.To {
						t.Fatalf("%s: after %v comes %v", step, p, next)
					}
				}
			}
		})
	}
}

func TestCoverIsTheSpan(t *testing.T) {
	t.Parallel()
	c := mustCalendar(t, 30*time.Minute, "Europe/London")
	r := rand.New(rand.NewPCG(3, 4))
	for range 40 {
		from := time.Unix(1_700_000_000+r.Int64N(100_000_000), 0)
		s := account.NewSpan(from, from.Add(time.Duration(r.Int64N(int64(200*24*time.Hour)))))
		at, months := c.Grid().Slot(s.From).From, 0
		for step, p := range c.Cover(s) {
			if p.From != at || c.Period(step, p.From) != p {
				t.Fatalf("cover of %v: %s %v after %v", s, step, p, at)
			}
			if step == account.StepMonth {
				months++
			}
			at = p.To
		}
		if at.Before(s.To) || at.Sub(s.To) >= 30*time.Minute {
			t.Fatalf("cover of %v ends at %v", s, at)
		}
		if s.Duration() > 62*24*time.Hour && months == 0 {
			t.Fatalf("cover of %v has no month", s)
		}
	}
}

func TestGridRefuses(t *testing.T) {
	t.Parallel()
	for _, step := range []time.Duration{0, -time.Minute, time.Millisecond, 7 * time.Minute, 2 * time.Hour, 1500 * time.Millisecond} {
		if _, err := account.NewGrid(step); !errors.Is(err, account.ErrGrid) {
			t.Errorf("%v: %v, want ErrGrid", step, err)
		}
	}
	for name, step := range map[string]time.Duration{"Asia/Kathmandu": 30 * time.Minute, "Asia/Kolkata": time.Hour, "Australia/Lord_Howe": time.Hour} {
		if _, err := account.NewCalendar(step, zone(t, name)); !errors.Is(err, account.ErrGrid) {
			t.Errorf("%v in %s: %v, want ErrGrid", step, name, err)
		}
	}
}

func TestSlots(t *testing.T) {
	t.Parallel()
	g, err := account.NewGrid(20 * time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	slots := slices.Collect(g.Slots(span(t, "2026-01-01T00:30:00Z", "2026-01-01T01:00:01Z")))
	want := []account.Span{
		span(t, "2026-01-01T00:20:00Z", "2026-01-01T00:40:00Z"), span(t, "2026-01-01T00:40:00Z", "2026-01-01T01:00:00Z"),
		span(t, "2026-01-01T01:00:00Z", "2026-01-01T01:20:00Z"),
	}
	if !slices.Equal(slots, want) {
		t.Errorf("slots %v", slots)
	}
	if n := len(slices.Collect(g.Slots(span(t, "2026-01-01T00:20:00Z", "2026-01-01T00:20:00Z")))); n != 0 {
		t.Errorf("an empty span has %d slots", n)
	}
	local := instant(t, "2026-01-01T00:30:00+05:30")
	if got := g.Slot(local); got.From.Location() != time.UTC || !got.Contains(local) {
		t.Errorf("slot of a local time: %v", got)
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	s := span(t, "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z")
	if s.Contains(s.To) || !s.Contains(s.From) || s.IsEmpty() || s.Length() != 3600_000_000 {
		t.Error("half open")
	}
	after := span(t, "2026-01-01T01:00:00Z", "2026-01-01T02:00:00Z")
	if got := s.Overlap(after); !got.IsEmpty() || got.Duration() != 0 {
		t.Errorf("neighbours overlap: %v", got)
	}
	if !s.Covers(s) || s.Covers(after) || !s.Equal(account.NewSpan(s.From.Local(), s.To.Local())) {
		t.Error("Covers, Equal")
	}
	if reversed := (account.Span{From: s.To, To: s.From}); !reversed.IsEmpty() || reversed.Duration() != 0 || reversed.Length() != 0 {
		t.Error("reversed")
	}
}
