package facility_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/directory"
	"github.com/dendro-carbon/dendro/internal/facility"
	"github.com/dendro-carbon/dendro/internal/golden"
	"github.com/dendro-carbon/dendro/internal/pseudonym"
	"github.com/dendro-carbon/dendro/internal/query"
)

// TestSeed holds the use of a group to the seed's text, byte for byte.
func TestSeed(t *testing.T) {
	t.Parallel()
	w := newFixture(t, nil).ask("/groups/IDAaaS_Muon/usage", "")
	want := `[{"workspace_id":"IDAaaS_Muon","hostname":"IDAaaS_Muon",` +
		`"cpu_usage":{"busy_seconds":537.45,"idle_seconds":287239.26,"total_seconds":287776.71},` +
		`"energy_kwh":{"busy":0.00179,"idle":0.07979,"total":0.08158},` +
		`"carbon_gco2eq":{"busy":0.41,"idle":18.47,"total":18.89},` +
		`"carbon_intensity_g_per_kwh":231.5,"status":"processed"}]` + "\n"
	if d := cmp.Diff(want, w.Body.String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	for name, value := range map[string]string{
		"Dendro-From": "2026-01-28T11:00:00Z", "Dendro-To": "2026-01-28T12:00:00Z", "Dendro-Time-Zone": "UTC",
		"Dendro-Coverage": "1", "Dendro-Carbon-Coverage": "1", "Content-Type": "application/json",
	} {
		if got := w.Header().Get(name); got != value {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
}

// TestPolicy holds that another policy can be asked for by name, and that the reply says so.
func TestPolicy(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	w := f.ask("/groups/IDAaaS_SANS/usage?policy=idle%20apart", "")
	var list []struct {
		Energy struct{ Idle, Total float64 } `json:"energy_kwh"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || len(list) != 1 || list[0].Energy.Total == 0 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if got := w.Header().Get("Dendro-Policy"); got != "idle+apart" {
		t.Errorf("Dendro-Policy: %q", got)
	}
	if w := f.ask("/users/aa123456/summary?policy=fair", ""); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "usage, idle apart") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// calls are requests whose answers are golden, one for each endpoint at least.
func calls() [][2]string {
	return [][2]string{
		{"/groups", ""},
		{"/groups/IDAaaS_Muon/usage", ""},
		{"/groups/IDAaaS_Muon/summary", ""},
		{"/groups/IDAaaS_Muon/usage?from=2026-01-28&to=2026-01-28", ""},
		{"/groups/CDAaaS_Artemis%20%28Matlab%29/usage", ""},
		{"/groups/CDAaaS_A%2FB/summary", ""},
		{"/groups/ISIS_Dev_Muon/usage?cloud_project_name=ISIS&machine_name=Dev_Muon", ""},
		{"/experiments", ""},
		{"/experiments/RB2024001/usage", ""},
		{"/experiments/RB2024001/summary", ""},
		{"/users/aa123456/usage", ""},
		{"/users/aa123456/summary", ""},
		{"/users/cc345678/usage", ""},
		{"/users/cc345678/summary", ""},
		{"/users/aa123456/usage?from=2026-01-27&to=2026-01-27", ""},
		{"/users/me/usage", ""},
		{"/users/me/summary", ""},
		{"/workspaces/active", ""},
		{"/workspaces/summary?cloud_project_name=IDAaaS", ""},
		{"/workspaces/ws-1", ""},
		{"/workspaces/ws-3", ""},
		{"/workspaces/ws-9", ""},
		{"/workspaces/track", `{"cloud_project_name":"IDAaaS","machine_name":"SANS","timestamp":"2026-01-28T12:00:00Z"}`},
		{"/workspaces/track", `{"cloud_project_name":"CDAaaS"}`},
		{"/carbon/intensity/current", ""},
		{"/carbon/intensity/forecast?hours=24", ""},
		{"/carbon/calculate", `{"busy_cpu_seconds":1000,"idle_cpu_seconds":5000,"carbon_intensity_g_per_kwh":185}`},
		{"/carbon/calculate", `{"busy_cpu_seconds":537.45,"idle_cpu_seconds":287239.26,"carbon_intensity_g_per_kwh":231.5}`},
		{"/carbon/calculate", `{"busy_cpu_seconds":1000,"idle_cpu_seconds":5000}`},
		{"/carbon/equivalencies/1000?count=5", ""},
		{"/carbon/equivalencies/0", ""},
		{"/carbon/equivalencies/-100", ""},
		{"/carbon/equivalencies/18.89?count=15", ""},
		{"/carbon/equivalencies", `{"gco2eq":112.4,"count":3}`},
		{"/carbon/electricity/estimate?busy_cpu_seconds=1800&idle_cpu_seconds=1800", ""},
		{"/carbon/electricity/estimate?busy_cpu_seconds=3600&idle_cpu_seconds=3600&busy_power_w=20&idle_power_w=5", ""},
		{"/carbon/history?view=day&data_type=carbon&cloud_project_name=IDAaaS&date=2026-01-28", ""},
		{"/carbon/history?view=month&data_type=electricity&month=2026-01", ""},
		{"/carbon/history?view=year&data_type=carbon&year=2026&username=aa123456", ""},
		{"/carbon/heatmap?year=2026&cloud_project_name=IDAaaS", ""},
		{"/health", ""},
		{"/config", ""},
	}
}

// full is the fixture with a directory, personal data and users that a proxy names.
func full(t testing.TB) *fixture {
	return newFixture(t, func(d *facility.Deps) {
		d.Directories = []directory.Register{people()}
		d.Settings.IdentityHeader, d.Settings.Personal, d.Settings.MongoDatabase = "X-Remote-User", true, "ada"
	})
}

// TestGolden writes the answer of every endpoint to one file for review.
func TestGolden(t *testing.T) {
	t.Parallel()
	f := full(t)
	var out bytes.Buffer
	for _, c := range calls() {
		w := f.ask(c[0], c[1], "X-Remote-User", "aa123456")
		fmt.Fprintf(&out, "%s %s\n%d ", c[0], c[1], w.Code)
		if err := json.Indent(&out, w.Body.Bytes(), "", "  "); err != nil {
			t.Errorf("%v: %v: %s", c, err, w.Body)
		}
		if w.Code != http.StatusOK {
			t.Errorf("%v: %d %s", c, w.Code, w.Body)
		}
		out.WriteByte('\n')
	}
	golden.Equal(t, "testdata/answers.txt", out.Bytes())
}

// TestEveryRouteIsShown holds that the description, its page and the golden answers know
// every route.
func TestEveryRouteIsShown(t *testing.T) {
	t.Parallel()
	f := full(t)
	var described struct {
		Paths map[string]map[string]any
	}
	if err := json.Unmarshal(f.ask("/openapi.json", "").Body.Bytes(), &described); err != nil {
		t.Fatal(err)
	}
	if len(described.Paths) < 22 {
		t.Errorf("%d paths are described", len(described.Paths))
	}
	page := f.ask("/docs", "").Body.String()
	for path, methods := range described.Paths {
		for method := range methods {
			if !strings.Contains(page, strings.ToUpper(method)+" "+path) {
				t.Errorf("/docs does not show %s %s", method, path)
			}
			shown := false
			for _, c := range calls() {
				_, pattern := f.mux.Handler(must(t, strings.ToUpper(method), c))
				shown = shown || pattern == strings.ToUpper(method)+" "+path
			}
			if !shown {
				t.Errorf("no golden answer of %s %s", method, path)
			}
		}
	}
}

// must returns the request of a call; one of another method is for no route.
func must(t *testing.T, method string, call [2]string) *http.Request {
	t.Helper()
	if (method == http.MethodPost) != (call[1] != "") {
		call[0] = "/none"
	}
	r, err := http.NewRequestWithContext(t.Context(), method, call[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestRefusals goes through what each parameter can be wrong in.
func TestRefusals(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	for _, c := range []struct {
		path, body string
		status     int
		names      string // what the detail names
	}{
		{"/groups/None/usage", "", 404, "None"},
		{"/groups/None/summary", "", 404, "None"},
		{"/groups/ISIS_Dev_Muon/usage", "", 400, "2 groups"},
		{"/groups/IDAaaS_Muon/usage?from=yesterday", "", 400, "from"},
		{"/groups/IDAaaS_Muon/usage?from=2026-01-02&to=2026-01-01", "", 400, "window"},
		{"/groups/IDAaaS_Muon/usage?to=2026-01-01", "", 400, "from"},
		{"/groups/IDAaaS_Muon/usage?from=2026-01-01&from=2026-01-02", "", 422, "from"},
		{"/groups/IDAaaS_Muon/usage?from=%zz", "", 422, "query"},
		{"/experiments/RB1/usage", "", 404, "RB1"},
		{"/users/nobody/usage", "", 404, "nobody"},
		{"/users/nobody/summary", "", 404, "nobody"},
		{"/users/me/usage", "", 400, "identity_header"},
		{"/workspaces/none", "", 404, "none"},
		{"/workspaces/summary?cloud_project_name=X", "", 404, "cloud_project_name"},
		{"/workspaces/summary?machine_name=X", "", 404, "machine_name"},
		{"/workspaces/track", `{}`, 422, "cloud_project_name"},
		{"/workspaces/track", `[`, 422, "body"},
		{"/workspaces/track", `{"cloud_project_name":1}`, 422, "cloud_project_name: a number is not a text"},
		{"/workspaces/track", `{"cloud_project_name":"X"}`, 404, "cloud_project_name"},
		{"/workspaces/track", `{"cloud_project_name":"IDAaaS","timestamp":"noon"}`, 422, "timestamp"},
		{"/workspaces/track", `{"cloud_project_name":"IDAaaS","timestamp":"2100-01-01T00:00:00Z"}`, 400, "timestamp"},
		{"/carbon/intensity/forecast?hours=0", "", 422, "hours"},
		{"/carbon/intensity/forecast?hours=49", "", 422, "hours"},
		{"/carbon/intensity/forecast?hours=1.5", "", 422, "hours"},
		{"/carbon/calculate", `{"busy_cpu_seconds":1}`, 422, "idle_cpu_seconds"},
		{"/carbon/calculate", `{"busy_cpu_seconds":-1,"idle_cpu_seconds":1}`, 422, "busy_cpu_seconds"},
		{"/carbon/calculate", `{"busy_cpu_seconds":"1","idle_cpu_seconds":1}`, 422, "busy_cpu_seconds: a string is not a number"},
		{"/carbon/calculate", `{"busy_cpu_seconds":1,"idle_cpu_seconds":1,"carbon_intensity_g_per_kwh":-1}`, 422, "carbon_intensity_g_per_kwh"},
		{"/carbon/calculate", `{"busy_cpu_seconds":1e17,"idle_cpu_seconds":1,"busy_power_w":1e17}`, 422, "gco2eq"},
		{"/carbon/equivalencies/much", "", 422, "gco2eq"},
		{"/carbon/equivalencies/NaN", "", 422, "gco2eq"},
		{"/carbon/equivalencies/1e300", "", 422, "gco2eq"},
		{"/carbon/equivalencies/1?count=0", "", 422, "count"},
		{"/carbon/equivalencies/1?count=16", "", 422, "count"},
		{"/carbon/equivalencies", `{"count":3}`, 422, "gco2eq"},
		{"/carbon/equivalencies", `{"gco2eq":3,"count":16}`, 422, "count"},
		{"/carbon/equivalencies", `{"gco2eq":3,"count":1.5}`, 422, "count: a number 1.5 is not a whole number"},
		{"/carbon/electricity/estimate", "", 422, "busy_cpu_seconds"},
		{"/carbon/electricity/estimate?busy_cpu_seconds=1", "", 422, "idle_cpu_seconds"},
		{"/carbon/electricity/estimate?busy_cpu_seconds=x&idle_cpu_seconds=1", "", 422, "busy_cpu_seconds"},
		{"/carbon/electricity/estimate?busy_cpu_seconds=1&idle_cpu_seconds=NaN", "", 422, "idle_cpu_seconds"},
		{"/carbon/electricity/estimate?busy_cpu_seconds=1&idle_cpu_seconds=1&busy_power_w=-1", "", 422, "busy_power_w"},
		{"/carbon/history", "", 422, "view"},
		{"/carbon/history?view=week&data_type=carbon", "", 422, "view"},
		{"/carbon/history?view=day&data_type=water", "", 422, "data_type"},
		{"/carbon/history?view=day&data_type=carbon&date=28.1.2026", "", 422, "date"},
		{"/carbon/history?view=month&data_type=carbon&month=2026-13", "", 422, "month"},
		{"/carbon/history?view=year&data_type=carbon&year=99999", "", 422, "year"},
		{"/carbon/history?view=day&data_type=carbon&cloud_project_name=X", "", 404, "cloud_project_name"},
		{"/carbon/heatmap?year=x", "", 422, "year"},
		{"/carbon/heatmap?machine_name=X", "", 404, "machine_name"},
	} {
		w := f.ask(c.path, c.body)
		var problem map[string]string
		if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || w.Code != c.status || len(problem) != 1 {
			t.Errorf("%s %s: %d %s, want %d", c.path, c.body, w.Code, w.Body, c.status)
		}
		if !strings.Contains(problem["detail"], c.names) {
			t.Errorf("%s %s: %q does not name %q", c.path, c.body, problem["detail"], c.names)
		}
	}
}

// TestWithoutSlash holds that a path with a slash at its end leads to the one without, as
// in the framework of the original.
func TestWithoutSlash(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	for from, to := range map[string]string{
		"/groups/": "/groups", "/groups/CDAaaS_A%2FB/usage/?from=2026-01-28": "/groups/CDAaaS_A%2FB/usage?from=2026-01-28",
		"/workspaces/ws-1/": "/workspaces/ws-1", "/groups/CDAaaS_Artemis%20%28Matlab%29/summary/": "/groups/CDAaaS_Artemis%20%28Matlab%29/summary",
	} {
		w := f.ask(from, "")
		location, err := httptest.NewRequest(http.MethodGet, from, nil).URL.Parse(w.Header().Get("Location"))
		if w.Code != http.StatusTemporaryRedirect || err != nil || location.String() != to {
			t.Errorf("%s: %d, %v %v, want %s", from, w.Code, location, err, to)
		}
	}
}

func TestWhoAsks(t *testing.T) {
	t.Parallel()
	f := full(t)
	if w := f.ask("/users/me/usage", ""); w.Code != http.StatusUnauthorized {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	mine, named := f.ask("/users/me/summary", "", "X-Remote-User", "aa123456"), f.ask("/users/aa123456/summary", "")
	if d := cmp.Diff(named.Body.String(), mine.Body.String()); d != "" {
		t.Errorf("(-by name +me):\n%s", d)
	}
}

// TestWhoAsksUnderAPseudonym holds that a proxy names people as the platform does, and that who
// asks is answered all the same, by the pseudonym.
func TestWhoAsksUnderAPseudonym(t *testing.T) {
	t.Parallel()
	names, err := pseudonym.New([]byte("sixteen bytes or more"), account.LabelUser)
	if err != nil {
		t.Fatal(err)
	}
	f := newFixture(t, func(d *facility.Deps) {
		d.Settings.IdentityHeader, d.Names = "X-Remote-User", names
		d.Engine = query.New(d.Store, query.Options{Names: names, Pseudonyms: true})
	})
	mine := f.ask("/users/me/usage", "", "X-Remote-User", "aa123456")
	named := f.ask("/users/"+names.Of("aa123456")+"/usage", "")
	if mine.Code != http.StatusOK || mine.Body.String() != named.Body.String() || strings.Contains(mine.Body.String(), "aa123456") {
		t.Errorf("%d %s, by the pseudonym %s", mine.Code, mine.Body, named.Body)
	}
	if w := f.ask("/users/aa123456/usage", ""); w.Code != http.StatusNotFound {
		t.Errorf("by name: %d %s", w.Code, w.Body)
	}
}

// TestPersonalData holds that names and addresses are shown only where that is allowed.
func TestPersonalData(t *testing.T) {
	t.Parallel()
	quiet := newFixture(t, func(d *facility.Deps) { d.Directories = []directory.Register{people()} })
	for _, c := range calls() {
		if w := quiet.ask(c[0], c[1]); strings.Contains(w.Body.String(), "A Person") || strings.Contains(w.Body.String(), "example.org\"") && strings.Contains(w.Body.String(), "@") {
			t.Errorf("%v: %s", c, w.Body)
		}
	}
	if w := full(t).ask("/workspaces/ws-1", ""); !strings.Contains(w.Body.String(), `"user_info":{"platform_name":"aa123456","name":"A Person","email":"a@example.org","uid":1001}`) {
		t.Errorf("%s", w.Body)
	}
}

// TestEqualsQuery holds that figures are those of the engine, which dendro query asks.
func TestEqualsQuery(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	hour := account.NewSpan(begin(), begin().Add(60*60*1e9))
	answer, err := f.engine.Ask(t.Context(), query.Question{Span: hour, View: account.View{By: []string{"group"}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range answer.Nodes {
		if n.Path[0] == "ISIS_Dev_Muon" || n.Energy == nil || n.Operational == nil {
			continue
		}
		var got struct {
			Energy float64 `json:"total_energy_kwh"`
			Carbon float64 `json:"total_carbon_gco2eq"`
		}
		w := f.ask("/groups/"+strings.ReplaceAll(n.Path[0], "/", "%2F")+"/summary", "")
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatalf("%v: %s", err, w.Body)
		}
		if a, b := fmt.Sprintf("%.5f %.2f", n.Energy.KWh(), n.Operational.Grams()), fmt.Sprintf("%.5f %.2f", got.Energy, got.Carbon); a != b {
			t.Errorf("%s: %s here, %s by the engine", n.Path[0], b, a)
		}
	}
}

// TestNothingIsZero holds that what is not known is null at every endpoint of figures.
func TestNothingIsZero(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	for path, want := range map[string]string{
		"/users/cc345678/usage":                                   `"energy_kwh":{"busy":null,"idle":null,"total":null},"carbon_gco2eq":{"busy":null,"idle":null,"total":null},"carbon_intensity_g_per_kwh":null,"status":"initialized"`,
		"/users/cc345678/summary":                                 `"total_energy_kwh":null,"total_carbon_gco2eq":null,"carbon_equivalencies":null`,
		"/users/dd456789/usage":                                   `"carbon_gco2eq":{"busy":null,"idle":null,"total":null},"carbon_intensity_g_per_kwh":null,"status":"downloaded"`,
		"/groups/IDAaaS_Muon/usage?from=2026-01-27&to=2026-01-27": `"status":"initialized"`,
		"/carbon/heatmap?year=2025":                               `"max":null`,
	} {
		if w := f.ask(path, ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	w := f.ask("/users/aa123456/usage", "")
	if !strings.Contains(w.Body.String(), `{"busy_seconds":0,"idle_seconds":3600,"total_seconds":3600}`) {
		t.Errorf("a true zero: %s", w.Body)
	}
}

// FuzzQuery holds that no parameter makes the server fail.
func FuzzQuery(f *testing.F) {
	for _, c := range calls() {
		if path, values, ok := strings.Cut(c[0], "?"); ok {
			f.Add(path, values)
		}
	}
	f.Add("/carbon/heatmap", "year=%00&cloud_project_name=%ff")
	api := full(f)
	paths := map[string]bool{}
	for _, c := range calls() {
		path, _, _ := strings.Cut(c[0], "?")
		paths[path] = c[1] == ""
	}
	f.Fuzz(func(t *testing.T, path, values string) {
		if !paths[path] || strings.ContainsAny(values, " #\x7f") || strings.ContainsFunc(values, func(r rune) bool { return r < ' ' }) {
			return
		}
		w := api.ask(path+"?"+values, "", "X-Remote-User", "aa123456")
		if w.Code >= 500 || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s?%s: %d %s", path, values, w.Code, w.Body)
		}
	})
}
