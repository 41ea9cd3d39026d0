package term

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/unit"
)

// policyName returns how the policy of an answer is called.
func policyName(a *query.Answer) string { return printable(cmp.Or(a.Policy, "of the ledger")) }

// compareAccounts adds the columns of a comparison: each amount under one policy,
// under the other, and the difference.
func (t *treeTable) compareAccounts(a *query.Answer) {
	rows := []compareRow{{&a.Total.Figures, a.Total.Compared}}
	for i := range a.Nodes {
		rows = append(rows, compareRow{&a.Nodes[i].Figures, a.Nodes[i].Compared})
	}
	names := [2]string{policyName(a), printable(a.Compare)}
	t.compare("energy", "kWh", names, rows, func(f *account.Figures) float64 { return number(f.Energy, unit.Energy.KWh) })
	t.compare("carbon", "gCO2e", names, rows, func(f *account.Figures) float64 { return number(f.Operational, unit.Mass.Grams) })
	if a.Total.Embodied != nil {
		t.compare("embodied", "gCO2e", names, rows, func(f *account.Figures) float64 { return number(f.Embodied, unit.Mass.Grams) })
	}
}

// compareRow is the figures of one line under both policies.
type compareRow struct {
	figures  *account.Figures
	compared *query.Compared
}

// compare adds three columns. They have one scale, and the difference is that of the
// numbers as they are printed, so that who checks the sums by hand finds them right
// across as well as down.
func (t *treeTable) compare(name, label string, policies [2]string, rows []compareRow, of func(*account.Figures) float64) {
	var numbers [2][]float64
	for _, r := range rows {
		numbers[0] = append(numbers[0], of(r.figures))
		numbers[1] = append(numbers[1], of(&r.compared.Figures))
	}
	s := scaleOf(slices.Concat(numbers[0], numbers[1]))
	unitName := strings.TrimSpace(s.prefix() + " " + label)
	difference := &block{name: name + ", difference", unit: unitName, values: make([]string, len(rows))}
	var printed [2][]int64
	for i := range numbers {
		printed[i] = t.printed(numbers[i], s)
		b := &block{name: name + ", " + policies[i], unit: unitName, values: make([]string, len(rows))}
		for j, n := range printed[i] {
			b.values[j] = missing
			if !math.IsNaN(numbers[i][j]) {
				b.values[j] = s.formatUnits(n)
			}
		}
		t.blocks = append(t.blocks, b)
	}
	for j := range rows {
		difference.values[j] = missing
		if !math.IsNaN(numbers[0][j] + numbers[1][j]) {
			difference.values[j] = s.formatUnits(printed[1][j] - printed[0][j])
		}
	}
	t.blocks = append(t.blocks, difference)
}

// printed returns numbers as whole numbers of the last digit shown: parts that add
// up do so as they are printed.
func (t *treeTable) printed(numbers []float64, s scale) []int64 {
	units, rounded := make([]float64, len(numbers)), make([]int64, len(numbers))
	for i, f := range numbers {
		if units[i] = s.units(f); !math.IsNaN(f) {
			rounded[i] = int64(math.RoundToEven(units[i]))
		}
	}
	if addsUp(t.lines, numbers) {
		return divideDown(t.lines, units, rounded[0])
	}
	return rounded
}
