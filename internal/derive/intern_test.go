package derive

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRankOfGrowingTable ranks a table again and again while it grows: each time as if
// all of it were sorted anew.
func TestRankOfGrowingTable(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	table := newTable(cmp.Compare[int])
	for range 200 {
		for range random.IntN(5) {
			table.id(random.IntN(300))
		}
		ranks := table.rank()
		sorted := slices.Sorted(slices.Values(table.list))
		for id, value := range table.list {
			if sorted[ranks[id]] != value {
				t.Fatalf("%d of %v has rank %d", value, sorted, ranks[id])
			}
		}
	}
}
