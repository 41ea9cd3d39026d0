package disclosure

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/unit"
)

// Snapshot is the figures of all, and of rows: those of a document, or what they would be if only
// some of what changed had. The zero value is one without any.
type Snapshot struct {
	totals amounts
	rows   map[RowName]amounts
}

// Portion is a part of the change from a document to the one that replaces it, which has one cause:
// what the figures of some facts were before it and after.
type Portion struct {
	Cause         Cause
	Before, After Snapshot
}

// amounts are figures in whole units, in the order of those that a restatement lists: kWh, two
// masses, two counts and two masses. What is not known is 0.
type amounts [7]int64

// The places of amounts.
const (
	amountEnergy = iota
	amountOperational
	amountEmbodied
	amountOperations
	amountRequests
	amountTransport
	amountLocationBased
)

// decimal returns an amount as the decimal that the document has of it.
func (a *amounts) decimal(i int) *unitValue {
	switch i {
	case amountEnergy:
		return decimal(unit.Energy(a[i]).Decimal())
	case amountOperations, amountRequests:
		return decimal(fmt.Sprint(a[i]))
	}
	return decimal(unit.Mass(a[i]).Decimal())
}

// plus returns a + b, and minus a − b. Counts wrap around, so that differences of large ones are
// right.
func (a amounts) plus(b amounts) amounts {
	for i := range a {
		a[i] += b[i]
	}
	return a
}

func (a amounts) minus(b amounts) amounts {
	for i := range a {
		a[i] -= b[i]
	}
	return a
}

func (f *Figures) amounts() amounts {
	operational, embodied := known(f.Operational), known(f.Embodied)
	return amounts{
		amountEnergy: int64(f.Energy), amountOperational: int64(operational), amountEmbodied: int64(embodied),
		amountOperations: int64(f.Operations), amountRequests: int64(f.Requests),
	}
}

// SnapshotOf returns the figures of a document.
func SnapshotOf(d *Document) Snapshot {
	s := Snapshot{totals: d.Totals.amounts(), rows: map[RowName]amounts{}}
	for name, f := range byRow(d) {
		s.rows[name] = f.amounts()
	}
	return s
}

func (t *Totals) amounts() amounts {
	a := t.Figures.amounts()
	a[amountTransport], a[amountLocationBased] = int64(t.Transport), int64(t.LocationBased)
	return a
}

// Snapshot returns the figures that a document of the period has, by labels. It fails on sums
// that no quantity holds.
func (p *Period) Snapshot(by []string) (Snapshot, error) {
	all, err := totals(p)
	if err != nil {
		return Snapshot{}, err
	}
	s := Snapshot{totals: all.amounts(), rows: map[RowName]amounts{}}
	rows, err := grouped(p.Rows, by)
	if err != nil {
		return Snapshot{}, err
	}
	for i := range rows {
		f := figures(&rows[i], p.Ledger != nil)
		s.rows[RowName{rows[i].Labels, rows[i].Kind}] = f.amounts()
	}
	return s, nil
}

// CausedShare is the part of a difference that has one cause.
type CausedShare struct {
	Cause Cause `json:"cause"`
	// Value is the part, of the unit of the figure.
	Value unitValue `json:"value"`
}

// causedBy is what changed for one cause.
type causedBy struct {
	cause  Cause
	totals amounts
	rows   map[RowName]amounts
}

// byCause adds portions up, in the order of causes.
func byCause(portions []Portion) []*causedBy {
	var all []*causedBy
	for i := range portions {
		p := &portions[i]
		at := slices.IndexFunc(all, func(c *causedBy) bool { return c.cause == p.Cause })
		if at < 0 {
			all, at = append(all, &causedBy{cause: p.Cause, rows: map[RowName]amounts{}}), len(all)
		}
		c := all[at]
		c.totals = c.totals.plus(p.After.totals).minus(p.Before.totals)
		for name, a := range p.After.rows {
			c.rows[name] = c.rows[name].plus(a)
		}
		for name, a := range p.Before.rows {
			c.rows[name] = c.rows[name].minus(a)
		}
	}
	slices.SortFunc(all, func(a, b *causedBy) int { return strings.Compare(string(a.cause), string(b.cause)) })
	return all
}

// share divides differences among causes. What no portion explains is a share too, so that the
// shares of a difference add up to it.
func (r *Restated) share(before, after Snapshot, portions []Portion) {
	causes := byCause(portions)
	for i := range r.Differences {
		d := &r.Differences[i]
		at := slices.Index(figureNames(), d.Figure)
		of := func(totals amounts, rows map[RowName]amounts) amounts {
			if d.Row == nil {
				return totals
			}
			return rows[*d.Row]
		}
		rest := of(after.totals, after.rows).minus(of(before.totals, before.rows))
		var causesOf []Cause
		add := func(cause Cause, part amounts) {
			if part[at] != 0 {
				d.Shares, causesOf = append(d.Shares, CausedShare{cause, *part.decimal(at)}), append(causesOf, cause)
			}
		}
		for _, c := range causes {
			part := of(c.totals, c.rows)
			rest = rest.minus(part)
			add(c.cause, part)
		}
		add(CauseUnexplained, rest)
		if causesOf != nil {
			d.Causes = causesOf
		}
	}
}

// figureNames are the names of amounts, in their order.
func figureNames() []string {
	return []string{
		"energy_kwh", "operational_gco2e", "embodied_gco2e", "operations", "requests", "transport_gco2e", "location_based_gco2e",
	}
}

// SameUse reports whether energy, operations and requests of two snapshots are the same, so that they
// differ by carbon alone.
func (s Snapshot) SameUse(o Snapshot) bool {
	use := func(a amounts) [3]int64 { return [3]int64{a[amountEnergy], a[amountOperations], a[amountRequests]} }
	return use(s.totals) == use(o.totals)
}
