package foreign

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/unit"
)

// Refused lists why an official report cannot be made.
type Refused struct{ Problems []string }

// Error says how many problems there are, and the first.
func (r *Refused) Error() string {
	return fmt.Sprintf("%d rules of official reports are broken, the first: %s", len(r.Problems), r.Problems[0])
}

// New returns the text of a report, with its content hash. It needs an organisation, and a
// period of whole days. Official reports that break a rule are refused: the error
// is a [Refused].
func New(p *disclosure.Period, r disclosure.Request) ([]byte, error) {
	if r.Org == nil {
		return nil, &Refused{[]string{"organisation: a report needs an organisation's file"}}
	}
	w := &writer{p: p, r: &p.Report, request: &r, org: r.Org}
	if broken := w.broken(); r.Intent == disclosure.Official && len(broken) > 0 {
		return nil, &Refused{broken}
	}
	report := object(
		member{"schema_version", text(Schema)}, member{"report_metadata", w.metadata()}, member{"organisation", w.organisation()},
		member{"period", w.period()}, member{"scope_manifest", w.scope()}, member{"methodology", w.methodology()},
		member{"aggregate", w.aggregate()}, member{"applications", w.applications()}, member{"integrity", w.integrity()},
		member{"notes", w.notes()},
	)
	report.get("report_metadata").set("report_uuid", text(identify(&report)))
	hash, err := ContentHash(report.compact(nil))
	if err != nil {
		return nil, err
	}
	report.get("integrity").set("content_hash", text(hash))
	return append(report.pretty(nil, 0), '\n'), nil
}

// identify makes a UUID (version 8, of RFC 9562) of the content, so that the same inputs give
// the same report.
func identify(report *node) string {
	sum := sha256.Sum256(report.compact(nil))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// writer writes a report.
type writer struct {
	p       *disclosure.Period
	r       *disclosure.Report
	request *disclosure.Request
	org     *disclosure.Org
}

// version is the program, where the original has its own version.
func (w *writer) version() string { return w.request.Program.Name + "-" + w.request.Program.Version }

func (w *writer) metadata() node {
	return object(
		member{"intent", text(string(w.request.Intent))}, member{"confidentiality_level", text(string(w.request.Confidentiality))},
		member{"integrity_level", text("hash-only")}, member{"generated_at", text(instant(w.request.MadeAt))},
		member{"generated_by", text("cli-batch")}, member{"perf_sentinel_version", text(w.version())},
		member{"report_uuid", text("00000000-0000-0000-0000-000000000000")},
	)
}

func (w *writer) organisation() node {
	o := &w.org.Organisation
	ids := object()
	for _, id := range [][2]string{
		{"siren", o.Identifiers.Siren},
		{"vat", o.Identifiers.VAT},
		{"lei", o.Identifiers.LEI},
		{"opencorporates_url", o.Identifiers.OpenCorporate},
		{"domain", o.Identifiers.Domain},
	} {
		ids.optional(id[0], id[1])
	}
	out := object(member{"name", text(o.Name)}, member{"country", text(o.Country)}, member{"identifiers", ids})
	out.optional("sector", o.Sector)
	return out
}

func (n *node) optional(name, value string) {
	if value != "" {
		n.add(name, text(value))
	}
}

// days returns the first and the last day, and how many there are.
func (w *writer) days() (first, last time.Time, number int) {
	zone := w.request.Zone
	if zone == nil {
		zone = time.UTC
	}
	first, last = w.p.Span.From.In(zone), w.p.Span.To.Add(-1).In(zone)
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return first, last, int(day(last).Sub(day(first)).Hours()/24) + 1
}

func (w *writer) period() node {
	first, last, number := w.days()
	end := last.AddDate(0, 0, 1)
	kind := "custom"
	if first.Day() == 1 && end.Day() == 1 {
		switch months := (end.Year()-first.Year())*12 + int(end.Month()-first.Month()); {
		case months == 1:
			kind = "calendar-month"
		case months == 3 && first.Month()%3 == 1:
			kind = "calendar-quarter"
		case months == 12 && first.Month() == time.January:
			kind = "calendar-year"
		}
	}
	return object(
		member{"from_date", text(first.Format(time.DateOnly))}, member{"to_date", text(last.Format(time.DateOnly))},
		member{"period_type", text(kind)}, member{"days_covered", count(uint64(number))},
	)
}

// named returns the services that have a row.
func (w *writer) named() []*disclosure.Service {
	var out []*disclosure.Service
	for i := range w.r.Services {
		if w.r.Services[i].Named {
			out = append(out, &w.r.Services[i])
		}
	}
	return out
}

// all returns the services and what belongs to none, by name.
func (w *writer) all() []*disclosure.Service {
	var out []*disclosure.Service
	for i := range w.r.Services {
		out = append(out, &w.r.Services[i])
	}
	if w.r.Unattributed != nil {
		out = append(out, w.r.Unattributed)
	}
	slices.SortFunc(out, func(a, b *disclosure.Service) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func (w *writer) scope() node {
	s := &w.org.Scope
	out := object(member{"total_applications_declared", count(uint64(s.ApplicationsDeclared))}, member{"applications_measured", count(uint64(len(w.named())))})
	excluded := list()
	for _, e := range s.Excluded {
		excluded.items = append(excluded.items, object(member{"service_name", text(e.Service)}, member{"reason", text(e.Reason)}))
	}
	out.some("applications_excluded", excluded)
	out.some("environments_measured", texts(s.Environments))
	out.some("environments_excluded", reasoned(s.Absent))
	if s.Requests != nil {
		out.add("total_requests_in_period", count(*s.Requests))
	}
	out.add("requests_measured", count(w.r.Requests))
	if s.Requests != nil {
		percentage := 0.0
		if *s.Requests > 0 {
			percentage = 100 * float64(w.r.Requests) / float64(*s.Requests)
		}
		out.add("coverage_percentage", float(percentage))
	}
	out.add("coverage_basis", object(
		member{"operator_declared", texts([]string{
			"total_applications_declared", "total_requests_in_period", "applications_excluded", "environments_measured", "environments_excluded",
		})},
		member{"machine_derived", texts([]string{"applications_measured", "requests_measured", "coverage_percentage"})},
	))
	return out
}

// some adds a list that is not empty.
func (n *node) some(name string, value node) {
	if len(value.items)+len(value.members) > 0 {
		n.add(name, value)
	}
}

func reasoned(all []disclosure.Reasoned) node {
	out := list()
	for _, e := range all {
		out.items = append(out.items, object(member{"name", text(e.Name)}, member{"reason", text(e.Reason)}))
	}
	return out
}

// corePatterns are those that every report must have looked for.
func corePatterns() []string {
	return []string{"n_plus_one_sql", "n_plus_one_http", "redundant_sql", "redundant_http"}
}

func (w *writer) methodology() node {
	m := &w.org.Methodology
	out := object(
		member{"sci_specification", text(m.SCISpecification)}, member{"perf_sentinel_version", text(w.version())},
		member{"enabled_patterns", texts(m.EnabledPatterns)},
	)
	out.some("disabled_patterns", reasoned(m.DisabledPatterns))
	out.add("core_patterns_required", texts(corePatterns()))
	out.add("conformance", text(cmp.Or(m.Conformance, "partial"))) // who claims nothing
	c := &m.Calibration
	in := object()
	in.some("cloud_regions", texts(c.CloudRegions))
	in.add("carbon_intensity_source", text(c.CarbonIntensitySource))
	in.add("specpower_table_version", text(c.SPECpowerTableVersion))
	in.add("scaphandre_used", truth(c.ScaphandreUsed))
	in.some("energy_source_models", texts(w.r.Models))
	in.add("calibration_applied", truth(w.r.Calibrated))
	in.some("scoring_coefficients", texts(w.r.Coefficients))
	in.some("carbon_methodologies", texts(w.r.Methodologies))
	if w.hasBreakdown() {
		in.add("embodied_gco2_total", float(w.r.EmbodiedGrams))
		if w.r.Requests > 0 {
			in.add("embodied_gco2_per_request", float(w.r.EmbodiedGrams/float64(w.r.Requests)))
		}
	}
	out.add("calibration_inputs", in)
	out.add("standard_crosswalk", crosswalk())
	return out
}

// crosswalk tells which figure is which datapoint of ESRS E1.
func crosswalk() node {
	mapping := func(field, datapoint, note string) node {
		return object(member{"report_field", text(field)}, member{"datapoint", text(datapoint)}, member{"note", text(note)})
	}
	return object(
		member{"standard", text("ESRS E1 (Delegated Regulation (EU) 2023/5303)")},
		member{"mappings", list(
			mapping("aggregate.total_energy_kwh", "E1-5 Energy consumption and mix", "In kWh; ESRS wants MWh, by source."),
			mapping("aggregate.total_carbon_kgco2eq (operational term)", "E1-6 Gross Scope 2 GHG emissions (location-based)",
				"There is no market-based figure; ESRS wants both."),
			mapping("embodied carbon (SCI M term, aggregate only)", "E1-6 Gross Scope 3 GHG emissions (categories 1 and 2)",
				"Estimated by a factor a request."),
		)},
		member{"caveats", texts([]string{
			"A help for readers, neither a certificate nor an inventory.",
			"Bounds of carbon are those of the model's factors.",
			"Computing alone: nothing else of an organisation is in it.",
		})},
	)
}

func (w *writer) integrity() node {
	c := &w.p.Windows.Chain
	return object(
		member{"content_hash", text("")},
		member{"trace_integrity_chain", object(
			member{"breaks", count(c.Breaks)}, member{"breaks_outside_period", count(c.BreaksOutside)},
			member{"windows_unchained", count(c.Unchained)}, member{"windows_verified", count(c.Verified)},
		)},
		member{"signature", null()},
	)
}

func (w *writer) notes() node {
	said := slices.Clone(w.org.Notes.Disclaimers)
	if len(said) == 0 {
		said = []string{
			"An estimate that shows directions; its factors may be wrong by two, either way.",
			"Potentials are of operational carbon alone.",
			"Carbon of services is operational where windows have it by service, and a share of all carbon, by operations, where they have not.",
			"Not for reports under CSRD or GHG Protocol Scope 3 as it stands.",
			"Method: ISO/IEC 21031:2024 (SCI).",
		}
	}
	c := &w.p.Coverage
	if len(w.r.Versions) > 1 {
		said = append(said, fmt.Sprintf("Windows were scored by %d versions of a program.", len(w.r.Versions)))
	}
	if w.r.Calibrated {
		said = append(said, "Energy of some services is calibrated.")
	}
	said = append(said, fmt.Sprintf("%d of %d days have windows; the longest time without is %d days.", c.ObservedDays, c.Days, c.LargestGap))
	for _, f := range w.p.Quality.Findings {
		said = append(said, w.finding(&f))
	}
	out := object(member{"disclaimers", texts(said)})
	links := object()
	for _, name := range sortedNames(w.org.Notes.References) {
		links.add(name, text(w.org.Notes.References[name]))
	}
	out.some("reference_urls", links)
	return out
}

// finding says a finding, with the reason why the figures stand in spite of it.
func (w *writer) finding(f *disclosure.Finding) string {
	said := "Inputs (" + string(f.Code) + "): " + f.Text
	if f.Input != "" && w.request.Confidentiality != disclosure.Public {
		said = "Inputs (" + string(f.Code) + ", " + f.Input + "): " + f.Text
	}
	if reason := w.org.Acknowledged[string(f.Code)]; reason != "" {
		said += " Acknowledged: " + reason
	}
	return said
}

func sortedNames(of map[string]string) []string {
	var out []string
	for name := range of {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// broken returns which rules of official reports are broken.
func (w *writer) broken() []string {
	var out []string
	rule := func(broken bool, format string, args ...any) {
		if broken {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	m, s, p := &w.org.Methodology, &w.org.Scope, w.p
	_, _, number := w.days()
	measured := len(w.named())
	rule(number < disclosure.MinDays, "period.days_covered: %d days, and at least %d are needed", number, disclosure.MinDays)
	rule(measured == 0, "applications: there is none")
	rule(uint64(measured) > uint64(s.ApplicationsDeclared), "scope_manifest.applications_measured: %d, and %d are declared", measured, s.ApplicationsDeclared)
	rule(s.Requests != nil && w.r.Requests > *s.Requests, "scope_manifest.requests_measured: %d, more than are declared", w.r.Requests)
	rule(m.SCISpecification == "", "methodology.sci_specification: required")
	rule(m.Conformance != "core-required" && m.Conformance != "extended", "methodology.conformance: %q is not core-required or extended", m.Conformance)
	for _, name := range corePatterns() {
		rule(!slices.Contains(m.EnabledPatterns, name), "methodology.enabled_patterns: %s is not enabled", name)
	}
	for _, name := range m.EnabledPatterns {
		rule(!slices.Contains(disclosure.Patterns(), name), "methodology.enabled_patterns: %q is not known", name)
	}
	for _, e := range m.DisabledPatterns {
		rule(!slices.Contains(disclosure.Patterns(), e.Name) || slices.Contains(corePatterns(), e.Name),
			"methodology.disabled_patterns: %q is not known, or may not be disabled", e.Name)
	}
	source := m.Calibration.CarbonIntensitySource
	rule(!slices.Contains([]string{"electricity_maps", "static_tables", "mixed"}, source),
		"methodology.calibration_inputs.carbon_intensity_source: %q is not electricity_maps, static_tables or mixed", source)
	rule(m.Calibration.SPECpowerTableVersion == "", "methodology.calibration_inputs.specpower_table_version: required")
	coverage := w.coverage()
	rule(coverage < 0.75, "aggregate.period_coverage: %s of windows say the figures of services, at least 0.75 must", strconv.FormatFloat(coverage, 'g', 4, 64))
	rule(p.Coverage.Attributed < unit.One*3/4, "aggregate: %s of the energy has an account, at least 0.75 must", p.Coverage.Attributed.Decimal())
	t := w.r.Canonical.Threshold
	rule(t != 2 && t != 0, "aggregate.canonical_waste.n_plus_one_threshold: %d, and only 2 is comparable", t)
	without := p.Windows.Counted - p.Windows.Findings
	rule(without > 0, "aggregate: %d windows were not looked through for anti-patterns: their waste would read as zero", without)
	rule(w.r.LegacyWaste > 0, "aggregate.canonical_waste: %d windows carry no waste figures: their waste would read as zero", w.r.LegacyWaste)
	for _, f := range p.Quality.Findings {
		rule(f.Grave && w.org.Acknowledged[string(f.Code)] == "", "inputs: %s: %s %s: acknowledge it with a reason in the organisation's file, or mend it", f.Code, f.Input, f.Text)
	}
	return out
}

func clamp(x, high float64) float64 { return math.Max(0, math.Min(x, high)) }
