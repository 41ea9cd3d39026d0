package derive

import (
	"cmp"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/attribution"
	"github.com/dendro-carbon/dendro/unit"
)

// holding is a holding that holds, with its ends in microseconds since 1970 UTC.
type holding struct {
	account.Holding
	from, to int64
	// of remembers the claims that the holding makes on its host.
	of     *party
	claims []claim
}

// claim is one account's claim on a stretch of a host's time.
type claim struct {
	account int32
	weight  uint64
}

// currentHoldings keeps the newest revision of each holding known at an instant
// and sorts them by host and start.
func currentHoldings(all []account.Holding, at time.Time) map[string][]*holding {
	newest := map[string]account.Holding{}
	for _, h := range all {
		if !at.IsZero() && h.KnownAt.After(at) {
			continue
		}
		if old, ok := newest[h.ID]; !ok || old.KnownAt.Before(h.KnownAt) {
			newest[h.ID] = h
		}
	}
	byHost := map[string][]*holding{}
	for _, h := range newest {
		if s := h.Span(); !h.Withdrawn && !s.IsEmpty() {
			byHost[h.Host] = append(byHost[h.Host], &holding{Holding: h, from: s.From.UnixMicro(), to: s.To.UnixMicro()})
		}
	}
	for _, hs := range byHost {
		slices.SortFunc(hs, func(a, b *holding) int {
			return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.ID, b.ID))
		})
	}
	return byHost
}

// byHolders cuts each fact where holdings begin and end, and divides each
// stretch among those who held the host then. Where the source has cut at those
// instants itself there is nothing to cut here; otherwise the fact is taken as
// even over its time and the shares are marked estimated.
func (d *Deriver) byHolders(shares []share, h *derivedHost) ([]share, error) {
	again := d.lastHost == h.subject.Host // under other labels
	d.lastHost = h.subject.Host
	start := d.slot.From.UnixMicro()
	held := overlapping(d.holdings[h.subject.Host], start, d.slot.To.UnixMicro())
	for i := range h.own {
		f := &h.own[i]
		cuts := cutsWithin(d.scratch.cuts[:0], held, start+int64(f.From), start+int64(f.To))
		d.scratch.cuts = cuts
		pieces, err := d.cutFact(f, cuts)
		if err != nil {
			return nil, err
		}
		for j := range pieces {
			claims, isHeld, err := d.claims(held, cuts[j], h.party)
			if err != nil {
				return nil, err
			}
			pieces[j].estimated = len(pieces) > 1 && f.Observed > 0
			if isHeld && !again { // who holds a host expects it
				pieces[j].expected = unit.Duration(cuts[j+1] - cuts[j])
			}
			if shares, err = d.appendClaims(shares, &pieces[j], claims); err != nil {
				return nil, err
			}
		}
	}
	return shares, nil
}

// collectUnseen books hosts that somebody held in the slot and of which there is
// no fact: they are expected and were not observed. Their labels are those of the
// holder.
func (d *Deriver) collectUnseen(b *account.Batch) error {
	if !d.method.Policy.Held || d.method.Policy.IgnoreUnseen {
		return nil
	}
	seen := 0
	none := []account.Fact{{To: b.Slot.Length()}}
	for _, host := range d.heldHosts {
		for seen < len(b.Subjects) && b.Subjects[seen].Host < host {
			seen++
		}
		if seen < len(b.Subjects) && b.Subjects[seen].Host == host {
			continue
		}
		h := derivedHost{subject: account.Subject{Host: host}, own: none}
		var err error
		if h.party, err = d.party(h.subject); err != nil {
			return err
		}
		h.whole.basis = account.Basis{
			Energy: account.EnergyUnseen, Policy: d.method.Policy.Name, Intensity: account.IntensityBasis{Accounting: d.method.Accounting},
		}
		if h.shares, err = d.byHolders(d.scratch.shares[:0], &h); err != nil {
			return err
		}
		d.scratch.shares = h.shares
		h.shares = d.mergeShares(h.shares)
		if h.divided, err = h.whole.divide(h.shares, &d.scratch); err != nil {
			return err
		}
		if err := d.addHost(h); err != nil {
			return err
		}
	}
	return nil
}

// overlapping returns the holdings among which are all that reach into a span;
// they are sorted by their beginnings.
func overlapping(all []*holding, from, to int64) []*holding {
	end := 0
	for end < len(all) && all[end].from < to {
		end++
	}
	begin := 0
	for begin < end && all[begin].to <= from {
		begin++
	}
	return all[begin:end]
}

// cutsWithin appends the ends of a span and every beginning and end of a holding
// inside it, in order.
func cutsWithin(cuts []int64, held []*holding, from, to int64) []int64 {
	cuts = append(cuts, from, to)
	for _, h := range held {
		for _, t := range [...]int64{h.from, h.to} {
			if from < t && t < to {
				cuts = append(cuts, t)
			}
		}
	}
	slices.Sort(cuts)
	return slices.Compact(cuts)
}

// cutFact divides the times of a fact by the stretches between cuts.
func (d *Deriver) cutFact(f *account.Fact, cuts []int64) ([]share, error) {
	whole := share{busy: f.Busy, idle: f.Idle, observed: f.Observed, expected: f.Expected}
	d.scratch.weights = d.scratch.weights[:0]
	for i := range len(cuts) - 1 {
		d.scratch.weights = append(d.scratch.weights, uint64(cuts[i+1]-cuts[i]))
	}
	var err error
	d.scratch.pieces, err = d.appendDivided(d.scratch.pieces[:0], &whole, d.scratch.weights)
	return d.scratch.pieces, err
}

// appendDivided divides the times of a share by weights.
func (d *Deriver) appendDivided(dst []share, whole *share, weights []uint64) ([]share, error) {
	if len(weights) == 1 {
		return append(dst, *whole), nil
	}
	start := len(dst)
	for range weights {
		dst = append(dst, share{})
	}
	for _, time := range [...]func(*share) *unit.Duration{
		func(s *share) *unit.Duration { return &s.busy },
		func(s *share) *unit.Duration { return &s.idle },
		func(s *share) *unit.Duration { return &s.observed },
		func(s *share) *unit.Duration { return &s.expected },
	} {
		parts, err := attribution.AppendDivide(d.scratch.durations[:0], *time(whole), weights)
		if err != nil {
			return nil, err
		}
		d.scratch.durations = parts
		for i, v := range parts {
			*time(&dst[start+i]) = v
		}
	}
	return dst, nil
}

// claims returns the claims on a host at an instant, and whether anybody holds it;
// without a claim it is unattributed. They are in canonical order, which decides
// ties, and valid until the next call.
func (d *Deriver) claims(held []*holding, at int64, p *party) (claims []claim, isHeld bool, err error) {
	claims = d.scratch.claims[:0]
	scale := d.partyScale(held, at)
	total := uint64(0)
	for _, h := range held {
		if at < h.from || at >= h.to {
			continue
		}
		if h.of != p {
			if err := d.remember(h, p); err != nil {
				return nil, false, err
			}
		}
		isHeld = true
		for _, c := range h.claims {
			if scale > 0 {
				c.weight *= scale / uint64(len(h.claims))
			}
			total |= c.weight
			claims = append(claims, c)
		}
	}
	if total == 0 {
		claims = append(claims[:0], claim{p.unattributed, 1})
	} else if len(claims) > 1 {
		slices.SortStableFunc(claims, func(a, b claim) int {
			return d.accounts.list[a.account].Compare(d.accounts.list[b.account])
		})
	}
	d.scratch.claims = claims
	return claims, isHeld, nil
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
		named, err := d.method.name(p.labels.Merge(labels))
		if err != nil {
			return err
		}
		h.claims = append(h.claims, claim{d.accounts.id(account.Account{Labels: named}), d.weight(h, named)})
	}
	h.of = p
	return nil
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

// appendClaims divides one stretch among its claims.
func (d *Deriver) appendClaims(shares []share, piece *share, claims []claim) ([]share, error) {
	d.scratch.weights = d.scratch.weights[:0]
	for _, c := range claims {
		d.scratch.weights = append(d.scratch.weights, c.weight)
	}
	start := len(shares)
	shares, err := d.appendDivided(shares, piece, d.scratch.weights)
	if err != nil {
		return nil, err
	}
	for i := range claims {
		shares[start+i].account, shares[start+i].estimated = claims[i].account, piece.estimated
	}
	return shares, nil
}
