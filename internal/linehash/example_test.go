package linehash_test

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/linehash"
)

func Example() {
	var v linehash.Verifier
	for _, line := range []string{
		`{"hash":"sha256:015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862","a":1}`,
		`{ "a": 1, "hash": "sha256:015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862" }`,
		`{"hash":"sha256:015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862","a":2}`,
		`{"a":1}`,
	} {
		ok, err := v.Verify([]byte(line))
		fmt.Println(ok, v.Verbatim(), err)
	}
	fmt.Println(linehash.Prefix)
	// Output:
	// true true <nil>
	// true false <nil>
	// false false <nil>
	// false false not valid JSON: the line has no hash
	// sha256:
}

// A hash of the text as it stands counts only where that is canonical.
func ExampleVerifier_VerifyRead() {
	const line = `{"hash":"sha256:015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862","a":1}`
	var v linehash.Verifier
	for _, loose := range []bool{false, true} {
		ok, err := v.VerifyRead([]byte(line), loose)
		fmt.Println(ok, v.Verbatim(), err)
	}
	// Output:
	// true true <nil>
	// true false <nil>
}
