package lookup

import (
	"math"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Index finds the records of a table by the values of some columns. It is
// immutable.
//
// Values are numbered column by column, and the numbers of a record's columns
// are joined pair by pair, so that a record and a row each have one class. Under
// the loose rules classes are wider than equality: all that JavaScript may take
// for equal has one class, and each match is compared again.
type Index struct {
	records *frame.Frame
	names   []string
	columns []*frame.Column // nil for a name that the table lacks
	loose   bool
	values  []classes            // per column
	joined  []map[[2]int32]int32 // the class of a class and the next column's
	first   []int32              // per class, its first record
	next    []int32              // per record, the next one of its class, or -1
}

// classes numbers the values of a column.
type classes struct {
	numbers map[uint64]int32
	texts   map[string]int32
}

// NewIndex returns an index of the records by the columns of those names, each of
// which the table may lack. It takes time and memory in proportion to the
// records.
func NewIndex(records *frame.Frame, names []string, loose bool) *Index {
	x := &Index{records: records, names: names, loose: loose, next: make([]int32, records.Len())}
	for _, name := range names {
		x.columns = append(x.columns, records.Column(name))
		x.values = append(x.values, classes{make(map[uint64]int32), make(map[string]int32)})
		x.joined = append(x.joined, make(map[[2]int32]int32))
	}
	var last []int32
	for record := range x.next {
		x.next[record] = -1
		class, ok := x.add(record)
		if !ok {
			continue
		}
		if int(class) == len(x.first) {
			x.first, last = append(x.first, int32(record)), append(last, int32(record))
			continue
		}
		x.next[last[class]], last[class] = int32(record), int32(record)
	}
	return x
}

// Records returns the table.
func (x *Index) Records() *frame.Frame { return x.records }

// add returns the class of a record, a new one if there is none like it; ok is
// false if a value of it equals nothing.
func (x *Index) add(record int) (class int32, ok bool) {
	for i, column := range x.columns {
		if column == nil {
			continue
		}
		key := x.key(column.At(record))
		if key.none {
			return 0, false
		}
		own := x.values[i].add(key)
		joined, known := x.join(i, class, own)
		if !known {
			joined = int32(len(x.joined[i]))
			x.joined[i][[2]int32{class, own}] = joined
		}
		class = joined
	}
	return class, true
}

// join returns the class of a class of the columns before and one of a column.
func (x *Index) join(i int, class, own int32) (int32, bool) {
	if i == 0 { // there is nothing before
		return own, true
	}
	joined, ok := x.joined[i][[2]int32{class, own}]
	return joined, ok
}

// key is what values of one class have in common: a number or a text.
type key struct {
	number float64
	text   string
	isText bool
	none   bool // it equals nothing
}

// key returns the key of a cell or of a metric. Under the loose rules a text
// that is a number to JavaScript has the number's.
func (x *Index) key(v value.Value) key {
	if x.loose && !v.IsNullish() {
		if s, ok := v.Str(); ok {
			if f := value.ToNumber(s); f == f {
				return key{number: f}
			}
			return key{text: s, isText: true}
		}
		f := expr.ScriptNumber(v)
		return key{number: f, none: f != f}
	}
	if f, ok := v.Float(); ok {
		return key{number: f, none: f != f}
	}
	s, ok := v.Str()
	return key{text: s, isText: true, none: !ok}
}

func (c *classes) add(k key) int32 {
	if class, ok := c.find(k); ok {
		return class
	}
	class := int32(len(c.numbers) + len(c.texts))
	if k.isText {
		c.texts[k.text] = class
	} else {
		c.numbers[bits(k.number)] = class
	}
	return class
}

func (c *classes) find(k key) (class int32, ok bool) {
	switch {
	case k.none:
		return 0, false
	case k.isText:
		class, ok = c.texts[k.text]
	default:
		class, ok = c.numbers[bits(k.number)]
	}
	return class, ok
}

// bits returns the bits of a number, the same for 0 and -0.
func bits(f float64) uint64 {
	if f == 0 {
		return 0
	}
	return math.Float64bits(f)
}
