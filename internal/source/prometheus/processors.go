package prometheus

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/source"
)

// processors reads the processor time of hosts, exactly.
func (j *job) processors(ctx context.Context, hosts []string) error {
	p := j.processorPass()
	p.sink = func() (sink, error) {
		b, err := source.NewBuilder(j.request, account.Origin{})
		return &processors{builder: b, modes: j.config.Modes, covered: map[*target]energy.Stretches{}}, err
	}
	p.join = func(s sink) error {
		done := s.(*processors)
		j.builder.Join(done.builder)
		j.own(done.covered)
		return nil
	}
	return p.run(ctx, hosts)
}

// processorPass returns the pass over processor time, without where it leads.
func (j *job) processorPass() *pass {
	p := &pass{
		source: j.Source, windows: j.windows, external: j.external,
		selector: j.config.selector(), host: j.config.HostLabel,
		apart: []string{"__name__", j.config.CPULabel, j.config.ModeLabel},
		boots: j.config.BootMetric != "", divisor: 1,
	}
	j.passes = append(j.passes, p)
	return p
}

// own notes which subjects a host has and when, and tells of targets that are
// counted as one subject at the same time.
func (j *job) own(covered map[*target]energy.Stretches) {
	for _, t := range slices.SortedFunc(maps.Keys(covered), func(a, b *target) int { return a.subject().Compare(b.subject()) }) {
		owners := j.owners[t.key]
		i := slices.IndexFunc(owners, func(o owner) bool { return o.subject == t.subject() })
		if i < 0 {
			j.owners[t.key] = append(owners, owner{t.subject(), covered[t].Clone()})
			continue
		}
		if len(owners[i].covered.Intersect(covered[t])) > 0 {
			j.builder.Warn(source.Warning{
				Code: "counted-twice", Subject: t.raw, Count: 1,
				Text: fmt.Sprintf("host %q is scraped twice at the same time, apart from ignored labels, and counted twice; add a matcher that leaves one", t.raw),
			})
		}
		owners[i].covered = owners[i].covered.Union(covered[t])
	}
}

// subject returns the target as a subject of facts.
func (t *target) subject() account.Subject {
	return account.Subject{Kind: account.SubjectHost, Host: t.key, Labels: t.labels}
}

// processors takes tallies of processor time.
type processors struct {
	builder *source.Builder
	modes   source.Modes
	covered map[*target]energy.Stretches
}

func (p *processors) bins(key string) *energy.Bins { return p.builder.Bins(key) }

func (p *processors) faults(series string, f energy.Faults) { p.builder.Faults(series, f) }

func (p *processors) take(s series, tally *energy.Tally) error {
	class, ok := p.modes.Of(s.mode)
	if !ok {
		return nil
	}
	p.covered[s.target] = p.covered[s.target].Union(tally.Covered)
	return p.builder.Processor(s.subject(), class, tally)
}
