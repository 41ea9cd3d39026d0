package api_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/api"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/golden"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/internal/slots"
	"github.com/dendro-carbon/dendro/unit"
)

// begin is the slot that the ledger of the tests holds.
var begin = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// driver stands for the slot driver, which these tests do not run: it says what
// they want it to say.
type driver struct {
	events   chan slots.Event
	forecast []account.Intensity
}

func (d *driver) Status() slots.Status {
	return slots.Status{
		Waiting: 2, Troubles: map[string]slots.Trouble{"source": {Since: begin, Error: "no answer", Fails: 3}},
		Warnings:    map[string][]slots.Warning{"office": {{Code: "record", Subject: "host h"}}, "attribution": {{}, {}}},
		Directories: map[string]slots.Directory{"office": {LagSeconds: 7}, "file": {LagSeconds: 1}},
	}
}
func (d *driver) Subscribe() (<-chan slots.Event, func())    { return d.events, func() {} }
func (d *driver) Forecast(region string) []account.Intensity { return d.forecast }

func grams(t testing.TB, v float64) unit.Intensity {
	t.Helper()
	i, err := unit.IntensityFromGramsPerKWh(v)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// filled returns a store with one closed slot of two groups.
func filled(t testing.TB) *memory.Store {
	t.Helper()
	calendar, err := account.NewCalendar(30*time.Minute, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	store := memory.New(calendar)
	method := derive.Method{
		Names:  []derive.LabelRule{{Label: "group", From: []string{"project", "machine"}, Separator: "_"}},
		Models: []derive.ModelRule{{Model: energy.Default()}}, Places: []derive.PlaceRule{{Region: "GB"}}, Chain: []string{"grid"},
		Accounting: account.Accounting{Scope: "combustion", Approach: "location"}, Policy: derive.Policy{Name: "usage"},
	}
	known := begin.Add(time.Hour)
	slot := account.NewSpan(begin, begin.Add(30*time.Minute))
	_, err = store.PutMethod(t.Context(), ledger.MethodRecord{KnownAt: begin, Method: method})
	check(t, err)
	value := account.Intensity{
		Region: "GB", Span: slot, Value: grams(t, 231.5), Kind: account.IntensityActual,
		Accounting: method.Accounting, Source: "grid", Version: "1", KnownAt: begin.Add(time.Minute),
	}
	_, err = store.PutIntensities(t.Context(), []account.Intensity{value})
	check(t, err)
	batch := facts(t, slot, known)
	deriver, err := derive.New(method, derive.Known{Intensities: []account.Intensity{value}, At: known})
	check(t, err)
	entries, err := deriver.Derive(batch)
	check(t, err)
	check(t, store.Commit(t.Context(), ledger.Commit{Slot: slot, Revision: 1, KnownAt: known, Facts: batch, Entries: entries}))
	return store
}

func facts(t testing.TB, slot account.Span, known time.Time) *account.Batch {
	t.Helper()
	b := &account.Batch{Slot: slot, KnownAt: known, Origins: []account.Origin{{Source: "test", Method: "by hand"}}}
	for i, name := range []string{"Muon", "SANS"} {
		labels, err := account.LabelsOf("project", "IDAaaS", "machine", name)
		check(t, err)
		busy, _ := unit.DurationFromSeconds(537.45 * float64(i+1))
		idle, _ := unit.DurationFromSeconds(1000)
		b.Subjects = append(b.Subjects, account.Subject{Host: "host-" + name, Labels: labels})
		b.Facts = append(b.Facts, account.Fact{
			Subject: i, To: slot.Length(), Busy: busy, Idle: idle,
			Observed: slot.Length(), Expected: slot.Length(),
		})
	}
	b.Sort()
	return b
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

type server struct {
	*httptest.Server
	engine *query.Engine
	driver *driver
}

func serve(t testing.TB, change func(*api.Deps)) *server {
	t.Helper()
	store := filled(t)
	engine := query.New(store, query.Options{Policies: []derive.Policy{{Name: "apart", Idle: derive.IdleApart}}})
	drv := &driver{events: make(chan slots.Event, 1)}
	d := api.Deps{Store: store, Engine: engine, Driver: drv, Log: slog.New(slog.DiscardHandler), Version: "test", Levels: []string{"group"}, Region: "GB"}
	if change != nil {
		change(&d)
	}
	s := httptest.NewServer(api.New(d).Handler())
	t.Cleanup(s.Close)
	return &server{s, engine, drv}
}

func (s *server) get(t testing.TB, path string) (int, string, http.Header) {
	t.Helper()
	r, err := http.Get(s.URL + path)
	check(t, err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	check(t, err)
	return r.StatusCode, string(body), r.Header
}

const day = "by=group&from=2026-01-15&to=2026-01-15"

// The API's answer is the engine's, byte for byte.
func TestQueryIsTheEngines(t *testing.T) {
	s := serve(t, nil)
	status, body, header := s.get(t, "/api/v1/query?"+day+"&step=1h")
	asked := query.Asked{By: []string{"group"}, Window: query.Window{From: "2026-01-15", To: "2026-01-15"}, Step: "1h"}
	q, err := asked.Parse(s.engine.Calendar(), time.Now())
	check(t, err)
	answer, err := s.engine.Ask(t.Context(), q)
	check(t, err)
	var want bytes.Buffer
	check(t, answer.WriteJSON(&want))
	if status != http.StatusOK || body != want.String() {
		t.Errorf("status %d, got\n%s\nwant\n%s", status, body, want.String())
	}
	if !strings.HasPrefix(header.Get("Content-Type"), "application/json") || header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers %v", header)
	}
	if !strings.Contains(body, `"path":["IDAaaS_Muon"]`) {
		t.Errorf("no group in %s", body)
	}
}

// TestCompare holds that two policies come side by side, and that a figure is
// explained by the policy that is named.
func TestCompare(t *testing.T) {
	s := serve(t, nil)
	_, body, _ := s.get(t, "/api/v1/query?"+day+"&by=user&policy=usage&compare=apart")
	for _, want := range []string{
		`"policy":"usage","compare":"apart"`, `"difference":{"energy_kwh":0,"operational_gco2e":0,"embodied_gco2e":null}`,
		`"path":["IDAaaS_Muon","idle"],"kind":"idle","energy_kwh":0,"operational_gco2e":0,`, `"difference":{"energy_kwh":-`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in %s", want, body)
		}
	}
	_, body, _ = s.get(t, "/api/v1/explain?account=group%3DIDAaaS_Muon&at=2026-01-15T12:00Z&policy=apart")
	if !strings.Contains(body, `"idle":"apart"`) || !strings.Contains(body, `"kind":"idle"`) {
		t.Errorf("explained by another policy: %s", body)
	}
}

func TestProblems(t *testing.T) {
	s := serve(t, nil)
	tests := map[string]struct {
		path   string
		status int
		says   string
	}{
		"unknown parameter": {"/api/v1/query?bye=group", 400, "bye"},
		"misspelt window":   {"/api/v1/restatements?form=2026-01-01&limit=5", 400, "form: not a parameter of /api/v1/restatements\\n  Try: use after, from, limit, to"},
		"none at all":       {"/api/v1/status?x=1", 400, "leave it out"},
		"bad date":          {"/api/v1/query?from=yesterdays", 400, "yesterdays"},
		"bad step":          {"/api/v1/query?" + day + "&step=7m", 400, "7m"},
		"no figure":         {"/api/v1/explain?account=group%3Dnobody&at=2026-01-15T12:00Z", 404, "no such figure"},
		"no account":        {"/api/v1/explain?at=2026-01-15T12:00Z", 422, "account"},
		"no policy":         {"/api/v1/query?" + day + "&compare=fair", 400, "use usage, apart"},
		"no such page":      {"/api/v1/nothing", 404, ""},
		"too long":          {"/api/v1/intensity/forecast?hours=9999", 422, "hours"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			status, body, header := s.get(t, test.path)
			if status != test.status || !strings.Contains(body, test.says) {
				t.Errorf("status %d, want %d: %s", status, test.status, body)
			}
			if test.says != "" && header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("content type %q", header.Get("Content-Type"))
			}
		})
	}
}

func TestExplainAndAccounts(t *testing.T) {
	s := serve(t, nil)
	status, body, _ := s.get(t, "/api/v1/explain?account=group%3DIDAaaS_Muon&at=2026-01-15T12:10Z")
	if status != http.StatusOK || !strings.Contains(body, "231.5") || !strings.Contains(body, "host-Muon") {
		t.Errorf("status %d: %s", status, body)
	}
	status, body, _ = s.get(t, "/api/v1/basis?where=group%3DIDAaaS_Muon&"+january)
	if status != http.StatusOK || !strings.Contains(body, `"slots":1,"restated":0`) || !strings.Contains(body, `"source":"grid"`) {
		t.Errorf("basis: status %d: %s", status, body)
	}
	status, body, _ = s.get(t, "/api/v1/accounts?from=2026-01-01&to=2026-01-31")
	var got struct {
		Accounts []struct {
			Labels map[string]string
			Kind   string
		}
	}
	check(t, json.Unmarshal([]byte(body), &got))
	if status != http.StatusOK || len(got.Accounts) != 2 || got.Accounts[0].Labels["group"] != "IDAaaS_Muon" || got.Accounts[0].Kind != "account" {
		t.Errorf("status %d: %s", status, body)
	}
}

func TestLabels(t *testing.T) {
	s := serve(t, nil)
	for path, want := range map[string]string{
		"labels?" + january:                          `"labels":[{"name":"project","values":1},{"name":"group","values":2},{"name":"machine","values":2}]`,
		"labels/group?" + january:                    `"values":["IDAaaS_Muon","IDAaaS_SANS"],"more":false`,
		"labels/group?limit=1&" + january:            `"values":["IDAaaS_Muon"],"more":true`,
		"labels/group?contains=sans&" + january:      `"values":["IDAaaS_SANS"],"more":false`,
		"labels/nothing?" + january:                  `"values":[],"more":false`,
		"labels/group?from=2025-01-01&to=2025-01-31": `"values":[],"more":false`,
	} {
		if status, body, _ := s.get(t, "/api/v1/"+path); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: status %d, want %s in %s", path, status, want, body)
		}
	}
}

const january = "from=2026-01-01&to=2026-01-31"

func TestForecastFindsTheBestWindow(t *testing.T) {
	s := serve(t, nil)
	begin := time.Now().Truncate(time.Hour).Add(time.Hour)
	add := func(kind account.IntensityKind, from, to time.Time, v float64) {
		s.driver.forecast = append(s.driver.forecast, account.Intensity{Region: "GB", Kind: kind, Span: account.NewSpan(from, to), Value: grams(t, v)})
	}
	// What is over, and the average of a year, are no time to choose.
	add(account.IntensityAnnual, begin.AddDate(-1, 0, 0), begin.AddDate(1, 0, 0), 1)
	add(account.IntensityForecast, begin.Add(-30*time.Hour), begin.Add(-20*time.Hour), 10)
	for i, v := range []float64{200, 100, 50, 90, 300} {
		from := begin.Add(time.Duration(i) * 30 * time.Minute)
		add(account.IntensityForecast, from, from.Add(30*time.Minute), v)
	}
	_, body, _ := s.get(t, "/api/v1/intensity/forecast?hours=1")
	var got struct {
		Best *struct {
			From  time.Time `json:"from"`
			Value float64   `json:"gco2e_per_kwh"`
		}
	}
	check(t, json.Unmarshal([]byte(body), &got))
	if got.Best == nil || !got.Best.From.Equal(begin.Add(time.Hour)) || got.Best.Value != 70 {
		t.Errorf("got %+v in %s", got.Best, body)
	}
	_, body, _ = s.get(t, "/api/v1/intensity/forecast?hours=3")
	if !strings.Contains(body, `"best":null`) {
		t.Errorf("three hours are not covered: %s", body)
	}
}

func TestStateOfTheServer(t *testing.T) {
	s := serve(t, nil)
	for path, says := range map[string]string{
		"/api/v1/status":       `"levels":["group"],"policies":["usage","apart"],"region":"GB","features":[]`,
		"/api/v1/restatements": `"restatements":[]`,
		"/api/v1/restatements?from=2026-01-15&to=2026-01-15": `"restatements":[]`,
		"/api/v1/intensity?from=2026-01-15&to=2026-01-15":    `"gco2e_per_kwh":231.5`,
		"/healthz": "ok",
		"/readyz":  "ready",
		"/metrics": `dendro_trouble{duty="source"} 1`,
	} {
		if status, body, _ := s.get(t, path); status != http.StatusOK || !strings.Contains(body, says) {
			t.Errorf("%s: status %d, no %q in %s", path, status, says, body)
		}
	}
}

func TestEventsStream(t *testing.T) {
	s := serve(t, nil)
	r, err := http.Get(s.URL + "/api/v1/events")
	check(t, err)
	defer r.Body.Close()
	s.driver.events <- slots.Event{Kind: slots.EventClosed, Slot: account.NewSpan(begin, begin.Add(30*time.Minute))}
	lines := bufio.NewScanner(r.Body)
	for lines.Scan() {
		if lines.Text() == "event: closed" && lines.Scan() && strings.Contains(lines.Text(), "2026-01-15T12:00:00Z") {
			return
		}
	}
	t.Errorf("the stream ended without the event: %v", lines.Err())
}

func TestTokens(t *testing.T) {
	// The SHA-256 of "secret".
	file := "# who\nalice read 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b\n"
	tokens, err := api.ReadTokens("tokens", strings.NewReader(file))
	check(t, err)
	s := serve(t, func(d *api.Deps) { d.Tokens = tokens })
	for token, want := range map[string]int{"": 401, "Bearer wrong": 401, "Bearer secret": 200, "secret": 401} {
		r, err := http.NewRequest(http.MethodGet, s.URL+"/api/v1/status", nil)
		check(t, err)
		r.Header.Set("Authorization", token)
		answer, err := http.DefaultClient.Do(r)
		check(t, err)
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("%q: status %d, want %d", token, answer.StatusCode, want)
		}
	}
	if status, _, _ := s.get(t, "/healthz"); status != http.StatusOK {
		t.Errorf("healthz needs a token: %d", status)
	}
}

func TestReadTokensCollectsProblems(t *testing.T) {
	_, err := api.ReadTokens("tokens", strings.NewReader("alice\nbob write 00\ncarol read 12\n"))
	for _, want := range []string{"tokens:1", "tokens:2", "tokens:3"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not name %s: %v", want, err)
		}
	}
	if _, err := api.ReadTokens("tokens", strings.NewReader("\n")); err == nil {
		t.Error("a file without tokens was accepted")
	}
}

// The description is the one in docs.
func TestOpenAPI(t *testing.T) {
	d := api.Deps{Store: filled(t), Version: "v1"}
	d.Engine, d.Driver, d.Log = query.New(d.Store, query.Options{}), &driver{}, slog.New(slog.DiscardHandler)
	got, err := api.New(d).OpenAPI()
	check(t, err)
	golden.Equal(t, "../../docs/openapi.json", string(got)+"\n")
}

// A stream ends when the server is to stop, and not with the client alone.
func TestEventsEndWithTheServer(t *testing.T) {
	stop := make(chan struct{})
	s := serve(t, func(d *api.Deps) { d.Stopping = stop })
	r, err := http.Get(s.URL + "/api/v1/events")
	check(t, err)
	defer r.Body.Close()
	close(stop)
	if _, err := io.ReadAll(r.Body); err != nil {
		t.Error(err)
	}
}

// Who may ask can change while the server runs.
func TestTokensAreReplaced(t *testing.T) {
	read := func(hash string) *api.Tokens {
		tokens, err := api.ReadTokens("tokens", strings.NewReader("alice read "+hash))
		check(t, err)
		return tokens
	}
	tokens := read(strings.Repeat("0", 64))
	s := serve(t, func(d *api.Deps) { d.Tokens = tokens })
	ask := func() int {
		r, err := http.NewRequest(http.MethodGet, s.URL+"/api/v1/status", nil)
		check(t, err)
		r.Header.Set("Authorization", "Bearer secret")
		answer, err := http.DefaultClient.Do(r)
		check(t, err)
		answer.Body.Close()
		return answer.StatusCode
	}
	before := ask()
	tokens.Replace(read("2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"))
	if after := ask(); before != 401 || after != 200 {
		t.Errorf("status %d before and %d after", before, after)
	}
}

// A level with very many names has a bound of series.
func TestMetricsAreBounded(t *testing.T) {
	now := time.Now()
	s := serve(t, func(d *api.Deps) {
		d.MaxNames = 1
		d.Engine = query.New(d.Store, query.Options{Open: func(context.Context) ([]query.Open, error) {
			open := query.Open{Slot: d.Engine.Calendar().Grid().Slot(now)}
			for i := range 5 {
				labels, err := account.LabelsOf("group", fmt.Sprint("G", i))
				check(t, err)
				open.Entries = append(open.Entries, account.Entry{
					Account: account.Account{Labels: labels}, Quantities: account.Quantities{Energy: unit.Energy(10 - i), Observed: 1, Expected: 1},
				})
			}
			return []query.Open{open}, nil
		}})
	})
	_, text, _ := s.get(t, "/metrics")
	if strings.Count(text, "dendro_energy_kwh{") != 2 || !strings.Contains(text, `dendro_energy_kwh{kind="other",level="group",name="other"} 3e-08`) {
		t.Errorf("not G0 and 30 of the others:\n%s", text)
	}
}

// TestMetricsNameNobody holds that Prometheus is told no names of people, and is told
// that documents contradict each other.
func TestMetricsNameNobody(t *testing.T) {
	s := serve(t, func(d *api.Deps) {
		d.Levels, d.Personal = []string{"user", "badge", "group"}, []string{"badge"}
		d.Engine = query.New(d.Store, query.Options{Open: func(context.Context) ([]query.Open, error) {
			labels, err := account.LabelsOf("user", "anna", "badge", "badge of anna", "group", "IDAaaS_Muon")
			check(t, err)
			return []query.Open{{Slot: d.Engine.Calendar().Grid().Slot(time.Now()), Entries: []account.Entry{{
				Account: account.Account{Labels: labels}, Quantities: account.Quantities{Energy: 1, Observed: 1, Expected: 1},
			}}}}, nil
		}})
	})
	_, text, _ := s.get(t, "/metrics")
	if strings.Contains(text, "anna") {
		t.Errorf("a name is among the metrics:\n%s", text)
	}
	for _, want := range []string{
		`dendro_energy_kwh{kind="account",level="group",name="IDAaaS_Muon"} 1e-09`, "dendro_coverage_ratio 1",
		`dendro_warnings{of="attribution"} 2`, `dendro_warnings{of="office"} 1`, `dendro_warnings{of="file"} 0`, `dendro_directory_lag_seconds{directory="office"} 7`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no %s:\n%s", want, text)
		}
	}
}
