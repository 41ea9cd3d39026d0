package derive

import (
	"cmp"
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/attribution"
	"github.com/dendro-carbon/dendro/unit"
)

// share is what one account has of a host's slot before energy is divided.
type share struct {
	account int32
	// estimated marks a share that was cut where nothing was measured.
	estimated bool
	// The times are those of facts, divided exactly.
	busy, idle, observed, expected unit.Duration
}

// shares cuts the facts of a host among the accounts that have a claim on them.
// The times of the shares sum to those of the facts. Shares are in canonical
// order, with one per account and estimated mark, and valid until the next host.
func (d *Deriver) shares(b *account.Batch, h *derivedHost) ([]share, error) {
	shares := d.scratch.shares[:0]
	var err error
	switch {
	case len(h.parts) > 0:
		shares, err = d.byParts(shares, b, h)
	case d.method.Policy.Held && h.subject.Kind == account.SubjectHost:
		shares, err = d.byHolders(shares, h)
	default:
		for i := range h.own {
			f := &h.own[i]
			shares = append(shares, share{h.party.own, false, f.Busy, f.Idle, f.Observed, f.Expected})
		}
	}
	if err != nil {
		return nil, err
	}
	if d.method.Policy.Idle == IdleApart && h.subject.Kind == account.SubjectHost {
		shares = idleApart(shares, h.party.idle)
	}
	d.scratch.shares = shares
	return d.mergeShares(shares), nil
}

// mergeShares sorts shares and adds up those of one account.
func (d *Deriver) mergeShares(shares []share) []share {
	if len(shares) < 2 {
		return shares
	}
	slices.SortStableFunc(shares, func(x, y share) int {
		if x.account == y.account {
			return estimatedLast(x, y)
		}
		return cmp.Or(d.accounts.list[x.account].Compare(d.accounts.list[y.account]), cmp.Compare(x.account, y.account))
	})
	merged := shares[:1]
	for _, s := range shares[1:] {
		last := &merged[len(merged)-1]
		if last.account != s.account || last.estimated != s.estimated {
			merged = append(merged, s)
			continue
		}
		// These sums fit: the times were one sum before they were cut.
		last.busy += s.busy
		last.idle += s.idle
		last.observed += s.observed
		last.expected += s.expected
	}
	return merged
}

func estimatedLast(x, y share) int {
	switch {
	case x.estimated == y.estimated:
		return 0
	case y.estimated:
		return -1
	}
	return 1
}

// idleApart moves idle time from the shares to one of kind idle. Host time stays
// where it was, so coverage does.
func idleApart(shares []share, account int32) []share {
	apart := share{account: account}
	for i := range shares {
		apart.idle += shares[i].idle
		shares[i].idle = 0
	}
	return append(shares, apart)
}

// byParts divides busy time by what each part used. What no part used, and idle
// time, which no part has, is unattributed unless the policy keeps idle apart.
func (d *Deriver) byParts(shares []share, b *account.Batch, h *derivedHost) ([]share, error) {
	total, err := sumFacts(h.own)
	if err != nil {
		return nil, err
	}
	weights := d.scratch.weights[:0]
	used := unit.Duration(0)
	for _, f := range h.parts {
		labels, err := d.method.name(h.party.labels.Merge(b.Subjects[f.Subject].Labels))
		if err != nil {
			return nil, err
		}
		shares = append(shares, share{account: d.accounts.id(account.Account{Labels: labels})})
		weights = append(weights, uint64(f.Busy))
		if used, err = used.Add(f.Busy); err != nil {
			return nil, err
		}
	}
	// Parts are counted apart from the host and may come to a little more:
	// then they divide what the host counted.
	weights = append(weights, uint64(max(0, total.Busy-used)))
	d.scratch.weights = weights
	shares = append(shares, share{
		account: h.party.unattributed, idle: total.Idle, observed: total.Observed, expected: total.Expected,
	})
	busy, err := attribution.AppendDivide(d.scratch.durations[:0], total.Busy, weights)
	if err != nil {
		return nil, err
	}
	d.scratch.durations = busy
	for i := range busy {
		shares[i].busy = busy[i]
	}
	return shares, nil
}
