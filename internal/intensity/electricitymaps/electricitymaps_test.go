package electricitymaps_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/intensity"
	"github.com/dendro-carbon/dendro/internal/intensity/electricitymaps"
	"github.com/dendro-carbon/dendro/internal/intensity/intensitytest"
	"github.com/dendro-carbon/dendro/internal/testenv/emapstest"
)

func open(t *testing.T, s *emapstest.Server, change func(*electricitymaps.Config)) *electricitymaps.Source {
	t.Helper()
	c := electricitymaps.Defaults()
	c.URL, c.Token, c.RetryFor = s.URL, emapstest.Token, time.Second
	c.Zones = map[string]string{"EU-Central-1": "DE"}
	if change != nil {
		change(&c)
	}
	out, err := electricitymaps.New(c, &http.Client{})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// hours returns a span of hours from the present one on.
func hours(from, to int) account.Span {
	now := time.Now().UTC().Truncate(time.Hour)
	return account.NewSpan(now.Add(time.Duration(from)*time.Hour), now.Add(time.Duration(to)*time.Hour))
}

func TestConformance(t *testing.T) {
	for name, c := range map[string]struct {
		quirks emapstest.Quirks
		span   account.Span
		change func(*electricitymaps.Config)
	}{
		"v3":         {emapstest.Quirks{}, hours(-30, 20), nil},
		"v4, newer":  {emapstest.Quirks{Newer: true, EndExclusive: true}, hours(-30, 20), func(c *electricitymaps.Config) { c.URL = strings.Replace(c.URL, "v3", "v4", 1) }},
		"doubled":    {emapstest.Quirks{Doubled: true}, hours(-600, -2), nil},
		"direct":     {emapstest.Quirks{}, hours(-30, 2), func(c *electricitymaps.Config) { c.Factors = electricitymaps.Direct }},
		"5 minutes":  {emapstest.Quirks{Newer: true}, hours(-30, 2), func(c *electricitymaps.Config) { c.Granularity = electricitymaps.FiveMin }},
		"no history": {emapstest.Quirks{}, hours(-30, 2), func(c *electricitymaps.Config) { c.History = false }},
	} {
		t.Run(name, func(t *testing.T) {
			broken := open(t, &emapstest.Server{URL: "http://127.0.0.1:1/v3"}, func(c *electricitymaps.Config) { c.RetryFor = 0 })
			intensitytest.Run(t, intensitytest.Harness{
				Source: open(t, emapstest.Start(t, c.quirks), c.change), Region: "eu-central-1", Unknown: "eu-west-9", Span: c.span,
				Nothing: hours(100, 200), Broken: broken,
			})
		})
	}
}

// What is told of the past is actual or estimated, of the hour that goes on never
// actual, and of the future a forecast.
func TestKinds(t *testing.T) {
	lost := time.Now().UTC().Truncate(time.Hour).Add(-3 * time.Hour)
	s := emapstest.Start(t, emapstest.Quirks{Null: map[time.Time]bool{lost: true}})
	source := open(t, s, nil)
	span := hours(-480, 5)
	got, err := source.Fetch(t.Context(), "DE", span)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	hour := 0
	for _, v := range got {
		at := v.Span.From
		want, kind, version := emapstest.Intensity(at, false), account.IntensityActual, ""
		switch {
		case v.Kind == account.IntensityForecast:
			want, kind = want+1, v.Kind
			if v.Span.To.Before(now) {
				t.Errorf("%v: a forecast of the past", v.Span)
			}
		case emapstest.Estimated(at, now) || v.Span.To.After(now):
			kind, version = account.IntensityEstimate, "TIME_SLICER_AVERAGE"
		}
		if v.Kind != account.IntensityForecast {
			hour++
		}
		if v.Value.GramsPerKWh() != float64(want) || v.Kind != kind || v.Version != version || at.Equal(lost) {
			t.Errorf("%+v; want %d, %v, %q", v, want, kind, version)
		}
	}
	if hour != 480 { // up to the hour that goes on, less the one that is null
		t.Errorf("%d hours", hour)
	}
	for _, r := range s.Requests() {
		if !strings.Contains(r, "zone=DE") {
			t.Errorf("request %s names no zone", r)
		}
	}
}

func TestDirectIsAnotherAccounting(t *testing.T) {
	s := emapstest.Start(t, emapstest.Quirks{})
	direct := open(t, s, func(c *electricitymaps.Config) { c.Factors, c.Name = electricitymaps.Direct, "direct" })
	got, err := direct.Fetch(t.Context(), "DE", hours(-2, -1))
	if err != nil || len(got) != 1 || got[0].Value.GramsPerKWh() != float64(emapstest.Intensity(got[0].Span.From, true)) {
		t.Errorf("%+v, %v", got, err)
	}
	if err := intensity.CheckChain([]intensity.Info{direct.Info(), open(t, s, nil).Info()}); !errors.Is(err, intensity.ErrChain) {
		t.Errorf("%v, want ErrChain", err)
	}
}

func TestFaults(t *testing.T) {
	for name, c := range map[string]struct {
		quirks emapstest.Quirks
		say    string
		change func(*electricitymaps.Config)
		want   error
		says   string
	}{
		"unknown zone":   {change: func(c *electricitymaps.Config) { c.Zones["x"] = "ZZ" }, want: intensity.ErrRegion, says: "does not exist"},
		"wrong token":    {change: func(c *electricitymaps.Config) { c.Token = "s3cret" }, want: intensity.ErrUnavailable, says: "does the plan"},
		"free plan":      {quirks: emapstest.Quirks{Free: true}, want: intensity.ErrUnavailable, says: "does the plan"},
		"another zone":   {quirks: emapstest.Quirks{WrongZone: true}, want: intensity.ErrReply, says: `the reply is of "FR"`},
		"no JSON":        {say: "<html>", want: intensity.ErrReply, says: "<html>"},
		"error with 200": {say: `{"error":"no"}`, want: intensity.ErrReply, says: "no"},
		"negative":       {say: `{"zone":"DE","carbonIntensity":-1,"datetime":"2026-01-01T00:00:00Z"}`, want: intensity.ErrReply, says: "-1"},
		"huge":           {say: `{"zone":"DE","carbonIntensity":1e300,"datetime":"2026-01-01T00:00:00Z"}`, want: intensity.ErrReply, says: "2026"},
		"half an hour":   {say: `{"zone":"DE","carbonIntensity":1,"datetime":"2026-01-01T00:30:00Z"}`, want: intensity.ErrReply, says: "not the begin"},
		"direct":         {say: `{"zone":"DE","carbonIntensity":1,"datetime":"2026-01-01T00:00:00Z","emissionFactorType":"direct"}`, want: intensity.ErrReply, says: "lifecycle were asked for"},
		"daily":          {say: `{"zone":"DE","data":[],"carbonIntensity":1,"datetime":"2026-01-01T00:00:00Z","temporalGranularity":"daily"}`, want: intensity.ErrReply, says: "hourly was asked for"},
		"row of another": {say: `{"zone":"DE","data":[{"zone":"FR","carbonIntensity":1,"datetime":"2026-01-01T00:00:00Z"}]}`, want: intensity.ErrReply, says: "FR"},
		"too long":       {say: `"` + strings.Repeat("x", 5000) + `"`, change: func(c *electricitymaps.Config) { c.MaxBytes = 1024 }, want: intensity.ErrReply, says: "longer"},
	} {
		t.Run(name, func(t *testing.T) {
			s := emapstest.Start(t, c.quirks)
			s.Say(c.say)
			region := "DE"
			source := open(t, s, func(config *electricitymaps.Config) {
				if c.change != nil {
					c.change(config)
				}
				if config.Zones["x"] != "" {
					region = "X"
				}
			})
			got, err := source.Fetch(t.Context(), region, hours(-30, 2))
			if !errors.Is(err, c.want) || len(got) > 0 || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%v, %v; want %v, %q", got, err, c.want, c.says)
			}
		})
	}
}

// A rate that is limited is waited for.
func TestRateLimit(t *testing.T) {
	s := emapstest.Start(t, emapstest.Quirks{})
	s.Limit(1)
	got, err := open(t, s, nil).Fetch(t.Context(), "US-CAL-CISO", hours(-3, -2))
	if err != nil || len(got) != 1 || len(s.Requests()) != 2 {
		t.Errorf("%v, %v after %v", got, err, s.Requests())
	}
}

func TestValidate(t *testing.T) {
	for says, change := range map[string]func(*electricitymaps.Config){
		"token: required":   func(c *electricitymaps.Config) { c.Token = "" },
		"name: required":    func(c *electricitymaps.Config) { c.Name = "" },
		"lifecycle or dire": func(c *electricitymaps.Config) { c.Factors = "marginal" },
		"use hourly":        func(c *electricitymaps.Config) { c.Granularity = "daily" },
		`"germany" is no`:   func(c *electricitymaps.Config) { c.Zones = map[string]string{"a": "germany"} },
		"url: ":             func(c *electricitymaps.Config) { c.URL = "x" },
	} {
		c := electricitymaps.Defaults()
		c.Token = "x"
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		change(&c)
		if _, err := electricitymaps.New(c, &http.Client{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}

// FuzzRead feeds replies: there are values of the contract or an error, never a panic.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"zone":"DE","history":[{"zone":"DE","carbonIntensity":216,"datetime":"2026-01-01T19:00:00.000Z","isEstimated":true}]}`))
	f.Add([]byte(`{"zone":"DE","forecast":[{"carbonIntensity":null,"datetime":"2026-01-01T19:00:00Z"}]}`))
	f.Add([]byte(`{"zone":"DE","carbonIntensity":1e400}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := electricitymaps.CheckReply(text); err != nil && !errors.Is(err, intensity.ErrReply) {
			t.Errorf("%v, want ErrReply", err)
		}
	})
}
