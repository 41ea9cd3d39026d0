package frame

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/value"
)

// Builder makes a frame row by row. Begin a row with [Builder.Begin], add its
// keys in order, end it with [Builder.End].
//
// Bulk readers look a column up once and then add by its position, guided by
// [Builder.Expect]: the column that the row before had at this place.
type Builder struct {
	cols    []*columnBuilder
	room    int
	n       int     // finished rows
	row     []int32 // columns of the row being built, in order
	guess   []int32 // the shape of the row before
	cur     uint32  // its index in shapes
	shapes  [][]int32
	shape   []uint32 // per row; nil while all rows have the first shape
	dup     int32    // a column that the current row named twice, or -1
	lastRow []int    // per column, the last row (counting from 1) that had it
	values  int      // in the finished rows

	spare []*columnBuilder // of the frame before, in its order

	// Once there are many, columns by name and shapes by their bytes.
	byName  map[string]int
	byShape map[string]int
}

// few is up to how many columns or shapes looking at each is faster than
// hashing.
const few = 16

// someRows is up to how many rows every column makes room for at once.
const someRows = 1 << 12

// NewBuilder returns a builder with room for so many rows.
func NewBuilder(rows int) *Builder { return &Builder{room: rows, dup: -1} }

// Reset makes the builder ready for another frame. Frames that one builder makes
// one after another share the names and the constant columns that they have in
// common.
func (b *Builder) Reset(rows int) {
	spare := b.cols
	if len(spare) > few {
		spare = nil
	}
	*b = Builder{
		room: rows, dup: -1, spare: spare,
		cols: make([]*columnBuilder, 0, len(spare)), row: b.row[:0], lastRow: b.lastRow[:0],
	}
}

// Begin begins a row.
func (b *Builder) Begin() { b.row, b.dup = b.row[:0], -1 }

// Expect returns the column that the next key of this row would be if the row
// is like the one before, and its name; -1 if there is no such key.
func (b *Builder) Expect() (col int, name string) {
	if k := len(b.row); k < len(b.guess) {
		i := b.guess[k]
		return int(i), b.cols[i].name
	}
	return -1, ""
}

// Column returns the position of the column of that name, which is made if it
// is new; the name is copied then.
func (b *Builder) Column(name string) int {
	if i := b.find(name); i >= 0 {
		return i
	}
	room := b.room
	if len(b.cols) >= few {
		room = min(room, someRows) // many columns: not all rows will have all of them
	}
	c := b.again(name)
	c.reset(room)
	name = c.name
	b.cols = append(b.cols, c)
	b.lastRow = append(b.lastRow, 0)
	switch {
	case b.byName != nil:
		b.byName[name] = len(b.cols) - 1
	case len(b.cols) > few:
		b.byName = make(map[string]int, 2*few)
		for i, c := range b.cols {
			b.byName[c.name] = i
		}
	}
	return len(b.cols) - 1
}

// again returns the builder of the column of that name in the frame before, or
// a new one.
func (b *Builder) again(name string) *columnBuilder {
	if i := len(b.cols); i < len(b.spare) && b.spare[i].name == name {
		return b.spare[i]
	}
	return &columnBuilder{name: strings.Clone(name)}
}

// find returns the position of a column, or -1.
func (b *Builder) find(name string) int {
	if b.byName != nil {
		if i, ok := b.byName[name]; ok {
			return i
		}
		return -1
	}
	return slices.IndexFunc(b.cols, func(c *columnBuilder) bool { return c.name == name })
}

// Sparse reports whether the rows finished so far have so little in common that
// a frame of them would be mostly fillers: a few megabytes of such rows could
// ask for all of the memory. They are better kept as maps.
func (b *Builder) Sparse() bool {
	const enough, factor = 1 << 20, 16
	cells := b.n * len(b.cols)
	return cells > enough && cells > factor*b.values
}

// Number adds a number to the current row under a column.
func (b *Builder) Number(col int, f float64) {
	if b.enter(col) {
		b.cols[col].addNumber(f)
	}
}

// Text adds a text, kept as an instant when it is one in a known layout.
func (b *Builder) Text(col int, s string) {
	if b.enter(col) {
		b.cols[col].addText(s)
	}
}

// Borrowed is [Builder.Text] for a text that is part of a larger one, such as a
// file: what is kept of it is a copy, so that the file can be let go.
func (b *Builder) Borrowed(col int, s string) {
	if b.enter(col) {
		b.cols[col].addBorrowed(s)
	}
}

// Instant is [Builder.Text] for a text that [value.ParseISO] has read: an
// instant in ms since 1970-01-01 UTC and its layout, which is not NoLayout.
func (b *Builder) Instant(col int, ms int64, layout value.Layout) {
	if b.enter(col) {
		b.cols[col].addInstant(ms, layout)
	}
}

// Value adds any value.
func (b *Builder) Value(col int, v value.Value) {
	if b.enter(col) {
		b.cols[col].add(v)
	}
}

// enter notes that the current row has the column and pads the column to it.
// It refuses a column that the row already has.
func (b *Builder) enter(col int) bool {
	if b.lastRow[col] == b.n+1 {
		b.dup = int32(col)
		return false
	}
	b.lastRow[col] = b.n + 1
	b.row = append(b.row, int32(col))
	if c := b.cols[col]; c.n < b.n {
		c.pad(b.n)
	}
	return true
}

// End ends the row. It returns the name of a key that the row had twice, the
// first value of which was kept; else "".
func (b *Builder) End() (duplicate string) {
	if b.n == 0 || !slices.Equal(b.row, b.guess) {
		b.setShape()
	}
	if b.shape != nil {
		b.shape = append(b.shape, b.cur)
	}
	b.n++
	b.values += len(b.row)
	if b.dup >= 0 {
		return b.cols[b.dup].name
	}
	return ""
}

// setShape makes the current row's shape the one to expect.
func (b *Builder) setShape() {
	i := b.findShape()
	if i < 0 {
		i = len(b.shapes)
		b.shapes = append(b.shapes, slices.Clone(b.row))
		b.indexShape(i)
	}
	if b.shape == nil && b.n > 0 {
		b.shape = make([]uint32, b.n, max(b.n+1, b.room))
		for row := range b.shape {
			b.shape[row] = b.cur
		}
	}
	b.cur, b.guess = uint32(i), b.shapes[i]
}

// findShape returns the index of the current row's shape, or -1.
func (b *Builder) findShape() int {
	if b.byShape == nil {
		return slices.IndexFunc(b.shapes, func(s []int32) bool { return slices.Equal(s, b.row) })
	}
	if i, ok := b.byShape[shapeKey(b.row)]; ok {
		return i
	}
	return -1
}

// indexShape notes the last shape.
func (b *Builder) indexShape(i int) {
	switch {
	case b.byShape != nil:
		b.byShape[shapeKey(b.shapes[i])] = i
	case i == few:
		b.byShape = make(map[string]int, 2*few)
		for i, s := range b.shapes {
			b.byShape[shapeKey(s)] = i
		}
	}
}

func shapeKey(shape []int32) string {
	key := make([]byte, 0, 64)
	for _, col := range shape {
		key = binary.LittleEndian.AppendUint32(key, uint32(col))
	}
	return string(key)
}

// Row adds a whole row.
func (b *Builder) Row(m *value.Map) {
	b.Begin()
	for name, v := range m.All() {
		b.addNamed(name, v)
	}
	b.End()
}

// CopyRow adds a row of a frame.
func (b *Builder) CopyRow(f *Frame, row int) {
	b.Begin()
	if f.shape == nil {
		for _, c := range f.cols {
			b.addNamed(c.name, c.At(row))
		}
	} else {
		for _, k := range f.shapes[f.shape[row]] {
			b.addNamed(f.cols[k].name, f.cols[k].At(row))
		}
	}
	b.End()
}

func (b *Builder) addNamed(name string, v value.Value) {
	col, expected := b.Expect()
	if col < 0 || expected != name {
		col = b.Column(name)
	}
	if s, ok := v.Str(); ok {
		b.Text(col, s)
		return
	}
	b.Value(col, v)
}

// Len returns the number of finished rows.
func (b *Builder) Len() int { return b.n }

// Frame returns the frame. Afterwards the builder must be reset before it is used
// again.
func (b *Builder) Frame() *Frame {
	f := &Frame{n: b.n, shapes: b.shapes, shape: b.shape}
	for _, c := range b.cols {
		c.pad(b.n)
		f.cols = append(f.cols, c.column())
	}
	if b.shape == nil && b.n > 0 && !isIdentity(b.shapes[0], len(b.cols)) {
		f.shape = make([]uint32, b.n)
	}
	if f.shape == nil {
		f.shapes = nil
	}
	f.settle()
	return f
}
