// Package diff compares two manifests with their outputs: every value, apart
// from what describes the document and not its figures.
//
// What is left out is what Impact Framework's if-diff leaves out: name,
// description, tags, initialize.outputs, and of execution all but status and
// error. The order of keys does not matter, and the text * on either side
// stands for any value. What a reader would get wrong: rows are matched by
// their timestamps where these ascend on both sides, so that a row that is
// missing is one difference and does not shift all rows behind it.
package diff

import (
	"math"
	"strconv"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Side is one of the two documents.
type Side struct {
	// Head holds the top-level keys but the tree, as the schema keeps them.
	Head *value.Map
	// Tree may be nil.
	Tree *tree.Node
	// Bulk holds the lists that values of kind [value.Bulk] stand for.
	Bulk []*frame.Frame
}

// Options say when two values are the same. The zero value wants numbers equal
// to the last digit, and lists no difference but counts them all.
type Options struct {
	// Relative and Absolute are tolerances: numbers a and b are the same if
	// |a−b| ≤ Absolute or |a−b| ≤ Relative × max(|a|, |b|). NaN is the same as
	// NaN, and an infinity only as itself, whatever the tolerances.
	Relative, Absolute float64
	// Limit is how many differences are listed; below 0 it is all of them.
	Limit int
	// ByComponent makes a group of each metric of each component, instead of one
	// for each metric.
	ByComponent bool
}

// Difference is one value that is not the same on both sides.
type Difference struct {
	// Path names the value as if-diff does: tree.children.a.outputs.0.carbon. The
	// row's number is that of side A, or of side B if A has no such row.
	Path string
	// Component is the path of the node, "" for a difference outside the tree.
	Component string
	// Part is the key of the node, or the top-level key, below which the value
	// lies: inputs, outputs, aggregated, initialize, … It is "" when a whole
	// component is missing.
	Part string
	// Time is the timestamp of the row, as written; "" when there is no row or
	// it has none.
	Time string
	// Metric is the key within the row, or within Part; "" when a whole row or
	// a whole part is missing.
	Metric string
	// A and B are the values; what is missing is absent.
	A, B value.Value
	// Relative is |a−b| ÷ max(|a|, |b|), NaN unless both values are numbers that
	// are not NaN, and 1 if one of them is infinite.
	Relative float64
}

// Group sums the differences of one metric up.
type Group struct {
	Part, Metric string
	// Count is the number of values that differ, Components that of the
	// components in which they lie.
	Count, Components int
	// Largest is the largest relative difference, NaN if no two numbers differ.
	// Component and Time say where it is, else where the first difference is.
	Largest         float64
	Component, Time string
}

// Report is the result of a comparison.
type Report struct {
	// Compared is the number of values compared, Count that of the differences.
	Compared, Count int
	// Listed holds the first differences, in the order of the documents: as many
	// as [Options].Limit allows.
	Listed []Difference
	// Groups has all differences in tree and head by metric, in the order in
	// which each is met first.
	Groups []Group
}

// Equal reports whether there is no difference.
func (r *Report) Equal() bool { return r.Count == 0 }

// Compare compares two documents. Neither is changed.
func Compare(a, b Side, opts Options) *Report {
	c := &comparison{a: a, b: b, opts: opts, report: &Report{}, groups: make(map[[3]string]*group)}
	c.head()
	c.trees()
	c.finish()
	return c.report
}

// comparison is one call of [Compare].
type comparison struct {
	a, b   Side
	opts   Options
	report *Report
	groups map[[3]string]*group
	order  []*group
}

type group struct {
	Group
	last string // the component counted last; components are met one after another
}

// near reports whether two numbers are the same.
func (o Options) near(x, y float64) bool {
	if x == y || x != x && y != y {
		return true
	}
	gap, larger := math.Abs(x-y), max(math.Abs(x), math.Abs(y))
	if math.IsInf(larger, 0) {
		return false
	}
	return gap <= o.Absolute || gap <= o.Relative*larger
}

// relative returns |x−y| ÷ max(|x|, |y|), NaN if either is NaN. It is at most 2.
func relative(x, y float64) float64 {
	larger := max(math.Abs(x), math.Abs(y))
	switch {
	case x != x || y != y:
		return math.NaN()
	case x == y:
		return 0
	case math.IsInf(larger, 0):
		return 1
	}
	return math.Abs(x/larger - y/larger)
}

// place is where a comparison stands. Its texts are put together only when
// there is a difference to report.
type place struct {
	component string // "" outside the tree
	part      string
	rows      *frame.Frame // nil when not in a row
	row       int
	metric    string // keys from the part, or the row, down
}

func (p place) in(key string) place {
	switch {
	case p.part == "":
		p.part = key
	case p.metric == "":
		p.metric = key
	default:
		p.metric += "." + key
	}
	return p
}

// path returns the name of a place in the manner of if-diff.
func (p place) path() string {
	path := p.component
	add := func(key string) {
		if path != "" && key != "" {
			path += "."
		}
		path += key
	}
	add(p.part)
	if p.rows != nil {
		add(strconv.Itoa(p.row))
	}
	add(p.metric)
	return path
}

// time returns the timestamp of the row, "" when there is none.
func (p place) time() string {
	if p.rows == nil {
		return ""
	}
	v := p.rows.At(p.row, timestamp)
	if v.IsNullish() {
		return ""
	}
	return v.String()
}

// note reports a difference.
func (c *comparison) note(p place, a, b value.Value) {
	c.report.Count++
	gap := math.NaN()
	x, okX := a.Float()
	y, okY := b.Float()
	if okX && okY {
		gap = relative(x, y)
	}
	c.group(p).add(p, gap)
	if c.opts.Limit >= 0 && len(c.report.Listed) >= c.opts.Limit {
		return
	}
	c.report.Listed = append(c.report.Listed, Difference{
		Path: p.path(), Component: p.component, Part: p.part,
		Time: p.time(), Metric: p.metric, A: a, B: b, Relative: gap,
	})
}

func (c *comparison) group(p place) *group {
	key := [3]string{p.part, p.metric}
	if c.opts.ByComponent {
		key[2] = p.component
	}
	g, ok := c.groups[key]
	if !ok {
		g = &group{Group: Group{Part: p.part, Metric: p.metric, Largest: math.NaN()}}
		c.groups[key] = g
		c.order = append(c.order, g)
	}
	return g
}

// add counts a difference, and keeps the largest with its place.
func (g *group) add(p place, gap float64) {
	g.Count++
	if g.Components == 0 || g.last != p.component {
		g.Components++
		g.last = p.component
	}
	if g.Count == 1 || gap > g.Largest || g.Largest != g.Largest && gap == gap {
		g.Largest, g.Component, g.Time = gap, p.component, p.time()
	}
}

func (c *comparison) finish() {
	for _, g := range c.order {
		c.report.Groups = append(c.report.Groups, g.Group)
	}
}
