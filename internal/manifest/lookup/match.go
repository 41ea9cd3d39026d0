package lookup

import (
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/value"
)

// matcher looks up the rows of one query.
type matcher struct {
	*Index
	readers []reader
	// consumed are the records that have been met and may not be again; nil when
	// they may.
	consumed map[int32]bool
	lowest   int32           // of the consumed
	heads    map[int32]int32 // per class, its first record that is not consumed
}

// reader gives the classes of a metric's values.
type reader struct {
	m       *matcher
	i       int // the column of the index
	metric  Metric
	started bool
	last    string // the text before, with its class
	class   int32
	known   bool
}

// at returns the class of a row's value; known is false if the table has none
// like it. Rows of one machine follow one another, so most values are the one
// before.
func (r *reader) at(row int) (class int32, known bool) {
	v := r.metric.value(row)
	s, isText := v.Str()
	if isText && r.started && s == r.last {
		return r.class, r.known
	}
	r.class, r.known = r.m.values[r.i].find(r.m.key(v))
	r.last, r.started = s, isText
	return r.class, r.known
}

// nullish reports whether a row's value is missing or null.
func (r *reader) nullish(row int) bool {
	if c := r.metric.Column; c != nil && (c.Rep() == frame.Texts || c.Rep() == frame.Numbers) {
		return false
	}
	return r.metric.value(row).IsNullish()
}

// find returns the first record that equals the row, or None.
func (m *matcher) find(row int) int32 {
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
			return None
		}
		if class, ok = m.join(i, class, own); !ok {
			return None
		}
	}
	if int(class) >= len(m.first) {
		return None
	}
	if !m.loose {
		return m.first[class]
	}
	return m.findLoosely(row, class)
}

// findMissing decides rows by what is missing: to Impact Framework a column
// that the table lacks, or that it has taken from a record, equals a metric
// that is missing or null, and nothing else does.
func (m *matcher) findMissing(row int) (record int32, decided bool) {
	missing, columns := 0, 0
	for i := range m.readers {
		nullish := m.readers[i].nullish(row)
		if m.columns[i] == nil && !nullish {
			return None, true
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
	return None, missing > 0
}

func (m *matcher) any() int32 {
	if m.records.Len() == 0 {
		return None
	}
	return 0
}

// findLoosely compares the records of a class by JavaScript's rules.
func (m *matcher) findLoosely(row int, class int32) int32 {
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
	return None
}

// take notes that a record is consumed, where that matters.
func (m *matcher) take(record int32) int32 {
	if m.consumed == nil || record == None {
		return record
	}
	if len(m.consumed) == 0 || record < m.lowest {
		m.lowest = record
	}
	m.consumed[record] = true
	return record
}

func (m *matcher) equal(row int, record int32) bool {
	for i := range m.readers {
		if m.columns[i] != nil && !looseEqual(m.columns[i].At(int(record)), m.readers[i].metric.value(row)) {
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
	return !v.IsNullish() && expr.ScriptNumber(cell) == expr.ScriptNumber(v)
}
