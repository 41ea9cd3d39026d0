package derive

import (
	"cmp"
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
)

// table gives values small numbers, so that a slot's work is done on numbers
// however long the labels are. It only grows.
type table[T comparable] struct {
	ids     map[T]int32
	list    []T
	last    int32 // the number that was asked for last, often asked for again
	compare func(a, b T) int
	order   []int32 // numbers in canonical order, as far as they are ranked
	ranks   []int32
}

func newTable[T comparable](compare func(a, b T) int) *table[T] {
	return &table[T]{ids: map[T]int32{}, compare: compare}
}

// id returns the number of a value, a new one when it is new.
func (t *table[T]) id(v T) int32 {
	if int(t.last) < len(t.list) && t.list[t.last] == v {
		return t.last
	}
	id, ok := t.ids[v]
	if !ok {
		id = int32(len(t.list))
		t.ids[v] = id
		t.list = append(t.list, v)
	}
	t.last = id
	return id
}

// rank returns, by number, the place of every value in canonical order. After the
// table has grown, only what is new is sorted, and merged with what was there.
func (t *table[T]) rank() []int32 {
	known := len(t.order)
	if known == len(t.list) {
		return t.ranks
	}
	less := func(a, b int32) int { return t.compare(t.list[a], t.list[b]) }
	added := make([]int32, 0, len(t.list)-known)
	for id := known; id < len(t.list); id++ {
		added = append(added, int32(id))
	}
	slices.SortFunc(added, less)
	order := make([]int32, 0, len(t.list))
	for _, id := range t.order {
		for len(added) > 0 && less(added[0], id) < 0 {
			order, added = append(order, added[0]), added[1:]
		}
		order = append(order, id)
	}
	t.order = append(order, added...)
	t.ranks = make([]int32, len(t.list))
	for place, id := range t.order {
		t.ranks[id] = int32(place)
	}
	return t.ranks
}

// collector adds up what one slot gives each account on each basis.
type collector struct {
	index map[entryKey]int
	keys  []entryKey
	sums  []account.Quantities
}

type entryKey struct{ account, basis int32 }

func (c *collector) reset() {
	if c.index == nil {
		c.index = map[entryKey]int{}
	}
	clear(c.index)
	c.keys, c.sums = c.keys[:0], c.sums[:0]
}

func (c *collector) add(key entryKey, q account.Quantities) error {
	if q.IsZero() {
		return nil
	}
	i, ok := c.index[key]
	if !ok {
		c.index[key] = len(c.keys)
		c.keys, c.sums = append(c.keys, key), append(c.sums, q)
		return nil
	}
	sum, err := c.sums[i].Add(q)
	if err != nil {
		return err
	}
	c.sums[i] = sum
	return nil
}

// entries returns what was collected in canonical order.
func (c *collector) entries(accounts *table[account.Account], bases *table[account.Basis]) []account.Entry {
	accountRank, basisRank := accounts.rank(), bases.rank()
	order := make([]int, len(c.keys))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		a, b := c.keys[i], c.keys[j]
		return cmp.Or(cmp.Compare(accountRank[a.account], accountRank[b.account]), cmp.Compare(basisRank[a.basis], basisRank[b.basis]))
	})
	out := make([]account.Entry, 0, len(order))
	for _, i := range order {
		if !c.sums[i].IsZero() {
			out = append(out, account.Entry{
				Account: accounts.list[c.keys[i].account], Basis: bases.list[c.keys[i].basis], Quantities: c.sums[i],
			})
		}
	}
	return out
}
