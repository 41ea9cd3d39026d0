package emit

import (
	"slices"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/value"
)

// fieldKind says how the values of a field are held.
type fieldKind uint8

const (
	numberField fieldKind = iota
	timeField
	textField
	valueField
)

// field is a value that differs from row to row, behind the bytes that do not:
// the end of the value before it, constant values, and its own key.
type field struct {
	lead     []byte
	kind     fieldKind
	explicit bool // valueField: the key is in YAML's explicit form
	layout   value.Layout
	nums     []float64
	times    []int64
	texts    []string
	vals     *frame.Column
}

// shape is how the rows with the same keys are written.
type shape struct {
	fields []field
	tail   []byte // what follows the last field
}

// add adds a column that is not constant behind lead. It returns what stands
// behind the column's values.
func (s *shape) add(lead []byte, c *frame.Column, explicit bool, syn syntax) (behind []byte) {
	f := field{kind: valueField, vals: c, explicit: explicit}
	switch c.Rep() {
	case frame.Numbers:
		v, _ := c.Vec()
		f.kind, f.nums = numberField, v.Floats()
	case frame.Texts:
		f.kind, f.texts = textField, c.Texts()
	case frame.Times:
		f.kind = timeField
		f.times, f.layout = c.Times()
		if quote := timeQuote(f.layout, syn); quote != "" {
			lead, behind = append(lead, quote...), append(behind, quote...)
		}
		if f.layout == value.NoLayout {
			f.layout = value.ISOMillis
		}
	}
	f.lead = lead
	s.fields = append(s.fields, f)
	return behind
}

// timeQuote returns the quotes that an instant in a layout needs. In YAML a
// text that would be read as a time has them, and a time has none; times
// without seconds are not read as times.
func timeQuote(layout value.Layout, syn syntax) string {
	switch {
	case syn == jsonSyntax:
		return `"`
	case syn == yamlSyntax && (layout == value.ISOMillis || layout == value.ISOSeconds || layout == value.Naive):
		return "'"
	}
	return ""
}

// size is about how many bytes a row takes.
func (s *shape) size() int {
	n := len(s.tail)
	for i := range s.fields {
		n += len(s.fields[i].lead) + s.fields[i].size()
	}
	return n
}

// samples is how many rows are looked at to guess the size of all.
const samples = 16

func (f *field) size() int {
	switch f.kind {
	case numberField:
		return 18
	case timeField:
		return 24
	case textField:
		n, step := 2, max(1, len(f.texts)/samples)
		for i := 0; i < len(f.texts); i += step {
			n += len(f.texts[i]) / samples
		}
		return n
	}
	return 40
}

// plan writes the rows of a frame.
type plan struct {
	form   form
	shapes []shape
	which  []uint32 // the shape of each row; nil when all have the first
	size   int
}

func (p *plan) rowSize() int { return p.size }

func (p *plan) appendRows(dst []byte, from, to int) []byte {
	var dates calendar
	var styles styleCache
	for row := from; row < to; row++ {
		s := &p.shapes[0]
		if p.which != nil {
			s = &p.shapes[p.which[row]]
		}
		for i := range s.fields {
			f := &s.fields[i]
			dst = append(dst, f.lead...)
			switch f.kind {
			case numberField:
				dst = appendNumber(dst, f.nums[row], p.form.syn)
			case timeField:
				dst = dates.append(dst, f.times[row], f.layout)
			case textField:
				dst = p.form.text(dst, f.texts[row], &styles)
			default:
				dst = p.form.value(dst, f.vals.At(row), f.explicit)
			}
		}
		dst = append(dst, s.tail...)
	}
	return dst
}

// manyShapes is the number of different rows above which making a shape of
// each costs more than it saves.
const manyShapes = 32

// rowsOf returns how the rows of a frame are written in a form.
func rowsOf(f *frame.Frame, form form) rowSource {
	if f.Len() < 3 || mayBeAbsent(f) {
		return loose{f, form}
	}
	p := &plan{form: form}
	if !p.addShapes(f, form.shape) {
		return loose{f, form}
	}
	return p
}

// addShapes makes the shapes of a frame's rows; ok is false if there are too
// many.
func (p *plan) addShapes(f *frame.Frame, shapeOf func([]*frame.Column) shape) (ok bool) {
	if f.Uniform() {
		p.shapes = []shape{shapeOf(f.Columns())}
		p.size = p.shapes[0].size()
		return true
	}
	p.which = make([]uint32, f.Len())
	var known [][]int32
	for row := range p.which {
		keys := f.Keys(row)
		i := slices.IndexFunc(known, func(k []int32) bool { return slices.Equal(k, keys) })
		if i < 0 {
			if i = len(known); i == manyShapes {
				return false
			}
			known = append(known, keys)
			p.shapes = append(p.shapes, shapeOf(columnsAt(f, keys)))
			p.size = max(p.size, p.shapes[i].size())
		}
		p.which[row] = uint32(i)
	}
	return true
}

func columnsAt(f *frame.Frame, keys []int32) []*frame.Column {
	cols := make([]*frame.Column, len(keys))
	for i, k := range keys {
		cols[i] = f.Columns()[k]
	}
	return cols
}

// mayBeAbsent reports whether a row may have a key whose value is absent, so
// that the key is to be left out.
func mayBeAbsent(f *frame.Frame) bool {
	for _, c := range f.Columns() {
		if c.Rep() != frame.Mixed {
			continue
		}
		for row := range c.Len() {
			if c.At(row).Kind() == value.Absent {
				return true
			}
		}
	}
	return false
}

// loose writes rows one by one, without a plan: few rows, or rows that have
// little in common.
type loose struct {
	frame *frame.Frame
	form  form
}

func (l loose) rowSize() int { return 40 * (1 + len(l.frame.Columns())) }

func (l loose) appendRows(dst []byte, from, to int) []byte {
	for row := from; row < to; row++ {
		dst = l.appendRow(dst, row)
	}
	return dst
}

func (l loose) appendRow(dst []byte, row int) []byte {
	cols := l.frame.Columns()
	if !l.frame.Uniform() {
		cols = columnsAt(l.frame, l.frame.Keys(row))
	}
	dst, first := l.form.open(dst), true
	for _, c := range cols {
		if v := c.At(row); v.Kind() != value.Absent {
			explicit := false
			dst, explicit = l.form.key(dst, c.Name(), first)
			dst = l.form.value(dst, v, explicit)
			first = false
		}
	}
	return l.form.close(dst, first)
}
