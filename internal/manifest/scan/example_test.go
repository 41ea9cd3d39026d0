package scan_test

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/manifest/scan"
)

// Each kind of unquoted scalar has a reader of its own, for those who know what
// they expect.
func ExampleNumber() {
	for _, s := range []string{"60", "-0x1F", "1.5e3", "1_000"} {
		f, ok := scan.Number(s)
		_, whole := scan.Int(s)
		_, float := scan.Float(s)
		fmt.Println(s, f, ok, whole, float)
	}
	b, ok := scan.Bool("True")
	fmt.Println(b, ok, scan.Null("~"), scan.Null("null"), scan.Null("none"))
	fmt.Println(scan.Timestamp("2024-01-01 00:00:01.5 +1"))
	// Output:
	// 60 60 true true true
	// -0x1F -31 true true false
	// 1.5e3 1500 true false true
	// 1_000 0 false false false
	// true true true true false
	// 1704063601500 true
}

// The lines on which rows begin are kept as runs, and cost little.
func ExampleLines() {
	var lines scan.Lines
	for row := range 3 {
		lines.Add(10 + 4*row)
	}
	fmt.Println(lines.At(0), lines.At(2))
	// Output: 10 18
}
