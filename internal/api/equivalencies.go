package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dendro-carbon/dendro/internal/equivalency"
	"github.com/dendro-carbon/dendro/unit"
)

type equivalenciesInput struct {
	Grams float64 `query:"gco2e" required:"true" minimum:"0" maximum:"9000000000000" doc:"The mass to compare, in grams of CO2 equivalent" example:"1000"`
	Count int     `query:"count" default:"5" minimum:"1" maximum:"13" doc:"How many, the easiest to picture first"`
}

// equivalent is so much of something as has the carbon that was asked about.
type equivalent struct {
	Name   string    `json:"name" example:"miles_driven"`
	Amount float64   `json:"amount"`
	Unit   string    `json:"unit" example:"miles"`
	Means  string    `json:"means"`
	Carbon unit.Mass `json:"gco2e_per_unit"`
	Source string    `json:"source"`
	// Vintage is absent where it is not known.
	Vintage string `json:"vintage,omitempty"`
}

type equivalenciesOutput struct {
	Body struct {
		Mass          unit.Mass    `json:"gco2e"`
		Equivalencies []equivalent `json:"equivalencies"`
	}
}

func (s *Server) equivalencies() {
	huma.Register(s.api, get("equivalencies", "equivalencies", "What a mass of carbon compares with",
		"Amounts of everyday things, with the factor, its source and its year. They are for a picture in the mind, not for accounts."), s.compare)
}

func (s *Server) compare(ctx context.Context, in *equivalenciesInput) (*equivalenciesOutput, error) {
	mass, err := unit.MassFromGrams(in.Grams)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	out := &equivalenciesOutput{}
	out.Body.Mass, out.Body.Equivalencies = mass, []equivalent{}
	for _, e := range equivalency.Of(mass, in.Count) {
		out.Body.Equivalencies = append(out.Body.Equivalencies, equivalent{
			Name: e.Name, Amount: e.Rounded(), Unit: e.Unit, Means: e.Means, Carbon: e.Carbon, Source: e.Source, Vintage: e.Vintage,
		})
	}
	return out, nil
}
