// Package distinct tells pairs of numbers that are new from those that came before, such as
// a trace and an endpoint that it touches.
//
// The fact that a reader would get wrong: it is made for pairs whose first number comes
// several times in a row and with few second ones. These are found in memory that
// was just used; in a map of all pairs each would be looked for somewhere else.
package distinct

// longest is how many second numbers of a first one are in its list. More are in a map, so
// that a first number with thousands of them does not take ever longer.
const longest = 32

// Pairs is a set of pairs. The zero value is an empty one. It is for one goroutine.
type Pairs struct {
	heads []uint32 // by first number: the place of its newest node in nodes, from 1; 0 for none
	nodes []node
	more  map[uint64]struct{}
}

// node is a pair, and where the one before it with the same first number is.
type node struct{ second, before uint32 }

// Add adds a pair and reports whether it is new. First numbers take memory from 0 up to the
// largest: they should have no gaps.
func (p *Pairs) Add(first, second uint32) bool {
	for uint64(first) >= uint64(len(p.heads)) {
		p.heads = append(p.heads, 0)
	}
	length := 0
	for at := p.heads[first]; at != 0; length++ {
		n := p.nodes[at-1]
		if n.second == second {
			return false
		}
		at = n.before
	}
	if length >= longest {
		return p.addMore(uint64(first)<<32 | uint64(second))
	}
	p.nodes = append(p.nodes, node{second, p.heads[first]})
	p.heads[first] = uint32(len(p.nodes))
	return true
}

func (p *Pairs) addMore(pair uint64) bool {
	if _, known := p.more[pair]; known {
		return false
	}
	if p.more == nil {
		p.more = map[uint64]struct{}{}
	}
	p.more[pair] = struct{}{}
	return true
}

// Reset forgets all pairs and keeps the memory.
func (p *Pairs) Reset() {
	p.heads, p.nodes = p.heads[:0], p.nodes[:0]
	clear(p.more)
}
