package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/internal/slots"
)

type statusOutput struct {
	Body struct {
		Version      string       `json:"version"`
		TimeZone     string       `json:"time_zone"`
		Slot         string       `json:"slot" doc:"Length of a slot" example:"30m0s"`
		Simulated    bool         `json:"simulated,omitempty"`
		Levels       []string     `json:"levels" doc:"Labels that make the levels of the usual view, from the top"`
		Policies     []string     `json:"policies" doc:"Policies that can be asked for by name; the first is the ledger's own"`
		Region       string       `json:"region,omitempty" doc:"The place whose forecast is given when none is named"`
		Features     []string     `json:"features" doc:"What is offered beyond accounts" example:"[\"disclosures\"]"`
		First        *time.Time   `json:"first" doc:"Begin of the oldest closed slot"`
		Last         *time.Time   `json:"last" doc:"End of the newest closed slot"`
		Slots        int64        `json:"slots"`
		Accounts     int64        `json:"accounts"`
		Restatements int64        `json:"restatements"`
		LagSeconds   *float64     `json:"lag_s" doc:"From the end of the newest closed slot to now"`
		Driver       slots.Status `json:"driver"`
		Services     *Services    `json:"services,omitempty" doc:"How receiving and scoring spans is doing, where the server does"`
		// Leases are who does which work, where several servers share a ledger.
		Leases []ledger.Lease `json:"leases,omitempty" doc:"Which server does what until when, where several share the ledger"`
	}
}

type restatementsInput struct {
	After string `query:"after" doc:"Known later than this; by default all of the last 30 days, or of the window's slots"`
	From  string `query:"from" doc:"Of slots from this first date, or instant, on" example:"2026-01-01"`
	To    string `query:"to" doc:"Of slots up to this last date (inclusive), or end (an instant, exclusive)" example:"2026-01-31"`
	Limit int    `query:"limit" default:"1000" minimum:"1" maximum:"10000"`
}

// restated is a change of a closed slot, with the slot's totals before and after.
type restated struct {
	From     time.Time       `json:"from"`
	To       time.Time       `json:"to"`
	Revision int             `json:"revision"`
	KnownAt  time.Time       `json:"known_at"`
	Reason   ledger.Reason   `json:"reason"`
	Note     string          `json:"note,omitempty"`
	Before   account.Figures `json:"before"`
	After    account.Figures `json:"after"`
}

func restatement(r ledger.Restatement) restated {
	return restated{
		From: r.Slot.From, To: r.Slot.To, Revision: r.Revision, KnownAt: r.KnownAt,
		Reason: r.Reason, Note: r.Note, Before: r.Before.Figures(), After: r.After.Figures(),
	}
}

type restatementsOutput struct {
	Body struct {
		Restatements []restated `json:"restatements"`
		// More says that there are more than the limit.
		More bool `json:"more"`
	}
}

func (s *Server) state() {
	huma.Register(s.api, get("status", "status", "What an operator asks first",
		"How far the ledger is, what it waits for, and what fails since when."), s.status)
	huma.Register(s.api, get("restatements", "restatements", "Figures that changed after they were closed",
		"Each with its reason, and the slot's totals before and after."), s.restatements)
}

func (s *Server) status(ctx context.Context, _ *struct{}) (*statusOutput, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	of, err := s.Store.Status(ctx)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	leases, err := s.Store.Leases(ctx)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	out := &statusOutput{}
	b := &out.Body
	b.Leases = leases
	calendar := s.Engine.Calendar()
	b.Version, b.TimeZone, b.Slot = s.Version, calendar.Zone().String(), calendar.Grid().Step().String()
	b.Slots, b.Accounts, b.Restatements = of.Slots, of.Accounts, of.Restatements
	b.Driver, b.Simulated, b.Region = s.Driver.Status(), s.Simulated, s.Region
	b.Levels, b.Features = append([]string{}, s.Levels...), append([]string{}, s.Features...)
	if b.Policies, err = s.Engine.Policies(ctx); err != nil {
		return nil, s.problem(ctx, err)
	}
	if s.Services != nil {
		b.Services = s.Services()
	}
	if of.Slots > 0 {
		lag := time.Since(of.Last.To).Seconds()
		b.First, b.Last, b.LagSeconds = &of.First.From, &of.Last.To, &lag
	}
	return out, nil
}

func (s *Server) restatements(ctx context.Context, in *restatementsInput) (*restatementsOutput, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	after, of, err := s.restated(in)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	out := &restatementsOutput{}
	out.Body.Restatements = []restated{}
	for r, err := range s.Store.Restatements(ctx, after, time.Time{}) {
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		if !of.IsEmpty() && of.Overlap(r.Slot).IsEmpty() {
			continue
		}
		if len(out.Body.Restatements) == in.Limit {
			out.Body.More = true
			break
		}
		out.Body.Restatements = append(out.Body.Restatements, restatement(r))
	}
	return out, nil
}

// restated returns after what time and of which slots restatements are asked for;
// an empty span is all slots. What is known of a slot is known after its begin.
func (s *Server) restated(in *restatementsInput) (after time.Time, of account.Span, err error) {
	calendar, now := s.Engine.Calendar(), time.Now()
	after = now.Add(-30 * 24 * time.Hour)
	if in.From != "" || in.To != "" {
		if of, err = (query.Window{From: in.From, To: in.To}).Span(calendar, now); err != nil {
			return after, of, err
		}
		after = of.From
	}
	if in.After != "" {
		after, err = query.Instant(calendar, "after", in.After)
	}
	return after, of, err
}
