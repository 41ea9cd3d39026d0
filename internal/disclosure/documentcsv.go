package disclosure

import (
	"encoding/csv"
	"io"
	"slices"

	"github.com/dendro-carbon/dendro/unit"
)

// WriteCSV writes the rows of a document, one a line, then what is shared and the totals.
// What is not known is empty. A text that a spreadsheet would take for a formula has an
// apostrophe before it.
func (d *Document) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	header := append([]string{"period_from", "period_to", "kind"}, d.Scope.By...)
	header = append(header, "energy_kwh", "carbon_energy_kwh", "measured_energy_kwh", "estimated_energy_kwh", "operational_gco2e",
		"operational_low_gco2e", "operational_high_gco2e", "embodied_gco2e", "transport_gco2e", "operations", "requests")
	if err := out.Write(header); err != nil {
		return err
	}
	line := func(kind string, labels []string, f *Figures, transport *unit.Mass) error {
		record := append([]string{d.Period.From.Format(timeLayout), d.Period.To.Format(timeLayout), kind}, labels...)
		return out.Write(append(record, cells(f, transport)...))
	}
	for i := range d.Rows {
		row := &d.Rows[i]
		var labels []string
		for _, name := range d.Scope.By {
			labels = append(labels, plain(row.Labels.Get(name)))
		}
		if err := line(row.Kind.String(), labels, &row.Figures, nil); err != nil {
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
	out.Flush()
	return out.Error()
}

// cells returns figures in the order of the header.
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
