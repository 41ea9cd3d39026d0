package file_test

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/intensity/file"
)

// What a file's numbers count is never guessed.
func ExampleConfig_Validate() {
	c := file.Defaults()
	c.Path = "gb.csv"
	fmt.Println(c.Validate())
	// Output:
	// scope: "": say what the values count: combustion (power stations running) or lifecycle (with building and fuel supply)
	// approach: "": say location (the grid's mix) or market (contracts)
}
