package window

import (
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/canon"
)

// AppendJSON appends the window as a report, in the canonical text of package canon. It
// fails only if a [Raw] text of the window is not JSON.
func (w *Window) AppendJSON(dst []byte) ([]byte, error) {
	var out writer
	out.window(w)
	text, err := canon.Append(dst, out.dst)
	if err != nil {
		return dst, fmt.Errorf("write window: %w", err)
	}
	return text, nil
}

func (w *writer) window(v *Window) {
	w.object(func() {
		w.key("analysis")
		w.object(func() {
			w.uint("duration_ms", v.Analysis.DurationMS)
			w.uint("events_processed", v.Analysis.Events)
			w.uint("traces_analyzed", v.Analysis.Traces)
			w.extra(v.Analysis.Extra)
		})
		w.textIf("binary_version", v.BinaryVersion)
		if v.Detail != nil {
			w.key("dendro")
			w.detail(v.Detail)
		}
		w.raw("detection_config", v.DetectionConfig)
		w.raw("disclosure_waste", v.DisclosureWaste)
		w.raw("findings", orEmpty(v.Findings, "[]"))
		w.key("green_summary")
		w.green(&v.Green)
		if len(v.Endpoints) > 0 {
			w.key("per_endpoint_io_ops")
			w.array(len(v.Endpoints), func(i int) {
				e := &v.Endpoints[i]
				w.object(func() {
					w.text("endpoint", e.Endpoint)
					w.uint("io_ops", e.Ops)
					w.text("service", e.Service)
				})
			})
		}
		w.raw("quality_gate", orEmpty(v.QualityGate, `{"passed":true,"rules":[]}`))
		w.extra(v.Extra)
	})
}

func orEmpty(value Raw, empty string) Raw {
	if value == nil {
		return Raw(empty)
	}
	return value
}

func (w *writer) green(g *Green) {
	w.object(func() {
		w.uint("avoidable_io_ops", g.AvoidableOps)
		w.uint("avoidable_messaging_io_ops", g.AvoidableMessagingOps)
		w.uint("avoidable_sql_io_ops", g.AvoidableSQLOps)
		if g.CO2 != nil {
			w.key("co2")
			w.co2(g.CO2)
		}
		w.raw("database_waste", g.DatabaseWaste)
		w.float("energy_kwh", g.EnergyKWh)
		w.text("energy_model", g.EnergyModel)
		w.float("io_waste_ratio", g.WasteRatio)
		w.text("io_waste_ratio_band", g.WasteBand)
		w.raw("messaging_waste", g.MessagingWaste)
		w.amounts("per_service_carbon_kgco2eq", g.ServiceCarbonKg)
		w.amounts("per_service_energy_kwh", g.ServiceEnergyKWh)
		w.labels("per_service_energy_model", g.ServiceModel)
		w.amounts("per_service_measured_ratio", g.ServiceMeasuredRatio)
		w.labels("per_service_region", g.ServiceRegion)
		if len(g.Regions) > 0 {
			w.key("regions")
			w.array(len(g.Regions), func(i int) { w.region(&g.Regions[i]) })
		}
		if g.ScoringConfig != nil {
			w.key("scoring_config")
			w.scoringConfig(g.ScoringConfig)
		}
		w.raw("top_offenders", orEmpty(g.Offenders, "[]"))
		w.uint("total_io_ops", g.TotalOps)
		w.uint("total_messaging_io_ops", g.MessagingOps)
		w.uint("total_sql_io_ops", g.SQLOps)
		w.floatIf("transport_gco2", g.Transport)
		w.extra(g.Extra)
	})
}

func (w *writer) co2(c *CO2) {
	w.object(func() {
		w.estimate("avoidable", &c.Avoidable)
		w.float("embodied_gco2", c.Embodied)
		w.textIf("functional_unit", c.FunctionalUnit)
		w.float("operational_gco2", c.Operational)
		if c.SCIPerTrace != nil {
			w.estimate("sci_per_trace", c.SCIPerTrace)
		}
		w.estimate("total", &c.Total)
		w.floatIf("transport_gco2", c.Transport)
		w.extra(c.Extra)
	})
}

func (w *writer) estimate(name string, e *Estimate) {
	w.key(name)
	w.object(func() {
		w.float("high", e.High)
		w.float("low", e.Low)
		w.text("methodology", e.Methodology)
		w.float("mid", e.Mid)
		w.text("model", e.Model)
	})
}

func (w *writer) region(r *Region) {
	w.object(func() {
		w.float("co2_gco2", r.Grams)
		w.float("grid_intensity_gco2_kwh", r.Intensity)
		w.boolIf("intensity_estimated", r.Estimated)
		w.textIf("intensity_estimation_method", r.Method)
		w.text("intensity_source", r.Source)
		w.uint("io_ops", r.Ops)
		w.float("pue", r.PUE)
		w.text("region", r.Region)
		w.text("status", r.Status)
	})
}

func (w *writer) scoringConfig(c *ScoringConfig) {
	w.object(func() {
		w.text("api_version", c.APIVersion)
		w.boolIf("electricity_maps", c.ElectricityMaps)
		w.floatIf("embodied_per_request_gco2", c.EmbodiedPerRequest)
		w.text("emission_factor_type", c.EmissionFactorType)
		w.floatIf("network_energy_per_byte_kwh", c.NetworkKWhPerByte)
		w.boolIf("per_operation_coefficients", c.PerOperation)
		w.text("temporal_granularity", c.TemporalGranularity)
		w.boolIf("use_hourly_profiles", c.HourlyProfiles)
	})
}

func (w *writer) detail(d *Detail) {
	w.object(func() {
		w.key("cells")
		w.array(len(d.Cells), func(i int) { w.cell(&d.Cells[i]) })
		w.float("coverage", d.Coverage)
		w.key("drops")
		w.array(len(d.Drops), func(i int) {
			w.object(func() {
				w.text("reason", d.Drops[i].Reason)
				w.uint("spans", d.Drops[i].Spans)
			})
		})
		if d.From < d.To {
			w.instant("from", d.From)
		}
		if len(d.Idle) > 0 {
			w.key("idle")
			w.array(len(d.Idle), func(i int) { w.idle(&d.Idle[i]) })
		}
		w.key("meters")
		w.array(len(d.Meters), func(i int) { w.meter(&d.Meters[i]) })
		w.text("schema", DetailSchema)
		w.key("services")
		w.array(len(d.Services), func(i int) { w.service(&d.Services[i]) })
		w.uint("slot_s", uint64(d.Slot/time.Second))
		w.key("spans")
		w.spanCounts(&d.Spans)
		if d.From < d.To {
			w.instant("to", d.To)
		}
		w.key("total")
		w.object(func() {
			w.float("carbon_coverage", d.Total.CarbonCoverage)
			w.float("embodied_gco2e", d.Total.Embodied)
			w.carbon(&d.Total.Carbon)
			w.float("transport_gco2e", d.Total.Transport)
		})
	})
}

func (w *writer) spanCounts(n *SpanCounts) {
	w.object(func() {
		w.uint("counted", n.Counted)
		w.uint("folded", n.Folded)
		w.uint("http", n.HTTP)
		w.uint("late", n.Late)
		w.uint("messaging", n.Messaging)
		w.uint("other", n.Other)
		w.uint("sql", n.SQL)
		w.uint("undated", n.Undated)
	})
}

// carbon writes the members of Carbon into the open object.
func (w *writer) carbon(c *Carbon) {
	w.float("energy_kwh", c.EnergyKWh)
	w.float("high_gco2e", c.High)
	w.float("low_gco2e", c.Low)
	if c.HasCarbon {
		w.float("operational_gco2e", c.Operational)
	}
	if c.UnknownKWh > 0 {
		w.float("unknown_energy_kwh", c.UnknownKWh)
	}
}

func (w *writer) cell(c *Cell) {
	w.object(func() {
		w.parts("energy_by_kwh", c.EnergyBy)
		w.textIf("environment", c.Environment)
		w.parts("intensity_by_kwh", c.IntensityBy)
		if c.EnergyKWh > c.UnknownKWh {
			w.float("intensity_gco2e_per_kwh", c.Intensity)
			w.float("pue", c.PUE)
		}
		w.uint("operations", c.Ops)
		w.uint("other_spans", c.Others)
		w.textIf("region", c.Region)
		w.text("region_kind", c.RegionKind.String())
		w.text("service", c.Service)
		w.text("service_kind", c.ServiceKind.String())
		if c.Slot != 0 {
			w.instant("slot", c.Slot)
		}
		w.carbon(&c.Carbon)
	})
}

func (w *writer) parts(name string, list []Part) {
	w.key(name)
	w.object(func() {
		for _, p := range list {
			w.float(p.Source, p.KWh)
		}
	})
}

func (w *writer) shares(name string, list []Share) {
	w.key(name)
	w.object(func() {
		for _, s := range list {
			w.float(s.Source, s.Share)
		}
	})
}

func (w *writer) service(s *ServiceDetail) {
	w.object(func() {
		w.floatIf("embodied_gco2e", s.Embodied)
		w.shares("energy_shares", s.EnergyShares)
		w.shares("intensity_shares", s.IntensityShares)
		w.text("kind", s.Kind.String())
		w.uint("operations", s.Ops)
		w.text("service", s.Service)
		w.carbon(&s.Carbon)
	})
}

func (w *writer) idle(i *Idle) {
	w.object(func() {
		if i.EnergyKWh > i.UnknownKWh {
			w.float("intensity_gco2e_per_kwh", i.Intensity)
			w.float("pue", i.PUE)
		}
		w.textIf("region", i.Region)
		w.text("region_kind", i.RegionKind.String())
		if i.Slot != 0 {
			w.instant("slot", i.Slot)
		}
		w.text("source", i.Source)
		w.carbon(&i.Carbon)
	})
}

func (w *writer) meter(m *Meter) {
	w.object(func() {
		w.float("attributed_kwh", m.AttributedKWh)
		w.float("energy_kwh", m.EnergyKWh)
		w.float("idle_kwh", m.IdleKWh)
		w.text("source", m.Source)
		w.float("superseded_kwh", m.SupersededKWh)
	})
}
