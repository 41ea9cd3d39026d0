package builtin

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/dendro-carbon/dendro/internal/manifest/plugin"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/timesync"
	"github.com/dendro-carbon/dendro/internal/value"
)

// mock makes observations: for each component of its config, and each duration
// from one instant to another, what is common to all and random whole numbers.
type mock struct {
	from, to   int64 // ms since 1970-01-01 UTC
	duration   float64
	components []*value.Map
	common     *value.Map
	random     []randomInt
	seed       uint64
	seeded     bool
}

// randomInt is a metric of random whole numbers, from min on and below max.
type randomInt struct {
	name     string
	min, max float64
}

// maxMocked is how many observations one mock may make.
const maxMocked = 50_000_000

func bindMock(s *plugin.Settings) plugin.Runner {
	s.Require()
	p := &mock{}
	fields := []plugin.Field{
		plugin.Key("timestamp-from", plugin.Text(0)), plugin.Key("timestamp-to", plugin.Text(0)), plugin.Key("duration", plugin.Number(plugin.MoreThan(0))),
		plugin.Key("components", plugin.ListOf(plugin.RecordOf(plugin.Text(0)))),
		plugin.Key("generators", plugin.Object(
			plugin.Key("common", plugin.RecordOf(plugin.AnyOf(plugin.Text(0), plugin.Number(plugin.AnyNumber())))),
			plugin.Key("randint", plugin.RecordOf(plugin.Object(plugin.Key("min", plugin.Number(plugin.AnyNumber())), plugin.Key("max", plugin.Number(plugin.AnyNumber()))))))),
	}
	if !s.Options.MockReadsLoosely {
		fields[0].Schema, fields[1].Schema = moment(), moment()
		fields = append(fields, plugin.Key("seed", plugin.Optional(plugin.Number(plugin.AtLeast(0)))))
	}
	s.Check(fields...)
	if s.Problem != nil {
		return p
	}
	p.read(s)
	p.times(s)
	return p
}

// read takes a config whose types are right.
func (p *mock) read(s *plugin.Settings) {
	for _, component := range s.Config.Get("components").List() {
		p.components = append(p.components, component.Map())
	}
	generators := s.Config.Get("generators").Map()
	p.common = generators.Get("common").Map()
	for name, bounds := range generators.Get("randint").Map().All() {
		least, _ := bounds.Map().Get("min").Float()
		most, _ := bounds.Map().Get("max").Float()
		p.random = append(p.random, randomInt{name, least, most})
		s.Fail(p.random[len(p.random)-1].problem(s), "generators")
	}
	if p.common.Len() == 0 && !s.Options.MockReadsLoosely {
		s.Fail(nothingInCommon(), "generators")
	}
	if f, ok := s.Config.Get("seed").Float(); ok && !s.Options.MockReadsLoosely {
		p.seed, p.seeded = uint64(f), true
	}
}

func nothingInCommon() *diag.Problem {
	return diag.New("ConfigError", "Config is not provided.").WithHint("give generators.common at least one value")
}

// problem returns what is wrong with a generator, nil if nothing is.
func (g randomInt) problem(s *plugin.Settings) *diag.Problem {
	switch {
	case strings.TrimSpace(g.name) == "":
		return diag.New("ConfigError", "`name` config parameter is empty or contains all spaces").
			WithHint("name each metric of generators.randint")
	case (g.min == 0 || g.max == 0) && s.Options.MockReadsLoosely:
		return diag.New("ConfigError", "Config is missing min or max value").
			WithHint("to Impact Framework a bound of 0 is none")
	case g.min >= g.max:
		return diag.New("ConfigError", "Min value should not be greater than or equal to max value of %s", g.name).
			WithHint("numbers are drawn from min on and below max")
	}
	return nil
}

// times reads the instants. Impact Framework makes no observations where one
// cannot be read; that is a problem here.
func (p *mock) times(s *plugin.Settings) {
	from, to := s.Config.Get("timestamp-from"), s.Config.Get("timestamp-to")
	var okFrom, okTo bool
	p.from, okFrom = parseMoment(from)
	p.to, okTo = parseMoment(to)
	p.duration, _ = s.Config.Get("duration").Float()
	if !okFrom || !okTo {
		p.to = p.from
	}
	if !s.Options.MockReadsLoosely && (!okFrom || !okTo) {
		key, v := "timestamp-from", from
		if okFrom {
			key, v = "timestamp-to", to
		}
		s.Fail(diag.New(plugin.InputValidation, "%q parameter is %s, which is not an instant.", key, plugin.Describe(v)).
			WithHint("write it like 2023-12-12T00:00:00.000Z"), key)
	}
	if count := float64(p.to-p.from) / 1000 / p.duration * float64(len(p.components)); count > maxMocked {
		s.Fail(diag.New("ConfigError", "%.0f observations of %s s are too many; the limit is %d.",
			count, value.NumberText(p.duration), maxMocked).WithHint("give a longer duration"), "duration")
	}
}

// moment accepts times, and texts.
func moment() plugin.Schema { return plugin.AnyOf(plugin.Text(0), plugin.Date()) }

func parseMoment(v value.Value) (ms int64, ok bool) {
	if ms, ok := v.Millis(); ok {
		return ms, true
	}
	s, _ := v.Str()
	return parseISO8601(s)
}

func (p *mock) Check(*plugin.Call) error { return nil }

func (p *mock) Compute(ctx context.Context, c *plugin.Call) (*frame.Frame, error) {
	source := p.source()
	var begins []int64
	for at := float64(p.from); at < float64(p.to); at = timesync.After(at, p.duration) {
		begins = append(begins, int64(at))
		if next := timesync.After(at, p.duration); !(next > at) {
			break // a duration below what an instant can tell
		}
	}
	if len(begins)*len(p.components) > 0 && p.common.Len() == 0 { // Impact Framework does not look before
		return nil, nothingInCommon()
	}
	b := frame.NewBuilder(len(begins) * len(p.components))
	for _, component := range p.components {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		for _, begin := range begins {
			b.Row(p.observation(c.In, component, begin, source))
		}
	}
	return b.Frame(), nil
}

// observation makes one: the first row of the inputs, the time, the component,
// what is common, and the random numbers.
func (p *mock) observation(in *frame.Frame, component *value.Map, begin int64, source *rand.Rand) *value.Map {
	m := value.NewMap(2 + component.Len() + p.common.Len() + len(p.random))
	if in.Len() > 0 {
		m = in.Row(0)
	}
	m.Set("timestamp", value.OfText(string(value.AppendISO(nil, begin, value.ISOMillis))))
	m.Set("duration", value.OfNumber(p.duration))
	for name, v := range component.All() {
		m.Set(name, v)
	}
	for name, v := range p.common.All() {
		m.Set(name, v)
	}
	for _, g := range p.random {
		m.Set(g.name, value.OfNumber(math.Trunc(float64(source.Float64()*(g.max-g.min))+g.min)))
	}
	return m
}

// source returns the random numbers of one run: with a seed always the same.
func (p *mock) source() *rand.Rand {
	if p.seeded {
		return rand.New(rand.NewPCG(p.seed, 0))
	}
	return rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
}
