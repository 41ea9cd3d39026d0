package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/unit"
)

type intensityInput struct {
	From    string `query:"from" doc:"First date, or instant, of the window"`
	To      string `query:"to" doc:"Last date (inclusive), or end (an instant, exclusive)"`
	Region  string `query:"region" doc:"Keeps one place"`
	KnownAt string `query:"as_known_at" doc:"As it was known then"`
}

type intensityOutput struct {
	Body struct {
		From        time.Time           `json:"from"`
		To          time.Time           `json:"to"`
		Intensities []account.Intensity `json:"intensities"`
	}
}

func (s *Server) intensities() {
	huma.Register(s.api, get("intensity", "intensity", "Carbon intensities that the ledger holds",
		"All revisions, with kind, source, version and when each became known; by default of the last day."), s.intensity)
	huma.Register(s.api, get("forecast", "intensity/forecast", "Forecast, and the best time to run something",
		"The newest forecast and the window of the given length with the lowest mean intensity."), s.forecast)
}

func (s *Server) intensity(ctx context.Context, in *intensityInput) (*intensityOutput, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	now := time.Now()
	span := account.NewSpan(now.Add(-24*time.Hour), now)
	var at time.Time
	var err error
	if in.From != "" || in.To != "" {
		if span, err = s.window(windowInput{in.From, in.To}); err != nil {
			return nil, s.problem(ctx, err)
		}
	}
	if in.KnownAt != "" {
		if at, err = query.Instant(s.Engine.Calendar(), "as_known_at", in.KnownAt); err != nil {
			return nil, s.problem(ctx, err)
		}
	}
	out := &intensityOutput{}
	out.Body.From, out.Body.To, out.Body.Intensities = span.From, span.To, []account.Intensity{}
	for v, err := range s.Store.Intensities(ctx, span, at) {
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		if in.Region == "" || in.Region == v.Region {
			out.Body.Intensities = append(out.Body.Intensities, v)
		}
	}
	return out, nil
}

type forecastInput struct {
	Region string  `query:"region" doc:"The place; by default the configured one"`
	Hours  float64 `query:"hours" default:"1" minimum:"0.5" maximum:"168" doc:"How long something is to run"`
}

type forecastOutput struct {
	Body struct {
		Region      string              `json:"region"`
		Intensities []account.Intensity `json:"intensities"`
		// Best is null when the forecast from now on is shorter than the hours asked for.
		Best *bestWindow `json:"best"`
	}
}

// bestWindow is the time with the lowest mean intensity.
type bestWindow struct {
	From  time.Time      `json:"from"`
	To    time.Time      `json:"to"`
	Value unit.Intensity `json:"gco2e_per_kwh"`
}

func (s *Server) forecast(_ context.Context, in *forecastInput) (*forecastOutput, error) {
	out := &forecastOutput{}
	out.Body.Region = in.Region
	if in.Region == "" {
		out.Body.Region = s.Region
	}
	out.Body.Intensities = s.Driver.Forecast(out.Body.Region)
	if out.Body.Intensities == nil {
		out.Body.Intensities = []account.Intensity{}
	}
	out.Body.Best = best(ahead(out.Body.Intensities, time.Now()), time.Duration(in.Hours*float64(time.Hour)))
	return out, nil
}

// ahead returns what a forecast says of the time from now on, to the minute. The
// average of a year tells no time from another, so it is left out.
func ahead(values []account.Intensity, now time.Time) []account.Intensity {
	now = now.Truncate(time.Minute)
	var out []account.Intensity
	for _, v := range values {
		if v.Kind == account.IntensityAnnual || !v.Span.To.After(now) {
			continue
		}
		if v.Span.From.Before(now) {
			v.Span.From = now
		}
		out = append(out, v)
	}
	return out
}

// best returns the window of a length that begins where a value begins and has
// the lowest mean over time, the earliest of equals; nil if none is covered
// without a gap. Of several values for one span the last counts.
func best(values []account.Intensity, length time.Duration) *bestWindow {
	values = onePerSpan(values)
	var found *bestWindow
	for i := range values {
		mean, ok := meanFrom(values[i:], length)
		if ok && (found == nil || mean < found.Value) {
			from := values[i].Span.From
			found = &bestWindow{From: from, To: from.Add(length), Value: mean}
		}
	}
	return found
}

func onePerSpan(values []account.Intensity) []account.Intensity {
	var out []account.Intensity
	for _, v := range values {
		if n := len(out); n > 0 && out[n-1].Span.From.Equal(v.Span.From) {
			out[n-1] = v
			continue
		}
		out = append(out, v)
	}
	return out
}

// meanFrom returns the mean over a length of time from the first value on.
func meanFrom(values []account.Intensity, length time.Duration) (unit.Intensity, bool) {
	sum, left := 0.0, length
	at := values[0].Span.From
	for _, v := range values {
		if !v.Span.From.Equal(at) {
			return 0, false // a gap
		}
		part := min(left, v.Span.To.Sub(v.Span.From))
		sum += float64(v.Value) * part.Seconds()
		left -= part
		at = v.Span.To
		if left <= 0 {
			return unit.Intensity(sum / length.Seconds()), true
		}
	}
	return 0, false
}
