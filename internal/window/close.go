package window

import (
	"cmp"
	"math"
	"slices"
)

// Close scores the open window and opens the next one. The result does not depend on the
// order in which spans came, unless there were more names than the limits allow.
func (s *Scorer) Close(c Conditions) Window {
	p := s.price(&c)
	g := p.green()
	w := Window{
		Analysis:      Analysis{Events: g.TotalOps, Traces: s.countedTraces()},
		Findings:      Raw("[]"),
		Green:         g,
		QualityGate:   Raw(`{"passed":true,"rules":[]}`),
		Endpoints:     s.endpointOps(),
		BinaryVersion: s.config.BinaryVersion,
		Detail:        p.detail(&c),
	}
	w.Green.CO2 = p.co2()
	if w.Green.CO2 != nil {
		w.Green.Transport = w.Green.CO2.Transport
		w.Detail.Total.Embodied = w.Green.CO2.Embodied
	}
	w.Green.Offenders = p.offenders(len(c.Readings) == 0 && len(c.Live) == 0)
	s.reset()
	return w
}

// Score scores spans at once.
func Score(config Config, spans []Span, c Conditions) (Window, error) {
	s, err := New(config)
	if err != nil {
		return Window{}, err
	}
	for i := range spans {
		s.Add(&spans[i])
	}
	return s.Close(c), nil
}

// sum adds up the operations of a range of classes.
func (p *pricer) sum(from, to class) uint64 {
	var n uint64
	for _, ops := range p.counts[from : to+1] {
		n += ops
	}
	return n
}

// green returns the compatible summary, but for carbon and offenders.
func (p *pricer) green() Green {
	g := Green{
		TotalOps: p.sum(0, classes-1), SQLOps: p.sum(sqlOther, sqlDelete), MessagingOps: p.counts[message],
		WasteBand: wasteBand(0), Regions: p.regionRows(), ScoringConfig: p.scoringConfig(),
	}
	var energy sum
	window := p.best.tag()
	for _, id := range sortedKeys(p.named, &p.services) {
		s, name := p.named[id], p.services.list[id]
		kwh, model := s.energy.float(), window
		if s.best.Measured() {
			model = s.best.String()
		}
		energy.add(kwh)
		g.ServiceEnergyKWh = append(g.ServiceEnergyKWh, Amount{name, kwh})
		g.ServiceCarbonKg = append(g.ServiceCarbonKg, Amount{name, s.carbon.float() / gramsPerKg})
		g.ServiceRegion = append(g.ServiceRegion, Label{name, s.region})
		g.ServiceModel = append(g.ServiceModel, Label{name, model})
		g.ServiceMeasuredRatio = append(g.ServiceMeasuredRatio, Amount{name, ratio(s.measured, s.ops)})
	}
	if g.EnergyKWh = energy.float(); g.EnergyKWh > 0 {
		g.EnergyModel = window
	}
	return g
}

const gramsPerKg = 1000

func ratio(part, whole uint64) float64 { return float64(part) / float64(max(whole, 1)) }

// regionRows returns the compatible regions, the most carbon first.
func (p *pricer) regionRows() []Region {
	var rows []Region
	for _, id := range sortedKeys(p.regions, &p.Scorer.regions) {
		r, name := p.regions[id], p.Scorer.regions.list[id]
		row := Region{
			Status: "out_of_table", Region: name, PUE: p.grid.at(name, undated).pue,
			Ops: r.ops, Grams: r.carbon.float(), Intensity: r.intensity.float() / float64(max(r.ops, 1)),
			Source: max(r.electric, ElectricAnnual).String(),
		}
		if _, known := p.config.Places[name]; known {
			row.Status = "known"
		} else if row.Grams == 0 { // as the original has it: nothing but the operations
			row.PUE, row.Intensity, row.Source = 0, 0, ElectricAnnual.String()
		}
		if r.electric == ElectricLive {
			row.Estimated, row.Method = r.estimated, r.method
		}
		rows = append(rows, row)
	}
	if p.unplaced > 0 {
		rows = append(rows, Region{Status: "unresolved", Region: "unknown", Ops: p.unplaced, Source: ElectricAnnual.String()})
	}
	slices.SortStableFunc(rows, func(a, b Region) int {
		return cmp.Or(cmp.Compare(b.Grams, a.Grams), cmp.Compare(a.Region, b.Region))
	})
	return rows
}

// co2 returns carbon in the compatible shape, or nil for an empty window.
func (p *pricer) co2() *CO2 {
	traces := p.countedTraces()
	if p.spans == 0 {
		return nil
	}
	var operational sum
	for _, id := range sortedKeys(p.regions, &p.Scorer.regions) {
		operational.add(p.regions[id].carbon.float())
	}
	c := &CO2{Operational: operational.float(), Embodied: p.embodied(), FunctionalUnit: "trace"}
	total, transport := operational, p.transport.float()
	total.add(c.Embodied)
	if transport > 0 {
		c.Transport = &transport
		total.add(transport)
	}
	c.Total = p.estimate(total.float(), "sci_v1_numerator+transport")
	c.Avoidable = p.estimate(0, "sci_v1_operational_ratio")
	if traces > 0 {
		perTrace := p.estimate(total.float()/float64(traces), "sci_v1_intensity")
		c.SCIPerTrace = &perTrace
	}
	return c
}

// embodied returns the embodied carbon of the window, in gCO2e.
func (p *pricer) embodied() float64 {
	return float64(float64(p.countedTraces()) * p.config.Factors.EmbodiedPerTrace)
}

func (p *pricer) estimate(grams float64, methodology string) Estimate {
	f := &p.config.Factors
	return Estimate{Low: grams * f.Low, Mid: grams, High: grams * f.High, Model: p.best.tag(), Methodology: methodology}
}

func (p *pricer) scoringConfig() *ScoringConfig {
	f, e := p.config.Factors, p.config.Electricity
	hourly := p.config.HourlyProfiles
	return &ScoringConfig{
		APIVersion: e.APIVersion, EmissionFactorType: e.EmissionFactorType, TemporalGranularity: e.TemporalGranularity,
		ElectricityMaps: &e.Live, EmbodiedPerRequest: &f.EmbodiedPerTrace, NetworkKWhPerByte: &f.TransportKWhPerByte,
		PerOperation: &f.PerOperation, HourlyProfiles: &hourly,
	}
}

// endpointOps returns operations by service and endpoint, sorted.
func (s *Scorer) endpointOps() []EndpointOps {
	out := make([]EndpointOps, 0, len(s.calls))
	for _, c := range s.calls {
		out = append(out, EndpointOps{s.services.list[c.key.service], s.endpoints.list[c.key.endpoint], c.ops})
	}
	slices.SortFunc(out, func(a, b EndpointOps) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Ops, b.Ops))
	})
	return out
}

// detail returns what the compatible fields have no place for.
func (p *pricer) detail(c *Conditions) *Detail {
	d := &Detail{
		From: c.From, To: c.To, Slot: p.config.Slot,
		Spans: SpanCounts{
			Counted: p.spans, SQL: p.sum(sqlOther, sqlDelete), HTTP: p.sum(httpUnknown, httpLarge), Messaging: p.counts[message],
			Other: p.others, Undated: p.undated, Late: c.Late, Folded: p.folded,
		},
		Meters: p.meterSums(), Idle: p.idle(),
	}
	d.Drops, d.Coverage = p.coverage(c)
	if d.From == 0 && d.To == 0 {
		d.From, d.To = p.extent()
	}
	var total tally
	for i := range p.rows {
		total.merge(&p.rows[i].tally)
		d.Cells = append(d.Cells, p.cellOf(&p.rows[i]))
	}
	d.Total = Total{Carbon: total.carbon(), CarbonCoverage: 1, Transport: p.transport.float()}
	if d.Total.EnergyKWh > 0 {
		d.Total.CarbonCoverage = min(1, max(0, 1-d.Total.UnknownKWh/d.Total.EnergyKWh))
	}
	d.Services = p.serviceDetails()
	return d
}

// coverage returns the drops by reason, sorted, and the part of spans and time that the
// window covers.
func (p *pricer) coverage(c *Conditions) ([]Drop, float64) {
	var drops []Drop
	var dropped uint64
	for _, d := range slices.SortedFunc(slices.Values(c.Drops), func(a, b Drop) int { return cmp.Compare(a.Reason, b.Reason) }) {
		dropped += d.Spans
		if last := len(drops) - 1; last >= 0 && drops[last].Reason == d.Reason {
			drops[last].Spans += d.Spans
		} else if d.Spans > 0 {
			drops = append(drops, d)
		}
	}
	seen := min(1, max(0, 1-c.Blind))
	if all := p.spans + dropped; all > 0 {
		seen *= float64(p.spans) / float64(all)
	}
	return drops, seen
}

// extent returns the slots that hold all spans.
func (p *pricer) extent() (from, to int64) {
	from, to = math.MaxInt64, math.MinInt64
	for i := range p.rows {
		if at := p.rows[i].key.time; at != undated {
			from, to = min(from, at), max(to, at+int64(p.config.Slot))
		}
	}
	if to < from {
		return 0, 0
	}
	return from, to
}
