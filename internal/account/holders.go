package account

import (
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/attribution"
	"github.com/dendro-carbon/dendro/unit"
)

// claim is one party's claim on a stretch of a host's time.
type claim struct {
	account Account
	weight  uint64
}

// byHolders cuts each fact where holdings begin and end, and divides each
// stretch among those who held the host then. Where a source could cut at those
// instants itself there is nothing to cut here; otherwise the fact is taken as
// even over its time and the shares are marked estimated.
func (d *Deriver) byHolders(slot Span, host string, p *party, own []Fact) ([]share, error) {
	held := overlapping(d.holdings[host], slot)
	var shares []share
	for _, f := range own {
		span := Span{slot.From.Add(micros(f.From)), slot.From.Add(micros(f.To))}
		cuts := cutsWithin(held, span)
		stretches := make([]uint64, len(cuts)-1)
		for i := range stretches {
			stretches[i] = uint64(cuts[i+1].Sub(cuts[i]).Microseconds())
		}
		pieces, err := cutFact(f, stretches)
		if err != nil {
			return nil, err
		}
		for i, piece := range pieces {
			piece.estimated = len(pieces) > 1
			claims, err := d.claims(held, cuts[i], p)
			if err != nil {
				return nil, err
			}
			if shares, err = appendClaims(shares, piece, claims); err != nil {
				return nil, err
			}
		}
	}
	return shares, nil
}

func micros(d unit.Duration) time.Duration { return time.Duration(d) * time.Microsecond }

// overlapping returns the holdings that reach into a span.
func overlapping(holdings []Holding, s Span) []Holding {
	var found []Holding
	for _, h := range holdings {
		if !h.From.Before(s.To) {
			break // sorted by From
		}
		if h.Span().To.After(s.From) {
			found = append(found, h)
		}
	}
	return found
}

// cutsWithin returns the ends of a span and every beginning and end of a holding
// inside it, in order.
func cutsWithin(held []Holding, s Span) []time.Time {
	cuts := []time.Time{s.From, s.To}
	for _, h := range held {
		for _, t := range []time.Time{h.From, h.To} {
			if t.After(s.From) && t.Before(s.To) {
				cuts = append(cuts, Instant(t))
			}
		}
	}
	slices.SortFunc(cuts, time.Time.Compare)
	return slices.CompactFunc(cuts, time.Time.Equal)
}

// claims returns who holds the host at an instant, unattributed when nobody
// does. Parties of one account are one claim.
func (d *Deriver) claims(held []Holding, at time.Time, p *party) ([]claim, error) {
	var claims []claim
	for _, h := range held {
		if !h.Span().Contains(at) {
			continue
		}
		parties := []Labels{h.Holder}
		if d.method.Policy.Sharing == SharingEven {
			parties = append(parties, h.Shared...)
		}
		for _, labels := range parties {
			named, err := d.method.name(p.labels.Merge(labels))
			if err != nil {
				return nil, err
			}
			claims = append(claims, claim{Account{Labels: named}, d.weight(h, named)})
		}
	}
	total := uint64(0)
	for _, c := range claims {
		total |= c.weight
	}
	if total == 0 {
		return []claim{{Account{p.labels, KindUnattributed}, 1}}, nil
	}
	slices.SortStableFunc(claims, func(a, b claim) int { return a.account.Compare(b.account) })
	return claims, nil
}

// weight returns what a policy gives one of several holders. Use by holder is
// not known on a host without parts, so usage is even.
func (d *Deriver) weight(h Holding, labels Labels) uint64 {
	switch d.method.Policy.Divide {
	case DivideReservation:
		return h.Reserved
	case DivideWeighted:
		return d.method.Policy.weight(labels)
	default:
		return 1
	}
}

// cutFact divides the times of a fact by stretches of time.
func cutFact(f Fact, stretches []uint64) ([]share, error) {
	pieces := make([]share, len(stretches))
	for _, part := range []struct {
		whole unit.Duration
		set   func(*share, unit.Duration)
	}{
		{f.Busy, func(s *share, v unit.Duration) { s.busy = v }},
		{f.Idle, func(s *share, v unit.Duration) { s.idle = v }},
		{f.Observed, func(s *share, v unit.Duration) { s.observed = v }},
		{f.Expected, func(s *share, v unit.Duration) { s.expected = v }},
	} {
		times, err := attribution.Divide(part.whole, stretches)
		if err != nil {
			return nil, err
		}
		for i, v := range times {
			part.set(&pieces[i], v)
		}
	}
	return pieces, nil
}

// appendClaims divides one stretch among its claims.
func appendClaims(shares []share, piece share, claims []claim) ([]share, error) {
	if len(claims) == 1 {
		piece.account = claims[0].account
		return append(shares, piece), nil
	}
	weights := make([]uint64, len(claims))
	for i, c := range claims {
		weights[i] = c.weight
	}
	parts, err := cutFact(Fact{Busy: piece.busy, Idle: piece.idle, Observed: piece.observed, Expected: piece.expected}, weights)
	if err != nil {
		return nil, err
	}
	for i := range parts {
		parts[i].account, parts[i].estimated = claims[i].account, piece.estimated
	}
	return append(shares, parts...), nil
}
