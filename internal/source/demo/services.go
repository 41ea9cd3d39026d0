package demo

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/scored"
	"github.com/dendro-carbon/dendro/internal/scoring"
	"github.com/dendro-carbon/dendro/internal/window"
)

// Services is an archive of windows of simulated services: a shop that is busy by day
// and a batch job of the night, most of them measured by a meter. One region nobody
// knows; now and then spans come late or are dropped. A file is a day, a window half an
// hour. It is safe for concurrent use.
type Services struct {
	config  Config
	scoring window.Config
	now     func() time.Time
	begin   time.Time
}

// windowLength is how long a simulated window is.
const windowLength = 30 * time.Minute

// service is one simulated service.
type service struct {
	name    string
	region  string
	kind    window.Kind
	verb    window.Verb
	watts   float64 // what its meter says at full load; 0 has no meter
	perHour int64   // operations in a busy hour
	nightly bool    // works at night alone
}

func simulatedServices() []service {
	return []service{
		{"sim-checkout", Region, window.KindSQL, window.VerbInsert, 38, 60, false},
		{"sim-catalogue", Region, window.KindSQL, window.VerbSelect, 64, 120, false},
		{"sim-search", Region, window.KindHTTP, window.VerbOther, 90, 90, false},
		{"sim-mail", Region, window.KindMessaging, window.VerbOther, 0, 40, false},
		{"sim-partner", "", window.KindHTTP, window.VerbOther, 0, 20, false}, // it does not say where it runs
		{"sim-invoices", Region, window.KindSQL, window.VerbUpdate, 45, 80, true},
	}
}

// NewServices returns the services of a facility, or the error of [Config.Validate]. Now
// tells the time up to which they have done something.
func NewServices(c Config, now func() time.Time) (*Services, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	w := window.Defaults()
	w.Traces, w.BinaryVersion = window.LocalRoots, Version
	w.Places = map[string]window.Place{Region: {Annual: 180, PUE: 1.25}}
	w.Factors.KWhPerOp = 2e-4 // each simulated operation stands for some thousands
	w.Slot, w.Tick, w.Step = windowLength, windowLength, 0
	for _, s := range simulatedServices() {
		if s.watts > 0 {
			w.Metered = append(w.Metered, s.name)
		}
	}
	if _, err := window.New(w); err != nil {
		return nil, err
	}
	return &Services{c, w, now, c.begin(now()).Truncate(24 * time.Hour)}, nil
}

// Meter is what the simulated meter is called, and the time of its newest sample.
func (s *Services) Meter() (name string, newest time.Time) {
	return "sim-kepler", s.now().Truncate(windowLength)
}

// Windows is a [scoring.Windows].
func (s *Services) Windows(ctx context.Context, from account.Mark, span account.Span) iter.Seq2[scoring.Archived, error] {
	return func(yield func(scoring.Archived, error) bool) {
		err := s.each(ctx, span, func(w *scored.Window) error {
			if w.At.Compare(from) >= 0 && !yield(scoring.Archived{At: w.At, Window: w.Window}, nil) {
				return errStop
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(scoring.Archived{}, err)
		}
	}
}

// errStop ends a walk that nobody listens to any more.
var errStop = errors.New("stopped")

// Files implements [scored.Archive].
func (s *Services) Files() ([]scored.File, error) {
	var files []scored.File
	now := s.now()
	for day := s.begin; day.Before(now); day = day.AddDate(0, 0, 1) {
		f := scored.File{
			Number: s.number(day), Name: "simulated-" + day.Format("20060102") + ".ndjson", Bytes: 48 << 12,
			Span: account.NewSpan(day, day.AddDate(0, 0, 1)),
		}
		if !f.Span.To.After(now) {
			f.Digest = f.Name
		}
		files = append(files, f)
	}
	return files, nil
}

// Read implements [scored.Archive].
func (s *Services) Read(ctx context.Context, f scored.File, yield func(*scored.Window) error) error {
	return s.each(ctx, f.Span, yield)
}

// number returns the number of the file of a day.
func (s *Services) number(day time.Time) uint64 { return uint64(day.Sub(s.begin)/(24*time.Hour)) + 1 }

// each makes the windows that begin in a span and are over; an empty span is all time.
func (s *Services) each(ctx context.Context, span account.Span, yield func(*scored.Window) error) error {
	now := s.now()
	if span.IsEmpty() {
		span = account.NewSpan(s.begin, now)
	}
	scorer, err := window.New(s.scoring)
	if err != nil {
		return err
	}
	from := span.From.Truncate(windowLength)
	if from.Before(s.begin) {
		from = s.begin
	}
	for ; from.Before(span.To) && !from.Add(windowLength).After(now); from = from.Add(windowLength) {
		if err := ctx.Err(); err != nil {
			return err
		}
		w := s.window(scorer, from)
		day := from.Truncate(24 * time.Hour)
		at := account.Mark{File: s.number(day), Seq: uint64(from.Sub(day) / windowLength)}
		err := yield(&scored.Window{
			At: at, Time: from.Add(windowLength), File: "simulated-" + day.Format("20060102") + ".ndjson", Window: &w,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// window makes one window.
func (s *Services) window(scorer *window.Scorer, from time.Time) window.Window {
	begin, end := from.UnixNano(), from.Add(windowLength).UnixNano()
	c := window.Conditions{From: begin, To: end}
	for i, one := range simulatedServices() {
		luck := chance(s.config.Seed, ofService, uint64(i), uint64(begin))
		load := one.load(from)
		n := one.perHour * load * between(70, 130, luck) / 20_000
		for k := range n {
			scorer.Add(&window.Span{
				Service: one.name, Region: one.region, Kind: one.kind, Verb: one.verb, ResponseBytes: window.UnknownSize, Environment: "production",
				Endpoint: "work", Start: begin + k*int64(windowLength)/n, Duration: int64(time.Millisecond), LocalRoot: k%3 == 0,
			})
		}
		if one.watts > 0 {
			const idle = 0.35 // of the power at full load
			watts := one.watts * (idle + (1-idle)*float64(load)/100)
			c.Readings = append(c.Readings, window.Reading{
				Source: window.EnergyKepler, Services: []string{one.name}, From: begin, To: end, KWh: watts * windowLength.Hours() / 1000,
			})
		}
	}
	if luck := chance(s.config.Seed, ofService, 1000, uint64(begin)); luck%17 == 0 {
		c.Drops = []window.Drop{{Reason: scoring.DropOverload, Spans: luck % 12}, {Reason: scoring.DropNotValid, Spans: luck % 3}}
		c.Late = luck % 9
	}
	return scorer.Close(c)
}

// load returns how much a service has to do, 0 to 100.
func (s *service) load(at time.Time) int64 {
	hour, weekend := at.Hour(), at.Weekday() == time.Saturday || at.Weekday() == time.Sunday
	switch {
	case s.nightly && hour < 4:
		return 100
	case s.nightly:
		return 0
	case hour >= 8 && hour < 20 && !weekend:
		return 100
	case hour >= 8 && hour < 22:
		return 60
	}
	return 15
}
