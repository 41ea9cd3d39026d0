package fold

import (
	"math"
	"strconv"

	"github.com/dendro-carbon/dendro/internal/window"
)

// reportSums adds up what only the original's report has.
type reportSums struct {
	requests, ops                                  uint64
	energy, carbon, operational, embodied, carried sum // kWh, kg and three times gCO2e
	uncertain, calibrated                          bool
	canonical, atOperators                         tier
	database, messaging                            kindWaste
	legacy                                         uint64
	versions, models, methodologies, coefficients  tags
	scoring                                        coefficients // of the last window
}

// coefficients are how a window was scored.
type coefficients struct {
	embodied, network    optional[float64]
	perOperation, hourly optional[bool]
}

// optional is a value or none.
type optional[T comparable] struct {
	value T
	known bool
}

func setting[T comparable](of *T) optional[T] {
	if of == nil {
		return optional[T]{}
	}
	return optional[T]{*of, true}
}

func newReportSums() reportSums {
	return reportSums{
		versions: newTags(maxVersions), models: newTags(maxTags), methodologies: newTags(maxTags), coefficients: newTags(maxTags),
		database: kindWaste{models: newTags(maxVersions)}, messaging: kindWaste{models: newTags(maxVersions)},
	}
}

// tier is waste by one threshold.
type tier struct {
	threshold, lowest, ops uint64
	kwh, kg                sum
}

// kindWaste is the waste of databases, or of brokers.
type kindWaste struct {
	models                                             tags
	windows, measured, declared, estimated, withCarbon uint64
	energy, measuredKWh, declaredKWh                   sum
	operational, canonical                             sum // kWh
	operationalGrams, canonicalGrams, outOfTotal       sum
	hasOperational, hasCanonical, hasOut               bool
}

// networkKWhPerByte is the coefficient of transport whose bounds are known: 0.04 kWh/GB,
// between 0.001 and 0.059 (specs of the original, 0.11.1).
const networkKWhPerByte = 4e-11

func (r *reportSums) add(f *folder, l *window.Line, v *windowFigures) {
	w, g := &l.Window, &l.Window.Green
	r.requests, r.ops = plus(r.requests, w.Analysis.Traces), plus(r.ops, g.TotalOps)
	r.energy.addFloat(v.energy)
	r.carbon.addFloat(v.carbon / 1000)
	r.operational.addFloat(v.operational)
	r.embodied.addFloat(v.embodied)
	r.carried.addFloat(v.transport)
	r.waste(f, w, v)
	r.version(f, w.BinaryVersion)
	if tag, calibrated, ok := cleanTag(g.EnergyModel); ok {
		r.calibrated = r.calibrated || calibrated
		r.models.insert(tag)
	} else if g.EnergyModel != "" {
		f.repairs.Tags++
	}
	if g.CO2 != nil {
		if m := g.CO2.Total.Methodology; m != "" && len(m) <= maxTag {
			r.methodologies.insert(m)
		}
	}
	c := g.ScoringConfig
	if v.transport > 0 && (c == nil || c.NetworkKWhPerByte == nil || math.Abs(*c.NetworkKWhPerByte-networkKWhPerByte) >= 0x1p-52) {
		r.uncertain = true
	}
	if c != nil {
		r.coefficientsOf(c)
	}
}

// version notes the version of a program, if it is one.
func (r *reportSums) version(f *folder, text string) {
	if text == "" {
		return
	}
	good := len(text) <= maxTag
	for i := 0; i < len(text) && good; i++ {
		good = isTagByte(text[i]) || text[i] == '.' || text[i] == '-'
	}
	if !good {
		f.repairs.Tags++
		return
	}
	r.versions.insert(text)
}

func isTagByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '+'
}

// coefficientsOf notes how a window was scored, which is mostly as the one before was.
func (r *reportSums) coefficientsOf(c *window.ScoringConfig) {
	now := coefficients{setting(c.EmbodiedPerRequest), setting(c.NetworkKWhPerByte), setting(c.PerOperation), setting(c.HourlyProfiles)}
	if now == r.scoring {
		return
	}
	r.scoring = now
	number := func(name string, x *float64) {
		if x != nil {
			r.coefficients.insert(name + "=" + strconv.FormatFloat(*x, 'f', -1, 64))
		}
	}
	word := func(name string, b *bool) {
		if b != nil {
			r.coefficients.insert(name + "=" + strconv.FormatBool(*b))
		}
	}
	number("embodied_gco2_per_request", c.EmbodiedPerRequest)
	number("network_kwh_per_byte", c.NetworkKWhPerByte)
	word("per_operation_coefficients", c.PerOperation)
	word("use_hourly_profiles", c.HourlyProfiles)
}

// waste adds the waste of a window. One of before there were waste figures has
// only the operators' tier, worked out from what was avoidable.
func (r *reportSums) waste(f *folder, w *window.Window, v *windowFigures) {
	g := &w.Green
	if w.Waste == nil {
		r.legacy++
		r.atOperators.ops = plus(r.atOperators.ops, g.AvoidableOps)
		if g.TotalOps > 0 {
			r.atOperators.kwh.addFloat(v.energy * min(float64(g.AvoidableOps)/float64(g.TotalOps), 1))
		}
		if g.CO2 != nil {
			r.atOperators.kg.addFloat(f.amount(g.CO2.Avoidable.Mid) / 1000)
		}
		return
	}
	f.windows.Waste++
	r.canonical.add(f, &w.Waste.Canonical)
	r.atOperators.add(f, &w.Waste.Operational)
	for _, kind := range []struct {
		sum *kindWaste
		of  *window.KindWaste
	}{{&r.database, w.Waste.Database}, {&r.messaging, w.Waste.Messaging}} {
		if kind.of != nil && !kind.sum.add(f, kind.of) {
			f.repairs.Tags++
		}
	}
}

// add adds the waste of a window.
func (t *tier) add(f *folder, one *window.Tier) {
	t.saw(one.Threshold)
	t.ops = plus(t.ops, one.Ops)
	t.kwh.addFloat(f.amount(one.KWh))
	t.kg.addFloat(f.amount(one.Grams) / 1000)
}

// add adds the waste of a window, unless its tag is none.
func (k *kindWaste) add(f *folder, one *window.KindWaste) bool {
	energy, operational, canonical := f.amount(one.EnergyKWh), f.amount(one.Operational), f.amount(one.Canonical)
	if !isTag(one.Model) {
		return false
	}
	k.windows++
	k.models.insert(one.Model)
	k.energy.addFloat(energy)
	k.operational.addFloat(operational)
	k.canonical.addFloat(canonical)
	switch one.Model {
	case "estimated":
		k.estimated++
	case "broker_specpower":
		k.declared++
		k.declaredKWh.addFloat(energy)
	default:
		k.measured++
		k.measuredKWh.addFloat(energy)
	}
	if one.EnergyGrams != nil {
		grams := f.amount(*one.EnergyGrams)
		if one.Model != "estimated" {
			k.hasOut = true
			k.outOfTotal.addFloat(grams)
		}
	}
	if one.OperationalGrams != nil {
		k.hasOperational = true
		k.operationalGrams.addFloat(f.amount(*one.OperationalGrams))
	}
	if one.CanonicalGrams != nil {
		k.hasCanonical = true
		k.canonicalGrams.addFloat(f.amount(*one.CanonicalGrams))
	}
	if one.OperationalGrams != nil || one.CanonicalGrams != nil {
		k.withCarbon++
	}
	return true
}

// isTag reports whether a text can be the tag of a source of energy.
func isTag(text string) bool {
	for i := range len(text) {
		if !isTagByte(text[i]) {
			return false
		}
	}
	return text != "" && len(text) <= maxTag
}

func (r *reportSums) merge(o *reportSums) {
	r.requests, r.ops = plus(r.requests, o.requests), plus(r.ops, o.ops)
	for _, p := range [][2]*sum{
		{&r.energy, &o.energy}, {&r.carbon, &o.carbon}, {&r.operational, &o.operational}, {&r.embodied, &o.embodied}, {&r.carried, &o.carried},
	} {
		p[0].add(p[1])
	}
	r.uncertain, r.calibrated = r.uncertain || o.uncertain, r.calibrated || o.calibrated
	r.canonical.merge(&o.canonical)
	r.atOperators.merge(&o.atOperators)
	r.database.merge(&o.database)
	r.messaging.merge(&o.messaging)
	r.legacy += o.legacy
	r.versions.merge(&o.versions)
	r.models.merge(&o.models)
	r.methodologies.merge(&o.methodologies)
	r.coefficients.merge(&o.coefficients)
}

// saw takes notice of the threshold of a window.
func (t *tier) saw(threshold uint64) {
	if threshold == 0 {
		return
	}
	t.threshold = max(t.threshold, threshold)
	if t.lowest == 0 || threshold < t.lowest {
		t.lowest = threshold
	}
}

func (t *tier) merge(o *tier) {
	t.saw(o.threshold)
	t.saw(o.lowest)
	t.ops = plus(t.ops, o.ops)
	t.kwh.add(&o.kwh)
	t.kg.add(&o.kg)
}

func (k *kindWaste) merge(o *kindWaste) {
	k.models.merge(&o.models)
	k.windows += o.windows
	k.measured += o.measured
	k.declared += o.declared
	k.estimated += o.estimated
	k.withCarbon += o.withCarbon
	for _, p := range [][2]*sum{
		{&k.energy, &o.energy},
		{&k.measuredKWh, &o.measuredKWh},
		{&k.declaredKWh, &o.declaredKWh},
		{&k.operational, &o.operational},
		{&k.canonical, &o.canonical},
		{&k.operationalGrams, &o.operationalGrams},
		{&k.canonicalGrams, &o.canonicalGrams},
		{&k.outOfTotal, &o.outOfTotal},
	} {
		p[0].add(p[1])
	}
	k.hasOperational, k.hasCanonical, k.hasOut = k.hasOperational || o.hasOperational, k.hasCanonical || o.hasCanonical, k.hasOut || o.hasOut
}
