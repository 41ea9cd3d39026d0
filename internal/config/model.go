package config

import (
	"cmp"
	"fmt"

	"go.yaml.in/yaml/v4"

	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/unit"
)

// Ratio is unit.Ratio: a number with nine decimals.
type Ratio = unit.Ratio

// model is a target for a power model. It is written in one of three ways: by
// busy_w and idle_w, by tdp_w, or by curve.
type model struct{ to *energy.Model }

// written is a model as it is written.
type written struct {
	name             string
	busy, idle, tdp  unit.Power
	per              energy.Per
	curve            []energy.Point
	pue              unit.Ratio
	hasCurve, hasTDP bool
	hasBusy, hasIdle bool
}

func (w *written) fields() []field {
	return []field{
		{name: "name", doc: "how the model is called in explanations", to: words(&w.name, "a text")},
		{name: "busy_w", doc: "power of a busy processor", to: noted{watts(&w.busy), &w.hasBusy}},
		{name: "idle_w", doc: "power of an idle processor", to: noted{watts(&w.idle), &w.hasIdle}},
		{name: "tdp_w", doc: "instead of both: power of a processor, busy or not", to: noted{watts(&w.tdp), &w.hasTDP}},
		{name: "curve", doc: "instead of these: power by use, linear between its points", to: noted{points(&w.curve), &w.hasCurve}},
		{name: "per", doc: "what a curve is for: `cpu` (each processor) or `host` (the whole machine)", to: choice(&w.per, energy.PerCPU, energy.PerHost)},
		{name: "pue", doc: "power usage effectiveness of the building, if it is not `energy.pue`", to: ratio(&w.pue)},
	}
}

// noted remembers that a field was given.
type noted struct {
	target
	given *bool
}

func (n noted) read(r *reader, node *yaml.Node) {
	*n.given = true
	n.target.read(r, node)
}

func (n noted) node() *yaml.Node {
	if !*n.given {
		return nil
	}
	return n.target.node()
}

func points(to *[]energy.Point) target {
	return objects[energy.Point]{to: to, fresh: func() energy.Point { return energy.Point{} }, fields: func(p *energy.Point) []field {
		return []field{
			{name: "use", to: ratio(&p.Use), required: true},
			{name: "power_w", to: watts(&p.Power), required: true},
		}
	}}
}

func (m model) read(r *reader, n *yaml.Node) {
	w := &written{}
	before := len(r.problems)
	r.object(n, w.fields())
	if len(r.problems) > before {
		return
	}
	read, err := w.model()
	if err == nil {
		err = read.Validate()
	}
	if err != nil {
		r.wrong(n, "%v", err)
		return
	}
	*m.to = read
}

// model returns the model that is written.
func (w *written) model() (energy.Model, error) {
	var m energy.Model
	ways := 0
	for _, given := range []bool{w.hasBusy || w.hasIdle, w.hasTDP, w.hasCurve} {
		if given {
			ways++
		}
	}
	switch {
	case ways != 1:
		return m, fmt.Errorf("give busy_w and idle_w, or tdp_w, or curve")
	case w.hasCurve:
		m = energy.Model{Name: "curve", Curve: w.curve}
	case w.per == energy.PerHost:
		return m, fmt.Errorf("per: host needs a curve; busy_w, idle_w and tdp_w are of one processor")
	case w.hasTDP:
		m = energy.TDP(w.tdp)
	case w.hasBusy != w.hasIdle:
		return m, fmt.Errorf("give both busy_w and idle_w")
	default:
		m = energy.BusyIdle(w.busy, w.idle)
	}
	m.Name, m.Per, m.PUE = cmp.Or(w.name, m.Name), cmp.Or(w.per, m.Per), w.pue
	return m, nil
}

func (m model) node() *yaml.Node {
	w := &written{name: m.to.Name, pue: m.to.PUE, curve: m.to.Curve, hasCurve: true}
	switch {
	case m.to.Per == energy.PerHost:
		w.per = m.to.Per
	case len(m.to.Curve) == 2 && m.to.Curve[0].Power == m.to.Curve[1].Power:
		w.hasCurve, w.hasTDP, w.tdp = false, true, m.to.Curve[0].Power
	case len(m.to.Curve) == 2:
		w.hasCurve, w.hasBusy, w.hasIdle = false, true, true
		w.idle, w.busy = m.to.Curve[0].Power, m.to.Curve[1].Power
	}
	fields := w.fields()
	if w.pue == 0 {
		fields = fields[:len(fields)-1]
	}
	return objectNode(fields)
}

func (m model) kind() string { return "a power model, see below" }

func (m model) keys() []field { return (&written{}).fields() }

// overrides is a target for the models of some hosts.
func overrides(to *[]derive.ModelRule) target {
	return objects[derive.ModelRule]{to: to, fresh: func() derive.ModelRule { return derive.ModelRule{} }, fields: func(o *derive.ModelRule) []field {
		return []field{
			{name: "where", doc: "the hosts, by their labels: a value or a list of values for each", to: filter{&o.Where}, required: true},
			{name: "model", doc: "their power model, as `energy.model`", to: model{&o.Model}, required: true},
		}
	}}
}

// places is a target for where hosts are.
func places(to *[]derive.PlaceRule) target {
	return objects[derive.PlaceRule]{to: to, fresh: func() derive.PlaceRule { return derive.PlaceRule{} }, fields: func(p *derive.PlaceRule) []field {
		return []field{
			{name: "where", doc: "the hosts, by their labels", to: filter{&p.Where}, required: true},
			{name: "region", doc: "the region whose electricity they use, as in `intensity.region`", to: words(&p.Region, "a region"), required: true},
		}
	}}
}

// labelRules is a target for labels that are made from others.
func labelRules(to *[]derive.LabelRule) target {
	return objects[derive.LabelRule]{to: to, fresh: func() derive.LabelRule { return derive.LabelRule{} }, fields: func(l *derive.LabelRule) []field {
		return []field{
			{name: "label", doc: "the label to add", to: words(&l.Label, "a label"), required: true},
			{name: "from", doc: "the labels whose values it is made from; without one of them it stays missing", to: texts(&l.From, "a list of labels"), required: true},
			{name: "separator", doc: "what stands between the values", to: words(&l.Separator, "a text")},
			{name: "map", doc: "what the joined values are looked up in", to: names(&l.Map, "a map from text to text")},
		}
	}}
}

// weights is a target for the weights of holders.
func weights(to *[]derive.WeightRule) target {
	return objects[derive.WeightRule]{to: to, fresh: func() derive.WeightRule { return derive.WeightRule{} }, fields: func(w *derive.WeightRule) []field {
		return []field{
			{name: "where", doc: "the holders, by their labels", to: filter{&w.Where}, required: true},
			{name: "weight", doc: "a whole number from 0 up; a holder without a rule has 1", to: weight(&w.Weight), required: true},
		}
	}}
}
