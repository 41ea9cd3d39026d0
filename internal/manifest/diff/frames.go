package diff

import (
	"slices"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/value"
)

const timestamp = "timestamp"

// frames compares two tables of observations.
func (c *comparison) frames(at place, a, b *frame.Frame) {
	m := match(a, b)
	var columns []*column
	for _, name := range names(a, b) {
		col := newColumn(name, a, b)
		if col.differsAnywhere(c, m) {
			columns = append(columns, col)
		}
	}
	c.rows(at, m, columns)
}

// names returns the columns of both frames: those of a, then those that only b
// has.
func names(a, b *frame.Frame) []string {
	var all []string
	for _, col := range a.Columns() {
		all = append(all, col.Name())
	}
	for _, col := range b.Columns() {
		if a.Find(col.Name()) < 0 {
			all = append(all, col.Name())
		}
	}
	return all
}

// matching pairs the rows of two frames.
type matching struct {
	a, b *frame.Frame
	// pairs has the rows of a and b in order, -1 for a row that only the other
	// has; nil when the rows are matched by their position.
	pairs [][2]int
}

// match matches rows by timestamp if the timestamps are not the same row by row
// but ascend in both frames, else by position.
func match(a, b *frame.Frame) matching {
	m := matching{a: a, b: b}
	ta, okA := ascending(a)
	tb, okB := ascending(b)
	if !okA || !okB || slices.Equal(ta, tb) {
		return m
	}
	i, k := 0, 0
	for i < len(ta) || k < len(tb) {
		switch {
		case k == len(tb) || i < len(ta) && ta[i] < tb[k]:
			m.pairs = append(m.pairs, [2]int{i, -1})
			i++
		case i == len(ta) || tb[k] < ta[i]:
			m.pairs = append(m.pairs, [2]int{-1, k})
			k++
		default:
			m.pairs = append(m.pairs, [2]int{i, k})
			i++
			k++
		}
	}
	return m
}

// ascending returns the timestamps of a frame if every row has one and each is
// later than the one before.
func ascending(f *frame.Frame) ([]int64, bool) {
	if !f.Complete(timestamp) {
		return nil, f.Len() == 0
	}
	col := f.Column(timestamp)
	times, layout := col.Times()
	if isNaive(layout) {
		return nil, false
	}
	if col.Rep() != frame.Times {
		times = make([]int64, f.Len())
		for row := range times {
			at := instantOf(col.At(row))
			if !at.ok || at.naive {
				return nil, false
			}
			times[row] = at.ms
		}
	}
	for i := 1; i < len(times); i++ {
		if times[i] <= times[i-1] {
			return nil, false
		}
	}
	return times, true
}

// len returns the number of pairs.
func (m matching) len() int {
	if m.pairs != nil {
		return len(m.pairs)
	}
	return max(m.a.Len(), m.b.Len())
}

// pair returns the rows of the i-th pair, -1 for one that is missing.
func (m matching) pair(i int) (a, b int) {
	if m.pairs != nil {
		return m.pairs[i][0], m.pairs[i][1]
	}
	a, b = i, i
	if i >= m.a.Len() {
		a = -1
	}
	if i >= m.b.Len() {
		b = -1
	}
	return a, b
}

// column is one key of the rows of two frames.
type column struct {
	name string
	a, b side
}

// side is a column of one frame.
type side struct {
	f        *frame.Frame
	col      *frame.Column // nil when no row has the key
	complete bool          // every row has the key
}

func newColumn(name string, a, b *frame.Frame) *column {
	return &column{
		name: name,
		a:    side{a, a.Column(name), a.Complete(name)},
		b:    side{b, b.Column(name), b.Complete(name)},
	}
}

// at returns the value in a row, absent if the row does not have the key.
func (s side) at(row int) value.Value {
	if !s.has(row) {
		return value.Value{}
	}
	return s.col.At(row)
}

func (s side) has(row int) bool {
	return s.col != nil && (s.complete || s.f.Has(row, s.col.Name()))
}

// differsAnywhere compares the column in all pairs of rows. Pairs of which a
// row is missing do not count.
func (col *column) differsAnywhere(c *comparison, m matching) bool {
	if m.pairs == nil && m.a.Len() == m.b.Len() && col.a.complete && col.b.complete && col.equal(c.opts) {
		c.report.Compared += m.a.Len()
		return false
	}
	differs := false
	for i := range m.len() {
		ra, rb := m.pair(i)
		if ra < 0 || rb < 0 || !col.a.has(ra) && !col.b.has(rb) {
			continue
		}
		c.report.Compared++
		differs = differs || col.differs(c, ra, rb)
	}
	return differs
}

// equal compares two columns of one kind as wholes. It may return false for
// columns whose values are all the same.
func (col *column) equal(opts Options) bool {
	if col.a.col == col.b.col {
		return true
	}
	x, okX := col.a.col.Vec()
	y, okY := col.b.col.Vec()
	if okX && okY {
		return equalNumbers(x, y, opts)
	}
	if texts := col.a.col.Texts(); texts != nil {
		return slices.Equal(texts, col.b.col.Texts())
	}
	if times, _ := col.a.col.Times(); times != nil {
		others, _ := col.b.col.Times()
		return sameLayout(col.a.col, col.b.col) && slices.Equal(times, others)
	}
	return false
}

func sameLayout(a, b *frame.Column) bool {
	_, la := a.Times()
	_, lb := b.Times()
	return la == lb
}

func equalNumbers(x, y frame.Vec, opts Options) bool {
	fx, constX := x.Constant()
	fy, constY := y.Constant()
	if constX && constY {
		return opts.near(fx, fy)
	}
	xs, ys := x.Floats(), y.Floats()
	for i := range xs {
		if xs[i] != ys[i] && !opts.near(xs[i], ys[i]) {
			return false
		}
	}
	return true
}

// differs compares the values of two rows without reporting a difference.
func (col *column) differs(c *comparison, ra, rb int) bool {
	a, b := col.a.at(ra), col.b.at(rb)
	if isWildcard(a) || isWildcard(b) {
		return false
	}
	if a.Kind() != b.Kind() || a.Kind() != value.Object && a.Kind() != value.List {
		return !c.same(a, b)
	}
	quiet := &comparison{
		a: c.a, b: c.b, opts: Options{Relative: c.opts.Relative, Absolute: c.opts.Absolute},
		report: &Report{}, groups: make(map[[3]string]*group),
	}
	quiet.values(place{}, a, b)
	return quiet.report.Count > 0
}

// rows reports the differences row by row: rows that only one side has, and the
// values of the columns that were found to differ.
func (c *comparison) rows(at place, m matching, columns []*column) {
	if len(columns) == 0 && m.pairs == nil && m.a.Len() == m.b.Len() {
		return
	}
	for i := range m.len() {
		ra, rb := m.pair(i)
		at.rows, at.row = m.a, ra
		switch {
		case ra < 0:
			at.rows, at.row = m.b, rb
			c.report.Compared++
			c.note(at, value.Value{}, value.OfMap(m.b.Row(rb)))
		case rb < 0:
			c.report.Compared++
			c.note(at, value.OfMap(m.a.Row(ra)), value.Value{})
		default:
			for _, col := range columns {
				c.cell(at, col, ra, rb)
			}
		}
	}
}

// cell compares two values of a column, and reports the difference if there is
// one.
func (c *comparison) cell(at place, col *column, ra, rb int) {
	at.metric = col.name
	before := c.report.Compared
	c.values(at, col.a.at(ra), col.b.at(rb))
	c.report.Compared = before // differsAnywhere has counted it
}
