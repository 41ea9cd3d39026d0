package aggregate

import (
	"slices"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// segment is what one component contributes to its parent: its steps, and for each
// metric what has to be added.
type segment struct {
	path       string
	leaf       bool
	n          int
	stamp, dur *frame.Column // as written; nil once steps were cut
	axis       axis          // unless the alignment is strict
	layout     value.Layout
	leaves     series // per step, the leaves that have it
	total      int    // leaves
	terms      []term // one for each item of the plan
}

// term is one metric of a segment.
type term struct {
	shown series // the metric, for what is added as it is shown
	num   series // what is added over components
	den   series // with a weight, what num is divided by; else leaves is
	col   *frame.Column
}

// read takes the metrics of the plan from a leaf's rows. The child's index is in
// the text of errors where Impact Framework has it; -1 stands for the row's.
func (a *Aggregator) read(node *tree.Node, f *frame.Frame, child int) (*segment, []finding) {
	found := a.missingKeys(f, child)
	if len(found) > 0 {
		locate(found, node, f)
		return nil, found
	}
	s := &segment{
		path: node.Path, leaf: true, n: f.Len(), total: 1, leaves: constant(1, f.Len()),
		stamp: columnOf(f, keyTimestamp), dur: columnOf(f, keyDuration), terms: make([]term, len(a.items)),
	}
	for i := range a.items {
		it, t := &a.items[i], &s.terms[i]
		t.col = columnOf(f, it.name)
		if a.kind&Horizontal != 0 && it.folded() || a.kind&Vertical != 0 && it.summed() {
			found = append(found, a.readTerm(t, it, f, finding{child: child, item: i})...)
		}
	}
	if a.align != Strict && a.kind&Vertical != 0 && len(found) == 0 {
		var problem *diag.Problem
		if s.axis, s.layout, problem = a.axisOf(s); problem != nil {
			found = append(found, finding{child: child, problem: problem})
		}
	}
	locate(found, node, f)
	return s, found
}

// columnOf returns a column that every row has. A frame without rows has none.
func columnOf(f *frame.Frame, name string) *frame.Column {
	if c := f.Column(name); c != nil {
		return c
	}
	return frame.NewConstant(name, 0, value.Value{})
}

// locate says in which component and at which time problems of rows are.
func locate(found []finding, node *tree.Node, f *frame.Frame) {
	for _, one := range found {
		one.problem.Component = node.Path
		if at := f.At(max(one.problem.Row-1, 0), keyTimestamp); !at.IsNullish() {
			one.problem.Time = at.String()
		}
	}
}

// missingKeys finds the keys that rows do not have.
func (a *Aggregator) missingKeys(f *frame.Frame, child int) []finding {
	var found []finding
	for i, need := range a.needs {
		row, count := lacking(f, need.name)
		if count == 0 {
			continue
		}
		index := child
		if child < 0 {
			index = row
		}
		p := missingKey(f, need, index).AtRow(row)
		p.Rows = count - 1
		found = append(found, finding{row, child, i, p})
	}
	return found
}

// lacking returns the first row without the key, and how many there are.
func lacking(f *frame.Frame, name string) (first, count int) {
	if f.Complete(name) || f.Len() == 0 {
		return 0, 0
	}
	col := int32(f.Find(name))
	for row := range f.Len() {
		if col >= 0 && slices.Contains(f.Keys(row), col) {
			continue
		}
		if count == 0 {
			first = row
		}
		count++
	}
	return first, count
}

// readTerm takes one metric's numbers, and those that weigh it.
func (a *Aggregator) readTerm(t *term, it *item, f *frame.Frame, at finding) []finding {
	var found []finding
	numbers := func(name string) series {
		s, bad := a.numbers(columnOf(f, name))
		if bad.count > 0 {
			p := notNumber("", name, bad.value).AtRow(bad.row)
			p.Rows = bad.count - 1
			found = append(found, finding{bad.row, at.child, at.item, p})
		}
		return s
	}
	switch it.weight {
	case asRatio:
		t.num, t.den = numbers(it.num), numbers(it.den)
	case byMetric:
		t.den = numbers(it.den)
		if row := negative(t.den); row >= 0 && len(found) == 0 {
			p := negativeWeight(it.den, t.den.vec.At(row)).AtRow(row)
			found = append(found, finding{row, at.child, at.item, p})
		}
		t.num = times(t.den, numbers(it.name))
	default:
		t.num = numbers(it.name)
		t.shown = t.num
	}
	return found
}

// negative returns the first step with a number below 0, or -1.
func negative(s series) int {
	if f, ok := s.vec.Constant(); ok && !(f < 0) {
		return -1
	}
	for i := range s.len() {
		if s.vec.At(i) < 0 {
			return i
		}
	}
	return -1
}

// badValues are the values of a column that are not numbers.
type badValues struct {
	row, count int // the first of them
	value      value.Value
}

func (b *badValues) add(row, count int, v value.Value) {
	if b.count == 0 {
		b.row, b.value = row, v
	}
	b.count += count
}

// numbers returns a column as numbers. A null is missing. Under ParseFloatText
// everything is a number, if only NaN.
func (a *Aggregator) numbers(c *frame.Column) (series, badValues) {
	if vec, ok := c.Vec(); ok {
		return series{vec: vec}, badValues{}
	}
	if v, ok := c.Constant(); ok {
		return a.constantNumber(v, c.Len())
	}
	var bad badValues
	s := series{}
	nums := make([]float64, c.Len())
	for row := range nums {
		v := c.At(row)
		f, isNumber := v.Float()
		switch {
		case isNumber:
			nums[row] = f
		case a.opts.ParseFloatText:
			nums[row] = parseFloat(v)
		case v.IsNullish():
			if s.missing == nil {
				s.missing = make([]uint32, len(nums))
			}
			s.missing[row] = 1
		default:
			bad.add(row, 1, v)
		}
	}
	s.vec = frame.VecOf(nums)
	return s, bad
}

// constantNumber is numbers for a column that holds the same in n rows, and no
// number.
func (a *Aggregator) constantNumber(v value.Value, n int) (series, badValues) {
	var bad badValues
	if a.opts.ParseFloatText {
		return constant(parseFloat(v), n), bad
	}
	s := constant(0, n)
	switch {
	case n == 0:
	case v.IsNullish():
		s.missing = slices.Repeat([]uint32{1}, n)
	default:
		bad.add(0, n, v)
	}
	return s, bad
}

// parseFloat is JavaScript's: it takes the text of any value and reads as far as
// there is a number. The text of a list begins with that of its first item.
func parseFloat(v value.Value) float64 {
	if f, ok := v.Float(); ok {
		return f
	}
	if list := v.List(); len(list) > 0 && !list[0].IsNullish() {
		return parseFloat(list[0])
	}
	return value.ParseFloat(text(v))
}

// text returns the text of a value that is no number, or one that is none either.
func text(v value.Value) string {
	s, _ := v.Str()
	return s
}

// cutTo returns the first n steps.
func (s *segment) cutTo(n int) *segment {
	c := *s
	c.n, c.leaves = n, s.leaves.cut(n)
	c.stamp, c.dur = cutColumn(s.stamp, n), cutColumn(s.dur, n)
	c.terms = make([]term, len(s.terms))
	for i, t := range s.terms {
		c.terms[i] = term{t.shown.cut(n), t.num.cut(n), t.den.cut(n), cutColumn(t.col, n)}
	}
	return &c
}

func cutColumn(c *frame.Column, n int) *frame.Column {
	if c == nil {
		return nil
	}
	return frame.New(c.Len(), c).Slice(0, n).Columns()[0]
}

// seconds returns the lengths of the steps.
func (a *Aggregator) seconds(s *segment) (series, *diag.Problem) {
	nums, bad := a.numbers(s.dur)
	if bad.count == 0 {
		return nums, nil
	}
	p := notNumber(s.path, keyDuration, bad.value).AtRow(bad.row)
	p.Rows, p.Time = bad.count-1, s.stamp.At(bad.row).String()
	return nums, p
}
