package demo

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/directory"
)

// experiments is how many experiments are given at a time, and term for how long.
const (
	experiments = 24
	term        = 14 * day
	// teams is how many research groups there are.
	teams = 31
)

// Directory is a [directory.Source] of who holds the simulated machines: a workspace for
// each machine that has a user, people in research groups, and experiments of a
// fortnight each. All names begin with "sim-". It is safe for concurrent use.
type Directory struct {
	source  *Source
	tracker *directory.Tracker

	mu sync.Mutex
	// until is up to when what was told last is all there is to tell.
	until time.Time
}

// NewDirectory returns the directory of a facility, or the error of [Config.Validate].
// Now tells the time up to which workspaces have been made.
func NewDirectory(c Config, now func() time.Time) (*Directory, error) {
	s, err := New(c, now)
	if err != nil {
		return nil, err
	}
	return &Directory{source: s, tracker: directory.NewTracker()}, nil
}

// Name implements [directory.Source].
func (d *Directory) Name() string { return d.source.config.Name }

// Records implements [directory.Register].
func (d *Directory) Records() *directory.Records { return d.tracker.Records() }

// Join implements [directory.Register].
func (d *Directory) Join(others ...directory.Register) { d.tracker.Join(others...) }

// Changes implements [directory.Source].
func (d *Directory) Changes(ctx context.Context, cursor string) (directory.Update, error) {
	if err := ctx.Err(); err != nil {
		return directory.Update{}, err
	}
	if err := d.refresh(account.Instant(d.source.now())); err != nil {
		return directory.Update{}, err
	}
	return d.tracker.Since(cursor)
}

// refresh tells the workspaces that were made since the last time.
func (d *Directory) refresh(now time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if now.Before(d.until) {
		return nil
	}
	spaces, until, err := d.workspaces(now)
	if err != nil {
		return err
	}
	r := &directory.Records{Workspaces: spaces, People: d.people(), Experiments: d.experiments(now)}
	d.tracker.Set(r, nil, time.Time{})
	d.until = until
	return nil
}

// workspaces returns those made until now, with their ends as planned, and when the next
// one is made.
func (d *Directory) workspaces(now time.Time) ([]directory.Workspace, time.Time, error) {
	var out []directory.Workspace
	next := now.Truncate(24*time.Hour).AddDate(0, 0, 1).Unix()
	for i := range d.source.groups {
		g := &d.source.groups[i]
		for at := d.source.begin.Unix(); ; {
			l, err := g.lifeAt(d.source.config.Seed, at)
			if err != nil {
				return nil, now, err
			}
			if l.from > now.Unix() {
				next = min(next, l.from)
			} else if user := l.subject.Labels.Get(account.LabelUser); user != "" && l.to > d.source.begin.Unix() {
				out = append(out, directory.Workspace{
					ID: "ws-" + l.subject.Host, Name: "ws-" + l.subject.Host, Host: l.subject.Host, Hostname: l.subject.Host,
					From: time.Unix(l.from, 0).UTC(), To: time.Unix(l.to, 0).UTC(), Created: time.Unix(l.from, 0).UTC(),
					Owner: user, State: "CLAIMED", Tag: tags()[g.project],
				})
			}
			if at = l.ends; at > now.Unix() {
				break
			}
		}
	}
	return out, time.Unix(next, 0).UTC(), nil
}

// tags returns the tags of projects.
func tags() map[string]string {
	return map[string]string{"IDAaaS": "ISIS", "CDAaaS": "CLF", "DDAaaS": "DEV", "TDAaaS": "TRAINING"}
}

// people returns the users, each in a research group that one of them leads.
func (d *Directory) people() []directory.Person {
	out := make([]directory.Person, users)
	for u := range out {
		group := u % teams
		name := userName(uint64(u))
		out[u] = directory.Person{
			User: name, ResearchGroup: fmt.Sprintf("sim-group-%02d", group), PI: userName(uint64(group)),
			Name: "Simulated User " + fmt.Sprint(u), Email: name + "@example.org", UID: fmt.Sprint(100_000 + u),
		}
	}
	return out
}

// experiments returns those whose time has begun, or begins today.
func (d *Directory) experiments(now time.Time) []directory.Experiment {
	var out []directory.Experiment
	for t := floor(d.source.begin.Unix(), term); t*term <= now.Unix()+day; t++ {
		// Two of five users are in one experiment each.
		members := make([][]string, experiments)
		for u := range uint64(users) {
			if i := chance(d.source.config.Seed, ofExperiment, uint64(t), u) % (experiments * 5 / 2); i < experiments {
				members[i] = append(members[i], userName(u))
			}
		}
		for i, team := range members {
			if len(team) == 0 {
				continue
			}
			out = append(out, directory.Experiment{
				Name: fmt.Sprintf("sim-RB%d", t*100+int64(i)), Title: "Simulated experiment", PI: team[0], Members: team,
				From: time.Unix(t*term, 0).UTC(), To: time.Unix((t+1)*term, 0).UTC(),
			})
		}
	}
	return out
}

func userName(u uint64) string { return fmt.Sprintf("sim-user-%03d", u) }
