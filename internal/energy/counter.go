package energy

import (
	"math"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/unit"
)

// Rule says how increments of a counter are spread over time.
type Rule struct {
	// BridgeAfter is the longest time between two samples that is usual. What
	// is spread over a longer one is bridged: known in sum, estimated in time.
	BridgeAfter time.Duration
	// MaxBridge is the longest time between two samples that is bridged at all.
	// Over a longer one nothing is known.
	MaxBridge time.Duration
	// EndsAfter is the longest silence in one life. A series that is silent for
	// longer has ended and begun again; one that is silent between MaxBridge
	// and EndsAfter was missed: it should have been seen and was not. It is at
	// least MaxBridge, which a smaller value stands for. What is known of a
	// slot so depends on no more than EndsAfter around it.
	EndsAfter time.Duration
}

// DefaultRule bridges up to six hours, misses a series for up to a day, and calls
// a gap what Prometheus calls stale: five minutes without a sample.
func DefaultRule() Rule {
	return Rule{BridgeAfter: 5 * time.Minute, MaxBridge: 6 * time.Hour, EndsAfter: 24 * time.Hour}
}

// Bins are stretches of time without gaps between them: slots, or parts of slots
// that were cut. They are immutable and safe for concurrent use.
type Bins struct{ edges []int64 }

// NewBins returns the bins between edges, which are sorted and made unique here:
// n different edges are n - 1 bins.
func NewBins(edges []time.Time) *Bins {
	b := &Bins{edges: make([]int64, 0, len(edges))}
	for _, t := range edges {
		b.edges = append(b.edges, t.UnixMicro())
	}
	slices.Sort(b.edges)
	b.edges = slices.Compact(b.edges)
	return b
}

// Len returns the number of bins.
func (b *Bins) Len() int { return max(0, len(b.edges)-1) }

// Bin returns the ends of bin i.
func (b *Bins) Bin(i int) (from, to time.Time) {
	return time.UnixMicro(b.edges[i]).UTC(), time.UnixMicro(b.edges[i+1]).UTC()
}

// Tally is what a counter says of each bin.
type Tally struct {
	// Amount is the increments in millionths: microseconds of processor time,
	// microjoules.
	Amount []int64
	// Covered is the time that increments cover, Bridged the part of it in
	// gaps that were bridged, and Life the time from the first sample, or from
	// boot, to the last, covered or not, less the silences longer than
	// [Rule].EndsAfter. They are not limited to the bins.
	Covered, Bridged, Life Stretches
}

// Faults counts samples that were skipped, and why.
type Faults struct {
	// NotFinite are NaN and infinities; stale markers are for the caller to
	// leave out. Negative are counters below zero, Disordered samples that
	// are not later than the one before, and TooLarge those beyond 9.2e12.
	NotFinite, Negative, Disordered, TooLarge int
}

// Add adds up faults.
func (f *Faults) Add(other Faults) {
	f.NotFinite += other.NotFinite
	f.Negative += other.Negative
	f.Disordered += other.Disordered
	f.TooLarge += other.TooLarge
}

// Total returns the number of skipped samples.
func (f Faults) Total() int { return f.NotFinite + f.Negative + f.Disordered + f.TooLarge }

// Counter turns the samples of one counter into increments and spreads them over
// bins. Feed it with Add in order of time, beginning before the first bin and
// ending after the last where there are such samples, then call Finish. It
// allocates nothing per sample and may be used again after Reset.
//
// The rules. A sample's value is rounded to a millionth, so increments of a
// counter add up to its last value less its first. The increment between two
// samples is v2 − v1, or v2 when the counter was reset, that is when v2 < v1. It is
// spread evenly over (t1, t2]; the amount up to the edge of a bin is rounded to a
// millionth, half to even, so that the parts of an increment sum to it. Where a
// boot time is known between the two, the counter began again at zero there: v2
// is spread over (boot, t2] and of (t1, boot] nothing is known. Before the
// first sample nothing is known unless the boot time is, and then only if it is
// at most MaxBridge before.
type Counter struct {
	rule  Rule
	bins  *Bins
	boots []int64

	tally  Tally
	faults Faults
	any    bool
	first  int64
	at     int64
	value  int64
	bin    int
}

// NewCounter returns a counter for bins. Boots are the known boot times of the
// host, in any order; most hosts have none that matter.
func NewCounter(rule Rule, bins *Bins, boots []time.Time) *Counter {
	c := &Counter{rule: rule}
	c.Reset(bins, boots)
	return c
}

// Reset makes the counter ready for another series. It keeps the memory of the
// last tally, so whoever wants to keep that copies it first.
func (c *Counter) Reset(bins *Bins, boots []time.Time) {
	*c = Counter{rule: c.rule, bins: bins, boots: c.boots[:0], tally: c.tally}
	for _, b := range boots {
		c.boots = append(c.boots, b.UnixMicro())
	}
	slices.Sort(c.boots)
	n := bins.Len()
	c.tally.Amount = slices.Grow(c.tally.Amount[:0], n)[:n]
	clear(c.tally.Amount)
	c.tally.Covered, c.tally.Bridged, c.tally.Life = c.tally.Covered[:0], c.tally.Bridged[:0], c.tally.Life[:0]
}

// Add takes the next sample: microseconds since 1970 UTC, and the value. A sample
// that cannot be used is skipped and counted; Add reports whether it was used.
func (c *Counter) Add(at int64, value float64) bool {
	micro, ok := c.faults.check(value)
	return ok && c.add(at, micro)
}

// check returns a value in millionths, or counts why it cannot be used.
func (f *Faults) check(value float64) (int64, bool) {
	switch {
	case math.IsNaN(value) || math.IsInf(value, 0):
		f.NotFinite++
		return 0, false
	case value < 0:
		f.Negative++
		return 0, false
	}
	micro, err := unit.DurationFromSeconds(value) // millionths of whatever is counted
	if err != nil {
		f.TooLarge++
		return 0, false
	}
	return int64(micro), true
}

func (c *Counter) add(at, value int64) bool {
	if c.any && at <= c.at {
		c.faults.Disordered++
		return false
	}
	c.step(at, value)
	c.any, c.at, c.value = true, at, value
	return true
}

// step spreads what the sample adds to the one before.
func (c *Counter) step(at, value int64) {
	from, increment := c.at, value-c.value
	boot, booted := c.bootBefore(at)
	switch {
	case booted && (!c.any || boot > c.at):
		from, increment = boot, value
	case !c.any:
		from = at
	case increment < 0:
		increment = value
	}
	bridged := at > from && at-from <= c.rule.MaxBridge.Microseconds()
	if !c.any || at-c.at > max(c.rule.EndsAfter, c.rule.MaxBridge).Microseconds() {
		c.endLife()
		c.first = at
		if bridged {
			c.first = from
		}
	}
	if bridged {
		c.spread(from, at, increment)
	}
}

// endLife notes the life that ended with the last sample, if there was one.
func (c *Counter) endLife() {
	if c.any {
		c.tally.Life = c.tally.Life.extend(Stretch{c.first, c.at})
	}
}

// bootBefore returns the last known boot before an instant.
func (c *Counter) bootBefore(at int64) (int64, bool) {
	for i := len(c.boots) - 1; i >= 0; i-- {
		if c.boots[i] < at {
			return c.boots[i], true
		}
	}
	return 0, false
}

// spread divides an increment over (from, to] among the bins in it.
func (c *Counter) spread(from, to, increment int64) {
	c.tally.Covered = c.tally.Covered.extend(Stretch{from, to})
	if to-from > c.rule.BridgeAfter.Microseconds() {
		c.tally.Bridged = c.tally.Bridged.extend(Stretch{from, to})
	}
	edges := c.bins.edges
	if len(edges) < 2 || to <= edges[0] || from >= edges[len(edges)-1] {
		return
	}
	c.seek(from)
	if from >= edges[c.bin] && to <= edges[c.bin+1] { // nearly every sample
		c.tally.Amount[c.bin] += increment
		return
	}
	before := int64(0)
	for i := c.bin; i < len(edges)-1 && edges[i] < to; i++ {
		begin, end := max(from, edges[i]), min(to, edges[i+1])
		if begin > from && i == c.bin { // the increment began before the first bin
			before = c.upTo(begin, from, to, increment)
		}
		upTo := c.upTo(end, from, to, increment)
		c.tally.Amount[i] += upTo - before
		before = upTo
	}
}

// upTo returns the part of an increment over (from, to] that falls before t.
func (c *Counter) upTo(t, from, to, increment int64) int64 {
	part, err := unit.MulDiv(increment, t-from, to-from)
	if err != nil {
		return 0 // cannot happen: from < to and the part is at most the increment
	}
	return part
}

// seek moves to the bin that contains an instant, or to the first one after it.
// Instants mostly move on, so this seldom looks further than the next bin.
func (c *Counter) seek(at int64) {
	edges := c.bins.edges
	for c.bin > 0 && at < edges[c.bin] {
		c.bin--
	}
	for c.bin < len(edges)-2 && at >= edges[c.bin+1] {
		c.bin++
	}
}

// Finish returns the tally and the faults. The tally is valid until Reset.
func (c *Counter) Finish() (*Tally, Faults) {
	c.endLife()
	return &c.tally, c.faults
}
