package builtin

import (
	"context"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/value"
)

// sciEmbodied estimates the embodied carbon of a share of a server, by how far
// the server is from a baseline, for the share of its life that a row lasts.
type sciEmbodied struct {
	vcpus, memory, emissions param // of the baseline server
	lifespan                 param // s
	perVCPU, perGB           param // gCO2e
	perSSD, perHDD, perGPU   param // gCO2e
	output                   target
	rows                     rowCheck
}

// embodiedSetting is a number of the config.
type embodiedSetting struct {
	key       string
	bounds    bounds
	otherwise float64
}

// embodiedSettings returns the numbers of the config, with the values of a
// typical server: 4 years of life, 1 t CO2e. (Impact Framework, SciEmbodied.)
func embodiedSettings() []embodiedSetting {
	return []embodiedSetting{
		{"baseline-vcpus", atLeast(0), 1},
		{"baseline-memory", atLeast(0), 16},
		{"baseline-emissions", atLeast(0), 1000000},
		{"lifespan", moreThan(0), 126144000},
		{"vcpu-emissions-constant", atLeast(0), 100000},
		{"memory-emissions-constant", atLeast(0), 533.0 / 384},
		{"ssd-emissions-constant", atLeast(0), 50000},
		{"hdd-emissions-constant", atLeast(0), 100000},
		{"gpu-emissions-constant", atLeast(0), 150000},
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

func bindSciEmbodied(s *settings) runner {
	var fields []field
	params := make(map[string]param)
	for _, e := range embodiedSettings() {
		fields = append(fields, field{e.key, optional(s.arithmetic(e.key, number(e.bounds)))})
	}
	s.check(append(fields, field{"output-parameter", optional(text(0))})...)
	for _, e := range embodiedSettings() {
		params[e.key] = s.quantity(e.key, e.otherwise)
	}
	output := target{text: "embodied-carbon"}
	if s.text("output-parameter") != "" {
		output = s.output("output-parameter")
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
	bounds    bounds
	otherwise float64
}

func embodiedMetrics() []embodiedMetric {
	return []embodiedMetric{
		{"vCPUs", moreThan(0), 1}, {"memory", moreThan(0), 16},
		{"ssd", atLeast(0), 0}, {"hdd", atLeast(0), 0}, {"gpu", atLeast(0), 0},
		{"usage-ratio", moreThan(0), 1},
	}
}

func embodiedRows() rowCheck {
	rows := rowCheck{indexed: true, cells: []cell{numeric("duration", moreThan(0))}}
	optional := func(name string, b bounds) {
		cell := numeric(name, b)
		cell.optional = true
		rows.cells = append(rows.cells, cell)
	}
	for _, m := range embodiedMetrics() {
		optional(m.name, m.bounds)
	}
	optional("time", moreThan(0))
	return rows
}

func (p *sciEmbodied) check(c *call) error {
	if err := c.checkRows(p.rows); err != nil {
		return err
	}
	defaults := value.NewMap(len(p.rows.cells))
	for _, m := range embodiedMetrics() {
		defaults.Set(c.outName(m.name), value.OfNumber(m.otherwise))
	}
	c.in = c.in.WithDefaults(defaults)
	return nil
}

func (p *sciEmbodied) compute(_ context.Context, c *call) (*frame.Frame, error) {
	t := &embodiedTerms{c: c}
	cpu := t.of("vCPUs").Sub(t.set(p.vcpus)).Mul(t.set(p.perVCPU))
	perGB := t.set(p.perGB).Mul(t.set(p.memory)).Div(t.number(16))
	memory := t.of("memory").Sub(t.set(p.memory)).Mul(perGB).Mul(t.number(1000))
	ssd := t.of("ssd").Mul(t.set(p.perSSD))
	hdd := t.of("hdd").Mul(t.set(p.perHDD))
	gpu := t.of("gpu").Mul(t.set(p.perGPU))
	var total expr.Series
	if text, ok := c.evaluated.Get(p.emissions.key).Str(); ok {
		total = joined(text, c.in.Len(), cpu, memory, ssd, hdd, gpu)
	} else {
		total = t.set(p.emissions).Add(cpu).Add(memory).Add(ssd).Add(hdd).Add(gpu)
	}
	share := t.time().Div(t.set(p.lifespan))
	result := total.Mul(t.of("usage-ratio")).Mul(share)
	if t.err != nil {
		return nil, t.err
	}
	return c.emitVec(c.in, p.output, result.Vec())
}

// embodiedTerms gives the terms of the formula and keeps the first error.
type embodiedTerms struct {
	c   *call
	err error
}

func (t *embodiedTerms) number(f float64) expr.Series { return expr.Constant(f, t.c.in.Len()) }

// of returns a metric of the rows.
func (t *embodiedTerms) of(name string) expr.Series { return expr.Of(t.c.numbersOf(name)) }

// set returns a number of the config, which an expression may make different
// from row to row.
func (t *embodiedTerms) set(p param) expr.Series {
	numbers, err := t.c.resolve(p)
	if err == nil && p.expr != nil {
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
func checkSetting(p param, v frame.Vec) error {
	for _, e := range embodiedSettings() {
		if e.key != p.key || allWithin(v, e.bounds) {
			continue
		}
		for row := range v.Len() {
			var r report
			number(e.bounds)(value.OfNumber(v.At(row)), p.key, &r)
			if !r.ok() {
				return r.problem("").AtRow(row).WithHint("%s is %s here", p.expr, value.NumberText(v.At(row)))
			}
		}
	}
	return nil
}

// time returns the seconds to account for: time where a row has it, else its
// duration.
func (t *embodiedTerms) time() expr.Series {
	if !t.c.has("time") {
		return t.of("duration")
	}
	seconds := t.c.numbersOf("time")
	if _, ok := t.c.vec("time"); ok && allWithin(seconds, moreThan(0)) {
		return expr.Of(seconds)
	}
	duration := t.c.numbersOf("duration")
	out := make([]float64, t.c.in.Len())
	for row := range out {
		out[row] = duration.At(row)
		if t.c.at(row, "time").Truthy() {
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
