package config

import (
	"math"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/unit"
)

// Embodied says what making the machines of some hosts emitted, and which part of a
// machine each of these hosts has.
type Embodied struct {
	Where     account.Filter
	Total     unit.Mass
	Lifespan  time.Duration
	Reserved  uint64
	Resources uint64
}

// rule returns the rule of the method.
func (e Embodied) rule() derive.EmbodiedRule {
	return derive.EmbodiedRule{
		Where: e.Where, Total: e.Total, Lifespan: unit.Duration(e.Lifespan / time.Microsecond), Reserved: e.Reserved, Resources: e.Resources,
	}
}

// embodied is a target for the embodied carbon of hosts.
func embodied(to *[]Embodied) target {
	return objects[Embodied]{to: to, fresh: func() Embodied { return Embodied{Reserved: 1, Resources: 1} }, fields: func(e *Embodied) []field {
		return []field{
			{name: "where", doc: "the hosts, by their labels; all of them, if it is left out", to: filter{&e.Where}},
			{name: "total_kgco2e", doc: "TE: what making, moving and scrapping one whole machine emits, in kilograms", to: kilograms(&e.Total), required: true},
			{name: "lifespan", doc: "EL: for how long a machine is expected to be used, such as `1461d`", to: span(&e.Lifespan), required: true},
			{name: "reserved", doc: "RR: how much of the machine each of these hosts has, such as its virtual processors; 1, if it is left out", to: weight(&e.Reserved)},
			{name: "resources", doc: "ToR: how much the machine has in all; 1, if it is left out", to: weight(&e.Resources)},
		}
	}}
}

// kilograms is a target for a mass that is written in kilograms: with nine decimals,
// as a ratio has, the last one is the microgram.
func kilograms(to *unit.Mass) target {
	return value[unit.Mass]{to, "a number of kilograms", func(s string) (unit.Mass, error) {
		q, err := unit.ParseRatio(s)
		return unit.Mass(q), err
	}, func(q unit.Mass) *yaml.Node { return bare(unit.Ratio(q).Decimal()) }}
}

func (c *Config) validateEmbodied(l *problems) {
	for i, e := range c.Embodied {
		path := "embodied" + index(i)
		l.wrong(e.Total < 0, path, "total_kgco2e: %s is negative", unit.Ratio(e.Total).Decimal())
		l.wrong(e.Lifespan < time.Hour, path, "lifespan: %s is not one of a machine", formatSpan(e.Lifespan)).Hint = "write it in days, such as 1461d"
		l.wrong(e.Reserved < 1 || e.Reserved > e.Resources, path, "reserved: %d of %d resources", e.Reserved, e.Resources).
			Hint = "say in reserved what a host has, and in resources what the whole machine has"
		l.wrong(e.Resources > math.MaxUint16, path, "resources: %d: use up to %d", e.Resources, math.MaxUint16)
	}
}

func embodiedSettings() Section {
	return Section{"Embodied carbon", "What making the machines emitted, by the formula of the SCI specification (ISO/IEC 21031): M = TE × TiR/EL × RR/ToR, where TiR is " +
		"the host time that was observed. It has a column of its own and is never added to operational carbon. Without a rule it is unknown.", []Setting{
		{
			Path: "embodied", Doc: "The embodied carbon of hosts. The first that matches holds.",
			at: func(c *Config) target { return embodied(&c.Embodied) },
		},
	}}
}

// embodiedRules returns the rules of the method.
func (c *Config) embodiedRules() []derive.EmbodiedRule {
	var rules []derive.EmbodiedRule
	for _, e := range c.Embodied {
		rules = append(rules, e.rule())
	}
	return rules
}
