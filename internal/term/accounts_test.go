package term

import (
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/golden"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/unit"
)

// recorded reads an answer that the tests of package query keep.
func recorded[T any](t *testing.T, name string) *T {
	t.Helper()
	text, err := os.ReadFile("../query/testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	v := new(T)
	if err := json.Unmarshal(text, v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"facility-group", "slots", "top", "total", "nothing", "local-hours", "compare", "policy"} {
		for _, width := range []int{0, 60} {
			t.Run(fmt.Sprintf("%s-%d", name, width), func(t *testing.T) {
				t.Parallel()
				var b strings.Builder
				if err := writeAccounts(&b, recorded[query.Answer](t, name), Screen{Width: width}); err != nil {
					t.Fatal(err)
				}
				golden.Equal(t, fmt.Sprintf("testdata/accounts-%s-%d.txt", name, width), b.String())
			})
		}
	}
}

// TestAccountsMarks holds that what was not measured, and what is not final, says
// so; and that names cannot act on the terminal.
func TestAccountsMarks(t *testing.T) {
	t.Parallel()
	energy, embodied := unit.Energy(5), unit.Mass(7_000_000)
	figures := account.Figures{Energy: &energy, Embodied: &embodied}
	a := &query.Answer{
		By: []string{"user"}, TimeZone: "UTC", Simulated: true,
		From:  time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		To:    time.Date(2026, 1, 1, 0, 0, 1, 0, time.UTC),
		Total: query.Total{Figures: figures, Provisional: true},
		Nodes: []query.Node{
			{Path: []string{"unattributed"}, Figures: figures},
			{Path: []string{"\x1b[31mred\n"}},
			{Path: []string{"unattributed"}, Kind: account.KindUnattributed},
		},
	}
	var b strings.Builder
	if err := writeAccounts(&b, a, Screen{}); err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "testdata/accounts-marks.txt", b.String())
}

// TestAccountsTellWhatIsNotKnown holds that carbon of a part of the energy does not look like that
// of all of it: in the table, beside another policy and in explanations.
func TestAccountsTellWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	energy, mass, half, most, all := unit.Energy(5_000_000), unit.Mass(7_000_000), unit.One/2, unit.One-1, unit.One
	figures := account.Figures{Energy: &energy, Operational: &mass, CarbonCoverage: &most, Embodied: &mass, EmbodiedCoverage: &half}
	a := &query.Answer{
		By: []string{"user"}, TimeZone: "UTC", Total: query.Total{Figures: figures},
		Nodes: []query.Node{
			{Path: []string{"a"}, Figures: figures}, {Path: []string{"b"}, Figures: account.Figures{CarbonCoverage: &all}},
		},
	}
	var table, beside strings.Builder
	var explained explainer
	if err := writeAccounts(&table, a, Screen{}); err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "testdata/accounts-unknown.txt", table.String())
	a.Compare, a.Total.Compared = "even", &query.Compared{Figures: figures}
	a.Nodes = nil
	if err := writeAccounts(&beside, a, Screen{}); err != nil {
		t.Fatal(err)
	}
	if want := "Carbon is known of 99.9 % of the energy.\nEmbodied carbon is known of 50.0 % of the host time.\n"; !strings.HasSuffix(beside.String(), want) {
		t.Errorf("%s", beside.String())
	}
	explained.figures(0, &figures)
	for _, want := range []string{", known of 99.9 % of the energy\n", ", known of 50.0 % of the host time\n"} {
		if !strings.Contains(explained.String(), want) {
			t.Errorf("%s", explained.String())
		}
	}
}

// TestAccountsAddUp holds, for random trees, that what is printed adds up: parts to
// their whole, and shares to 100 %.
func TestAccountsAddUp(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		a := randomAnswer(t, r)
		var b strings.Builder
		if err := writeAccounts(&b, a, Screen{}); err != nil {
			t.Fatal(err)
		}
		sumsHold(t, b.String())
		if t.Failed() {
			return
		}
	}
}

// randomAnswer folds random accounts, so that its figures are as exact as real
// ones.
func randomAnswer(t *testing.T, r *rand.Rand) *query.Answer {
	t.Helper()
	fold := account.NewFold(account.View{By: []string{"a", "b"}}, 0)
	for i := range 1 + r.IntN(40) {
		labels, err := account.LabelsOf("a", fmt.Sprintf("a%d", r.IntN(5)), "b", fmt.Sprintf("b%d", i))
		if err != nil {
			t.Fatal(err)
		}
		energy := unit.Energy(r.Int64N(1 << r.IntN(50)))
		q := account.Quantities{Energy: energy, CarbonEnergy: energy, Operational: unit.Mass(r.Int64N(1 << r.IntN(50))), Observed: 1, Expected: 1}
		if err := fold.Add(account.Account{Labels: labels}, 0, q); err != nil {
			t.Fatal(err)
		}
	}
	root, err := fold.Tree()
	if err != nil {
		t.Fatal(err)
	}
	a := &query.Answer{By: []string{"a", "b"}, Total: query.Total{Figures: root.Figures()}}
	for path, n := range root.Walk() {
		a.Nodes = append(a.Nodes, query.Node{Path: append([]string{}, path...), Figures: n.Figures()})
	}
	return a
}

// sumsHold adds the printed numbers of energy, its share, carbon and its share.
func sumsHold(t *testing.T, text string) {
	t.Helper()
	var total, group, groups, leaves [4]*big.Rat
	for i := range 4 {
		groups[i], leaves[i] = new(big.Rat), new(big.Rat)
	}
	check := func(what string, sum, whole [4]*big.Rat) {
		for i := range 4 {
			if whole[i] != nil && sum[i].Cmp(whole[i]) != 0 {
				t.Errorf("%s: column %d sums to %s, not %s\n%s", what, i, sum[i].FloatString(9), whole[i].FloatString(9), text)
			}
		}
	}
	for line := range strings.Lines(text) {
		fields := strings.Fields(strings.NewReplacer("│", " ", "├─", " ", "└─", " ", "%", " ").Replace(line))
		if len(fields) < 5 || !strings.ContainsAny(line, "├└") && fields[0] != "total" {
			continue
		}
		var numbers [4]*big.Rat
		for i := range 4 {
			numbers[i], _ = new(big.Rat).SetString(fields[i+1])
			if numbers[i] == nil {
				numbers[i] = new(big.Rat) // a share of nothing
			}
		}
		switch fields[0][0] {
		case 't':
			total = numbers
		case 'a':
			check("group", leaves, group)
			group = numbers
			for i := range 4 {
				groups[i].Add(groups[i], numbers[i])
				leaves[i] = new(big.Rat)
			}
		default:
			for i := range 4 {
				leaves[i].Add(leaves[i], numbers[i])
			}
		}
	}
	check("group", leaves, group)
	check("total", groups, total)
}

// TestHundredths holds that a gap is never rounded away.
func TestHundredths(t *testing.T) {
	t.Parallel()
	for r, want := range map[unit.Ratio]string{
		0: "0.0 %", 1: "0.1 %", unit.One - 1: "99.9 %", unit.One: "100.0 %", unit.One / 2: "50.0 %",
	} {
		if got := percent(&r); got != want {
			t.Errorf("%v is shown as %s, want %s", r, got, want)
		}
	}
}

func TestExplained(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"explain", "explain-then"} {
		var b strings.Builder
		if err := Explained(&b, recorded[query.Explained](t, name)); err != nil {
			t.Fatal(err)
		}
		golden.Equal(t, "testdata/"+name+".txt", b.String())
	}
	// A file of intensities has no version.
	var host explainer
	host.host(&derive.HostExplanation{Intensities: []derive.UsedIntensity{{Intensity: account.Intensity{Region: "GB", Source: "file"}}}})
	if !strings.Contains(host.String(), "intensity of GB by file: ") {
		t.Error(host.String())
	}
}
