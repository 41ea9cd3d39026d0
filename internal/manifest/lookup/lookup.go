// Package lookup finds the records of a table that equal rows in some columns:
// for each row the first one.
//
// An [Index] is made once per table. By default a number equals a number and a
// text a text. Under the loose rules they are compared as JavaScript's == does,
// as Impact Framework 1.1.0 does it; what a reader would get wrong then: a column
// that the table lacks equals a metric that the row lacks.
package lookup

import (
	"context"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/value"
)

// None stands for the record of a row that meets none.
const None = int32(-1)

// Query is the rows to look up.
type Query struct {
	Rows int
	// Metrics are the rows' values for the columns of the index, in their order.
	Metrics []Metric
	// Consume lets a record be met once only; it is then as if it lacked the
	// columns of the index. It is for the loose rules.
	Consume bool
}

// Metric gives the values of the rows: a column that all of them have, or, if
// Column is nil, a function.
type Metric struct {
	Column *frame.Column
	At     func(row int) value.Value
}

func (m Metric) value(row int) value.Value {
	if m.Column != nil {
		return m.Column.At(row)
	}
	return m.At(row)
}

// Result is what a look-up found.
type Result struct {
	Records []int32 // per row, its record or None
	// Unmet is the first row without a record, -1 if there is none, and More how
	// many more there are. The loose rules stop at the first.
	Unmet, More int
	// Repeated is true if two rows met the same record.
	Repeated bool
	// Ambiguous is how many rows are like several records.
	Ambiguous int
}

// Find looks up the rows. The only error is that of the context. An index may
// be used by several goroutines.
func (x *Index) Find(ctx context.Context, q Query) (Result, error) {
	m := &matcher{Index: x}
	for i, metric := range q.Metrics {
		m.readers = append(m.readers, reader{m: m, i: i, metric: metric})
	}
	if q.Consume {
		m.consumed, m.heads = make(map[int32]bool), make(map[int32]int32)
	}
	result := Result{Records: make([]int32, q.Rows), Unmet: -1}
	met := make([]bool, x.records.Len())
	for row := range result.Records {
		if row%1024 == 0 && ctx.Err() != nil {
			return Result{}, context.Cause(ctx)
		}
		record := m.find(row)
		result.Records[row] = record
		switch {
		case record != None:
			result.Repeated = result.Repeated || met[record]
			met[record] = true
			if m.next[record] >= 0 && !q.Consume {
				result.Ambiguous++
			}
		case result.Unmet >= 0:
			result.More++
		default:
			result.Unmet = row
			if x.loose {
				return result, nil
			}
		}
	}
	return result, nil
}
