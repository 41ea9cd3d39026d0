package timesync

import (
	"strconv"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/value"
)

// tally is what is known of one metric in one step.
type tally struct {
	sum    float64
	known  bool // an observation has a number
	null   bool // one has null
	absent bool // one lacks the key
	whole  bool // one observation with a number is all of the step
}

// sparse sums or averages a column in which not every row has a number.
func (s *resampler) sparse(name string, method metric.Method) filled {
	tallies := make([]tally, s.steps)
	parts := s.parts()
	for i, sp := range s.spans {
		t := &tallies[sp.step]
		switch v := s.in.At(int(sp.row), name); v.Kind() {
		case value.Number:
			f, _ := v.Float()
			t.add(f, parts[i], s.full(sp), sp.overlap, method)
		case value.Null:
			t.null = true
		case value.Absent:
			t.absent = true
		}
	}
	s.refuse(name, method)
	return s.settle(name, method, tallies)
}

func (t *tally) add(f, part float64, full bool, overlap int64, method metric.Method) {
	t.known = true
	switch {
	case method == metric.Sum:
		t.sum += float64(f * part)
	case full:
		t.sum, t.whole = f, true
	case !t.whole:
		t.sum += float64(f * float64(overlap))
	}
}

// refuse reports values that are neither numbers nor missing, once a column.
func (s *resampler) refuse(name string, method metric.Method) {
	var found *diag.Problem
	for row := range s.in.Len() {
		v := s.in.At(row, name)
		switch {
		case v.Kind() == value.Number || v.IsNullish():
		case found == nil:
			found = diag.New("InputValidationError", "%s is %s, which cannot be %s.", name, shown(v), participle(method)).
				WithMetric(name).AtRow(row).
				WithHint("write a number without quotes; null or nothing where there is none; or give the metric the method copy")
		default:
			found.Rows++
		}
	}
	if found != nil {
		s.problems = append(s.problems, found)
	}
}

// shown prints a value for a message.
func shown(v value.Value) string {
	if s, ok := v.Str(); ok {
		return strconv.Quote(s)
	}
	return v.String()
}

func participle(m metric.Method) string {
	if m == metric.Avg {
		return "averaged"
	}
	return "summed"
}

// settle turns tallies into a column. A step without observations has 0 if the
// row that stands in it has the key at all.
func (s *resampler) settle(name string, method metric.Method, tallies []tally) filled {
	vals, has := make([]value.Value, s.steps), make([]bool, s.steps)
	for step, t := range tallies {
		vals[step], has[step] = value.OfNull(), true
		switch {
		case t.known && (t.null || t.absent):
			s.partial++
		case t.known:
			vals[step] = value.OfNumber(s.result(step, t, method))
		case t.null:
		case t.absent:
			has[step] = false
		default:
			vals[step], has[step] = value.OfNumber(0), s.in.Has(int(s.stands[step]), name)
		}
	}
	return filled{column: frame.NewColumn(name, vals), has: has}
}

// result returns the sum or the average of a step all of whose observations
// have a number.
func (s *resampler) result(step int, t tally, method metric.Method) float64 {
	if method == metric.Sum || t.whole {
		return t.sum
	}
	_, length := s.at(step)
	return t.sum / float64(length)
}
