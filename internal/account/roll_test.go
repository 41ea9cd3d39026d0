package account_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dendro-carbon/dendro/internal/account"
)

// TestRoll numbers the rows of periods that have each other's accounts and do not, and
// compares with a plain table: whatever it expects next, it says the truth.
func TestRoll(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 11))
	for range 200 {
		var roll account.Roll
		numbers := map[account.Account]int{}
		var seen []account.Account
		for range 1 + rnd.IntN(6) {
			rows := some(t, rnd)
			if rnd.IntN(4) == 0 { // not as stores yield them
				rnd.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
			}
			for _, a := range rows {
				want, known := numbers[a]
				if !known {
					want = len(numbers)
					numbers[a] = want
					seen = append(seen, a)
				}
				if got, isNew := roll.Number(a); got != want || isNew == known {
					t.Fatalf("%v: number %d, new %v; want %d, %v", a, got, isNew, want, !known)
				}
			}
		}
		if !slices.Equal(roll.Seen(), seen) {
			t.Fatalf("seen %v, want %v", roll.Seen(), seen)
		}
	}
}

// some returns some of thirty accounts, in order, with one twice at times.
func some(t *testing.T, rnd *rand.Rand) []account.Account {
	t.Helper()
	var rows []account.Account
	chance := 1 + rnd.IntN(10)
	for i := range 30 {
		l, err := account.LabelsOf("group", fmt.Sprintf("g%02d", i/2))
		if err != nil {
			t.Fatal(err)
		}
		for rnd.IntN(10) < chance {
			rows = append(rows, account.Account{Labels: l, Kind: account.Kind(i % 2)})
			if rnd.IntN(5) > 0 {
				break
			}
		}
	}
	return rows
}

func ExampleRoll() {
	muon, _ := account.LabelsOf("group", "Muon")
	sans, _ := account.LabelsOf("group", "SANS")
	var roll account.Roll
	for _, l := range []account.Labels{muon, sans, muon} {
		fmt.Println(roll.Number(account.Account{Labels: l}))
	}
	fmt.Println(roll.Seen())
	// Output:
	// 0 true
	// 1 true
	// 0 false
	// [{group="Muon"} {group="SANS"}]
}

// What a view leaves out was seen all the same: a filter that keeps nothing can be told
// from a ledger that has nothing.
func ExampleFold_Seen() {
	muon, _ := account.LabelsOf("group", "Muon")
	fold := account.NewFold(account.View{Where: account.Filter{{Label: "group", Values: []string{"SANS"}}}}, 0)
	_ = fold.Add(account.Account{Labels: muon}, 0, account.Quantities{Energy: 1})
	fmt.Println(fold.Seen())
	// Output: [{group="Muon"}]
}
