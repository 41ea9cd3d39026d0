// Package disclosuretest makes small periods for tests of what shows disclosures.
package disclosuretest

import (
	"fmt"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/unit"
)

// Month is a month of 2026 with one service, at 250 g/kWh, made from one file that no other month
// was made from.
func Month(month time.Month, service string, energy unit.Energy) *disclosure.Period {
	labels, _ := account.LabelsOf("service", service) // which fails for names alone
	from := time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC)
	q := account.Quantities{Energy: energy, CarbonEnergy: energy, Operational: unit.Mass(energy) / 4}
	return &disclosure.Period{
		Span:   account.NewSpan(from, from.AddDate(0, 1, 0)),
		Rows:   []disclosure.Row{{Account: account.Account{Labels: labels}, Quantities: q}},
		Total:  disclosure.Row{Quantities: q},
		Bounds: disclosure.Bounds{Mid: q.Operational, High: q.Operational},
		Coverage: disclosure.Coverage{
			Time: unit.One, Days: 31, ObservedDays: 31, Spans: unit.One, Carbon: unit.One, Attributed: unit.One, Modelled: unit.One,
		},
		Models: []disclosure.Source{{Name: "tdp", Energy: energy}}, Intensities: []disclosure.Source{{Name: "annual", Energy: energy}},
		Inputs: []disclosure.Input{{Name: "windows.ndjson", SHA256: strings.Repeat(fmt.Sprintf("%02x", month), 32)}},
	}
}
