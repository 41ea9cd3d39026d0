package host

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"sort"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/source"
)

// Read implements [source.Source]. Slots of before the samples that are kept are
// [source.ErrGone], and slots that have ended while no samples came are
// [source.ErrUnavailable]. A part that used nothing in a slot has no facts there.
func (s *Source) Read(ctx context.Context, r source.Request) iter.Seq2[source.Reading, error] {
	return func(yield func(source.Reading, error) bool) {
		readings, err := s.read(ctx, r, time.Now())
		if err != nil {
			yield(source.Reading{}, err)
			return
		}
		for _, one := range readings {
			if !yield(one, nil) {
				return
			}
		}
	}
}

func (s *Source) read(ctx context.Context, r source.Request, now time.Time) ([]source.Reading, error) {
	b, err := source.NewBuilder(r, account.Origin{Source: s.config.Name, Method: "samples of /proc and cgroups"})
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.known(r, now); err != nil {
		return nil, err
	}
	f := &feed{b: b, bins: b.Bins(s.host), rule: s.config.Rule, boots: []time.Time{s.sampler.boot}}
	f.samples, f.base = s.around(r.Span)
	f.first = f.samples[0] == s.ring.samples[0] && !s.ring.trimmed
	subject := account.Subject{Host: s.host, Labels: s.labels}
	if err := f.host(subject); err != nil {
		return nil, err
	}
	if err := f.parts(subject); err != nil {
		return nil, err
	}
	if n := s.sampler.overflow; n > 0 {
		b.Warn(source.Warning{Code: "too-many-parts", Subject: s.host, Count: n, Text: fmt.Sprintf(
			"more than %d users and units at once; further ones are in the rest", s.config.MaxParts)})
	}
	readings, err := b.Readings()
	for _, one := range readings {
		dropUnused(one.Facts)
	}
	return readings, err
}

// known returns the error for a request of which not all is known that could be.
func (s *Source) known(r source.Request, now time.Time) error {
	first, last := s.ring.samples[0].at, s.ring.samples[len(s.ring.samples)-1].at
	since := first
	if boot := s.sampler.boot.UnixMicro(); !s.ring.trimmed && boot < first && first-boot <= s.config.Rule.MaxBridge.Microseconds() {
		since = boot // the counters began there
	}
	// The slot in which all began is known in part; one whose samples are dropped
	// in part is gone.
	begin := r.Grid.Slot(r.Span.From)
	if begin.To.UnixMicro() <= since || (s.ring.trimmed && begin.From.UnixMicro() < first) {
		return fmt.Errorf("%w: %s: nothing is kept of before %s", source.ErrGone, s.config.Name, rfc3339(since))
	}
	late := 3*s.config.Interval + 2*time.Second
	ended := min(r.Span.To.UnixMicro(), now.UnixMicro())
	if ended > last && now.UnixMicro()-last > late.Microseconds() {
		return fmt.Errorf("%w: %s: no samples since %s", source.ErrUnavailable, s.config.Name, rfc3339(last))
	}
	return nil
}

func rfc3339(micro int64) string { return time.UnixMicro(micro).UTC().Format(time.RFC3339) }

// around returns the samples from the last one at or before a span to the first
// one at or after it, and the values of parts at the first of these.
func (s *Source) around(span account.Span) ([]*sample, map[*part]int64) {
	all := s.ring.samples
	from := sort.Search(len(all), func(i int) bool { return all[i].at > span.From.UnixMicro() })
	from = max(0, from-1)
	to := from + sort.Search(len(all)-from, func(i int) bool { return all[from+i].at >= span.To.UnixMicro() })
	to = min(len(all), to+1)
	base := make(map[*part]int64, len(s.ring.base))
	for p, v := range s.ring.base {
		base[p] = v
	}
	for _, one := range all[1 : from+1] {
		for _, c := range one.parts {
			base[c.part] = c.value
		}
	}
	return all[from:to], base
}

// feed gives samples to a builder.
type feed struct {
	b     *source.Builder
	bins  *energy.Bins
	rule  energy.Rule
	boots []time.Time

	samples []*sample
	base    map[*part]int64 // at the first sample
	// first is whether nothing was ever sampled before the first sample.
	first bool
}

// host feeds the counters of the whole machine.
func (f *feed) host(subject account.Subject) error {
	counter := energy.NewCounter(f.rule, f.bins, f.boots)
	for _, class := range []source.Class{source.Busy, source.Idle} {
		counter.Reset(f.bins, f.boots)
		for _, s := range f.samples {
			value := s.busy
			if class == source.Idle {
				value = s.idle
			}
			counter.Add(s.at, float64(value)/1e6)
		}
		tally, faults := counter.Finish()
		f.b.Faults(subject.Host, faults)
		if err := f.b.Processor(subject, class, tally); err != nil {
			return err
		}
	}
	return f.meters(subject)
}

// meterRule is how increments of the processor's energy counters are spread. They
// wrap within an hour at full power, so what they counted over a longer silence
// is not known.
func meterRule(r energy.Rule) energy.Rule {
	r.MaxBridge = max(r.BridgeAfter, 5*time.Minute)
	return r
}

func (f *feed) meters(subject account.Subject) error {
	zones := 0
	for _, s := range f.samples {
		for _, m := range s.meters {
			zones = max(zones, m.zone+1)
		}
	}
	counter := energy.NewCounter(meterRule(f.rule), f.bins, nil)
	for zone := range zones {
		counter.Reset(f.bins, nil)
		for _, s := range f.samples {
			if i := slices.IndexFunc(s.meters, func(m meterCount) bool { return m.zone == zone }); i >= 0 {
				counter.Add(s.at, float64(s.meters[i].value)/1e6)
			}
		}
		tally, _ := counter.Finish()
		if err := f.b.Meter(subject, tally); err != nil {
			return err
		}
	}
	return nil
}

// parts feeds the counters of all parts that have changed around the slots.
func (f *feed) parts(host account.Subject) error {
	var changed []*part
	seen := map[*part]bool{}
	for _, s := range f.samples {
		for _, c := range s.parts {
			if !seen[c.part] {
				seen[c.part] = true
				changed = append(changed, c.part)
			}
		}
	}
	slices.SortFunc(changed, func(a, b *part) int {
		return cmp.Or(a.labels.Compare(b.labels), cmp.Compare(a.since, b.since))
	})
	values := f.values(changed)
	counter := energy.NewCounter(f.rule, f.bins, nil)
	for i, p := range changed {
		boots := f.boots
		if p.since != 0 || !f.first {
			boots = nil
		}
		counter.Reset(f.bins, boots)
		for j, s := range f.samples {
			if s.at >= p.since {
				counter.Add(s.at, float64(values[i][j])/1e6)
			}
		}
		tally, _ := counter.Finish()
		subject := account.Subject{Kind: account.SubjectPart, Host: host.Host, Labels: p.labels}
		if err := f.b.Processor(subject, source.Busy, tally); err != nil {
			return err
		}
	}
	return nil
}

// values returns the value of each part at each sample.
func (f *feed) values(parts []*part) [][]int64 {
	number := make(map[*part]int, len(parts))
	out := make([][]int64, len(parts))
	now := make([]int64, len(parts))
	for i, p := range parts {
		number[p] = i
		out[i] = make([]int64, len(f.samples))
		now[i] = f.base[p]
	}
	for j, s := range f.samples {
		if j > 0 { // the base is that of the first
			for _, c := range s.parts {
				now[number[c.part]] = c.value
			}
		}
		for i := range parts {
			out[i][j] = now[i]
		}
	}
	return out
}

// dropUnused takes the parts out of a batch that used nothing. Which parts are fed
// depends on the span that was asked for; which remain does not.
func dropUnused(b *account.Batch) {
	used := make([]bool, len(b.Subjects))
	for _, f := range b.Facts {
		used[f.Subject] = used[f.Subject] || f.Busy > 0 || b.Subjects[f.Subject].Kind != account.SubjectPart
	}
	number := make([]int, len(b.Subjects))
	subjects := b.Subjects[:0:0]
	for i, s := range b.Subjects {
		number[i] = len(subjects)
		if used[i] {
			subjects = append(subjects, s)
		}
	}
	facts := b.Facts[:0]
	for _, f := range b.Facts {
		if used[f.Subject] {
			f.Subject = number[f.Subject]
			facts = append(facts, f)
		}
	}
	b.Subjects, b.Facts = subjects, facts
}
