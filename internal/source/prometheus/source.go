// Package prometheus observes hosts through a Prometheus, or whatever speaks its
// HTTP API: processor time by mode, boot times, energy meters.
//
// In exact mode it reads raw samples and leaves the arithmetic to
// [source.Builder], so that facts do not depend on how they were read: by remote
// read or range selectors, slot by slot or a day at once, in few replies or many.
// DESIGN.md beside this file tells how samples far from a slot are found without
// reading all that lies between.
package prometheus

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync/atomic"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/prom"
	"github.com/dendro-carbon/dendro/internal/source"
)

// Source is a [source.Source] over one server. It is safe for concurrent use.
type Source struct {
	config Config
	client *prom.Client
	log    *slog.Logger
	// ranged is set once the server has shown that it does not offer remote
	// read, streamed once it has shown that it does.
	ranged, streamed atomic.Bool
}

// New returns a source. The HTTP client brings TLS, proxies and limits of
// connections; no request is made before the first Read. It returns the error of
// [Config.Validate].
func New(c Config, h *http.Client, log *slog.Logger) (*Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	client, err := prom.New(c.Server, h)
	if err != nil {
		return nil, err
	}
	s := &Source{config: c, client: client, log: log.With("source", c.Name)}
	s.ranged.Store(c.Transport == RangeSelector)
	return s, nil
}

// Info implements [source.Source].
func (s *Source) Info() source.Info { return source.Info{Name: s.config.Name, Replayable: true} }

// Read implements [source.Source]. It reads SpanPerRead of slots at a time, and
// less when the server calls that too much.
func (s *Source) Read(ctx context.Context, r source.Request) iter.Seq2[source.Reading, error] {
	return func(yield func(source.Reading, error) bool) {
		if err := r.Validate(); err != nil {
			yield(source.Reading{}, err)
			return
		}
		length := r.Span.Duration()
		for from := r.Span.From; from.Before(r.Span.To); {
			length = min(length, max(s.config.SpanPerRead.Truncate(r.Grid.Step()), r.Grid.Step()), r.Span.To.Sub(from))
			part := r
			part.Span = account.NewSpan(from, from.Add(length))
			readings, err := s.readings(ctx, part)
			if kind, _ := prom.KindOf(err); err != nil && kind == prom.TooMuch && length > r.Grid.Step() {
				length = max(r.Grid.Step(), (length / 2).Truncate(r.Grid.Step()))
				s.log.Info("server calls a read too much; reading less at once", "span", length)
				continue
			}
			if err != nil {
				yield(source.Reading{}, err)
				return
			}
			for _, one := range readings {
				if !yield(one, nil) {
					return
				}
			}
			from = part.Span.To
		}
	}
}

// readings reads the slots of one request at once.
func (s *Source) readings(ctx context.Context, r source.Request) ([]source.Reading, error) {
	limited, cancel := context.WithTimeoutCause(ctx, s.config.Deadline,
		fmt.Errorf("%w: not done after %v", context.DeadlineExceeded, s.config.Deadline))
	defer cancel()
	b, err := s.build(limited, r)
	if err != nil {
		return nil, s.explain(ctx, r.Span, err)
	}
	readings, err := b.Readings()
	if err != nil {
		return nil, s.explain(ctx, r.Span, err)
	}
	for _, one := range readings {
		if len(one.Facts.Facts) > 0 {
			return readings, nil
		}
	}
	if err := s.nothing(limited, r.Span); err != nil {
		return nil, s.explain(ctx, r.Span, err)
	}
	return readings, nil
}

// explain puts an error of the client into the words of the port.
func (s *Source) explain(ctx context.Context, span account.Span, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	sentinel := source.ErrUnavailable
	switch kind, ours := prom.KindOf(err); {
	case errors.Is(err, source.ErrGone) || errors.Is(err, source.ErrRequest) || errors.Is(err, source.ErrReply):
		return fmt.Errorf("%s: slots %v: %w", s.config.Name, span, err)
	case ours && kind == prom.Invalid:
		sentinel = source.ErrReply
	}
	return fmt.Errorf("%w: %s: slots %v: %w", sentinel, s.config.Name, span, err)
}

// build reads everything into a builder.
func (s *Source) build(ctx context.Context, r source.Request) (*source.Builder, error) {
	b, err := source.NewBuilder(r, account.Origin{
		Source: s.config.Name, Method: s.config.method(), Extrapolated: s.config.Mode == Fast,
	})
	if err != nil {
		return nil, err
	}
	w := s.windows(r.Span)
	hosts, err := s.client.LabelValues(ctx, s.config.HostLabel, s.config.selector(), w.horizon)
	if err != nil {
		return nil, err
	}
	external, err := s.transport(ctx, hosts, w)
	if err != nil {
		return nil, err
	}
	j := &job{Source: s, request: r, windows: w, external: external, builder: b, owners: map[string][]owner{}}
	if s.config.Mode == Fast {
		err = j.fast(ctx, hosts)
	} else {
		err = j.processors(ctx, append(hosts, "")) // the last for series without the label, which get a warning
	}
	if err != nil {
		return nil, err
	}
	if err := j.meters(ctx); err != nil {
		return nil, err
	}
	j.warn()
	return b, nil
}

// job is one request while it is read.
type job struct {
	*Source
	request  source.Request
	windows  windows
	external map[string]string
	builder  *source.Builder
	// owners are the subjects of a host's key, to which its meters belong.
	owners map[string][]owner
	passes []*pass
}

// owner is a subject and when it was seen.
type owner struct {
	subject account.Subject
	covered energy.Stretches
}

// warn passes on the warnings of all passes.
func (j *job) warn() {
	for _, p := range j.passes {
		for _, key := range slices.Sorted(maps.Keys(p.warnings)) {
			j.builder.Warn(p.warnings[key])
		}
	}
}

// transport finds out, once, whether the server offers remote read, and returns
// the labels that it adds there.
func (s *Source) transport(ctx context.Context, hosts []string, w windows) (map[string]string, error) {
	if s.ranged.Load() || len(hosts) == 0 {
		return nil, nil
	}
	if !s.streamed.Load() {
		sel := s.config.selector().And(prom.AnyOf(s.config.HostLabel, hosts[:1]))
		err := s.client.Retry(ctx, func(ctx context.Context) error {
			return s.client.RemoteRead(ctx, sel, w.near, nil, func(*prom.Series) error { return nil })
		})
		if kind, ours := prom.KindOf(err); ours && s.config.Transport == Auto && (kind == prom.Unsupported || kind == prom.Refused) {
			s.ranged.Store(true)
			s.log.Info("remote read is not offered; reading with range selectors", "reason", err)
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		s.streamed.Store(true)
	}
	return s.client.ExternalLabels(ctx)
}

// windows are the times to read for a span, in milliseconds.
type windows struct {
	from, to int64       // the slots
	near     prom.Window // read of all hosts
	horizon  prom.Window // beyond it nothing matters
}

func (s *Source) windows(span account.Span) windows {
	around, horizon := s.config.Around, s.config.horizon()
	return windows{
		from: span.From.UnixMilli(), to: span.To.UnixMilli(),
		near:    prom.WindowOf(span.From.Add(-around), span.To.Add(around)),
		horizon: prom.WindowOf(span.From.Add(-horizon), span.To.Add(horizon)),
	}
}

// nothing tells a source that saw nothing from one that keeps nothing of the
// time any more, or not yet: that one has no older samples either.
func (s *Source) nothing(ctx context.Context, span account.Span) error {
	before := prom.Window{From: 0, To: span.To.UnixMilli()}
	hosts, err := s.client.LabelValues(ctx, s.config.HostLabel, s.config.selector(), before)
	if err != nil || len(hosts) > 0 {
		return err
	}
	return fmt.Errorf("%w: no series %s then or before; check metric, matchers and the server's retention",
		source.ErrGone, s.config.selector())
}
