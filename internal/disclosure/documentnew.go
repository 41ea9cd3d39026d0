package disclosure

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/unit"
)

// Request is what a document is to be besides its figures.
type Request struct {
	Intent          Intent
	Confidentiality Confidentiality
	Org             *Org // nil for none
	Zone            *time.Location
	// By is the labels of the rows.
	By []string
	// Names, if given, shows labels under other values, such as pseudonyms; the rows have
	// them already.
	Names account.Renamer
	// MadeAt is the document's time stamp.
	MadeAt  time.Time
	Program Program
	// Accounts is the method of the ledger as JSON, nil for archives.
	Accounts []byte
	// DataSets are tables that are known to have been used, with their versions.
	DataSets []Factor
	// Restates is the document that is replaced, Reasons why its slots changed.
	Restates *Old
	Reasons  []Reason
	// Portions are the parts of the change since that document; nil is not worked out.
	Portions []Portion
	Previous *Link
}

// New returns the document of a period. It fails on sums that no quantity holds.
func New(p *Period, r Request) (*Document, error) {
	d := &Document{
		Schema: Schema, MadeAt: r.MadeAt.UTC().Truncate(time.Second), Program: r.Program,
		Intent: r.Intent, Confidentiality: r.Confidentiality,
		Period: dates(p, r.Zone), Method: method(p, &r), Coverage: covered(p), Previous: r.Previous,
		Shared: Shared{p.Embodied, p.Transport}, Rows: []Account{},
	}
	rows, err := grouped(p.Rows, r.By)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		row := &rows[i]
		d.Rows = append(d.Rows, Account{row.Labels, row.Kind, figures(row, p.Ledger != nil)})
	}
	if d.Totals, err = totals(p); err != nil {
		return nil, fmt.Errorf("totals: %w", err)
	}
	d.Scope = scope(p, r)
	d.SCI = score(d, r.Org)
	d.Quality = stated(p, r.Org)
	d.Inputs = sources(p)
	d.Notes = notes(d, r.Org)
	if r.Org != nil {
		d.Organisation = &r.Org.Organisation
	}
	if d.Confidentiality == Public {
		d.conceal()
	}
	if r.Restates != nil {
		if d.Restates, err = restated(r.Restates, d, r.Reasons, r.Portions); err != nil {
			return nil, err
		}
	}
	d.ID, err = d.identify()
	return d, err
}

// dates returns the period in the days of a zone.
func dates(p *Period, zone *time.Location) Dates {
	from, last := p.Span.From.In(zone), p.Span.To.Add(-time.Nanosecond).In(zone)
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return Dates{
		From: p.Span.From.UTC(), To: p.Span.To.UTC(), TimeZone: zone.String(),
		FirstDate: from.Format(time.DateOnly), LastDate: last.Format(time.DateOnly),
		Days: int(day(last).Sub(day(from))/(24*time.Hour)) + 1,
		Type: periodType(p.Span.From.In(zone), p.Span.To.In(zone)),
	}
}

// The types of periods.
const (
	typeMonth   = "calendar-month"
	typeQuarter = "calendar-quarter"
	typeYear    = "calendar-year"
	typeCustom  = "custom"
)

func periodType(from, to time.Time) string {
	begin := time.Date(from.Year(), from.Month(), 1, 0, 0, 0, 0, from.Location())
	if !from.Equal(begin) {
		return typeCustom
	}
	switch month := from.Month(); {
	case to.Equal(begin.AddDate(0, 1, 0)):
		return typeMonth
	case to.Equal(begin.AddDate(0, 3, 0)) && month%3 == 1:
		return typeQuarter
	case to.Equal(begin.AddDate(1, 0, 0)) && month == time.January:
		return typeYear
	}
	return typeCustom
}

// figures returns what a row says.
func figures(row *Row, hosts bool) Figures {
	f := Figures{
		Energy: row.Energy, CarbonEnergy: row.CarbonEnergy, MeasuredEnergy: row.MeasuredEnergy,
		EstimatedEnergy: row.EstimatedEnergy, OperationalLow: row.Low, OperationalHigh: row.High,
		Operations: row.Operations, Requests: row.Requests,
	}
	if row.CarbonEnergy != 0 || row.Energy == 0 {
		operational := row.Operational
		f.Operational = &operational
	}
	if row.EmbodiedTime != 0 || row.Embodied != 0 {
		embodied := row.Embodied
		f.Embodied = &embodied
	}
	if hosts {
		observed, expected := row.Observed, row.Expected
		f.Observed, f.Expected = &observed, &expected
	}
	return f
}

func totals(p *Period) (Totals, error) {
	t := Totals{Figures: figures(&p.Total, p.Ledger != nil), Transport: p.Transport}
	if p.Embodied != 0 || t.Embodied != nil {
		embodied, err := unit.Sum(known(t.Embodied), p.Embodied)
		if err != nil {
			return t, err
		}
		t.Embodied = &embodied
	}
	var err error
	if t.LocationBased, err = unit.Sum(known(t.Operational), known(t.Embodied), t.Transport); err != nil {
		return t, err
	}
	t.Low, t.High = p.Bounds.Low, p.Bounds.High
	return t, nil
}

// known returns a figure, or 0 if there is none: for sums of what is known.
func known(m *unit.Mass) unit.Mass {
	if m == nil {
		return 0
	}
	return *m
}

// The parts of the system that figures can be of.
const (
	partOperational = "operational: energy of computing, with the overhead of its building where that is known"
	partEmbodied    = "embodied: making of the hardware"
	partTransport   = "transport: energy of networks between services"
)

func scope(p *Period, r Request) Scope {
	s := Scope{
		Source: SourceArchives, By: append([]string{}, r.By...), MeasuredRequests: p.Total.Requests,
		Boundary: []string{partOperational},
		Omitted:  []string{"the devices of people who use the services", "people's work and travel, offices", "offsets and certificates"},
	}
	if p.Ledger != nil {
		s.Source = SourceLedger
	}
	s.place(partEmbodied, p.Embodied != 0 || p.Total.EmbodiedTime != 0 || p.Total.Embodied != 0)
	s.place(partTransport, p.Transport != 0)
	s.MeasuredApplications = applications(p)
	if r.Org == nil {
		return s
	}
	o := &r.Org.Scope
	s.Environments = slices.Clone(o.Environments)
	declared := o.ApplicationsDeclared
	s.DeclaredApplications, s.DeclaredRequests = &declared, o.Requests
	for _, e := range o.Excluded {
		s.Excluded = append(s.Excluded, Excluded{"application", e.Service, e.Reason})
	}
	for _, e := range o.Absent {
		s.Excluded = append(s.Excluded, Excluded{"environment", e.Name, e.Reason})
	}
	return s
}

// place puts a part inside of the boundary or outside.
func (s *Scope) place(part string, inside bool) {
	if inside {
		s.Boundary = append(s.Boundary, part)
		return
	}
	s.Omitted = append(s.Omitted, part)
}

// applications counts the services, or for other views the accounts.
func applications(p *Period) int {
	names := map[string]bool{}
	for i := range p.Rows {
		row := &p.Rows[i]
		name := row.Labels.Get("service")
		if name == "" {
			name = row.Labels.String()
		}
		if row.Kind.String() == "account" || row.Labels.Get("service") != "" {
			names[name] = true
		}
	}
	return len(names)
}

func method(p *Period, r *Request) Method {
	m := Method{
		Specification: "ISO/IEC 21031:2024", Basis: "location",
		EnergyModels: shares(p.Models), IntensitySources: shares(p.Intensities),
		Methodologies: p.Report.Methodologies, Coefficients: p.Report.Coefficients,
		Versions: p.Report.Versions, Calibrated: p.Report.Calibrated,
		Factors: slices.Clone(p.Factors), DataSets: r.DataSets, Uncertainty: p.Uncertainty,
	}
	if len(r.Accounts) > 0 {
		m.Accounts = json.RawMessage(r.Accounts)
	}
	return m
}

func shares(sources []Source) []Share {
	all := []Share{}
	for _, s := range sources {
		all = append(all, Share{s.Name, s.Energy})
	}
	return all
}

func covered(p *Period) Covered {
	c := &p.Coverage
	out := Covered{
		Time: c.Time, Days: c.Days, ObservedDays: c.ObservedDays, LargestGap: c.LargestGap,
		Spans: c.Spans, Carbon: c.Carbon, Attributed: c.Attributed,
		Measured: c.Measured, Modelled: c.Modelled, Estimated: c.Estimated,
	}
	if p.Ledger != nil {
		out.Embodied = p.Total.Figures().EmbodiedCoverage
	}
	return out
}

// score returns the carbon per functional unit, nil if there was none of it.
func score(d *Document, o *Org) *Score {
	s := &Score{Unit: "request", Count: d.Totals.Requests}
	if o != nil && o.FunctionalUnit.Name != "" {
		s.Unit = o.FunctionalUnit.Name
	}
	if o != nil && o.FunctionalUnit.Count != nil {
		s.Count = *o.FunctionalUnit.Count
	}
	if s.Count == 0 {
		return nil
	}
	s.Value, s.Low, s.High = per(d.Totals.LocationBased, s.Count), per(d.Totals.Low, s.Count), per(d.Totals.High, s.Count)
	return s
}

// per returns grams per unit as a decimal of twelve places, without zeros that say nothing.
func per(m unit.Mass, count uint64) json.Number {
	value := new(big.Rat).SetFrac(big.NewInt(int64(m)), new(big.Int).Mul(big.NewInt(1_000_000), new(big.Int).SetUint64(count)))
	text := strings.TrimRight(value.FloatString(12), "0")
	return json.Number(strings.TrimSuffix(text, "."))
}

func stated(p *Period, o *Org) Stated {
	w, q := &p.Windows, &p.Quality.Repairs
	s := Stated{
		Findings: []Acknowledged{},
		Windows: WindowCounts{
			w.Counted, w.Runtime, w.Fallback, w.Unattributed, w.Duplicates, w.Outside, w.Malformed, w.Dropped, w.Late,
		},
		Chain:   Chain(w.Chain),
		Repairs: Repaired(*q),
	}
	for _, f := range p.Quality.Findings {
		a := Acknowledged{Finding: f}
		if o != nil {
			a.Reason = strings.TrimSpace(o.Acknowledged[string(f.Code)])
		}
		s.Findings = append(s.Findings, a)
	}
	return s
}

func sources(p *Period) Sources {
	var s Sources
	for i := range p.Inputs {
		in := &p.Inputs[i]
		s.Files = append(s.Files, File{in.Name, in.SHA256, in.Bytes, in.Lines, in.Counted, in.First, in.Last})
	}
	if p.Ledger != nil {
		s.Ledger = &FromLedger{p.Ledger.KnownAt, p.Ledger.Restatements}
	}
	return s
}

// notes returns what readers must know to read the figures, and what the organisation adds.
func notes(d *Document, o *Org) Notes {
	n := Notes{Disclaimers: []string{
		"Carbon is location-based: contracts and certificates are not in it.",
		"Figures of rows are operational carbon; what is shared is in no row.",
		"Energy whose carbon is not known is in the bounds alone, and never counts as 0.",
	}}
	if d.Coverage.Time < unit.One {
		n.Disclaimers = append(n.Disclaimers,
			"Nothing is known of part of the period ("+d.Coverage.Time.Decimal()+" of it is covered); the figures are not extrapolated.")
	}
	if e := d.Coverage.Embodied; e != nil && *e < unit.One {
		n.Disclaimers = append(n.Disclaimers,
			"Embodied carbon is known of part of the host time ("+e.Decimal()+"); that of the rest is in no figure, bounds included.")
	}
	if d.Coverage.Measured < unit.One {
		n.Disclaimers = append(n.Disclaimers,
			"Energy is measured as far as coverage.measured says ("+d.Coverage.Measured.Decimal()+"); the rest is modelled or estimated.")
	}
	if o != nil {
		n.Disclaimers = append(n.Disclaimers, o.Notes.Disclaimers...)
		n.References = o.Notes.References
	}
	return n
}

// conceal takes names of files, and of what the ledger's method has, out of a public
// document. Hashes stay: who has the files can still verify it.
func (d *Document) conceal() {
	hidden := map[string]string{}
	for i := range d.Inputs.Files {
		f := &d.Inputs.Files[i]
		name := fmt.Sprintf("input-%d", i+1)
		hidden[f.Name], f.Name = name, name
	}
	for i := range d.Quality.Findings {
		f := &d.Quality.Findings[i]
		if f.Input == "" {
			continue
		}
		name := hidden[f.Input]
		if name == "" {
			name = "a file" // that is missing, or no input
		}
		f.Text, f.Input = strings.ReplaceAll(f.Text, f.Input, name), hidden[f.Input]
	}
	d.Method.Accounts = nil
	for i := range d.Method.Factors {
		if f := &d.Method.Factors[i]; f.Name == FactorPower || f.Name == FactorEmbodied || f.Name == FactorPlace {
			f.Of = ""
		}
	}
}

// Zone returns the time zone of the document.
func (d *Document) Zone() (*time.Location, error) {
	zone, err := time.LoadLocation(d.Period.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("%w: period.time_zone: %w", ErrDocument, err)
	}
	return zone, nil
}
