package api

import (
	"context"
	"time"

	"github.com/dendro-carbon/dendro/internal/query"
)

type basisInput struct {
	Where   []string `query:"where,explode" doc:"Label and value; may be given several times" example:"group=IDAaaS_Muon"`
	From    string   `query:"from" doc:"First date, or instant, of the window; by default the last 24 hours" example:"2026-01-01"`
	To      string   `query:"to" doc:"Last date (inclusive), or end (an instant, exclusive)" example:"2026-01-31"`
	Month   string   `query:"month" doc:"A month instead of from and to" example:"2026-01"`
	Quarter string   `query:"quarter" doc:"A quarter instead of from and to" example:"2026-Q1"`
	Within  string   `query:"perimeter" doc:"hosts or services; by default services where they are named, else hosts" example:"hosts"`
}

type basisOutput struct{ Body *query.Foundation }

func (s *Server) basis(ctx context.Context, in *basisInput) (*basisOutput, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	where, err := query.Filter("where", in.Where)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	window := query.Window{From: in.From, To: in.To, Month: in.Month, Quarter: in.Quarter}
	span, err := window.Span(s.Engine.Calendar(), time.Now())
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	found, err := s.Engine.Basis(ctx, span, where, in.Within)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return &basisOutput{Body: found}, nil
}
