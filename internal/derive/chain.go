package derive

import (
	"cmp"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/wide"
	"github.com/dendro-carbon/dendro/unit"
)

// Chain answers which intensity held in a region and slot, as known at one
// instant. It is immutable and safe for concurrent use.
type Chain struct {
	sources    []string
	accounting account.Accounting
	series     map[chainKey][]account.Intensity // sorted by start, then kind
	longest    map[chainKey]time.Duration
}

type chainKey struct {
	region string
	source int
}

// NewChain takes the intensities known at an instant (zero is now) of the
// chain's sources and accounting; others are left out. The values may come in
// any order, with several revisions of one.
func NewChain(m *Method, values []account.Intensity, at time.Time) *Chain {
	c := &Chain{
		sources: m.Chain, accounting: m.Accounting,
		series: map[chainKey][]account.Intensity{}, longest: map[chainKey]time.Duration{},
	}
	for _, v := range values {
		source := slices.Index(m.Chain, v.Source)
		if source < 0 || v.Accounting != m.Accounting || (!at.IsZero() && v.KnownAt.After(at)) || v.Span.IsEmpty() {
			continue
		}
		key := chainKey{v.Region, source}
		c.series[key] = append(c.series[key], v)
		c.longest[key] = max(c.longest[key], v.Span.Duration())
	}
	for key, s := range c.series {
		slices.SortFunc(s, func(a, b account.Intensity) int {
			return cmp.Or(a.Span.From.Compare(b.Span.From), cmp.Compare(a.Kind, b.Kind),
				a.Span.To.Compare(b.Span.To), b.KnownAt.Compare(a.KnownAt), cmp.Compare(a.Value, b.Value))
		})
		c.series[key] = slices.CompactFunc(s, func(a, b account.Intensity) bool { // keeps the newest
			return a.Span.Equal(b.Span) && a.Kind == b.Kind
		})
	}
	return c
}

// At returns the mean intensity of a slot in a region and where it came from.
// Each source of the chain is asked in turn; the first that knows all of the
// slot answers, with its best kind for each instant, weighted by time and rounded
// once, half to even. The basis has the worst kind used. The second result is
// false, and the basis without source, when no source knows.
func (c *Chain) At(region string, slot account.Span) (unit.Intensity, account.IntensityBasis, bool) {
	for source, name := range c.sources {
		used := c.covering(chainKey{region, source}, slot)
		value, ok := mean(used, slot)
		if !ok {
			continue
		}
		worst := used[0].Intensity
		for _, u := range used {
			if u.Kind > worst.Kind {
				worst = u.Intensity
			}
		}
		return value, account.IntensityBasis{
			Region: region, Source: name, Version: worst.Version, Kind: worst.Kind, Accounting: c.accounting,
			Estimated: worst.Kind != account.IntensityActual || source > 0,
		}, true
	}
	return 0, account.IntensityBasis{Region: region, Accounting: c.accounting}, false
}

// UsedIntensity is an intensity and the part of a slot in which it is the best.
type UsedIntensity struct {
	account.Intensity
	Part account.Span `json:"part"`
}

// Used returns the values that [Chain.At] answers with, in order of time; none
// when it does not know.
func (c *Chain) Used(region string, slot account.Span) []UsedIntensity {
	for source := range c.sources {
		used := c.covering(chainKey{region, source}, slot)
		if _, ok := mean(used, slot); ok {
			return used
		}
	}
	return nil
}

// covering returns the best values of one source over a slot in order of time,
// nil when they leave any of it out.
func (c *Chain) covering(key chainKey, slot account.Span) []UsedIntensity {
	s := c.series[key]
	// Values that reach into the slot start after slot.From - longest.
	first, _ := slices.BinarySearchFunc(s, slot.From.Add(-c.longest[key]), func(v account.Intensity, t time.Time) int {
		return v.Span.From.Compare(t)
	})
	var near []account.Intensity
	for _, v := range s[first:] {
		if !v.Span.From.Before(slot.To) {
			break
		}
		if v.Span.To.After(slot.From) {
			near = append(near, v)
		}
	}
	var pieces []UsedIntensity
	for t := slot.From; t.Before(slot.To); {
		best, until := bestAt(near, t, slot.To)
		if best == nil {
			return nil
		}
		pieces = append(pieces, UsedIntensity{*best, account.Span{From: t, To: until}})
		t = until
	}
	return pieces
}

// bestAt returns the value of the best kind at t, the shorter span first among
// equals, and until when that is so.
func bestAt(near []account.Intensity, t, end time.Time) (*account.Intensity, time.Time) {
	var best *account.Intensity
	for i := range near {
		v := &near[i]
		if v.Span.Contains(t) && (best == nil || cmp.Or(cmp.Compare(v.Kind, best.Kind),
			cmp.Compare(v.Span.Duration(), best.Span.Duration())) < 0) {
			best = v
		}
	}
	if best == nil {
		return nil, t
	}
	until := best.Span.To
	if end.Before(until) {
		until = end
	}
	for i := range near { // a better value may begin before the best one ends
		if from := near[i].Span.From; from.After(t) && from.Before(until) {
			until = from
		}
	}
	return best, until
}

// mean returns the time-weighted mean of values that cover the slot, and false
// when there are none.
func mean(pieces []UsedIntensity, slot account.Span) (unit.Intensity, bool) {
	switch len(pieces) {
	case 0:
		return 0, false
	case 1:
		return pieces[0].Value, true
	}
	var sum wide.Uint
	for _, p := range pieces {
		if p.Value < 0 {
			return 0, false
		}
		var err error
		if sum, err = sum.Add(wide.Product(uint64(p.Value), uint64(p.Part.Length()))); err != nil {
			return 0, false
		}
	}
	v, err := sum.Over(wide.From(uint64(slot.Length())))
	return unit.Intensity(v), err == nil
}
