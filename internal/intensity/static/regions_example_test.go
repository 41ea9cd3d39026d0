package static_test

import (
	"fmt"
	"slices"

	"github.com/dendro-carbon/dendro/internal/intensity/static"
)

// A region is a country, by code or name, a group of them, or one of a cloud.
func ExampleSource_Regions() {
	s, err := static.New(static.Defaults())
	if err != nil {
		fmt.Println(err)
		return
	}
	regions := s.Regions()
	for _, name := range []string{"GB", "FRA", "EU", "eu-west-2", "Atlantis"} {
		fmt.Print(name, " ", slices.Contains(regions, name), " ")
	}
	fmt.Println(s.Info().Revises)
	fmt.Println(static.Config{}.Validate())
	// Output:
	// GB true FRA true EU true eu-west-2 true Atlantis false false
	// name: required
}
