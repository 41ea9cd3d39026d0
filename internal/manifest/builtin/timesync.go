package builtin

import (
	"context"
	"math"
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/timesync"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/value"
)

// timeSync puts a component's observations on a grid of equal time steps: by
// default as [timesync.Exact] does, under TimeSyncUpsampling as
// [timesync.Samples].
type timeSync struct {
	grid     timesync.Grid
	upsample bool
}

func bindTimeSync(s *settings) runner {
	s.require()
	upsample := s.options.TimeSyncUpsampling
	moment := anyOf(datetime(true), date())
	if upsample {
		moment = datetime(false)
	}
	p := &timeSync{grid: timesync.Grid{Resolution: 1}, upsample: upsample}
	s.refine(func(config value.Value, r *report) { p.read(config.Map(), r) },
		field{"start-time", moment}, field{"end-time", moment}, field{"interval", number(anyNumber())},
		field{"allow-padding", boolean()}, field{"upsampling-resolution", optional(number(atLeast(1)))})
	return p
}

// read takes a config whose types are right.
func (p *timeSync) read(config *value.Map, r *report) {
	g := &p.grid
	g.Start, _ = timesync.ParseInstant(config.Get("start-time"))
	g.End, _ = timesync.ParseInstant(config.Get("end-time"))
	g.Interval, _ = config.Get("interval").Float()
	g.Padding, _ = config.Get("allow-padding").Bool()
	if u, ok := config.Get("upsampling-resolution").Float(); ok {
		g.Resolution = u
	}
	ordered := g.Start < g.End
	if p.upsample { // Impact Framework compares the texts
		from, _ := config.Get("start-time").Str()
		to, _ := config.Get("end-time").Str()
		ordered = from < to
	}
	step := g.Interval * 1000
	switch {
	case !ordered:
		r.add("", "", "`start-time` should be lower than `end-time`")
	case !p.upsample && !(step >= 1 && math.Abs(step-math.Round(step)) <= 1e-9*step):
		r.add("", "", "`interval` should be a positive number of seconds, of whole milliseconds")
	case step > 0 && float64(g.End-g.Start)/step > timesync.MaxSteps:
		r.add("", "", "`interval` of %s s makes %.0f steps of the time from `start-time` to `end-time`, more than %d",
			value.NumberText(g.Interval), float64(g.End-g.Start)/step, timesync.MaxSteps)
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
		if err := p.grid.CheckInterval(); err != nil {
			return nil, err
		}
	}
	if c.in.Len() == 0 {
		if p.upsample && c.options.EmptyInputsFail {
			return nil, diag.New("TypeError", "Cannot read properties of undefined (reading 'timestamp')").
				WithHint("give the component inputs")
		}
		return c.in, nil
	}
	columns, problems := p.columns(c)
	in := timesync.Input{Rows: c.in, Begins: p.begins(c), Durations: p.durations(c), Columns: columns}
	if p.upsample && len(problems) == 0 {
		return timesync.Samples(ctx, p.grid, in)
	}
	out, found, err := timesync.Exact(p.grid, in)
	problems.Add(err)
	if len(problems) > 0 {
		return nil, problems
	}
	p.report(c, columns, found)
	return out, nil
}

// report says what is not covered, and where Impact Framework's result differs.
func (p *timeSync) report(c *call, columns []timesync.Column, found timesync.Report) {
	if found.Missing != "" {
		c.warn(found.Missing)
	}
	if found.Partial > 0 {
		c.warn(plural(found.Partial, "result") + " null: some of the observations in the step have no value")
	}
	var reasons []string
	if names := averages(c.in, columns); len(names) > 0 && p.grid.Interval > p.grid.Resolution {
		reasons = append(reasons, "averages count every second of a step ("+strings.Join(names, ", ")+")")
	}
	if found.ShortGaps {
		reasons = append(reasons, "gaps of a second or less keep their time")
	}
	if found.BeyondEnd {
		reasons = append(reasons, "there is no record at end-time")
	}
	if len(reasons) > 0 {
		c.notice("time-sync", strings.Join(reasons, "; "))
	}
}

func averages(f *frame.Frame, columns []timesync.Column) []string {
	var names []string
	for i, column := range columns {
		if column.Role == timesync.Metric && column.Method == metric.Avg {
			names = append(names, f.Columns()[i].Name())
		}
	}
	return names
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
		begins[row], _ = timesync.ParseInstant(c.at(row, "timestamp"))
	}
	return begins
}

// durations returns those of the rows, in seconds.
func (p *timeSync) durations(c *call) []float64 {
	v, _ := c.vec("duration")
	return v.Floats()
}

// columns returns what to do with each column of the frame. Under
// UnknownMetricCopies a metric without a known method is copied; else that is
// right for what holds no numbers, and a problem for what does.
func (p *timeSync) columns(c *call) ([]timesync.Column, diag.List) {
	var problems diag.List
	var guessed []string
	columns := make([]timesync.Column, len(c.in.Columns()))
	for i, column := range c.in.Columns() {
		sc := timesync.Column{Method: metric.Copy}
		switch column.Name() {
		case c.name("timestamp"):
			sc.Role = timesync.Timestamp
		case c.name("duration"):
			sc.Role, sc.Method = timesync.Duration, metric.Sum
		default:
			if column.Name() == "time-reserved" {
				sc.Role = timesync.Reserved
			}
			info, known := c.metric(column.Name())
			if known {
				sc.Method = info.Time
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

// datetime accepts texts of an instant: date, T, time with or without seconds
// and their fraction, and Z, or an offset such as +01:00 if offsets are allowed.
func datetime(offsets bool) schema {
	return func(v value.Value, path string, r *report) bool {
		s, ok := v.Str()
		if !ok {
			return wrongType(v, path, "string", r)
		}
		_, ok = timesync.ParseUTC(s)
		if !ok && offsets {
			_, ok = timesync.ParseOffset(s)
		}
		if !ok {
			r.add(path, "invalid_string", "Invalid datetime")
		}
		return true
	}
}
