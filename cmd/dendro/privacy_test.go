package main

import (
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// everywhere returns what every path of the server and every command says that could name
// somebody, by what was asked.
func (p *platform) everywhere(t *testing.T, s *server) map[string]string {
	t.Helper()
	flags, window := p.window()
	out := map[string]string{"the log": s.log.String()}
	get := func(path string) string {
		status, body := s.get(path)
		out[fmt.Sprintf("%s (%d)", path, status)] = body
		return body
	}
	for _, path := range []string{
		"/metrics", "/api/v1/status", "/api/v1/accounts", "/api/v1/labels", "/api/v1/labels/user", "/api/v1/labels/pi", "/api/v1/restatements",
		"/api/v1/query?by=user,workspace&step=1h&" + window, "/api/v1/query?by=pi,experiment&compare=weights&" + window,
		"/api/v1/query?by=user&policy=apart&as_known_at=" + time.Now().UTC().Format(time.RFC3339) + "&" + window,
		"/api/v1/query?where=group%3DNone&" + window, "/api/v1/query?by=usr&" + window,
		"/groups", "/experiments", "/workspaces/active", "/workspaces/summary?" + window, "/health", "/config", "/docs", "/openapi.json",
		"/users/nobody/usage", "/groups/none/summary", "/carbon/heatmap", "/users/me/usage",
	} {
		get(path)
	}
	for _, n := range p.query(t, append(flags, "--by", "user")...).Nodes {
		if n.Kind == "account" {
			name := url.PathEscape(n.Path[0])
			get("/users/" + name + "/usage?" + window)
			get("/users/" + name + "/summary?" + window)
			get("/api/v1/explain?account=" + url.QueryEscape("user="+n.Path[0]) + "&at=" + p.at(11, 30).Format(time.RFC3339))
		}
	}
	for _, n := range p.query(t, append(flags, "--by", "workspace")...).Nodes {
		get("/workspaces/" + url.PathEscape(n.Path[0]) + "?" + window)
	}
	for _, args := range [][]string{
		{"query", "--by", "facility,group,user"},
		{"query", "--by", "user,pi", "--format", "csv", "--step", "1h"},
		{"query", "--by", "pi,user", "--format", "json"},
		{"query", "--by", "user", "--compare", "weights"},
	} {
		out[strings.Join(args, " ")] = p.run(t, append(args, flags...)...)
	}
	for _, format := range []string{"text", "json"} {
		for _, account := range []string{"group=IDAaaS_Muon", "group=CDAaaS_A/B", "experiment=RB2024001"} {
			args := []string{"explain", "--account", account, "--at", p.at(12, 40).Format(time.RFC3339), "--policy", "weights", "--format", format}
			out[strings.Join(args, " ")] = p.run(t, args...)
		}
	}
	out["dendro config show"] = p.run(t, "config", "show")
	return out
}

// private holds that nothing says what people are called or where they get their mail, and
// that the log and the metrics do not name users either.
func (p *platform) private(t *testing.T, s *server) {
	said := p.everywhere(t, s)
	for _, what := range slices.Sorted(maps.Keys(said)) {
		if f := hostile(said[what], []string{"Surname", "@secret", "Zelda"}); f != "" {
			t.Errorf("%s tells %q:\n%s", what, f, said[what])
		}
	}
	for _, what := range []string{"the log", "/metrics (200)", "/api/v1/status (200)"} {
		if f := hostile(said[what], fragments()); f != "" || said[what] == "" {
			t.Errorf("%s names a user by %q:\n%s", what, f, said[what])
		}
	}
	if f := hostile(said["query --by facility,group,user"], fragments()); f == "" {
		t.Error("no user is named where users are asked for: the test would see nothing")
	}
}

// users returns the energy of all users, in order of size.
func (p *platform) users(t *testing.T) []string {
	t.Helper()
	flags, _ := p.window()
	var out []string
	for _, n := range p.query(t, append(flags, "--by", "user")...).Nodes {
		out = append(out, rat(n.Energy).FloatString(9)+" "+n.Kind)
	}
	slices.Sort(out)
	return out
}

// pseudonyms holds that a server which shows pseudonyms names no user in anything that it
// says, and gives the same figures.
func (p *platform) pseudonyms(t *testing.T, s *server, open []string) {
	said := p.everywhere(t, s)
	for _, what := range slices.Sorted(maps.Keys(said)) {
		if what == "dendro config show" { // shows what was written in the configuration
			continue
		}
		if f := hostile(said[what], append(fragments(), "Surname", "@secret", "Zelda")); f != "" {
			t.Errorf("%s tells %q:\n%s", what, f, said[what])
		}
	}
	if got := p.users(t); !slices.Equal(got, open) {
		t.Errorf("users have %v under pseudonyms, %v by name", got, open)
	}
	for _, name := range users() {
		if status, body := s.get("/users/" + url.PathEscape(name) + "/usage"); status != 404 {
			t.Errorf("%s can be asked for by name: %d %s", name, status, body)
		}
	}
	flags, _ := p.window()
	pseudonym := p.query(t, append(flags, "--by", "user", "--where", "workspace=ws-a")...).Nodes[0].Path[0]
	var list []entry
	_, window := p.window()
	s.read(t, "/users/"+pseudonym+"/usage?"+window, &list)
	if len(list) != 1 || list[0].Workspace != "ws-a" {
		t.Errorf("by pseudonym: %+v", list)
	}
}

// disclosed holds that a disclosure of users names none where pseudonyms are configured,
// in any of its forms, and has the pseudonyms of the answers.
func (p *platform) disclosed(t *testing.T) {
	flags, _ := p.window()
	folder := t.TempDir()
	p.run(t, append([]string{"disclose", "--quiet", "--ledger", "--by", "group,user,pi", "--format", "json,csv,html", "--pseudonyms", "--output", filepath.Join(folder, "r.json")}, flags...)...)
	p.run(t, append([]string{"disclose", "--quiet", "--ledger", "--by", "user", "--pseudonyms", "--restates", filepath.Join(folder, "r.json"), "--output", filepath.Join(folder, "again.json")}, flags...)...)
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	pseudonym := p.query(t, append(flags, "--by", "user", "--where", "workspace=ws-a", "--pseudonyms")...).Nodes[0].Path[0]
	p.run(t, "verify", "--ledger", "--pseudonyms", filepath.Join(folder, "r.json"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if f := hostile(string(text), append(fragments(), "Surname", "@secret")); f != "" {
			t.Errorf("%s tells %q", filepath.Base(file), f)
		}
		if filepath.Base(file) == "r.json" && !strings.Contains(string(text), pseudonym) {
			t.Errorf("%s is not in %s", pseudonym, text)
		}
	}
}
