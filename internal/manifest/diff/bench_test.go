package diff_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/diff"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// table returns a tree of components with ten metrics each.
func table(components, steps int, change float64) diff.Side {
	root := tree.New("", "tree")
	for c := range components {
		times := make([]int64, steps)
		for i := range times {
			times[i] = int64(i) * time.Minute.Milliseconds()
		}
		cols := []*frame.Column{frame.NewTimes("timestamp", times, value.ISOMillis)}
		for m := range 10 {
			nums := make([]float64, steps)
			for i := range nums {
				nums[i] = float64(i*m) + change
			}
			cols = append(cols, frame.NewNumbers(fmt.Sprint("m", m), nums))
		}
		leaf := tree.New(fmt.Sprint("c", c), fmt.Sprint("tree.children.c", c))
		leaf.SetOutputs(frame.New(steps, cols...))
		root.Children = append(root.Children, leaf)
	}
	root.SetChildren(root.Children)
	return diff.Side{Tree: root}
}

func BenchmarkCompare(b *testing.B) {
	for name, change := range map[string]float64{"equal": 0, "all-different": 1} {
		b.Run(name, func(b *testing.B) {
			x, y := table(100, 1440, 0), table(100, 1440, change)
			b.ReportAllocs()
			for b.Loop() {
				diff.Compare(x, y, diff.Options{Limit: 20})
			}
			b.ReportMetric(float64(100*1440*11*b.N)/b.Elapsed().Seconds(), "values/s")
		})
	}
}
