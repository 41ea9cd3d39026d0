package explain

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// overTime explains a value that is aggregated over the rows of a component.
func (e *Explainer) overTime(n *tree.Node, name string) (*Figure, error) {
	if !n.Aggregated.Has(name) {
		return nil, e.notAggregated(n, name)
	}
	f := e.figure(n, name, "", n.Aggregated.Get(name))
	f.Kind, f.Notes = Time, e.absent(n)
	f.Method = e.method(name, func(i metric.Info) metric.Method { return i.Time })
	if n.Outputs.Len() == 0 || !e.aggregates(name) {
		f.Kind, f.Method = Kept, ""
		return f, nil
	}
	rows := n.Outputs.Len()
	first, last := timeAt(n.Outputs, 0), timeAt(n.Outputs, rows-1)
	span := fmt.Sprintf("%s, the first at %s, the last at %s", counted(rows, "row"), first, last)
	if rows == 1 {
		span = "1 row, at " + first
	}
	switch w := e.weight(name); {
	case w.overMetrics():
		f.Method, f.Formula = "avg", w.formula(name)+", over "+span
		f.Filled = e.weighted(n, w, name)
	case w.by == keyDuration:
		f.Method, f.Formula = "avg", w.formula(name)+", over "+span
		f.Filled = e.byDuration(n.Outputs, w, name)
	case f.Method == "sum", f.Method == "avg":
		e.plainOverTime(f, n.Outputs, span)
	default:
		f.Formula = "that of the last of " + span
		f.Filled = n.Outputs.At(rows-1, name).String()
	}
	e.ends(f, n)
	return f, nil
}

// aggregates reports whether the run aggregated a metric; what is there
// otherwise was there before.
func (e *Explainer) aggregates(name string) bool {
	return e.m.Aggregation != nil && slices.Contains(e.m.Aggregation.Metrics, name)
}

// plainOverTime explains a sum or a mean of rows.
func (e *Explainer) plainOverTime(f *Figure, rows *frame.Frame, span string) {
	total := 0.0
	for row := range rows.Len() {
		v, ok := rows.At(row, f.Metric).Float()
		if !ok {
			v = math.NaN()
		}
		total += v
	}
	f.Formula, f.Filled = "sum of "+span, short(rows, f.Metric)
	if f.Method == "avg" {
		f.Formula, f.Filled = "mean of "+span, fmt.Sprintf("%s ÷ %d", value.NumberText(total), rows.Len())
		total /= float64(rows.Len())
	}
	if !near(value.OfNumber(total), f.Value) && f.Value.Kind() == value.Number {
		f.Notes = append(f.Notes, fmt.Sprintf("the rows, each taken once, give %s: here some count for more", value.OfNumber(total)))
	}
}

// short writes a sum of rows with its first and last terms.
func short(rows *frame.Frame, name string) string {
	const ends = 2
	var terms []string
	for row := range rows.Len() {
		switch {
		case row < ends || row >= rows.Len()-ends:
			terms = append(terms, rows.At(row, name).String())
		case row == ends:
			terms = append(terms, "…")
		}
	}
	return strings.Join(terms, " + ")
}

// weighted returns the sums of an average that is weighted by a metric: they are
// over all leaves and rows.
func (e *Explainer) weighted(n *tree.Node, w weight, name string) string {
	var total sums
	for _, leaf := range below(n, e.isIn) {
		for row := range leaf.Outputs.Len() {
			total.add(w, leaf.Outputs, row, name)
		}
	}
	return total.filled()
}

func (e *Explainer) byDuration(rows *frame.Frame, w weight, name string) string {
	var total sums
	for row := range rows.Len() {
		total.add(w, rows, row, name)
	}
	return total.filled()
}

// ends adds the rows that tell most of a fold over time: the first and the last,
// the smallest and the largest.
func (e *Explainer) ends(f *Figure, n *tree.Node) {
	rows := n.Outputs
	picked := []int{0, rows.Len() - 1}
	low, high := -1, -1
	for row := range rows.Len() {
		v, ok := rows.At(row, f.Metric).Float()
		if !ok || v != v {
			continue
		}
		if low < 0 || v < numberAt(rows, low, f.Metric) {
			low = row
		}
		if high < 0 || v > numberAt(rows, high, f.Metric) {
			high = row
		}
	}
	picked = append(picked, low, high)
	seen := map[int]bool{-1: true}
	for i, role := range []string{"first", "last", "smallest", "largest"} {
		row := picked[i]
		if seen[row] {
			continue
		}
		seen[row] = true
		part := e.figure(n, f.Metric, timeAt(rows, row), rows.At(row, f.Metric))
		if part.Kind = Part; e.query.Parts {
			part = e.output(n, row, f.Metric, e.query.Depth-1)
		}
		part.Notes = append(part.Notes, role)
		f.From = append(f.From, part)
	}
	f.More = rows.Len() - len(f.From)
}

func numberAt(f *frame.Frame, row int, name string) float64 {
	v, _ := f.At(row, name).Float()
	return v
}

// notAggregated returns the error of a component without the value over time.
func (e *Explainer) notAggregated(n *tree.Node, name string) error {
	missing := &NotFound{What: "aggregated metric", Name: name, In: n.Path, Names: n.Aggregated.Keys()}
	if n.Outputs.Find(name) >= 0 {
		missing.Rows = []string{timeAt(n.Outputs, 0), timeAt(n.Outputs, n.Outputs.Len()-1)}
	}
	return missing
}
