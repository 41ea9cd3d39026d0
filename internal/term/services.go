package term

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/window"
)

// serviceRow is a service in a region and an environment, all slots together.
type serviceRow struct {
	service, region, environment string
	ops, others                  uint64
	carbon                       window.Carbon
	energyFrom, intensityFrom    map[string]float64
}

// Services shows the cells of a scored window, slots together, and its totals.
func Services(w io.Writer, win *window.Window) error {
	_, err := io.WriteString(w, servicesText(win, ScreenOf(w)))
	return err
}

func servicesText(win *window.Window, screen Screen) string {
	var b strings.Builder
	if rows := serviceRows(win.Detail.Cells); len(rows) > 0 {
		writeColumns(&b, serviceColumns(rows, &win.Detail.Total.Carbon), screen)
		b.WriteByte('\n')
	}
	total := &win.Detail.Total
	carbon := "carbon " + grams(total.Operational)
	if total.UnknownKWh > 0 {
		carbon = fmt.Sprintf("carbon of what is known %s (%.4g %% of energy)", grams(total.Operational), 100*total.CarbonCoverage)
	}
	fmt.Fprintf(&b, "%s, between %s and %s in all\n", carbon, grams(total.Low), grams(total.High))
	fmt.Fprintf(&b, "embodied %s of %d traces, transport %s\n", grams(total.Embodied), win.Analysis.Traces, grams(total.Transport))
	if c := win.Green.CO2; c != nil && c.SCIPerTrace != nil {
		fmt.Fprintf(&b, "per trace %s\n", grams(c.SCIPerTrace.Mid))
	}
	for _, d := range win.Detail.Drops {
		b.WriteString(screen.paint(red, fmt.Sprintf("%d spans left out: %s", d.Spans, printable(d.Reason))) + "\n")
	}
	return b.String()
}

func grams(g float64) string { return strconv.FormatFloat(g, 'g', 6, 64) + " gCO2e" }

// serviceRows adds cells up over slots. Cells come sorted.
func serviceRows(cells []window.Cell) []serviceRow {
	var rows []serviceRow
	for i := range cells {
		c := &cells[i]
		row := serviceRow{service: named(c.Service, c.ServiceKind), region: named(c.Region, c.RegionKind), environment: printable(c.Environment)}
		last := len(rows) - 1
		if last < 0 || rows[last].service != row.service || rows[last].region != row.region || rows[last].environment != row.environment {
			row.energyFrom, row.intensityFrom = map[string]float64{}, map[string]float64{}
			rows = append(rows, row)
			last++
		}
		rows[last].add(c)
	}
	return rows
}

// named shows a name, and what stands for many in brackets.
func named(name string, kind account.Kind) string {
	if kind != account.KindAccount {
		return "(" + kind.String() + ")"
	}
	return printable(name)
}

func (r *serviceRow) add(c *window.Cell) {
	r.ops += c.Ops
	r.others += c.Others
	r.carbon.EnergyKWh += c.EnergyKWh
	r.carbon.UnknownKWh += c.UnknownKWh
	r.carbon.Operational += c.Operational
	r.carbon.HasCarbon = r.carbon.HasCarbon || c.HasCarbon
	r.carbon.Low += c.Low
	r.carbon.High += c.High
	for _, p := range c.EnergyBy {
		r.energyFrom[p.Source] += p.KWh
	}
	for _, p := range c.IntensityBy {
		r.intensityFrom[p.Source] += p.KWh
	}
}

// serviceColumn is a column of text, numbers to the right.
type serviceColumn struct {
	title string
	right bool
	texts []string
}

// serviceColumns lays rows out, the total last.
func serviceColumns(rows []serviceRow, total *window.Carbon) []serviceColumn {
	column := func(title string, right bool, of func(*serviceRow) string) serviceColumn {
		c := serviceColumn{title: title, right: right}
		for i := range rows {
			c.texts = append(c.texts, of(&rows[i]))
		}
		return c
	}
	energy, low, high := []float64{total.EnergyKWh}, []float64{total.Low}, []float64{total.High}
	var ops uint64
	for i := range rows {
		ops += rows[i].ops
		energy = append(energy, rows[i].carbon.EnergyKWh)
		low, high = append(low, rows[i].carbon.Low), append(high, rows[i].carbon.High)
	}
	kwh := scaleOf(energy)
	carbon := scaleOf(slices.Concat(low, high))
	columns := []serviceColumn{
		column("service", false, func(r *serviceRow) string { return r.service }),
		column("region", false, func(r *serviceRow) string { return r.region }),
		column("operations", true, func(r *serviceRow) string { return strconv.FormatUint(r.ops, 10) }),
		column(kwh.prefixed("kWh"), true, func(r *serviceRow) string { return kwh.format(r.carbon.EnergyKWh) }),
		column(carbon.prefixed("gCO2e"), true, func(r *serviceRow) string { return operational(&r.carbon, carbon) }),
		column("low", true, func(r *serviceRow) string { return carbon.format(r.carbon.Low) }),
		column("high", true, func(r *serviceRow) string { return carbon.format(r.carbon.High) }),
		column("energy from", false, func(r *serviceRow) string { return mostly(r.energyFrom) }),
		column("intensity from", false, func(r *serviceRow) string { return mostly(r.intensityFrom) }),
		column("environment", false, func(r *serviceRow) string { return r.environment }),
	}
	if last := len(columns) - 1; !slices.ContainsFunc(rows, func(r serviceRow) bool { return r.environment != "" }) {
		columns = columns[:last]
	}
	sums := []string{
		"total", "", strconv.FormatUint(ops, 10), kwh.format(total.EnergyKWh), operational(total, carbon),
		carbon.format(total.Low), carbon.format(total.High),
	}
	for i := range columns {
		text := ""
		if i < len(sums) {
			text = sums[i]
		}
		columns[i].texts = append(columns[i].texts, text)
	}
	return columns
}

// prefixed returns a unit with the power of ten that numbers are divided by.
func (s scale) prefixed(unit string) string {
	if s.exponent == 0 {
		return unit
	}
	return fmt.Sprintf("10^%d %s", s.exponent, unit)
}

// operational shows known carbon, or that it is not known.
func operational(c *window.Carbon, s scale) string {
	switch {
	case !c.HasCarbon:
		return "unknown"
	case c.UnknownKWh > 0:
		return "≥ " + s.format(c.Operational)
	}
	return s.format(c.Operational)
}

// mostly names the source of most energy, with its share unless that is all.
func mostly(sources map[string]float64) string {
	var all, most float64
	name := ""
	for source, kwh := range sources {
		all += kwh
		if kwh > most || kwh == most && source < name {
			most, name = kwh, source
		}
	}
	if name == "" || len(sources) == 1 {
		return printable(name)
	}
	return fmt.Sprintf("%s %.0f %%", printable(name), math.Floor(100*most/all))
}

// writeColumns writes columns as far as the screen is wide, and names those that are
// left out.
func writeColumns(b *strings.Builder, columns []serviceColumn, screen Screen) {
	var dropped []string
	wide := func() int {
		n := -len(gap)
		for _, c := range columns {
			n += len(gap) + max(width(c.title), widest(c.texts))
		}
		return n
	}
	for screen.Width > 0 && len(columns) > 1 && wide() > screen.Width {
		last := len(columns) - 1
		dropped = append(dropped, columns[last].title)
		columns = columns[:last]
	}
	rows := len(columns[0].texts)
	for row := -1; row < rows; row++ {
		var line strings.Builder
		for i, c := range columns {
			text := c.title
			if row >= 0 {
				text = c.texts[row]
			}
			if i > 0 {
				line.WriteString(gap)
			}
			wide := max(width(c.title), widest(c.texts))
			if c.right {
				line.WriteString(padLeft(text, wide))
			} else {
				line.WriteString(padRight(text, wide))
			}
		}
		text := strings.TrimRight(line.String(), " ")
		if row < 0 || row == rows-1 {
			text = screen.paint(bold, text)
		}
		b.WriteString(text + "\n")
	}
	if len(dropped) > 0 {
		slices.Reverse(dropped)
		b.WriteString(screen.paint(dim, "no room for: "+strings.Join(dropped, ", ")) + "\n")
	}
}
