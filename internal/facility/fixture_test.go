package facility_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/directory"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/facility"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/internal/slots"
	"github.com/dendro-carbon/dendro/unit"
)

// begin is the hour of which the fixture knows figures, and now when it is asked.
func begin() time.Time { return time.Date(2026, 1, 28, 11, 0, 0, 0, time.UTC) }
func now() time.Time   { return begin().Add(65 * time.Minute) }

// host is what one host did in each of two half hours. One with neither was not seen.
type host struct {
	labels     []string
	busy, idle float64
}

func hosts() []host {
	in := func(project, machine, name string, more ...string) []string {
		return append([]string{"cloud_project_name", project, "machine_name", machine, "instance", name}, more...)
	}
	return []host{
		// The seed's example, in two halves.
		{in("IDAaaS", "Muon", "172.16.100.50:9100"), 537.45 / 2, 287239.26 / 2},
		{in("IDAaaS", "SANS", "h1", "workspace", "ws-1", "user", "aa123456", "experiment", "RB2024001", "pi", "bb234567"), 900, 900},
		{in("IDAaaS", "SANS", "h2", "workspace", "ws-2", "user", "aa123456"), 0, 1800},
		{in("IDAaaS", "SANS", "h3", "workspace", "ws-3", "user", "cc345678"), 0, 0},
		{in("CDAaaS", "Artemis (Matlab)", "c1", "workspace", "ws-4", "user", "dd456789"), 100, 1700},
		{in("ISIS_Dev", "Muon", "d1"), 10, 20},
		{in("ISIS", "Dev_Muon", "d2"), 10, 20},
		{in("CDAaaS", "A/B", "d3"), 10, 20},
	}
}

func method() derive.Method {
	return derive.Method{
		Names: []derive.LabelRule{
			{Label: "group", From: []string{"cloud_project_name", "machine_name"}, Separator: "_"},
		},
		Models: []derive.ModelRule{{Model: energy.Default()}},
		// The grid of CDAaaS is not known.
		Places:     []derive.PlaceRule{{Where: account.Filter{{Label: "cloud_project_name", Values: []string{"CDAaaS"}}}, Region: "FR"}, {Region: "GB"}},
		Chain:      []string{"grid"},
		Accounting: account.Accounting{Scope: "combustion", Approach: "location"},
		Policy:     derive.Policy{Name: "usage"},
	}
}

// driver stands for the slot driver, which these tests do not run.
type driver struct{ forecast []account.Intensity }

func (d driver) Status() slots.Status                { return slots.Status{} }
func (d driver) Forecast(string) []account.Intensity { return d.forecast }

// register is a directory that has been read.
type register struct{ records directory.Records }

func (r *register) Records() *directory.Records { return &r.records }
func (r *register) Join(...directory.Register)  {}

func people() *register {
	day := begin().Add(-2 * time.Hour)
	space := func(name, owner, state string, to time.Time) directory.Workspace {
		return directory.Workspace{ID: name, Name: name, Host: "h" + name, Hostname: "172.16.100." + name[3:], Owner: owner, State: state, Tag: "ISIS", From: day, Created: day, To: to}
	}
	return &register{directory.Records{
		Workspaces: []directory.Workspace{
			space("ws-1", "aa123456", "READY", time.Time{}), space("ws-2", "aa123456", "CLAIMED", now().Add(time.Hour)),
			space("ws-9", "", "READY", time.Time{}), space("ws-8", "ee", "DELETED", time.Time{}), space("ws-7", "ee", "READY", begin()),
		},
		People: []directory.Person{{User: "aa123456", Name: "A Person", Email: "a@example.org", UID: "1001"}},
	}}
}

func grams(t testing.TB, v float64) unit.Intensity {
	t.Helper()
	i, err := unit.IntensityFromGramsPerKWh(v)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// fixture is a ledger of one hour with its API.
type fixture struct {
	deps   facility.Deps
	engine *query.Engine
	mux    *http.ServeMux
}

func newFixture(t testing.TB, change func(*facility.Deps)) *fixture {
	t.Helper()
	return newFixtureOf(t, hosts(), change)
}

func newFixtureOf(t testing.TB, list []host, change func(*facility.Deps)) *fixture {
	t.Helper()
	calendar, err := account.NewCalendar(30*time.Minute, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	store := memory.New(calendar)
	m := method()
	if _, err := store.PutMethod(t.Context(), ledger.MethodRecord{KnownAt: begin().AddDate(0, -1, 0), Method: m}); err != nil {
		t.Fatal(err)
	}
	value := func(from time.Time, v float64, kind account.IntensityKind) account.Intensity {
		return account.Intensity{
			Region: "GB", Span: account.NewSpan(from, from.Add(30*time.Minute)), Value: grams(t, v), Kind: kind,
			Accounting: m.Accounting, Source: "grid", KnownAt: begin(),
		}
	}
	_, err = store.PutIntensities(t.Context(), []account.Intensity{
		value(begin(), 231.5, account.IntensityActual), value(begin().Add(30*time.Minute), 231.5, account.IntensityActual),
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		commit(t, store, m, begin().Add(time.Duration(i)*30*time.Minute), list)
	}
	engine := query.New(store, query.Options{Policies: []derive.Policy{{Name: "idle apart", Idle: derive.IdleApart}}})
	d := facility.Deps{
		Store: store, Engine: engine, Log: slog.New(slog.DiscardHandler), Now: now,
		Driver: driver{[]account.Intensity{
			value(begin().Add(time.Hour), 185, account.IntensityForecast), value(begin().Add(90*time.Minute), 49.5, account.IntensityForecast),
		}},
		Settings: facility.Settings{
			Version: "1.0.0", Region: "GB", Project: "cloud_project_name", Machine: "machine_name", Host: "instance",
			PrometheusURL: "https://prometheus.example.org", Busy: 12_000_000, Idle: 1_000_000, Tags: []string{"ISIS", "CLF"},
		},
	}
	if change != nil {
		change(&d)
	}
	f := &fixture{deps: d, engine: engine, mux: http.NewServeMux()}
	facility.New(d).Register(f.mux)
	return f
}

// commit closes a half hour with what the hosts did.
func commit(t testing.TB, store ledger.Store, m derive.Method, from time.Time, list []host) {
	t.Helper()
	revise(t, store, m, revision{from: from, number: 1, knownAt: from.Add(32 * time.Minute)}, list)
}

// revision is one of a half hour.
type revision struct {
	from    time.Time
	number  int
	knownAt time.Time
}

// revise commits what the hosts did in a half hour, as it became known then.
func revise(t testing.TB, store ledger.Store, m derive.Method, r revision, list []host) {
	t.Helper()
	slot := account.NewSpan(r.from, r.from.Add(30*time.Minute))
	b := &account.Batch{Slot: slot, KnownAt: r.knownAt, Origins: []account.Origin{{Source: "test", Method: "by hand"}}}
	for i, h := range list {
		labels, err := account.LabelsOf(h.labels...)
		if err != nil {
			t.Fatal(err)
		}
		b.Subjects = append(b.Subjects, account.Subject{Host: labels.Get("instance"), Labels: labels})
		busy, _ := unit.DurationFromSeconds(h.busy)
		idle, _ := unit.DurationFromSeconds(h.idle)
		fact := account.Fact{Subject: i, To: slot.Length(), Busy: busy, Idle: idle, Observed: slot.Length(), Expected: slot.Length()}
		if h.busy+h.idle == 0 {
			fact.Observed = 0
		}
		b.Facts = append(b.Facts, fact)
	}
	b.Sort()
	known, err := ledger.KnownIn(t.Context(), store, slot, b.KnownAt)
	if err != nil {
		t.Fatal(err)
	}
	d, err := derive.New(m, known)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := d.Derive(b)
	if err != nil {
		t.Fatal(err)
	}
	c := ledger.Commit{Slot: slot, Revision: r.number, KnownAt: b.KnownAt, Facts: b, Entries: entries}
	if r.number > 1 {
		c.Reason = ledger.ReasonLate
	}
	if err := store.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// ask sends a request; with a body it is a POST.
func (f *fixture) ask(path, body string, headers ...string) *httptest.ResponseRecorder {
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	f.mux.ServeHTTP(w, r)
	return w
}
