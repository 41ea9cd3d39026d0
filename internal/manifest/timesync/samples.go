package timesync

import (
	"cmp"
	"math"
	"slices"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/value"
)

// run is samples of one observation, one after another at equal distances: what
// Impact Framework makes of it by the resolution, without making each.
type run struct {
	row   int  // the observation that they are made of
	blank bool // they fill a gap or an edge: its sums and averages are 0 in them
	first int64
	step  int64 // ms from one sample to the next
	count int64
}

// sampler makes the samples of observations, in the order and with the checks
// of Impact Framework 1.1.0. Instants are ms since 1970-01-01 UTC, and floats
// where a duration can make them so.
type sampler struct {
	Grid
	runs []run
	// The observation or filler before, to check the next one against.
	begun    bool
	previous float64 // when it ends
}

// The messages about resolutions that do not fit.
const (
	badInterval = "The upsampling resolution must be a divisor of the given interval, but the provided value does not satisfy this criteria."
	badInputs   = "The upsampling resolution must be a divisor of all inputs durations, but the provided values do not satisfy this criteria."
	badGaps     = "The upsampling resolution must be a divisor of gaps and paddings in the time-series, but the provided values do not satisfy this criteria."
)

// CheckInterval checks that the resolution divides the interval. Impact Framework
// does so before it looks at the observations.
func (g Grid) CheckInterval() error { return g.divides(g.Interval, badInterval) }

// divides checks that the resolution divides a length, in seconds.
func (g Grid) divides(length float64, text string) error {
	if math.Mod(length, g.Resolution) != 0 { // true for NaN as well
		return diag.New("ConfigError", "%s", text).
			WithHint("set upsampling-resolution to a number of seconds that divides the interval, all durations, gaps and paddings")
	}
	return nil
}

// After returns the instant so many seconds after another, in ms, as Luxon 3 adds
// them: to a whole millisecond, in float64.
func After(ms, seconds float64) float64 {
	own := float64(1000 * seconds)
	whole := math.Trunc(own)
	return math.Trunc(ms) + (whole + (float64(own*1000)-float64(whole*1000))/1000)
}

// floorSecond returns the begin of the second of an instant.
func floorSecond(ms float64) float64 { return math.Floor(math.Trunc(ms)/1000) * 1000 }

// samples makes the runs of all observations within the time asked for, which
// includes its end.
func (s *sampler) samples(begins []int64, durations []float64) error {
	if err := s.CheckInterval(); err != nil {
		return err
	}
	for row, duration := range durations {
		if math.IsInf(duration, 0) {
			return diag.New("Error", "Invalid unit value %s", value.NumberText(duration)).AtRow(row).
				WithMetric("duration").WithHint("give it in seconds")
		}
	}
	last := len(begins) - 1
	end := After(float64(begins[last]), durations[last])
	padStart, padEnd, err := s.pads(begins[0], end)
	if err != nil {
		return err
	}
	if padStart {
		if err := s.divides(float64(begins[0]-s.Start)/1000, badGaps); err != nil {
			return err
		}
	}
	if padEnd {
		if err := s.divides((float64(s.End)-end)/1000, badGaps); err != nil {
			return err
		}
	}
	if padStart {
		if err := s.pad(0, float64(s.Start), float64(begins[0])); err != nil {
			return err
		}
	}
	for row, begin := range begins {
		if err := s.observation(row, float64(begin), durations[row]); err != nil {
			return err
		}
	}
	if padEnd {
		return s.pad(last, end, float64(s.End))
	}
	return nil
}

// pad makes fillers for an edge, which are then treated as observations.
func (s *sampler) pad(row int, from, to float64) error {
	if s.regular(from) {
		first := floorSecond(from)
		if err := s.follow(row, first, s.Resolution); err != nil {
			return err
		}
		step := float64(s.Resolution * 1000)
		count := math.Ceil((to - from) / step)
		s.add(run{row: row, blank: true, first: int64(first), step: int64(step), count: int64(count)})
		s.previous = first + float64(count*step)
		return nil
	}
	for begin := range s.fillers(from, to) {
		begin = floorSecond(begin)
		if err := s.follow(row, begin, s.Resolution); err != nil {
			return err
		}
		s.add(run{row: row, blank: true, first: int64(begin), count: 1})
		s.previous = After(begin, s.Resolution)
	}
	return nil
}

// regular reports whether samples from an instant on, however many, are a whole
// number of seconds apart and on whole milliseconds.
func (s *sampler) regular(from float64) bool {
	return s.Resolution == math.Trunc(s.Resolution) && s.Resolution < 1e12 && from == math.Trunc(from)
}

// fillers ranges over when the fillers of a time begin, before they are put on
// whole seconds.
func (s *sampler) fillers(from, to float64) func(yield func(float64) bool) {
	return func(yield func(float64) bool) {
		for at, i := from, 1.0; at < to && yield(at); i++ {
			at = min(After(from, float64(s.Resolution*i)), to)
		}
	}
}

// observation makes the samples of a row, and of a gap before it.
func (s *sampler) observation(row int, begin, duration float64) error {
	if err := s.follow(row, begin, duration); err != nil {
		return err
	}
	s.previous = After(begin, duration)
	base, u := floorSecond(begin), s.Resolution
	if s.regular(begin) {
		if duration < u {
			return nil
		}
		count := math.Floor((duration-u)/u) + 1
		s.add(run{row: row, first: int64(base), step: int64(u * 1000), count: int64(min(count, 1e15))})
		return nil
	}
	for i := 0.0; i <= duration-u; i += u {
		at := After(base, i)
		if at > float64(s.End) {
			break
		}
		s.add(run{row: row, first: int64(at), count: 1})
	}
	return nil
}

// follow checks an observation or filler against the one before, and fills the
// gap between them if it is longer than a second.
func (s *sampler) follow(row int, begin, duration float64) error {
	if !s.begun {
		s.begun = true
		return nil
	}
	if s.previous > begin {
		return diag.New("InvalidInputError", overlapText).AtRow(row).
			WithHint("it begins at %s, before what is before it ends at %s", isoText(int64(begin)), isoText(int64(s.previous)))
	}
	if err := s.divides(duration, badInputs); err != nil {
		return err
	}
	gap := (begin - s.previous) / 1000
	if !(gap > 1) {
		return nil
	}
	if err := s.divides(gap, badGaps); err != nil {
		return err
	}
	if s.regular(s.previous) {
		step := float64(s.Resolution * 1000)
		count := math.Ceil((begin - s.previous) / step)
		s.add(run{row: row, blank: true, first: int64(floorSecond(s.previous)), step: int64(step), count: int64(count)})
		return nil
	}
	for at := range s.fillers(s.previous, begin) {
		s.add(run{row: row, blank: true, first: int64(floorSecond(at)), count: 1})
	}
	return nil
}

// add adds the samples of a run that lie within the time asked for, to the run
// before if they continue it.
func (s *sampler) add(r run) {
	if r.count > 1 && r.first < s.Start {
		skip := (s.Start - r.first + r.step - 1) / r.step
		r.first += skip * r.step
		r.count -= skip
	}
	if r.count <= 0 || r.first < s.Start || r.first > s.End {
		return
	}
	if r.count > 1 {
		r.count = min(r.count, (s.End-r.first)/r.step+1)
	}
	if n := len(s.runs); n > 0 && r.count == 1 {
		last := &s.runs[n-1]
		if last.row == r.row && last.blank == r.blank && last.extend(r.first) {
			return
		}
	}
	s.runs = append(s.runs, r)
}

// extend adds a sample to the run, if it is where the next one would be.
func (r *run) extend(at int64) bool {
	if r.count == 1 && at > r.first {
		r.step = at - r.first
	}
	if at != r.first+r.count*r.step || at == r.first {
		return false
	}
	r.count++
	return true
}

// end returns when the last sample is.
func (r *run) end() int64 { return r.first + (r.count-1)*r.step }

// maxSamples is how many samples are folded: above it the work, which is linear
// in them, would look like a standstill. Those that are out of order are also
// held one by one, which costs memory. Impact Framework stops at about a hundred
// thousand.
const (
	maxSamples   = 2_000_000_000
	maxUnordered = 20_000_000
)

// sort puts the samples in the order of time, equal ones as they were made.
// They are out of order only where durations are negative.
func (s *sampler) sort() error {
	inOrder := true
	for i := 1; i < len(s.runs) && inOrder; i++ {
		inOrder = s.runs[i-1].end() <= s.runs[i].first
	}
	n := s.total()
	if n > maxSamples || !inOrder && n > maxUnordered {
		return diag.New("ConfigError", "%d samples of %s s are too many.", n, value.NumberText(s.Resolution)).
			WithHint("set a longer upsampling-resolution, or run without the compatible mode, which needs no samples")
	}
	if inOrder {
		return nil
	}
	singles := make([]run, 0, n)
	for _, r := range s.runs {
		for i := range r.count {
			singles = append(singles, run{row: r.row, blank: r.blank, first: r.first + i*r.step, count: 1})
		}
	}
	slices.SortStableFunc(singles, func(a, b run) int { return cmp.Compare(a.first, b.first) })
	s.runs = singles
	return nil
}

// total returns the number of samples.
func (s *sampler) total() int64 {
	var n int64
	for _, r := range s.runs {
		n += r.count
	}
	return n
}
