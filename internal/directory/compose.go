package directory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
)

// Compose makes holdings of records, in canonical order, and warnings of what
// contradicts itself. A workspace without an owner or without time makes none: it
// waited in a pool. Where what is known of its people changes while it is held, it
// makes several, one after the other. What others know of people, experiments and
// hosts counts after what the records themselves do; their workspaces and their
// mistakes are their own.
func Compose(r *Records, others ...*Records) ([]account.Holding, []Warning) {
	c := &composer{
		people: map[string][]*Person{}, experiments: map[string][]*Experiment{}, hosts: map[string]account.Labels{},
		labels: map[*Experiment]account.Labels{}, seen: map[string]bool{},
	}
	c.readPeople(r.People)
	c.readExperiments(r.Experiments)
	c.readHosts(r.Hosts)
	own := c.warnings
	for _, other := range others {
		c.readPeople(other.People)
		c.readExperiments(other.Experiments)
		c.readHosts(other.Hosts)
	}
	c.warnings = own
	for i := range r.Workspaces {
		c.workspace(&r.Workspaces[i])
	}
	slices.SortFunc(c.holdings, account.Holding.Compare)
	c.findOverlaps()
	slices.SortStableFunc(c.warnings, func(a, b Warning) int { return cmp.Compare(a.Record, b.Record) })
	return c.holdings, c.warnings
}

// composer is records at hand by what they are asked for.
type composer struct {
	people      map[string][]*Person // by user; where several say something, the first counts
	experiments map[string][]*Experiment
	labels      map[*Experiment]account.Labels
	hosts       map[string]account.Labels
	seen        map[string]bool // IDs of workspaces
	holdings    []account.Holding
	warnings    []Warning
}

func (c *composer) warn(record, format string, args ...any) {
	c.warnings = append(c.warnings, Warning{Record: record, Text: fmt.Sprintf(format, args...)})
}

func (c *composer) readPeople(people []Person) {
	for i := range people {
		p := &people[i]
		c.people[p.User] = append(c.people[p.User], p)
	}
}

func (c *composer) readExperiments(experiments []Experiment) {
	for i := range experiments {
		e := &experiments[i]
		labels, err := account.LabelsOf(account.LabelExperiment, e.Name, account.LabelPI, e.PI)
		if err != nil || e.Name == "" {
			c.warn("experiment "+quoted(e.Name), "its name or its leader cannot be used")
			continue
		}
		c.labels[e] = labels
		members := slices.Clone(e.Members)
		slices.Sort(members)
		for _, user := range slices.Compact(members) {
			c.experiments[user] = append(c.experiments[user], e)
		}
	}
}

func (c *composer) readHosts(hosts []Host) {
	for _, h := range hosts {
		if before, ok := c.hosts[h.Host]; ok && before != h.Labels {
			c.warn("host "+quoted(h.Host), "described twice, as %v and as %v: the first counts", before, h.Labels)
			continue
		}
		c.hosts[h.Host] = h.Labels
	}
}

// workspace makes the holdings of one workspace.
func (c *composer) workspace(w *Workspace) {
	switch {
	case c.seen[w.ID]:
		c.warn("workspace "+quoted(w.Name), "stands twice: the first counts")
		return
	case w.Owner == "" || w.Host == "" || w.From.IsZero() || !w.To.IsZero() && !w.From.Before(w.To):
		return
	}
	c.seen[w.ID] = true
	users := []string{w.Owner}
	for _, user := range w.Shared {
		if user != "" && !slices.Contains(users, user) {
			users = append(users, user)
		}
	}
	slices.Sort(users[1:])
	cuts := c.cuts(w, users)
	for i, from := range cuts[:len(cuts)-1] {
		h := account.Holding{
			ID: w.ID, Host: w.Host, From: account.Instant(from), Reserved: w.Reserved, HostLabels: c.hosts[w.Host],
		}
		if i > 0 {
			h.ID += pieceMark + h.From.Format(time.RFC3339Nano)
		}
		if to := cuts[i+1]; !to.IsZero() {
			h.To = account.Instant(to)
		}
		if !c.addParties(&h, w, users) {
			return
		}
		h.Experiments = c.experimentsOf(users, h.Span())
		c.holdings = append(c.holdings, h)
	}
}

// pieceMark stands between the ID of a workspace and the beginning of a later piece
// of its time.
const pieceMark = "@"

// wholeOf returns the ID of the workspace of which an ID names a later piece.
func wholeOf(id string) (string, bool) {
	i := strings.LastIndex(id, pieceMark)
	if i < 0 {
		return "", false
	}
	_, err := time.Parse(time.RFC3339Nano, id[i+len(pieceMark):])
	return id[:i], err == nil
}

// cuts returns the beginning of a workspace, the instants in it at which what is
// known of its people changes, and its end, zero while it has none.
func (c *composer) cuts(w *Workspace, users []string) []time.Time {
	cuts := []time.Time{w.From}
	for _, user := range users {
		for _, p := range c.people[user] {
			for _, t := range []time.Time{p.From, p.To} {
				if t.After(w.From) && (w.To.IsZero() || t.Before(w.To)) {
					cuts = append(cuts, t)
				}
			}
		}
	}
	slices.SortFunc(cuts, time.Time.Compare)
	return append(slices.CompactFunc(cuts, time.Time.Equal), w.To)
}

// addParties sets the labels of the holder and of the others with access.
func (c *composer) addParties(h *account.Holding, w *Workspace, users []string) bool {
	for i, user := range users {
		labels, err := c.party(w, user, h.From)
		switch {
		case err != nil:
			c.warn("workspace "+quoted(w.Name), "a name in it is not UTF-8 text")
			return false
		case i == 0:
			h.Holder = labels
		default:
			h.Shared = append(h.Shared, labels)
		}
	}
	return true
}

// party returns the labels of a user of a workspace at an instant.
func (c *composer) party(w *Workspace, user string, at time.Time) (account.Labels, error) {
	group, pi := "", ""
	for _, p := range c.people[user] {
		if !p.From.After(at) && (p.To.IsZero() || p.To.After(at)) {
			group, pi = cmp.Or(group, p.ResearchGroup), cmp.Or(pi, p.PI)
		}
	}
	return account.LabelsOf(account.LabelWorkspace, w.Name, account.LabelUser, user, account.LabelTag, w.Tag,
		account.LabelResearchGroup, group, account.LabelPI, pi)
}

// experimentsOf returns the experiments of some users that overlap a span.
func (c *composer) experimentsOf(users []string, span account.Span) []account.Experiment {
	members := map[*Experiment][]string{}
	var found []*Experiment
	for _, user := range users {
		for _, e := range c.experiments[user] {
			if members[e] == nil {
				found = append(found, e)
			}
			members[e] = append(members[e], user)
		}
	}
	var out []account.Experiment
	for _, e := range found {
		slices.Sort(members[e])
		one := account.Experiment{Labels: c.labels[e], Members: members[e], Instrument: e.Instrument, From: e.From, To: e.To}
		if !one.Span().Overlap(span).IsEmpty() {
			out = append(out, one)
		}
	}
	slices.SortFunc(out, account.Experiment.Compare)
	return slices.CompactFunc(out, account.Experiment.SameAs)
}

// findOverlaps warns of hosts that are held by two workspaces at once. Those that
// have not ended are told each; how many there were in the past is told once.
func (c *composer) findOverlaps() {
	past := 0
	for i := 0; i < len(c.holdings); {
		host, last := c.holdings[i].Host, c.holdings[i]
		var live []string
		for ; i < len(c.holdings) && c.holdings[i].Host == host; i++ {
			h := c.holdings[i]
			if h.To.IsZero() {
				live = append(live, quoted(h.Holder.Get(account.LabelWorkspace)))
			} else if h.ID != last.ID && h.From.Before(last.Span().To) {
				past++
			}
			if h.Span().To.After(last.Span().To) {
				last = h
			}
		}
		if len(live) > 1 {
			c.warn("host "+quoted(host), "held by workspaces %s at the same time, none of which has ended", strings.Join(live, ", "))
		}
	}
	if past > 0 {
		c.warn("workspaces", "%d of the past began on a host before the one before them had ended", past)
	}
}

func quoted(s string) string { return fmt.Sprintf("%q", s) }
