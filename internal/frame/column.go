package frame

import (
	"math"
	"strings"

	"github.com/dendro-carbon/dendro/internal/value"
)

// Rep says how a column is stored.
type Rep uint8

// The representations of a column. Which one a column has follows from its
// values alone, never from how they came: all the same is Constant, else all
// numbers, all instants of one layout, all texts, else Mixed.
const (
	Constant Rep = iota
	Numbers
	Times
	Texts
	Mixed
)

// Column is one metric or label of a frame, one value per row. Columns are
// immutable and shared between frames. In a frame whose rows differ in shape a
// column holds a filler where a row does not have it; ask the frame.
type Column struct {
	name   string
	n      int
	rep    Rep
	layout value.Layout // Times: how they are written; NoLayout is a value.Time
	one    value.Value
	// cells are the values of a column that is not constant. They are apart
	// because a tree of many small components is mostly constant columns.
	*cells
}

// cells holds one value per row, in the one slice that the column's Rep says.
type cells struct {
	nums  []float64
	times []int64
	texts []string
	vals  []value.Value
}

// NewConstant returns a column with the same value in n rows.
func NewConstant(name string, n int, v value.Value) *Column {
	return &Column{name: name, rep: Constant, n: n, one: v}
}

// NewNumbers returns a column of numbers. It keeps nums, which the caller must
// not change afterwards.
func NewNumbers(name string, nums []float64) *Column {
	return &Column{name: name, rep: Numbers, n: len(nums), cells: &cells{nums: nums}}
}

// NewTexts returns a column of texts. It keeps texts.
func NewTexts(name string, texts []string) *Column {
	return &Column{name: name, rep: Texts, n: len(texts), cells: &cells{texts: texts}}
}

// NewTimes returns a column of instants in ms since 1970-01-01 UTC. They read
// as texts of the layout, or as [value.Time] when the layout is NoLayout. It
// keeps times.
func NewTimes(name string, times []int64, layout value.Layout) *Column {
	return &Column{name: name, rep: Times, n: len(times), layout: layout, cells: &cells{times: times}}
}

// NewColumn returns a column of any values, stored as compactly as they allow.
func NewColumn(name string, vals []value.Value) *Column {
	b := columnBuilder{name: name}
	for _, v := range vals {
		b.add(v)
	}
	return b.column()
}

// Name returns the column's name.
func (c *Column) Name() string { return c.name }

// Rep returns how the column is stored.
func (c *Column) Rep() Rep { return c.rep }

// Len returns the number of rows.
func (c *Column) Len() int { return c.n }

// Renamed returns the column under another name; the values are shared.
func (c *Column) Renamed(name string) *Column {
	d := *c
	d.name = name
	return &d
}

// At returns the value in a row.
func (c *Column) At(row int) value.Value {
	switch c.rep {
	case Constant:
		return c.one
	case Numbers:
		return value.OfNumber(c.nums[row])
	case Texts:
		return value.OfText(c.texts[row])
	case Times:
		if c.layout == value.NoLayout {
			return value.OfTime(c.times[row])
		}
		return value.OfText(string(value.AppendISO(nil, c.times[row], c.layout)))
	}
	return c.vals[row]
}

// Constant returns the value that all rows have, if the column is stored so.
func (c *Column) Constant() (value.Value, bool) { return c.one, c.rep == Constant }

// Vec returns the column as numbers; ok is false when any row holds something
// else. A text that looks like a number is not one.
func (c *Column) Vec() (v Vec, ok bool) {
	switch c.rep {
	case Numbers:
		return Vec{nums: c.nums, n: c.n}, true
	case Constant:
		if f, isNum := c.one.Float(); isNum {
			return Vec{one: f, n: c.n}, true
		}
	}
	return Vec{}, false
}

// Texts returns the texts of a column stored as Texts, nil otherwise. The
// caller must not change them.
func (c *Column) Texts() []string {
	if c.cells == nil {
		return nil
	}
	return c.texts
}

// Times returns the instants of a column stored as Times (in ms since
// 1970-01-01 UTC) and their layout; nil otherwise. The caller must not change
// them.
func (c *Column) Times() ([]int64, value.Layout) {
	if c.cells == nil {
		return nil, value.NoLayout
	}
	return c.times, c.layout
}

// size returns about how many bytes the column takes.
func (c *Column) size() int {
	const own, short = 128, 32 // of the column, of a text
	size := own
	if c.cells != nil {
		size += 8*(len(c.nums)+len(c.times)) + 24*len(c.vals)
		for _, s := range c.texts {
			size += 16 + max(len(s), short)
		}
	}
	return size
}

// slice returns rows [from, to).
func (c *Column) slice(from, to int) *Column {
	d := *c
	d.n = to - from
	switch c.rep {
	case Numbers:
		d.cells = &cells{nums: c.nums[from:to:to]}
	case Times:
		d.cells = &cells{times: c.times[from:to:to]}
	case Texts:
		d.cells = &cells{texts: c.texts[from:to:to]}
	case Mixed:
		d.cells = &cells{vals: c.vals[from:to:to]}
	}
	return &d
}

// Vec is a column of numbers to read: one per row, or the same in all rows.
type Vec struct {
	nums []float64 // nil when all rows hold one
	one  float64
	n    int
}

// VecOf returns a Vec over nums, which it keeps.
func VecOf(nums []float64) Vec { return Vec{nums: nums, n: len(nums)} }

// ConstantVec returns a Vec of n times f.
func ConstantVec(f float64, n int) Vec { return Vec{one: f, n: n} }

// Len returns the number of rows.
func (v Vec) Len() int { return v.n }

// At returns the number in a row.
func (v Vec) At(row int) float64 {
	if v.nums == nil {
		return v.one
	}
	return v.nums[row]
}

// Constant returns the number that all rows have, if they are stored so.
func (v Vec) Constant() (float64, bool) { return v.one, v.nums == nil }

// Floats returns one number per row. The caller must not change them.
func (v Vec) Floats() []float64 {
	if v.nums != nil {
		return v.nums
	}
	nums := make([]float64, v.n)
	for i := range nums {
		nums[i] = v.one
	}
	return nums
}

// columnBuilder collects values and settles on the most compact column.
type columnBuilder struct {
	name    string
	n       int
	started bool // a value has been added; rep is valid
	rep     Rep
	layout  value.Layout
	one     value.Value
	oneMS   int64 // Constant: the instant of one, when layout is not NoLayout or one is a Time
	isTime  bool  // Constant: one is an instant
	cells
	room   int // rows expected, a hint
	copies copies
	made   *Column // the last column made of it
}

// addNumber adds a number: the case that bulk reading meets most.
func (b *columnBuilder) addNumber(f float64) {
	switch {
	case b.rep == Numbers && b.started:
		b.nums = append(b.nums, f)
	case !b.started:
		b.start(value.OfNumber(f))
	case b.rep == Constant:
		if one, ok := b.one.Float(); ok && math.Float64bits(one) == math.Float64bits(f) {
			break
		} else if ok {
			b.spreadNumbers(one)
			b.nums = append(b.nums, f)
			break
		}
		b.toMixed()
		b.vals = append(b.vals, value.OfNumber(f))
	default:
		b.toMixed()
		b.vals = append(b.vals, value.OfNumber(f))
	}
	b.n++
}

// addText adds a text, as an instant when it is one.
func (b *columnBuilder) addText(s string) {
	if b.rep == Texts && b.started {
		b.texts = append(b.texts, s)
		b.n++
		return
	}
	if b.rep == Times && b.layout != value.NoLayout {
		if ms, layout := value.ParseISO(s); layout == b.layout {
			b.times = append(b.times, ms)
			b.n++
			return
		}
	}
	b.add(value.OfText(s))
}

// addBorrowed is addText that keeps a copy.
func (b *columnBuilder) addBorrowed(s string) {
	switch b.rep {
	case Texts:
		if last := b.texts[len(b.texts)-1]; last == s {
			b.texts = append(b.texts, last)
		} else {
			b.texts = append(b.texts, b.copies.copy(s))
		}
		b.n++
	case Times:
		if ms, layout := value.ParseISO(s); layout != value.NoLayout {
			b.addInstant(ms, layout)
			return
		}
		b.addText(strings.Clone(s))
	case Constant:
		if one, ok := b.one.Str(); ok && one == s {
			b.n++
			return
		}
		fallthrough
	default:
		b.addText(strings.Clone(s))
	}
}

// addInstant adds a text that is an instant.
func (b *columnBuilder) addInstant(ms int64, layout value.Layout) {
	if b.rep == Times && b.layout == layout {
		b.times = append(b.times, ms)
		b.n++
		return
	}
	b.add(value.OfText(string(value.AppendISO(nil, ms, layout))))
}

// copies makes copies of short texts, many to an allocation.
type copies struct{ room strings.Builder }

// copiesSize is how much is allocated at once.
const copiesSize = 4096

func (c *copies) copy(s string) string {
	if len(s) > copiesSize/4 {
		return strings.Clone(s)
	}
	if c.room.Cap()-c.room.Len() < len(s) {
		c.room = strings.Builder{}
		c.room.Grow(copiesSize)
	}
	start := c.room.Len()
	c.room.WriteString(s)
	return c.room.String()[start:]
}

// add adds any value.
func (b *columnBuilder) add(v value.Value) {
	if f, ok := v.Float(); ok {
		b.addNumber(f)
		return
	}
	if !b.started {
		b.start(v)
		b.n++
		return
	}
	if b.rep == Constant {
		if value.Equal(b.one, v) {
			b.n++
			return
		}
		b.spread(v)
	}
	b.push(v)
	b.n++
}

func (b *columnBuilder) start(v value.Value) {
	b.started, b.rep, b.one = true, Constant, v
	if s, ok := v.Str(); ok {
		b.oneMS, b.layout = value.ParseISO(s)
		b.isTime = b.layout != value.NoLayout
	} else {
		b.oneMS, b.isTime = v.Millis()
	}
}

// spread turns a constant column into one that can take v as its next value.
func (b *columnBuilder) spread(next value.Value) {
	one, isText := b.one.Str()
	_, nextIsText := next.Str()
	switch {
	case b.isTime && next.Kind() == b.one.Kind():
		b.rep, b.times = Times, make([]int64, b.n, max(b.n+1, b.room))
		for i := range b.times {
			b.times[i] = b.oneMS
		}
	case isText && nextIsText:
		b.rep, b.texts = Texts, make([]string, b.n, max(b.n+1, b.room))
		for i := range b.texts {
			b.texts[i] = one
		}
	default:
		b.toMixed()
	}
}

func (b *columnBuilder) spreadNumbers(one float64) {
	b.rep, b.nums = Numbers, make([]float64, b.n, max(b.n+1, b.room))
	for i := range b.nums {
		b.nums[i] = one
	}
}

// push adds v to a column that is not constant.
func (b *columnBuilder) push(v value.Value) {
	switch b.rep {
	case Texts:
		if s, ok := v.Str(); ok {
			b.texts = append(b.texts, s)
			return
		}
	case Times:
		if b.pushTime(v) {
			return
		}
		if s, ok := v.Str(); ok && b.layout != value.NoLayout {
			b.timesToTexts()
			b.texts = append(b.texts, s)
			return
		}
	}
	b.toMixed()
	b.vals = append(b.vals, v)
}

func (b *columnBuilder) pushTime(v value.Value) bool {
	if ms, ok := v.Millis(); ok && b.layout == value.NoLayout {
		b.times = append(b.times, ms)
		return true
	}
	s, ok := v.Str()
	if !ok || b.layout == value.NoLayout {
		return false
	}
	ms, layout := value.ParseISO(s)
	if layout != b.layout {
		return false
	}
	b.times = append(b.times, ms)
	return true
}

func (b *columnBuilder) timesToTexts() {
	c := b.column()
	b.texts = make([]string, b.n, max(b.n+1, b.room))
	for i := range b.texts {
		b.texts[i], _ = c.At(i).Str()
	}
	b.rep, b.times, b.layout = Texts, nil, value.NoLayout
}

func (b *columnBuilder) toMixed() {
	if b.rep == Mixed {
		return
	}
	c := b.column()
	b.vals = make([]value.Value, b.n, max(b.n+1, b.room))
	for i := range b.vals {
		b.vals[i] = c.At(i)
	}
	b.rep, b.nums, b.times, b.texts, b.layout = Mixed, nil, nil, nil, value.NoLayout
}

// pad brings the column to n rows with a filler that disturbs no value.
func (b *columnBuilder) pad(n int) {
	for b.started && b.rep != Constant && b.n < n {
		switch b.rep {
		case Numbers:
			b.nums = append(b.nums, 0)
		case Times:
			b.times = append(b.times, 0)
		case Texts:
			b.texts = append(b.texts, "")
		case Mixed:
			b.vals = append(b.vals, value.Value{})
		}
		b.n++
	}
	b.n = max(b.n, n)
}

// column returns the column of what has been added. If that is a constant, it is
// the column that was made before, should that be the same.
func (b *columnBuilder) column() *Column {
	if b.rep == Constant {
		if b.made == nil || b.made.n != b.n || b.made.rep != Constant || !value.Equal(b.made.one, b.one) {
			b.made = NewConstant(b.name, b.n, b.one)
		}
		return b.made
	}
	held := b.cells
	c := &Column{name: b.name, rep: b.rep, n: b.n, cells: &held}
	if b.rep == Times {
		c.layout = b.layout
	}
	return c
}

// reset makes the builder ready for another column of the same name.
func (b *columnBuilder) reset(room int) {
	*b = columnBuilder{name: b.name, room: room, copies: b.copies, made: b.made}
}
