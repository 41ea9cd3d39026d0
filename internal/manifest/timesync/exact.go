package timesync

import (
	"slices"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Exact gives each step the part of each observation that lies in it.
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
//
// The work is proportional to rows and steps. The error is a diag.List of
// everything that is wrong.
func Exact(g Grid, in Input) (*frame.Frame, Report, error) {
	k, err := newCover(g, in.Begins, in.Durations)
	if err != nil {
		return nil, Report{}, diag.List{asProblem(err)}
	}
	var problems diag.List
	last := len(k.begins) - 1
	_, _, err = g.pads(k.begins[0], float64(k.begins[last]+k.lengths[last]))
	problems.Add(err)
	s := &resampler{cover: k, in: in.Rows, fills: make([]filled, 0, len(in.Columns))}
	for i, column := range in.Columns {
		s.add(in.Rows.Columns()[i], column)
	}
	problems = append(problems, s.problems...)
	if len(problems) > 0 {
		return nil, Report{}, problems
	}
	report := Report{
		Missing: k.missing(), Partial: s.partial, ShortGaps: k.shortGap(),
		BeyondEnd: k.begins[last]+k.lengths[last] > k.end,
	}
	return s.frame(), report, nil
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

func (s *resampler) add(c *frame.Column, column Column) {
	var out filled
	v, numbers := s.in.Vec(c.Name())
	switch {
	case column.Role == Timestamp:
		times := make([]int64, s.steps)
		for step := range times {
			times[step], _ = s.at(step)
		}
		out.column = frame.NewTimes(c.Name(), times, value.ISOMillis)
	case column.Role == Duration:
		out.column = s.durations(c.Name())
	case column.Method == metric.Copy || column.Method == metric.None:
		out = s.stay(c, column.Method)
	case numbers && column.Method == metric.Sum:
		out.column = frame.NumbersOf(c.Name(), s.sums(v))
	case numbers:
		out.column = frame.NumbersOf(c.Name(), s.means(v))
	default:
		out = s.sparse(c.Name(), column.Method)
	}
	s.fills = append(s.fills, out)
}

func (s *resampler) durations(name string) *frame.Column {
	seconds := make([]float64, s.steps)
	for step := range seconds {
		_, length := s.at(step)
		seconds[step] = float64(length) / 1000
	}
	return frame.NumbersOf(name, seconds)
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
func (s *resampler) stay(column *frame.Column, method metric.Method) filled {
	complete := s.in.Complete(column.Name())
	if one, ok := column.Constant(); complete && (ok || method == metric.None) {
		if method == metric.None {
			one = value.OfNull()
		}
		return filled{column: frame.NewConstant(column.Name(), s.steps, one)}
	}
	if v, ok := s.in.Vec(column.Name()); ok && method == metric.Copy {
		nums := make([]float64, s.steps)
		for step, row := range s.stands {
			nums[step] = v.At(int(row))
		}
		return filled{column: frame.NumbersOf(column.Name(), nums)}
	}
	out := filled{has: make([]bool, s.steps)}
	vals := make([]value.Value, s.steps)
	for step, row := range s.stands {
		vals[step], out.has[step] = value.OfNull(), s.in.Has(int(row), column.Name())
		if method == metric.Copy && out.has[step] {
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
