package source_test

import (
	"context"
	"fmt"
	"iter"
	"math"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/internal/source/sourcetest"
)

// scripted is a source over samples in memory: what any adapter does, without
// the wire.
type scripted struct {
	series []series
	from   time.Time // nothing is kept of before
	down   bool
}

type series struct {
	subject account.Subject
	mode    string
	boots   []time.Time
	samples []sample
}

type sample struct {
	at    time.Time
	value float64
}

func (s *scripted) Info() source.Info { return source.Info{Name: "scripted", Replayable: true} }

func (s *scripted) Read(ctx context.Context, r source.Request) iter.Seq2[source.Reading, error] {
	return func(yield func(source.Reading, error) bool) {
		readings, err := s.read(ctx, r)
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

func (s *scripted) read(ctx context.Context, r source.Request) ([]source.Reading, error) {
	b, err := source.NewBuilder(r, account.Origin{Source: "scripted", Method: "raw samples"})
	switch {
	case err != nil:
		return nil, err
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case s.down:
		return nil, fmt.Errorf("%w: down", source.ErrUnavailable)
	case r.Span.From.Before(s.from):
		return nil, fmt.Errorf("%w: %v", source.ErrGone, r.Span)
	}
	counter := energy.NewCounter(energy.DefaultRule(), b.Bins(""), nil)
	for _, one := range s.series {
		counter.Reset(b.Bins(one.subject.Host), one.boots)
		for _, x := range one.samples {
			counter.Add(x.at.UnixMicro(), x.value)
		}
		tally, faults := counter.Finish()
		b.Faults(fmt.Sprint(one.subject.Host, " ", one.mode), faults)
		if one.mode == "meter" {
			err = b.Meter(one.subject, tally)
		} else if class, ok := source.DefaultModes().Of(one.mode); ok {
			err = b.Processor(one.subject, class, tally)
		}
		if err != nil {
			return nil, err
		}
	}
	return b.Readings()
}

func at(clock string) time.Time {
	t, err := time.Parse(time.RFC3339, "2026-01-28T"+clock+"Z")
	if err != nil {
		panic(err)
	}
	return t
}

// steady is samples every 15 s of a counter that grows by rate a second.
func steady(from, to string, start, rate float64) []sample {
	var out []sample
	for t := at(from); !t.After(at(to)); t = t.Add(15 * time.Second) {
		out = append(out, sample{t, start + float64(rate*t.Sub(at(from)).Seconds())})
	}
	return out
}

func host(t *testing.T, name string) account.Subject {
	t.Helper()
	l, err := account.LabelsOf("machine_name", "Muon", "instance", name+":9100")
	if err != nil {
		t.Fatal(err)
	}
	return account.Subject{Host: name, Labels: l}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	grid, err := account.NewGrid(30 * time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	a, b := host(t, "a"), host(t, "b")
	s := &scripted{from: at("08:00:00"), series: []series{
		{a, "user", nil, steady("08:59:52", "12:10:07", 1000, 0.7)},
		{a, "idle", nil, steady("08:59:52", "12:10:07", 5e6, 7.3)},
		// A processor that was plugged in later, and a meter with a gap.
		{a, "iowait", nil, steady("10:12:03", "12:10:07", 0, 0.1)},
		{a, "meter", nil, append(steady("08:59:52", "09:40:00", 7, 23.7), steady("10:20:00", "12:10:07", 9000, 23.7)...)},
		{b, "idle", []time.Time{at("08:50:00")}, steady("09:05:00", "11:45:00", 3600, 4)},
		{b, "user", nil, []sample{{at("09:10:00"), math.NaN()}, {at("09:11:00"), 5}, {at("11:00:00"), 905}}},
	}}
	sourcetest.Run(t, sourcetest.Harness{
		Source: s, Grid: grid,
		Span:    account.NewSpan(at("09:00:00"), at("12:00:00")),
		Nothing: account.NewSpan(at("20:00:00"), at("21:00:00")),
		Gone:    account.NewSpan(at("07:00:00"), at("08:00:00")),
		Broken:  &scripted{down: true},
	})
}

func TestBuilderFacts(t *testing.T) {
	t.Parallel()
	grid, err := account.NewGrid(30 * time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	s := &scripted{series: []series{
		{host(t, "a"), "user", nil, []sample{{at("09:10:00"), math.Inf(1)}, {at("09:10:15"), 100}, {at("09:50:15"), 2500}}},
		{host(t, "a"), "steal", nil, []sample{{at("09:10:15"), -1}}},
	}}
	readings, err := s.read(t.Context(), source.Request{Span: account.NewSpan(at("09:00:00"), at("10:00:00")), Grid: grid})
	if err != nil {
		t.Fatal(err)
	}
	// One core, busy, seen twice 40 minutes apart: bridged, cut at 09:30.
	want := []account.Fact{
		{To: 1800_000_000, Busy: 1185_000_000, Observed: 1185_000_000, Expected: 1185_000_000, Bridged: 1185_000_000},
		{To: 1800_000_000, Busy: 1215_000_000, Observed: 1215_000_000, Expected: 1215_000_000, Bridged: 1215_000_000},
	}
	for i, r := range readings {
		if len(r.Facts.Facts) != 1 || r.Facts.Facts[0] != want[i] {
			t.Errorf("slot %d: %+v, want %+v", i, r.Facts.Facts, want[i])
		}
		if len(r.Warnings) != 2 || r.Warnings[0].Code != "negative" || r.Warnings[1].Code != "not-finite" {
			t.Errorf("warnings %+v", r.Warnings)
		}
	}
}
