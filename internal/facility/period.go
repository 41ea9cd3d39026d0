package facility

import (
	"context"
	"net/url"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/unit"
)

// period returns the time that figures are asked of: from and to, or the last closed
// hour.
func (s *Server) period(a *asked) (account.Span, error) {
	from, to := a.values.Get("from"), a.values.Get("to")
	if from != "" || to != "" {
		return query.Window{From: from, To: to}.Span(s.Store.Calendar(), s.now())
	}
	return s.lastHour(a.Context())
}

// lastHour returns the last hour of which all slots are closed; of an empty ledger, the
// last one that is over.
func (s *Server) lastHour(ctx context.Context) (account.Span, error) {
	state, err := s.Store.Status(ctx)
	if err != nil {
		return account.Span{}, err
	}
	end := account.Instant(s.now())
	if state.Slots > 0 {
		end = state.Last.To
	}
	return hourBefore(s.Store.Calendar(), end), nil
}

// hourBefore returns the last whole hour that ends at an instant or before it.
func hourBefore(c account.Calendar, end time.Time) account.Span {
	hour := c.Period(account.StepHour, end.Add(-time.Microsecond))
	if hour.To.After(end) {
		hour = c.Period(account.StepHour, hour.From.Add(-time.Microsecond))
	}
	return hour
}

// figures asks the engine and says in the headers what the answer is of.
func (s *Server) figures(a *asked, q query.Question) (*query.Answer, error) {
	q.Policy = a.values.Get("policy")
	answer, err := s.Engine.Ask(a.Context(), q)
	if err != nil {
		return nil, err
	}
	a.tell(answer)
	return answer, nil
}

// tell sets the headers that say which time figures are of and how good they are.
func (a *asked) tell(answer *query.Answer) {
	set := func(name, value string) { a.header.Set("Dendro-"+name, value) }
	set("From", answer.From.Format(time.RFC3339))
	set("To", answer.To.Format(time.RFC3339))
	set("Time-Zone", answer.TimeZone)
	for name, ratio := range map[string]*unit.Ratio{"Coverage": answer.Total.Coverage, "Carbon-Coverage": answer.Total.CarbonCoverage} {
		if ratio != nil {
			set(name, ratio.Decimal())
		}
	}
	if answer.Policy != "" {
		a.header.Set("Dendro-Policy", url.QueryEscape(answer.Policy)) // a name may be any text
	}
	if answer.AsKnownAt != nil {
		set("As-Known-At", answer.AsKnownAt.Format(time.RFC3339Nano))
	}
	if answer.Total.Provisional {
		set("Provisional", "true")
	}
	if answer.Simulated {
		set("Simulated", "true")
	}
}

// where returns the filter of one label.
func where(label, value string) account.Filter {
	return account.Filter{{Label: label, Values: []string{value}}}
}

// places returns the filter of a project and a machine; "" is any.
func (s *Server) places(project, machine string) account.Filter {
	var filter account.Filter
	if project != "" {
		filter = append(filter, where(s.Settings.Project, project)...)
	}
	if machine != "" {
		filter = append(filter, where(s.Settings.Machine, machine)...)
	}
	return filter
}

// known refuses a project or a machine that nobody knows. It is asked where there are no
// figures: reading what was ever there takes longer than reading an hour.
func (s *Server) known(ctx context.Context, project, machine string) error {
	if project == "" && machine == "" {
		return nil
	}
	k, err := s.catalogue(ctx)
	if err != nil {
		return err
	}
	if project != "" && !k.projects[project] {
		return unknown("cloud_project_name: %q has not been seen in the last 90 days, nor in the time asked for", project)
	}
	if machine != "" && !k.machines[machine] {
		return unknown("machine_name: %q has not been seen in the last 90 days, nor in the time asked for", machine)
	}
	return nil
}
