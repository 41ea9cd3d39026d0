package query

import (
	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/unit"
)

// Compared is the figures under the policy compared with.
type Compared struct {
	account.Figures
	// Difference is by how much they exceed those of the policy asked for.
	Difference Difference `json:"difference"`
}

// Difference is a difference of amounts, negative where the policy compared with
// gives less. It is nil where one of them is not known.
type Difference struct {
	Energy      *unit.Energy `json:"energy_kwh"`
	Operational *unit.Mass   `json:"operational_gco2e"`
	Embodied    *unit.Mass   `json:"embodied_gco2e"`
}

// beside returns the figures of a node under both policies; nil is without any. To
// whom one of them gives nothing has zero of what is known under the other: that
// is the policy's word, not a gap in what was observed.
func beside(q, compared *account.Quantities) (account.Figures, *Compared) {
	var zero account.Quantities
	if q == nil {
		q = &zero
	}
	if compared == nil {
		compared = &zero
	}
	figures, c := q.Figures(), &Compared{Figures: compared.Figures()}
	if q.IsZero() {
		figures = nothingOf(c.Figures)
	}
	if compared.IsZero() {
		c.Figures = nothingOf(figures)
	}
	c.Difference = Difference{
		Energy:      less(c.Energy, figures.Energy),
		Operational: less(c.Operational, figures.Operational),
		Embodied:    less(c.Embodied, figures.Embodied),
	}
	return figures, c
}

// nothingOf returns zero for each amount that is known.
func nothingOf(f account.Figures) account.Figures {
	return account.Figures{
		Energy: zeroOf(f.Energy), Operational: zeroOf(f.Operational), Embodied: zeroOf(f.Embodied), Busy: zeroOf(f.Busy), Idle: zeroOf(f.Idle),
		BusyEnergy: zeroOf(f.BusyEnergy), BusyOperational: zeroOf(f.BusyOperational),
	}
}

func zeroOf[Q ~int64](q *Q) *Q {
	if q == nil {
		return nil
	}
	return new(Q)
}

// less returns a − b, nil where one is not known. Both are sums of one ledger and
// not negative, so the difference fits.
func less[Q ~int64](a, b *Q) *Q {
	if a == nil || b == nil {
		return nil
	}
	d := *a - *b
	return &d
}
