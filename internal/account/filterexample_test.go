package account_test

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/account"
)

// numbered shows users by a number.
type numbered struct{}

func (numbered) Renames(label string) bool { return label == "user" }

func (numbered) Rename(l account.Labels) account.Labels {
	l, _ = l.With("user", fmt.Sprint("number ", len(l.Get("user"))))
	return l
}

// A rule that names people is shown as they are.
func ExampleFilter_Renamed() {
	rule := account.Filter{{Label: "user", Values: []string{"anna", "benedikt"}}, {Label: "group", Values: []string{"IDAaaS_Muon"}}}
	fmt.Println(rule.Renamed(numbered{}))
	// Output: [{user [number 4 number 8]} {group [IDAaaS_Muon]}]
}
