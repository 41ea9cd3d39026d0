package facility

import (
	"cmp"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/query"
)

// workspace is the figures of one workspace, with what is known of it.
type workspace struct {
	id, host, owner string
	account.Figures
}

// workspaces returns those that a filter holds for, in order of name, with their hosts.
func (s *Server) workspaces(a *asked, span account.Span, filter account.Filter) ([]workspace, *query.Answer, error) {
	return s.owned(a, span, filter, s.Settings.Host)
}

// owned returns workspaces with their owners and what the labels of further levels say:
// fewer levels are quicker where only sums are asked for.
func (s *Server) owned(a *asked, span account.Span, filter account.Filter, further ...string) ([]workspace, *query.Answer, error) {
	view := account.View{By: append([]string{account.LabelWorkspace, account.LabelUser}, further...), Where: filter, Sort: account.SortName}
	answer, err := s.figures(a, query.Question{Span: span, View: view})
	if err != nil {
		return nil, nil, err
	}
	book := s.book()
	var out []workspace
	ignored := true // nodes are below a rest
	for _, n := range answer.Nodes {
		last := n.Path[len(n.Path)-1]
		switch {
		case len(n.Path) == 1:
			if ignored = n.Kind != account.KindAccount; !ignored {
				out = append(out, workspace{id: last, owner: book.owner(last), host: book.host(last), Figures: n.Figures})
			}
		case ignored || n.Kind != account.KindAccount:
		case len(n.Path) == 2:
			w := &out[len(out)-1]
			w.owner = cmp.Or(w.owner, last)
		default:
			w := &out[len(out)-1]
			w.host = cmp.Or(w.host, last)
		}
	}
	return out, answer, nil
}

// entry returns a workspace in the shape of the API.
func (w *workspace) entry() entry {
	e := newEntry(w.id, w.host, w.Figures)
	if w.owner != "" {
		e.Owner = &w.owner
		if e.Status == statusCarbon {
			e.Status = statusOwner
		}
	}
	return e
}

// sum adds amounts up; what is unknown of all stays unknown.
func sum(list []workspace) (account.Figures, error) {
	var out account.Figures
	var err error
	for _, w := range list {
		err = cmp.Or(err, add(&out.Energy, w.Energy), add(&out.BusyEnergy, w.BusyEnergy), add(&out.Operational, w.Operational),
			add(&out.BusyOperational, w.BusyOperational), add(&out.Busy, w.Busy), add(&out.Idle, w.Idle))
	}
	return out, err
}

func add[Q interface{ Add(Q) (Q, error) }](to **Q, amount *Q) error {
	if amount == nil {
		return nil
	}
	if *to == nil {
		*to = new(Q)
	}
	more, err := (**to).Add(*amount)
	**to = more
	return err
}

// summarize counts workspaces and adds them up.
func summarize(list []workspace) (summary, error) {
	f, err := sum(list)
	complete := 0
	for i := range list {
		if list[i].entry().Status == statusOwner {
			complete++
		}
	}
	return newSummary(len(list), complete, f), err
}

// placed returns the workspaces of a project and a machine; "" is any.
func (s *Server) placed(a *asked, span account.Span, project, machine string) ([]workspace, error) {
	list, _, err := s.workspaces(a, span, s.places(project, machine))
	if err == nil && len(list) == 0 {
		err = s.known(a.Context(), project, machine)
	}
	return list, err
}

func (s *Server) workspaceSummary(a *asked) (any, error) {
	project, machine := a.values.Get("cloud_project_name"), a.values.Get("machine_name")
	span, err := s.period(a)
	if err != nil {
		return nil, err
	}
	list, _, err := s.owned(a, span, s.places(project, machine))
	if err == nil && len(list) == 0 {
		err = s.known(a.Context(), project, machine)
	}
	if err != nil {
		return nil, err
	}
	return summarize(list)
}

// workspaceUsage returns one workspace with its owner.
func (s *Server) workspaceUsage(a *asked) (any, error) {
	id := a.PathValue("id")
	span, err := s.period(a)
	if err != nil {
		return nil, err
	}
	list, _, err := s.workspaces(a, span, where(account.LabelWorkspace, id))
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		known, err := s.catalogue(a.Context())
		if err != nil {
			return nil, err
		}
		book := s.book()
		if !known.workspaces[id] && !book.has(id) {
			return nil, unknown("workspace %q has not been seen in the last 90 days, nor in the time asked for", id)
		}
		list = []workspace{{id: id, host: book.host(id), owner: book.owner(id)}}
	}
	e := list[0].entry()
	e.User = s.person(list[0].owner)
	return e, nil
}

type trackRequest struct {
	Project   string `json:"cloud_project_name"`
	Machine   string `json:"machine_name"`
	Timestamp string `json:"timestamp"`
}

type tracked struct {
	Count      int     `json:"tracked_count"`
	Timestamp  string  `json:"timestamp"`
	Workspaces []entry `json:"workspaces"`
}

// track answers with all workspaces of the hour that ends at a timestamp. Nothing has
// to be tracked: the ledger has it.
func (s *Server) track(a *asked) (any, error) {
	var body trackRequest
	if err := a.body(&body); err != nil {
		return nil, err
	}
	if body.Project == "" {
		return nil, unprocessable("cloud_project_name: required")
	}
	span, err := s.lastHour(a.Context())
	if body.Timestamp != "" {
		span, err = s.hourUntil(body.Timestamp)
	}
	if err != nil {
		return nil, err
	}
	list, err := s.placed(a, span, body.Project, body.Machine)
	if err != nil {
		return nil, err
	}
	out := tracked{Count: len(list), Timestamp: span.To.Format(time.RFC3339), Workspaces: make([]entry, len(list))}
	if body.Timestamp != "" {
		out.Timestamp = body.Timestamp
	}
	for i := range list {
		out.Workspaces[i] = list[i].entry()
		out.Workspaces[i].User = s.person(list[i].owner)
	}
	return out, nil
}

// hourUntil returns the hour that ends at the slot of a timestamp.
func (s *Server) hourUntil(text string) (account.Span, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		// The original's own form has no zone, and means UTC.
		if t, err = time.Parse("2006-01-02T15:04:05.999999", text); err != nil {
			return account.Span{}, unprocessable("timestamp: %q is not an instant such as 2026-01-28T12:00:00Z", text)
		}
	}
	if t.After(s.now()) || t.Year() < 1970 {
		return account.Span{}, senseless("timestamp: %s: there are figures of the past alone", text)
	}
	end := s.Store.Calendar().Grid().Slot(t).From
	return account.NewSpan(end.Add(-time.Hour), end), nil
}

type active struct {
	ID       string     `json:"_id"`
	Hostname string     `json:"hostname"`
	Owner    *string    `json:"owner"`
	Tag      *string    `json:"tag"`
	State    *string    `json:"state"`
	Created  *time.Time `json:"created_time"`
}

// activeWorkspaces returns those that exist now as the directories tell, or those of the
// last closed hour where there is no directory.
func (s *Server) activeWorkspaces(a *asked) (any, error) {
	out := []active{}
	if len(s.Directories) == 0 {
		span, err := s.lastHour(a.Context())
		if err != nil {
			return nil, err
		}
		list, _, err := s.workspaces(a, span, nil)
		for _, w := range list {
			out = append(out, active{ID: w.id, Hostname: w.host, Owner: text(w.owner)})
		}
		return out, err
	}
	now := s.now()
	for _, records := range s.records() {
		for _, w := range records.Workspaces {
			if w.State == "DELETED" || w.From.After(now) || !w.To.IsZero() && !w.To.After(now) {
				continue
			}
			created := w.Created
			if created.IsZero() {
				created = w.From
			}
			one := active{ID: w.Name, Hostname: w.Hostname, Owner: text(s.shown(w.Owner)), Tag: text(w.Tag), State: text(w.State)}
			if created = created.UTC(); !created.IsZero() {
				one.Created = &created
			}
			out = append(out, one)
		}
	}
	slices.SortFunc(out, func(a, b active) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Hostname, b.Hostname)) })
	return out, nil
}

// text returns nil for what is not known.
func text(v string) *string {
	if v == "" {
		return nil
	}
	return &v
}
