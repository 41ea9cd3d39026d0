package query

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
)

// FigureNames returns the names of the figures in the order in which they are
// written, each with its unit.
func FigureNames() []string {
	return []string{
		"energy_kwh", "operational_gco2e", "embodied_gco2e", "cpu_busy_s", "cpu_idle_s",
		"intensity_gco2e_per_kwh", "coverage", "carbon_coverage", "estimated_share",
		"busy_energy_kwh", "busy_operational_gco2e", "embodied_coverage",
	}
}

// decimal is a quantity that writes itself exactly.
type decimal interface{ AppendDecimal([]byte) []byte }

// appendFigures appends the figures in the order of [FigureNames], each behind its
// key, and null for what is unknown.
func appendFigures(b []byte, keys []string, f *account.Figures) []byte {
	b = appendFigure(b, keys[0], f.Energy)
	b = appendFigure(b, keys[1], f.Operational)
	b = appendFigure(b, keys[2], f.Embodied)
	b = appendFigure(b, keys[3], f.Busy)
	b = appendFigure(b, keys[4], f.Idle)
	b = appendFigure(b, keys[5], f.Intensity)
	b = appendFigure(b, keys[6], f.Coverage)
	b = appendFigure(b, keys[7], f.CarbonCoverage)
	b = appendFigure(b, keys[8], f.EstimatedShare)
	b = appendFigure(b, keys[9], f.BusyEnergy)
	b = appendFigure(b, keys[10], f.BusyOperational)
	return appendFigure(b, keys[11], f.EmbodiedCoverage)
}

func appendFigure[Q decimal](b []byte, key string, value *Q) []byte {
	b = append(b, key...)
	if value == nil {
		return append(b, "null"...)
	}
	return (*value).AppendDecimal(b)
}

// keys returns the names as they stand in JSON, from the second on with a comma
// before them.
func keys() []string {
	out := FigureNames()
	for i, name := range out {
		out[i] = `"` + name + `":`
		if i > 0 {
			out[i] = "," + out[i]
		}
	}
	return out
}

// WriteJSON writes the answer in one line: the bytes of [json.Marshal] and a line
// feed, but many times faster, which counts for series of many nodes. The
// errors are those of w.
func (a *Answer) WriteJSON(w io.Writer) error {
	out := bufio.NewWriterSize(w, 64<<10)
	j := &jsonWriter{out: out, keys: keys()}
	if err := j.head(a); err != nil {
		return fmt.Errorf("query answer: %w", err)
	}
	j.raw(`"total":{`)
	j.figures(&a.Total.Figures)
	j.rest(a.Total.Provisional, a.Total.Compared, a.Total.Series)
	j.raw(`,"nodes":[`)
	for i := range a.Nodes {
		n := &a.Nodes[i]
		if i > 0 {
			j.raw(",")
		}
		j.raw(`{"path":`)
		if err := j.value(n.Path); err != nil {
			return fmt.Errorf("query answer: %w", err)
		}
		j.raw(`,"kind":"` + n.Kind.String() + `",`)
		j.figures(&n.Figures)
		j.rest(n.Provisional, n.Compared, n.Series)
	}
	j.raw("]}\n")
	return out.Flush() // an earlier error comes again
}

// jsonWriter writes pieces of JSON. The writer remembers errors until Flush.
type jsonWriter struct {
	out     *bufio.Writer
	scratch []byte
	keys    []string
}

func (j *jsonWriter) raw(text string) { _, _ = j.out.WriteString(text) }

func (j *jsonWriter) value(v any) error {
	text, err := json.Marshal(v)
	_, _ = j.out.Write(text)
	return err
}

// head writes what stands before the figures. The fields between the braces are
// the library's; there are few.
func (j *jsonWriter) head(a *Answer) error {
	text, err := json.Marshal(struct {
		From      time.Time  `json:"from"`
		To        time.Time  `json:"to"`
		TimeZone  string     `json:"time_zone"`
		By        []string   `json:"by"`
		AsKnownAt *time.Time `json:"as_known_at"`
		Policy    string     `json:"policy,omitempty"`
		Compare   string     `json:"compare,omitempty"`

		Perimeter account.Perimeter `json:"perimeter,omitempty"`
		Apart     []Apart           `json:"apart,omitempty"`
		Simulated bool              `json:"simulated,omitempty"`
		Warnings  []string          `json:"warnings,omitempty"`
	}{a.From, a.To, a.TimeZone, a.By, a.AsKnownAt, a.Policy, a.Compare, a.Perimeter, a.Apart, a.Simulated, a.Warnings})
	if err != nil {
		return err
	}
	_, _ = j.out.Write(text[:len(text)-1])
	j.raw(",")
	return nil
}

func (j *jsonWriter) figures(f *account.Figures) {
	j.scratch = appendFigures(j.scratch[:0], j.keys, f)
	_, _ = j.out.Write(j.scratch)
}

// rest writes what follows the figures of a node, and closes it.
func (j *jsonWriter) rest(provisional bool, c *Compared, series []Point) {
	j.beside(provisional, c)
	for i := range series {
		p := &series[i]
		if i == 0 {
			j.raw(`,"series":[{"from":"`)
		} else {
			j.raw(`,{"from":"`)
		}
		j.instant(p.From)
		j.raw(`","to":"`)
		j.instant(p.To)
		j.raw(`",`)
		j.figures(&p.Figures)
		j.beside(p.Provisional, p.Compared)
		j.raw("}")
	}
	if len(series) > 0 {
		j.raw("]")
	}
	j.raw("}")
}

// beside writes what stands beside figures.
func (j *jsonWriter) beside(provisional bool, c *Compared) {
	if provisional {
		j.raw(`,"provisional":true`)
	}
	if c == nil {
		return
	}
	j.raw(`,"compared":{`)
	j.figures(&c.Figures)
	d := j.scratch[:0]
	d = appendFigure(d, `,"difference":{"energy_kwh":`, c.Difference.Energy)
	d = appendFigure(d, `,"operational_gco2e":`, c.Difference.Operational)
	d = appendFigure(d, `,"embodied_gco2e":`, c.Difference.Embodied)
	j.scratch = append(d, "}}"...)
	_, _ = j.out.Write(j.scratch)
}

func (j *jsonWriter) instant(t time.Time) {
	j.scratch = t.AppendFormat(j.scratch[:0], time.RFC3339Nano)
	_, _ = j.out.Write(j.scratch)
}

// WriteCSV writes the leaves of the tree as a table with a line of headings: one
// row for each leaf, or for each leaf and period. Nodes that have children are
// their sums and left out, so every column of amounts adds up to the total. What
// is unknown is an empty cell. With a comparison, the figures of the other policy
// and the differences follow. The errors are those of w.
func (a *Answer) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	series := len(a.Total.Series) > 0
	head := append([]string{}, a.By...)
	if head = append(head, "kind"); series {
		head = append(head, "from", "to")
	}
	head = append(append(head, FigureNames()...), "provisional")
	if a.Total.Compared != nil {
		for _, name := range FigureNames() {
			head = append(head, "compared_"+name)
		}
		head = append(head, "difference_energy_kwh", "difference_operational_gco2e", "difference_embodied_gco2e")
	}
	if err := out.Write(head); err != nil {
		return err
	}
	for n := range a.leaves() {
		row := make([]string, len(a.By), len(head))
		copy(row, n.Path)
		row = append(row, n.Kind.String())
		if !series {
			if err := out.Write(csvRow(row, &n.Figures, n.Provisional, n.Compared)); err != nil {
				return err
			}
		}
		for _, p := range n.Series {
			row := append(row, p.From.Format(time.RFC3339Nano), p.To.Format(time.RFC3339Nano))
			if err := out.Write(csvRow(row, &p.Figures, p.Provisional, p.Compared)); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

// csvRow appends the cells of figures.
func csvRow(row []string, f *account.Figures, provisional bool, c *Compared) []string {
	row = append(csvFigures(row, f), "")
	if provisional {
		row[len(row)-1] = "true"
	}
	if c == nil {
		return row
	}
	row = csvFigures(row, &c.Figures)
	return append(row, cell(c.Difference.Energy), cell(c.Difference.Operational), cell(c.Difference.Embodied))
}

func csvFigures(row []string, f *account.Figures) []string {
	return append(row, cell(f.Energy), cell(f.Operational), cell(f.Embodied), cell(f.Busy), cell(f.Idle),
		cell(f.Intensity), cell(f.Coverage), cell(f.CarbonCoverage), cell(f.EstimatedShare),
		cell(f.BusyEnergy), cell(f.BusyOperational), cell(f.EmbodiedCoverage))
}

// cell returns a figure as text, empty for what is unknown.
func cell[Q decimal](value *Q) string {
	if value == nil {
		return ""
	}
	return string((*value).AppendDecimal(nil))
}

// leaves yields the nodes without children; without levels the total is the one
// leaf.
func (a *Answer) leaves() func(yield func(*Node) bool) {
	return func(yield func(*Node) bool) {
		if len(a.By) == 0 {
			yield(&Node{Figures: a.Total.Figures, Provisional: a.Total.Provisional, Compared: a.Total.Compared, Series: a.Total.Series})
			return
		}
		for i := range a.Nodes {
			if i+1 < len(a.Nodes) && len(a.Nodes[i+1].Path) > len(a.Nodes[i].Path) {
				continue // the next one is its child
			}
			if !yield(&a.Nodes[i]) {
				return
			}
		}
	}
}
