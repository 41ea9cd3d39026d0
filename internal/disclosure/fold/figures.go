package fold

import (
	"maps"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/disclosure"
)

// result returns what only the original's report has.
func (f *folder) result() disclosure.Report {
	r := &f.report
	out := disclosure.Report{
		Requests: r.requests, Operations: r.ops, EnergyKWh: r.energy.float(), CarbonKg: r.carbon.float(),
		OperationalGrams: r.operational.float(), EmbodiedGrams: r.embodied.float(), TransportGrams: r.carried.float(),
		TransportUncertain: r.uncertain, Canonical: r.canonical.result(), Operational: r.atOperators.result(),
		Database: r.database.result(), Messaging: r.messaging.result(), LegacyWaste: r.legacy,
		Versions: r.versions.sorted, Models: r.models.sorted, Methodologies: r.methodologies.sorted,
		Coefficients: r.coefficients.sorted, Calibrated: r.calibrated,
	}
	for _, name := range slices.Sorted(maps.Keys(f.services)) {
		out.Services = append(out.Services, f.services[name].result(name))
	}
	if f.other.seen {
		other := f.other.result("_other")
		other.Other = true
		out.Services = append(out.Services, other)
	}
	if f.nobody.told() {
		nobody := f.nobody.result(unattributedName)
		out.Unattributed = &nobody
	}
	out.Services = slices.DeleteFunc(out.Services, func(s disclosure.Service) bool { return !s.Other && !f.services[s.Name].told() })
	return out
}

// told reports whether the original's report would tell of a service at all.
func (s *service) told() bool { return s.named || s.ratios > 0 || len(s.models.sorted) > 0 }

func (t *tier) result() disclosure.Tier {
	return disclosure.Tier{Threshold: t.threshold, Operations: t.ops, KWh: t.kwh.float(), CarbonKg: t.kg.float()}
}

func (k *kindWaste) result() *disclosure.KindWaste {
	if k.windows == 0 {
		return nil
	}
	optional := func(has bool, s *sum) *float64 {
		if !has {
			return nil
		}
		x := s.float()
		return &x
	}
	return &disclosure.KindWaste{
		EnergyKWh: k.energy.float(), MeasuredKWh: k.measuredKWh.float(), DeclaredKWh: k.declaredKWh.float(), Models: k.models.sorted,
		Windows: k.windows, Measured: k.measured, Declared: k.declared, Estimated: k.estimated, WithCarbon: k.withCarbon,
		OperationalKWh: k.operational.float(), CanonicalKWh: k.canonical.float(),
		OperationalGrams: optional(k.hasOperational, &k.operationalGrams),
		CanonicalGrams:   optional(k.hasCanonical, &k.canonicalGrams), OutOfTotalGrams: optional(k.hasOut, &k.outOfTotal),
	}
}

func (s *service) result(name string) disclosure.Service {
	out := disclosure.Service{
		Name: name, Named: s.named, Endpoints: len(s.endpoints), Operations: s.ops, Requests: s.requests,
		EnergyKWh: s.energy.float(), CarbonKg: s.carbon.float(), Models: s.models.sorted,
	}
	for _, p := range s.patterns {
		out.Patterns = append(out.Patterns, *p)
	}
	slices.SortFunc(out.Patterns, func(a, b disclosure.Pattern) int { return strings.Compare(a.Type, b.Type) })
	if s.ratios > 0 {
		ratio := s.ratio.float() / float64(s.ratios)
		out.MeasuredRatio = &ratio
	}
	return out
}
