package fold

import (
	"math"
	"strconv"
	"strings"

	"github.com/dendro-carbon/dendro/internal/canon"
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

func (r *reportSums) coefficientsOf(c *window.ScoringConfig) {
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
	if w.DisclosureWaste == nil {
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
	var s canon.Scanner
	s.Reset(w.DisclosureWaste)
	s.Object()
	for key, more := s.Key(); more; key, more = s.Key() {
		switch string(key) {
		case "canonical":
			r.canonical.read(f, &s)
		case "operational":
			r.atOperators.read(f, &s)
		case "database":
			readKindWaste(f, &s, &r.database)
		case "messaging":
			readKindWaste(f, &s, &r.messaging)
		default:
			s.Skip()
		}
	}
}

func (t *tier) read(f *folder, s *canon.Scanner) {
	if s.Null() {
		return
	}
	s.Object()
	for key, more := s.Key(); more; key, more = s.Key() {
		switch string(key) {
		case "n_plus_one_threshold":
			t.saw(s.Uint())
		case "avoidable_io_ops":
			t.ops = plus(t.ops, s.Uint())
		case "avoidable_kwh":
			t.kwh.addFloat(f.amount(s.Float()))
		case "avoidable_gco2":
			t.kg.addFloat(f.amount(s.Float()) / 1000)
		default:
			s.Skip()
		}
	}
}

// oneWaste is the waste of one window.
type oneWaste struct {
	model                                         string
	energy, operational, canonical                float64
	energyGrams, operationalGrams, canonicalGrams float64
	hasEnergy, hasOperational, hasCanonical       bool
}

func readKindWaste(f *folder, s *canon.Scanner, into *kindWaste) {
	if s.Null() {
		return
	}
	var one oneWaste
	optional := func(x *float64, has *bool) {
		if !s.Null() {
			*x, *has = f.amount(s.Float()), true
		}
	}
	s.Object()
	for key, more := s.Key(); more; key, more = s.Key() {
		switch string(key) {
		case "model":
			one.model = s.Text()
		case "energy_kwh":
			one.energy = f.amount(s.Float())
		case "operational_waste_kwh":
			one.operational = f.amount(s.Float())
		case "canonical_waste_kwh":
			one.canonical = f.amount(s.Float())
		case "energy_gco2":
			optional(&one.energyGrams, &one.hasEnergy)
		case "operational_waste_gco2":
			optional(&one.operationalGrams, &one.hasOperational)
		case "canonical_waste_gco2":
			optional(&one.canonicalGrams, &one.hasCanonical)
		default:
			s.Skip()
		}
	}
	if !into.add(&one) {
		f.repairs.Tags++
	}
}

// add adds the waste of a window, unless its tag is none.
func (k *kindWaste) add(one *oneWaste) bool {
	if one.model == "" || len(one.model) > maxTag || strings.ContainsFunc(one.model, func(r rune) bool { return r > 127 || !isTagByte(byte(r)) }) {
		return false
	}
	k.windows++
	k.models.insert(one.model)
	k.energy.addFloat(one.energy)
	k.operational.addFloat(one.operational)
	k.canonical.addFloat(one.canonical)
	switch one.model {
	case "estimated":
		k.estimated++
	case "broker_specpower":
		k.declared++
		k.declaredKWh.addFloat(one.energy)
	default:
		k.measured++
		k.measuredKWh.addFloat(one.energy)
	}
	if one.hasEnergy && one.model != "estimated" {
		k.hasOut = true
		k.outOfTotal.addFloat(one.energyGrams)
	}
	if one.hasOperational {
		k.hasOperational = true
		k.operationalGrams.addFloat(one.operationalGrams)
	}
	if one.hasCanonical {
		k.hasCanonical = true
		k.canonicalGrams.addFloat(one.canonicalGrams)
	}
	if one.hasOperational || one.hasCanonical {
		k.withCarbon++
	}
	return true
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
