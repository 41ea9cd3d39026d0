package file

import (
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/directory"
)

// The lists of a file.
const (
	listHoldings    = "holdings"
	listUsers       = "users"
	listExperiments = "experiments"
	listHosts       = "hosts"
)

func lists() []string { return []string{listHoldings, listUsers, listExperiments, listHosts} }

// columns returns the names that the entries of a list can have; none is any.
func columns(list string) []string {
	switch list {
	case listHoldings:
		return []string{"id", "workspace", "host", "user", "from", "to", "created", "shared", "tag", "state", "reserved"}
	case listUsers:
		return []string{"user", "research_group", "pi", "from", "to", "name", "email", "uid"}
	case listExperiments:
		return []string{"experiment", "members", "title", "pi", "instrument", "tag", "from", "to"}
	}
	return nil
}

// reader gathers records and problems of all files.
type reader struct {
	key      account.HostKey
	name     string // of the file at work
	records  directory.Records
	problems diag.List
	seen     map[string]int // lines of the holdings by ID
}

// file reads one file.
func (r *reader) file(f input, content []byte) {
	r.name = filepath.Base(f.path)
	if f.list == "" {
		r.yaml(content)
	} else {
		r.csv(f.list, content)
	}
}

// finish returns the records, or everything that is wrong.
func (r *reader) finish() (*directory.Records, error) {
	if len(r.problems) > 0 {
		r.problems.Sort()
		return nil, r.problems
	}
	return &r.records, nil
}

// add reads an entry of a list.
func (r *reader) add(list string, one row) {
	e := &entry{reader: r, row: one, list: list}
	for _, name := range slices.Sorted(maps.Keys(one.fields)) {
		f := one.fields[name]
		if known := columns(list); known != nil && !slices.Contains(known, name) {
			r.wrong(f.line, "%s: unknown name %q", list, name).WithHint("use %s", strings.Join(known, ", "))
		}
	}
	switch list {
	case listHoldings:
		r.addHolding(e)
	case listUsers:
		p := directory.Person{
			User: e.required("user"), ResearchGroup: e.text("research_group"), PI: e.text("pi"),
			Name: e.text("name"), Email: e.text("email"), UID: e.text("uid"),
		}
		p.From, p.To = e.span()
		r.records.People = append(r.records.People, p)
	case listExperiments:
		x := directory.Experiment{
			Name: e.required("experiment"), Title: e.text("title"), PI: e.text("pi"), Instrument: e.text("instrument"),
			Tag: e.text("tag"), Members: e.texts("members"),
		}
		if len(x.Members) == 0 {
			r.wrong(one.line, "experiments: members: required")
		}
		x.From, x.To = e.span()
		r.records.Experiments = append(r.records.Experiments, x)
	case listHosts:
		r.addHost(e)
	}
}

func (r *reader) addHolding(e *entry) {
	w := directory.Workspace{
		ID: e.text("id"), Name: e.text("workspace"), Hostname: e.required("host"), Owner: e.required("user"),
		Created: e.instant("created"), Shared: e.texts("shared"), Tag: e.text("tag"), State: e.text("state"),
	}
	e.required("from")
	w.From, w.To = e.span()
	w.Host = r.key.Of(w.Hostname)
	if w.ID == "" {
		w.ID = w.Name
	}
	if w.Name == "" {
		w.Name = w.ID
	}
	if text := e.text("reserved"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			r.wrong(e.line("reserved"), "holdings: reserved: %q is not a whole number", text)
		}
		w.Reserved = n
	}
	switch line, again := r.seen[w.ID]; {
	case w.ID == "":
		r.wrong(e.row.line, "holdings: workspace: required")
	case again:
		r.wrong(e.row.line, "holdings: %q stands twice, first on line %d", w.ID, line).
			WithHint("a workspace that was held several times has an id for each of them")
	default:
		if r.seen == nil {
			r.seen = map[string]int{}
		}
		r.seen[w.ID] = e.row.line
	}
	r.records.Workspaces = append(r.records.Workspaces, w)
}

// addHost reads a host, whose other names are labels.
func (r *reader) addHost(e *entry) {
	host := e.required("host")
	values := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(e.row.fields)) {
		if name != "host" {
			values[name] = e.text(name)
		}
	}
	labels, err := account.NewLabels(values)
	if err != nil {
		r.wrong(e.row.line, "hosts: %v", err)
	}
	r.records.Hosts = append(r.records.Hosts, directory.Host{Host: r.key.Of(host), Labels: labels})
}

// entry reads the values of a row.
type entry struct {
	*reader
	row  row
	list string
}

func (e *entry) line(name string) int {
	if f, ok := e.row.fields[name]; ok {
		return f.line
	}
	return e.row.line
}

// text returns a value, "" when it is missing.
func (e *entry) text(name string) string {
	f := e.row.fields[name]
	if f.list {
		e.wrong(f.line, "%s: %s: a list %s where one value is expected", e.list, name, described(f))
		return ""
	}
	return strings.Join(f.texts, "")
}

func (e *entry) required(name string) string {
	text := e.text(name)
	if text == "" {
		e.wrong(e.line(name), "%s: %s: required", e.list, name)
	}
	return text
}

// texts returns a list, which may be written with semicolons.
func (e *entry) texts(name string) []string {
	var out []string
	for _, text := range e.row.fields[name].texts {
		for part := range strings.SplitSeq(text, ";") {
			if part = strings.TrimSpace(part); part != "" && !slices.Contains(out, part) {
				out = append(out, part)
			}
		}
	}
	return out
}

// instant returns a time, zero when it is missing.
func (e *entry) instant(name string) time.Time {
	text := e.text(name)
	if text == "" {
		return time.Time{}
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04Z07:00"} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() > 1900 && t.Year() < 9000 {
			return account.Instant(t)
		}
	}
	e.wrong(e.line(name), "%s: %s: %q is not an instant with its zone", e.list, name, text).
		WithHint("write it as 2026-01-28T12:00:00Z or 2026-01-28T13:00:00+01:00")
	return time.Time{}
}

// span returns from and to.
func (e *entry) span() (from, to time.Time) {
	from, to = e.instant("from"), e.instant("to")
	if !from.IsZero() && !to.IsZero() && !from.Before(to) {
		e.wrong(e.line("to"), "%s: to is not after from", e.list)
	}
	return from, to
}
