package memory

import (
	"slices"
	"sort"

	"github.com/dendro-carbon/dendro/internal/account"
)

// accounts numbers accounts, and knows their order by number, so that a reader sorts
// integers and not labels.
type accounts struct {
	table[account.Account]
	ordered []uint64 // numbers, in the order of the accounts
	ranks   []uint64 // of each number, its place among ordered
}

// arrange gives accounts that were numbered since it was last called their places.
func (a *accounts) arrange() {
	if len(a.ordered) == len(a.list) {
		return
	}
	var added []uint64
	for number := len(a.ordered); number < len(a.list); number++ {
		added = append(added, uint64(number))
	}
	compare := func(x, y uint64) int { return a.list[x].Compare(a.list[y]) }
	slices.SortFunc(added, compare)
	merged, rest := make([]uint64, 0, len(a.list)), a.ordered
	for _, number := range added {
		at := sort.Search(len(rest), func(i int) bool { return compare(rest[i], number) > 0 })
		merged, rest = append(append(merged, rest[:at]...), number), rest[at:]
	}
	a.ordered = append(merged, rest...)
	a.ranks = make([]uint64, len(a.list))
	for rank, number := range a.ordered {
		a.ranks[number] = uint64(rank)
	}
}

// inOrder sorts numbers of accounts by their accounts, in place.
func (a *accounts) inOrder(numbers []uint64) []uint64 {
	for i, number := range numbers {
		numbers[i] = a.ranks[number]
	}
	slices.Sort(numbers)
	for i, rank := range numbers {
		numbers[i] = a.ordered[rank]
	}
	return numbers
}

// matching returns the numbers of the accounts that a filter keeps, in order.
func (a *accounts) matching(where account.Filter) []uint64 {
	var numbers []uint64
	for _, number := range a.ordered {
		if where.Holds(a.list[number].Labels) {
			numbers = append(numbers, number)
		}
	}
	return numbers
}
