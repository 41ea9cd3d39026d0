package relational

import (
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
)

// accountSet is the accounts that one query has met: whether its filter holds
// for them, which is worked out once for each, and their canonical order.
type accountSet struct {
	where    account.Filter
	interner *interner[account.Account]
	pages    map[int64]*accountPage
	// only is the chunks that the filter may hold for, nil for all, once looked.
	only   map[int64]bool
	looked bool
	// last is the page asked for last, which is mostly asked for again.
	last       *accountPage
	lastNumber int64

	ranked []accountRef // in canonical order
	fresh  []accountRef // not yet ranked
	spare  []accountRef
}

// accountPage is the accounts with ids from 64 times its number.
type accountPage struct {
	accounts []account.Account
	holds    uint64 // bit i: the filter holds for accounts[i]
	ranks    [chunkSize]int
}

type accountRef struct {
	page  *accountPage
	place int
}

func (r accountRef) account() *account.Account { return &r.page.accounts[r.place] }

func (s *Store) newAccountSet(where account.Filter) *accountSet {
	return &accountSet{where: where, interner: s.accounts, pages: map[int64]*accountPage{}, lastNumber: -1}
}

// account returns the account with an id, nil when the filter does not hold for
// it.
func (set *accountSet) account(q Querier, id int64) (*account.Account, error) {
	place := int(id % chunkSize)
	page, err := set.page(q, id/chunkSize, place+1)
	if err != nil || page.holds&(1<<place) == 0 {
		return nil, err
	}
	return &page.accounts[place], nil
}

// mayHold reports whether the filter may hold for an account of a chunk.
func (set *accountSet) mayHold(q Querier, number int64) (bool, error) {
	if !set.looked && len(set.where) > 0 {
		var err error
		if set.only, err = chunksFor(q, set.where); err != nil {
			return false, err
		}
	}
	set.looked = true
	return set.only == nil || set.only[number], nil
}

// page returns a page with at least size accounts, or with none when the filter holds
// for none of them.
func (set *accountSet) page(q Querier, number int64, size int) (*accountPage, error) {
	page := set.last
	if number != set.lastNumber {
		if page = set.pages[number]; page == nil {
			page = &accountPage{}
			set.pages[number] = page
		}
		set.last, set.lastNumber = page, number
	}
	if len(page.accounts) >= size {
		return page, nil
	}
	if may, err := set.mayHold(q, number); err != nil || !may {
		return page, err
	}
	known, err := set.interner.page(q, number, size)
	if err != nil {
		return nil, err
	}
	for place := len(page.accounts); place < len(known); place++ {
		if set.where.Holds(known[place].Labels) {
			page.holds |= 1 << place
			set.fresh = append(set.fresh, accountRef{page, place})
		}
	}
	page.accounts = known
	return page, nil
}

// rank brings the ranks of all pages up to date. Ranks are places in canonical
// order, so that the rows of each period are sorted as integers.
func (set *accountSet) rank() {
	if len(set.fresh) == 0 {
		return
	}
	compare := func(a, b accountRef) int { return a.account().Compare(*b.account()) }
	slices.SortFunc(set.fresh, compare)
	merged, old := set.spare[:0], set.ranked
	for _, ref := range set.fresh {
		for len(old) > 0 && compare(old[0], ref) < 0 {
			merged, old = append(merged, old[0]), old[1:]
		}
		merged = append(merged, ref)
	}
	merged = append(merged, old...)
	set.spare, set.ranked, set.fresh = set.ranked, merged, set.fresh[:0]
	for i, ref := range merged {
		ref.page.ranks[ref.place] = i
	}
}
