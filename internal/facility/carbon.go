package facility

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/unit"
)

// minutes is how the original writes the times of intensities.
const minutes = "2006-01-02T15:04Z"

// index returns the word for an intensity in g/kWh, by the bands of the original's
// documents, which are not those that the UK's grid uses (they change every year).
func index(grams float64) string {
	switch {
	case grams < 50:
		return "very low"
	case grams < 100:
		return "low"
	case grams < 200:
		return "moderate"
	case grams <= 300:
		return "high"
	}
	return "very high"
}

// upcoming returns the forecast, one value for each span: of several the last counts.
func (s *Server) upcoming() []account.Intensity {
	var out []account.Intensity
	for _, v := range s.Driver.Forecast(s.Settings.Region) {
		if n := len(out); n > 0 && out[n-1].Span.From.Equal(v.Span.From) {
			out[n-1] = v
			continue
		}
		out = append(out, v)
	}
	return out
}

// recent is how old an intensity may be to be the current one.
const recent = 24 * time.Hour

// current returns the newest intensity whose time has begun, nil if none is known.
func (s *Server) current(ctx context.Context) (*account.Intensity, error) {
	now := account.Instant(s.now())
	var found *account.Intensity
	take := func(v account.Intensity) {
		if v.Region != s.Settings.Region || v.Span.From.After(now) {
			return
		}
		if found == nil || better(v, *found) {
			found = &v
		}
	}
	for _, v := range s.upcoming() {
		take(v)
	}
	for v, err := range s.Store.Intensities(ctx, account.NewSpan(now.Add(-recent), now.Add(time.Microsecond)), time.Time{}) {
		if err != nil {
			return nil, err
		}
		take(v)
	}
	return found, nil
}

// better reports whether a value goes before another: a later time, then a better kind,
// then what was learnt later.
func better(v, than account.Intensity) bool {
	if !v.Span.From.Equal(than.Span.From) {
		return v.Span.From.After(than.Span.From)
	}
	if v.Kind != than.Kind {
		return v.Kind < than.Kind
	}
	return v.KnownAt.After(than.KnownAt)
}

func (s *Server) currentIntensity(a *asked) (any, error) {
	v, err := s.current(a.Context())
	if err != nil {
		return nil, err
	}
	if v == nil {
		return nil, unknown("no intensity of %q is known for the last 24 hours", s.Settings.Region)
	}
	return struct {
		Timestamp string    `json:"timestamp"`
		Intensity number    `json:"intensity"`
		Index     string    `json:"index"`
		From      time.Time `json:"from"`
		To        time.Time `json:"to"`
	}{
		s.now().UTC().Format(time.RFC3339), rounded(v.Value.GramsPerKWh(), placesCarbon), index(v.Value.GramsPerKWh()), v.Span.From, v.Span.To,
	}, nil
}

type forecast struct {
	From  string `json:"from_time"`
	To    string `json:"to_time"`
	Value number `json:"intensity_forecast"`
	Index string `json:"intensity_index"`
}

func (s *Server) forecast(a *asked) (any, error) {
	hours, err := a.values.whole("hours", 24, 1, 48)
	if err != nil {
		return nil, err
	}
	now := s.now()
	end := now.Add(time.Duration(hours) * time.Hour)
	list := []forecast{}
	for _, v := range s.upcoming() {
		if v.Span.To.After(now) && v.Span.From.Before(end) {
			list = append(list, forecast{
				v.Span.From.UTC().Format(minutes), v.Span.To.UTC().Format(minutes),
				rounded(v.Value.GramsPerKWh(), placesCarbon), index(v.Value.GramsPerKWh()),
			})
		}
	}
	return struct {
		Forecasts []forecast `json:"forecasts"`
	}{list}, nil
}

// use is processor time and the powers by which it becomes energy.
type use struct{ busy, idle, busyPower, idlePower float64 }

// energies returns the kWh of busy and idle time.
func (u use) energies() (busy, idle float64) {
	return u.busyPower * u.busy / 3.6e6, u.idlePower * u.idle / 3.6e6
}

func (s *Server) estimate(a *asked) (any, error) {
	var u use
	for _, p := range []struct {
		name     string
		to       *float64
		fallback float64
	}{
		{"busy_cpu_seconds", &u.busy, -1},
		{"idle_cpu_seconds", &u.idle, -1},
		{"busy_power_w", &u.busyPower, s.Settings.Busy.Watts()},
		{"idle_power_w", &u.idlePower, s.Settings.Idle.Watts()},
	} {
		var err error
		if *p.to, err = a.values.amount(p.name, p.fallback); err != nil {
			return nil, err
		}
	}
	busy, idle := u.energies()
	return struct {
		Busy      number  `json:"busy_kwh"`
		Idle      number  `json:"idle_kwh"`
		Total     number  `json:"total_kwh"`
		BusyPower float64 `json:"busy_power_w"`
		IdlePower float64 `json:"idle_power_w"`
	}{rounded(busy, placesEnergy), rounded(idle, placesEnergy), rounded(busy+idle, placesEnergy), u.busyPower, u.idlePower}, nil
}

type calculateRequest struct {
	Busy      *float64 `json:"busy_cpu_seconds"`
	Idle      *float64 `json:"idle_cpu_seconds"`
	BusyPower *float64 `json:"busy_power_w"`
	IdlePower *float64 `json:"idle_power_w"`
	Intensity *float64 `json:"carbon_intensity_g_per_kwh"`
}

// use checks what is asked for and fills in the default powers.
func (c *calculateRequest) use(s Settings) (use, error) {
	busy, idle := s.Busy.Watts(), s.Idle.Watts()
	if c.BusyPower == nil {
		c.BusyPower = &busy
	}
	if c.IdlePower == nil {
		c.IdlePower = &idle
	}
	for _, p := range []struct {
		name  string
		value *float64
	}{{"busy_cpu_seconds", c.Busy}, {"idle_cpu_seconds", c.Idle}, {"busy_power_w", c.BusyPower}, {"idle_power_w", c.IdlePower}} {
		if p.value == nil {
			return use{}, unprocessable("%s: required", p.name)
		}
		if err := sensible(p.name, *p.value); err != nil {
			return use{}, err
		}
	}
	return use{*c.Busy, *c.Idle, *c.BusyPower, *c.IdlePower}, nil
}

type calculated struct {
	Energy    parts  `json:"electricity_kwh"`
	Carbon    parts  `json:"carbon_gco2eq"`
	Intensity number `json:"carbon_intensity_g_per_kwh"`
	Power     struct {
		Busy float64 `json:"busy"`
		Idle float64 `json:"idle"`
	} `json:"power_w"`
	Equivalencies *equivalencies `json:"equivalencies"`
	// CPU is in the code of the original alone.
	CPU parts `json:"cpu_seconds"`
}

// placesCalculated is the decimals of grams in a calculation, of which there is one more
// than elsewhere.
const placesCalculated = 3

func (s *Server) calculate(a *asked) (any, error) {
	var body calculateRequest
	if err := a.body(&body); err != nil {
		return nil, err
	}
	u, err := body.use(s.Settings)
	if err != nil {
		return nil, err
	}
	busy, idle := u.energies()
	out := calculated{
		Energy:    parts{rounded(busy, placesEnergy), rounded(idle, placesEnergy), rounded(busy+idle, placesEnergy)},
		CPU:       parts{rounded(u.busy, placesSeconds), rounded(u.idle, placesSeconds), rounded(u.busy+u.idle, placesSeconds)},
		Intensity: body.Intensity,
	}
	out.Power.Busy, out.Power.Idle = u.busyPower, u.idlePower
	if body.Intensity == nil {
		v, err := s.current(a.Context())
		if err != nil || v == nil { // without an intensity the carbon is not known
			return out, err
		}
		out.Intensity = rounded(v.Value.GramsPerKWh(), placesCarbon)
	} else if err := sensible("carbon_intensity_g_per_kwh", *body.Intensity); err != nil {
		return nil, err
	}
	g := *out.Intensity
	out.Carbon = parts{rounded(busy*g, placesCalculated), rounded(idle*g, placesCalculated), rounded((busy+idle)*g, placesCalculated)}
	mass, err := massOf((busy + idle) * g)
	if err != nil {
		return nil, err
	}
	out.Equivalencies = compare(mass, defaultCount, placesCalculated)
	return out, nil
}

// massOf refuses a mass that no computer is the cause of.
func massOf(grams float64) (unit.Mass, error) {
	mass, err := unit.MassFromGrams(grams)
	if err != nil || math.IsNaN(grams) {
		return 0, unprocessable("gco2eq: %v g cannot be reckoned with", grams)
	}
	return mass, nil
}

// placesGiven is the decimals of a mass that is sent back as it was given.
const placesGiven = 6

func (s *Server) equivalent(a *asked) (any, error) {
	grams, err := strconv.ParseFloat(a.PathValue("gco2eq"), 64)
	if err != nil {
		return nil, unprocessable("gco2eq: %q is not a number", a.PathValue("gco2eq"))
	}
	count, err := a.values.whole("count", defaultCount, 1, 15)
	if err != nil {
		return nil, err
	}
	return picture(grams, count)
}

// picture compares a mass as it was given.
func picture(grams float64, count int) (any, error) {
	mass, err := massOf(grams)
	if err != nil {
		return nil, err
	}
	return compare(mass, count, placesGiven), nil
}

// equivalents answers the form of the original whose body no document tells: gco2eq or
// total_gco2eq, and count.
func (s *Server) equivalents(a *asked) (any, error) {
	var body struct {
		Grams *float64 `json:"gco2eq"`
		Total *float64 `json:"total_gco2eq"`
		Count *int     `json:"count"`
	}
	if err := a.body(&body); err != nil {
		return nil, err
	}
	if body.Grams == nil {
		body.Grams = body.Total
	}
	if body.Grams == nil {
		return nil, unprocessable("gco2eq: required")
	}
	count := defaultCount
	if body.Count != nil {
		count = *body.Count
	}
	if count < 1 || count > 15 {
		return nil, unprocessable("count: %d is not from 1 to 15", count)
	}
	return picture(*body.Grams, count)
}
