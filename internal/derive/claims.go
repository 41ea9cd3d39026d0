package derive

import (
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
)

// claim is one account's claim on a stretch of a host's time.
type claim struct {
	account int32
	weight  uint64
	// among divides the claim further, among the experiments of a party; nil
	// leaves it with the account.
	among []claim
	// disputed are the experiments among which it is not clear for which of
	// them the host was held, when there are several.
	disputed []string
}

func (c claim) equal(other claim) bool {
	return c.account == other.account && c.weight == other.weight && slices.EqualFunc(c.among, other.among, claim.equal)
}

// stretch is a part of a slot in which the claims on a host stay the same.
type stretch struct {
	from, to int64
	claims   []claim
	// isHeld is whether anybody holds the host.
	isHeld bool
}

// stretches returns the parts of a time in which the claims on a host stay the
// same, in order and without gaps; valid until the next call.
func (d *Deriver) stretches(held []*holding, from, to int64, p *party) ([]stretch, error) {
	cuts := cutsWithin(d.scratch.cuts[:0], held, from, to)
	d.scratch.cuts = cuts
	d.scratch.claims = d.scratch.claims[:0]
	out := d.scratch.stretches[:0]
	for i := range len(cuts) - 1 {
		s := stretch{from: cuts[i], to: cuts[i+1]}
		var err error
		if s.claims, s.isHeld, err = d.claims(held, s.from, p); err != nil {
			return nil, err
		}
		if n := len(out); n > 0 && out[n-1].isHeld == s.isHeld && slices.EqualFunc(out[n-1].claims, s.claims, claim.equal) {
			out[n-1].to = s.to
			continue
		}
		out = append(out, s)
	}
	d.scratch.stretches = out
	return out, nil
}

// claims returns the claims on a host at an instant, and whether anybody holds it;
// without a claim it is unattributed. They are in canonical order, which decides
// ties.
func (d *Deriver) claims(held []*holding, at int64, p *party) (claims []claim, isHeld bool, err error) {
	claims = d.scratch.claims[len(d.scratch.claims):]
	scale := d.partyScale(held, at)
	even := d.method.Policy.Divide == DivideReservation && !reserved(held, at)
	total := uint64(0)
	var first *holding
	for _, h := range held {
		if at < h.from || at >= h.to {
			continue
		}
		if h.of != p {
			if err := d.remember(h, p); err != nil {
				return nil, false, err
			}
		}
		if isHeld = true; first == nil {
			first = h
		} else {
			d.contestHost(first, h)
		}
		d.contestExperiments(h)
		for _, c := range h.claims {
			if even {
				c.weight = 1
			}
			if scale > 0 {
				c.weight *= scale / uint64(len(h.claims))
			}
			total |= c.weight
			claims = append(claims, c)
		}
	}
	if total == 0 {
		claims = append(claims[:0], claim{account: p.unattributed, weight: 1})
	} else if len(claims) > 1 {
		slices.SortStableFunc(claims, func(a, b claim) int {
			return d.accounts.list[a.account].Compare(d.accounts.list[b.account])
		})
	}
	d.scratch.claims = append(d.scratch.claims, claims...)
	n := len(d.scratch.claims)
	return d.scratch.claims[n-len(claims) : n : n], isHeld, nil
}

// reserved reports whether what any holding at an instant reserved is known. Where it is
// of none, that is not to say that nobody reserved anything.
func reserved(held []*holding, at int64) bool {
	return slices.ContainsFunc(held, func(h *holding) bool { return h.from <= at && at < h.to && h.Reserved > 0 })
}

// maxWeight bounds weights so that they can be scaled without overflow.
const maxWeight = 1 << 32

// partyScale returns what the weights of holdings at an instant are scaled by so
// that the parties of each divide its weight, and sharing a workspace gets nobody
// more of the host. Without sharing it is 1; it is 0 for more parties than can be
// scaled, of whom each then has the weight of a holding.
func (d *Deriver) partyScale(held []*holding, at int64) uint64 {
	scale := uint64(1)
	if d.method.Policy.Sharing != SharingEven {
		return scale
	}
	for _, h := range held {
		n := uint64(1 + len(h.Shared))
		if at < h.from || at >= h.to || scale%n == 0 {
			continue
		}
		if scale *= n; scale > maxWeight/2 || n > maxWeight/2 {
			return 0
		}
	}
	return scale
}

// remember works out the claims of a holding on a host.
func (d *Deriver) remember(h *holding, p *party) error {
	parties := []account.Labels{h.Holder}
	if d.method.Policy.Sharing == SharingEven {
		parties = append(parties, h.Shared...)
	}
	h.of, h.claims = nil, nil
	for _, labels := range parties {
		c, err := d.claimOf(h, p, labels)
		if err != nil {
			return err
		}
		h.claims = append(h.claims, c)
	}
	h.of = p
	return nil
}

// claimOf returns the claim of one party of a holding on a host.
func (d *Deriver) claimOf(h *holding, p *party, labels account.Labels) (claim, error) {
	whose := p.labels.Merge(labels)
	named, err := d.method.name(whose)
	if err != nil {
		return claim{}, err
	}
	c := claim{account: d.accounts.id(account.Account{Labels: named}), weight: d.weight(h, named)}
	matching := d.experimentsOf(h, p, labels.Get(account.LabelUser))
	if len(matching) == 0 {
		return c, nil
	}
	for _, e := range matching {
		if named, err = d.method.name(whose.Merge(e)); err != nil {
			return claim{}, err
		}
		one := claim{account: d.accounts.id(account.Account{Labels: named}), weight: 1}
		if d.method.Policy.Experiments == MatchWeighted {
			one.weight = min(d.method.Policy.weight(named), maxWeight)
		}
		c.among = append(c.among, one)
	}
	if len(matching) == 1 {
		c.account, c.among = c.among[0].account, nil
		return c, nil
	}
	for _, e := range matching {
		c.disputed = append(c.disputed, e.Get(account.LabelExperiment))
	}
	if d.method.Policy.Experiments == MatchUnattributed || !slices.ContainsFunc(c.among, func(c claim) bool { return c.weight > 0 }) {
		c.among = nil
	}
	return c, nil
}

// experimentsOf returns the labels of the experiments for which a user may have
// held a host, each once, in order.
func (d *Deriver) experimentsOf(h *holding, p *party, user string) []account.Labels {
	var out []account.Labels
	for _, e := range h.running {
		if slices.Contains(e.Members, user) && d.method.Instruments.has(e.Instrument, p.labels) {
			out = append(out, e.Labels)
		}
	}
	slices.SortFunc(out, account.Labels.Compare)
	return slices.Compact(out)
}

// weight returns what a policy gives one of several holders. Use by holder is
// not known on a host without parts, so usage is even.
func (d *Deriver) weight(h *holding, labels account.Labels) uint64 {
	switch d.method.Policy.Divide {
	case DivideReservation:
		return min(h.Reserved, maxWeight)
	case DivideWeighted:
		return min(d.method.Policy.weight(labels), maxWeight)
	default:
		return 1
	}
}

// appendClaims divides one stretch among its claims, and then what a party with
// several experiments got among those: so no policy for experiments changes what a
// party gets.
func (d *Deriver) appendClaims(shares []share, piece *share, claims []claim) ([]share, error) {
	parts, err := d.divideAmong(d.scratch.claimed[:0], piece, claims)
	if err != nil {
		return nil, err
	}
	d.scratch.claimed = parts
	for i, c := range claims {
		if c.among == nil {
			shares = append(shares, parts[i])
		} else if shares, err = d.divideAmong(shares, &parts[i], c.among); err != nil {
			return nil, err
		}
	}
	return shares, nil
}

// divideAmong divides a share by the weights of claims.
func (d *Deriver) divideAmong(shares []share, whole *share, claims []claim) ([]share, error) {
	d.scratch.weights = d.scratch.weights[:0]
	for _, c := range claims {
		d.scratch.weights = append(d.scratch.weights, c.weight)
	}
	start := len(shares)
	shares, err := d.appendDivided(shares, whole, d.scratch.weights)
	if err != nil {
		return nil, err
	}
	for i := range claims {
		shares[start+i].account, shares[start+i].estimated = claims[i].account, whole.estimated
	}
	return shares, nil
}

// appendParts appends a holding, cut where its experiments begin or end.
func appendParts(parts []*holding, h account.Holding) []*holding {
	s := h.Span()
	cuts := []time.Time{s.From, s.To}
	for _, e := range h.Experiments {
		for _, t := range []time.Time{e.From, e.To} {
			if !t.IsZero() && t.After(s.From) && t.Before(s.To) {
				cuts = append(cuts, t)
			}
		}
	}
	slices.SortFunc(cuts, time.Time.Compare)
	cuts = slices.CompactFunc(cuts, time.Time.Equal)
	for i := range len(cuts) - 1 {
		part := &holding{Holding: h, from: cuts[i].UnixMicro(), to: cuts[i+1].UnixMicro()}
		for _, e := range h.Experiments {
			if e.Span().Contains(cuts[i]) {
				part.running = append(part.running, e)
			}
		}
		parts = append(parts, part)
	}
	return parts
}
