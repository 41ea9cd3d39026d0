// Package electricitymaps asks the API of Electricity Maps, versions 3 and 4, for
// the carbon intensity of zones: what it is now, was, and will be.
//
// Its values are consumption-based: they follow electricity over borders. They are
// either life-cycle factors (the default) or those of combustion ("direct"); a source
// gives one of the two, and its accounting keeps them out of one total.
//
// The facts that a reader would get wrong: a zone that is not named is guessed from the
// address of who asks, so the zone of each reply is compared; a value may change for
// days, and begin as a forecast, so one whose time has not ended is never an actual
// here; null means not known.
//
// API: https://portal.electricitymaps.com/docs/api (v3, v4).
package electricitymaps

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/fetch"
	"github.com/dendro-carbon/dendro/internal/intensity"
)

// Factors say what values count.
type Factors string

// What values may count.
const (
	Lifecycle Factors = "lifecycle"
	Direct    Factors = "direct"
)

// Granularity is the length of the times that have a value.
type Granularity string

// The lengths that are asked for.
const (
	Hourly    Granularity = "hourly"
	QuarterHr Granularity = "15_minutes"
	FiveMin   Granularity = "5_minutes"
)

// step returns the length, 0 for another granularity.
func (g Granularity) step() time.Duration {
	switch g {
	case Hourly:
		return time.Hour
	case QuarterHr:
		return 15 * time.Minute
	case FiveMin:
		return 5 * time.Minute
	}
	return 0
}

const (
	// rangeLimit is the longest range that past-range answers: 10 days.
	rangeLimit = 10 * 24 * time.Hour
	// historyFor is how far back history surely reaches; it gives the last 24 hours.
	historyFor = 23 * time.Hour
	// forecastFor is how far ahead a forecast may look.
	forecastFor = 72 * time.Hour
)

// Config says how to reach the API.
type Config struct {
	// Name is the source's name in chains and in the basis of figures.
	Name string
	// URL is the base with the version, and Token the key.
	URL   string
	Token fetch.Secret
	// Factors and Granularity are what is asked for.
	Factors     Factors
	Granularity Granularity
	// Zones are the zones of regions that are not called as their zone, such as those
	// of clouds. Case does not matter in regions.
	Zones map[string]string
	// Forecast and History say whether the plan has these: without History, and before
	// the last day, past-range is asked.
	Forecast, History bool
	// Timeout is the longest time for one attempt, RetryFor how long a request is
	// repeated, as it is when the rate is limited.
	Timeout, RetryFor time.Duration
	// MaxBytes limits the size of one reply.
	MaxBytes int64
}

// Defaults returns the config for the public API, without a token.
func Defaults() Config {
	return Config{
		Name: "electricity-maps", URL: "https://api.electricitymaps.com/v3", Factors: Lifecycle, Granularity: Hourly,
		Forecast: true, History: true, Timeout: 10 * time.Second, RetryFor: time.Minute,
		MaxBytes: 8 << 20, // 10 days by 5 minutes are 1 MB
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
	wrong(c.Token == "", "token: required: it is shown in the portal of Electricity Maps")
	wrong(c.Factors != Lifecycle && c.Factors != Direct, "factors: %q: use lifecycle or direct", c.Factors)
	wrong(c.Granularity.step() == 0, "granularity: %q: use hourly, 15_minutes or 5_minutes", c.Granularity)
	for _, region := range slices.Sorted(maps.Keys(c.Zones)) {
		wrong(region == "" || !isZone(c.Zones[region]), "zones: %q: %q is no zone: they look like DE or US-CAL-CISO", region, c.Zones[region])
	}
	list.Add(c.server().Validate())
	return list.Err()
}

// server returns the config of the client.
func (c Config) server() fetch.Config {
	f := fetch.Config{URL: c.URL, Timeout: c.Timeout, RetryFor: c.RetryFor, MaxBytes: c.MaxBytes}
	if c.Token != "" {
		f.Header = "auth-token: " + c.Token
	}
	return f
}

// isZone reports whether a text looks like a zone: DE, US-CAL-CISO.
func isZone(text string) bool {
	ok, err := regexp.MatchString(`^[A-Z]{2}(-[A-Za-z0-9]{1,12}){0,3}$`, text)
	return ok && err == nil
}

// Source is an [intensity.Source] over the API. It is safe for concurrent use.
type Source struct {
	config Config
	client *fetch.Client
	zones  map[string]string // by region in lower case
	step   time.Duration
}

// New returns a source; proxies, TLS and limits of connections are those of h. No
// request is made before the first Fetch. It returns the error of
// [Config.Validate].
func New(c Config, h *http.Client) (*Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	client, err := fetch.New(c.server(), h)
	if err != nil {
		return nil, err
	}
	s := &Source{config: c, client: client, zones: map[string]string{}, step: c.Granularity.step()}
	for _, region := range slices.Sorted(maps.Keys(c.Zones)) {
		s.zones[strings.ToLower(region)] = c.Zones[region]
	}
	return s, nil
}

// Info implements [intensity.Source].
func (s *Source) Info() intensity.Info {
	scope := "lifecycle"
	if s.config.Factors == Direct {
		scope = "combustion"
	}
	return intensity.Info{
		Name:       s.config.Name,
		Accounting: account.Accounting{Scope: scope, Approach: "location"},
		Revises:    true, Forecasts: s.config.Forecast,
		Licence: "the terms of the plan", Credit: "Electricity Maps, electricitymaps.com",
	}
}

// zone returns the zone of a region.
func (s *Source) zone(region string) (string, bool) {
	if zone, ok := s.zones[strings.ToLower(region)]; ok {
		return zone, true
	}
	return region, isZone(region)
}

// Fetch implements [intensity.Source]. A region is one of the configured ones, or a
// zone.
func (s *Source) Fetch(ctx context.Context, region string, span account.Span) ([]account.Intensity, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	zone, ok := s.zone(region)
	if !ok {
		return nil, intensity.NoRegion(s.config.Name, region, slices.Sorted(maps.Keys(s.config.Zones)))
	}
	if span.IsEmpty() {
		return nil, nil
	}
	now := time.Now()
	got := values{}
	for _, r := range s.requests(span, now) {
		r.query.Set("zone", zone)
		text, err := s.client.Get(ctx, "carbon-intensity/"+r.path, r.query)
		if err == nil {
			err = s.read(text, zone, r.forecast, now, got)
		} else {
			err = judge(err)
		}
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case err != nil:
			return nil, fmt.Errorf("%s: region %q: %w", s.config.Name, region, err)
		}
	}
	return s.values(region, span, got), nil
}

// request is a path with its query.
type request struct {
	path     string
	query    url.Values
	forecast bool
}

// requests returns the requests for a span: ranges of the past, the last day, now, and
// what is ahead.
func (s *Source) requests(span account.Span, now time.Time) []request {
	begin, end := span.From.Truncate(s.step), span.To.Add(s.step-1).Truncate(s.step)
	present := now.UTC().Truncate(s.step)
	var out []request
	add := func(path string, forecast bool, query url.Values) {
		if s.config.Factors != Lifecycle {
			query.Set("emissionFactorType", string(s.config.Factors))
		}
		if s.config.Granularity != Hourly {
			query.Set("temporalGranularity", string(s.config.Granularity))
		}
		out = append(out, request{path, query, forecast})
	}
	past := present // until when past-range is asked
	if s.config.History {
		past = present.Add(-historyFor)
	}
	// Whether the end belongs to a range is not documented, so one step more is asked
	// for; nor whether it may be in the future, of which a range says nothing anyway.
	last := end.Add(s.step)
	if limit := present.Add(s.step); last.After(limit) {
		last = limit
	}
	for from := begin; from.Before(past) && from.Before(end); from = from.Add(rangeLimit - s.step) {
		to := from.Add(rangeLimit)
		if to.After(last) {
			to = last
		}
		add("past-range", false, url.Values{"start": {from.Format(time.RFC3339)}, "end": {to.Format(time.RFC3339)}})
	}
	if s.config.History && end.After(past) && begin.Before(present) {
		add("history", false, url.Values{})
	}
	if end.After(present) && !begin.After(present) {
		add("latest", false, url.Values{})
	}
	if s.config.Forecast && end.After(present.Add(s.step)) && begin.Before(present.Add(forecastFor)) {
		add("forecast", true, url.Values{})
	}
	return out
}

// judge wraps the error of a request with that of the port.
func judge(err error) error {
	var fault *fetch.Error
	if !errors.As(err, &fault) {
		return fmt.Errorf("%w: %w", intensity.ErrUnavailable, err)
	}
	switch fault.Status {
	case http.StatusNotFound:
		return fmt.Errorf("%w: %w", intensity.ErrRegion, err)
	case http.StatusBadRequest:
		return fmt.Errorf("%w: %w", intensity.ErrReply, err)
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("%w: %w; does the plan of the token include the zone, history and forecast?", intensity.ErrUnavailable, err)
	case http.StatusOK:
		if fault.Reached {
			return fmt.Errorf("%w: %w", intensity.ErrReply, err)
		}
	}
	return fmt.Errorf("%w: %w", intensity.ErrUnavailable, err)
}
