package ukgrid_test

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/intensity/ukgrid"
)

// The whole of Great Britain, its countries and its distribution regions.
func ExampleRegions() {
	regions := ukgrid.Regions()
	fmt.Println(len(regions), regions[0])
	c := ukgrid.Defaults()
	c.URL = "api.carbonintensity.org.uk"
	fmt.Println(c.Validate())
	// Output:
	// 38 GB
	// url: "api.carbonintensity.org.uk" does not begin with http:// or https://
}
