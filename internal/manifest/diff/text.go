package diff

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/dendro-carbon/dendro/internal/value"
)

// maxText is how much of a text, and maxGroups how many metrics a report shows.
const (
	maxText   = 48
	maxGroups = 20
)

// Names say how a report speaks of its sides.
type Names struct {
	A, B string
	// Because returns why a value differs, nothing if that is not known. Nil
	// leaves reasons out.
	Because func(*Difference) []string
}

// Text writes the report for people: how many values differ, the differences
// that are listed, by component, and all of them by metric. The only errors are
// those of w.
func (r *Report) Text(w io.Writer, names Names) error {
	var out bytes.Buffer
	if r.Equal() {
		fmt.Fprintf(&out, "%s and %s are equal: %s.\n", names.A, names.B, plural(r.Compared, "value"))
		_, err := w.Write(out.Bytes())
		return err
	}
	verb := "differ"
	if r.Count == 1 {
		verb = "differs"
	}
	fmt.Fprintf(&out, "%d of %s %s.\nA: %s\nB: %s\n", r.Count, plural(r.Compared, "value"), verb, names.A, names.B)
	r.list(&out, names)
	if r.Count > 1 {
		r.groups(&out)
	}
	_, err := w.Write(out.Bytes())
	return err
}

func (r *Report) list(out *bytes.Buffer, names Names) {
	heading := "  part\ttime\tmetric\tA\tB\trelative"
	if names.Because != nil {
		heading += "\tbecause"
	}
	for i := 0; i < len(r.Listed); {
		component := r.Listed[i].Component
		fmt.Fprintf(out, "\n%s\n", orElse(component, "manifest"))
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, heading)
		for ; i < len(r.Listed) && r.Listed[i].Component == component; i++ {
			r.Listed[i].line(table, names)
		}
		table.Flush()
	}
	if more := r.Count - len(r.Listed); more > 0 {
		fmt.Fprintf(out, "\n… and %d more.\n", more)
	}
}

func (d *Difference) line(out io.Writer, names Names) {
	cells := []string{
		orElse(d.Part, "component"), orElse(d.Time, "-"), orElse(d.Metric, "(all)"),
		Show(d.A), Show(d.B), ratio(d.Relative),
	}
	if names.Because != nil {
		cells = append(cells, orElse(strings.Join(names.Because(d), ", "), "-"))
	}
	fmt.Fprintf(out, "  %s\n", strings.Join(cells, "\t"))
}

func (r *Report) groups(out *bytes.Buffer) {
	fmt.Fprint(out, "\nby metric\n")
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprint(table, "  part\tmetric\tdifferences\tcomponents\tlargest\twhere\n")
	for _, g := range r.Groups[:min(len(r.Groups), maxGroups)] {
		where := orElse(g.Component, "-")
		if g.Time != "" {
			where += " " + g.Time
		}
		fmt.Fprintf(table, "  %s\t%s\t%d\t%d\t%s\t%s\n", orElse(g.Part, "component"), orElse(g.Metric, "(all)"),
			g.Count, g.Components, ratio(g.Largest), where)
	}
	table.Flush()
	if more := len(r.Groups) - maxGroups; more > 0 {
		fmt.Fprintf(out, "  … and %s more.\n", plural(more, "metric"))
	}
}

// Show returns a value as reports show it: a text in quotes and not longer than
// a line, a list or a map by its size, what is missing as "missing".
func Show(v value.Value) string {
	switch v.Kind() {
	case value.Absent:
		return "missing"
	case value.Null:
		return "null"
	case value.Text:
		s, _ := v.Str()
		if runes := []rune(s); len(runes) > maxText {
			s = string(runes[:maxText]) + "…"
		}
		return strconv.Quote(s)
	case value.Object:
		return "{" + plural(v.Map().Len(), "key") + "}"
	case value.List:
		return "[" + plural(len(v.List()), "item") + "]"
	}
	return v.String()
}

func ratio(f float64) string {
	if f != f {
		return "-"
	}
	return strconv.FormatFloat(f, 'g', 2, 64)
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
