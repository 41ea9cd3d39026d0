package disclosure

import (
	"encoding/csv"
	"io"
	"maps"
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/unit"
)

// WriteCSV writes the rows of a document, one a line, then what is shared and the totals. Of
// one that replaces another, lines of kind change follow: by how much the totals and each row
// (change_of) differ from what they were, one line for each cause. What is not known is empty.
// A text that a spreadsheet would take for a formula has an apostrophe before it.
func (d *Document) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	header := append([]string{"period_from", "period_to", "kind"}, d.Scope.By...)
	if err := out.Write(slices.Concat(header, csvFigures(), []string{"change_of", "cause"})); err != nil {
		return err
	}
	line := func(kind string, labels []string, f *Figures, transport *unit.Mass) error {
		return out.Write(slices.Concat(d.leading(kind, labels), cells(f, transport), []string{"", ""}))
	}
	for i := range d.Rows {
		row := &d.Rows[i]
		if err := line(row.Kind.String(), d.values(row.Labels), &row.Figures, nil); err != nil {
			return err
		}
	}
	none := make([]string, len(d.Scope.By))
	if err := line("shared", none, &Figures{Embodied: &d.Shared.Embodied}, &d.Shared.Transport); err != nil {
		return err
	}
	if err := line("total", none, &d.Totals.Figures, &d.Totals.Transport); err != nil {
		return err
	}
	for _, record := range d.changeRecords() {
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// csvFigures are the columns of figures.
func csvFigures() []string {
	return []string{
		"energy_kwh", "carbon_energy_kwh", "measured_energy_kwh", "estimated_energy_kwh", "operational_gco2e", "operational_low_gco2e",
		"operational_high_gco2e", "embodied_gco2e", "transport_gco2e", "operations", "requests",
	}
}

// leading returns the first cells of a line.
func (d *Document) leading(kind string, labels []string) []string {
	return append([]string{d.Period.From.Format(timeLayout), d.Period.To.Format(timeLayout), kind}, labels...)
}

// values returns those of labels, in the order of the header.
func (d *Document) values(labels account.Labels) []string {
	values := make([]string, len(d.Scope.By))
	for i, name := range d.Scope.By {
		values[i] = plain(labels.Get(name))
	}
	return values
}

// changeRecords returns the lines of differences: those of one row together, by cause.
func (d *Document) changeRecords() [][]string {
	if d.Restates == nil {
		return nil
	}
	var records [][]string
	all := d.Restates.Differences
	for len(all) > 0 {
		next := slices.IndexFunc(all, func(o Difference) bool { return !sameRow(o.Row, all[0].Row) })
		if next < 0 {
			next = len(all)
		}
		records = append(records, d.changesOf(all[:next])...)
		all = all[next:]
	}
	return records
}

func sameRow(a, b *RowName) bool {
	return a == b || a != nil && b != nil && *a == *b
}

// changesOf returns the lines of the differences of one row, or of the totals.
func (d *Document) changesOf(all []Difference) [][]string {
	of, labels := "total", make([]string, len(d.Scope.By))
	if row := all[0].Row; row != nil {
		of, labels = row.Kind.String(), d.values(row.Labels)
	}
	parts := map[string]map[string]string{} // by cause and figure
	for i := range all {
		for _, part := range all[i].parts() {
			if parts[part.cause] == nil {
				parts[part.cause] = map[string]string{}
			}
			parts[part.cause][all[i].Figure] = part.value
		}
	}
	var records [][]string
	for _, cause := range slices.Sorted(maps.Keys(parts)) {
		record := d.leading("change", labels)
		for _, figure := range csvFigures() {
			record = append(record, parts[cause][figure])
		}
		records = append(records, append(record, of, cause))
	}
	return records
}

// part is a part of a difference, as it is written.
type part struct{ cause, value string }

// parts returns those of a difference: one of any of the causes if nobody worked them out.
func (d *Difference) parts() []part {
	var all []part
	for _, share := range d.Shares {
		all = append(all, part{string(share.Cause), string(share.Value)})
	}
	if whole := d.whole(); all == nil && whole.Sign() != 0 {
		all = append(all, part{anyOf(d.Causes), string(decimalOf(whole))})
	}
	return all
}

// cells returns figures in the order of [csvFigures].
func cells(f *Figures, transport *unit.Mass) []string {
	all := []string{
		f.Energy.Decimal(), f.CarbonEnergy.Decimal(), f.MeasuredEnergy.Decimal(), f.EstimatedEnergy.Decimal(),
		optional(f.Operational), f.OperationalLow.Decimal(), f.OperationalHigh.Decimal(), optional(f.Embodied), optional(transport),
	}
	for _, count := range f.list()[3:] {
		all = append(all, string(*count.value))
	}
	return all
}

func optional(m *unit.Mass) string {
	if m == nil {
		return ""
	}
	return m.Decimal()
}

// plain keeps a spreadsheet from running what a label says.
func plain(text string) string {
	if text != "" && slices.Contains([]byte("=+-@\t\r"), text[0]) {
		return "'" + text
	}
	return text
}
