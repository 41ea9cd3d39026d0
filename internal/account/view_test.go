package account_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/unit"
)

func ExampleFold() {
	add := func(f *account.Fold, kind account.Kind, energy unit.Energy, labels ...string) {
		l, _ := account.LabelsOf(labels...)
		if err := f.Add(account.Account{Labels: l, Kind: kind}, 0, account.Quantities{Energy: energy}); err != nil {
			panic(err)
		}
	}
	fold := account.NewFold(account.View{By: []string{"group", "user"}, Sort: account.SortEnergy}, 0)
	add(fold, account.KindAccount, 5_000_000, "group", "IDAaaS_Muon", "user", "A")
	add(fold, account.KindAccount, 3_000_000, "group", "IDAaaS_Muon", "user", "unattributed") // a user of that name
	add(fold, account.KindUnattributed, 2_000_000, "group", "IDAaaS_Muon")
	add(fold, account.KindAccount, 1_000_000, "user", "C")
	root, _ := fold.Tree()
	fmt.Println("total", root.Energy)
	for path, node := range root.Walk() {
		fmt.Println(strings.Join(path, "/"), node.Kind, node.Energy)
	}
	// Output:
	// total 0.011 kWh
	// IDAaaS_Muon account 0.01 kWh
	// IDAaaS_Muon/A account 0.005 kWh
	// IDAaaS_Muon/unattributed account 0.003 kWh
	// IDAaaS_Muon/unattributed unattributed 0.002 kWh
	// unknown unknown 0.001 kWh
	// unknown/C account 0.001 kWh
}

func randomQuantities(r *rand.Rand) account.Quantities {
	var v [13]int64
	for i := range v {
		v[i] = r.Int64N(1 << (1 + r.IntN(40)))
	}
	return account.QuantitiesOf(v)
}

// row is one input of a fold.
type row struct {
	account account.Account
	period  int
	account.Quantities
}

func randomRows(t *testing.T, r *rand.Rand, periods int) []row {
	t.Helper()
	var rows []row
	for range r.IntN(120) {
		labels := map[string]string{}
		for _, level := range []string{"facility", "group", "user"} {
			if r.IntN(4) > 0 {
				labels[level] = []string{"x", "y", "other", "unattributed", "z\n\"", "idle"}[r.IntN(6)]
			}
		}
		l, err := account.NewLabels(labels)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row{account.Account{Labels: l, Kind: account.Kind(r.IntN(3))}, r.IntN(max(1, periods)), randomQuantities(r)})
	}
	return rows
}

// TestTreesAddUp holds for random rows, levels, orders and caps that the children
// and rests of every node sum to it, as integers and as printed, in total and in
// every period, and that the root is the sum of all rows.
func TestTreesAddUp(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(21, 22))
	for range 400 {
		levels := []string{"facility", "group", "user", "nothing has this"}
		r.Shuffle(len(levels), func(i, j int) { levels[i], levels[j] = levels[j], levels[i] })
		view := account.View{
			By: levels[:r.IntN(5)], Top: r.IntN(4),
			Sort: []account.Sort{account.SortCarbon, account.SortEnergy, account.SortName, ""}[r.IntN(4)],
		}
		periods := r.IntN(4)
		rows := randomRows(t, r, periods)
		root := foldRows(t, view, periods, rows)
		var want account.Quantities
		for _, row := range rows {
			want = mustAdd(t, want, row.Quantities)
		}
		if root.Quantities != want {
			t.Fatalf("the root is %+v, the rows sum to %+v", root.Quantities, want)
		}
		checkNode(t, root, view, periods)

		r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		sameTree(t, "after shuffling the rows", root, foldRows(t, view, periods, rows))
		sameTree(t, "in two folds, merged", root, foldMerged(t, view, periods, rows))
	}
}

func foldRows(t *testing.T, v account.View, periods int, rows []row) *account.Node {
	t.Helper()
	fold := account.NewFold(v, periods)
	for _, row := range rows {
		if err := fold.Add(row.account, row.period, row.Quantities); err != nil {
			t.Fatal(err)
		}
	}
	root, err := fold.Tree()
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// sameTree compares quickly, and in detail only what differs.
func sameTree(t *testing.T, what string, want, got *account.Node) {
	t.Helper()
	if !reflect.DeepEqual(want, got) {
		t.Fatalf("%s:\n%s", what, cmp.Diff(want, got))
	}
}

// foldMerged folds the rows in two halves, one of which goes on after the merge.
func foldMerged(t *testing.T, v account.View, periods int, rows []row) *account.Node {
	t.Helper()
	first, second := account.NewFold(v, periods), account.NewFold(v, periods)
	third := len(rows) / 3
	for i, row := range rows {
		if i == 2*third {
			if err := first.Merge(second); err != nil {
				t.Fatal(err)
			}
		}
		into := first
		if i >= third && i < 2*third {
			into = second
		}
		if err := into.Add(row.account, row.period, row.Quantities); err != nil {
			t.Fatal(err)
		}
	}
	root, err := first.Tree()
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func mustAdd(t *testing.T, a, b account.Quantities) account.Quantities {
	t.Helper()
	sum, err := a.Add(b)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func checkNode(t *testing.T, n *account.Node, v account.View, periods int) {
	t.Helper()
	if len(n.Series) != periods {
		t.Fatalf("%q has %d periods of %d", n.Name, len(n.Series), periods)
	}
	if periods > 0 {
		var sum account.Quantities
		for _, q := range n.Series {
			if q != nil {
				sum = mustAdd(t, sum, *q)
			}
		}
		if sum != n.Quantities {
			t.Fatalf("%q: its periods sum to %+v, not %+v", n.Name, sum, n.Quantities)
		}
	}
	if len(n.Children) == 0 {
		return
	}
	var sum account.Quantities
	printed, series := new(big.Rat), make([]account.Quantities, periods)
	accounts := 0
	for _, c := range n.Children {
		checkNode(t, c, v, periods)
		sum = mustAdd(t, sum, c.Quantities)
		if c.Kind == account.KindAccount {
			accounts++
		}
		energy, ok := new(big.Rat).SetString(c.Energy.Fixed())
		if !ok {
			t.Fatalf("%q is no number", c.Energy.Fixed())
		}
		printed.Add(printed, energy)
		for i, q := range c.Series {
			if q != nil {
				series[i] = mustAdd(t, series[i], *q)
			}
		}
	}
	if sum != n.Quantities || printed.FloatString(9) != n.Energy.Fixed() {
		t.Fatalf("%q: its children sum to %+v, printed %s; it is %+v", n.Name, sum, printed.FloatString(9), n.Quantities)
	}
	for i, q := range n.Series {
		if (q == nil && series[i] != account.Quantities{}) || (q != nil && *q != series[i]) {
			t.Fatalf("%q, period %d: %+v, its children sum to %+v", n.Name, i, q, series[i])
		}
	}
	if v.Top > 0 && accounts > v.Top {
		t.Fatalf("%q: %d accounts, the view asks for %d", n.Name, accounts, v.Top)
	}
	checkOrder(t, n, v)
}

// checkOrder holds that accounts come before rests, sorted as asked, and that no two
// nodes are the same.
func checkOrder(t *testing.T, n *account.Node, v account.View) {
	t.Helper()
	for i, c := range n.Children[1:] {
		before := n.Children[i]
		if before.Kind > c.Kind {
			t.Fatalf("%q: %v %q before %v %q", n.Name, before.Kind, before.Name, c.Kind, c.Name)
		}
		if before.Kind != c.Kind {
			continue
		}
		key := func(n *account.Node) int64 { return -int64(n.Operational) }
		switch v.Sort {
		case account.SortEnergy:
			key = func(n *account.Node) int64 { return -int64(n.Energy) }
		case account.SortName:
			key = func(*account.Node) int64 { return 0 }
		}
		if key(before) > key(c) || (key(before) == key(c) && before.Name >= c.Name) {
			t.Fatalf("%q: %q before %q by %q", n.Name, before.Name, c.Name, v.Sort)
		}
	}
}

func TestTop(t *testing.T) {
	t.Parallel()
	rows := []row{}
	for i, name := range []string{"a", "b", "c", "d"} {
		rows = append(rows, row{account.Account{Labels: mustLabels(t, "user", name)}, 0, account.Quantities{Operational: unit.Mass(i + 1)}})
	}
	rows = append(rows, row{account.Account{Kind: account.KindIdle}, 0, account.Quantities{Operational: 100}})
	root := foldRows(t, account.View{By: []string{"user"}, Top: 2}, 1, rows)
	var got []string
	for _, c := range root.Children {
		got = append(got, fmt.Sprint(c.Name, " ", c.Kind, " ", int64(c.Operational), " ", int64(c.Series[0].Operational)))
	}
	want := []string{"d account 4 4", "c account 3 3", "idle idle 100 100", "other other 3 3"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWhere(t *testing.T) {
	t.Parallel()
	rows := []row{
		{account.Account{Labels: mustLabels(t, "user", "a", "group", "g")}, 0, account.Quantities{Energy: 1}},
		{account.Account{Labels: mustLabels(t, "user", "b", "group", "g")}, 0, account.Quantities{Energy: 2}},
		{account.Account{Labels: mustLabels(t, "group", "g"), Kind: account.KindUnattributed}, 0, account.Quantities{Energy: 4}},
	}
	for _, tt := range []struct {
		where account.Filter
		want  unit.Energy
	}{
		{nil, 7},
		{account.Filter{{Label: "user", Values: []string{"a", "b"}}}, 3},
		{account.Filter{{Label: "user", Values: []string{""}}}, 4},
		{account.Filter{{Label: "group", Values: []string{"g"}}, {Label: "user", Values: []string{"b"}}}, 2},
		{account.Filter{{Label: "group"}}, 0},
	} {
		if root := foldRows(t, account.View{By: []string{"user"}, Where: tt.where}, 0, rows); root.Energy != tt.want {
			t.Errorf("%v: %d, want %d", tt.where, int64(root.Energy), int64(tt.want))
		}
	}
}

func TestFoldErrors(t *testing.T) {
	t.Parallel()
	big, one := account.Quantities{Energy: math.MaxInt64}, account.Quantities{Energy: 1}
	a, b := account.Account{Labels: mustLabels(t, "user", "a")}, account.Account{Labels: mustLabels(t, "user", "b")}
	fold := account.NewFold(account.View{By: []string{"user"}}, 0)
	if err := errors.Join(fold.Add(a, 0, big), fold.Add(b, 0, one)); err != nil {
		t.Fatal(err)
	}
	if _, err := fold.Tree(); !errors.Is(err, unit.ErrOverflow) {
		t.Errorf("tree: %v, want an overflow", err)
	}
	fold = account.NewFold(account.View{}, 2)
	if err := errors.Join(fold.Add(a, 1, big)); err != nil {
		t.Fatal(err)
	}
	if err := fold.Add(a, 1, one); !errors.Is(err, unit.ErrOverflow) {
		t.Errorf("add: %v, want an overflow", err)
	}
	if err := fold.Add(a, 2, one); err == nil {
		t.Error("a period that does not exist is an error")
	}
}

func TestQuantities(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(31, 32))
	for range 100 {
		a, b := randomQuantities(r), randomQuantities(r)
		if back := account.QuantitiesOf(a.Values()); back != a {
			t.Fatalf("%+v through Values is %+v", a, back)
		}
		difference, err := mustAdd(t, a, b).Sub(b)
		if err != nil || difference != a {
			t.Fatalf("a + b - b = %+v, %v", difference, err)
		}
	}
	for i, name := range account.QuantityNames() {
		var most, least, one [13]int64
		most[i], least[i], one[i] = math.MaxInt64, math.MinInt64, 1
		if _, err := account.QuantitiesOf(most).Add(account.QuantitiesOf(one)); !errors.Is(err, unit.ErrOverflow) {
			t.Errorf("%s: adding does not overflow", name)
		}
		if _, err := account.QuantitiesOf(least).Sub(account.QuantitiesOf(one)); !errors.Is(err, unit.ErrOverflow) {
			t.Errorf("%s: subtracting does not overflow", name)
		}
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	q := account.Quantities{
		Energy: 4_000_000, CarbonEnergy: 3_000_000, Operational: 600_000, EstimatedEnergy: 1_000_000,
		Observed: 50, Expected: 100, Busy: 1, Embodied: 5, EmbodiedTime: 1,
	}
	f := q.Figures()
	got := []string{
		f.Energy.Decimal(), f.Operational.Decimal(), f.Intensity.Decimal(), f.Coverage.Decimal(),
		f.CarbonCoverage.Decimal(), f.EstimatedShare.Decimal(), f.Embodied.Decimal(),
	}
	if want := []string{"0.004", "0.6", "200", "0.5", "0.75", "0.25", "0.000005"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	unknownCarbon := account.Quantities{Energy: 1, Observed: 1, Expected: 1}.Figures()
	if unknownCarbon.Operational != nil || unknownCarbon.Intensity != nil || *unknownCarbon.CarbonCoverage != 0 || unknownCarbon.Embodied != nil {
		t.Errorf("energy without intensity: %+v", unknownCarbon)
	}
	zero := account.Quantities{Observed: 1, Expected: 1}.Figures()
	if zero.Energy == nil || *zero.Energy != 0 || zero.Operational == nil || zero.CarbonCoverage != nil {
		t.Errorf("a true zero: %+v", zero)
	}
	missing := account.Quantities{Expected: 1}.Figures()
	if missing.Energy != nil || missing.Operational != nil || missing.Busy != nil || *missing.Coverage != 0 {
		t.Errorf("no data: %+v", missing)
	}
}
