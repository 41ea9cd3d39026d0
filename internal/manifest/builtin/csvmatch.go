package builtin

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/value"
)

// csvMatcher looks up the rows of a component.
type csvMatcher struct {
	*csvIndex
	c       *call
	query   []csvPair
	readers []csvReader // of the query
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
func (m *csvMatcher) match(ctx context.Context) ([]int32, error) {
	found := make([]int32, m.c.in.Len())
	for i, pair := range m.query {
		m.readers = append(m.readers, m.reader(i, pair.name))
	}
	met := make([]bool, m.records.Len())
	m.heads = make(map[int32]int32)
	var problem *diag.Problem
	for row := range found {
		if row%1024 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		record := m.find(row)
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
	if problem != nil {
		return nil, problem
	}
	return found, nil
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

// csvReader gives a metric's values and their classes.
type csvReader struct {
	m       *csvMatcher
	i       int // the query column
	name    string
	column  *frame.Column // nil if not every row has the metric in it
	started bool
	last    string // the text before, with its class
	class   int32
	known   bool
}

func (m *csvMatcher) reader(i int, name string) csvReader {
	r := csvReader{m: m, i: i, name: name}
	if column := m.c.in.Column(m.c.name(name)); column != nil && m.c.in.Complete(column.Name()) {
		r.column = column
	}
	return r
}

func (r *csvReader) value(row int) value.Value {
	if r.column == nil {
		return r.m.c.at(row, r.name)
	}
	return r.column.At(row)
}

// at returns the class of a row's value; known is false if the table has none
// like it. Rows of one machine follow one another, so most values are the one
// before.
func (r *csvReader) at(row int) (class int32, known bool) {
	v := r.value(row)
	s, isText := v.Str()
	if isText && r.started && s == r.last {
		return r.class, r.known
	}
	r.class, r.known = r.m.classes[r.i].find(r.m.key(v))
	r.last, r.started = s, isText
	return r.class, r.known
}

// nullish reports whether a row's value is missing or null.
func (r *csvReader) nullish(row int) bool {
	if r.column != nil && (r.column.Rep() == frame.Texts || r.column.Rep() == frame.Numbers) {
		return false
	}
	return r.value(row).IsNullish()
}

// find returns the first record that equals the row, or noRecord.
func (m *csvMatcher) find(row int) int32 {
	if m.loose {
		if record, decided := m.findMissing(row); decided {
			return record
		}
	}
	class := int32(0)
	for i := range m.readers {
		if m.columns[i] == nil {
			continue
		}
		own, ok := m.readers[i].at(row)
		if !ok {
			return noRecord
		}
		if class, ok = m.join(i, class, own); !ok {
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
func (m *csvMatcher) findMissing(row int) (record int32, decided bool) {
	missing, columns := 0, 0
	for i := range m.readers {
		nullish := m.readers[i].nullish(row)
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
		return m.any(), true
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
	if m.consumed != nil {
		for head >= 0 && m.consumed[head] {
			head = m.next[head]
		}
		m.heads[class] = head
	}
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
	for i := range m.query {
		if m.columns[i] != nil && !looseEqual(m.columns[i].At(int(record)), m.readers[i].value(row)) {
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
