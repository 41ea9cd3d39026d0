// Package ukgrid asks the Carbon Intensity API of Great Britain for forecasts and
// estimated actuals, for the nation or for a region, by the half-hour.
//
// Its values count the CO2 of power stations while they run and of imports, with
// losses of the grid, and nothing upstream: wind, sun and nuclear power are 0. So
// they are never mixed with life-cycle factors. Northern Ireland is another grid,
// and regions have forecasts alone, so figures of a region stay estimates.
//
// The facts that a reader would get wrong: a range of the API also gives the
// half-hour that ends where it begins, and by some reports leaves out the last
// one, so ranges are asked for with a half-hour to spare and cut here; and half-hours
// have been given twice with different values, of which the higher counts here.
//
// API: https://carbon-intensity.github.io/api-definitions/ (2024-10-01).
package ukgrid

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/intensity"
)

const (
	halfHour = 30 * time.Minute
	// rangeLimit is the longest range that the API answers: 14 days.
	rangeLimit = 14 * 24 * time.Hour
	// forecastFor is how far ahead fw48h looks.
	forecastFor = 48 * time.Hour
)

// Config says how to reach the API.
type Config struct {
	// Name is the source's name in chains and in the basis of figures.
	Name string
	// URL is the base of the API.
	URL string
	// Timeout is the longest time for one attempt, RetryFor how long a request
	// is repeated, and Deadline the longest time for all requests of one
	// Fetch.
	Timeout, RetryFor, Deadline time.Duration
	// MaxBytes limits the size of one reply.
	MaxBytes int64
}

// Defaults returns the config for the public API, which needs no key.
func Defaults() Config {
	return Config{
		Name: "ukgrid", URL: "https://api.carbonintensity.org.uk",
		Timeout: 20 * time.Second, RetryFor: 90 * time.Second, Deadline: 10 * time.Minute,
		MaxBytes: 8 << 20, // 14 days of a region with its mix of fuels are 0.6 MB
	}
}

// Validate returns all that is wrong with the config, as a [diag.List].
func (c Config) Validate() error {
	var list diag.List
	wrong := func(bad bool, format string, args ...any) {
		if bad {
			list = append(list, diag.New("", format, args...))
		}
	}
	wrong(c.Name == "", "name: required")
	if _, err := c.base(); err != nil {
		wrong(true, "url: %v", err)
	}
	wrong(c.Timeout <= 0, "timeout: %v is not a time to wait", c.Timeout)
	wrong(c.RetryFor < 0, "retry_for: %v is negative", c.RetryFor)
	wrong(c.Deadline <= 0, "deadline: %v is not a time to wait", c.Deadline)
	wrong(c.MaxBytes < 1024, "max_bytes: %d: at least 1024", c.MaxBytes)
	return list.Err()
}

func (c Config) base() (*url.URL, error) {
	u, err := url.Parse(c.URL)
	switch {
	case err != nil:
		return nil, errors.Unwrap(err)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("%q does not begin with http:// or https://", c.URL)
	case u.Host == "" || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("%q has no host, or a query or fragment", c.URL)
	}
	return u, nil
}

// Source is an [intensity.Source] over the API. It is safe for concurrent use.
type Source struct {
	config Config
	client client
	log    *slog.Logger
}

// New returns a source; proxies, TLS and limits of connections are those of h. No
// request is made before the first Fetch. It returns the error of
// [Config.Validate].
func New(c Config, h *http.Client, log *slog.Logger) (*Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	base, err := c.base()
	if err != nil {
		return nil, err
	}
	return &Source{config: c, client: client{config: c, base: base, http: h}, log: log.With("source", c.Name)}, nil
}

// Info implements [intensity.Source].
func (s *Source) Info() intensity.Info {
	return intensity.Info{
		Name:       s.config.Name,
		Accounting: account.Accounting{Scope: "combustion", Approach: "location"},
		Revises:    true, Forecasts: true,
		Licence: "CC BY 4.0",
		Credit:  "National Energy System Operator (NESO), Carbon Intensity API, carbonintensity.org.uk",
	}
}

// Fetch implements [intensity.Source]. The regions are GB; GB-1 to GB-17, or their
// names, such as GB-South England; GB-ENG, GB-SCT and GB-WLS; and the first half of a
// postcode, such as GB-OX11. The future is asked for up to 48 hours ahead.
func (s *Source) Fetch(ctx context.Context, region string, span account.Span) ([]account.Intensity, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p, ok := parsePlace(region)
	if !ok {
		return nil, intensity.NoRegion(s.config.Name, region, Regions())
	}
	if span.IsEmpty() {
		return nil, nil
	}
	limited, cancel := context.WithTimeoutCause(ctx, s.config.Deadline,
		fmt.Errorf("not done after %v: %w", s.config.Deadline, context.DeadlineExceeded))
	defer cancel()
	got := series{}
	for _, r := range requests(p, span, time.Now()) {
		part, err := s.client.fetch(limited, p, r)
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case err != nil:
			return nil, fmt.Errorf("%s: region %q: %w", s.config.Name, region, err)
		}
		maps.Copy(got, part) // the spans of requests do not overlap
	}
	if n := got.conflicts(); n > 0 {
		s.log.Warn("half-hours came twice with different values; the higher counts", "region", region, "span", span, "count", n)
	}
	return s.values(region, span, got), nil
}

// requests returns the requests for a span: ranges up to the half-hour that goes
// on, and the forecast from there. The forecast is always asked for from now, so that
// what is known of a half-hour does not depend on the span.
func requests(p place, span account.Span, now time.Time) []request {
	begin, end, present := down(span.From), up(span.To), down(now)
	past := end
	if limit := present.Add(halfHour); past.After(limit) {
		past = limit
	}
	var out []request
	for from := begin; from.Before(past); {
		to := from.Add(rangeLimit - 2*halfHour) // one to spare at the end, and one below the limit
		if to.After(past) {
			to = past
		}
		out = append(out, request{p.rangePath(from, to.Add(halfHour)), account.NewSpan(from, to)})
		from = to
	}
	ahead := account.NewSpan(present.Add(halfHour), present.Add(forecastFor)).Overlap(account.NewSpan(begin, end))
	if !ahead.IsEmpty() {
		out = append(out, request{p.forecastPath(present), ahead})
	}
	return out
}

// values returns what was read of a span in canonical order.
func (s *Source) values(region string, span account.Span, got series) []account.Intensity {
	info := s.Info()
	var out []account.Intensity
	for _, at := range slices.Sorted(maps.Keys(got)) {
		from := account.Instant(time.Unix(at, 0))
		one := account.Intensity{
			Region: region, Span: account.NewSpan(from, from.Add(halfHour)), Accounting: info.Accounting, Source: info.Name,
		}
		if one.Span.Overlap(span).IsEmpty() {
			continue
		}
		for _, known := range []struct {
			kind account.IntensityKind
			reading
		}{{account.IntensityActual, got[at].actual}, {account.IntensityForecast, got[at].forecast}} {
			if known.ok {
				one.Kind, one.Value = known.kind, known.value
				out = append(out, one)
			}
		}
	}
	return out
}

// down returns the last half-hour at or before t, and up the first at or after it.
func down(t time.Time) time.Time { return account.Instant(t).Truncate(halfHour) }
func up(t time.Time) time.Time   { return down(t.Add(halfHour - 1)) }
