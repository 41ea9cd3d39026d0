package prometheus

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/prom"
	"github.com/dendro-carbon/dendro/internal/source"
)

// shard is one attempt to read the series of some hosts.
type shard struct {
	*pass
	sink    sink
	samples int // read in the near window

	targets map[string]*target
	modes   map[string]string
	boot    map[string][]time.Time // by the host's label, in order
	open    map[string]*open       // by identity
	seen    map[uint64]struct{}    // hashes of the identities in the near window
	seed    maphash.Seed

	counter  *energy.Counter
	power    *energy.Gauge
	identity []byte
	partial  []byte
}

// open is a series whose samples in the near window do not reach both ends of the
// slots. What is missing is one sample on either side.
type open struct {
	series
	tally         energy.Tally
	any           bool // whether the near window has samples
	first, last   prom.Sample
	before, after *prom.Sample
}

// near reads the near window. A series that reaches over both ends is done; the
// others are left open.
func (p *pass) near(ctx context.Context, hosts []string) (*shard, error) {
	sink, err := p.sink()
	if err != nil {
		return nil, err
	}
	bins := sink.bins("")
	s := &shard{
		pass: p, sink: sink,
		targets: map[string]*target{}, modes: map[string]string{}, boot: map[string][]time.Time{},
		open: map[string]*open{}, seen: map[uint64]struct{}{}, seed: maphash.MakeSeed(),
		counter: energy.NewCounter(p.source.config.Rule, bins, nil),
		power:   energy.NewGauge(p.source.config.Rule, bins),
	}
	if err := s.readBoots(ctx, hosts, p.windows.near); err != nil {
		return nil, err
	}
	sel := p.selector.And(prom.AnyOf(p.host, hosts))
	if err := p.read(ctx, sel, p.windows.near, s.nearSeries); err != nil {
		return nil, err
	}
	return s, s.listSilent(ctx, sel)
}

// nearSeries takes a series of the near window.
func (s *shard) nearSeries(in *prom.Series) error {
	s.samples += len(in.Samples)
	one, ok, err := s.identify(in)
	if !ok || err != nil {
		return err
	}
	s.seen[maphash.Bytes(s.seed, s.identity)] = struct{}{}
	tally, first, last := s.integrate(one, in.Samples)
	if s.gauge || (first != nil && first.At <= s.windows.from && last.At >= s.windows.to) {
		return s.sink.take(one, tally)
	}
	o := &open{series: one, tally: energy.Tally{
		Amount:  slices.Clone(tally.Amount),
		Covered: tally.Covered.Clone(), Bridged: tally.Bridged.Clone(), Life: tally.Life.Clone(),
	}}
	if first != nil {
		o.any, o.first, o.last = true, *first, *last
	}
	s.open[string(s.identity)] = o
	return nil
}

// integrate returns the tally of samples, and the first and the last that count,
// nil when none does. Boots before the first are left to the sample before it,
// if there is one.
func (s *shard) integrate(one series, samples []prom.Sample) (tally *energy.Tally, first, last *prom.Sample) {
	bins := s.sink.bins(one.key)
	add, finish := s.power.Add, s.power.Finish
	if s.gauge {
		s.power.Reset(bins)
	} else {
		s.counter.Reset(bins, s.bootsWithin(one.raw, samples))
		add, finish = s.counter.Add, s.counter.Finish
	}
	for i := range samples {
		if x := &samples[i]; add(x.At*1000, x.Value/s.divisor) {
			if first == nil {
				first = x
			}
			last = x
		}
	}
	tally, faults := finish()
	if faults.Total() > 0 {
		s.sink.faults(describe(one), faults)
	}
	return tally, first, last
}

// bootsWithin returns the boots of a host after the first sample that counts.
func (s *shard) bootsWithin(raw string, samples []prom.Sample) []time.Time {
	boots := s.boot[raw]
	if len(boots) == 0 {
		return nil
	}
	for _, x := range samples {
		if s.counts(x) {
			return after(boots, x.At)
		}
	}
	return nil
}

// after returns the instants later than a time in milliseconds.
func after(sorted []time.Time, at int64) []time.Time {
	for len(sorted) > 0 && sorted[0].UnixMilli() <= at {
		sorted = sorted[1:]
	}
	return sorted
}

// identify returns which series of which target it is, and leaves all of its
// labels in identity. It reports false for one without a host.
func (s *shard) identify(in *prom.Series) (series, bool, error) {
	s.identity, s.partial = s.identity[:0], s.partial[:0]
	var one series
	hosted := false
	for name, value := range in.Labels() {
		s.identity = appendText(appendText(s.identity, name), value)
		if !slices.Contains(s.apart, string(name)) {
			s.partial = appendText(appendText(s.partial, name), value)
			hosted = hosted || string(name) == s.host
		}
		if string(name) == s.source.config.ModeLabel {
			one.mode = s.mode(value)
		}
	}
	if !hosted {
		s.warn(source.Warning{
			Code: "no-host", Subject: s.selector.String(),
			Text: fmt.Sprintf("series without the label %q belong to no host and were left out", s.host),
		})
		return one, false, nil
	}
	t, ok := s.targets[string(s.partial)]
	if !ok {
		var err error
		if t, err = s.source.newTarget(in, s.host, s.apart); err != nil {
			return one, false, err
		}
		s.targets[string(s.partial)] = t
	}
	one.target = t
	return one, true, nil
}

// mode returns a mode as a string, always the same one: there are few.
func (s *shard) mode(value []byte) string {
	m, ok := s.modes[string(value)]
	if !ok {
		m = string(value)
		s.modes[m] = m
	}
	return m
}

func appendText(b, text []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// newTarget returns the target of a series: its labels without those apart and
// without ignored ones.
func (s *Source) newTarget(in *prom.Series, host string, apart []string) (*target, error) {
	raw := string(in.Get(host))
	t := &target{raw: raw, key: s.config.HostKey.Of(raw)}
	var pairs []string
	for name, value := range in.Labels() {
		if n := string(name); !slices.Contains(apart, n) && !slices.Contains(s.config.IgnoredLabels, n) {
			pairs = append(pairs, account.VisibleText(n), account.VisibleText(string(value)))
		}
	}
	labels, err := account.LabelsOf(pairs...)
	if err != nil {
		return nil, fmt.Errorf("%w: labels of host %q: %w", source.ErrReply, raw, err)
	}
	t.labels = labels
	return t, nil
}

// describe names a series in messages.
func describe(s series) string {
	if s.mode == "" {
		return s.raw
	}
	return s.raw + " " + s.mode
}

// readBoots notes when the hosts were booted.
func (s *shard) readBoots(ctx context.Context, hosts []string, w prom.Window) error {
	if !s.boots {
		return nil
	}
	sel := prom.Metric(s.source.config.BootMetric).And(prom.AnyOf(s.host, hosts))
	return s.read(ctx, sel, w, func(in *prom.Series) error {
		raw := string(in.Get(s.host))
		for i, x := range in.Samples {
			if i == 0 || x.Value != in.Samples[i-1].Value {
				s.noteBoot(raw, x.Value)
			}
		}
		return nil
	})
}

// sameBoot is how far apart two times of one boot may be: the kernel works it
// out anew from clock and uptime.
const sameBoot = 10 * time.Second

// noteBoot keeps a boot that may matter, unless it is one that is known.
func (s *shard) noteBoot(raw string, unixSeconds float64) {
	if !(unixSeconds > 0 && unixSeconds < 1<<40) {
		return
	}
	at := time.UnixMicro(int64(unixSeconds * 1e6))
	if at.UnixMilli() < s.windows.horizon.From {
		return
	}
	boots := s.boot[raw]
	for _, b := range boots {
		if at.Sub(b).Abs() <= sameBoot {
			return
		}
	}
	s.boot[raw] = append(boots, at)
	slices.SortFunc(s.boot[raw], time.Time.Compare)
}
