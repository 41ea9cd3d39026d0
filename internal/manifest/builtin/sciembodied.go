package builtin

import (
	"context"

	"github.com/dendro-carbon/dendro/internal/manifest/plugin"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/value"
)

// sciEmbodied estimates the embodied carbon of a share of a server, by how far
// the server is from a baseline, for the share of its life that a row lasts.
type sciEmbodied struct {
	vcpus, memory, emissions plugin.Param // of the baseline server
	lifespan                 plugin.Param // s
	perVCPU, perGB           plugin.Param // gCO2e
	perSSD, perHDD, perGPU   plugin.Param // gCO2e
	output                   plugin.Target
	rows                     plugin.RowCheck
}

// embodiedSetting is a number of the config.
type embodiedSetting struct {
	key       string
	bounds    plugin.Bounds
	otherwise float64
}

// embodiedSettings returns the numbers of the config, with the values of a
// typical server: 4 years of life, 1 t CO2e. (Impact Framework, SciEmbodied.)
func embodiedSettings() []embodiedSetting {
	return []embodiedSetting{
		{"baseline-vcpus", plugin.AtLeast(0), 1},
		{"baseline-memory", plugin.AtLeast(0), 16},
		{"baseline-emissions", plugin.AtLeast(0), 1000000},
		{"lifespan", plugin.MoreThan(0), 126144000},
		{"vcpu-emissions-constant", plugin.AtLeast(0), 100000},
		{"memory-emissions-constant", plugin.AtLeast(0), 533.0 / 384},
		{"ssd-emissions-constant", plugin.AtLeast(0), 50000},
		{"hdd-emissions-constant", plugin.AtLeast(0), 100000},
		{"gpu-emissions-constant", plugin.AtLeast(0), 150000},
	}
}

// embodiedKeys returns the keys of [embodiedSettings].
func embodiedKeys() []string {
	var keys []string
	for _, e := range embodiedSettings() {
		keys = append(keys, e.key)
	}
	return keys
}

func bindSciEmbodied(s *plugin.Settings) plugin.Runner {
	var fields []plugin.Field
	params := make(map[string]plugin.Param)
	for _, e := range embodiedSettings() {
		fields = append(fields, plugin.Key(e.key, plugin.Optional(s.Arithmetic(e.key, plugin.Number(e.bounds)))))
	}
	s.Check(append(fields, plugin.Key("output-parameter", plugin.Optional(plugin.Text(0))))...)
	for _, e := range embodiedSettings() {
		params[e.key] = s.Quantity(e.key, e.otherwise)
	}
	output := plugin.Target{Text: "embodied-carbon"}
	if s.Text("output-parameter") != "" {
		output = s.Output("output-parameter")
	}
	return &sciEmbodied{
		vcpus: params["baseline-vcpus"], memory: params["baseline-memory"], emissions: params["baseline-emissions"],
		lifespan: params["lifespan"],
		perVCPU:  params["vcpu-emissions-constant"], perGB: params["memory-emissions-constant"],
		perSSD: params["ssd-emissions-constant"], perHDD: params["hdd-emissions-constant"],
		perGPU: params["gpu-emissions-constant"],
		output: output, rows: embodiedRows(),
	}
}

// embodiedMetric is a metric that a row may have, and what it is where the row
// does not have it.
type embodiedMetric struct {
	name      string
	bounds    plugin.Bounds
	otherwise float64
}

func embodiedMetrics() []embodiedMetric {
	return []embodiedMetric{
		{"vCPUs", plugin.MoreThan(0), 1},
		{"memory", plugin.MoreThan(0), 16},
		{"ssd", plugin.AtLeast(0), 0},
		{"hdd", plugin.AtLeast(0), 0},
		{"gpu", plugin.AtLeast(0), 0},
		{"usage-ratio", plugin.MoreThan(0), 1},
	}
}

func embodiedRows() plugin.RowCheck {
	rows := plugin.RowCheck{Indexed: true, Cells: []plugin.Cell{plugin.Numeric("duration", plugin.MoreThan(0))}}
	optional := func(name string, b plugin.Bounds) {
		cell := plugin.Numeric(name, b)
		cell.Optional = true
		rows.Cells = append(rows.Cells, cell)
	}
	for _, m := range embodiedMetrics() {
		optional(m.name, m.bounds)
	}
	optional("time", plugin.MoreThan(0))
	return rows
}

func (p *sciEmbodied) Check(c *plugin.Call) error {
	if err := c.CheckRows(p.rows); err != nil {
		return err
	}
	defaults := value.NewMap(len(p.rows.Cells))
	for _, m := range embodiedMetrics() {
		defaults.Set(c.OutName(m.name), value.OfNumber(m.otherwise))
	}
	c.In = c.In.WithDefaults(defaults)
	return nil
}

func (p *sciEmbodied) Compute(_ context.Context, c *plugin.Call) (*frame.Frame, error) {
	t := &embodiedTerms{c: c}
	cpu := t.of("vCPUs").Sub(t.set(p.vcpus)).Mul(t.set(p.perVCPU))
	perGB := t.set(p.perGB).Mul(t.set(p.memory)).Div(t.number(16))
	memory := t.of("memory").Sub(t.set(p.memory)).Mul(perGB).Mul(t.number(1000))
	ssd := t.of("ssd").Mul(t.set(p.perSSD))
	hdd := t.of("hdd").Mul(t.set(p.perHDD))
	gpu := t.of("gpu").Mul(t.set(p.perGPU))
	var total expr.Series
	if text, ok := c.Evaluated.Get(p.emissions.Key).Str(); ok {
		total = joined(text, c.In.Len(), cpu, memory, ssd, hdd, gpu)
	} else {
		if text, ok := p.emissions.Raw.Str(); ok && !expr.Is(text) {
			c.Notice("coerced-number", "Impact Framework puts the digits of the other terms behind "+p.emissions.Key+", a text: "+text)
		}
		total = t.set(p.emissions).Add(cpu).Add(memory).Add(ssd).Add(hdd).Add(gpu)
	}
	share := t.time().Div(t.set(p.lifespan))
	result := total.Mul(t.of("usage-ratio")).Mul(share)
	if t.err != nil {
		return nil, t.err
	}
	return c.EmitVec(c.In, p.output, result.Vec())
}

// embodiedTerms gives the terms of the formula and keeps the first error.
type embodiedTerms struct {
	c   *plugin.Call
	err error
}

func (t *embodiedTerms) number(f float64) expr.Series { return expr.Constant(f, t.c.In.Len()) }

// of returns a metric of the rows.
func (t *embodiedTerms) of(name string) expr.Series { return expr.Of(t.c.NumbersOf(name)) }

// set returns a number of the config, which an expression may make different
// from row to row.
func (t *embodiedTerms) set(p plugin.Param) expr.Series {
	numbers, err := t.c.Resolve(p)
	if err == nil && p.Expr != nil {
		err = checkSetting(p, numbers.Vec())
	}
	if err != nil {
		if t.err == nil {
			t.err = err
		}
		return t.number(1)
	}
	return numbers
}

// checkSetting holds the values of an expression to the bounds of its setting.
func checkSetting(p plugin.Param, v frame.Vec) error {
	for _, e := range embodiedSettings() {
		if e.key != p.Key || plugin.AllWithin(v, e.bounds) {
			continue
		}
		for row := range v.Len() {
			var r plugin.Report
			plugin.Number(e.bounds)(value.OfNumber(v.At(row)), p.Key, &r)
			if !r.OK() {
				return r.Problem("").AtRow(row).WithHint("%s is %s here", p.Expr, value.NumberText(v.At(row)))
			}
		}
	}
	return nil
}

// time returns the seconds to account for: time where a row has it, else its
// duration.
func (t *embodiedTerms) time() expr.Series {
	if !t.c.Has("time") {
		return t.of("duration")
	}
	seconds := t.c.NumbersOf("time")
	if _, ok := t.c.Vec("time"); ok && plugin.AllWithin(seconds, plugin.MoreThan(0)) {
		return expr.Of(seconds)
	}
	duration := t.c.NumbersOf("duration")
	out := make([]float64, t.c.In.Len())
	for row := range out {
		out[row] = duration.At(row)
		if t.c.At(row, "time").Truthy() {
			out[row] = seconds.At(row)
		}
	}
	return expr.Of(frame.VecOf(out))
}

// joined is what JavaScript makes of text + number + number: a longer text,
// which is then read as a number.
func joined(text string, rows int, terms ...expr.Series) expr.Series {
	vecs := make([]frame.Vec, len(terms))
	for i, t := range terms {
		vecs[i] = t.Vec()
	}
	out := make([]float64, rows)
	for row := range out {
		s := []byte(text)
		for _, v := range vecs {
			s = value.AppendNumber(s, v.At(row))
		}
		out[row] = value.ToNumber(string(s))
	}
	return expr.Of(frame.VecOf(out))
}
