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
	rows map[uint64]*sum // by number of the account
}

type sum struct {
	entries int
	account.Quantities
}

// change is a [ledger.Change] with the number of its account, if it has one yet.
type change struct {
	account uint64
	known   bool
	*ledger.Change
}

func newSums() *sums { return &sums{periods: map[int64]*period{}} }

// fit returns an error when a sum would overflow by what commits change together in
// the periods of their slots. It changes nothing, so that all sums change or none.
func (s *sums) fit(all []staged, periodOf func(*ledger.Commit) account.Span) error {
	if len(all) == 1 {
		return s.fits(periodOf(all[0].Commit), all[0].changes)
	}
	type key struct {
		period  int64
		account account.Account
	}
	together := map[key]ledger.Change{}
	for _, one := range all {
		period := periodOf(one.Commit)
		for _, c := range one.changes {
			k := key{period.From.UnixMicro(), c.Account}
			sum := together[k]
			var err error
			if sum.Quantities, err = sum.Add(c.Quantities); err != nil {
				return err
			}
			together[k] = sum
			if err := s.fits(period, []change{{c.account, c.known, &sum}}); err != nil {
				return err
			}
		}
	}
	return nil
}

// fits returns an error when a sum of a period would overflow.
func (s *sums) fits(span account.Span, changes []change) error {
	p := s.periods[span.From.UnixMicro()]
	if p == nil {
		return nil
	}
	for _, c := range changes {
		row := p.rows[c.account]
		if !c.known || row == nil {
			continue
		}
		if _, err := row.Add(c.Quantities); err != nil {
			return err
		}
	}
	return nil
}

// apply adds changes that fit to a period.
func (s *sums) apply(span account.Span, changes []change) error {
	p := s.period(span)
	for _, c := range changes {
		row := p.rows[c.account]
		if row == nil {
			row = &sum{}
			p.rows[c.account] = row
		}
		q, err := row.Add(c.Quantities)
		if err != nil {
			return err // cannot happen: it fits
		}
		row.entries, row.Quantities = row.entries+c.Entries, q
		if row.entries == 0 {
			delete(p.rows, c.account)
		}
	}
	return nil
}

func (s *sums) period(span account.Span) *period {
	key := span.From.UnixMicro()
	p := s.periods[key]
	if p == nil {
		p = &period{span: account.NewSpan(span.From, span.To), rows: map[uint64]*sum{}}
		s.periods[key] = p
		at, _ := slices.BinarySearch(s.order, key)
		s.order = slices.Insert(s.order, at, key)
	}
	return p
}

// rows returns the sums of the periods that overlap a span.
func (s *sums) rows(q ledger.Query, accounts []account.Account) []ledger.Row {
	var out []ledger.Row
	wanted := matching(q.Where, accounts)
	for _, key := range s.order {
		p := s.periods[key]
		if p.span.Overlap(q.Span).IsEmpty() {
			continue
		}
		start := len(out)
		add := func(id uint64, row *sum) {
			out = append(out, ledger.Row{Period: p.span, Account: accounts[id], Quantities: row.Quantities})
		}
		if len(wanted) < len(p.rows) {
			for _, id := range wanted {
				if row := p.rows[id]; row != nil {
					add(id, row)
				}
			}
		} else {
			for id, row := range p.rows {
				if q.Where.Holds(accounts[id].Labels) {
					add(id, row)
				}
			}
		}
		slices.SortFunc(out[start:], func(x, y ledger.Row) int { return x.Account.Compare(y.Account) })
	}
	return out
}

// matching returns the numbers of the accounts that a filter keeps.
func matching(where account.Filter, accounts []account.Account) []uint64 {
	var ids []uint64
	for id := range accounts {
		if where.Holds(accounts[id].Labels) {
			ids = append(ids, uint64(id))
		}
	}
	return ids
}
