package account_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/unit"
)

// fold returns the tree of amounts by user; "(idle)" is kept apart.
func fold(v account.View, energy map[string]unit.Energy) *account.Node {
	f := account.NewFold(v, 0)
	for user, e := range energy {
		l, _ := account.LabelsOf("user", user)
		a := account.Account{Labels: l}
		if user == "(idle)" {
			a = account.Account{Kind: account.KindIdle}
		}
		if err := f.Add(a, 0, account.Quantities{Energy: e}); err != nil {
			panic(err)
		}
	}
	root, err := f.Tree()
	if err != nil {
		panic(err)
	}
	return root
}

// Two policies side by side: who has something under one of them alone has a row
// in both.
func ExampleView_Align() {
	all := account.View{By: []string{"user"}, Sort: account.SortEnergy}
	holder := fold(all, map[string]unit.Energy{"anna": 6_000_000, "ben": 3_000_000, "cleo": 1_000_000})
	apart := fold(all, map[string]unit.Energy{"anna": 1_000_000, "ben": 2_000_000, "(idle)": 7_000_000})
	shown := all
	shown.Top = 2
	if err := shown.Align(holder, apart); err != nil {
		fmt.Println(err)
		return
	}
	for i, n := range holder.Children {
		fmt.Println(n.Name, n.Kind, n.Energy, apart.Children[i].Name, apart.Children[i].Energy)
	}
	// Output:
	// anna account 0.006 kWh anna 0.001 kWh
	// ben account 0.003 kWh ben 0.002 kWh
	// idle idle 0 kWh idle 0.007 kWh
	// other other 0.001 kWh other 0 kWh
}

// initials shows people by their first letter.
type initials struct{}

func (initials) Renames(label string) bool { return label == "user" }

func (initials) Rename(l account.Labels) account.Labels {
	if user := l.Get("user"); user != "" {
		l, _ = l.With("user", user[:1]+".")
	}
	return l
}

// A store knows people by their names, so the match on them is left to the fold.
func ExampleView_Stored() {
	v := account.View{By: []string{"user"}, Names: initials{}, Where: account.Filter{
		{Label: "user", Values: []string{"a."}}, {Label: "group", Values: []string{""}},
	}}
	fmt.Println(v.Stored())
	root := fold(v, map[string]unit.Energy{"anna": 1, "axel": 2, "ben": 4})
	fmt.Println(root.Children[0].Name, root.Energy)
	// Output:
	// [{group []}]
	// a. 0.000000003 kWh
}

// TestAlignSeries holds that nodes that are added have periods of which nothing is
// known, at every level, and that nothing changes the totals.
func TestAlignSeries(t *testing.T) {
	t.Parallel()
	v := account.View{By: []string{"group", "user"}}
	tree := func(period int, path ...string) *account.Node {
		l, _ := account.LabelsOf("group", path[0], "user", path[1])
		f := account.NewFold(v, 3)
		if err := f.Add(account.Account{Labels: l}, period, account.Quantities{Energy: 5}); err != nil {
			t.Fatal(err)
		}
		root, err := f.Tree()
		if err != nil {
			t.Fatal(err)
		}
		return root
	}
	a, b := tree(0, "g", "anna"), tree(2, "h", "ben")
	if err := v.Align(a, b); err != nil {
		t.Fatal(err)
	}
	var names [2][]string
	for i, root := range []*account.Node{a, b} {
		for path, n := range root.Walk() {
			names[i] = append(names[i], strings.Join(path, "/"))
			if len(n.Series) != 3 {
				t.Errorf("%v has %d periods", path, len(n.Series))
			}
		}
		if root.Energy != 5 {
			t.Errorf("total %v", root.Energy)
		}
	}
	if got := fmt.Sprint(names[0], names[1]); got != "[g g/anna h h/ben] [g g/anna h h/ben]" {
		t.Error(got)
	}
}
