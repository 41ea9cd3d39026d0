package manifest

import (
	"context"

	"github.com/dendro-carbon/dendro/internal/aggregate"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
)

// aggregate adds the computed tree up, if the manifest asks for it.
func (r *run) aggregate(_ context.Context) diag.List {
	if r.m.Aggregation == nil {
		return nil
	}
	cfg, err := r.m.Aggregation.config()
	if err != nil {
		return r.locate(err)
	}
	report, err := aggregate.Run(r.result.Tree, r.metrics, cfg, aggregateOptions(r.m.opts))
	for i, n := range report.Notices {
		r.notices.add(notice{difference: n.Difference, detail: n.Detail, component: n.Path, order: i})
	}
	for _, w := range report.Warnings {
		r.result.Warnings = append(r.result.Warnings, w.Error())
	}
	for _, name := range report.Unknown {
		r.result.Warnings = append(r.result.Warnings, "Unknown parameter: "+name+". Omitting from the output.")
	}
	for _, gap := range append(report.Missing, report.Partial...) {
		r.result.Warnings = append(r.result.Warnings, gap.String())
	}
	return r.locate(err)
}

func (a *Aggregation) config() (aggregate.Config, error) {
	kind, err := aggregate.ParseKind(a.Type)
	if err != nil {
		return aggregate.Config{}, err
	}
	align, err := aggregate.ParseAlign(a.Align)
	return aggregate.Config{Metrics: a.Metrics, Kind: kind, Skip: a.Skip, Align: align, Weights: a.Weights}, err
}

// aggregateOptions picks what concerns the aggregation.
func aggregateOptions(o compat.Options) aggregate.Options {
	return aggregate.Options{
		UnknownMetricCopies:   o.UnknownMetricCopies,
		IgnoreSkipComponents:  o.IgnoreSkipComponents,
		NoneComponentFails:    o.NoneComponentFails,
		FirstChildLength:      o.FirstChildLength,
		UnweightedAverages:    o.UnweightedAverages,
		DuplicateMetricsTwice: o.DuplicateMetricsTwice,
		ParseFloatText:        o.ParseFloatText,
		AggregateAlways:       o.AggregateAlways,
		EmptyInputsFail:       o.EmptyInputsFail,
	}
}

// locate gives the problems of the aggregation the file, and the line of their
// component or of the aggregation block.
func (r *run) locate(err error) diag.List {
	var list diag.List
	list.Add(err)
	lines := make(map[string]int)
	for n := range r.result.Tree.Walk() {
		lines[n.Path] = n.Line
	}
	for _, p := range list {
		p.File = r.m.File
		if p.Line = lines[p.Component]; p.Line == 0 {
			p.Line = r.m.Aggregation.Line
		}
	}
	return list
}
