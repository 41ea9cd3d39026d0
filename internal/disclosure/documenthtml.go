package disclosure

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/dendro-carbon/dendro/unit"
)

//go:embed document.gohtml
var page string

// chartRows is how many rows the chart of a page shows; the table has all.
const chartRows = 12

// WriteHTML writes a document as one page for people, to be read or printed: charts inside,
// no script, nothing from elsewhere. Hash is that of the document's file.
func (d *Document) WriteHTML(w io.Writer, hash string) error {
	t, err := template.New("disclosure").Funcs(template.FuncMap{
		"mass": massText, "energy": energyText, "percent": percent, "optional": optionalMass, "number": number,
		"join":   func(texts []string) string { return strings.Join(texts, ", ") },
		"bounds": func(low, high unit.Mass) string { return massText(low) + " to " + massText(high) },
		"date":   func(t interface{ Format(string) string }) string { return t.Format("2006-01-02 15:04 MST") },
	}).Parse(page)
	if err != nil {
		return fmt.Errorf("page: %w", err)
	}
	return t.Execute(w, d.view(hash))
}

// view is what the page shows.
type view struct {
	*Document
	Hash  string
	Title string
	Parts []bar // of the carbon
	Basis []bar // of the energy
	Top   []bar // rows by carbon
	Named []named
	More  int
	// Changes are differences from the document that is replaced, without the Unlisted ones.
	Changes  []listed
	Unlisted int
}

// bar is a bar of a chart, in units of a drawing that is 600 wide.
type bar struct {
	Name, Value, Share string
	Class              string
	X, Y, Width        float64
}

// Short is the name as far as it fits beside the bar.
func (b bar) Short() string {
	if name := []rune(b.Name); len(name) > 30 {
		return string(name[:29]) + "…"
	}
	return b.Name
}

// TextX and TextY are where texts of a bar stand.
func (b bar) TextX() float64 { return b.Width + 206 }
func (b bar) TextY() float64 { return b.Y + 13 }

// ChartHeight is the height of the chart of rows.
func (v view) ChartHeight() int { return len(v.Top) * 22 }

type named struct {
	Name string
	Account
}

func (d *Document) view(hash string) view {
	v := view{Document: d, Hash: hash, Title: "Carbon of computing"}
	if d.Organisation != nil {
		v.Title = d.Organisation.Name
	}
	t := &d.Totals
	v.Parts = stack([]string{"operational", "embodied", "transport"},
		[]int64{int64(known(t.Operational)), int64(known(t.Embodied)), int64(t.Transport)}, func(m int64) string { return massText(unit.Mass(m)) })
	c := &d.Coverage
	v.Basis = stack([]string{"measured", "modelled", "estimated"}, []int64{int64(c.Measured), int64(c.Modelled), int64(c.Estimated)},
		func(r int64) string { return percent(unit.Ratio(r)) })
	for _, row := range d.Rows {
		v.Named = append(v.Named, named{rowName(d.Scope.By, &row), row})
	}
	v.Top, v.More = topBars(v.Named)
	v.Changes, v.Unlisted = d.changes()
	return v
}

// rowName returns the name of a row for people.
func rowName(by []string, a *Account) string {
	var parts []string
	for _, label := range by {
		if value := a.Labels.Get(label); value != "" {
			parts = append(parts, value)
		}
	}
	if a.Kind.String() != "account" {
		parts = append(parts, "("+a.Kind.String()+")")
	}
	if len(parts) == 0 {
		return a.Labels.String()
	}
	return strings.Join(parts, " · ")
}

const chartWidth = 600

// stack returns the parts of a whole, side by side.
func stack(names []string, values []int64, text func(int64) string) []bar {
	whole := int64(0)
	for _, v := range values {
		whole += max(v, 0)
	}
	var bars []bar
	x := 0.0
	for i, v := range values {
		share := 0.0
		if whole > 0 {
			share = float64(max(v, 0)) / float64(whole)
		}
		width := math.Round(share*chartWidth*10) / 10
		bars = append(bars, bar{Name: names[i], Value: text(v), Share: shareText(share), Class: "c" + strconv.Itoa(i), X: x, Width: width})
		x += width
	}
	return bars
}

// topBars returns the largest rows, and how many are not among them.
func topBars(rows []named) ([]bar, int) {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b named) int { return compareMass(known(b.Operational), known(a.Operational)) })
	shown := sorted[:min(len(sorted), chartRows)]
	largest := unit.Mass(1)
	if len(shown) > 0 {
		largest = max(known(shown[0].Operational), 1)
	}
	var bars []bar
	for i, row := range shown {
		width := float64(max(known(row.Operational), 0)) / float64(largest) * 300
		bars = append(bars, bar{Name: row.Name, Value: optionalMass(row.Operational), Y: float64(i * 22), Width: math.Round(width*10) / 10})
	}
	return bars, len(sorted) - len(shown)
}

func compareMass(a, b unit.Mass) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// massText returns carbon in the unit that fits it, with four digits.
func massText(m unit.Mass) string {
	return scaled(float64(m)/1e6, []string{"µg", "mg", "g", "kg", "t"}, 2) + " CO₂e"
}

func optionalMass(m *unit.Mass) string {
	if m == nil {
		return "not known"
	}
	return massText(*m)
}

func energyText(e unit.Energy) string {
	return scaled(float64(e)/1e6, []string{"µWh", "mWh", "Wh", "kWh", "MWh", "GWh"}, 2)
}

// scaled writes a value in the unit of a list, in steps of a thousand, that fits it; base is
// that which the value is in.
func scaled(value float64, units []string, base int) string {
	for base < len(units)-1 && math.Abs(value) >= 1000 {
		value, base = value/1000, base+1
	}
	for base > 0 && value != 0 && math.Abs(value) < 1 {
		value, base = value*1000, base-1
	}
	return strconv.FormatFloat(value, 'g', 4, 64) + " " + units[base]
}

func percent(r unit.Ratio) string { return shareText(r.Float()) }

// shareText never rounds a part to nothing or to all.
func shareText(share float64) string {
	switch text := strconv.FormatFloat(share*100, 'f', 1, 64); {
	case share > 0 && text == "0.0":
		return "< 0.1 %"
	case share < 1 && text == "100.0":
		return "> 99.9 %"
	default:
		return strings.TrimSuffix(text, ".0") + " %"
	}
}

func number(n uint64) string {
	text := strconv.FormatUint(n, 10)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + " " + text[at:]
	}
	return text
}
