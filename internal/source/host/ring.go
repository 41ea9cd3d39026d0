package host

import "github.com/dendro-carbon/dendro/internal/account"

// sample is the machine's counters at one time. It does not change.
type sample struct {
	at int64 // in microseconds since 1970 UTC
	// busy and idle are processor time since boot, in microseconds.
	busy, idle int64
	// meters are the energies of the zones that could be read, in microjoules since
	// the first sample.
	meters []meterCount
	// parts are those that have changed since the sample before.
	parts []partCount
}

type meterCount struct {
	zone  int
	value int64
}

type partCount struct {
	part  *part
	value int64
}

// partKey is what tells parts apart.
type partKey struct{ user, unit, container string }

// part is what one user used in one unit.
type part struct {
	key    partKey
	labels account.Labels
	// value is the processor time, in microseconds, that is known of it: since its
	// beginning for parts of the first sample, and else since it was first seen.
	value int64
	// recorded is the value in the ring, and changed when it last was another one.
	recorded int64
	changed  int64
	// since is the sample before the part was first seen, 0 for parts of the first
	// sample of all.
	since int64
}

// ring is the samples that are kept, in order of time.
type ring struct {
	samples []*sample
	// base is the values of parts at the first sample kept.
	base map[*part]int64
	// trimmed is whether samples before the first one were dropped.
	trimmed bool
}

// add appends a sample with the parts that have changed. Where the clock was set
// back, samples of a time that has not come are dropped; it returns by how much it
// was, in microseconds.
func (r *ring) add(one *sample, parts map[partKey]*part) int64 {
	back := int64(0)
	for n := len(r.samples); n > 0 && r.samples[n-1].at >= one.at; n = len(r.samples) {
		back = max(back, r.samples[n-1].at-one.at+1)
		r.samples = r.samples[:n-1]
	}
	last := int64(0)
	if n := len(r.samples); n > 0 {
		last = r.samples[n-1].at
	}
	for _, p := range parts {
		if p.recorded < 0 { // new
			p.since, p.recorded = last, 0
		}
		p.since = min(p.since, last) // where the sample before it was dropped
		if p.value != p.recorded || back > 0 {
			one.parts = append(one.parts, partCount{p, p.value})
			p.recorded, p.changed = p.value, one.at
		}
	}
	if len(r.samples) == 0 {
		r.base = map[*part]int64{}
		for _, c := range one.parts {
			r.base[c.part] = c.value
		}
	}
	r.samples = append(r.samples, one)
	return back
}

// trim drops samples of before a time, and parts that have not changed since. The
// last sample stays.
func (r *ring) trim(before int64, parts map[partKey]*part) {
	n := 0
	for n < len(r.samples)-1 && r.samples[n+1].at <= before {
		n++
	}
	if n == 0 {
		return
	}
	for _, s := range r.samples[1 : n+1] {
		for _, c := range s.parts {
			r.base[c.part] = c.value
		}
	}
	// The front is copied off, or the memory of dropped samples would stay.
	r.samples = append([]*sample(nil), r.samples[n:]...)
	r.trimmed = true
	first := r.samples[0].at
	for key, p := range parts {
		if p.changed < first {
			delete(parts, key)
			delete(r.base, p)
		}
	}
}
