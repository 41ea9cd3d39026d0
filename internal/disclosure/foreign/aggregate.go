package foreign

import (
	"github.com/dendro-carbon/dendro/internal/disclosure"
)

// The bounds of the energy of a byte on the network, relative to the 0.04 kWh/GB that windows
// count with: 0.001 and 0.059 kWh/GB.
const (
	networkLow  = 1e-12 / 4e-11
	networkHigh = 5.9e-11 / 4e-11
)

// flatKWh is the energy of an avoidable operation in the rows of services.
const flatKWh = 1e-7

// coverage is the part of windows that say the figures of services.
func (w *writer) coverage() float64 {
	n := w.p.Windows.Runtime + w.p.Windows.Fallback
	if n == 0 {
		return 1
	}
	return float64(w.p.Windows.Runtime) / float64(n)
}

func (w *writer) aggregate() node {
	r := w.r
	energy := r.EnergyKWh
	if energy == 0 {
		for _, s := range w.all() {
			energy += s.EnergyKWh
		}
	}
	out := object(
		member{"total_requests", count(r.Requests)}, member{"total_energy_kwh", float(energy)}, member{"total_carbon_kgco2eq", float(r.CarbonKg)},
	)
	out.some("carbon_breakdown", w.breakdown())
	canonical := w.tier(&r.Canonical)
	pick := func(name string) node {
		if v := canonical.get(name); v != nil {
			return *v
		}
		return float(0)
	}
	out.add("aggregate_efficiency_score", pick("efficiency_score"))
	out.add("aggregate_waste_ratio", pick("waste_ratio"))
	out.add("anti_patterns_detected_count", count(w.patterns()))
	out.add("estimated_optimization_potential_kgco2eq", pick("carbon_kgco2eq"))
	out.some("canonical_waste", canonical)
	out.some("operational_waste", w.tier(&r.Operational))
	out.add("period_coverage", float(w.coverage()))
	out.some("binary_versions", texts(r.Versions))
	out.add("runtime_windows_count", count(w.p.Windows.Runtime))
	out.add("fallback_windows_count", count(w.p.Windows.Fallback))
	out.some("database_waste", kindWaste(r.Database))
	out.some("messaging_waste", kindWaste(r.Messaging))
	models, ratios := object(), object()
	for _, s := range w.all() {
		if len(s.Models) > 0 {
			models.add(s.Name, texts(s.Models))
		}
		if s.MeasuredRatio != nil {
			ratios.add(s.Name, float(*s.MeasuredRatio))
		}
	}
	out.some("per_service_energy_models", models)
	out.some("per_service_measured_ratio", ratios)
	c := &w.p.Coverage
	out.add("temporal_coverage", object(
		member{"temporal_coverage", float(clamp(float64(c.ObservedDays)/float64(max(c.Days, 1)), 1))},
		member{"observed_days", count(uint64(c.ObservedDays))}, member{"days_in_period", count(uint64(c.Days))},
		member{"largest_gap_days", count(uint64(c.LargestGap))},
	))
	return out
}

func (w *writer) hasBreakdown() bool {
	r := w.r
	return r.OperationalGrams > 0 || r.EmbodiedGrams > 0 || r.TransportGrams > 0 || outOfTotal(r.Database) != nil || outOfTotal(r.Messaging) != nil
}

func outOfTotal(k *disclosure.KindWaste) *float64 {
	if k == nil {
		return nil
	}
	return k.OutOfTotalGrams
}

// breakdown is the total in its terms.
func (w *writer) breakdown() node {
	r, out := w.r, object()
	term := func(name string, grams float64) {
		if grams > 0 {
			out.add(name, float(grams/1000))
		}
	}
	term("operational_kgco2eq", r.OperationalGrams)
	term("embodied_kgco2eq", r.EmbodiedGrams)
	if g := outOfTotal(r.Database); g != nil {
		out.add("database_kgco2eq_out_of_total", float(*g/1000))
	}
	if g := outOfTotal(r.Messaging); g != nil {
		out.add("messaging_kgco2eq_out_of_total", float(*g/1000))
	}
	term("transport_kgco2eq", r.TransportGrams)
	if r.TransportGrams > 0 && !r.TransportUncertain {
		out.add("transport_kgco2eq_low", float(r.TransportGrams/1000*networkLow))
		out.add("transport_kgco2eq_high", float(r.TransportGrams/1000*networkHigh))
	}
	return out
}

// tier is the waste by a threshold, nothing if no window has any.
func (w *writer) tier(t *disclosure.Tier) node {
	if t.Threshold == 0 && t.Operations == 0 {
		return object()
	}
	ratio := 0.0
	if w.r.Operations > 0 {
		ratio = float64(t.Operations) / float64(w.r.Operations)
	}
	return object(
		member{"n_plus_one_threshold", count(t.Threshold)}, member{"energy_kwh", float(t.KWh)}, member{"carbon_kgco2eq", float(t.CarbonKg)},
		member{"waste_ratio", float(clamp(ratio, 1))}, member{"efficiency_score", float(clamp(100-100*ratio, 100))},
	)
}

func kindWaste(k *disclosure.KindWaste) node {
	out := object()
	if k == nil {
		return out
	}
	optional := func(name string, grams *float64) {
		if grams != nil {
			out.add(name, float(*grams/1000))
		}
	}
	out.add("energy_kwh", float(k.EnergyKWh))
	out.add("measured_energy_kwh", float(k.MeasuredKWh))
	if k.DeclaredKWh != 0 {
		out.add("declared_energy_kwh", float(k.DeclaredKWh))
	}
	out.add("models", texts(k.Models))
	out.add("windows_with_figure", count(k.Windows))
	out.add("measured_windows", count(k.Measured))
	if k.Declared != 0 {
		out.add("declared_windows", count(k.Declared))
	}
	out.add("estimated_windows", count(k.Estimated))
	out.add("windows_with_carbon", count(k.WithCarbon))
	out.add("operational_waste_kwh", float(k.OperationalKWh))
	optional("operational_waste_kgco2eq", k.OperationalGrams)
	out.add("canonical_waste_kwh", float(k.CanonicalKWh))
	optional("canonical_waste_kgco2eq", k.CanonicalGrams)
	return out
}

// patterns counts all occurrences.
func (w *writer) patterns() (n uint64) {
	for _, s := range w.all() {
		n += occurrences(s)
	}
	return n
}

func occurrences(s *disclosure.Service) (n uint64) {
	for _, p := range s.Patterns {
		n += p.Occurrences
	}
	return n
}

// applications are the services, with their patterns or, in public, how many they have.
func (w *writer) applications() node {
	out := list()
	for _, s := range w.named() {
		row := object(
			member{"service_name", text(s.Name)}, member{"endpoints_observed", count(uint64(s.Endpoints))},
			member{"total_requests", count(s.Requests)}, member{"energy_kwh", float(s.EnergyKWh)}, member{"carbon_kgco2eq", float(s.CarbonKg)},
			member{"efficiency_score", float(efficiency(s))},
		)
		if w.request.Confidentiality == disclosure.Public {
			row.add("anti_patterns_detected_count", count(occurrences(s)))
		} else {
			row.add("anti_patterns", antiPatterns(s))
		}
		out.items = append(out.items, row)
	}
	return out
}

// efficiency is the part of operations that had to be, in percent.
func efficiency(s *disclosure.Service) float64 {
	if s.Operations == 0 {
		if occurrences(s) == 0 {
			return 100
		}
		return 0
	}
	avoidable := uint64(0)
	for _, p := range s.Patterns {
		avoidable += p.Avoidable
	}
	return clamp(100-100*float64(avoidable)/float64(s.Operations), 100)
}

func antiPatterns(s *disclosure.Service) node {
	out := list()
	intensity := 0.0
	if s.EnergyKWh > 0 {
		intensity = s.CarbonKg / s.EnergyKWh
	}
	for _, p := range s.Patterns {
		waste := float64(p.Avoidable) * flatKWh
		row := object(
			member{"type", text(p.Type)}, member{"occurrences", count(p.Occurrences)}, member{"estimated_waste_kwh", float(waste)},
			member{"estimated_waste_kgco2eq", float(waste * intensity)}, member{"first_seen", text(instant(p.First))},
			member{"last_seen", text(instant(p.Last))},
		)
		row.some("rgesn_criteria", texts(criteria(p.Type)))
		out.items = append(out.items, row)
	}
	return out
}

// criteria are those of RGESN 2024 that a pattern touches.
func criteria(pattern string) []string {
	switch pattern {
	case "n_plus_one_sql", "n_plus_one_http", "n_plus_one_messaging":
		return []string{"7.1", "6.1"}
	case "redundant_sql", "redundant_http":
		return []string{"7.1", "6.5"}
	case "chatty_service":
		return []string{"4.9", "4.10", "6.1"}
	case "excessive_fanout", "pool_saturation":
		return []string{"3.2"}
	case "serialized_calls":
		return []string{"8.10"}
	}
	return nil
}
