package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/directory"
)

// workspace reads a document of the collection workspaces. It began when its owner
// acquired it, or was created, and ends when it was deleted.
func (d *decoder) workspace(raw bson.Raw) *document {
	raw = slices.Clone(raw)
	r := d.reading(raw)
	id, value := r.id()
	w := directory.Workspace{
		ID: id, Name: id, Hostname: r.text("workspace.host"), Owner: r.text("workspace.owner"),
		State: r.text("workspace.state"), Tag: r.text("workspace.tag"), Created: r.instant("workspace.created"),
	}
	acquired, deleted := r.instant("workspace.acquired"), r.instant("workspace.deleted")
	w.Host, w.From, w.To = d.key.Of(w.Hostname), w.Created, deleted
	out := &document{id: value, raw: raw}
	out.usual = len(r.problems) == 0 && r.checkTimes(&w, acquired)
	// What follows can be wrong without making the holding unusable.
	w.Shared, w.Reserved = r.users("workspace.shared"), r.number("workspace.reserved")
	out.space, out.problems = w, r.problems
	return out
}

// checkTimes sets the beginning of a workspace and reports whether it can be used.
func (r *reading) checkTimes(w *directory.Workspace, acquired time.Time) bool {
	if acquired.After(w.From) {
		w.From = acquired
	} else if !acquired.IsZero() && acquired.Before(w.From) {
		r.say("%s is before %s: it counts from the later one", "workspace.acquired", "workspace.created")
	}
	before := len(r.problems)
	say := func(bad bool, format string, fields ...string) {
		if bad && len(r.problems) == before {
			r.say(format, fields...)
		}
	}
	say(w.Host == "", "%s is missing, or names no host", "workspace.host")
	say(w.From.IsZero(), "%s and %s are missing: when did it begin?", "workspace.created", "workspace.acquired")
	say(w.State == "DELETED" && w.To.IsZero(), "%s is missing, and %s says that it is deleted", "workspace.deleted", "workspace.state")
	say(!w.To.IsZero() && w.To.Before(w.Created), "%s is before %s", "workspace.deleted", "workspace.created")
	say(!w.To.IsZero() && w.To.Before(acquired), "%s is before %s", "workspace.deleted", "workspace.acquired")
	return len(r.problems) == before
}

// user reads a document of the collection users.
func (d *decoder) user(p *people, raw bson.Raw) {
	r := d.reading(raw)
	person := directory.Person{
		User: r.text("user.user"), ResearchGroup: r.text("user.research_group"), PI: r.text("user.pi"),
		Name: r.text("user.name"), Email: r.text("user.email"), UID: r.anything("user.uid"),
	}
	if person.User == "" && len(r.problems) == 0 {
		r.say("%s is missing", "user.user")
	}
	p.warn(r, d.config.Users)
	if person.User != "" {
		p.persons = append(p.persons, person)
	}
}

// group reads a document of the collection groups: an experiment, or a research
// group. Others, such as groups of machines, are left alone.
func (d *decoder) group(p *people, raw bson.Raw) {
	r := d.reading(raw)
	kind := r.text("group.type")
	isExperiment, isResearch := slices.Contains(d.config.ExperimentTypes, kind), slices.Contains(d.config.ResearchGroupTypes, kind)
	if len(r.problems) == 0 && !isExperiment && !isResearch {
		return
	}
	before := len(r.problems)
	from, to := r.instant("group.from"), r.instant("group.to")
	timed := len(r.problems) == before
	e := directory.Experiment{
		Name: r.text("group.name"), Title: r.text("group.title"), PI: r.text("group.pi"), Members: r.users("group.members"),
		Instrument: r.text("group.instrument"), Tag: r.text("group.tag"), From: from, To: to,
	}
	// A time that cannot be read is not taken for no bound: all that its members ever did
	// would be the experiment's.
	usable := e.Name != "" && timed
	switch {
	case e.Name == "" && len(r.problems) == 0:
		r.say("%s is missing", "group.name")
	case !e.From.IsZero() && !e.To.IsZero() && !e.From.Before(e.To):
		r.say("%s is not after %s", "group.to", "group.from")
		usable = false
	}
	p.warn(r, d.config.Groups)
	switch {
	case usable && isExperiment:
		p.experiments = append(p.experiments, e)
	case usable && isResearch:
		for _, user := range e.Members {
			p.persons = append(p.persons, directory.Person{User: user, ResearchGroup: e.Name, PI: e.PI, From: e.From, To: e.To})
		}
	}
}

// host reads a document of the collection hosts.
func (d *decoder) host(p *people, raw bson.Raw) {
	r := d.reading(raw)
	name := r.text("host.host")
	values := map[string]string{}
	for _, label := range d.config.HostLabels {
		text, err := textOf(r.value(label))
		if err != nil {
			r.problems = append(r.problems, fmt.Sprintf("%s %v", label, err))
		}
		values[label] = text
	}
	labels, err := account.NewLabels(values)
	switch {
	case err != nil:
		r.problems = append(r.problems, err.Error())
	case name == "" && len(r.problems) == 0:
		r.say("%s is missing", "host.host")
	}
	p.warn(r, d.config.Hosts)
	if key := d.key.Of(name); key != "" && labels.Len() > 0 {
		p.hosts = append(p.hosts, directory.Host{Host: key, Labels: labels})
	}
}

// anything returns a text or a number as text; what it is else does not matter.
func (r *reading) anything(field string) string {
	v := r.value(r.fields[field])
	if n, ok := v.AsInt64OK(); ok {
		return fmt.Sprint(n)
	}
	text, _ := textOf(v)
	return text
}

func (p *people) warn(r *reading, collection string) {
	for _, text := range r.problems {
		p.warnings = append(p.warnings, directory.Warning{Record: r.record(collection), Text: text})
	}
}

// within says why a context ended, where that is why something failed.
func within(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		return fmt.Errorf("%w: %w", cause, err)
	}
	return err
}
