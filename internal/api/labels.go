package api

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/query"
)

// labelSeen is a label that accounts have.
type labelSeen struct {
	Name   string `json:"name"`
	Values int    `json:"values" doc:"How many values it has"`
}

type labelsOutput struct {
	Body struct {
		From   time.Time   `json:"from"`
		To     time.Time   `json:"to"`
		Labels []labelSeen `json:"labels"`
	}
}

type labelInput struct {
	Name     string `path:"name" doc:"A label" example:"group"`
	From     string `query:"from" doc:"First date, or instant, of the window"`
	To       string `query:"to" doc:"Last date (inclusive), or end (an instant, exclusive)"`
	Contains string `query:"contains" doc:"Keeps values with this text in them, in capitals or not"`
	Limit    int    `query:"limit" default:"100" minimum:"1" maximum:"10000"`
}

type labelOutput struct {
	Body struct {
		Name   string   `json:"name"`
		Values []string `json:"values"`
		// More says that there are more than the limit.
		More bool `json:"more"`
	}
}

func (s *Server) labels() {
	huma.Register(s.api, get("labels", "labels", "Labels by which accounts can be told apart",
		"Each with how many values it has in a window, by default the last 90 days; those with few values first."), s.labelNames)
	huma.Register(s.api, get("label-values", "labels/{name}", "Values of a label",
		"In order of name, for finding an account by what it is called."), s.labelValues)
}

// values returns the values of each label in a window.
func (s *Server) values(ctx context.Context, in windowInput) (query.Values, account.Span, error) {
	span, err := s.window(in)
	if err != nil {
		return nil, span, err
	}
	found, err := s.Engine.Values(ctx, span)
	return found, span, err
}

func (s *Server) labelNames(ctx context.Context, in *windowInput) (*labelsOutput, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	found, span, err := s.values(ctx, *in)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	out := &labelsOutput{}
	out.Body.From, out.Body.To = span.From, span.To
	out.Body.Labels = make([]labelSeen, 0, len(found))
	for name, values := range found {
		out.Body.Labels = append(out.Body.Labels, labelSeen{name, len(values)})
	}
	slices.SortFunc(out.Body.Labels, func(a, b labelSeen) int {
		return cmp.Or(cmp.Compare(a.Values, b.Values), cmp.Compare(a.Name, b.Name))
	})
	return out, nil
}

func (s *Server) labelValues(ctx context.Context, in *labelInput) (*labelOutput, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	found, _, err := s.values(ctx, windowInput{in.From, in.To})
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	out := &labelOutput{}
	out.Body.Name, out.Body.Values = in.Name, []string{}
	wanted := strings.ToLower(in.Contains)
	for value := range found[in.Name] {
		if strings.Contains(strings.ToLower(value), wanted) {
			out.Body.Values = append(out.Body.Values, value)
		}
	}
	slices.Sort(out.Body.Values)
	if out.Body.More = len(out.Body.Values) > in.Limit; out.Body.More {
		out.Body.Values = out.Body.Values[:in.Limit]
	}
	return out, nil
}
