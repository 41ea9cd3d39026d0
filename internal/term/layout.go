package term

import (
	"math"

	"github.com/dendro-carbon/dendro/internal/aggregate"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// line is one component of a tree, in the order in which they are printed.
type line struct {
	node   *tree.Node
	parent int    // index of the line, -1 for the root
	branch string // ├─ and the like, before the name
	mark   string // behind the name
}

// lines returns the components of a tree with the branches that lead to them.
func lines(root *tree.Node) []line {
	var all []line
	var add func(n *tree.Node, below string, l line)
	add = func(n *tree.Node, below string, l line) {
		at := len(all)
		l.node = n
		all = append(all, l)
		left := leftOut(n)
		for i, child := range n.Children {
			l := line{parent: at, branch: below + "├─ ", mark: left[child.Name]}
			inside := below + "│  "
			if i == len(n.Children)-1 {
				l.branch, inside = below+"└─ ", below+"   "
			}
			add(child, inside, l)
		}
	}
	add(root, "", line{parent: -1})
	return all
}

// leftOut returns what is to be said of the parts of a group that are not in its
// aggregate, by name.
func leftOut(n *tree.Node) map[string]string {
	marks := make(map[string]string)
	for _, kind := range [][2]string{{aggregate.KeySkipped, " (skipped)"}, {aggregate.KeyMissing, " (no outputs)"}} {
		for _, name := range n.Attrs.Get(kind[0]).List() {
			marks[name.String()] = kind[1]
		}
	}
	return marks
}

// metrics returns the names of the aggregated values, in the order of first
// appearance. Lists and objects are not shown.
func metrics(all []line) []string {
	var names []string
	known := map[string]bool{}
	for _, l := range all {
		for name, v := range l.node.Aggregated.All() {
			shown := v.Kind() != value.List && v.Kind() != value.Object && v.Kind() != value.Absent
			if shown && !known[name] {
				known[name] = true
				names = append(names, name)
			}
		}
	}
	return names
}

// numbersOf returns a metric of each line, NaN where there is no number.
func numbersOf(all []line, metric string) []float64 {
	numbers := make([]float64, len(all))
	for i, l := range all {
		numbers[i] = math.NaN()
		if f, ok := l.node.Aggregated.Get(metric).Float(); ok {
			numbers[i] = f
		}
	}
	return numbers
}

// tolerance is how far sums of floats in different orders may be apart.
const tolerance = 1e-9

// addsUp reports whether the parts of every component that has some add up to
// it, as energy does and a utilisation does not. Only then is a share of the
// whole a share.
func addsUp(all []line, numbers []float64) bool {
	sums, sizes := make([]float64, len(all)), make([]float64, len(all))
	parts := make([]int, len(all))
	for i, l := range all {
		if l.parent >= 0 && !math.IsNaN(numbers[i]) {
			sums[l.parent] += numbers[i]
			sizes[l.parent] += math.Abs(numbers[i])
			parts[l.parent]++
		}
	}
	for i := range all {
		if math.IsInf(numbers[i], 0) {
			return false
		}
		// The negation is for NaN, a whole that is missing.
		if parts[i] > 0 && !(math.Abs(sums[i]-numbers[i]) <= tolerance*sizes[i]) {
			return false
		}
	}
	return len(all) > 1 && parts[0] > 0
}

// divideDown rounds the numbers, of which whole is the root's, so that the
// parts of every component add up to it. It must be a metric that adds up.
func divideDown(all []line, numbers []float64, whole int64) []int64 {
	rounded := make([]int64, len(all))
	rounded[0] = whole
	children := make([][]int, len(all))
	for i, l := range all {
		if l.parent >= 0 && !math.IsNaN(numbers[i]) {
			children[l.parent] = append(children[l.parent], i)
		}
	}
	for i := range all { // parents stand before their children
		parts := make([]float64, len(children[i]))
		for k, child := range children[i] {
			parts[k] = numbers[child]
		}
		if len(parts) == 0 {
			continue
		}
		for k, part := range divide(rounded[i], parts) {
			rounded[children[i][k]] = part
		}
	}
	return rounded
}
