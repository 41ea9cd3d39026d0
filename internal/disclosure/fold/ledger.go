package fold

import (
	"context"
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/unit"
)

// LedgerConfig says what is read of a ledger.
type LedgerConfig struct {
	// Span is the period, of whole slots.
	Span account.Span
	// By are the labels of the rows.
	By []string
	// KnownAt is as of when, and zero is now.
	KnownAt time.Time
	// Names, if given, shows labels under other values, such as pseudonyms.
	Names account.Renamer
}

// Ledger reads a period from a ledger. As known now it reads sums of months, days and
// hours; as known at an earlier time all is derived again from facts, which takes longer. It
// returns [ErrNoWindows] for a period of which nothing is known.
//
// Bounds are worked out by kind of energy, since a ledger says what is measured and what is
// estimated, and not by how much it may be wrong ([disclosure.Uncertainty]).
func Ledger(ctx context.Context, k ledger.Knowledge, c LedgerConfig) (*disclosure.Period, error) {
	root, err := tree(ctx, k, c)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	p := &disclosure.Period{Span: c.Span, Ledger: &disclosure.LedgerInput{KnownAt: c.KnownAt}}
	p.Total = ledgerRow(account.Account{}, root)
	if p.Rows, err = leaves(nil, root, account.Account{}, c.By); err != nil {
		return nil, err
	}
	if err := ledgerTime(ctx, k, c, p); err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	if p.Coverage.ObservedDays == 0 {
		return nil, ErrNoWindows
	}
	if err := bound(p); err != nil {
		return nil, fmt.Errorf("bounds: %w", err)
	}
	p.Quality = ledgerQuality(&p.Coverage)
	return p, nil
}

// tree returns the figures of the period by account.
func tree(ctx context.Context, k ledger.Knowledge, c LedgerConfig) (*account.Node, error) {
	view := account.View{By: c.By, Perimeters: true, Names: c.Names}
	root, err := perimeters(ctx, k, c, view)
	if err != nil {
		return nil, err
	}
	if _, chosen, _ := view.Choose(root, ""); chosen != nil { // joules are counted once: hosts or services
		chosen.Name = ""
		return chosen, nil
	}
	return &account.Node{}, nil
}

// perimeters returns the figures of the period by perimeter and account.
func perimeters(ctx context.Context, k ledger.Knowledge, c LedgerConfig, view account.View) (*account.Node, error) {
	if c.KnownAt.IsZero() {
		return ledger.FoldTotal(ctx, k, view, c.Span)
	}
	method, err := ledger.MethodAt(ctx, k, c.KnownAt)
	if err != nil {
		return nil, err
	}
	series, err := ledger.FoldDerived(ctx, k, ledger.Derivation{Span: c.Span, View: view, Method: method, At: c.KnownAt})
	if err != nil {
		return nil, err
	}
	return series.Root, nil
}

// leaves appends the rows of a tree: nodes without children, which add up to its root.
func leaves(rows []disclosure.Row, n *account.Node, at account.Account, by []string) ([]disclosure.Row, error) {
	if len(n.Children) == 0 {
		return append(rows, ledgerRow(at, n)), nil
	}
	for _, child := range n.Children {
		below := at
		if child.Kind != account.KindAccount {
			if below.Kind == account.KindAccount {
				below.Kind = child.Kind
			}
		} else {
			labels, err := at.Labels.With(by[0], child.Name)
			if err != nil {
				return nil, err
			}
			below.Labels = labels
		}
		var err error
		if rows, err = leaves(rows, child, below, by[1:]); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func ledgerRow(a account.Account, n *account.Node) disclosure.Row {
	return disclosure.Row{Account: a, Quantities: n.Quantities}
}

// ledgerTime fills in what is known of when.
func ledgerTime(ctx context.Context, k ledger.Knowledge, c LedgerConfig, p *disclosure.Period) error {
	observed, zone := map[int64]struct{}{}, k.Calendar().Zone()
	var open intervals
	for s, err := range k.Slots(ctx, c.Span) {
		if err != nil {
			return err
		}
		if !c.KnownAt.IsZero() && s.FirstKnownAt.After(c.KnownAt) {
			continue
		}
		open.add(s.Slot.From.UnixNano(), s.Slot.To.UnixNano())
		observed[dayOf(s.Slot.From, zone)] = struct{}{}
		if p.Ledger.KnownAt.Before(s.KnownAt) && c.KnownAt.IsZero() {
			p.Ledger.KnownAt = s.KnownAt
		}
	}
	for r, err := range k.Restatements(ctx, time.Time{}, c.KnownAt) {
		if err != nil {
			return err
		}
		if r.Revision > 1 && !r.Slot.Overlap(c.Span).IsEmpty() {
			p.Ledger.Restatements++
		}
	}
	q := &p.Total.Quantities
	v := &p.Coverage
	*v = disclosure.Coverage{Days: days(c.Span, zone), ObservedDays: len(observed), Spans: unit.One}
	v.LargestGap = largestGap(sortedDays(observed), dayOf(c.Span.From, zone), dayOf(c.Span.To.Add(-1), zone))
	v.Time = ratioOf(float64(open.length()), float64(c.Span.Duration()))
	if q.Expected > 0 {
		v.Spans = ratioOf(q.Observed.Seconds(), q.Expected.Seconds())
	}
	var attributed unit.Energy
	for i := range p.Rows {
		if kind := p.Rows[i].Kind; kind != account.KindUnattributed && kind != account.KindIdle {
			attributed += p.Rows[i].Energy
		}
	}
	v.Attributed = energyRatio(attributed, q.Energy)
	shares(v, q)
	return nil
}

// ledgerQuality says what of the period is not known.
func ledgerQuality(c *disclosure.Coverage) disclosure.Quality {
	var q quality
	if c.Time < unit.One {
		q.find(disclosure.FindingPartial, false, "", 1, "%s of the period has closed slots: the rest is not in the figures", c.Time.Decimal())
	}
	if c.Spans < unit.One {
		q.find(disclosure.FindingPartial, false, "", 1, "hosts were observed for %s of the time in which they should have been", c.Spans.Decimal())
	}
	q.sort()
	return q.Quality
}
