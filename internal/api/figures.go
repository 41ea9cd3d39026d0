package api

import (
	"context"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/query"
)

// questionInput describes the parameters of a query. They are read by package
// query, which also refuses those that it does not know.
type questionInput struct {
	By        string `query:"by" doc:"Labels that make the levels of the tree, from the top" example:"facility,group"`
	Where     string `query:"where" doc:"Keeps accounts; may be given several times" example:"facility=ISIS"`
	From      string `query:"from" doc:"First date, or instant, of the window" example:"2026-01-01"`
	To        string `query:"to" doc:"Last date (inclusive), or end (an instant, exclusive)" example:"2026-01-31"`
	Month     string `query:"month" doc:"A month instead of from and to" example:"2026-01"`
	Quarter   string `query:"quarter" doc:"A quarter instead of from and to" example:"2026-Q1"`
	Step      string `query:"step" doc:"Gives each node a series: slot, 1h, 1d or 1mo" example:"1d"`
	Sort      string `query:"sort" doc:"carbon, energy or name" example:"carbon"`
	Top       string `query:"top" doc:"Keeps so many accounts under each node and folds the others" example:"20"`
	AsKnownAt string `query:"as_known_at" doc:"The figures as they were known then" example:"2026-02-01T00:00Z"`
	Policy    string `query:"policy" doc:"The policy by which wholes are divided, by name; by default the ledger's own. Another one is derived from facts, closed slots alone" example:"even"`
	Compare   string `query:"compare" doc:"A policy whose figures stand beside, with the difference" example:"reservation"`
	Perimeter string `query:"perimeter" doc:"hosts or services. By default services where by or where name them, else hosts; what the ledger has of the other is in apart: services run on hosts, so nothing is the sum of both" example:"services"`
	Pseudonym string `query:"pseudonyms" doc:"true shows people by pseudonyms, which where takes then too; the server may do so always" example:"true"`

	values url.Values
}

// Resolve keeps the parameters as they were sent.
func (in *questionInput) Resolve(ctx huma.Context) []error {
	u := ctx.URL()
	in.values = u.Query()
	return nil
}

type answerOutput struct{ Body *query.Answer }

func (s *Server) figures() {
	huma.Register(s.api, get("query", "query", "Figures of a view",
		"Energy and carbon of a tree of accounts over a window, exact: children and rests add up to their parent."), s.query)
	huma.Register(s.api, get("explain", "explain", "How figures came to be",
		"Formula, inputs, factors, sources, versions and kinds of the figures of one slot."), s.explain)
	huma.Register(s.api, get("basis", "basis", "What figures of a window rest on",
		"Sources, methods, models and intensities, with the energy and carbon that came to be by each; of closed slots, under the ledger's own policy."), s.basis)
	huma.Register(s.api, get("accounts", "accounts", "Accounts seen",
		"The labels of all accounts with figures in a window, by default the last 90 days."), s.accounts)
}

func (s *Server) query(ctx context.Context, in *questionInput) (*answerOutput, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	asked, err := query.FromValues(in.values)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	q, err := asked.Parse(s.Engine.Calendar(), time.Now())
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	answer, err := s.Engine.Ask(ctx, q)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return &answerOutput{Body: answer}, nil
}

type explainInput struct {
	Account []string `query:"account,explode" required:"true" doc:"Label and value; may be given several times" example:"group=IDAaaS_Muon"`
	At      string   `query:"at" required:"true" doc:"Any instant in the slot" example:"2026-01-15T12:00Z"`
	KnownAt string   `query:"as_known_at" doc:"As it was known then"`
	Policy  string   `query:"policy" doc:"The policy by which wholes are divided, by name; by default the ledger's own"`
	Hidden  string   `query:"pseudonyms" doc:"true shows people by pseudonyms; the server may do so always"`
}

type explainOutput struct{ Body *query.Explained }

func (s *Server) explain(ctx context.Context, in *explainInput) (*explainOutput, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	figure, err := s.figure(in)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	explained, err := s.Engine.Explain(ctx, figure)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return &explainOutput{Body: explained}, nil
}

func (s *Server) figure(in *explainInput) (query.Figure, error) {
	f := query.Figure{Policy: in.Policy}
	var err error
	if f.Pseudonyms, err = query.Pseudonyms(in.Hidden); err != nil {
		return f, err
	}
	if f.Where, err = query.Filter("account", in.Account); err != nil {
		return f, err
	}
	if f.Slot, err = query.Instant(s.Engine.Calendar(), "at", in.At); err != nil {
		return f, err
	}
	if in.KnownAt != "" {
		f.At, err = query.Instant(s.Engine.Calendar(), "as_known_at", in.KnownAt)
	}
	return f, err
}

type windowInput struct {
	From string `query:"from" doc:"First date, or instant, of the window"`
	To   string `query:"to" doc:"Last date (inclusive), or end (an instant, exclusive)"`
}

// seenFor is how long an account that is silent is still listed.
const seenFor = 90 * 24 * time.Hour

// window returns the span asked for, by default what was seen lately.
func (s *Server) window(in windowInput) (account.Span, error) {
	now := time.Now()
	if in.From == "" && in.To == "" {
		return account.NewSpan(now.Add(-seenFor), now), nil
	}
	return query.Window{From: in.From, To: in.To}.Span(s.Engine.Calendar(), now)
}

type accountsOutput struct {
	Body struct {
		From     time.Time     `json:"from"`
		To       time.Time     `json:"to"`
		Accounts []accountSeen `json:"accounts"`
	}
}

type accountSeen struct {
	Labels account.Labels `json:"labels"`
	Kind   string         `json:"kind"`
}

func (s *Server) accounts(ctx context.Context, in *windowInput) (*accountsOutput, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	span, err := s.window(*in)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	seen, err := s.seen(ctx, span)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	out := &accountsOutput{}
	out.Body.From, out.Body.To, out.Body.Accounts = span.From, span.To, seen
	return out, nil
}
