package diag_test

import (
	"errors"
	"fmt"

	"github.com/dendro-carbon/dendro/internal/diag"
)

// What checks a document collects what is wrong and goes on, so that a person can
// repair it in one go.
func ExampleList() {
	var problems diag.List
	problems.Add(nil) // nothing is wrong here
	problems.Add(&diag.Problem{File: "m.yml", Line: 9, Text: "no such plugin: sum", Hint: "add it to initialize.plugins"})
	problems.Add(errors.New("the disk is full"))
	problems.Add(diag.List{{File: "m.yml", Line: 2, Class: "ManifestValidationError", Text: "name must be a text"}})
	problems.Sort()
	fmt.Println(problems.Err())
	fmt.Println(diag.List{}.Err())
	// Output:
	// the disk is full
	// m.yml:2: ManifestValidationError: name must be a text
	// m.yml:9: no such plugin: sum
	//   Try: add it to initialize.plugins
	// <nil>
}

// The place is for people; what tools compare is class and text.
func ExampleProblem_Short() {
	p := diag.New("InputValidationError", "%q parameter is required.", "energy").AtRow(0).WithMetric("energy")
	fmt.Println(p)
	fmt.Println(p.Short())
	// Output:
	// row 1, metric "energy": InputValidationError: "energy" parameter is required.
	// InputValidationError: "energy" parameter is required.
}
