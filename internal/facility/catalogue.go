package facility

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// seenFor is how long a name that is silent is still listed.
const seenFor = 90 * 24 * time.Hour

// catalogue is the names that the ledger saw lately. It is not changed once made.
type catalogue struct {
	slot    account.Span // of now
	newest  time.Time    // change of the ledger
	groups  []groupName
	studies []studyName
	// The names of each kind.
	users, workspaces, projects, machines map[string]bool
}

type groupName struct {
	Name    string `json:"name"`
	Project string `json:"cloud_project"`
	Machine string `json:"machine_name"`
}

type studyName struct {
	Name string `json:"name"`
	PI   string `json:"pi,omitempty"`
}

// catalogue returns the names seen in the last 90 days. They are read again when the
// ledger has changed.
func (s *Server) catalogue(ctx context.Context) (*catalogue, error) {
	state, err := s.Store.Status(ctx)
	if err != nil {
		return nil, err
	}
	now := account.Instant(s.now())
	slot := s.Store.Calendar().Grid().Slot(now)
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.names; k != nil && k.slot == slot && k.newest.Equal(state.LastKnownAt) {
		return k, nil
	}
	known, err := s.read(ctx, account.NewSpan(now.Add(-seenFor), now))
	if err != nil {
		return nil, err
	}
	known.slot, known.newest = slot, state.LastKnownAt
	s.names = known
	return known, nil
}

// read reads the names of a span, by the day.
func (s *Server) read(ctx context.Context, span account.Span) (*catalogue, error) {
	k := &catalogue{users: map[string]bool{}, workspaces: map[string]bool{}, projects: map[string]bool{}, machines: map[string]bool{}}
	groups, studies, seen := map[groupName]bool{}, map[studyName]bool{}, map[account.Labels]bool{}
	for step, part := range s.days(span) {
		for row, err := range s.Store.Rows(ctx, ledger.Query{Span: part, Step: step}) {
			if err != nil {
				return nil, err
			}
			labels := row.Account.Labels
			if seen[labels] {
				continue
			}
			seen[labels] = true
			if s.Names != nil {
				labels = s.Names.Rename(labels)
			}
			k.add(labels, s.Settings)
			if name := labels.Get(account.LabelGroup); name != "" {
				groups[groupName{name, labels.Get(s.Settings.Project), labels.Get(s.Settings.Machine)}] = true
			}
			if name := labels.Get(account.LabelExperiment); name != "" {
				studies[studyName{name, labels.Get(account.LabelPI)}] = true
			}
		}
	}
	k.groups, k.studies = make([]groupName, 0, len(groups)), make([]studyName, 0, len(studies))
	for g := range groups {
		k.groups = append(k.groups, g)
	}
	for e := range studies {
		k.studies = append(k.studies, e)
	}
	slices.SortFunc(k.groups, func(a, b groupName) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Project, b.Project))
	})
	slices.SortFunc(k.studies, func(a, b studyName) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.PI, b.PI)) })
	return k, nil
}

// days yields the whole months of a span and the days around them, neighbours as one.
func (s *Server) days(span account.Span) func(func(account.Step, account.Span) bool) {
	c := s.Store.Calendar()
	whole := account.Span{From: c.Period(account.StepDay, span.From).From, To: c.Period(account.StepDay, span.To).To}
	return func(yield func(account.Step, account.Span) bool) {
		step, run := account.Step(""), account.Span{}
		for next, part := range c.Cover(whole) {
			if next == step {
				run.To = part.To
				continue
			}
			if step != "" && !yield(step, run) {
				return
			}
			step, run = next, part
		}
		if step != "" {
			yield(step, run)
		}
	}
}

func (k *catalogue) add(labels account.Labels, s Settings) {
	for label, names := range map[string]map[string]bool{
		account.LabelUser: k.users, account.LabelWorkspace: k.workspaces, s.Project: k.projects, s.Machine: k.machines,
	} {
		if value := labels.Get(label); value != "" {
			names[value] = true
		}
	}
}

// pairs returns how many pairs of project and machine are called a name.
func (k *catalogue) pairs(name string) int {
	n := 0
	for i := range k.groups {
		if k.groups[i].Name == name {
			n++
		}
	}
	return n
}
