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
// It takes 12 bytes for each, at a load of 5/9 to 5/6. Beyond limit, they go to a file; then a
// window that is met again much later is found in the end only, and the fold is done again
// knowing which those are (see [seen.twice]).
//
// Seeds are of the process, so nobody can make windows that are taken for one another; by
// chance two of a million are so once in thirty million folds.
type seen struct {
	seed   maphash.Seed
	shards [256]shard
	// again counts, by number of the input, windows that an input before it has, or it
	// has itself: the same in whatever order they are met.
	again []atomic.Uint64
	limit int  // of windows in a shard
	known bool // only windows that are met more than once are kept, and all of them are there
	spill spill
}

// maxSeen is how many windows are kept in memory: up to 6 MB.
const maxSeen = 1 << 18

// shard is a part of the windows.
type shard struct {
	mu     sync.Mutex
	slots  []slot
	used   int
	pieces []piece // of the file
}

// slot is a window. Its owner is the number of an input, from 1: 0 is a slot that is free.
type slot struct{ low, high, owner uint32 }

// An owner may be marked as met more than once, and unmet is one that stands for nobody yet.
const (
	metAgain = 1 << 31
	unmet    = metAgain - 1
)

func (s slot) key() uint64      { return uint64(s.high)<<32 | uint64(s.low) }
func (s slot) isOf(o slot) bool { return s.low == o.low && s.high == o.high }

func newSeen(inputs, limit int, scratch string) *seen {
	s := &seen{seed: maphash.MakeSeed(), again: make([]atomic.Uint64, inputs)}
	s.limit, s.spill.dir = max(limit/len(s.shards), 1), scratch
	return s
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
	before := s.meet(slot{uint32(key), uint32(key >> 32), owner})
	if before == 0 {
		return true
	}
	s.again[max(owner, before)-1].Add(1)
	return false
}

// meet notes a window and returns its owner before, 0 for none. The lower owner stays.
func (s *seen) meet(w slot) (before uint32) {
	shard := &s.shards[w.key()%uint64(len(s.shards))]
	shard.mu.Lock()
	defer shard.mu.Unlock()
	if s.known {
		return shard.visit(w)
	}
	if shard.used >= s.limit && s.spill.write(shard) {
		shard.used = 0
		clear(shard.slots)
	}
	return shard.insert(w) &^ metAgain
}

// visit is insert where all windows that count are there.
func (s *shard) visit(w slot) (before uint32) {
	if len(s.slots) == 0 {
		return 0
	}
	at := s.find(w)
	before = at.owner
	if before == 0 || before == unmet {
		if before == unmet {
			at.owner = w.owner
		}
		return 0
	}
	at.owner = min(w.owner, before)
	return before
}

// insert adds a window. If it is there, it is left to the lower of its owners, and the
// one of before is returned.
func (s *shard) insert(w slot) (before uint32) {
	if s.used >= len(s.slots)*5/6 {
		s.grow()
	}
	at := s.find(w)
	before = at.owner
	if before == 0 {
		s.used++
		*at = w
		return 0
	}
	at.owner = min(w.owner&^metAgain, before&^metAgain) | metAgain
	return before
}

// find returns the slot of a window, or the free one that it would have.
func (s *shard) find(w slot) *slot {
	i := int(uint64(w.high) * uint64(len(s.slots)) >> 32)
	for {
		at := &s.slots[i]
		if at.owner == 0 || at.isOf(w) {
			return at
		}
		if i++; i == len(s.slots) {
			i = 0
		}
	}
}

func (s *shard) grow() { s.resize(max(64, len(s.slots)*3/2)) }

// reserve makes room for what is in the file.
func (s *shard) reserve() {
	total := s.used
	for _, p := range s.pieces {
		total += p.slots
	}
	s.resize(max(len(s.slots), total*5/4))
}

func (s *shard) resize(slots int) {
	old := s.slots
	s.slots = make([]slot, slots)
	for _, o := range old {
		if o.owner != 0 {
			*s.find(o) = o
		}
	}
}

// twice returns nil if all windows that were met more than once were found to be so when they
// were met, and else what knows them all for another fold. It takes memory for one shard at a
// time, and for windows that there are twice.
func (s *seen) twice() (*seen, error) {
	late := false
	var found []slot
	for i := range s.shards {
		shard := &s.shards[i]
		shard.reserve()
		for _, p := range shard.pieces {
			if err := s.spill.read(p, func(w slot) { late = shard.insert(w) != 0 || late }); err != nil {
				return nil, err
			}
		}
		for _, w := range shard.slots {
			if w.owner&metAgain != 0 {
				found = append(found, slot{w.low, w.high, unmet})
			}
		}
		shard.slots, shard.used, shard.pieces = nil, 0, nil
	}
	if !late {
		return nil, nil
	}
	all := newSeen(len(s.again), len(found), "")
	all.seed, all.known = s.seed, true
	for _, w := range found {
		all.shards[w.key()%uint64(len(all.shards))].insert(w)
	}
	return all, nil
}
