package main

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestPeople holds what a facility is promised about its people, over a real Prometheus
// and a real server of MongoDB's protocol, with the program as it is run: the
// facility-compatible API gives the figures of `dendro query`, parts add up to the facility
// at every level, and nobody is named where it is not allowed.
func TestPeople(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	s := p.serve(t)
	flags, _ := p.window()
	p.run(t, append([]string{"backfill", "--quiet"}, flags...)...)
	t.Run("sums", func(t *testing.T) { p.sums(t) })
	t.Run("shared", func(t *testing.T) { p.shared(t) })
	t.Run("equal", func(t *testing.T) { p.equal(t, s) })
	t.Run("private", func(t *testing.T) { p.private(t, s) })
	t.Run("contended", func(t *testing.T) { p.contended(t, s) })
	open := p.users(t)
	asked := p.asked(t, flags)
	s.stop()
	if d := cmp.Diff(asked, p.asked(t, flags)); d != "" {
		t.Errorf("without the server (-with +without):\n%s", d)
	}
	s = p.serve(t, "--pseudonyms")
	t.Run("pseudonyms", func(t *testing.T) { p.pseudonyms(t, s, open) })
	s.stop()
	t.Run("disclosed", func(t *testing.T) { p.disclosed(t) })
}

// known is the figures of a node as `dendro query` writes them.
type known struct {
	Path            []string
	Kind            string
	Energy          *json.Number `json:"energy_kwh"`
	Operational     *json.Number `json:"operational_gco2e"`
	Embodied        *json.Number `json:"embodied_gco2e"`
	Busy            *json.Number `json:"cpu_busy_s"`
	Idle            *json.Number `json:"cpu_idle_s"`
	Intensity       *json.Number `json:"intensity_gco2e_per_kwh"`
	BusyEnergy      *json.Number `json:"busy_energy_kwh"`
	BusyOperational *json.Number `json:"busy_operational_gco2e"`
	Series          []known
}

type reply struct {
	Total known
	Nodes []known
}

func (p *platform) query(t *testing.T, args ...string) reply {
	t.Helper()
	var a reply
	decoder := json.NewDecoder(strings.NewReader(p.run(t, append([]string{"query", "--format", "json"}, args...)...)))
	decoder.UseNumber()
	if err := decoder.Decode(&a); err != nil {
		t.Fatal(err)
	}
	return a
}

// asked returns what the command prints of some views.
func (p *platform) asked(t *testing.T, window []string) string {
	t.Helper()
	var out strings.Builder
	for _, more := range [][]string{
		{"--by", "facility,group,user"}, {"--by", "experiment,user", "--format", "csv"}, {"--by", "user", "--policy", "weights", "--compare", "apart"},
	} {
		out.WriteString(p.run(t, append(append([]string{"query"}, window...), more...)...))
	}
	return out.String()
}

// rat is an exact number; null is zero.
func rat(n *json.Number) *big.Rat {
	r := new(big.Rat)
	if n != nil {
		r.SetString(n.String())
	}
	return r
}

// sums holds that users and rests, and every other level, add up to the facility, under
// each policy.
func (p *platform) sums(t *testing.T) {
	flags, _ := p.window()
	for _, policy := range []string{"default", "apart", "weights"} {
		var whole *known
		for _, by := range []string{"facility", "group", "machine_name", "user", "workspace", "experiment", "pi", "research_group"} {
			a := p.query(t, append(flags, "--by", by, "--policy", policy)...)
			if whole == nil {
				whole = &a.Total
			}
			energy, carbon, embodied := new(big.Rat), new(big.Rat), new(big.Rat)
			for _, n := range a.Nodes {
				energy, carbon, embodied = energy.Add(energy, rat(n.Energy)), carbon.Add(carbon, rat(n.Operational)), embodied.Add(embodied, rat(n.Embodied))
			}
			for name, pair := range map[string][2]*big.Rat{
				"energy": {energy, rat(whole.Energy)}, "carbon": {carbon, rat(whole.Operational)}, "embodied": {embodied, rat(whole.Embodied)},
			} {
				if pair[0].Cmp(pair[1]) != 0 || pair[1].Sign() <= 0 {
					t.Errorf("%s by %s under %s: parts are %s, the whole is %s", name, by, policy, pair[0].FloatString(9), pair[1].FloatString(9))
				}
			}
		}
	}
}

// shared holds that a workspace is its owner's, or by another policy half of each who has
// access.
func (p *platform) shared(t *testing.T) {
	flags, _ := p.window()
	for policy, want := range map[string]int{"default": 1, "apart": 2} {
		energies := map[string]bool{}
		count := 0
		for _, n := range p.query(t, append(flags, "--by", "user", "--where", `workspace=ws/2 "shared" 100%`, "--policy", policy)...).Nodes {
			if n.Kind == "account" {
				count++
				energies[rat(n.Energy).FloatString(6)] = true // a microwatt-hour cannot be halved
			}
		}
		if count != want || len(energies) != 1 {
			t.Errorf("%s: %d users with %v", policy, count, energies)
		}
	}
}

// entry is what the facility-compatible API tells of one thing.
type entry struct {
	Workspace string `json:"workspace_id"`
	CPU       struct{ Busy, Idle, Total *float64 }
	Seconds   struct {
		Busy  *float64 `json:"busy_seconds"`
		Idle  *float64 `json:"idle_seconds"`
		Total *float64 `json:"total_seconds"`
	} `json:"cpu_usage"`
	Energy    struct{ Busy, Idle, Total *float64 } `json:"energy_kwh"`
	Carbon    struct{ Busy, Idle, Total *float64 } `json:"carbon_gco2eq"`
	Intensity *float64                             `json:"carbon_intensity_g_per_kwh"`
}

type total struct {
	Seconds struct {
		Busy  *float64 `json:"busy_seconds"`
		Idle  *float64 `json:"idle_seconds"`
		Total *float64 `json:"total_seconds"`
	} `json:"total_cpu_seconds"`
	Energy *float64 `json:"total_energy_kwh"`
	Carbon *float64 `json:"total_carbon_gco2eq"`
}

// rounded writes numbers with so many decimals each, and null as such.
func rounded(places int, numbers ...*big.Rat) string {
	out := make([]string, len(numbers))
	for i, n := range numbers {
		f, _ := n.Float64()
		out[i] = strconv.FormatFloat(f, 'f', places, 64)
	}
	return strings.Join(out, " ")
}

func wrote(places int, numbers ...*float64) string {
	out := make([]string, len(numbers))
	for i, n := range numbers {
		out[i] = "null"
		if n != nil {
			out[i] = strconv.FormatFloat(*n, 'f', places, 64)
		}
	}
	return strings.Join(out, " ")
}

// less returns a − b, or a + b.
func less(a, b *json.Number) *big.Rat { return new(big.Rat).Sub(rat(a), rat(b)) }
func plus(a, b *json.Number) *big.Rat { return new(big.Rat).Add(rat(a), rat(b)) }

// usage is what an entry has to say of figures, and summary what a sum has to.
func (k known) usage() string {
	return rounded(2, rat(k.Busy), rat(k.Idle), plus(k.Busy, k.Idle)) + " " +
		rounded(5, rat(k.BusyEnergy), less(k.Energy, k.BusyEnergy), rat(k.Energy)) + " " +
		rounded(2, rat(k.BusyOperational), less(k.Operational, k.BusyOperational), rat(k.Operational), rat(k.Intensity))
}

func (k known) summary() string {
	return rounded(2, rat(k.Busy), rat(k.Idle), plus(k.Busy, k.Idle)) + " " + rounded(5, rat(k.Energy)) + " " + rounded(2, rat(k.Operational))
}

func (e entry) usage() string {
	return wrote(2, e.Seconds.Busy, e.Seconds.Idle, e.Seconds.Total) + " " + wrote(5, e.Energy.Busy, e.Energy.Idle, e.Energy.Total) + " " +
		wrote(2, e.Carbon.Busy, e.Carbon.Idle, e.Carbon.Total, e.Intensity)
}

func (s total) summary() string {
	return wrote(2, s.Seconds.Busy, s.Seconds.Idle, s.Seconds.Total) + " " + wrote(5, s.Energy) + " " + wrote(2, s.Carbon)
}

// read asks for a path and reads its answer.
func (s *server) read(t *testing.T, path string, into any) {
	t.Helper()
	status, body := s.get(path)
	if status != 200 {
		t.Fatalf("%s: %d %s", path, status, body)
	}
	if err := json.Unmarshal([]byte(body), into); err != nil {
		t.Fatalf("%s: %v: %s", path, err, body)
	}
}

// equal holds every endpoint of figures to what `dendro query` prints.
func (p *platform) equal(t *testing.T, s *server) {
	flags, window := p.window()
	compare := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %s by the API, %s by dendro query", what, got, want)
		}
	}
	count := map[string]int{}
	for by, path := range map[string]string{"group": "/groups/", "user": "/users/", "experiment": "/experiments/", "workspace": "/workspaces/"} {
		for _, n := range p.query(t, append(flags, "--by", by)...).Nodes {
			if n.Kind != "account" {
				continue
			}
			count[by]++
			at := path + url.PathEscape(n.Path[0])
			if by == "workspace" {
				var one entry
				s.read(t, at+"?"+window, &one)
				compare(at, one.Workspace+" "+one.usage(), n.Path[0]+" "+n.usage())
				continue
			}
			var list []entry
			var sum total
			s.read(t, at+"/usage?"+window, &list)
			s.read(t, at+"/summary?"+window, &sum)
			compare(at+"/summary", sum.summary(), n.summary())
			if by == "user" {
				p.workspaces(t, n.Path[0], list)
			} else if len(list) == 1 {
				compare(at+"/usage", list[0].Workspace+" "+list[0].usage(), n.Path[0]+" "+n.usage())
			} else {
				t.Errorf("%s/usage: %d entries", at, len(list))
			}
		}
	}
	if d := cmp.Diff(map[string]int{"group": 4, "user": 7, "experiment": 2, "workspace": 7}, count); d != "" {
		t.Errorf("accounts (-want +got):\n%s", d)
	}
	// Another policy: half of the shared workspace is of who else has access.
	var other total
	s.read(t, "/users/"+url.PathEscape(users()[3])+"/summary?policy=apart&"+window, &other)
	half := p.query(t, append(flags, "--policy", "apart", "--by", "user", "--where", "user="+users()[3])...).Total
	if compare("policy apart", other.summary(), half.summary()); half.Energy == nil {
		t.Error("who shares a workspace has nothing")
	}
	p.tracked(t, s)
	p.lists(t, s)
	p.histories(t, s)
}

// tracked holds the workspaces of a project in an hour, and their sum, to what `dendro
// query` prints.
func (p *platform) tracked(t *testing.T, s *server) {
	t.Helper()
	from, to := p.at(12, 0).Format(time.RFC3339), p.at(13, 0).Format(time.RFC3339)
	want, energy := map[string]string{}, new(big.Rat)
	for _, n := range p.query(t, "--from", from, "--to", to, "--by", "workspace", "--where", "cloud_project_name=IDAaaS").Nodes {
		if n.Kind == "account" {
			want[n.Path[0]] = n.usage()
			energy.Add(energy, rat(n.Energy))
		}
	}
	var all struct {
		Count      int `json:"tracked_count"`
		Workspaces []entry
	}
	s.post(t, "/workspaces/track", fmt.Sprintf(`{"cloud_project_name":"IDAaaS","timestamp":%q}`, to), &all)
	got := map[string]string{}
	for _, e := range all.Workspaces {
		got[e.Workspace] = e.usage()
	}
	if d := cmp.Diff(want, got); d != "" || all.Count != len(want) || len(want) < 5 {
		t.Errorf("%d workspaces (-query +API):\n%s", all.Count, d)
	}
	var sum total
	s.read(t, "/workspaces/summary?cloud_project_name=IDAaaS&from="+from+"&to="+to, &sum)
	if got, want := wrote(5, sum.Energy), rounded(5, energy); got != want {
		t.Errorf("/workspaces/summary: %s kWh, dendro query %s", got, want)
	}
}

// post sends a body and reads the answer.
func (s *server) post(t *testing.T, path, body string, into any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %v", path, resp.StatusCode, err)
	}
}

// workspaces holds the entries of a user to the workspaces that the user has.
func (p *platform) workspaces(t *testing.T, user string, got []entry) {
	t.Helper()
	flags, _ := p.window()
	want := map[string]string{}
	for _, n := range p.query(t, append(flags, "--by", "workspace", "--where", "user="+user)...).Nodes {
		want[n.Path[0]] = n.usage()
	}
	all := map[string]string{}
	for _, e := range got {
		all[e.Workspace] = e.usage()
	}
	if d := cmp.Diff(want, all); d != "" {
		t.Errorf("workspaces of %s (-query +API):\n%s", user, d)
	}
}

// lists holds that /groups and /experiments list what the ledger has.
func (p *platform) lists(t *testing.T, s *server) {
	t.Helper()
	flags, _ := p.window()
	var groups struct {
		Groups []struct{ Name, CloudProject string }
		Count  int
	}
	var studies struct{ Experiments []struct{ Name string } }
	s.read(t, "/groups", &groups)
	s.read(t, "/experiments", &studies)
	names := map[string]bool{}
	for _, g := range groups.Groups {
		names[g.Name] = true
	}
	for _, e := range studies.Experiments {
		names[e.Name] = true
	}
	for _, by := range []string{"group", "experiment"} {
		for _, n := range p.query(t, append(flags, "--by", by)...).Nodes {
			if n.Kind == "account" && !names[n.Path[0]] {
				t.Errorf("%s %s is not listed", by, n.Path[0])
			}
		}
	}
	if len(names) != groups.Count+len(studies.Experiments) {
		t.Errorf("%d names, %d groups and %d experiments", len(names), groups.Count, len(studies.Experiments))
	}
}

// histories holds hours of a day and days of a year to series of a query.
func (p *platform) histories(t *testing.T, s *server) {
	t.Helper()
	date := p.noon.Format(time.DateOnly)
	var day struct{ Busy, Idle []*float64 }
	s.read(t, "/carbon/history?view=day&data_type=carbon&date="+date+"&username="+url.QueryEscape(users()[1]), &day)
	series := p.query(t, "--from", date, "--to", date, "--step", "1h", "--where", "user="+users()[1]).Total.Series
	for i, point := range series {
		want := "null null"
		if point.Operational != nil {
			want = rounded(2, rat(point.BusyOperational), less(point.Operational, point.BusyOperational))
		}
		if got := wrote(2, day.Busy[i], day.Idle[i]); got != want {
			t.Errorf("hour %d: %s, dendro query %s", i, got, want)
		}
	}
	if len(series) != 24 || len(day.Busy) != 24 {
		t.Errorf("%d and %d hours", len(series), len(day.Busy))
	}
	var year struct {
		Days []struct {
			Date  string
			Value *float64
		}
	}
	s.read(t, "/carbon/heatmap?year="+date[:4], &year)
	for i, point := range p.query(t, "--from", date[:4]+"-01-01", "--to", date[:4]+"-12-31", "--step", "1d").Total.Series {
		want := "null"
		if point.Operational != nil {
			want = rounded(2, rat(point.Operational))
		}
		if got := wrote(2, year.Days[i].Value); got != want && year.Days[i].Date < date {
			t.Errorf("%s: %s, dendro query %s", year.Days[i].Date, got, want)
		}
	}
}

// contended holds that two live documents of one host are told to the operator, in the
// status and as a metric, and bad documents by id and field.
func (p *platform) contended(t *testing.T, s *server) {
	_, text := s.get("/api/v1/status")
	for _, want := range []string{
		`held by workspaces \"ws-x\", \"ws-y\" at the same time, none of which has ended`, "workspaces/bad-host", "hostname is missing", "workspaces/bad-time", "created_time is not an instant",
		"workspaces/bad-owner", "owner is not a text", "parameters.start_time is not an instant",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the status does not tell: %s\n%s", want, text)
		}
	}
	_, text = s.get("/metrics")
	if !strings.Contains(text, `dendro_warnings{of="platform"} `) || strings.Contains(text, `dendro_warnings{of="platform"} 0`) {
		t.Errorf("no warnings among the metrics:\n%s", text)
	}
	// What is contended for in the newest slot is in the status until another is closed.
	for _, want := range []string{"ws-x", "may have been for each of the experiments"} {
		if !strings.Contains(s.log.String(), want) {
			t.Errorf("the log does not tell: %s\n%s", want, s.log)
		}
	}
	half := map[string]*big.Rat{}
	flags, _ := p.window()
	for _, n := range p.query(t, append(flags, "--by", "workspace", "--where", "group=CDAaaS_A/B")...).Nodes {
		half[n.Path[0]] = rat(n.Energy)
	}
	// From 10:00 to 11:00 the host is of ws-x alone, then of both.
	if both := new(big.Rat).Mul(half["ws-y"], big.NewRat(2, 1)); half["ws-x"].Cmp(both) != 0 || both.Sign() == 0 {
		t.Errorf("%v: not two hours and one", fmt.Sprint(half))
	}
}
