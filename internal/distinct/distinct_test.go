package distinct_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/dendro-carbon/dendro/internal/distinct"
)

func ExamplePairs() {
	var p distinct.Pairs
	fmt.Println(p.Add(0, 7), p.Add(0, 7), p.Add(1, 7))
	p.Reset()
	fmt.Println(p.Add(0, 7))
	// Output:
	// true false true
	// true
}

// Pairs are those of a map, in any order: first numbers with few second ones, and with
// thousands.
func TestPairsAreThoseOfAMap(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var p distinct.Pairs
	for round := range 3 {
		known := map[[2]uint32]bool{}
		for range 100_000 {
			pair := [2]uint32{random.Uint32N(500), random.Uint32N(8)}
			if pair[0] < 3 { // some have many
				pair[1] = random.Uint32() % 3000
			}
			if isNew := p.Add(pair[0], pair[1]); isNew == known[pair] {
				t.Fatalf("round %d: %v is new: %v", round, pair, isNew)
			}
			known[pair] = true
		}
		p.Reset()
	}
}

// A pair that comes again costs no memory.
func TestPairsAgain(t *testing.T) {
	var p distinct.Pairs
	add := func() {
		for first := range uint32(100) {
			for second := range uint32(100) {
				p.Add(first, second)
			}
		}
	}
	add()
	if n := testing.AllocsPerRun(10, add); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
