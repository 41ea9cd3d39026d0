package ledgertest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/unit"
)

func testFactsAsKnownAt(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	c1, c2 := firstClose(t, 0), restate(t, 0, 2)
	// The second batch has some of the subjects, one of them new.
	c2.Facts.Subjects = append(c2.Facts.Subjects[:2:2], subject(t, hosts+1))
	c2.Facts.Facts = c2.Facts.Facts[:3]
	c2.Facts.Sort()
	c2.Entries = entries(t, c2.Facts)
	mustCommit(t, s, c1, c2)

	at := func(when time.Time) []*account.Batch { return Collect(t, s.Facts(t.Context(), slotAt(0), when)) }
	if got := at(c1.KnownAt.Add(-time.Microsecond)); len(got) != 0 {
		t.Errorf("before anything was known: %v", got)
	}
	equal(t, "when first known", at(c1.KnownAt), []*account.Batch{c1.Facts})
	equal(t, "just before the restatement", at(c2.KnownAt.Add(-time.Microsecond)), []*account.Batch{c1.Facts})
	want := []*account.Batch{account.Resolve([]*account.Batch{c1.Facts, c2.Facts}, time.Time{})}
	if len(want[0].Subjects) != hosts+1 {
		t.Fatalf("the fixture resolves to %d subjects", len(want[0].Subjects))
	}
	equal(t, "when restated", at(c2.KnownAt), want)
	equal(t, "now", at(time.Time{}), want)
}

func testEntriesBasis(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	c := firstClose(t, 0)
	split := c.Entries[len(c.Entries)-1]
	split.Basis.Intensity = account.IntensityBasis{
		Region: "GB", Source: "ukgrid", Version: "beta 'v2'", Kind: account.IntensityForecast,
		Accounting: account.Accounting{Scope: "combustion", Approach: "location"}, Estimated: true,
	}
	c.Entries = append(c.Entries, split) // one account, two bases
	mustCommit(t, s, c)
	var got []account.Entry
	for _, e := range Collect(t, s.Entries(t.Context(), slotAt(0), nil)) {
		got = append(got, e.Entry)
	}
	equal(t, "entries", got, c.Entries)
	rows := Collect(t, s.Rows(t.Context(), ledger.Query{Span: slotAt(0), Step: account.StepSlot}))
	if len(rows) != len(c.Entries)-1 {
		t.Errorf("%d rows of %d accounts: a row is one account's sum over its bases", len(rows), len(c.Entries)-1)
	}
}

func testFilter(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	mustCommit(t, s, firstClose(t, 0), firstClose(t, 1), firstClose(t, 2))
	everything := Collect(t, s.Entries(t.Context(), spanOf(0, 2), nil))
	for name, where := range map[string]account.Filter{
		"one value":       {{Label: "facility", Values: []string{"ISIS"}}},
		"several values":  {{Label: "machine_name", Values: []string{"Muon", `Artemis "Matlab" \ 'x'`}}},
		"two labels":      {{Label: "facility", Values: []string{"ISIS"}}, {Label: "machine_name", Values: []string{"naïve\nline; DROP TABLE slots"}}},
		"a missing label": {{Label: "user", Values: []string{""}}},
		"nobody":          {{Label: "user", Values: []string{"bob"}}},
	} {
		var want []ledger.SlotEntry
		for _, e := range everything {
			if where.Holds(e.Account.Labels) {
				want = append(want, e)
			}
		}
		equal(t, name, Collect(t, s.Entries(t.Context(), spanOf(0, 2), where)), want)
		for _, step := range []account.Step{account.StepSlot, account.StepDay} {
			got := Collect(t, s.Rows(t.Context(), ledger.Query{Span: spanOf(0, 2), Step: step, Where: where}))
			equal(t, name+" rows by "+string(step), got, rowsOf(t, s.Calendar(), step, want))
		}
	}
}

func testSumsEqualEntries(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	for n := range 12 { // three months' ends are not needed: midnight is crossed
		mustCommit(t, s, firstClose(t, n))
	}
	mustCommit(t, s, restate(t, 3, 2), restate(t, 4, 2), restate(t, 3, 3))
	checkSums(t, s, spanOf(0, 11))
	if err := failure(t, s.Rows(t.Context(), ledger.Query{Span: spanOf(0, 1), Step: "1w"})); !errors.Is(err, ledger.ErrInvalid) {
		t.Errorf("unknown step: %v, want ErrInvalid", err)
	}
	// A span inside an hour is rounded outwards to the hour.
	part := account.Span{From: slotAt(2).From.Add(time.Minute), To: slotAt(2).From.Add(2 * time.Minute)}
	hour := s.Calendar().Period(account.StepHour, part.From)
	equal(t, "rounded outwards", Collect(t, s.Rows(t.Context(), ledger.Query{Span: part, Step: account.StepHour})),
		Collect(t, s.Rows(t.Context(), ledger.Query{Span: hour, Step: account.StepHour})))
}

func checkSums(t *testing.T, s ledger.Store, span account.Span) {
	t.Helper()
	list := Collect(t, s.Entries(t.Context(), span, nil))
	if len(list) == 0 {
		t.Fatal("no entries to sum")
	}
	for _, step := range append(account.RollupSteps(), account.StepSlot) {
		got := Collect(t, s.Rows(t.Context(), ledger.Query{Span: span, Step: step}))
		equal(t, "rows by "+string(step), got, rowsOf(t, s.Calendar(), step, list))
	}
}

// testSumsFollowZone commits the night in which London's clocks go forward: its
// Sunday has 23 hours.
func testSumsFollowZone(t *testing.T, h Harness) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	s := h.Open(t, zoned(t, london))
	const slots = 2 + 46 + 2 + 2 // 22:00 on Saturday UTC, to Monday 00:00 local, and an hour more
	for n := range slots {
		mustCommit(t, s, firstClose(t, n))
	}
	checkSums(t, s, spanOf(0, slots-1))
	sunday := s.Calendar().Period(account.StepDay, slotAt(10).From)
	if sunday.Duration() != 23*time.Hour {
		t.Fatalf("the fixture's Sunday has %v", sunday.Duration())
	}
	rows := Collect(t, s.Rows(t.Context(), ledger.Query{Span: sunday, Step: account.StepDay}))
	if len(rows) == 0 || !rows[0].Period.Equal(sunday) {
		t.Errorf("rows of %v: %v", sunday, rows)
	}
}

// testSumsAfterShrinking restates an account away: its row goes too.
func testSumsAfterShrinking(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	c := restate(t, 0, 2)
	c.Entries = c.Entries[2:]
	mustCommit(t, s, firstClose(t, 0), c)
	for _, step := range append(account.RollupSteps(), account.StepSlot) {
		rows := Collect(t, s.Rows(t.Context(), ledger.Query{Span: slotAt(0), Step: step}))
		if len(rows) != hosts-2 && len(rows) >= hosts {
			t.Errorf("by %s: %d rows after the restatement", step, len(rows))
		}
	}
	checkSums(t, s, slotAt(0))
	gone := restate(t, 0, 3)
	gone.Entries, gone.Facts = nil, nil
	mustCommit(t, s, gone)
	for _, step := range append(account.RollupSteps(), account.StepSlot) {
		if rows := Collect(t, s.Rows(t.Context(), ledger.Query{Span: slotAt(0), Step: step})); len(rows) != 0 {
			t.Errorf("by %s: %v, want no row", step, rows)
		}
	}
}

// testLaterAccounts commits accounts that come before, between and after those that
// the store has: rows are in the order of accounts, not of their coming.
func testLaterAccounts(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	for n, groups := range [][]string{{"m", "p"}, {"z", "n", "a"}, {"b", "o", "q", "l"}, {"n", "c"}} {
		c := firstClose(t, n)
		c.Facts, c.Entries = nil, nil
		slices.Sort(groups)
		for i, group := range groups {
			of := account.Account{Labels: labels(t, "group", group)}
			c.Entries = append(c.Entries, account.Entry{Account: of, Quantities: account.Quantities{Energy: 1, Expected: unit.Duration(i + 1)}})
		}
		mustCommit(t, s, c)
		checkSums(t, s, spanOf(0, n))
	}
}

// testFolds holds that a total read as months, days and hours is the total of the
// slots, for spans that begin and end anywhere.
func testFolds(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	const slots = 160 // more than three days, over the end of a month
	for n := range slots {
		mustCommit(t, s, firstClose(t, n))
	}
	view := account.View{By: []string{"facility", "group"}}
	for _, span := range []account.Span{
		spanOf(0, slots-1), spanOf(1, 100), spanOf(3, 3), spanOf(50, slots-2), spanOf(5, slots-9),
	} {
		total, err := ledger.FoldTotal(t.Context(), s, view, span)
		if err != nil {
			t.Fatal(err)
		}
		series, err := ledger.FoldSeries(t.Context(), s, view, ledger.Query{Span: span, Step: account.StepSlot})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "total of "+span.String(), total.Quantities, series.Root.Quantities)
		if len(total.Children) != 2 || total.IsZero() {
			t.Errorf("%v: %d facilities", span, len(total.Children))
		}
		for i, c := range total.Children {
			equal(t, c.Name, c.Quantities, series.Root.Children[i].Quantities)
		}
	}
}

func testBreak(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	for n := range 4 {
		mustCommit(t, s, firstClose(t, n))
	}
	for range 50 { // more than any pool of connections holds
		for _, err := range s.Entries(t.Context(), spanOf(0, 3), nil) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
		for _, err := range s.Facts(t.Context(), spanOf(0, 3), time.Time{}) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	mustCommit(t, s, firstClose(t, 4))
}

// testSnapshot commits while an iterator is open: it goes on with what it began
// with, and the commit does not wait for it.
func testSnapshot(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	for n := range 3 {
		mustCommit(t, s, firstClose(t, n))
	}
	seen := 0
	for _, err := range s.Slots(t.Context(), spanOf(0, 9)) {
		if err != nil {
			t.Fatal(err)
		}
		if seen == 0 {
			mustCommit(t, s, firstClose(t, 3), restate(t, 2, 2))
		}
		seen++
	}
	if seen != 3 {
		t.Errorf("the iterator saw %d slots, want the 3 it began with", seen)
	}
	if n := len(Collect(t, s.Slots(t.Context(), spanOf(0, 9)))); n != 4 {
		t.Errorf("a new one sees %d, want 4", n)
	}
}
