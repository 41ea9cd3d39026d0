package aggregate_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/dendro-carbon/dendro/internal/aggregate"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// forest is a tree of three levels: leaves in groups of ten, these in one.
func forest(leaves, steps, metrics int) *tree.Node {
	random := rand.New(rand.NewPCG(1, 2))
	stamps := make([]int64, steps)
	for i := range stamps {
		stamps[i] = 1704067200000 + int64(i)*60_000
	}
	root := tree.New("", "tree")
	var groups []*tree.Node
	for i := range leaves {
		if i%10 == 0 {
			groups = append(groups, tree.New(fmt.Sprint("g", i), fmt.Sprint("tree.children.g", i)))
			groups[i/10].SetChildren(nil)
		}
		g := groups[i/10]
		l := tree.New(fmt.Sprint("l", i), fmt.Sprint(g.Path, ".children.l", i))
		cols := []*frame.Column{
			frame.NewTimes("timestamp", stamps, value.ISOMillis),
			frame.NewConstant("duration", steps, value.OfNumber(60)),
		}
		for m := range metrics {
			nums := make([]float64, steps)
			for j := range nums {
				nums[j] = random.Float64()
			}
			cols = append(cols, frame.NewNumbers(fmt.Sprint("m", m), nums))
		}
		l.SetOutputs(frame.New(steps, cols...))
		g.SetChildren(append(g.Children, l))
	}
	root.SetChildren(groups)
	return root
}

// BenchmarkRun adds up a whole tree in memory. A value is one metric of one row
// of a leaf.
func BenchmarkRun(b *testing.B) {
	for _, kind := range []struct {
		name string
		kind aggregate.Kind
	}{{"horizontal", aggregate.Horizontal}, {"vertical", aggregate.Vertical}, {"both", aggregate.Both}} {
		for _, size := range []struct{ leaves, steps int }{{100, 1440}, {20, 100_000}} {
			root := forest(size.leaves, size.steps, 4)
			for _, method := range []string{"sum", "avg"} {
				r := methods("m0 "+method+" "+method, "m1 "+method+" "+method, "m2 "+method+" "+method, "m3 "+method+" "+method)
				cfg := aggregate.Config{Metrics: []string{"m0", "m1", "m2", "m3"}, Kind: kind.kind}
				b.Run(fmt.Sprintf("%s/%s/%dx%d", kind.name, method, size.leaves, size.steps), func(b *testing.B) {
					b.ReportAllocs()
					values := size.leaves * size.steps * 4
					b.SetBytes(int64(8 * values))
					for b.Loop() {
						if _, err := aggregated(root, r, cfg, aggregate.Options{}); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(values)*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gvalues/s")
				})
			}
		}
	}
}
