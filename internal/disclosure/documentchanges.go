package disclosure

import (
	"strconv"
	"strings"

	"github.com/dendro-carbon/dendro/unit"
)

// pageChanges is how many differences a page lists; the document has all.
const pageChanges = 60

// listed is a difference from the document that is replaced, for people.
type listed struct {
	Of, Figure, Before, After string
	Why                       string // the parts by cause
}

// changes returns the first differences, those of the totals before those of rows, and how
// many more there are.
func (d *Document) changes() ([]listed, int) {
	if d.Restates == nil {
		return nil, 0
	}
	all := d.Restates.Differences
	var shown []listed
	for _, one := range all[:min(len(all), pageChanges)] {
		c := listed{Of: "Total", Figure: figureText(one.Figure), Before: one.amount(one.Before), After: one.amount(one.After), Why: one.why()}
		if c.Before == c.After { // with as many digits as fit
			c.Before, c.After = one.exact(one.Before), one.exact(one.After)
		}
		if one.Row != nil {
			c.Of = rowName(d.Scope.By, &Account{Labels: one.Row.Labels, Kind: one.Row.Kind})
		}
		shown = append(shown, c)
	}
	return shown, len(all) - len(shown)
}

// exact writes an amount with all its digits, in the unit that the document has it in.
func (d *Difference) exact(v *unitValue) string {
	switch {
	case v == nil:
		return "–"
	case strings.HasSuffix(d.Figure, "_kwh"):
		return string(*v) + " kWh"
	case strings.HasSuffix(d.Figure, "_gco2e"):
		return string(*v) + " g CO₂e"
	}
	return string(*v)
}

// figureText names a figure for people, without its unit.
func figureText(name string) string {
	return strings.ReplaceAll(strings.TrimSuffix(strings.TrimSuffix(name, "_gco2e"), "_kwh"), "_", " ")
}

// why tells the parts of a difference, or the causes of which nobody worked these out.
func (d *Difference) why() string {
	if d.Shares == nil {
		return anyOf(d.Causes)
	}
	var parts []string
	for _, share := range d.Shares {
		text := d.amount(&share.Value)
		if part, negative := strings.CutPrefix(text, "-"); negative {
			text = "−" + part
		} else {
			text = "+" + text
		}
		parts = append(parts, string(share.Cause)+" "+text)
	}
	return strings.Join(parts, ", ")
}

// anyOf names causes of which any may be the one.
func anyOf(causes []Cause) string {
	var names []string
	for _, c := range causes {
		names = append(names, string(c))
	}
	return strings.Join(names, " or ")
}

// amount writes an amount of the figure in the unit that fits it.
func (d *Difference) amount(v *unitValue) string {
	if v == nil {
		return "–"
	}
	text, energy, carbon := string(*v), strings.HasSuffix(d.Figure, "_kwh"), strings.HasSuffix(d.Figure, "_gco2e")
	if e, err := unit.ParseEnergy(text); energy && err == nil {
		return energyText(e)
	}
	if m, err := unit.ParseMass(text); carbon && err == nil {
		return massText(m)
	}
	sign, count := "", text
	if strings.HasPrefix(text, "-") {
		sign, count = "-", text[1:]
	}
	if n, err := strconv.ParseUint(count, 10, 64); err == nil && !energy && !carbon {
		return sign + number(n)
	}
	return d.exact(v)
}
