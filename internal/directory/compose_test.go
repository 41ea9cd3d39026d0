package directory_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/directory"
)

var compareLabels = cmp.Comparer(func(a, b account.Labels) bool { return a == b })

// day is an instant of the day of all tests, or of another day of that month.
func day(clock string, days ...int) time.Time {
	t, err := time.Parse(time.RFC3339, "2026-01-28T"+clock+":00Z")
	if err != nil {
		panic(err)
	}
	for _, n := range days {
		t = t.AddDate(0, 0, n)
	}
	return t.UTC()
}

func labels(t testing.TB, namesAndValues ...string) account.Labels {
	t.Helper()
	l, err := account.LabelsOf(namesAndValues...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func facility(t testing.TB) *directory.Records {
	return &directory.Records{
		Workspaces: []directory.Workspace{
			{ID: "1", Name: "ws-a", Host: "h1", From: day("12:00"), To: day("12:20"), Owner: "a", Tag: "ISIS"},
			{ID: "2", Name: "ws-b", Host: "h1", From: day("12:30"), Owner: "b", Shared: []string{"c", "b", "c"}},
			{ID: "3", Name: "pool", Host: "h2", From: day("09:00")},
			{ID: "4", Name: "void", Host: "h2", From: day("09:00"), To: day("09:00"), Owner: "a"},
		},
		People: []directory.Person{
			{User: "b", ResearchGroup: "Soft Matter", PI: "q", From: day("00:00", 4)},
			{User: "b", ResearchGroup: "Magnetism", PI: "p", To: day("00:00", 4), Name: "B. Person", Email: "b@example.org"},
		},
		Experiments: []directory.Experiment{
			{Name: "RB1", PI: "a", Members: []string{"c", "a", "b"}, Instrument: "WISH", From: day("00:00"), To: day("00:00", 1)},
			{Name: "RB2", Members: []string{"b"}, From: day("00:00", 3)},
		},
		Hosts: []directory.Host{{Host: "h1", Labels: labels(t, "machine_name", "Wish")}},
	}
}

func TestCompose(t *testing.T) {
	t.Parallel()
	got, warnings := directory.Compose(facility(t))
	if len(warnings) > 0 {
		t.Errorf("warnings: %v", warnings)
	}
	host := labels(t, "machine_name", "Wish")
	rb1 := account.Experiment{Labels: labels(t, "experiment", "RB1", "pi", "a"), Instrument: "WISH", From: day("00:00"), To: day("00:00", 1)}
	of := func(members ...string) account.Experiment {
		e := rb1
		e.Members = members
		return e
	}
	rb2 := account.Experiment{Labels: labels(t, "experiment", "RB2"), Members: []string{"b"}, From: day("00:00", 3)}
	guest := []account.Labels{labels(t, "user", "c", "workspace", "ws-b")}
	want := []account.Holding{
		{
			ID: "1", Host: "h1", From: day("12:00"), To: day("12:20"), HostLabels: host, Experiments: []account.Experiment{of("a")},
			Holder: labels(t, "user", "a", "workspace", "ws-a", "tag", "ISIS"),
		},
		// B changes the research group after four days: two holdings in turn.
		{
			ID: "2", Host: "h1", From: day("12:30"), To: day("00:00", 4), HostLabels: host, Experiments: []account.Experiment{of("b", "c"), rb2},
			Holder: labels(t, "user", "b", "workspace", "ws-b", "research_group", "Magnetism", "pi", "p"), Shared: guest,
		},
		{
			ID: "2@2026-02-01T00:00:00Z", Host: "h1", From: day("00:00", 4), HostLabels: host, Experiments: []account.Experiment{rb2},
			Holder: labels(t, "user", "b", "workspace", "ws-b", "research_group", "Soft Matter", "pi", "q"), Shared: guest,
		},
	}
	if diff := cmp.Diff(want, got, compareLabels); diff != "" {
		t.Error(diff)
	}
}

func TestContradictions(t *testing.T) {
	t.Parallel()
	r := &directory.Records{
		Workspaces: []directory.Workspace{
			{ID: "1", Name: "live 1", Host: "h1", From: day("08:00"), Owner: "a"},
			{ID: "2", Name: "live 2", Host: "h1", From: day("09:00"), Owner: "b"},
			{ID: "2", Name: "again", Host: "h9", From: day("09:00"), Owner: "b"},
			{ID: "3", Name: "past 1", Host: "h2", From: day("08:00"), To: day("10:00"), Owner: "a"},
			{ID: "4", Name: "past 2", Host: "h2", From: day("09:00"), To: day("09:30"), Owner: "b"},
			{ID: "5", Name: "past 3", Host: "h2", From: day("09:45"), To: day("11:00"), Owner: "b"},
			{ID: "6", Name: "bad", Host: "h3", From: day("09:00"), Owner: "\xff"},
		},
		Experiments: []directory.Experiment{{Name: "", Members: []string{"a"}}},
		Hosts: []directory.Host{
			{Host: "h1", Labels: labels(t, "machine_name", "x")}, {Host: "h1", Labels: labels(t, "machine_name", "y")},
		},
	}
	holdings, warnings := directory.Compose(r)
	if len(holdings) != 5 {
		t.Errorf("%d holdings", len(holdings))
	}
	told := fmt.Sprint(warnings)
	for _, want := range []string{
		`{host "h1" held by workspaces "live 1", "live 2" at the same time`, `{workspaces 2 of the past`, `{workspace "again" stands twice`,
		`{workspace "bad" a name`, `{experiment "" its name`, `{host "h1" described twice`,
	} {
		if !strings.Contains(told, want) {
			t.Errorf("not told: %s in %s", want, told)
		}
	}
}

func TestTracker(t *testing.T) {
	t.Parallel()
	tracker := directory.NewTracker()
	r := facility(t)
	tracker.Set(r, []directory.Warning{{Record: "x", Text: "y"}}, time.Time{})
	all := since(t, tracker, "")
	if len(all.Holdings) != 3 || !all.Whole || len(all.Warnings) != 1 || tracker.Records() != r {
		t.Fatalf("%+v", all)
	}
	if u := since(t, tracker, all.Cursor); len(u.Holdings) != 0 || u.Whole {
		t.Errorf("nothing is new: %+v", u)
	}
	without := facility(t)
	without.Workspaces = without.Workspaces[:1]
	tracker.Set(without, nil, time.Time{})
	gone := since(t, tracker, all.Cursor)
	if len(gone.Holdings) != 2 || !gone.Holdings[0].Withdrawn || !gone.Holdings[1].Withdrawn || len(gone.Warnings) != 0 {
		t.Errorf("gone and never was: %+v", gone.Holdings)
	}
	tracker.Set(facility(t), nil, time.Time{})
	if back := since(t, tracker, gone.Cursor); len(back.Holdings) != 2 || back.Holdings[0].Withdrawn {
		t.Errorf("back: %+v", back.Holdings)
	}
	tracker.Set(without, nil, day("18:00"))
	ended := since(t, tracker, gone.Cursor)
	if h := ended.Holdings[0]; h.ID != "2" || !h.To.Equal(day("18:00")) || h.Withdrawn {
		t.Errorf("gone since then: %+v", h)
	}
	if h := ended.Holdings[1]; !h.Withdrawn { // it had not begun
		t.Errorf("gone before it began: %+v", h)
	}
	for _, foreign := range []string{since(t, directory.NewTracker(), "").Cursor, "x-1", all.Cursor + "9", "\x00"} {
		if _, err := tracker.Since(foreign); !errors.Is(err, directory.ErrCursor) {
			t.Errorf("cursor %q: %v", foreign, err)
		}
	}
}

// TestPieces holds that when what is known of people changes, no piece of a workspace's
// time is told twice, whichever rule there is for what is gone.
func TestPieces(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]time.Time{"ends": day("00:00", 20), "never was": {}} {
		tracker := directory.NewTracker()
		tracker.Set(facility(t), nil, gone)
		before := since(t, tracker, "")
		settled := facility(t)
		settled.People = nil
		tracker.Set(settled, nil, gone)
		u := since(t, tracker, before.Cursor)
		if len(u.Holdings) != 2 || !u.Holdings[0].To.IsZero() || !u.Holdings[1].Withdrawn || u.Holdings[1].ID != "2@2026-02-01T00:00:00Z" {
			t.Errorf("%s: %+v", name, u.Holdings)
		}
	}
}

// TestJoin holds that what another directory knows of people counts, and that its
// changes are told.
func TestJoin(t *testing.T) {
	t.Parallel()
	spaces, schedule := directory.NewTracker(), directory.NewTracker()
	spaces.Join(schedule)
	schedule.Join(spaces)
	r := facility(t)
	people, experiments := r.People, r.Experiments
	r.People, r.Experiments = nil, nil
	spaces.Set(r, nil, time.Time{})
	first := since(t, spaces, "")
	if len(first.Holdings) != 2 || len(first.Holdings[1].Experiments) != 0 {
		t.Fatalf("%+v", first.Holdings)
	}
	schedule.Set(&directory.Records{People: people, Experiments: experiments}, nil, time.Time{})
	joined := since(t, spaces, first.Cursor)
	want, _ := directory.Compose(facility(t))
	if diff := cmp.Diff(want, joined.Holdings, compareLabels); diff != "" {
		t.Errorf("(-one directory +two) %s", diff)
	}
	if u := since(t, spaces, joined.Cursor); len(u.Holdings) != 0 {
		t.Errorf("nothing is new: %+v", u.Holdings)
	}
	if u := since(t, schedule, ""); len(u.Holdings) != 0 {
		t.Errorf("workspaces of another: %+v", u.Holdings)
	}
}

func since(t *testing.T, tracker *directory.Tracker, cursor string) directory.Update {
	t.Helper()
	u, err := tracker.Since(cursor)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestComposeAtRandom holds for random records that the holdings of a workspace lie
// end to end over its time, that nobody is in an experiment of others, and that no
// order of the records matters.
func TestComposeAtRandom(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(21, 22))
	horizon := account.NewSpan(day("00:00"), day("00:00", 30))
	for range 300 {
		records := randomRecords(r)
		holdings, _ := directory.Compose(records)
		if !slices.IsSortedFunc(holdings, account.Holding.Compare) {
			t.Fatal("not in canonical order")
		}
		covered := map[string]time.Duration{}
		for _, h := range holdings {
			covered[h.Holder.Get("workspace")] += h.Span().Overlap(horizon).Duration()
			for _, e := range h.Experiments {
				for _, user := range e.Members {
					party := func(l account.Labels) bool { return l.Get("user") == user }
					if !party(h.Holder) && !slices.ContainsFunc(h.Shared, party) {
						t.Fatalf("%q is no party of %+v", user, h)
					}
				}
			}
		}
		for _, w := range records.Workspaces {
			want := account.Holding{From: w.From, To: w.To}.Span().Overlap(horizon).Duration()
			if w.Owner != "" && covered[w.Name] != want {
				t.Fatalf("%s: %v of %v", w.Name, covered[w.Name], want)
			}
		}
		r.Shuffle(len(records.Workspaces), func(i, j int) {
			records.Workspaces[i], records.Workspaces[j] = records.Workspaces[j], records.Workspaces[i]
		})
		r.Shuffle(len(records.Experiments), func(i, j int) {
			records.Experiments[i], records.Experiments[j] = records.Experiments[j], records.Experiments[i]
		})
		again, _ := directory.Compose(records)
		if diff := cmp.Diff(holdings, again, compareLabels); diff != "" {
			t.Fatalf("order matters:\n%s", diff)
		}
	}
}

func randomRecords(r *rand.Rand) *directory.Records {
	user := func() string { return []string{"", "a", "b", "c", "d"}[r.IntN(5)] }
	minute := func() time.Time { return day("00:00").Add(time.Duration(r.IntN(5000)) * time.Minute) }
	var out directory.Records
	for i := range r.IntN(8) {
		w := directory.Workspace{ID: fmt.Sprint(i), Name: fmt.Sprint("ws-", i), Host: fmt.Sprint("h", r.IntN(3)), From: minute(), Owner: user()}
		if r.IntN(2) == 0 {
			w.To = w.From.Add(time.Duration(1+r.IntN(3000)) * time.Minute)
		}
		w.Shared = []string{user(), user()}[:r.IntN(3)]
		out.Workspaces = append(out.Workspaces, w)
	}
	for _, name := range []string{"a", "b", "c"} {
		changes := minute()
		out.People = append(out.People, directory.Person{User: name, ResearchGroup: "before", To: changes},
			directory.Person{User: name, ResearchGroup: "after", From: changes})
	}
	for range r.IntN(5) {
		e := directory.Experiment{Name: fmt.Sprint("RB", r.IntN(3)), Members: []string{user(), user()}, From: minute()}
		if r.IntN(2) == 0 {
			e.To = e.From.Add(time.Duration(1+r.IntN(3000)) * time.Minute)
		}
		out.Experiments = append(out.Experiments, e)
	}
	return &out
}

// Gone holdings end when that was found, or when somebody else got the host.
func ExampleGone() {
	from := time.Date(2026, 1, 28, 9, 0, 0, 0, time.UTC)
	missing := []account.Holding{{ID: "a", Host: "h1", From: from}, {ID: "b", Host: "h2", From: from}}
	others := []account.Holding{{ID: "c", Host: "h2", From: from.Add(time.Hour)}}
	for _, h := range directory.Gone(missing, others, from.Add(4*time.Hour)) {
		fmt.Println(h.ID, "until", h.To.Format("15:04"))
	}
	for _, h := range directory.Gone(missing, others, time.Time{}) {
		fmt.Println(h.ID, "withdrawn:", h.Withdrawn)
	}
	// Output:
	// a until 13:00
	// b until 10:00
	// a withdrawn: true
	// b withdrawn: true
}

func ExampleCompose() {
	from := time.Date(2026, 1, 28, 12, 30, 0, 0, time.UTC)
	holdings, _ := directory.Compose(&directory.Records{
		Workspaces:  []directory.Workspace{{ID: "1", Name: "ws-b", Host: "172.16.100.50", From: from, Owner: "bb234567"}},
		People:      []directory.Person{{User: "bb234567", ResearchGroup: "Magnetism", Name: "never kept"}},
		Experiments: []directory.Experiment{{Name: "RB2024001", PI: "aa123456", Members: []string{"aa123456", "bb234567"}, Instrument: "WISH"}},
	})
	fmt.Println(holdings[0].Holder)
	fmt.Println(holdings[0].Experiments[0].Labels, holdings[0].Experiments[0].Members)
	// Output:
	// {research_group="Magnetism", user="bb234567", workspace="ws-b"}
	// {experiment="RB2024001", pi="aa123456"} [bb234567]
}

func ExampleTracker_Join() {
	from := time.Date(2026, 1, 28, 12, 30, 0, 0, time.UTC)
	platform, schedule := directory.NewTracker(), directory.NewTracker()
	platform.Join(schedule)
	platform.Set(&directory.Records{Workspaces: []directory.Workspace{{ID: "1", Name: "ws-b", Host: "h", From: from, Owner: "bb234567"}}}, nil, time.Time{})
	schedule.Set(&directory.Records{Experiments: []directory.Experiment{{Name: "RB2024001", Members: []string{"bb234567"}}}}, nil, time.Time{})
	update, err := platform.Since("")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(update.Holdings[0].Experiments[0].Labels)
	// Output: {experiment="RB2024001"}
}
