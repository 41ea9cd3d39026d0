package memory

import (
	"maps"
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

// row is the sum of an account in a period, as it was under the lock.
type row struct {
	*period
	number uint64 // of the account
	account.Quantities
}

// rows returns the sums of the periods that overlap a span, of the accounts that a
// filter keeps, in order.
func (s *sums) rows(q ledger.Query, all *accounts) []row {
	found, most := s.overlapping(q.Span)
	var wanted []uint64
	if len(q.Where) > 0 {
		wanted = all.matching(q.Where)
		most = min(most, len(found)*len(wanted))
	}
	out := make([]row, 0, most)
	for _, p := range found {
		numbers := wanted
		if len(q.Where) == 0 {
			numbers = all.inOrder(slices.AppendSeq(make([]uint64, 0, len(p.rows)), maps.Keys(p.rows)))
		}
		for _, number := range numbers {
			if sum := p.rows[number]; sum != nil {
				out = append(out, row{p, number, sum.Quantities})
			}
		}
	}
	return out
}

// overlapping returns the periods that overlap a span, in order, and how many rows
// they have.
func (s *sums) overlapping(span account.Span) (found []*period, rows int) {
	for _, key := range s.order {
		if p := s.periods[key]; !p.span.Overlap(span).IsEmpty() {
			found = append(found, p)
			rows += len(p.rows)
		}
	}
	return found, rows
}
