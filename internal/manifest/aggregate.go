package manifest

import (
	"slices"

	"github.com/dendro-carbon/dendro/internal/aggregate"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
)

// aggregator returns what adds the tree up, nil when the manifest does not ask
// for it, or when that makes no sense. With problems it is good for finding more
// of them.
func (r *run) aggregator() (*aggregate.Aggregator, diag.List) {
	if r.m.Aggregation == nil {
		return nil, nil
	}
	r.noticeKeys()
	cfg, err := r.m.Aggregation.config()
	if err != nil {
		return nil, r.locate(err)
	}
	opts := aggregateOptions(r.m.opts)
	a, err := aggregate.New(r.metrics, cfg, opts)
	if err == nil || r.m.opts.FirstProblemOnly {
		return a, r.locate(err)
	}
	// What is wrong with the other metrics is to be told as well.
	problems := r.locate(err)
	cfg.Metrics = slices.DeleteFunc(slices.Clone(cfg.Metrics), func(name string) bool {
		return slices.ContainsFunc(problems, func(p *diag.Problem) bool { return p.Metric == name })
	})
	a, _ = aggregate.New(r.metrics, cfg, opts)
	return a, problems
}

// noticeKeys tells of keys of the aggregation block that Impact Framework does
// not know.
func (r *run) noticeKeys() {
	if r.m.Aggregation.Align != "" {
		r.notices.add(notice{difference: "aggregation-keys", detail: "align: " + r.m.Aggregation.Align})
	}
	if len(r.m.Aggregation.Weights) > 0 {
		r.notices.add(notice{difference: "aggregation-keys", detail: "weights"})
	}
}

// aggregated takes over what the aggregation reports beside the numbers.
func (r *run) aggregated(report aggregate.Report) {
	for i, n := range report.Notices {
		r.notices.add(notice{difference: n.Difference, detail: n.Detail, component: n.Path, order: i})
	}
	for _, w := range report.Warnings {
		w.File = r.m.File
		r.result.Warnings = append(r.result.Warnings, w.Error())
	}
	for _, name := range report.Unknown {
		r.result.Warnings = append(r.result.Warnings, "Unknown parameter: "+name+": its last value is copied.")
	}
	for _, path := range report.Empty {
		text := path + " has no outputs"
		if path != r.result.Tree.Path {
			text += " and is not in its parent's aggregate"
		}
		r.result.Warnings = append(r.result.Warnings, text)
	}
	for _, gap := range append(report.Missing, report.Partial...) {
		r.result.Warnings = append(r.result.Warnings, gap.String())
	}
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
		EmptyInputsFail:       o.EmptyInputsFail,
	}
}

// locate gives the problems of the aggregation the file, and the line of their
// component or of the aggregation block.
func (r *run) locate(err error) diag.List {
	if err == nil {
		return nil
	}
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
