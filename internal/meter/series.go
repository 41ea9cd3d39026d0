package meter

import "time"

// maxBridge is the longest time without a sample of a counter over which its increment
// is spread.
const maxBridge = 6 * time.Hour

// series is the last sample of a counter or a gauge.
type series struct {
	at    int64
	value float64
	kind  Kind
}

// piece is energy over a time, half-open, in nanoseconds since the Unix epoch.
type piece struct {
	from, to int64
	joules   float64
}

// usable reports whether a value can have been measured: finite, not negative, and
// not above what all power stations of the world give, or give in some years.
func usable(kind Kind, value float64) bool {
	if kind == Power {
		return value >= 0 && value <= 1e13
	}
	return value >= 0 && value <= 1e21
}

// next takes a sample that is later than the last one and returns the energy between
// the two, if it is known. A counter that went down began again at 0. Before the first
// sample nothing is known, nor over a gap: of a gauge stale, of a counter
// [maxBridge].
func (s *series) next(now series, stale time.Duration) (piece, bool) {
	last := *s
	*s = now
	p := piece{from: last.at, to: now.at, joules: now.value - last.value}
	gap := time.Duration(now.at - last.at)
	switch {
	case now.kind != last.kind:
		return p, false
	case now.kind == Power:
		p.joules = now.value * gap.Seconds()
		return p, gap <= stale
	case p.joules < 0:
		p.joules = now.value
	}
	return p, gap <= maxBridge
}
