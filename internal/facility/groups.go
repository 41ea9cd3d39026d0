package facility

import (
	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/query"
)

func (s *Server) groups(a *asked) (any, error) {
	known, err := s.catalogue(a.Context())
	if err != nil {
		return nil, err
	}
	return struct {
		Groups []groupName `json:"groups"`
		Count  int         `json:"count"`
	}{known.groups, len(known.groups)}, nil
}

func (s *Server) experiments(a *asked) (any, error) {
	known, err := s.catalogue(a.Context())
	if err != nil {
		return nil, err
	}
	return struct {
		Experiments []studyName `json:"experiments"`
		Count       int         `json:"count"`
	}{known.studies, len(known.studies)}, nil
}

// group returns the use of a group as a whole. Its name is compared with those of the
// ledger and never taken apart.
func (s *Server) group(a *asked) (account.Figures, error) {
	name, project, machine := a.PathValue("name"), a.values.Get("cloud_project_name"), a.values.Get("machine_name")
	span, err := s.period(a)
	if err != nil {
		return account.Figures{}, err
	}
	answer, err := s.figures(a, query.Question{Span: span, View: account.View{
		By: []string{s.Settings.Project, s.Settings.Machine}, Where: append(s.places(project, machine), where(account.LabelGroup, name)...),
	}})
	if err != nil {
		return account.Figures{}, err
	}
	pairs := 0
	for _, n := range answer.Nodes {
		if len(n.Path) == 2 {
			pairs++
		}
	}
	if pairs == 0 {
		known, err := s.catalogue(a.Context())
		if err != nil {
			return account.Figures{}, err
		}
		if pairs = known.pairs(name); pairs == 0 {
			return account.Figures{}, unknown("group %q has not been seen in the last 90 days, nor in the time asked for: GET /groups lists names", name)
		}
	}
	if pairs > 1 && project == "" && machine == "" {
		return account.Figures{}, senseless("%q is the name of %d groups: add cloud_project_name and machine_name", name, pairs)
	}
	return answer.Total.Figures, s.known(a.Context(), project, machine)
}

// experiment returns the use of an experiment as a whole.
func (s *Server) experiment(a *asked) (account.Figures, error) {
	name := a.PathValue("name")
	f, err := s.whole(a, where(account.LabelExperiment, name))
	if err != nil || seen(f) {
		return f, err
	}
	known, err := s.catalogue(a.Context())
	listed := false
	if err != nil {
		return f, err
	}
	for _, e := range known.studies {
		listed = listed || e.Name == name
	}
	if !listed {
		return account.Figures{}, unknown("experiment %q has not been seen in the last 90 days, nor in the time asked for: GET /experiments lists names", name)
	}
	return f, nil
}

// seen reports whether anything is known of figures, be it that nothing was observed.
func seen(f account.Figures) bool { return f.Energy != nil || f.Coverage != nil }

// whole returns the figures of all that a filter holds for.
func (s *Server) whole(a *asked, filter account.Filter) (account.Figures, error) {
	span, err := s.period(a)
	if err != nil {
		return account.Figures{}, err
	}
	answer, err := s.figures(a, query.Question{Span: span, View: account.View{Where: filter}})
	if err != nil {
		return account.Figures{}, err
	}
	return answer.Total.Figures, nil
}

// usage and total make the answers of something that is used as a whole: a list of one
// entry, and its summary, in which it counts as one workspace.

func usage(of func(*Server, *asked) (account.Figures, error)) func(*Server, *asked) (any, error) {
	return func(s *Server, a *asked) (any, error) {
		f, err := of(s, a)
		return []entry{newEntry(a.PathValue("name"), a.PathValue("name"), f)}, err
	}
}

func total(of func(*Server, *asked) (account.Figures, error)) func(*Server, *asked) (any, error) {
	return func(s *Server, a *asked) (any, error) {
		f, err := of(s, a)
		complete := 0
		if statusOf(f) == statusCarbon {
			complete = 1
		}
		return newSummary(1, complete, f), err
	}
}
