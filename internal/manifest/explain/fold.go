package explain

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/aggregate"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// weight says what an average of a metric is weighted by.
type weight struct {
	by       string // a metric, duration, or "" when it is not weighted
	num, den string // a ratio of sums
}

func (e *Explainer) weight(name string) weight {
	if e.m.Aggregation == nil || e.m.Options().UnweightedAverages {
		return weight{}
	}
	text := e.m.Aggregation.Weights[name]
	if num, den, ok := strings.Cut(text, " per "); ok {
		return weight{num: strings.TrimSpace(num), den: strings.TrimSpace(den)}
	}
	return weight{by: text}
}

// overMetrics reports whether the average is one of leaves by another metric.
func (w weight) overMetrics() bool { return w.den != "" || w.by != "" && w.by != keyDuration }

// sums are a numerator and a denominator.
type sums struct{ num, den float64 }

// add adds a row: its weight and its weighted value, or both sides of a ratio.
func (s *sums) add(w weight, f *frame.Frame, row int, name string) {
	of := func(name string) float64 {
		v, ok := f.At(row, name).Float()
		if !ok {
			return math.NaN()
		}
		return v
	}
	if w.den != "" {
		s.num += of(w.num)
		s.den += of(w.den)
		return
	}
	s.num += float64(of(w.by) * of(name))
	s.den += of(w.by)
}

func (s *sums) filled() string { return value.NumberText(s.num) + " ÷ " + value.NumberText(s.den) }

func (w weight) formula(name string) string {
	if w.den != "" {
		return fmt.Sprintf("sum of %s ÷ sum of %s", w.num, w.den)
	}
	return fmt.Sprintf("sum of %s × %s ÷ sum of %s", w.by, name, w.by)
}

// note says how much a component's row weighs.
func (w weight) note(c cell) string {
	if w.den != "" {
		return fmt.Sprintf("%s %s, %s %s", w.num, c.value(w.num), w.den, c.value(w.den))
	}
	return fmt.Sprintf("%s %s", w.by, c.value(w.by))
}

// overComponents explains a value of a group at a time step.
func (e *Explainer) overComponents(n *tree.Node, row int, name string, depth int) *Figure {
	at := n.Outputs.At(row, keyTimestamp)
	f := e.figure(n, name, timeAt(n.Outputs, row), n.Outputs.At(row, name))
	f.Kind = Components
	if name == keyTimestamp || name == keyDuration {
		f.Formula = name + " of the time step"
		return f
	}
	f.Method = e.method(name, func(i metric.Info) metric.Method { return i.Component })
	f.Notes = e.absent(n)
	w := e.weight(name)
	switch {
	case w.overMetrics():
		var total sums
		leaves := e.collect(f, below(n, e.isIn), at, name, depth)
		for i, one := range leaves {
			total.add(w, one.node.Outputs, one.row, name)
			if i < len(f.From) {
				f.From[i].Notes = append(f.From[i].Notes, w.note(one))
			}
		}
		f.Formula = fmt.Sprintf("%s, over %s", w.formula(name), counted(len(leaves), "component"))
		f.Filled = total.filled()
	case f.Method == "avg" && !e.m.Options().UnweightedAverages:
		leaves := e.collect(f, below(n, e.isIn), at, name, depth)
		f.Formula = fmt.Sprintf("mean over %s", counted(len(leaves), "component"))
		f.Filled = "(" + terms(leaves, name) + ") ÷ " + fmt.Sprint(len(leaves))
	default:
		e.plainly(f, n, at, name, depth)
	}
	return f
}

// plainly explains a value that is made of those of the children.
func (e *Explainer) plainly(f *Figure, n *tree.Node, at value.Value, name string, depth int) {
	parts := e.collect(f, slices.DeleteFunc(slices.Clone(n.Children), func(c *tree.Node) bool { return !e.isIn(n, c) }), at, name, depth)
	switch f.Method {
	case "sum":
		f.Formula = fmt.Sprintf("sum over %s", counted(len(parts), "component"))
		f.Filled = terms(parts, name)
	case "avg":
		f.Formula = fmt.Sprintf("mean over %s", counted(len(parts), "component"))
		f.Filled = "(" + terms(parts, name) + ") ÷ " + fmt.Sprint(len(parts))
	default:
		f.Formula = fmt.Sprintf("that of the last of %s", counted(len(parts), "component"))
		if len(parts) > 0 {
			f.Filled = parts[len(parts)-1].value(name).String()
		}
	}
}

// cell is a component's row.
type cell struct {
	node *tree.Node
	row  int
}

func (c cell) value(name string) value.Value { return c.node.Outputs.At(c.row, name) }

// collect finds the rows of components at a time and adds them to the parts of a
// figure. Components without such a row are named in its notes.
func (e *Explainer) collect(f *Figure, nodes []*tree.Node, at value.Value, name string, depth int) []cell {
	var cells []cell
	for _, n := range nodes {
		row := rowAt(n.Outputs, at)
		if row < 0 {
			f.Notes = append(f.Notes, n.Path+" has no row that begins then")
			continue
		}
		cells = append(cells, cell{n, row})
		if len(f.From) == maxParts {
			f.More++
			continue
		}
		part := e.figure(n, name, timeAt(n.Outputs, row), n.Outputs.At(row, name))
		part.Kind = Part
		if e.query.Parts && depth > 0 {
			part = e.output(n, row, name, depth-1)
		}
		f.From = append(f.From, part)
	}
	return cells
}

// terms returns the values of the cells as they are added.
func terms(cells []cell, name string) string {
	var texts []string
	for i, c := range cells {
		if i == maxParts {
			texts = append(texts, fmt.Sprintf("… (%d more)", len(cells)-maxParts))
			break
		}
		texts = append(texts, c.value(name).String())
	}
	return strings.Join(texts, " + ")
}

// below returns the leaves of a group that are in its aggregate.
func below(n *tree.Node, isIn func(group, part *tree.Node) bool) []*tree.Node {
	if n.IsLeaf() {
		return []*tree.Node{n}
	}
	var leaves []*tree.Node
	for _, child := range n.Children {
		if isIn(n, child) {
			leaves = append(leaves, below(child, isIn)...)
		}
	}
	return leaves
}

// isIn reports whether a part of a group is in its aggregate.
func (e *Explainer) isIn(group, part *tree.Node) bool {
	return !slices.Contains(listed(group, aggregate.KeySkipped), part.Name) && !slices.Contains(listed(group, aggregate.KeyMissing), part.Name)
}

// absent says which parts of a group are not in its aggregate.
func (e *Explainer) absent(n *tree.Node) []string {
	var notes []string
	if names := listed(n, aggregate.KeySkipped); len(names) > 0 {
		notes = append(notes, "left out by skip-components: "+strings.Join(names, ", "))
	}
	if names := listed(n, aggregate.KeyMissing); len(names) > 0 {
		notes = append(notes, "without outputs: "+strings.Join(names, ", "))
	}
	if v := n.Attrs.Get(aggregate.KeyPartial); !v.IsNullish() {
		notes = append(notes, v.String()+" steps of the group are not in all components")
	}
	return notes
}

func listed(n *tree.Node, key string) []string {
	var names []string
	for _, item := range n.Attrs.Get(key).List() {
		names = append(names, item.String())
	}
	return names
}

func (e *Explainer) method(name string, of func(metric.Info) metric.Method) string {
	info, known := e.metrics.Lookup(name)
	if !known {
		return metric.Copy.String() // Impact Framework's; by default it is an error
	}
	return of(info).String()
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
