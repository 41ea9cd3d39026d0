package pattern_test

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/manifest/pattern"
)

// A pattern with a group gives the group; JavaScript would give the match, too.
func ExamplePattern_Differs() {
	for _, match := range []string{"/[a-z]+-[a-z]+/", "/([a-z]+)-[a-z]+/"} {
		p, err := pattern.Parse(match)
		if err != nil {
			fmt.Println(err)
			continue
		}
		found, ok := p.Find("uk-west")
		fmt.Println(found, ok, p.Differs())
	}
	// Output:
	// uk-west true false
	// uk true true
}
