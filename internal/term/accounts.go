package term

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/unit"
)

// Accounts prints the figures of accounts as a tree: energy and carbon with their
// shares of the total, of how much they are known if not of all, the intensity, how
// much was observed and how much is estimated. With a series, a spark line shows each over time.
//
// Energy, carbon and shares of parts add up to their whole as they are printed. A
// figure that is not known is –; a rest stands in brackets, so that nobody takes
// it for an account of that name. The only errors are those of w.
func Accounts(w io.Writer, a *query.Answer) error {
	return writeAccounts(w, a, ScreenOf(w))
}

func writeAccounts(w io.Writer, a *query.Answer, screen Screen) error {
	t := &treeTable{screen: screen, lines: lines(accountTree(a)), title: printable(strings.Join(a.By, " / "))}
	if t.title == "" {
		t.title = "total"
	}
	if a.Total.Compared != nil {
		t.compareAccounts(a)
		t.fit()
		_, err := io.WriteString(w, accountHead(a, screen)+t.render()+accountNotes(a, screen))
		return err
	}
	figures := accountFigures(a)
	t.amount("energy", "kWh", figures, func(f *account.Figures) float64 { return number(f.Energy, unit.Energy.KWh) })
	t.amount("carbon", "gCO2e", figures, func(f *account.Figures) float64 { return number(f.Operational, unit.Mass.Grams) })
	t.partOf("carbon known", figures, func(f *account.Figures) *unit.Ratio { return f.CarbonCoverage })
	if a.Total.Embodied != nil {
		t.amount("embodied", "gCO2e", figures, func(f *account.Figures) float64 { return number(f.Embodied, unit.Mass.Grams) })
		t.partOf("embodied known", figures, func(f *account.Figures) *unit.Ratio { return f.EmbodiedCoverage })
	}
	t.ratio("intensity", "g/kWh", figures, func(f *account.Figures) float64 { return number(f.Intensity, unit.Intensity.GramsPerKWh) })
	t.ratio("observed", "%", figures, func(f *account.Figures) float64 { return number(f.Coverage, hundredths) })
	t.ratio("estimated", "%", figures, func(f *account.Figures) float64 { return number(f.EstimatedShare, hundredths) })
	t.fit()
	_, err := io.WriteString(w, accountHead(a, screen)+t.render()+accountNotes(a, screen))
	return err
}

// partOf adds the column of the part of the energy, or of the host time, of which a figure is
// known, if that is not all of it anywhere: a sum of what is known must not look like the whole.
func (t *treeTable) partOf(name string, rows []accountRow, of func(*account.Figures) *unit.Ratio) {
	if slices.ContainsFunc(rows, func(r accountRow) bool { return incomplete(of(r.Figures)) }) {
		t.ratio(name, "%", rows, func(f *account.Figures) float64 { return number(of(f), hundredths) })
	}
}

// incomplete reports whether a part is known and not the whole.
func incomplete(part *unit.Ratio) bool { return part != nil && *part < unit.One }

// number returns a figure as a number, NaN when it is not known.
func number[Q any](q *Q, value func(Q) float64) float64 {
	if q == nil {
		return math.NaN()
	}
	return value(*q)
}

// hundredths returns a ratio in percent for printing with one decimal. What is not
// all of it, or not nothing, is not rounded to look so: a gap of a minute in a
// month is a gap.
func hundredths(r unit.Ratio) float64 {
	if r <= 0 || r >= unit.One {
		return 100 * r.Float()
	}
	return min(max(100*r.Float(), 0.1), 99.9)
}

// accountTree returns the nodes of an answer as components with names only.
func accountTree(a *query.Answer) *tree.Node {
	root := tree.New("total", "")
	way := []*tree.Node{root}
	for _, n := range a.Nodes {
		depth := len(n.Path)
		name := n.Path[depth-1]
		if n.Kind != account.KindAccount {
			name = "(" + name + ")"
		}
		node := tree.New(name, "")
		way = append(way[:depth], node)
		way[depth-1].Children = append(way[depth-1].Children, node)
	}
	return root
}

// accountRow is the figures of one line.
type accountRow struct {
	*account.Figures
	series []query.Point
}

// accountFigures returns the figures in the order of the lines.
func accountFigures(a *query.Answer) []accountRow {
	rows := []accountRow{{&a.Total.Figures, a.Total.Series}}
	for i := range a.Nodes {
		rows = append(rows, accountRow{&a.Nodes[i].Figures, a.Nodes[i].Series})
	}
	return rows
}

// amount adds the columns of a figure that is summed.
func (t *treeTable) amount(name, label string, rows []accountRow, of func(*account.Figures) float64) {
	b := &block{name: name, values: make([]string, len(rows))}
	numbers := make([]float64, len(rows))
	for i, r := range rows {
		numbers[i] = of(r.Figures)
	}
	s := scaleOf(numbers)
	b.unit = strings.TrimSpace(s.prefix() + " " + label)
	for i, f := range numbers {
		b.values[i] = missing
		if !math.IsNaN(f) {
			b.values[i] = s.format(f)
		}
	}
	if addsUp(t.lines, numbers) {
		t.divide(b, numbers, s)
	}
	for i, r := range rows {
		if len(r.series) > 0 {
			b.sparks = append(b.sparks, pointSpark(rows[i].series, of))
		}
	}
	t.blocks = append(t.blocks, b)
}

// pointSpark draws a figure over time; a period in which it is not known is a gap.
func pointSpark(points []query.Point, of func(*account.Figures) float64) string {
	return draw(len(points), sparkWidth, func(from, to int) float64 {
		sum, n := 0.0, 0
		for i := from; i < to; i++ {
			if v := of(&points[i].Figures); !math.IsNaN(v) {
				sum, n = sum+v, n+1
			}
		}
		if n == 0 {
			return math.NaN()
		}
		return sum / float64(n)
	})
}

// ratio adds the column of a figure that is not summed.
func (t *treeTable) ratio(name, label string, rows []accountRow, of func(*account.Figures) float64) {
	b := &block{name: name, unit: label, values: make([]string, len(rows))}
	tenths := scale{decimals: 1}
	for i, r := range rows {
		b.values[i] = missing
		if f := of(r.Figures); !math.IsNaN(f) {
			b.values[i] = tenths.format(f)
		}
	}
	t.blocks = append(t.blocks, b)
}

// accountHead says what the figures are of.
func accountHead(a *query.Answer, screen Screen) string {
	head := fmt.Sprintf("%s – %s, days of %s", instantText(a.From), instantText(a.To), printable(a.TimeZone))
	switch {
	case a.Compare != "":
		head += fmt.Sprintf(", policy %s beside %s", printable(a.Compare), policyName(a))
	case a.Policy != "":
		head += ", policy " + policyName(a)
	}
	head = screen.paint(dim, head) + "\n"
	if a.Simulated {
		head = screen.paint(bold, "Simulated: nothing of this was measured.") + "\n" + head
	}
	return head
}

// instantText writes an instant without the parts that are zero.
func instantText(t time.Time) string {
	if t.Second() == 0 && t.Nanosecond() == 0 {
		return t.UTC().Format("2006-01-02 15:04Z")
	}
	return t.UTC().Format("2006-01-02 15:04:05.999999Z")
}

// knownParts says of how much carbon is known, where the table has no room for it.
func knownParts(f *account.Figures) []string {
	var notes []string
	if incomplete(f.CarbonCoverage) {
		notes = append(notes, fmt.Sprintf("Carbon is known of %s of the energy.", percent(f.CarbonCoverage)))
	}
	if incomplete(f.EmbodiedCoverage) {
		notes = append(notes, fmt.Sprintf("Embodied carbon is known of %s of the host time.", percent(f.EmbodiedCoverage)))
	}
	return notes
}

// accountNotes says what is to be known about the figures as a whole.
func accountNotes(a *query.Answer, screen Screen) string {
	var notes []string
	if note := a.PerimeterNote(); note != "" {
		notes = append(notes, note)
	}
	if a.Compare != "" {
		notes = append(notes, knownParts(&a.Total.Figures)...)
	}
	if a.Total.Provisional {
		notes = append(notes, "Provisional: a slot that is not closed yet is among these figures.")
	}
	if len(notes) == 0 {
		return ""
	}
	return screen.paint(dim, strings.Join(notes, "\n")) + "\n"
}
