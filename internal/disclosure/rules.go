package disclosure

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/unit"
)

// The thresholds of official disclosures.
const (
	// MinDays is the length of the shortest month: a shorter period could be picked for
	// its good figures.
	MinDays = 28
	// MinCoverage is how much of what should be known has to be: with less, the unknown
	// part can outweigh any change that the figures show. It is the threshold that
	// perf-sentinel's reports made customary, here by energy and time and not by windows.
	MinCoverage = 3 * unit.One / 4
	// MaxEstimated is how much of the energy may be estimated.
	MaxEstimated = unit.One / 4
)

// Rule is something that an official disclosure fulfils.
type Rule struct {
	// ID is a short fixed word, Field the member of the document that it is about.
	ID, Field string
	// Text is the rule, Why its reason, and Hint what to do if it is broken.
	Text, Why, Hint string

	broken func(d *Document) []string
}

// Violation is a rule that a document breaks.
type Violation struct {
	Rule  string `json:"rule"`
	Field string `json:"field"`
	// Text says what is wrong, Hint what to do.
	Text string `json:"text"`
	Hint string `json:"hint"`
}

// Violations returns all rules of official disclosures that a document breaks, in the
// order of [Rules].
func Violations(d *Document) []Violation {
	var all []Violation
	for _, r := range Rules() {
		for _, text := range r.broken(d) {
			all = append(all, Violation{r.ID, r.Field, text, r.Hint})
		}
	}
	return all
}

// Rules returns the rules of official disclosures, in the order of the document.
//
//archtest:long a table
func Rules() []Rule {
	return []Rule{
		{
			"organisation", "organisation",
			"The organisation has a name and a country of ISO 3166-1.",
			"Figures that nobody answers for are no disclosure.",
			"name it in a file given by --org",
			brokenOrganisation,
		},
		{
			"period-length", "period.days", fmt.Sprintf("The period has at least %d days.", MinDays),
			"A shorter period could be picked for its good figures; 28 days are the shortest month.",
			"disclose a month, a quarter or a year",
			func(d *Document) []string {
				return when(d.Period.Days < MinDays || !d.Period.From.Before(d.Period.To), "%d days", d.Period.Days)
			},
		},
		{
			"period-over", "made_at", "The period is over when the document is made.",
			"Figures of a time that is not over will change.",
			"wait for the end of the period, or disclose one that is over",
			func(d *Document) []string {
				return when(d.MadeAt.Before(d.Period.To), "made at %s, before the end of the period", d.MadeAt.Format(timeLayout))
			},
		},
		{
			"scope-excluded", "scope.excluded", "What is left out is named, with the reason.",
			"A reader has to be able to judge whether the rest stands for the whole.",
			"give every excluded application and environment a name and a reason",
			brokenExclusions,
		},
		{
			"scope-applications", "scope.measured_applications", "No more applications are measured than are declared, and some are.",
			"Else the declared scope is not that of the figures.",
			"correct scope_manifest.total_applications_declared",
			brokenApplications,
		},
		{
			"scope-requests", "scope.measured_requests", "No more requests are measured than are declared.",
			"Else the declared scope is not that of the figures.",
			"correct scope_manifest.total_requests_in_period, or leave it out",
			func(d *Document) []string {
				declared := d.Scope.DeclaredRequests
				return when(declared != nil && d.Scope.MeasuredRequests > *declared, "%d measured, %d declared", d.Scope.MeasuredRequests, deref(declared))
			},
		},
		{
			"rows", "rows", "There are figures.", "A disclosure of nothing is none.",
			"see that the inputs hold windows of the period",
			func(d *Document) []string {
				return when(len(d.Rows) == 0 || d.Totals.Energy <= 0, "%d rows, %s kWh", len(d.Rows), d.Totals.Energy.Decimal())
			},
		},
		{
			"people", "scope.by", "A public document has no rows of people.",
			"Whose work took how much energy is personal data.",
			"choose another view by --by, such as service,region or facility,group",
			brokenPrivacy,
		},
		{
			"sums", "totals", "Rows and what is shared add up to the totals, parts to their whole, and nothing is negative.",
			"Figures that contradict each other cannot all be right.",
			"this is no document that dendro made: make it again from its inputs",
			Inconsistencies,
		},
		{
			"embodied", "totals.embodied_gco2e", "Embodied carbon is known.",
			"An SCI without M is none (ISO/IEC 21031:2024).",
			"set the embodied factor of services, or the embodied part of power models",
			func(d *Document) []string { return when(d.Totals.Embodied == nil, "not known") },
		},
		{
			"functional-unit", "sci", "There is a functional unit, and some of it.",
			"A rate is what can be compared between periods of different load.",
			"name one in [functional_unit] of the organisation's file, with its count",
			func(d *Document) []string { return when(d.SCI == nil || d.SCI.Unit == "", "none") },
		},
		{
			"coverage-time", "coverage.time", "At least 75 % of the period is covered.",
			"The unknown part could outweigh any change that the figures show.",
			"find the missing archives, or disclose the part of the period that is known",
			func(d *Document) []string { return below(d.Coverage.Time) },
		},
		{
			"coverage-spans", "coverage.spans", "At least 75 % of what was received is counted, weighted by energy.",
			"Dropped load looks like saved energy.",
			"see the drops in quality.windows, and give the receiver more room",
			func(d *Document) []string { return below(d.Coverage.Spans) },
		},
		{
			"coverage-carbon", "coverage.carbon", "The carbon of at least 75 % of the energy is known.",
			"Energy of unknown carbon is in the bounds alone.",
			"give the regions an intensity (services.places, or an intensity source)",
			func(d *Document) []string { return below(d.Coverage.Carbon) },
		},
		{
			"coverage-embodied", "coverage.embodied", "Where embodied carbon is that of hosts, it is known of at least 75 % of their time.",
			"M of a part is not that of the system.",
			"give the other hosts a rule (embodied)",
			func(d *Document) []string {
				if d.Coverage.Embodied == nil {
					return nil
				}
				return below(*d.Coverage.Embodied)
			},
		},
		{
			"coverage-attributed", "coverage.attributed", "At least 75 % of the energy has an account.",
			"A whole of which most belongs to nobody explains nothing.",
			"name services or holders, or choose a view that does",
			func(d *Document) []string { return below(d.Coverage.Attributed) },
		},
		{
			"estimated", "coverage.estimated", "At most 25 % of the energy is estimated.",
			"Estimates cannot show whether a measure worked.",
			"attach meters, or power models of the machines in use",
			func(d *Document) []string {
				return when(d.Coverage.Estimated > MaxEstimated, "%s of the energy", d.Coverage.Estimated.Decimal())
			},
		},
		{
			"findings", "quality.findings", "No grave finding about the inputs stands without a reason.",
			"Broken chains, missing files and cut tails mean that figures may have been changed or left out.",
			"repair the inputs, or say why the figures stand: a line CODE = \"reason\" in [acknowledged] of the organisation's file",
			brokenFindings,
		},
		{
			"inputs", "inputs", "The inputs are named with their hashes.",
			"Without them nobody can work the figures out again.",
			"disclose from archives or a ledger",
			func(d *Document) []string {
				return when(len(d.Inputs.Files) == 0 && d.Inputs.Ledger == nil, "none")
			},
		},
	}
}

// timeLayout is how instants are shown to people.
const timeLayout = "2006-01-02T15:04:05Z07:00"

func when(broken bool, format string, args ...any) []string {
	if !broken {
		return nil
	}
	return []string{fmt.Sprintf(format, args...)}
}

func below(r unit.Ratio) []string {
	return when(r < MinCoverage, "%s, and %s is wanted", r.Decimal(), MinCoverage.Decimal())
}

func deref[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}

func brokenOrganisation(d *Document) []string {
	if d.Organisation == nil {
		return []string{"nobody is named"}
	}
	return append(when(strings.TrimSpace(d.Organisation.Name) == "", "it has no name"),
		when(!IsCountry(d.Organisation.Country), "country %q is none of ISO 3166-1", d.Organisation.Country)...)
}

func brokenExclusions(d *Document) []string {
	var all []string
	for _, e := range d.Scope.Excluded {
		all = append(all, when(strings.TrimSpace(e.Name) == "" || strings.TrimSpace(e.Reason) == "", "%s %q: name or reason is missing", e.What, e.Name)...)
	}
	return all
}

func brokenApplications(d *Document) []string {
	s := &d.Scope
	if s.DeclaredApplications == nil || s.Source == SourceLedger {
		return nil // a ledger's accounts are not applications
	}
	return when(s.MeasuredApplications > int(*s.DeclaredApplications), "%d measured, %d declared", s.MeasuredApplications, *s.DeclaredApplications)
}

// personal are the labels that name people, or what one of them does.
func personal() []string {
	return []string{"user", "username", "email", "workspace", "experiment", "pi"}
}

func brokenPrivacy(d *Document) []string {
	if d.Confidentiality != Public {
		return nil
	}
	var all []string
	for _, name := range personal() {
		all = append(all, when(slices.Contains(d.Scope.By, name) ||
			slices.ContainsFunc(d.Rows, func(a Account) bool { return a.Labels.Get(name) != "" }), "rows by %s", name)...)
	}
	return all
}

func brokenFindings(d *Document) []string {
	var all []string
	for _, f := range d.Quality.Findings {
		where := f.Input
		if where != "" {
			where += ": "
		}
		all = append(all, when(f.Grave && strings.TrimSpace(f.Reason) == "", "%s: %s%s", f.Code, where, f.Text)...)
	}
	return all
}
