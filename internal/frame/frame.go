// Package frame holds observations column by column: one component's rows, each
// with the same few metrics, without a map per row.
//
// A frame keeps what a list of maps would: which keys a row has and in which
// order, and null apart from absent. Most frames are uniform, all rows having
// all columns in one order; the others keep a shape per row. What a reader
// would get wrong: in a frame that is not uniform [Frame.Column] holds fillers
// where a row lacks the key, so ask [Frame.Has] or use [Frame.At] and
// [Frame.Vec]. Frames are immutable; columns are shared between frames.
package frame

import (
	"slices"

	"github.com/dendro-carbon/dendro/internal/value"
)

// Frame is a table of n observations. The zero value has none.
type Frame struct {
	n      int
	cols   []*Column
	shapes [][]int32 // distinct rows: the columns they have, in key order; nil when uniform
	shape  []uint32  // per row, its index in shapes; nil when uniform
}

// New returns a uniform frame of the columns, in order. All must have n rows
// and different names.
func New(n int, cols ...*Column) *Frame { return &Frame{n: n, cols: cols} }

// FromRows returns the frame of a list of maps.
func FromRows(rows []*value.Map) *Frame {
	b := NewBuilder(len(rows))
	for _, row := range rows {
		b.Row(row)
	}
	return b.Frame()
}

// Len returns the number of rows.
func (f *Frame) Len() int {
	if f == nil {
		return 0
	}
	return f.n
}

// Size returns about how many bytes the values of the frame take. Columns that
// it shares with others count in full.
func (f *Frame) Size() int {
	size := 4 * len(f.shapesOf())
	for _, c := range f.Columns() {
		size += c.size()
	}
	return size
}

func (f *Frame) shapesOf() []uint32 {
	if f == nil {
		return nil
	}
	return f.shape
}

// Columns returns the columns in order of first appearance. The caller must
// not change the slice.
func (f *Frame) Columns() []*Column {
	if f == nil {
		return nil
	}
	return f.cols
}

// Uniform reports whether every row has every column, in the same order.
func (f *Frame) Uniform() bool { return f == nil || f.shape == nil }

// Find returns the position of a column, or -1.
func (f *Frame) Find(name string) int {
	for i, c := range f.Columns() {
		if c.name == name {
			return i
		}
	}
	return -1
}

// Column returns the column of that name, nil if no row has the key.
func (f *Frame) Column(name string) *Column {
	if i := f.Find(name); i >= 0 {
		return f.cols[i]
	}
	return nil
}

// Keys returns the positions of the row's columns in the order of its keys.
// The caller must not change the slice.
func (f *Frame) Keys(row int) []int32 {
	if f.shape != nil {
		return f.shapes[f.shape[row]]
	}
	return identity(len(f.cols))
}

// Has reports whether the row has the key, be it null or not.
func (f *Frame) Has(row int, name string) bool {
	i := f.Find(name)
	return i >= 0 && f.has(row, i)
}

func (f *Frame) has(row, col int) bool {
	return f.shape == nil || slices.Contains(f.shapes[f.shape[row]], int32(col))
}

// Complete reports whether every row has the key.
func (f *Frame) Complete(name string) bool {
	i := f.Find(name)
	return i >= 0 && f.complete(i)
}

func (f *Frame) complete(col int) bool {
	for _, shape := range f.shapes {
		if !slices.Contains(shape, int32(col)) {
			return false
		}
	}
	return true
}

// At returns the row's value of a key, absent if the row does not have it.
func (f *Frame) At(row int, name string) value.Value {
	i := f.Find(name)
	if i < 0 || !f.has(row, i) {
		return value.Value{}
	}
	return f.cols[i].At(row)
}

// Vec returns a column as numbers; ok is false unless every row has the key
// and a number in it.
func (f *Frame) Vec(name string) (v Vec, ok bool) {
	i := f.Find(name)
	if i < 0 || !f.complete(i) {
		return Vec{}, false
	}
	return f.cols[i].Vec()
}

// Row returns one row as a map of its own.
func (f *Frame) Row(row int) *value.Map {
	keys := f.Keys(row)
	m := value.NewMap(len(keys))
	for _, k := range keys {
		m.Set(f.cols[k].name, f.cols[k].At(row))
	}
	return m
}

// Rows returns all rows as maps. It is for the few rows that need a general
// treatment, not for bulk work.
func (f *Frame) Rows() []*value.Map {
	rows := make([]*value.Map, f.Len())
	for i := range rows {
		rows[i] = f.Row(i)
	}
	return rows
}

// With returns the frame with a column set in every row: in the place of the
// column of that name where a row has it, else as the row's last key.
func (f *Frame) With(c *Column) *Frame {
	g := &Frame{n: f.Len(), cols: slices.Clone(f.Columns())}
	if f != nil {
		g.shapes, g.shape = f.shapes, f.shape
	}
	i := f.Find(c.name)
	if i < 0 {
		i = len(g.cols)
		g.cols = append(g.cols, c)
	} else {
		g.cols[i] = c
	}
	if g.shape != nil && !g.complete(i) {
		g.shapes = withKey(g.shapes, int32(i))
		g.settle()
	}
	return g
}

func withKey(shapes [][]int32, col int32) [][]int32 {
	out := make([][]int32, len(shapes))
	for i, shape := range shapes {
		out[i] = shape
		if !slices.Contains(shape, col) {
			out[i] = append(slices.Clone(shape), col)
		}
	}
	return out
}

// WithDefaults returns the frame with the default of each key that a row lacks
// or has as null: null is replaced in place, what is missing is appended in the
// order of the defaults.
func (f *Frame) WithDefaults(defaults *value.Map) *Frame {
	for name, v := range defaults.All() {
		f = f.withDefault(name, v)
	}
	return f
}

func (f *Frame) withDefault(name string, v value.Value) *Frame {
	i := f.Find(name)
	switch {
	case f.Len() == 0:
		return f
	case i < 0:
		return f.With(NewConstant(name, f.n, v))
	case f.complete(i) && !mayHoldNull(f.cols[i]):
		return f
	}
	vals := make([]value.Value, f.n)
	for row := range vals {
		vals[row] = v
		if f.has(row, i) {
			if old := f.cols[i].At(row); !old.IsNullish() {
				vals[row] = old
			}
		}
	}
	return f.With(NewColumn(name, vals))
}

func mayHoldNull(c *Column) bool {
	return c.rep == Mixed || c.rep == Constant && c.one.IsNullish()
}

// Without returns the frame with a key removed from every row.
func (f *Frame) Without(name string) *Frame {
	i := f.Find(name)
	if i < 0 {
		return f
	}
	g := &Frame{n: f.n, cols: slices.Delete(slices.Clone(f.cols), i, i+1), shape: f.shape}
	for _, shape := range f.shapes {
		var kept []int32
		for _, k := range shape {
			switch {
			case int(k) < i:
				kept = append(kept, k)
			case int(k) > i:
				kept = append(kept, k-1)
			}
		}
		g.shapes = append(g.shapes, kept)
	}
	g.settle()
	return g
}

// Slice returns rows [from, to); the columns are shared.
func (f *Frame) Slice(from, to int) *Frame {
	g := &Frame{n: to - from, cols: make([]*Column, len(f.cols)), shapes: f.shapes}
	for i, c := range f.cols {
		g.cols[i] = c.slice(from, to)
	}
	if f.shape != nil {
		g.shape = f.shape[from:to:to]
	}
	return g
}

// Take returns the rows with the given indexes, in that order.
func (f *Frame) Take(rows []int) *Frame {
	b := NewBuilder(len(rows))
	for _, row := range rows {
		b.CopyRow(f, row)
	}
	return b.Frame()
}

// Concat returns the rows of the frames one after another.
func Concat(frames ...*Frame) *Frame {
	n := 0
	for _, f := range frames {
		n += f.Len()
	}
	b := NewBuilder(n)
	for _, f := range frames {
		for row := range f.Len() {
			b.CopyRow(f, row)
		}
	}
	return b.Frame()
}

// settle drops the shapes when all rows turn out to have the one shape that is
// the order of the columns.
func (f *Frame) settle() {
	for _, s := range f.shape {
		if !isIdentity(f.shapes[s], len(f.cols)) {
			return
		}
	}
	f.shapes, f.shape = nil, nil
}

func isIdentity(shape []int32, n int) bool {
	if len(shape) != n {
		return false
	}
	for i, k := range shape {
		if int(k) != i {
			return false
		}
	}
	return true
}

func identity(n int) []int32 {
	shape := make([]int32, n)
	for i := range shape {
		shape[i] = int32(i)
	}
	return shape
}
