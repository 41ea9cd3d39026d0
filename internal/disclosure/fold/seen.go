package fold

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"
)

// seen knows the windows that were met, so that each counts once. A window is the
// instant at which it was scored and the text of its report: a line that is copied, to
// another file or into another chain, is the same window.
//
// It takes 12 bytes for each, at a load of 5/9 to 5/6: 15 to 22 MB for a million. Seeds are
// of the process, so nobody can make windows that are taken for one another; by chance two of
// a million are so once in thirty million folds.
type seen struct {
	seed   maphash.Seed
	shards [64]shard
	// again counts, by number of the input, windows that an input before it has, or it
	// has itself: the same in whatever order they are met.
	again []atomic.Uint64
}

// shard is a part of the windows.
type shard struct {
	mu    sync.Mutex
	slots []slot
	used  int
}

// slot is a window; an owner of 0 is none.
type slot struct{ low, high, owner uint32 }

func newSeen(inputs int) *seen {
	return &seen{seed: maphash.MakeSeed(), again: make([]atomic.Uint64, inputs)}
}

// first reports whether a window is met for the first time.
func (s *seen) first(at time.Time, report []byte, input int) bool {
	var h maphash.Hash
	h.SetSeed(s.seed)
	h.Write(report)
	var stamp [8]byte
	nanos := uint64(at.UnixNano())
	for i := range stamp {
		stamp[i] = byte(nanos >> (8 * i))
	}
	h.Write(stamp[:])
	key := h.Sum64()
	owner := uint32(input) + 1
	other := s.shards[key%uint64(len(s.shards))].insert(key, owner)
	if other == 0 {
		return true
	}
	s.again[max(owner, other)-1].Add(1)
	return false
}

// insert adds a window. If it is there, it is left to the lower of its owners, and the
// one of before is returned.
func (s *shard) insert(key uint64, owner uint32) (before uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used >= len(s.slots)*5/6 {
		s.grow()
	}
	at := s.find(key)
	before = at.owner
	if before == 0 {
		s.used++
		*at = slot{uint32(key), uint32(key >> 32), owner}
		return 0
	}
	at.owner = min(owner, before)
	return before
}

// find returns the slot of a key, or the free one that it would have.
func (s *shard) find(key uint64) *slot {
	low, high := uint32(key), uint32(key>>32)
	i := int(uint64(high) * uint64(len(s.slots)) >> 32)
	for {
		at := &s.slots[i]
		if at.owner == 0 || at.low == low && at.high == high {
			return at
		}
		if i++; i == len(s.slots) {
			i = 0
		}
	}
}

func (s *shard) grow() {
	old := s.slots
	s.slots = make([]slot, max(64, len(old)*3/2))
	for _, o := range old {
		if o.owner != 0 {
			*s.find(uint64(o.high)<<32 | uint64(o.low)) = o
		}
	}
}
