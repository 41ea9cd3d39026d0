package builtin

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/value"
)

// timeSync puts a component's observations on a grid of equal time steps, so
// that components can be added up step by step. By default each step gets the
// part of each observation that lies in it, see [cover]; under
// TimeSyncUpsampling it gets what Impact Framework makes of samples by the
// second, see [upsampler].
type timeSync struct {
	start, end int64   // ms since 1970-01-01 UTC
	interval   float64 // s
	padding    bool
	resolution float64 // s, of the samples
	upsample   bool
}

// maxSteps is how many steps a grid may have: above it the result alone would
// fill the memory of most machines.
const maxSteps = 50_000_000

func bindTimeSync(s *settings) runner {
	s.require()
	upsample := s.options.TimeSyncUpsampling
	moment := anyOf(datetime(true), date())
	if upsample {
		moment = datetime(false)
	}
	p := &timeSync{upsample: upsample, resolution: 1}
	s.refine(func(config value.Value, r *report) { p.read(config.Map(), r) },
		field{"start-time", moment}, field{"end-time", moment}, field{"interval", number(anyNumber())},
		field{"allow-padding", boolean()}, field{"upsampling-resolution", optional(number(atLeast(1)))})
	return p
}

// read takes a config whose types are right.
func (p *timeSync) read(config *value.Map, r *report) {
	p.start, _ = parseInstant(config.Get("start-time"))
	p.end, _ = parseInstant(config.Get("end-time"))
	p.interval, _ = config.Get("interval").Float()
	p.padding, _ = config.Get("allow-padding").Bool()
	if u, ok := config.Get("upsampling-resolution").Float(); ok {
		p.resolution = u
	}
	ordered := p.start < p.end
	if p.upsample { // Impact Framework compares the texts
		from, _ := config.Get("start-time").Str()
		to, _ := config.Get("end-time").Str()
		ordered = from < to
	}
	step := p.interval * 1000
	switch {
	case !ordered:
		r.add("", "", "`start-time` should be lower than `end-time`")
	case !p.upsample && !(step >= 1 && math.Abs(step-math.Round(step)) <= 1e-9*step):
		r.add("", "", "`interval` should be a positive number of seconds, of whole milliseconds")
	case step > 0 && float64(p.end-p.start)/step > maxSteps:
		r.add("", "", "`interval` of %s s makes %.0f steps of the time from `start-time` to `end-time`, more than %d",
			value.NumberText(p.interval), float64(p.end-p.start)/step, maxSteps)
	}
}

// check holds the rows to what Impact Framework asks of them.
func (p *timeSync) check(c *call) error {
	moment := cell{name: "timestamp", schema: anyOf(datetime(!p.upsample), date())}
	duration := numeric("duration", anyNumber())
	if column := c.in.Column(c.name("timestamp")); column != nil && c.in.Complete(column.Name()) {
		if _, layout := column.Times(); column.Rep() == frame.Times && layout != value.Naive && layout != value.NaiveShort {
			return c.checkRows(rowCheck{cells: []cell{duration}, indexed: true})
		}
	}
	return c.checkRows(rowCheck{cells: []cell{moment, duration}, indexed: true})
}

func (p *timeSync) compute(ctx context.Context, c *call) (*frame.Frame, error) {
	if p.upsample {
		return p.upsampled(ctx, c)
	}
	return p.exact(c)
}

// begins returns the instants of the rows, which [timeSync.check] has seen.
func (p *timeSync) begins(c *call) []int64 {
	if column := c.in.Column(c.name("timestamp")); c.in.Complete(column.Name()) {
		if times, _ := column.Times(); times != nil {
			return times
		}
	}
	begins := make([]int64, c.in.Len())
	for row := range begins {
		begins[row], _ = parseInstant(c.at(row, "timestamp"))
	}
	return begins
}

// durations returns those of the rows, in seconds.
func (p *timeSync) durations(c *call) []float64 {
	v, _ := c.vec("duration")
	return v.Floats()
}

// pads reports at which edges of the time asked for there are no observations.
func (p *timeSync) pads(first int64, last float64) (start, end bool, err error) {
	start, end = first > p.start, last < float64(p.end)
	if p.padding || !start && !end {
		return start, end, nil
	}
	where := "start and end"
	if !start {
		where = "end"
	} else if !end {
		where = "start"
	}
	return start, end, diag.New("InvalidPaddingError", "Avoiding padding at %s", where).
		WithHint("the observations last from %s to %s: set start-time and end-time within these, or allow-padding: true",
			isoText(first), isoText(int64(last)))
}

// syncColumn is what time-sync does with a column.
type syncColumn struct {
	*frame.Column
	role   syncRole
	method metric.Method
}

type syncRole uint8

const (
	roleMetric syncRole = iota
	roleTimestamp
	roleDuration
	roleReserved // time-reserved: in what is filled in it is the length of the step
)

// columns returns what to do with each column of the frame. Under
// UnknownMetricCopies a metric without a known method is copied; else that is
// right for what holds no numbers, and a problem for what does.
func (p *timeSync) columns(c *call) ([]syncColumn, diag.List) {
	var problems diag.List
	var guessed []string
	columns := make([]syncColumn, len(c.in.Columns()))
	for i, column := range c.in.Columns() {
		sc := syncColumn{Column: column, method: metric.Copy}
		switch column.Name() {
		case c.name("timestamp"):
			sc.role = roleTimestamp
		case c.name("duration"):
			sc.role, sc.method = roleDuration, metric.Sum
		default:
			if column.Name() == "time-reserved" {
				sc.role = roleReserved
			}
			info, known := c.metric(column.Name())
			if known {
				sc.method = info.Time
			} else if !c.options.UnknownMetricCopies && holdsNumbers(column) {
				problems = append(problems, unknownMethod(column.Name()))
			}
			if info.Builtin && info.Time != metric.Copy {
				guessed = append(guessed, column.Name()+": "+info.Time.String())
			}
		}
		columns[i] = sc
	}
	if len(guessed) > 0 {
		c.notice("built-in-methods", "time-sync uses "+strings.Join(guessed, ", "))
	}
	return columns, problems
}

// metric returns what is known of a column: under the name that the plugin has
// for it, if it is mapped, else under its own.
func (c *call) metric(column string) (metric.Info, bool) {
	if c.env.Metrics == nil {
		return metric.Info{}, false
	}
	for plugin, data := range c.mapping.All() {
		if name, ok := data.Str(); ok && name == column {
			if info, ok := c.env.Metrics.Lookup(plugin); ok || c.options.UnknownMetricCopies {
				return info, ok
			}
		}
	}
	return c.env.Metrics.Lookup(column)
}

func holdsNumbers(column *frame.Column) bool {
	if column.Rep() == frame.Texts || column.Rep() == frame.Times {
		return false
	}
	if one, ok := column.Constant(); ok {
		return one.Kind() == value.Number
	}
	for row := range column.Len() {
		if column.At(row).Kind() == value.Number {
			return true
		}
	}
	return false
}

func unknownMethod(name string) *diag.Problem {
	return diag.New("InvalidAggregationMethodError", "%s has no known aggregation method.", name).WithMetric(name).
		WithHint("say how it is added up in the parameter-metadata of a plugin: parameter-metadata: {inputs: {%q: "+
			"{unit: UNIT, description: TEXT, aggregation-method: {time: sum, component: sum}}}} "+
			"(each method is one of sum, avg, copy, none)", name)
}

// plural writes a count of things.
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
