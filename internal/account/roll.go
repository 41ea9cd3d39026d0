package account

import "hash/maphash"

// Roll numbers accounts in the order in which they are first seen. Rows of a period
// come in the order of the accounts, as those of the period before, with some more or
// fewer: a roll expects after an account one that followed it before, and then hashes
// nothing. The zero value is empty. It is not safe for concurrent use.
type Roll struct {
	seed    maphash.Seed
	numbers map[uint64]int // by hash, or the next free one after it
	seen    []Account
	follows []int // a ring: of each account, the number of the one that follows it
	last    int   // the number that was given last
}

// ahead is how many accounts that a period may lack a roll looks past.
const ahead = 4

// Number returns the number of an account, from 0, and whether it is new.
func (r *Roll) Number(a Account) (number int, isNew bool) {
	if len(r.seen) > 0 {
		next := r.last
		for range ahead {
			if next = r.follows[next]; r.seen[next] == a {
				r.last = next
				return next, false
			}
		}
	}
	hash, number, known := r.find(a)
	if !known {
		number = r.add(hash, a)
	}
	r.last = number
	return number, !known
}

// find returns the number of an account, or the hash under which to add it. A table of
// hashes grows without reading the labels again, which are spread over the memory.
func (r *Roll) find(a Account) (hash uint64, number int, known bool) {
	if r.numbers == nil {
		r.seed, r.numbers = maphash.MakeSeed(), map[uint64]int{}
	}
	for hash = maphash.Comparable(r.seed, a); ; hash++ {
		if number, known = r.numbers[hash]; !known || r.seen[number] == a {
			return hash, number, known
		}
	}
}

// add gives an account a number, and the place after the last one in the ring.
func (r *Roll) add(hash uint64, a Account) int {
	number := len(r.seen)
	r.numbers[hash] = number
	r.seen, r.follows = append(r.seen, a), append(r.follows, 0)
	r.follows[number], r.follows[r.last] = r.follows[r.last], number
	return number
}

// Seen returns the accounts by their numbers. The caller does not change it.
func (r *Roll) Seen() []Account { return r.seen }
