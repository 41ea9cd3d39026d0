package derive_test

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
)

// A service says where it runs; a rule may say what the sources call that. Where hosts
// are of which nothing is known says nothing of it.
func ExampleMethod_RegionOf() {
	m := derive.Method{Places: []derive.PlaceRule{
		{Where: account.Filter{{Label: derive.LabelRegion, Values: []string{"eu-west-2"}}}, Region: "GB"},
		{Region: "WORLD"},
	}}
	fmt.Println(m.RegionOf("eu-west-2"), m.RegionOf("eu-west-3"))
	// Output: GB eu-west-3
}
