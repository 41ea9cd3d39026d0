package prometheus

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/prom"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/unit"
)

// meters reads all meters and gives each host, in each slot, the first of the
// list that covers anything of it.
//
// What is decided here is decided for whole slots, so that neither a cut nor
// the other slots of a request change it.
func (j *job) meters(ctx context.Context) error {
	if len(j.owners) == 0 {
		return nil
	}
	best := map[string]energy.Tally{}
	for _, m := range j.config.Meters {
		hosts, err := j.meter(ctx, m)
		if err != nil {
			return err
		}
		strangers := 0
		for key, host := range hosts {
			if len(j.owners[key]) == 0 {
				strangers++
				continue
			}
			bins := j.builder.Bins(key)
			best[key] = prefer(j.slots(bins), best[key], combine(j.slots(bins), host.tallies))
		}
		if strangers > 0 {
			j.builder.Warn(source.Warning{
				Code: "meter-without-host", Subject: m.Name, Count: strangers,
				Text: fmt.Sprintf("meter %q has hosts without processor time, which were left out; check host_label and the host normalisers", m.Name),
			})
		}
	}
	for key, tally := range best {
		if err := j.measure(key, tally); err != nil {
			return err
		}
	}
	return nil
}

// meterHost is the series of a meter on one host.
type meterHost struct {
	*target
	tallies []energy.Tally
}

// meter reads one meter. It returns its hosts by their keys.
func (j *job) meter(ctx context.Context, m Meter) (map[string]meterHost, error) {
	divisor, power := m.Unit.scale()
	p := &pass{
		source: j.Source, windows: j.windows, external: j.external,
		selector: prom.Metric(m.Metrics...).And(m.Matchers...), host: m.HostLabel,
		gauge: power, divisor: divisor,
	}
	if p.host == "" {
		p.host = j.config.HostLabel
	}
	hosts, err := j.client.LabelValues(ctx, p.host, p.selector, j.windows.horizon)
	if err != nil || len(hosts) == 0 {
		return nil, err
	}
	all := map[string]meterHost{}
	p.sink = func() (sink, error) {
		b, err := source.NewBuilder(j.request, account.Origin{})
		return &joules{builder: b, hosts: map[string]meterHost{}}, err
	}
	p.join = func(s sink) error {
		done := s.(*joules)
		j.builder.Join(done.builder) // for its warnings
		for _, raw := range slices.Sorted(maps.Keys(done.hosts)) {
			p.keep(all, done.hosts[raw], m.Name)
		}
		return nil
	}
	j.passes = append(j.passes, p)
	return all, p.run(ctx, hosts)
}

// keep adds a host. Of two with one key it keeps the first by name.
func (p *pass) keep(all map[string]meterHost, h meterHost, meter string) {
	other, twice := all[h.key]
	if twice {
		p.note(source.Warning{
			Code: "meter-twice", Subject: h.key,
			Text: fmt.Sprintf("meter %q has several hosts with the key %q; the first by name is taken", meter, h.key),
		})
	}
	if !twice || h.raw < other.raw {
		all[h.key] = h
	}
}

// joules takes tallies of meters.
type joules struct {
	builder *source.Builder
	hosts   map[string]meterHost // by the host's label
}

func (j *joules) bins(key string) *energy.Bins { return j.builder.Bins(key) }

func (j *joules) faults(series string, f energy.Faults) { j.builder.Faults(series, f) }

func (j *joules) take(s series, t *energy.Tally) error {
	h := j.hosts[s.raw]
	h.target = s.target
	h.tallies = append(h.tallies, energy.Tally{
		Amount: slices.Clone(t.Amount), Covered: t.Covered.Clone(), Life: t.Life.Clone(),
	})
	j.hosts[s.raw] = h
	return nil
}

// slotBins is the bins of each slot, one after the other.
type slotBins struct {
	*energy.Bins
	first []int // the first bin of each slot, and the number of bins
}

func (j *job) slots(bins *energy.Bins) slotBins {
	s := slotBins{Bins: bins}
	for i := range bins.Len() {
		if from, _ := bins.Bin(i); j.request.Grid.Starts(from) {
			s.first = append(s.first, i)
		}
	}
	s.first = append(s.first, bins.Len())
	return s
}

// within returns how much of some time falls into slot k.
func (s slotBins) within(t energy.Stretches, k int) unit.Duration {
	total := unit.Duration(0)
	for i := s.first[k]; i < s.first[k+1]; i++ {
		total += s.Within(t, i)
	}
	return total
}

// stretch returns slot k.
func (s slotBins) stretch(k int) energy.Stretches {
	from, _ := s.Bin(s.first[k])
	_, to := s.Bin(s.first[k+1] - 1)
	return energy.Stretches{{From: from.UnixMicro(), To: to.UnixMicro()}}
}

// combine adds up the series of a meter. A slot is metered where all series cover
// that live in it; what one counted beyond that is left out in proportion.
func combine(s slotBins, series []energy.Tally) energy.Tally {
	out := energy.Tally{Amount: make([]int64, s.Len())}
	for k := range len(s.first) - 1 {
		common := s.stretch(k)
		var parts []energy.Tally
		for _, t := range series {
			if s.within(t.Life, k) > 0 {
				parts = append(parts, t)
				common = common.Intersect(t.Covered)
			}
		}
		if len(parts) == 0 {
			continue
		}
		out.Covered = out.Covered.Union(common)
		for _, t := range parts {
			s.addPart(out.Amount, t, k, common)
		}
	}
	return out
}

// addPart adds what a series counted in slot k during common. Its bins get
// their parts by running sums, so that they add up to that of the slot.
func (s slotBins) addPart(into []int64, t energy.Tally, k int, common energy.Stretches) {
	total, sofar, given := int64(0), int64(0), int64(0)
	for i := s.first[k]; i < s.first[k+1]; i++ {
		total += t.Amount[i]
	}
	scaled := share(total, int64(s.within(common, k)), int64(s.within(t.Covered, k)))
	for i := s.first[k]; i < s.first[k+1]; i++ {
		sofar += t.Amount[i]
		upTo := share(scaled, sofar, total)
		into[i] += upTo - given
		given = upTo
	}
}

// share returns amount × part ÷ whole for 0 <= part <= whole, 0 of nothing.
func share(amount, part, whole int64) int64 {
	v, err := unit.MulDiv(amount, part, whole)
	if err != nil {
		return 0 // only of nothing: the result is at most amount
	}
	return v
}

// prefer returns for each slot what the first meter says where it covers anything,
// else the second.
func prefer(s slotBins, first, second energy.Tally) energy.Tally {
	out := energy.Tally{Amount: make([]int64, s.Len())}
	for k := range len(s.first) - 1 {
		t := first
		if s.within(first.Covered, k) == 0 {
			t = second
		}
		s.copySlot(&out, t, k)
	}
	return out
}

// copySlot takes over slot k of a tally.
func (s slotBins) copySlot(into *energy.Tally, t energy.Tally, k int) {
	into.Covered = into.Covered.Union(s.stretch(k).Intersect(t.Covered))
	if len(t.Amount) > 0 {
		copy(into.Amount[s.first[k]:s.first[k+1]], t.Amount[s.first[k]:])
	}
}

// measure gives each slot of a host's meter to the subject of the host that was
// seen longest in it. Of a slot in which none was seen it is left out.
func (j *job) measure(key string, t energy.Tally) error {
	s := j.slots(j.builder.Bins(key))
	owners := j.owners[key]
	slices.SortFunc(owners, func(a, b owner) int { return a.subject.Compare(b.subject) })
	for n, o := range owners {
		own := energy.Tally{Amount: make([]int64, s.Len())}
		for k := range len(s.first) - 1 {
			if longest(s, owners, k) == n {
				s.copySlot(&own, t, k)
			}
		}
		if len(own.Covered) == 0 {
			continue
		}
		if err := j.builder.Meter(o.subject, &own); err != nil {
			return err
		}
	}
	return nil
}

// longest returns the index of the owner that was seen longest in slot k, -1 when
// none was.
func longest(s slotBins, owners []owner, k int) int {
	best, most := -1, unit.Duration(0)
	for i, o := range owners {
		if d := s.within(o.covered, k); d > most {
			best, most = i, d
		}
	}
	return best
}
