package facility

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// seenFor is how long a name that is silent is still listed.
const seenFor = 90 * 24 * time.Hour

// catalogue is the names that the ledger saw lately. It is not changed once made.
type catalogue struct {
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

// almanac is the labels of each of the last 90 days. When the ledger has changed, only
// days in which a slot was closed or restated are read again: closing a slot must not
// cost the reading of 90 days.
type almanac struct {
	mu    sync.Mutex
	state ledger.Status // of the ledger when it was read; zero before
	days  map[time.Time][]account.Labels
	count map[account.Labels]int // days that have the labels
	names *catalogue             // nil when labels have come or gone since it was made
}

// catalogue returns the names seen in the last 90 days.
func (s *Server) catalogue(ctx context.Context) (*catalogue, error) {
	state, err := s.Store.Status(ctx)
	if err != nil {
		return nil, err
	}
	c, now := s.Store.Calendar(), account.Instant(s.now())
	window := account.Span{From: c.Period(account.StepDay, now.Add(-seenFor)).From, To: c.Period(account.StepDay, now).To}
	if state.Last.To.After(window.To) { // another machine closes slots, whose clock is ahead
		window.To = state.Last.To
	}
	x := &s.seen
	x.mu.Lock()
	defer x.mu.Unlock()
	for day := range x.days {
		if day.Before(window.From) {
			x.set(day, nil)
		}
	}
	if x.state.Slots == 0 || !x.state.LastKnownAt.Equal(state.LastKnownAt) {
		if err := s.update(ctx, window, state); err != nil {
			return nil, err
		}
	}
	if x.names == nil {
		x.names = s.list(x.count)
	}
	return x.names, nil
}

// update reads the days of a window that have changed.
func (s *Server) update(ctx context.Context, window account.Span, state ledger.Status) error {
	days, known, err := s.changed(ctx, state)
	if err != nil {
		return err
	}
	x := &s.seen
	if !known {
		x.state = ledger.Status{} // until all is read
		x.days, x.count, x.names = map[time.Time][]account.Labels{}, map[account.Labels]int{}, nil
		if err := s.read(ctx, window); err != nil {
			return err
		}
	}
	for day := range days {
		if day.Overlap(window).IsEmpty() {
			continue
		}
		if err := s.read(ctx, day); err != nil {
			return err
		}
	}
	x.state = state
	return nil
}

// changed returns the days of what was closed or restated since the almanac was read. They
// are not known if there is none, or if slots were closed among older ones.
func (s *Server) changed(ctx context.Context, state ledger.Status) (days map[account.Span]bool, known bool, err error) {
	before := s.seen.state
	if before.Slots == 0 || state.Last.From.Before(before.Last.From) {
		return nil, false, nil
	}
	days = map[account.Span]bool{}
	day := func(slot account.Span) { days[s.Store.Calendar().Period(account.StepDay, slot.From)] = true }
	closed := before.Slots
	if after := (account.Span{From: before.Last.To, To: state.Last.To}); !after.IsEmpty() {
		for slot, err := range s.Store.Slots(ctx, after) {
			if err != nil {
				return nil, false, err
			}
			day(slot.Slot)
			closed++
		}
	}
	for r, err := range s.Store.Restatements(ctx, before.LastKnownAt, time.Time{}) {
		if err != nil {
			return nil, false, err
		}
		day(r.Slot)
	}
	return days, closed == state.Slots, nil
}

// read puts the labels of a span of days into the almanac.
func (s *Server) read(ctx context.Context, span account.Span) error {
	var day time.Time
	var labels []account.Labels
	put := func() {
		if !day.IsZero() {
			s.seen.set(day, labels)
		}
	}
	for row, err := range s.Store.Rows(ctx, ledger.Query{Span: span, Step: account.StepDay}) {
		if err != nil {
			return err
		}
		if !row.Period.From.Equal(day) {
			put()
			day, labels = row.Period.From, nil
		}
		// Accounts of several kinds have the same labels, one after the other.
		if n := len(labels); n == 0 || labels[n-1] != row.Account.Labels {
			labels = append(labels, row.Account.Labels)
		}
	}
	put()
	return nil
}

// set replaces the labels of a day.
func (x *almanac) set(day time.Time, labels []account.Labels) {
	for _, l := range labels {
		x.count[l]++
		if x.count[l] == 1 {
			x.names = nil
		}
	}
	for _, l := range x.days[day] {
		x.count[l]--
		if x.count[l] == 0 {
			delete(x.count, l)
			x.names = nil
		}
	}
	if x.days[day] = labels; labels == nil {
		delete(x.days, day)
	}
}

// list makes the catalogue of labels.
func (s *Server) list(seen map[account.Labels]int) *catalogue {
	k := &catalogue{users: map[string]bool{}, workspaces: map[string]bool{}, projects: map[string]bool{}, machines: map[string]bool{}}
	groups, studies := map[groupName]bool{}, map[studyName]bool{}
	for labels := range seen {
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
	k.groups = slices.AppendSeq(make([]groupName, 0, len(groups)), maps.Keys(groups))
	slices.SortFunc(k.groups, func(a, b groupName) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Project, b.Project))
	})
	k.studies = slices.AppendSeq(make([]studyName, 0, len(studies)), maps.Keys(studies))
	slices.SortFunc(k.studies, func(a, b studyName) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.PI, b.PI))
	})
	return k
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
