package memory

import (
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// sums is the sums of entries by one step.
type sums struct {
	periods map[int64]*period
	order   []int64 // starts of periods, ascending
}

type period struct {
	span account.Span
	rows map[account.Account]sum
}

type sum struct {
	entries int
	account.Quantities
}

func newSums() *sums { return &sums{periods: map[int64]*period{}} }

// apply adds changes to a period. With try it only finds out whether all sums
// fit, so that a commit changes either all sums or none.
func (s *sums) apply(span account.Span, changes []ledger.Change, try bool) error {
	key := span.From.UnixMicro()
	p := s.periods[key]
	if p == nil {
		p = &period{span: account.NewSpan(span.From, span.To), rows: map[account.Account]sum{}}
		if !try {
			s.periods[key] = p
			at, _ := slices.BinarySearch(s.order, key)
			s.order = slices.Insert(s.order, at, key)
		}
	}
	for _, c := range changes {
		row := p.rows[c.Account]
		q, err := row.Add(c.Quantities)
		if err != nil {
			return err
		}
		if try {
			continue
		}
		row.entries, row.Quantities = row.entries+c.Entries, q
		if row.entries == 0 {
			delete(p.rows, c.Account)
		} else {
			p.rows[c.Account] = row
		}
	}
	return nil
}

// rows returns the sums of the periods that overlap a span.
func (s *sums) rows(q ledger.Query) []ledger.Row {
	var out []ledger.Row
	for _, key := range s.order {
		p := s.periods[key]
		if p.span.Overlap(q.Span).IsEmpty() {
			continue
		}
		start := len(out)
		for a, row := range p.rows {
			if q.Where.Holds(a.Labels) {
				out = append(out, ledger.Row{Period: p.span, Account: a, Quantities: row.Quantities})
			}
		}
		slices.SortFunc(out[start:], func(x, y ledger.Row) int { return x.Account.Compare(y.Account) })
	}
	return out
}
