package disclosure

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/unit"
)

// Comparison is how a document differs from another one.
type Comparison struct {
	Before Compared `json:"before"`
	After  Compared `json:"after"`
	// SamePeriod is whether both are about the same time. Then Causes say why figures
	// differ; otherwise they differ because the time does.
	SamePeriod bool `json:"same_period"`
	// Totals are the difference of the totals, and of the carbon that is shared.
	Totals Change `json:"totals"`
	// Transport and LocationBased are After − Before, of the totals.
	Transport     unit.Mass `json:"transport_change_gco2e"`
	LocationBased unit.Mass `json:"location_based_change_gco2e"`
	// Rows are the accounts of either, in order.
	Rows []RowChange `json:"rows"`
	// Methods are members of method and scope that are not the same.
	Methods []MethodChange `json:"methods"`
	// Causes are why the figures of the same period differ: those that the later document
	// states if it restates the other one, else what inputs and methods show.
	Causes  []Evidence `json:"causes"`
	Reasons []Reason   `json:"reasons"`
}

// Compared is a document that is compared.
type Compared struct {
	Link
	Period Dates  `json:"period"`
	Totals Totals `json:"totals"`
	// SCI is nil without a functional unit.
	SCI *Score `json:"sci"`
}

// Change is After − Before. What either does not know, or has no row of, is nil.
type Change struct {
	Energy      *unit.Energy `json:"energy_change_kwh"`
	Operational *unit.Mass   `json:"operational_change_gco2e"`
	Embodied    *unit.Mass   `json:"embodied_change_gco2e"`
}

// RowChange is an account of either document, nil where it has none.
type RowChange struct {
	RowName
	Before *Figures `json:"before"`
	After  *Figures `json:"after"`
	Change
}

// MethodChange is a member of method or scope with what each document says; nothing is
// an empty text.
type MethodChange struct {
	Member string `json:"member"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// Compare returns how a document differs from an older one, of the same or of another
// period. It fails on differences that no quantity holds.
func Compare(before, after *Old) (*Comparison, error) {
	a, b := before.Document, after.Document
	c := &Comparison{
		Before: compared(before), After: compared(after),
		SamePeriod: a.Period.From.Equal(b.Period.From) && a.Period.To.Equal(b.Period.To),
		Rows:       []RowChange{}, Methods: methodChanges(a, b), Causes: []Evidence{}, Reasons: []Reason{},
	}
	var err error
	if c.Totals, err = change(&a.Totals.Figures, &b.Totals.Figures); err != nil {
		return nil, fmt.Errorf("totals: %w", err)
	}
	if c.Transport, err = b.Totals.Transport.Sub(a.Totals.Transport); err != nil {
		return nil, fmt.Errorf("totals: %w", err)
	}
	if c.LocationBased, err = b.Totals.LocationBased.Sub(a.Totals.LocationBased); err != nil {
		return nil, fmt.Errorf("totals: %w", err)
	}
	rowsBefore, rowsAfter := byRow(a), byRow(b)
	for _, name := range rowNames(rowsBefore, rowsAfter) {
		row := RowChange{RowName: name, Before: rowsBefore[name], After: rowsAfter[name]}
		if row.Change, err = change(row.Before, row.After); err != nil {
			return nil, fmt.Errorf("row %s: %w", name.Labels, err)
		}
		c.Rows = append(c.Rows, row)
	}
	if c.SamePeriod {
		c.explain(before, b)
	}
	return c, nil
}

// explain adds the causes of differences between documents of one period.
func (c *Comparison) explain(before *Old, after *Document) {
	if r := after.Restates; r != nil && r.SHA256 == before.SHA256 {
		c.Causes, c.Reasons = append(c.Causes, r.Evidence...), append(c.Reasons, r.Reasons...)
		return
	}
	c.Causes = append(c.Causes, evidence(before.Document, after, nil)...)
}

func compared(o *Old) Compared {
	d := o.Document
	return Compared{Link: Link{d.ID, o.SHA256}, Period: d.Period, Totals: d.Totals, SCI: d.SCI}
}

// change subtracts figures.
func change(before, after *Figures) (c Change, err error) {
	if before == nil || after == nil {
		return c, nil
	}
	energy, err := after.Energy.Sub(before.Energy)
	if err != nil {
		return c, err
	}
	c.Energy = &energy
	if c.Operational, err = massChange(before.Operational, after.Operational); err != nil {
		return c, err
	}
	c.Embodied, err = massChange(before.Embodied, after.Embodied)
	return c, err
}

func massChange(before, after *unit.Mass) (*unit.Mass, error) {
	if before == nil || after == nil {
		return nil, nil
	}
	m, err := after.Sub(*before)
	return &m, err
}

// methodChanges lists what two documents say otherwise of how their figures came to be.
func methodChanges(a, b *Document) []MethodChange {
	all := []MethodChange{}
	note := func(member, before, after string) {
		if before != after {
			all = append(all, MethodChange{member, before, after})
		}
	}
	list := func(texts []string) string { return strings.Join(texts, ", ") }
	note("program", a.Program.Name+" "+a.Program.Version, b.Program.Name+" "+b.Program.Version)
	note("scope.source", a.Scope.Source, b.Scope.Source)
	note("scope.by", list(a.Scope.By), list(b.Scope.By))
	note("scope.boundary", list(a.Scope.Boundary), list(b.Scope.Boundary))
	note("scope.omitted", list(a.Scope.Omitted), list(b.Scope.Omitted))
	note("scope.excluded", list(excludedNames(a)), list(excludedNames(b)))
	note("period.time_zone", a.Period.TimeZone, b.Period.TimeZone)
	note("method.specification", a.Method.Specification, b.Method.Specification)
	note("method.energy_models", list(sourceNames(a.Method.EnergyModels)), list(sourceNames(b.Method.EnergyModels)))
	note("method.intensity_sources", list(sourceNames(a.Method.IntensitySources)), list(sourceNames(b.Method.IntensitySources)))
	note("method.methodologies", list(a.Method.Methodologies), list(b.Method.Methodologies))
	note("method.coefficients", list(a.Method.Coefficients), list(b.Method.Coefficients))
	note("method.versions", list(a.Method.Versions), list(b.Method.Versions))
	note("method.calibrated", fmt.Sprint(a.Method.Calibrated), fmt.Sprint(b.Method.Calibrated))
	note("sci.functional_unit", functionalUnit(a), functionalUnit(b))
	accountsChanges(a.Method.Accounts, b.Method.Accounts, note)
	return all
}

func excludedNames(d *Document) []string {
	var names []string
	for _, e := range d.Scope.Excluded {
		names = append(names, e.What+" "+e.Name)
	}
	slices.Sort(names)
	return names
}

func functionalUnit(d *Document) string {
	if d.SCI == nil {
		return ""
	}
	return d.SCI.Unit
}

// accountsChanges compares the members of a ledger's method, whose values are JSON.
func accountsChanges(a, b []byte, note func(member, before, after string)) {
	before, after := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	// What is no map was refused when the documents were read, or is not given.
	_ = json.Unmarshal(a, &before)
	_ = json.Unmarshal(b, &after)
	names := map[string]bool{}
	for name := range before {
		names[name] = true
	}
	for name := range after {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !bytes.Equal(before[name], after[name]) {
			note("method.accounts."+name, string(before[name]), string(after[name]))
		}
	}
}
