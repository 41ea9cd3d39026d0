package builtin

import (
	"math"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/value"
)

// exact gives each step the part of each observation that lies in it.
//
//   - sum: the value in the proportion of the time that lies in the step, so that
//     nothing is lost or invented; an observation without duration goes whole
//     into the step of its instant.
//   - avg: the mean over all of the step; time that no observation covers counts
//     as 0, which is what padding says: nothing ran.
//   - copy: the value of the last observation in the step; without one that of
//     the next, and after the last observation that of the last.
//   - none: null.
//
// A null, or a key that a row lacks, is not 0: what a step has of such an
// observation is not known, and its sum or average is null. It lacks the key if
// all its observations do.
func (p *timeSync) exact(c *call) (*frame.Frame, error) {
	if c.in.Len() == 0 {
		return c.in, nil
	}
	columns, problems := p.columns(c)
	k, err := p.newCover(p.begins(c), p.durations(c))
	problems.Add(err)
	if err != nil {
		return nil, problems
	}
	last := len(k.begins) - 1
	_, _, err = p.pads(k.begins[0], float64(k.begins[last]+k.lengths[last]))
	problems.Add(err)
	s := &resampler{cover: k, in: c.in, fills: make([]filled, 0, len(columns))}
	for _, column := range columns {
		s.add(column)
	}
	problems = append(problems, s.problems...)
	if len(problems) > 0 {
		return nil, problems
	}
	p.report(c, k, columns, s)
	return s.frame(), nil
}

// report says what is not covered, and where Impact Framework's result differs.
func (p *timeSync) report(c *call, k *cover, columns []syncColumn, s *resampler) {
	if missing := k.missing(); missing != "" {
		c.warn(missing)
	}
	if s.partial > 0 {
		c.warn(plural(s.partial, "result") + " null: some of the observations in the step have no value")
	}
	var reasons []string
	if names := averages(columns); len(names) > 0 && p.interval > p.resolution {
		reasons = append(reasons, "averages count every second of a step ("+strings.Join(names, ", ")+")")
	}
	if k.shortGap() {
		reasons = append(reasons, "gaps of a second or less keep their time")
	}
	if last := len(k.begins) - 1; k.begins[last]+k.lengths[last] > k.end {
		reasons = append(reasons, "there is no record at end-time")
	}
	if len(reasons) > 0 {
		c.notice("time-sync", strings.Join(reasons, "; "))
	}
}

func averages(columns []syncColumn) []string {
	var names []string
	for _, column := range columns {
		if column.role == roleMetric && column.method == metric.Avg {
			names = append(names, column.Name())
		}
	}
	return names
}

// resampler makes the columns of the steps.
type resampler struct {
	*cover
	in       *frame.Frame
	fills    []filled
	problems diag.List
	partial  int       // results that are null though some of their observations have a value
	ratios   []float64 // per span, the part of the row; made when first needed
}

// filled is a column of the result. Where has is false the step lacks the key.
type filled struct {
	column *frame.Column
	has    []bool // nil when all steps have the key
}

func (s *resampler) add(column syncColumn) {
	var out filled
	v, numbers := s.in.Vec(column.Name())
	switch {
	case column.role == roleTimestamp:
		times := make([]int64, s.steps)
		for step := range times {
			times[step], _ = s.at(step)
		}
		out.column = frame.NewTimes(column.Name(), times, value.ISOMillis)
	case column.role == roleDuration:
		out.column = s.durations(column.Name())
	case column.method == metric.Copy || column.method == metric.None:
		out = s.stay(column)
	case numbers && column.method == metric.Sum:
		out.column = numbersColumn(column.Name(), s.sums(v))
	case numbers:
		out.column = numbersColumn(column.Name(), s.means(v))
	default:
		out = s.sparse(column)
	}
	s.fills = append(s.fills, out)
}

func (s *resampler) durations(name string) *frame.Column {
	seconds := make([]float64, s.steps)
	for step := range seconds {
		_, length := s.at(step)
		seconds[step] = float64(length) / 1000
	}
	return numbersColumn(name, seconds)
}

// numbersColumn returns a column of numbers, constant if they are all the same.
func numbersColumn(name string, nums []float64) *frame.Column {
	for _, f := range nums {
		if math.Float64bits(f) != math.Float64bits(nums[0]) {
			return frame.NewNumbers(name, nums)
		}
	}
	return frame.NewConstant(name, len(nums), value.OfNumber(nums[0]))
}

// parts returns the part of its row that each span is, exactly 1 when it is all.
func (s *resampler) parts() []float64 {
	if s.ratios == nil {
		s.ratios = make([]float64, len(s.spans))
		for i, sp := range s.spans {
			s.ratios[i] = 1
			if length := s.lengths[sp.row]; sp.overlap != length {
				s.ratios[i] = float64(sp.overlap) / float64(length)
			}
		}
	}
	return s.ratios
}

// sums divides a column of numbers among the steps.
func (s *resampler) sums(v frame.Vec) []float64 {
	out := make([]float64, s.steps)
	for i, part := range s.parts() {
		sp := s.spans[i]
		out[sp.step] += float64(v.At(int(sp.row)) * part)
	}
	return out
}

// means averages a column of numbers over the steps. A step within one
// observation has exactly its value.
func (s *resampler) means(v frame.Vec) []float64 {
	out := make([]float64, s.steps)
	whole := make([]bool, s.steps)
	for _, sp := range s.spans {
		f := v.At(int(sp.row))
		if s.full(sp) {
			out[sp.step], whole[sp.step] = f, true
		} else if !whole[sp.step] {
			out[sp.step] += float64(f * float64(sp.overlap))
		}
	}
	for step := range out {
		if !whole[step] {
			_, length := s.at(step)
			out[step] /= float64(length)
		}
	}
	return out
}

// stay takes for each step the value of the row that stands in it, or null.
func (s *resampler) stay(column syncColumn) filled {
	complete := s.in.Complete(column.Name())
	if one, ok := column.Constant(); complete && (ok || column.method == metric.None) {
		if column.method == metric.None {
			one = value.OfNull()
		}
		return filled{column: frame.NewConstant(column.Name(), s.steps, one)}
	}
	if v, ok := s.in.Vec(column.Name()); ok && column.method == metric.Copy {
		nums := make([]float64, s.steps)
		for step, row := range s.stands {
			nums[step] = v.At(int(row))
		}
		return filled{column: numbersColumn(column.Name(), nums)}
	}
	out := filled{has: make([]bool, s.steps)}
	vals := make([]value.Value, s.steps)
	for step, row := range s.stands {
		vals[step], out.has[step] = value.OfNull(), s.in.Has(int(row), column.Name())
		if column.method == metric.Copy && out.has[step] {
			vals[step] = column.At(int(row))
		}
	}
	out.column = frame.NewColumn(column.Name(), vals)
	return out
}

// frame returns the columns as a frame.
func (s *resampler) frame() *frame.Frame {
	columns := make([]*frame.Column, len(s.fills))
	for i, fill := range s.fills {
		columns[i] = fill.column
	}
	if !slices.ContainsFunc(s.fills, func(f filled) bool { return slices.Contains(f.has, false) }) {
		return frame.New(s.steps, columns...)
	}
	b := frame.NewBuilder(s.steps)
	for _, column := range columns {
		b.Column(column.Name())
	}
	for step := range s.steps {
		b.Begin()
		for i, fill := range s.fills {
			if fill.has == nil || fill.has[step] {
				b.Value(i, fill.column.At(step))
			}
		}
		b.End()
	}
	return b.Frame()
}
