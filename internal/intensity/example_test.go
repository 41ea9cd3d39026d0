package intensity_test

import (
	"errors"
	"fmt"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/intensity"
)

// Sources of one chain answer for one another, so all must count the same.
func ExampleCheckChain() {
	combustion := account.Accounting{Scope: "combustion", Approach: "location"}
	lifecycle := account.Accounting{Scope: "lifecycle", Approach: "location"}
	fmt.Println(intensity.CheckChain([]intensity.Info{{Name: "ukgrid", Accounting: combustion}, {Name: "annual", Accounting: combustion}}))
	err := intensity.CheckChain([]intensity.Info{{Name: "ukgrid", Accounting: combustion}, {Name: "em", Accounting: lifecycle}})
	fmt.Println(err)
	fmt.Println(errors.Is(err, intensity.ErrChain))
	// Output:
	// <nil>
	// intensity sources cannot be one chain: "ukgrid" counts combustion, location-based, but "em" counts lifecycle, location-based; use sources that count the same
	// true
}
