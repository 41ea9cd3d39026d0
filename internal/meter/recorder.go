package meter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/window"
)

// Config says how sources are read.
type Config struct {
	// Hold is how long spans need to come: the readings of a window end so long before
	// it does.
	Hold time.Duration
	// Timeout is the longest time for one reading of a source.
	Timeout time.Duration
	// Before is how far back a source is read at first, of such that keep samples.
	Before time.Duration
	// Journal is the file that keeps what was measured and not given yet, and where
	// counters stood; "" for none. Its folder is created.
	Journal string
}

// Defaults returns the config that fits exporters of spans, which send every 5 s.
func Defaults() Config {
	return Config{Hold: 5 * time.Second, Timeout: 5 * time.Second, Before: 5 * time.Minute}
}

// Validate returns all that is wrong with the config, as a [diag.List].
func (c Config) Validate() error {
	var list diag.List
	if c.Hold < 0 || c.Hold > time.Hour {
		list = append(list, diag.New("hold", "%v: from 0s to 1h", c.Hold))
	}
	if c.Timeout <= 0 {
		list = append(list, diag.New("timeout", "%v is not a time to wait", c.Timeout))
	}
	if c.Before < 0 {
		list = append(list, diag.New("before", "%v is negative", c.Before))
	}
	return list.Err()
}

// Limits on what is kept of a source: beyond maxSeries no new series is taken, and one
// without samples for maxBridge is forgotten. A sample may be skew ahead of the clock.
const (
	maxSeries = 1 << 16
	skew      = time.Minute
	// maxBefore is how far back a source is read at most.
	maxBefore = time.Hour
	// missed is how many samples may be missing before nothing is known.
	missed = 3
)

// Recorder reads sources as time goes, and gives the energy of each service once, for
// the windows in which its operations are. Its methods may be called from several
// goroutines; windows are asked for in the order of time.
type Recorder struct {
	config  Config
	log     *slog.Logger
	sources []*reader

	mu      sync.Mutex
	groups  []*group
	journal journal
	taken   writtenTake
}

// reader is a source and what was read of it.
type reader struct {
	Source
	info    Info
	targets []*group

	reading sync.Mutex // held while the source is read
	series  map[seriesKey]*series

	status  Status // guarded by Recorder.mu
	asked   time.Time
	refused bool // the last answer was none of a meter
}

type seriesKey struct {
	target int
	series string
}

// Status is how it stands with a source.
type Status struct {
	Name   string
	Energy window.Energy
	// Good is the time of the newest sample; zero if there was none yet.
	Good time.Time
	// Reads and Failed count readings, and those with an error.
	Reads, Failed uint64
	// Refused counts samples that no meter can have meant.
	Refused uint64
	// Joules is the energy that was measured.
	Joules float64
	// Trouble is what was wrong with the last reading, or "".
	Trouble string
	// Notes are those of its [Info].
	Notes []string
}

// NewRecorder returns a recorder of sources, or what is wrong with them.
func NewRecorder(c Config, sources []Source, log *slog.Logger) (*Recorder, error) {
	var list diag.List
	list.Add(c.Validate())
	infos := make([]Info, len(sources))
	for i, s := range sources {
		infos[i] = s.Info()
		if err := infos[i].Validate(); err != nil {
			list.Add(fmt.Errorf("meter %q: %w", infos[i].Name, err))
		}
		if slices.ContainsFunc(infos[:i], func(other Info) bool { return other.Name == infos[i].Name }) {
			list = append(list, diag.New("", "meter %q: there are two of this name: give each its own", infos[i].Name))
		}
	}
	if err := list.Err(); err != nil {
		return nil, err
	}
	all, of := groups(infos)
	r := &Recorder{config: c, log: log, groups: all}
	for i, s := range sources {
		r.sources = append(r.sources, &reader{
			Source: s, info: infos[i], targets: of[i], series: map[seriesKey]*series{},
			status: Status{Name: infos[i].Name, Energy: infos[i].Energy, Notes: infos[i].Notes},
		})
	}
	r.journal.path = c.Journal
	return r, r.restore()
}

// Services returns the names of the services that have meters, folded and sorted.
func (r *Recorder) Services() []string {
	var out []string
	for _, g := range r.groups {
		out = append(out, g.services...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Status returns how it stands with each source.
func (r *Recorder) Status() []Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []Status
	for _, s := range r.sources {
		out = append(out, s.status)
	}
	return out
}

// Run reads the sources until the context ends.
func (r *Recorder) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, s := range r.sources {
		wg.Go(func() {
			ticks := time.NewTicker(s.info.Every)
			defer ticks.Stop()
			for {
				r.read(ctx, s, 0)
				select {
				case <-ticks.C:
				case <-ctx.Done():
					return
				}
			}
		})
	}
	wg.Wait()
}

// Readings returns what was measured for a window, whose begin and end are given in
// nanoseconds since the Unix epoch: what was measured since the window before. Sources
// that were not read lately are read now. A source that fails leaves its services
// to the model; [Recorder.Status] tells.
func (r *Recorder) Readings(ctx context.Context, from, to int64) ([]window.Reading, error) {
	var wg sync.WaitGroup
	for _, s := range r.sources {
		if r.knows(s) < to-int64(r.config.Hold) {
			wg.Go(func() { r.read(ctx, s, min(s.info.Every, max(r.config.Hold, time.Second))) })
		}
	}
	wg.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []window.Reading
	r.taken = writtenTake{From: from}
	for _, g := range r.groups {
		before := *g
		readings, given := g.take(from, to, r.config.Hold, missed*time.Duration(g.every))
		if len(given) > 0 {
			r.taken.Groups = append(r.taken.Groups, writeGroup(&before, given))
		}
		out = append(out, readings...)
	}
	r.rewrite()
	return out, ctx.Err()
}

// knows returns until when a source was read.
func (r *Recorder) knows(s *reader) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return s.status.Good.UnixNano()
}

// read reads a source, unless that was done a short time ago.
func (r *Recorder) read(ctx context.Context, s *reader, ago time.Duration) {
	s.reading.Lock()
	defer s.reading.Unlock()
	now := time.Now()
	if ctx.Err() != nil || now.Sub(s.asked) < ago {
		return
	}
	s.asked = now
	after := s.status.Good.Add(-missed * s.info.Every) // some series lag behind others
	if s.status.Good.IsZero() || s.refused {
		after = now.Add(-r.config.Before)
	}
	if most := now.Add(-maxBefore); after.Before(most) {
		after = most // of counters the difference is known all the same
	}
	limited, cancel := context.WithTimeoutCause(ctx, r.config.Timeout, fmt.Errorf("no answer within %v", r.config.Timeout))
	defer cancel()
	samples, err := s.Read(limited, after)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return // it is not the source that failed
	}
	s.refused = errors.Is(err, ErrReply) // it may have been too much at once
	r.enter(s, samples, err)
}

// enter takes what was read.
func (r *Recorder) enter(s *reader, samples []Sample, err error) {
	slices.SortStableFunc(samples, func(a, b Sample) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Target, b.Target), cmp.Compare(a.Series, b.Series))
	})
	newest := time.Now().Add(skew)
	r.mu.Lock()
	defer r.mu.Unlock()
	var entered []writtenSeries
	for _, sample := range samples {
		switch {
		case sample.At.After(newest) || !s.take(sample):
			s.status.Refused++
		case r.journal.path != "":
			key := seriesKey{sample.Target, sample.Series}
			if last := s.series[key]; last.at == sample.At.UnixNano() { // else it was known
				entered = append(entered, s.seriesOf(key, last))
			}
		}
	}
	r.extend(entered)
	s.forget(newest.Add(-maxBridge))
	s.status.Reads++
	trouble := ""
	if err != nil {
		s.status.Failed++
		trouble = err.Error()
	}
	if before := s.status.Trouble; trouble != "" && before == "" {
		r.log.Warn("meter not read", "meter", s.info.Name, "error", trouble)
	} else if trouble == "" && before != "" {
		r.log.Info("meter read again", "meter", s.info.Name)
	}
	s.status.Trouble = trouble
}

// take enters a sample, and reports whether it can be what a meter shows. One that is
// not newer than the last of its series says nothing new.
func (s *reader) take(sample Sample) bool {
	if sample.Target < 0 || sample.Target >= len(s.targets) || !usable(sample.Kind, sample.Value) || sample.At.Unix() <= 0 {
		return false
	}
	key := seriesKey{sample.Target, sample.Series}
	now := series{at: sample.At.UnixNano(), value: sample.Value, kind: sample.Kind}
	last := s.series[key]
	switch {
	case last == nil && len(s.series) >= maxSeries:
		return false
	case last == nil:
		s.series[key] = &now
	case now.at > last.at:
		if p, ok := last.next(now, missed*s.info.Every); ok {
			s.targets[sample.Target].add(p)
			s.status.Joules += p.joules
		}
	}
	if sample.At.After(s.status.Good) {
		s.status.Good = sample.At
	}
	return true
}

// forget drops series that had no sample since a time.
func (s *reader) forget(since time.Time) {
	for key, last := range s.series {
		if last.at < since.UnixNano() {
			delete(s.series, key)
		}
	}
}
