package file_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/directory"
	"github.com/dendro-carbon/dendro/internal/directory/directorytest"
	"github.com/dendro-carbon/dendro/internal/directory/file"
)

const people = `
holdings:
- {workspace: ws-a, host: 'vm-1:9100', user: aa123456, from: 2026-01-28T12:00:00Z, to: 2026-01-28T12:20:00Z, tag: ISIS, reserved: 8}
- workspace: ws-b
  host: vm-1
  user: bb234567
  from: 2026-01-28T13:30+01:00
  shared: [cc345678, dd456789]
users:
- {user: aa123456, research_group: Soft Matter, pi: pp000001, name: A. Person, email: a@example.org}
experiments:
- {experiment: RB2024001, members: [aa123456, bb234567], instrument: WISH, pi: aa123456}
hosts:
- {host: vm-1, cloud_project_name: IDAaaS, machine_name: Wish}
`

func write(t testing.TB, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func config(t testing.TB) file.Config {
	t.Helper()
	c := file.Defaults()
	c.Name = "people"
	var err error
	if c.HostKey, err = account.NewHostKey("strip-port"); err != nil {
		t.Fatal(err)
	}
	return c
}

func open(t testing.TB, c file.Config) *file.Source {
	t.Helper()
	s, err := file.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func changes(t testing.TB, s *file.Source, cursor string) directory.Update {
	t.Helper()
	u, err := s.Changes(t.Context(), cursor)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestConformance(t *testing.T) {
	t.Parallel()
	c, lost := config(t), config(t)
	c.Path = write(t, filepath.Join(t.TempDir(), "people.yaml"), people)
	lost.Path = write(t, filepath.Join(t.TempDir(), "lost.yaml"), people)
	broken := open(t, lost)
	if err := os.Remove(lost.Path); err != nil {
		t.Fatal(err)
	}
	directorytest.Run(t, directorytest.Harness{
		Source: open(t, c), Broken: broken,
		End: func(t *testing.T) string {
			write(t, c.Path, strings.Replace(people, "  shared:", "  to: 2026-01-29T12:00:00Z\n  shared:", 1))
			return "ws-b"
		},
	})
}

// TestForms holds that YAML and CSV say the same.
func TestForms(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	yaml, csv := config(t), config(t)
	yaml.Path = write(t, filepath.Join(folder, "people.yaml"), people)
	csv.Holdings = write(t, filepath.Join(folder, "holdings.csv"), "\ufeffworkspace, host, user, from, to, shared, tag, reserved\r\n"+
		"ws-a, vm-1:9100, aa123456, 2026-01-28 12:00:00Z, 2026-01-28T12:20Z, , ISIS, 8\r\n"+
		"ws-b, vm-1, bb234567, 2026-01-28T12:30Z, , cc345678; dd456789, ,\r\n")
	csv.Users = write(t, filepath.Join(folder, "users.csv"), "user,research_group,pi,name,email\naa123456,Soft Matter,pp000001,A. Person,a@example.org\n")
	csv.Experiments = write(t, filepath.Join(folder, "experiments.csv"), "experiment,members,instrument,pi\nRB2024001,aa123456;bb234567,WISH,aa123456\n")
	csv.Hosts = write(t, filepath.Join(folder, "hosts.csv"), "host,cloud_project_name,machine_name\nvm-1,IDAaaS,Wish\n")
	a, b := open(t, yaml), open(t, csv)
	want, got := changes(t, a, ""), changes(t, b, "")
	if len(want.Holdings) != 2 || len(want.Warnings) != 0 {
		t.Fatalf("%+v", want)
	}
	same := cmp.Comparer(func(a, b account.Labels) bool { return a == b })
	if diff := cmp.Diff(want.Holdings, got.Holdings, same); diff != "" {
		t.Errorf("(-YAML +CSV) %s", diff)
	}
	if diff := cmp.Diff(a.Records(), b.Records(), same); diff != "" {
		t.Errorf("records (-YAML +CSV) %s", diff)
	}
	second := want.Holdings[1]
	if second.Experiments[0].Labels.String() != `{experiment="RB2024001", pi="aa123456"}` || second.HostLabels.Get("machine_name") != "Wish" ||
		!second.From.Equal(time.Date(2026, 1, 28, 12, 30, 0, 0, time.UTC)) || len(second.Shared) != 2 {
		t.Errorf("%+v", second)
	}
}

// TestExample reads the files of examples/config/people.yaml.
func TestExample(t *testing.T) {
	t.Parallel()
	c := config(t)
	folder := "../../../examples/config/people/"
	c.Holdings, c.Users, c.Experiments = folder+"holdings.csv", folder+"users.csv", folder+"experiments.csv"
	u := changes(t, open(t, c), "")
	if len(u.Holdings) != 3 || len(u.Warnings) != 0 { // B changes the research group
		t.Errorf("%+v", u)
	}
}

// TestErrors holds that everything wrong is told at once, with file and line.
func TestErrors(t *testing.T) {
	t.Parallel()
	c := config(t)
	c.Path = write(t, filepath.Join(t.TempDir(), "people.yaml"), `holdings:
- {workspace: a, host: h, user: u, from: 2026-01-28T12:00:00}
- {workspace: b, host: h, user: u, from: 2026-01-28T12:00:00Z, to: 2026-01-28T11:00:00Z, colour: red}
- {workspace: b, user: u, from: 2026-01-28T12:00:00Z, reserved: many}
- {host: h, user: [u, v], from: 2026-01-28T12:00:00Z}
- just text
experiments:
- {experiment: RB1}
pets: []
users: none
`)
	c.Users = write(t, filepath.Join(t.TempDir(), "users.csv"), "user,pi,pi\na,b,c\nonly one\n,x,y\n")
	_, err := file.New(c)
	var list diag.List
	if !errors.As(err, &list) {
		t.Fatalf("%v is no list", err)
	}
	for _, want := range []string{
		`people.yaml:2: holdings: from: "2026-01-28T12:00:00" is not an instant with its zone`,
		`people.yaml:3: holdings: to is not after from`, `people.yaml:3: holdings: unknown name "colour"`,
		`people.yaml:4: holdings: "b" stands twice, first on line 3`, `people.yaml:4: holdings: host: required`,
		`people.yaml:4: holdings: reserved: "many"`, `people.yaml:5: holdings: workspace: required`, `people.yaml:5: holdings: user: a list`,
		`people.yaml:6: holdings: an entry is not a map`, `people.yaml:8: experiments: members: required`, `people.yaml:9: unknown list "pets"`,
		`people.yaml:10: users: not a list`, `users.csv:1: column "pi" stands twice`, `users.csv:3: not CSV`, `users.csv:4: users: user: required`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("not told: %s", want)
		}
	}
	if t.Failed() {
		t.Log(err)
	}
	for _, wrong := range []file.Config{{Name: "x", MaxBytes: 1}, {Path: "x", MaxBytes: 1}, {Name: "x", Path: "x"}} {
		if _, err := file.New(wrong); err == nil {
			t.Errorf("%+v is taken", wrong)
		}
	}
}

// TestReload holds that a change is seen, that a file with mistakes changes nothing,
// and that what is deleted never was.
func TestReload(t *testing.T) {
	t.Parallel()
	c := config(t)
	c.Path = write(t, filepath.Join(t.TempDir(), "people.yaml"), people)
	s := open(t, c)
	first := changes(t, s, "")
	write(t, c.Path, people+"pets: []\n")
	if _, err := s.Changes(t.Context(), first.Cursor); !errors.Is(err, directory.ErrUnavailable) || !strings.Contains(err.Error(), "people.yaml:15") {
		t.Errorf("a file with mistakes: %v", err)
	}
	if len(s.Records().Workspaces) != 2 {
		t.Error("what was read before is lost")
	}
	write(t, c.Path, strings.Replace(people, "- {workspace: ws-a", "# - {workspace: ws-a", 1))
	u := changes(t, s, first.Cursor)
	if len(u.Holdings) != 1 || u.Holdings[0].ID != "ws-a" || !u.Holdings[0].Withdrawn {
		t.Errorf("deleted: %+v", u.Holdings)
	}
	if whole := changes(t, s, ""); !whole.Whole || !whole.GoneAt.IsZero() {
		t.Errorf("everything: %+v", whole)
	}
}

// FuzzYAML and FuzzCSV hold that no text makes reading panic, that what is wrong is
// a list of problems, and that what is right can be told.
func FuzzYAML(f *testing.F) {
	f.Add(people)
	f.Add("holdings: [{workspace: &a x, host: *a}]")
	f.Add("holdings:\n- {workspace: a, host: h, user: u, from: 0001-01-01T00:00:00Z}\n")
	f.Add("hosts: [{host: h, '': x}]\nexperiments: ~\n")
	f.Add("--- 1\n--- 2\n")
	path := filepath.Join(f.TempDir(), "people.yaml")
	f.Fuzz(func(t *testing.T, text string) {
		c := config(t)
		c.Path = write(t, path, text)
		tell(t, c)
	})
}

func FuzzCSV(f *testing.F) {
	f.Add("workspace,host,user,from\na,h,u,2026-01-28T12:00Z\n", byte(0))
	f.Add("user,from,to\n\"a\nb\",,\n", byte(1))
	f.Add("experiment,members\nRB1,;;a; b\n", byte(2))
	f.Add("host,x,\n\"h,y\n", byte(3))
	path := filepath.Join(f.TempDir(), "list.csv")
	f.Fuzz(func(t *testing.T, text string, list byte) {
		c := config(t)
		write(t, path, text)
		*[]*string{&c.Holdings, &c.Users, &c.Experiments, &c.Hosts}[list%4] = path
		tell(t, c)
	})
}

func tell(t *testing.T, c file.Config) {
	t.Helper()
	s, err := file.New(c)
	var list diag.List
	switch {
	case err == nil:
		for _, h := range changes(t, s, "").Holdings {
			if h.Span().IsEmpty() || h.Host == "" && h.Holder.Get("user") == "" {
				t.Fatalf("%+v", h)
			}
		}
	case !errors.As(err, &list):
		t.Fatalf("%v is no list of problems", err)
	}
}

func Example() {
	folder, err := os.MkdirTemp("", "people")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	c := file.Defaults()
	c.Path = filepath.Join(folder, "people.yaml")
	text := "holdings:\n- {workspace: ws-a, host: vm-1, user: aa123456, from: 2026-01-28T12:00Z, to: 2026-01-28T12:20Z}\n"
	if err := os.WriteFile(c.Path, []byte(text), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	s, err := file.New(c)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, w := range s.Records().Workspaces {
		fmt.Println(w.Host, "is", w.Owner+"'s from", w.From.Format("15:04"), "to", w.To.Format("15:04"))
	}
	// Output: vm-1 is aa123456's from 12:00 to 12:20
}
