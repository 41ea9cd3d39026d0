package energy

import "github.com/dendro-carbon/dendro/unit"

// Stretch is the half-open time [From, To) in microseconds since 1970 UTC.
type Stretch struct{ From, To int64 }

// Stretches is a set of instants: stretches in order of time that neither overlap
// nor touch. The zero value is empty.
type Stretches []Stretch

// extend adds a stretch that begins at or after the beginning of the last one.
func (s Stretches) extend(x Stretch) Stretches {
	if x.From >= x.To {
		return s
	}
	if n := len(s); n > 0 && x.From <= s[n-1].To {
		s[n-1].To = max(s[n-1].To, x.To)
		return s
	}
	return append(s, x)
}

// Union returns the instants in s or in other, which may be s itself when there
// is nothing to add. The result may share memory with s but not with other.
func (s Stretches) Union(other Stretches) Stretches {
	if s.covers(other) {
		return s
	}
	out := make(Stretches, 0, len(s)+len(other))
	for len(s) > 0 || len(other) > 0 {
		if len(other) == 0 || (len(s) > 0 && s[0].From <= other[0].From) {
			out, s = out.extend(s[0]), s[1:]
		} else {
			out, other = out.extend(other[0]), other[1:]
		}
	}
	return out
}

// covers reports whether all of other is in s. The series of one host are mostly
// sampled together, so it mostly is.
func (s Stretches) covers(other Stretches) bool {
	i := 0
	for _, x := range other {
		for i < len(s) && s[i].To < x.To {
			i++
		}
		if i == len(s) || s[i].From > x.From {
			return false
		}
	}
	return true
}

// Intersect returns the instants in both. The result shares no memory.
func (s Stretches) Intersect(other Stretches) Stretches {
	var out Stretches
	for i, j := 0, 0; i < len(s) && j < len(other); {
		out = out.extend(Stretch{max(s[i].From, other[j].From), min(s[i].To, other[j].To)})
		if s[i].To < other[j].To {
			i++
		} else {
			j++
		}
	}
	return out
}

// Clone returns a copy that shares no memory.
func (s Stretches) Clone() Stretches { return append(Stretches(nil), s...) }

// Within returns how much of s falls into bin i.
func (b *Bins) Within(s Stretches, i int) unit.Duration {
	total := int64(0)
	for _, x := range s {
		total += max(0, min(x.To, b.edges[i+1])-max(x.From, b.edges[i]))
	}
	return unit.Duration(total)
}
