package builtin

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/value"
)

// csvIndex finds the records of a table by the values of some columns. It is
// immutable.
//
// Values are numbered column by column, and the numbers of a record's columns
// are joined pair by pair, so that a record and a row each have one class. Under
// the loose rules classes are wider than equality: all that JavaScript may take
// for equal has one class, and each match is compared again.
type csvIndex struct {
	records *frame.Frame
	names   []string
	columns []*frame.Column // nil for a name that the table lacks
	loose   bool
	classes []csvClasses
	joined  []map[[2]int32]int32 // the class of a class and the next column's
	first   []int32              // per class, its first record
	next    []int32              // per record, the next one of its class, or -1
}

// csvClasses numbers the values of a column.
type csvClasses struct {
	numbers map[uint64]int32
	texts   map[string]int32
}

func newCSVIndex(records *frame.Frame, names []string, loose bool) *csvIndex {
	x := &csvIndex{records: records, names: names, loose: loose, next: make([]int32, records.Len())}
	for _, name := range names {
		x.columns = append(x.columns, records.Column(name))
		x.classes = append(x.classes, csvClasses{make(map[uint64]int32), make(map[string]int32)})
		x.joined = append(x.joined, make(map[[2]int32]int32))
	}
	var last []int32
	for record := range x.next {
		x.next[record] = -1
		class := x.add(record)
		if int(class) == len(x.first) {
			x.first, last = append(x.first, int32(record)), append(last, int32(record))
			continue
		}
		x.next[last[class]], last[class] = int32(record), int32(record)
	}
	return x
}

// add returns the class of a record, a new one if there is none like it.
func (x *csvIndex) add(record int) int32 {
	class := int32(0)
	for i, column := range x.columns {
		if column == nil {
			continue
		}
		own := x.classes[i].add(x.key(column.At(record)))
		pair := [2]int32{class, own}
		next, ok := x.joined[i][pair]
		if !ok {
			next = int32(len(x.joined[i]))
			x.joined[i][pair] = next
		}
		class = next
	}
	return class
}

// csvKey is what values of one class have in common: a number or a text.
type csvKey struct {
	number float64
	text   string
	isText bool
	none   bool // it equals nothing
}

// key returns the key of a cell or of a metric. Under the loose rules a text
// that is a number to JavaScript has the number's.
func (x *csvIndex) key(v value.Value) csvKey {
	if x.loose && !v.IsNullish() {
		if s, ok := v.Str(); ok {
			if f := value.ToNumber(s); f == f {
				return csvKey{number: f}
			}
			return csvKey{text: s, isText: true}
		}
		f := jsNumber(v)
		return csvKey{number: f, none: f != f}
	}
	if f, ok := v.Float(); ok {
		return csvKey{number: f, none: f != f}
	}
	s, ok := v.Str()
	return csvKey{text: s, isText: true, none: !ok}
}

func (c *csvClasses) add(k csvKey) int32 {
	if class, ok := c.find(k); ok {
		return class
	}
	class := int32(len(c.numbers) + len(c.texts))
	switch {
	case k.none: // a class that nothing finds
		class = -1
	case k.isText:
		c.texts[k.text] = class
	default:
		c.numbers[bits(k.number)] = class
	}
	return class
}

func (c *csvClasses) find(k csvKey) (class int32, ok bool) {
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

// csvMatcher looks up the rows of a component.
type csvMatcher struct {
	*csvIndex
	c     *call
	query []csvPair
	// consumed are the records that Impact Framework has taken the query columns
	// from; nil where it takes none.
	consumed  map[int32]bool
	lowest    int32 // of the consumed
	heads     map[int32]int32
	repeated  bool // a record was met twice
	ambiguous int  // rows that meet several records
}

const noRecord = int32(-1)

// match returns the record of each row, or the problem of the first row that
// meets none.
func (m *csvMatcher) match() ([]int32, *diag.Problem) {
	found := make([]int32, m.c.in.Len())
	readers := make([]csvReader, len(m.query))
	for i, pair := range m.query {
		readers[i] = m.reader(i, pair.name)
	}
	met := make([]bool, m.records.Len())
	m.heads = make(map[int32]int32)
	var problem *diag.Problem
	for row := range found {
		record := m.find(row, readers)
		found[row] = record
		if record == noRecord {
			if problem == nil {
				problem = m.unmet(row)
				if m.loose {
					return nil, problem
				}
			} else {
				problem.Rows++
			}
			continue
		}
		m.repeated = m.repeated || met[record]
		met[record] = true
		if m.next[record] >= 0 && m.consumed == nil {
			m.ambiguous++
		}
	}
	return found, problem
}

// unmet is the problem of a row without a record.
func (m *csvMatcher) unmet(row int) *diag.Problem {
	if !m.loose {
		for _, pair := range m.query {
			if v := m.c.at(row, pair.name); v.IsNullish() {
				name := m.c.name(pair.name)
				return diag.New("MissingInputDataError", "%s is missing from the input array, or has nullish value.", name).
					AtRow(row).WithMetric(name).WithHint("%s", m.c.hint(row, name, v))
			}
		}
	}
	return diag.New("QueryDataNotFoundError",
		"One or more of the given query parameters are not found in the target CSV file column headers.").AtRow(row)
}

// csvReader gives the classes of a metric's values.
type csvReader struct {
	class    func(row int) (int32, bool)
	nullish  func(row int) bool
	constant bool
	one      int32
	known    bool
}

func (r *csvReader) at(row int) (int32, bool) {
	if r.constant {
		return r.one, r.known
	}
	return r.class(row)
}

// reader returns the way to a metric that suits its column.
func (m *csvMatcher) reader(i int, name string) csvReader {
	classes := &m.classes[i]
	r := csvReader{
		class:   func(row int) (int32, bool) { return classes.find(m.key(m.c.at(row, name))) },
		nullish: func(row int) bool { return m.c.at(row, name).IsNullish() },
	}
	column := m.c.in.Column(m.c.name(name))
	if column == nil || !m.c.in.Complete(column.Name()) {
		return r
	}
	if one, ok := column.Constant(); ok {
		r.constant = true
		r.one, r.known = classes.find(m.key(one))
		return r
	}
	if texts := column.Texts(); texts != nil && !m.loose {
		r.class = func(row int) (class int32, ok bool) {
			class, ok = classes.texts[texts[row]]
			return class, ok
		}
	}
	return r
}

// find returns the first record that equals the row, or noRecord.
func (m *csvMatcher) find(row int, readers []csvReader) int32 {
	if m.loose {
		if record, decided := m.findMissing(row, readers); decided {
			return record
		}
	}
	class := int32(0)
	for i := range readers {
		if m.columns[i] == nil {
			continue
		}
		own, ok := readers[i].at(row)
		if !ok {
			return noRecord
		}
		if class, ok = m.joined[i][[2]int32{class, own}]; !ok {
			return noRecord
		}
	}
	if int(class) >= len(m.first) {
		return noRecord
	}
	if !m.loose {
		return m.first[class]
	}
	return m.findLoosely(row, class)
}

// findMissing decides rows by what is missing: to Impact Framework a column
// that the table lacks, or that it has taken from a record, equals a metric
// that is missing or null, and nothing else does.
func (m *csvMatcher) findMissing(row int, readers []csvReader) (record int32, decided bool) {
	missing, columns := 0, 0
	for i := range readers {
		nullish := readers[i].nullish(row)
		if m.columns[i] == nil && !nullish {
			return noRecord, true
		}
		if m.columns[i] != nil {
			columns++
			if nullish {
				missing++
			}
		}
	}
	switch {
	case columns == 0:
		return m.take(m.any()), true
	case missing == columns && len(m.consumed) > 0:
		return m.lowest, true
	}
	return noRecord, missing > 0
}

func (m *csvMatcher) any() int32 {
	if m.records.Len() == 0 {
		return noRecord
	}
	return 0
}

// findLoosely compares the records of a class by JavaScript's rules.
func (m *csvMatcher) findLoosely(row int, class int32) int32 {
	head, ok := m.heads[class]
	if !ok {
		head = m.first[class]
	}
	for head >= 0 && m.consumed[head] {
		head = m.next[head]
	}
	m.heads[class] = head
	for record := head; record >= 0; record = m.next[record] {
		if !m.consumed[record] && m.equal(row, record) {
			return m.take(record)
		}
	}
	return noRecord
}

// take notes that a record is consumed, where that matters.
func (m *csvMatcher) take(record int32) int32 {
	if m.consumed == nil || record == noRecord {
		return record
	}
	if len(m.consumed) == 0 || record < m.lowest {
		m.lowest = record
	}
	m.consumed[record] = true
	return record
}

func (m *csvMatcher) equal(row int, record int32) bool {
	for i, pair := range m.query {
		if m.columns[i] != nil && !looseEqual(m.columns[i].At(int(record)), m.c.at(row, pair.name)) {
			return false
		}
	}
	return true
}

// looseEqual is JavaScript's == of a cell, a number or a text, and any value.
func looseEqual(cell, v value.Value) bool {
	a, cellIsText := cell.Str()
	b, valueIsText := v.Str()
	if cellIsText && valueIsText {
		return a == b
	}
	return !v.IsNullish() && jsNumber(cell) == jsNumber(v)
}

// sample lists some values of the first query column.
func (m *csvMatcher) sample() string {
	const most = 5
	column := m.columns[0]
	if column == nil {
		return strconv.Quote(m.names[0])
	}
	var values []string
	for record := range min(column.Len(), most) {
		values = append(values, describe(column.At(record)))
	}
	if column.Len() > most {
		values = append(values, fmt.Sprintf("… (%d records)", column.Len()))
	}
	return strings.Join(values, ", ")
}
