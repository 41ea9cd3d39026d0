package builtin

import (
	"context"
	"math"
	"strings"

	"github.com/dendro-carbon/dendro/internal/manifest/plugin"

	"github.com/dendro-carbon/dendro/internal/aggregate"
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

func bindTimeSync(s *plugin.Settings) plugin.Runner {
	s.Require()
	upsample := s.Options.TimeSyncUpsampling
	moment := plugin.AnyOf(datetime(true), plugin.Date())
	if upsample {
		moment = datetime(false)
	}
	p := &timeSync{grid: timesync.Grid{Resolution: 1}, upsample: upsample}
	s.Refine(func(config value.Value, r *plugin.Report) { p.read(config.Map(), r) },
		plugin.Key("start-time", moment), plugin.Key("end-time", moment), plugin.Key("interval", plugin.Number(plugin.AnyNumber())),
		plugin.Key("allow-padding", plugin.Boolean()), plugin.Key("upsampling-resolution", plugin.Optional(plugin.Number(plugin.AtLeast(1)))))
	return p
}

// read takes a config whose types are right.
func (p *timeSync) read(config *value.Map, r *plugin.Report) {
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
		r.Add("", "", "`start-time` should be lower than `end-time`")
	case !p.upsample && !(step >= 1 && math.Abs(step-math.Round(step)) <= 1e-9*step):
		r.Add("", "", "`interval` should be a positive number of seconds, of whole milliseconds")
	case step > 0 && float64(g.End-g.Start)/step > timesync.MaxSteps:
		r.Add("", "", "`interval` of %s s makes %.0f steps of the time from `start-time` to `end-time`, more than %d",
			value.NumberText(g.Interval), float64(g.End-g.Start)/step, timesync.MaxSteps)
	}
}

// Check holds the rows to what Impact Framework asks of them.
func (p *timeSync) Check(c *plugin.Call) error {
	moment := plugin.Cell{Name: "timestamp", Schema: plugin.AnyOf(datetime(!p.upsample), plugin.Date())}
	duration := plugin.Numeric("duration", plugin.AnyNumber())
	if column := c.In.Column(c.Name("timestamp")); column != nil && c.In.Complete(column.Name()) {
		if _, layout := column.Times(); column.Rep() == frame.Times && layout != value.Naive && layout != value.NaiveShort {
			return c.CheckRows(plugin.RowCheck{Cells: []plugin.Cell{duration}, Indexed: true})
		}
	}
	return c.CheckRows(plugin.RowCheck{Cells: []plugin.Cell{moment, duration}, Indexed: true})
}

func (p *timeSync) Compute(ctx context.Context, c *plugin.Call) (*frame.Frame, error) {
	if p.upsample {
		if err := p.grid.CheckInterval(); err != nil {
			return nil, err
		}
	}
	if c.In.Len() == 0 {
		if p.upsample && c.Options.EmptyInputsFail {
			return nil, diag.New("TypeError", "Cannot read properties of undefined (reading 'timestamp')").
				WithHint("give the component inputs")
		}
		return c.In, nil
	}
	columns, problems := p.columns(c)
	in := timesync.Input{Rows: c.In, Begins: p.begins(c), Durations: p.durations(c), Columns: columns}
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
func (p *timeSync) report(c *plugin.Call, columns []timesync.Column, found timesync.Report) {
	if found.Missing != "" {
		c.Warn(found.Missing)
	}
	if found.Partial > 0 {
		c.Warn(plugin.Plural(found.Partial, "result") + " null: some of the observations in the step have no value")
	}
	var reasons []string
	if names := averages(c.In, columns); len(names) > 0 && p.grid.Interval > p.grid.Resolution {
		reasons = append(reasons, "averages count every second of a step ("+strings.Join(names, ", ")+")")
	}
	if found.ShortGaps {
		reasons = append(reasons, "gaps of a second or less keep their time")
	}
	if found.BeyondEnd {
		reasons = append(reasons, "there is no record at end-time")
	}
	if len(reasons) > 0 {
		c.Notice("time-sync", strings.Join(reasons, "; "))
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
func (p *timeSync) begins(c *plugin.Call) []int64 {
	if column := c.In.Column(c.Name("timestamp")); c.In.Complete(column.Name()) {
		if times, _ := column.Times(); times != nil {
			return times
		}
	}
	begins := make([]int64, c.In.Len())
	for row := range begins {
		begins[row], _ = timesync.ParseInstant(c.At(row, "timestamp"))
	}
	return begins
}

// durations returns those of the rows, in seconds.
func (p *timeSync) durations(c *plugin.Call) []float64 {
	v, _ := c.Vec("duration")
	return v.Floats()
}

// columns returns what to do with each column of the frame. Under
// UnknownMetricCopies a metric without a known method is copied; else that is
// right for what holds no numbers, and a problem for what does.
func (p *timeSync) columns(c *plugin.Call) ([]timesync.Column, diag.List) {
	var problems diag.List
	var guessed []string
	columns := make([]timesync.Column, len(c.In.Columns()))
	for i, column := range c.In.Columns() {
		sc := timesync.Column{Method: metric.Copy}
		switch column.Name() {
		case c.Name("timestamp"):
			sc.Role = timesync.Timestamp
		case c.Name("duration"):
			sc.Role = timesync.Duration
		default:
			if column.Name() == "time-reserved" {
				sc.Role = timesync.Reserved
			}
			info, known := metricOf(c, column.Name())
			if known {
				sc.Method = info.Time
			} else if !c.Options.UnknownMetricCopies && holdsNumbers(column) {
				problems = append(problems, aggregate.UnknownMetric(column.Name(), "inputs"))
			}
			if info.Builtin && info.Time != metric.Copy {
				guessed = append(guessed, column.Name()+": "+info.Time.String())
			}
		}
		columns[i] = sc
	}
	if len(guessed) > 0 {
		c.Notice("built-in-methods", "time-sync uses "+strings.Join(guessed, ", "))
	}
	return columns, problems
}

// metricOf returns what is known of a column: under the name that the plugin has
// for it, if it is mapped, else under its own.
func metricOf(c *plugin.Call, column string) (metric.Info, bool) {
	if c.Env.Metrics == nil {
		return metric.Info{}, false
	}
	for plugin, data := range c.Mapping.All() {
		if name, ok := data.Str(); ok && name == column {
			if info, ok := c.Env.Metrics.Lookup(plugin); ok || c.Options.UnknownMetricCopies {
				return info, ok
			}
		}
	}
	return c.Env.Metrics.Lookup(column)
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

// datetime accepts texts of an instant: date, T, time with or without seconds
// and their fraction, and Z, or an offset such as +01:00 if offsets are allowed.
func datetime(offsets bool) plugin.Schema {
	return func(v value.Value, path string, r *plugin.Report) bool {
		s, ok := v.Str()
		if !ok {
			return plugin.WrongType(v, path, "string", r)
		}
		_, ok = timesync.ParseUTC(s)
		if !ok && offsets {
			_, ok = timesync.ParseOffset(s)
		}
		if !ok {
			r.Add(path, "invalid_string", "Invalid datetime")
		}
		return true
	}
}
