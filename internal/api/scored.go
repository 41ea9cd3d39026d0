package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/internal/scored"
	"github.com/dendro-carbon/dendro/internal/scoring"
)

// Windows tells of archived windows.
type Windows interface {
	Period(ctx context.Context, span account.Span) (*scored.Period, error)
	Page(ctx context.Context, span account.Span, before account.Mark, limit int) (*scored.Page, error)
}

type servicesInput struct {
	From    string `query:"from" doc:"First date, or instant, of the window; by default the last 24 hours"`
	To      string `query:"to" doc:"Last date (inclusive), or end (an instant, exclusive)"`
	Month   string `query:"month" doc:"A month instead of from and to" example:"2026-01"`
	Quarter string `query:"quarter" doc:"A quarter instead of from and to" example:"2026-Q1"`
	Step    string `query:"step" doc:"Gives the figures of the ledger a series: slot, 1h, 1d or 1mo" example:"1h"`
}

func (in *servicesInput) window() query.Window {
	return query.Window{From: in.From, To: in.To, Month: in.Month, Quarter: in.Quarter}
}

type servicesOutput struct {
	Body struct {
		From      time.Time      `json:"from"`
		To        time.Time      `json:"to"`
		TimeZone  string         `json:"time_zone"`
		Simulated bool           `json:"simulated,omitempty"`
		Total     query.Total    `json:"total" doc:"Of all services, as the ledger has it"`
		Cells     []serviceCell  `json:"cells" doc:"The largest energy first"`
		Scored    *scored.Period `json:"scored" doc:"Sums of archived windows, as they were scored"`
		Archive   scored.Extent  `json:"archive" doc:"Of which time the sums of archived windows are"`
		Now       *Services      `json:"now" doc:"How receiving and scoring is doing at this moment, as status tells it"`
	}
}

// serviceCell is a service in a region: what the ledger has of it, and what windows say.
type serviceCell struct {
	Service    string       `json:"service" doc:"Empty for a rest"`
	Kind       account.Kind `json:"kind" doc:"account, other (names beyond the cap), idle (measured while nothing was served) or unknown"`
	Region     string       `json:"region" doc:"Empty for a rest"`
	RegionKind account.Kind `json:"region_kind"`
	// Ledger is nil where the ledger has nothing, Scored where no window that was read has.
	Ledger *query.Total `json:"ledger" doc:"Energy as the building draws it (with PUE), carbon by the ledger's intensities; null if there is nothing yet"`
	Scored *scored.Cell `json:"scored" doc:"Sums of archived windows; null if none of them has this cell"`
}

type windowsInput struct {
	From    string `query:"from" doc:"First date, or instant, of the window; by default the last 24 hours"`
	To      string `query:"to" doc:"Last date (inclusive), or end (an instant, exclusive)"`
	Month   string `query:"month" doc:"A month instead of from and to" example:"2026-01"`
	Quarter string `query:"quarter" doc:"A quarter instead of from and to" example:"2026-Q1"`
	Limit   int    `query:"limit" default:"100" minimum:"1" maximum:"1000"`
	Before  string `query:"before" doc:"next of the page before" example:"3.17"`
}

type windowsOutput struct {
	Body struct {
		From time.Time `json:"from"`
		To   time.Time `json:"to"`
		scored.Page
	}
}

func (s *Server) services() {
	huma.Register(s.api, get("services", "services", "Services and regions, as the ledger and the archived windows have them",
		"Energy and carbon of each service in each region from the ledger; bounds, operations and sources from the archived windows; "+
			"drops, late spans, meters and what they measured while nothing was served."), s.servicesOf)
	huma.Register(s.api, get("service-windows", "services/windows", "Archived windows, newest first",
		"Each with its spans, drops and coverage, and its place in the archive."), s.windowsOf)
}

// errNoArchive is the answer of a server that receives no spans.
func errNoArchive() error {
	return huma.NewError(http.StatusNotFound, "this server has no window archive\n  Try: set services.receive to have it receive spans")
}

func (s *Server) servicesOf(ctx context.Context, in *servicesInput) (*servicesOutput, error) {
	if s.Windows == nil {
		return nil, errNoArchive()
	}
	ctx, cancel := within(ctx)
	defer cancel()
	asked := query.Asked{
		Perimeter: string(account.PerimeterServices),
		By:        []string{scoring.LabelService, scoring.LabelRegion}, Sort: string(account.SortEnergy), Window: in.window(), Step: in.Step,
	}
	q, err := asked.Parse(s.Engine.Calendar(), time.Now())
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	answer, err := s.Engine.Ask(ctx, q)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	period, err := s.Windows.Period(ctx, q.Span)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	out := &servicesOutput{}
	b := &out.Body
	b.From, b.To, b.TimeZone, b.Simulated = answer.From, answer.To, answer.TimeZone, answer.Simulated
	b.Total, b.Scored, b.Archive = answer.Total, period, period.Archive
	b.Cells = joinCells(answer.Nodes, period.Cells)
	if s.Services != nil {
		b.Now = s.Services()
	}
	return out, nil
}

type cellPlace struct{ service, region scored.Name }

// joinCells puts what the ledger and what windows have of each cell side by side.
func joinCells(nodes []query.Node, cells []scored.Cell) []serviceCell {
	at := map[cellPlace]int{}
	out := []serviceCell{}
	cell := func(p cellPlace) *serviceCell {
		i, ok := at[p]
		if !ok {
			i, at[p] = len(out), len(out)
			out = append(out, serviceCell{Service: p.service.Name, Kind: p.service.Kind, Region: p.region.Name, RegionKind: p.region.Kind})
		}
		return &out[i]
	}
	var service scored.Name
	for i := range nodes {
		n := &nodes[i]
		if len(n.Path) == 1 {
			if service = nameOfNode(n); service.Kind == account.KindUnknown {
				service.Kind = account.KindOther // what the cap on names folded has no name in the ledger
			}
			continue
		}
		region := nameOfNode(n)
		if region.Kind == account.KindIdle {
			region.Kind = account.KindUnknown // the rest is idle, its region is not known
		}
		cell(cellPlace{service, region}).Ledger = &query.Total{Figures: n.Figures, Provisional: n.Provisional, Series: n.Series}
	}
	for i := range cells {
		cell(cellPlace{cells[i].Service, cells[i].Region}).Scored = &cells[i]
	}
	slices.SortStableFunc(out, func(a, b serviceCell) int {
		return cmp.Or(cmp.Compare(min(a.Kind, 1), min(b.Kind, 1)), cmp.Compare(b.energy(), a.energy()))
	})
	return out
}

func nameOfNode(n *query.Node) scored.Name {
	if n.Kind != account.KindAccount {
		return scored.Name{Kind: n.Kind}
	}
	return scored.Name{Name: n.Path[len(n.Path)-1]}
}

// energy returns the energy of a cell, in kWh: the ledger's, else that of windows.
func (c *serviceCell) energy() float64 {
	switch {
	case c.Ledger != nil && c.Ledger.Energy != nil:
		return c.Ledger.Energy.KWh()
	case c.Scored != nil:
		return c.Scored.EnergyKWh
	}
	return 0
}

func (s *Server) windowsOf(ctx context.Context, in *windowsInput) (*windowsOutput, error) {
	if s.Windows == nil {
		return nil, errNoArchive()
	}
	ctx, cancel := within(ctx)
	defer cancel()
	span, err := query.Window{From: in.From, To: in.To, Month: in.Month, Quarter: in.Quarter}.Span(s.Engine.Calendar(), time.Now())
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	before := scored.Newest()
	if in.Before != "" {
		var ok bool
		if before, ok = scored.ParsePlace(in.Before); !ok {
			return nil, huma.NewError(http.StatusBadRequest, "before: not the next of a page\n  Try: leave it out to begin with the newest window")
		}
	}
	page, err := s.Windows.Page(ctx, span, before, in.Limit)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	out := &windowsOutput{}
	out.Body.From, out.Body.To, out.Body.Page = span.From, span.To, *page
	return out, nil
}
