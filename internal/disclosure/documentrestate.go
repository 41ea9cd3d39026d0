package disclosure

import (
	"bytes"
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/unit"
)

// Old is a document that is replaced, with the hash of its file.
type Old struct {
	Document *Document
	SHA256   string
}

// Cause is why a figure changed.
type Cause string

// The causes of changes: windows or facts that came after the old document was made,
// intensities that were revised, another method or factor, another holder, other
// contents of a file that was read before, other rows.
const (
	CauseLate      Cause = "late"
	CauseIntensity Cause = "intensity"
	CauseMethod    Cause = "method"
	CauseHolding   Cause = "holding"
	CauseInput     Cause = "input"
	CauseView      Cause = "view"
	CauseUnknown   Cause = "unknown"
	// CauseUnexplained is that of what is left of a difference when all that is known to have
	// changed is taken off.
	CauseUnexplained Cause = "unexplained"
)

// Reason is what the ledger says about the slots that were restated between two documents:
// by how much the totals changed for one cause.
type Reason struct {
	Cause       Cause       `json:"cause"`
	Slots       int         `json:"slots"`
	Energy      unit.Energy `json:"energy_kwh"`
	Operational unit.Mass   `json:"operational_gco2e"`
	Embodied    unit.Mass   `json:"embodied_gco2e"`
}

// Restated says which document is replaced, and what is different in the new one.
type Restated struct {
	Link
	// Reasons are the parts of the change by cause, of a ledger. They add up to the
	// differences of the totals, unless a difference says otherwise.
	Reasons []Reason `json:"reasons,omitempty"`
	// Evidence is what the inputs and methods of both documents show.
	Evidence []Evidence `json:"evidence"`
	// Differences are the figures that differ, totals first.
	Differences []Difference `json:"differences"`
}

// Evidence is something that explains differences.
type Evidence struct {
	Cause Cause  `json:"cause"`
	Text  string `json:"text"`
}

// Difference is a figure that differs, of the totals or of a row. A nil value is not known,
// or of a row that is not there.
type Difference struct {
	// Row is nil for the totals.
	Row    *RowName   `json:"row"`
	Figure string     `json:"figure"`
	Before *unitValue `json:"before"`
	After  *unitValue `json:"after"`
	// Causes are those of Shares, or without these all for which there is evidence.
	Causes []Cause `json:"causes"`
	// Shares are the parts of After − Before by cause, and add up to it exactly. Nil is not
	// worked out. One that goes from not known to 0 has none.
	Shares []CausedShare `json:"shares,omitempty"`
}

// whole returns After − Before; what is not known is 0.
func (d *Difference) whole() *big.Rat { return new(big.Rat).Sub(d.After.rat(), d.Before.rat()) }

// RowName names a row.
type RowName struct {
	Labels account.Labels `json:"labels"`
	Kind   account.Kind   `json:"kind"`
}

// unitValue is a quantity of whatever unit: an exact decimal.
type unitValue string

// MarshalJSON writes the number.
func (v unitValue) MarshalJSON() ([]byte, error) { return []byte(v), nil }

// UnmarshalJSON reads a number. One with an exponent is none that a document has, and could have a
// million digits.
func (v *unitValue) UnmarshalJSON(text []byte) error {
	if bytes.ContainsAny(text, "eE") || len(text) > 64 {
		return fmt.Errorf("%q is no amount", text)
	}
	if _, ok := new(big.Rat).SetString(string(text)); !ok {
		return fmt.Errorf("%q is no amount", text)
	}
	*v = unitValue(text)
	return nil
}

// decimalOf writes a number with the nine decimals that amounts have at most, without zeros that
// say nothing.
func decimalOf(n *big.Rat) unitValue {
	return unitValue(strings.TrimSuffix(strings.TrimRight(n.FloatString(9), "0"), "."))
}

// rat returns the value, and 0 of one that is not known.
func (v *unitValue) rat() *big.Rat {
	n := new(big.Rat)
	if v != nil {
		n.SetString(string(*v)) // which UnmarshalJSON has seen to be a number
	}
	return n
}

// restated compares a document with the one that it replaces.
func restated(old *Old, now *Document, reasons []Reason, portions []Portion) (*Restated, error) {
	if !old.Document.IsOf(account.NewSpan(now.Period.From, now.Period.To)) {
		return nil, fmt.Errorf("%w: it restates one of another period, %s to %s", ErrDocument,
			old.Document.Period.FirstDate, old.Document.Period.LastDate)
	}
	r := &Restated{Link: Link{old.Document.ID, old.SHA256}, Reasons: reasons, Evidence: evidence(old.Document, now, reasons)}
	r.Differences = differences(old.Document, now, causes(r.Evidence))
	if portions != nil {
		r.share(SnapshotOf(old.Document), SnapshotOf(now), portions)
	}
	return r, nil
}

// IsOf reports whether the document is of a period.
func (d *Document) IsOf(span account.Span) bool {
	return d.Period.From.Equal(span.From) && d.Period.To.Equal(span.To)
}

// Follows reports whether the document begins when another one ends: a series has neither gaps
// nor overlaps.
func (d *Document) Follows(before *Document) bool { return before.Period.To.Equal(d.Period.From) }

// causes returns the different causes of evidence, in order.
func causes(all []Evidence) []Cause {
	found := []Cause{}
	for _, e := range all {
		if !slices.Contains(found, e.Cause) {
			found = append(found, e.Cause)
		}
	}
	slices.Sort(found)
	if len(found) == 0 {
		found = append(found, CauseUnknown)
	}
	return found
}

// evidence lists what differs between the inputs and methods of two documents.
func evidence(old, now *Document, reasons []Reason) []Evidence {
	all := []Evidence{}
	note := func(c Cause, format string, args ...any) {
		all = append(all, Evidence{c, fmt.Sprintf(format, args...)})
	}
	for _, r := range reasons {
		note(r.Cause, "%d slots of the ledger were stated anew", r.Slots)
	}
	files(old, now, note)
	if a, b := old.Method, now.Method; !slices.Equal(a.Coefficients, b.Coefficients) || !slices.Equal(a.Methodologies, b.Methodologies) ||
		!slices.Equal(sourceNames(a.EnergyModels), sourceNames(b.EnergyModels)) || string(a.Accounts) != string(b.Accounts) || a.Calibrated != b.Calibrated {
		note(CauseMethod, "models, factors or policy of the two are not the same")
	}
	if old.Program != now.Program {
		note(CauseMethod, "made by %s %s, before by %s %s", now.Program.Name, now.Program.Version, old.Program.Name, old.Program.Version)
	}
	if !slices.Equal(sourceNames(old.Method.IntensitySources), sourceNames(now.Method.IntensitySources)) {
		note(CauseIntensity, "the intensities are of other sources")
	}
	if !slices.Equal(old.Scope.By, now.Scope.By) {
		note(CauseView, "the rows are of another view")
	}
	return all
}

// files compares the files that two documents were made from, by their hashes.
func files(old, now *Document, note func(Cause, string, ...any)) {
	had, byName := map[string]bool{}, map[string]File{}
	for _, f := range old.Inputs.Files {
		had[f.SHA256], byName[f.Name] = true, f
	}
	have := map[string]bool{}
	named := old.Confidentiality != Public && now.Confidentiality != Public // else names are numbers
	for _, f := range now.Inputs.Files {
		have[f.SHA256] = true
		before, known := byName[f.Name]
		known = known && named
		switch {
		case had[f.SHA256]:
		case known && f.Windows > before.Windows:
			note(CauseLate, "%s has %d windows more", f.Name, f.Windows-before.Windows)
		case known:
			note(CauseInput, "%s has another content", f.Name)
		default:
			note(CauseLate, "%s is new, with %d windows", f.Name, f.Windows)
		}
	}
	for _, f := range old.Inputs.Files {
		renewed := named && slices.ContainsFunc(now.Inputs.Files, func(n File) bool { return n.Name == f.Name })
		if !have[f.SHA256] && !renewed {
			note(CauseInput, "%s is not among the inputs any more, with %d windows", f.Name, f.Windows)
		}
	}
}

func sourceNames(all []Share) []string {
	var found []string
	for _, s := range all {
		found = append(found, s.Source)
	}
	return found
}

// figure is one figure of a row or of the totals, as a decimal; nil is not known.
type figure struct {
	name  string
	value *unitValue
}

func decimal(text string) *unitValue {
	v := unitValue(text)
	return &v
}

func mass(m *unit.Mass) *unitValue {
	if m == nil {
		return nil
	}
	return decimal(m.Decimal())
}

func (f *Figures) list() []figure {
	return []figure{
		{"energy_kwh", decimal(f.Energy.Decimal())},
		{"operational_gco2e", mass(f.Operational)},
		{"embodied_gco2e", mass(f.Embodied)},
		{"operations", decimal(fmt.Sprint(f.Operations))},
		{"requests", decimal(fmt.Sprint(f.Requests))},
	}
}

func (t *Totals) list() []figure {
	return append(t.Figures.list(),
		figure{"transport_gco2e", mass(&t.Transport)}, figure{"location_based_gco2e", mass(&t.LocationBased)})
}

// differences lists what differs between two documents.
func differences(old, now *Document, why []Cause) []Difference {
	all := []Difference{}
	add := func(row *RowName, before, after []figure) {
		for i := range max(len(before), len(after)) {
			var d Difference
			if i < len(before) {
				d.Figure, d.Before = before[i].name, before[i].value
			}
			if i < len(after) {
				d.Figure, d.After = after[i].name, after[i].value
			}
			if d.Before == nil && d.After == nil || d.Before != nil && d.After != nil && *d.Before == *d.After {
				continue
			}
			d.Row, d.Causes = row, why
			all = append(all, d)
		}
	}
	add(nil, old.Totals.list(), now.Totals.list())
	before, after := byRow(old), byRow(now)
	for _, name := range rowNames(before, after) {
		var a, b []figure
		if f := before[name]; f != nil {
			a = f.list()
		}
		if f := after[name]; f != nil {
			b = f.list()
		}
		add(&name, a, b)
	}
	return all
}

func byRow(d *Document) map[RowName]*Figures {
	rows := map[RowName]*Figures{}
	for i := range d.Rows {
		rows[RowName{d.Rows[i].Labels, d.Rows[i].Kind}] = &d.Rows[i].Figures
	}
	return rows
}

// rowNames returns the names of the rows of either, in order.
func rowNames(a, b map[RowName]*Figures) []RowName {
	var all []RowName
	for name := range a {
		all = append(all, name)
	}
	for name := range b {
		if a[name] == nil {
			all = append(all, name)
		}
	}
	slices.SortFunc(all, func(x, y RowName) int {
		return cmp.Or(x.Labels.Compare(y.Labels), cmp.Compare(x.Kind, y.Kind))
	})
	return all
}
