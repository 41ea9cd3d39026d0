package derive

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/attribution"
	"github.com/dendro-carbon/dendro/unit"
)

// holding is a holding that holds, or a part of its time in which its experiments
// are the same, with its ends in microseconds since 1970 UTC.
type holding struct {
	account.Holding
	from, to int64
	// running are the experiments of that time.
	running []account.Experiment
	// of remembers the claims that the holding makes on its host.
	of     *party
	claims []claim
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
		if !h.Withdrawn && !h.Span().IsEmpty() {
			byHost[h.Host] = appendParts(byHost[h.Host], h)
		}
	}
	for _, hs := range byHost {
		slices.SortFunc(hs, func(a, b *holding) int {
			return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.ID, b.ID))
		})
	}
	return byHost
}

// byHolders cuts each fact where claims on the host change, and divides each
// stretch among those who have one. Where the source has cut at those instants
// itself there is nothing to cut here; otherwise the fact is taken as even over
// its time and the shares are marked estimated.
func (d *Deriver) byHolders(shares []share, h *derivedHost) ([]share, error) {
	again := d.lastHost == h.subject.Host // under other labels
	d.lastHost = h.subject.Host
	start := d.slot.From.UnixMicro()
	held := overlapping(d.holdings[h.subject.Host], start, d.slot.To.UnixMicro())
	for i := range h.own {
		f := &h.own[i]
		stretches, err := d.stretches(held, start+int64(f.From), start+int64(f.To), h.party)
		if err != nil {
			return nil, err
		}
		pieces, err := d.cutFact(f, stretches)
		if err != nil {
			return nil, err
		}
		for j := range pieces {
			pieces[j].estimated = len(pieces) > 1 && f.Observed > 0
			if stretches[j].isHeld && !again { // who holds a host expects it
				pieces[j].expected = unit.Duration(stretches[j].to - stretches[j].from)
			}
			if shares, err = d.appendClaims(shares, &pieces[j], stretches[j].claims); err != nil {
				return nil, err
			}
		}
	}
	return shares, nil
}

// collectUnseen books hosts that somebody held in the slot and of which there is
// no fact: they are expected and were not observed. Their labels are those that the
// directory knows.
func (d *Deriver) collectUnseen(b *account.Batch) error {
	if !d.method.Policy.Held || d.method.Policy.IgnoreUnseen {
		return nil
	}
	seen := 0
	none := []account.Fact{{To: b.Slot.Length()}}
	from, to := b.Slot.From.UnixMicro(), b.Slot.To.UnixMicro()
	for i := range d.held {
		host, holdings := d.held[i].host, d.held[i].within(from, to)
		if len(holdings) == 0 {
			continue
		}
		for seen < len(b.Subjects) && b.Subjects[seen].Host < host {
			seen++
		}
		if seen < len(b.Subjects) && b.Subjects[seen].Host == host && !b.Subjects[seen].Kind.IsScored() {
			continue // hosts come before services of their name
		}
		h := derivedHost{subject: account.Subject{Host: host, Labels: labelsOf(holdings)}, own: none}
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

// labelsOf returns what the directory knows of a host with some holdings.
func labelsOf(holdings []*holding) account.Labels {
	for _, h := range holdings {
		if h.HostLabels.Len() > 0 {
			return h.HostLabels
		}
	}
	return account.Labels{}
}

// heldHost is a host with its holdings, sorted, and the time that they are within: of
// a year's hosts most are held in a week of it.
type heldHost struct {
	host     string
	holdings []*holding
	from, to int64
}

// heldHosts returns the hosts of holdings, sorted.
func heldHosts(byHost map[string][]*holding) []heldHost {
	var all []heldHost
	for _, host := range slices.Sorted(maps.Keys(byHost)) {
		one := heldHost{host: host, holdings: byHost[host], from: byHost[host][0].from}
		for _, h := range one.holdings {
			one.to = max(one.to, h.to)
		}
		all = append(all, one)
	}
	return all
}

// within returns the holdings of a host in a span, as [overlapping] does.
func (h *heldHost) within(from, to int64) []*holding {
	if h.from >= to || h.to <= from {
		return nil
	}
	return overlapping(h.holdings, from, to)
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

// cutFact divides the times of a fact by the stretches of its time: first between
// times in which somebody holds the host and others, so that how much of it is held
// does not depend on who holds it.
func (d *Deriver) cutFact(f *account.Fact, stretches []stretch) ([]share, error) {
	whole := share{busy: f.Busy, idle: f.Idle, observed: f.Observed, expected: f.Expected}
	weights := d.scratch.weights[:0]
	for i, s := range stretches {
		if i > 0 && s.isHeld == stretches[i-1].isHeld {
			weights[len(weights)-1] += uint64(s.to - s.from)
		} else {
			weights = append(weights, uint64(s.to-s.from))
		}
	}
	d.scratch.weights = weights
	runs, err := d.appendDivided(d.scratch.claimed[:0], &whole, weights)
	if err != nil {
		return nil, err
	}
	d.scratch.claimed, d.scratch.pieces = runs, d.scratch.pieces[:0]
	for i := 0; i < len(stretches); runs = runs[1:] {
		weights = d.scratch.weights[:0]
		for isHeld := stretches[i].isHeld; i < len(stretches) && stretches[i].isHeld == isHeld; i++ {
			weights = append(weights, uint64(stretches[i].to-stretches[i].from))
		}
		d.scratch.weights = weights
		if d.scratch.pieces, err = d.appendDivided(d.scratch.pieces, &runs[0], weights); err != nil {
			return nil, err
		}
	}
	return d.scratch.pieces, nil
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
