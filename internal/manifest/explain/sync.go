package explain

import (
	"fmt"
	"strings"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// overlap is the part of an observation that lies in a time step.
type overlap struct {
	row            int
	seconds, whole float64
}

// synced explains a value that TimeSync put together for a time step, from the
// observations that lie in it.
func (e *Explainer) synced(f *Figure, s spot, depth int) {
	begin := instantOf(s.value(keyTimestamp))
	length, _ := s.value(keyDuration).Float()
	rows := s.step.In
	parts := overlaps(rows, begin.ms, length)
	info, known := e.metrics.Lookup(f.Metric)
	f.Method = "copy"
	if known {
		f.Method = info.Time.String()
	}
	switch {
	case f.Metric == keyTimestamp || f.Metric == keyDuration:
		f.Formula = "begin and length of the time step"
		return
	case f.Method == metric.Sum.String():
		f.Formula = fmt.Sprintf("sum of the parts of %s in the time step", f.Metric)
	case f.Method == metric.Avg.String():
		f.Formula = fmt.Sprintf("average of %s over the time step, gaps as 0", f.Metric)
	default:
		f.Formula = fmt.Sprintf("%s of the last observation in the time step", f.Metric)
	}
	var terms []string
	for i, p := range parts {
		if i == maxParts {
			f.More = len(parts) - maxParts
			terms = append(terms, "…")
			break
		}
		terms = append(terms, fmt.Sprintf("%s for %s of %s s", rows.At(p.row, f.Metric),
			value.NumberText(p.seconds), value.NumberText(p.whole)))
		s.row = p.row
		if len(parts) == 1 || e.query.Parts {
			f.From = append(f.From, e.input(s, f.Metric, depth-1))
			continue
		}
		part := e.figure(s.node, f.Metric, timeAt(rows, p.row), rows.At(p.row, f.Metric))
		part.Kind = Part
		f.From = append(f.From, part)
	}
	f.Filled = strings.Join(terms, ", ")
	if len(parts) == 0 {
		f.Filled = "no observation lies in it"
	}
	if total, ok := f.combined(rows, parts, length); ok && !near(value.OfNumber(total), f.Value) {
		f.Notes = append(f.Notes, fmt.Sprintf("that is %s; the plugin gave %s", value.OfNumber(total), f.Value))
	}
}

// combined returns what the parts of observations come to in a time step of so
// many seconds; ok is false if they are not added up, or not numbers.
func (f *Figure) combined(rows *frame.Frame, parts []overlap, seconds float64) (total float64, ok bool) {
	if f.Method != metric.Sum.String() && f.Method != metric.Avg.String() {
		return 0, false
	}
	for _, p := range parts {
		v, ok := rows.At(p.row, f.Metric).Float()
		if !ok {
			return 0, false
		}
		whole := seconds
		if f.Method == metric.Sum.String() {
			whole = p.whole
		}
		total += float64(v*p.seconds) / whole
	}
	return total, true
}

// overlaps returns the rows that have a part in a time step.
func overlaps(f *frame.Frame, from int64, seconds float64) []overlap {
	var parts []overlap
	to := float64(from) + seconds*1000
	for row := range f.Len() {
		begin := instantOf(f.At(row, keyTimestamp))
		whole, _ := f.At(row, keyDuration).Float()
		low := max(float64(begin.ms), float64(from))
		high := min(float64(begin.ms)+whole*1000, to)
		if begin.ok && high > low {
			parts = append(parts, overlap{row, (high - low) / 1000, whole})
		}
	}
	return parts
}

// groupsOf returns the names of the groups that regroup made on the way from one
// component to another.
func groupsOf(path, from string) []string {
	below := strings.TrimPrefix(path, from+"."+tree.KeyChildren+".")
	return strings.Split(below, "."+tree.KeyChildren+".")
}

// nthInGroups returns the row that is the nth, from 0, in the groups by its
// values of the keys. It is there: regroup put it there.
func nthInGroups(rows *frame.Frame, n int, keys, groups []string) int {
	for row := range rows.Len() {
		if !inGroups(rows, row, keys, groups) {
			continue
		}
		if n == 0 {
			return row
		}
		n--
	}
	return 0
}

// inGroups reports whether a row belongs to the groups by its values of the
// keys.
func inGroups(rows *frame.Frame, row int, keys, groups []string) bool {
	if len(keys) != len(groups) {
		return false
	}
	for i, key := range keys {
		if rows.At(row, key).String() != groups[i] {
			return false
		}
	}
	return true
}
