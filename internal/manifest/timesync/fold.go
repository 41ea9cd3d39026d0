package timesync

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Samples gives each step what Impact Framework 1.1.0 gives it: samples by the
// resolution, cut into steps by their position, added one by one. The work is
// proportional to the samples, the memory to rows and steps. The error is in
// Impact Framework's words.
func Samples(ctx context.Context, g Grid, in Input) (*frame.Frame, error) {
	s := &sampler{Grid: g}
	if err := s.samples(in.Begins, in.Durations); err != nil {
		return nil, err
	}
	if err := s.sort(); err != nil {
		return nil, err
	}
	in.Columns = slices.Clone(in.Columns)
	for i := range in.Columns {
		if in.Columns[i].Role == Duration {
			in.Columns[i].Method = metric.Sum
		}
	}
	f := &folder{sampler: s, in: in, sums: make([]sum, len(in.Columns)), out: frame.NewBuilder(0), limit: s.total()}
	for _, column := range in.Rows.Columns() {
		f.out.Column(column.Name())
	}
	return f.fold(ctx)
}

// folder makes the steps of the samples.
type folder struct {
	*sampler
	in      Input
	out     *frame.Builder
	limit   int64   // samples to fold
	bucket  []run   // of the step being filled
	size    int64   // its samples
	sums    []sum   // per column, of the step being folded
	order   []int   // the columns that the step has, as they were met
	uniform []int32 // the keys of all rows, if they have the same
}

// sum is the value that a step has so far: a number, or a text where one was
// added.
type sum struct {
	met    bool
	num    float64
	text   []byte
	isText bool
	other  value.Value // what was copied
}

// fold cuts the samples into steps by their number and folds each.
func (f *folder) fold(ctx context.Context) (*frame.Frame, error) {
	if f.Interval < 0 { // a cut from the end: all but so many are in one step
		f.limit = max(0, f.limit-f.cut(-1))
	}
	step, passed, cut := 1.0, int64(0), f.cut(1)
	for _, r := range f.runs {
		for r.count > 0 && passed < f.limit && f.Interval != 0 {
			part := r
			part.count = min(r.count, cut-passed)
			r.first += part.count * r.step
			r.count -= part.count
			passed += part.count
			f.bucket, f.size = append(f.bucket, part), f.size+part.count
			if passed < cut {
				continue
			}
			if err := f.step(ctx); err != nil {
				return nil, err
			}
			for cut == passed && passed < f.limit { // equal cuts make a step without samples, which is dropped
				step++
				cut = f.cut(step)
			}
		}
	}
	if err := f.step(ctx); err != nil {
		return nil, err
	}
	return f.out.Frame(), nil
}

// cut returns how many samples lie before the end of a step.
func (f *folder) cut(step float64) int64 {
	at := float64(step*f.Interval) / f.Resolution
	if f.Interval < 0 && step > 0 {
		return f.limit
	}
	return int64(min(at, float64(f.limit)))
}

// step folds the samples of the bucket into a row.
func (f *folder) step(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil || f.size == 0 {
		return err
	}
	clear(f.sums)
	f.order = f.order[:0]
	for i, r := range f.bucket {
		for _, col := range f.keys(r.row) {
			if !f.sums[col].met {
				f.sums[col].met = true
				f.order = append(f.order, int(col))
			}
			if err := f.addRun(int(col), r, i == len(f.bucket)-1); err != nil {
				return err
			}
		}
	}
	f.out.Begin()
	for _, col := range f.order {
		f.write(col)
	}
	f.out.End()
	f.bucket, f.size = f.bucket[:0], 0
	return nil
}

// keys returns the columns of a row in the order of its keys.
func (f *folder) keys(row int) []int32 {
	if !f.in.Rows.Uniform() {
		return f.in.Rows.Keys(row)
	}
	if f.uniform == nil {
		f.uniform = f.in.Rows.Keys(row)
	}
	return f.uniform
}

// write puts what a column has into the row.
func (f *folder) write(col int) {
	s := &f.sums[col]
	switch {
	case f.in.Columns[col].Role == Timestamp:
		f.out.Instant(col, f.bucket[0].first, value.ISOMillis)
	case f.in.Columns[col].Method == metric.None:
		f.out.Value(col, value.OfNull())
	case f.in.Columns[col].Method == metric.Copy:
		if t, ok := s.other.Str(); ok {
			f.out.Text(col, t)
		} else {
			f.out.Value(col, s.other)
		}
	case s.isText:
		f.out.Text(col, string(s.text))
	default:
		f.out.Number(col, s.num)
	}
}

// addRun adds the samples of a run to what a column has so far. With the last
// run of a step an average is made of the sum; that the last sample does not
// count is Impact Framework's.
func (f *folder) addRun(col int, r run, last bool) error {
	column, s := &f.in.Columns[col], &f.sums[col]
	if column.Role == Timestamp || column.Method == metric.None {
		return nil
	}
	v := f.sample(col, r)
	switch column.Method {
	case metric.Copy:
		s.other = v
		return nil
	case metric.Sum:
		s.add(expr.ScriptNumber(v), r.count)
		return nil
	}
	if f.size == 1 || !last {
		return s.addValue(v, r.count)
	}
	if err := s.addValue(v, r.count-1); err != nil {
		return err
	}
	if s.isText {
		s.num, s.isText = value.ToNumber(string(s.text)), false
	}
	s.num /= float64(f.size)
	return nil
}

// sample returns what one sample of a run has in a column.
func (f *folder) sample(col int, r run) value.Value {
	column := &f.in.Columns[col]
	v := f.in.Rows.Columns()[col].At(r.row)
	switch {
	case column.Role == Duration:
		return value.OfNumber(f.Resolution)
	case r.blank && column.Role == Reserved:
		if f.durationBefore(col, r.row) {
			return value.OfNumber(f.Resolution)
		}
		return value.Value{}
	case column.Method == metric.Copy:
		return v
	case r.blank:
		return value.OfNumber(0)
	case column.Method == metric.Sum:
		return value.OfNumber(expr.ScriptNumber(v) / (f.in.Durations[r.row] / f.Resolution))
	}
	return v
}

// durationBefore reports whether a row's duration stands before a column.
func (f *folder) durationBefore(col, row int) bool {
	for _, k := range f.keys(row) {
		if int(k) == col {
			return false
		}
		if f.in.Columns[k].Role == Duration {
			return true
		}
	}
	return false
}

// add adds a number so many times, one by one: that rounds as it does in Impact
// Framework. Only where nothing is rounded is it one multiplication.
func (s *sum) add(x float64, times int64) {
	const exact = 1 << 53
	if n := float64(times); x == math.Trunc(x) && s.num == math.Trunc(s.num) && math.Abs(s.num)+math.Abs(x)*n < exact {
		s.num += float64(x * n)
		return
	}
	sum := s.num
	for range times {
		sum += x
	}
	s.num = sum
}

// addValue adds any value so many times by JavaScript's rules: a text makes a
// text of the sum.
func (s *sum) addValue(v value.Value, times int64) error {
	text, isText := v.Str()
	if kind := v.Kind(); kind == value.Time || kind == value.List || kind == value.Object {
		text, isText = v.String(), true
	}
	if !isText && !s.isText {
		s.add(expr.ScriptNumber(v), times)
		return nil
	}
	if times == 0 {
		return nil
	}
	const longest = 1<<29 - 24 // of a text in V8
	if !isText {
		text = v.String()
	}
	if !s.isText {
		s.text, s.isText = value.AppendNumber(s.text[:0], s.num), true
	}
	if int64(len(s.text))+int64(len(text))*times > longest {
		return diag.New("RangeError", "Invalid string length").WithHint("write numbers without quotes")
	}
	s.text = append(s.text, strings.Repeat(text, int(times))...)
	return nil
}
