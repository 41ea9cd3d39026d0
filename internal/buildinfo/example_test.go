package buildinfo_test

import (
	"fmt"
	"strings"

	"github.com/dendro-carbon/dendro/internal/buildinfo"
)

// The running program knows what it was built from.
func ExampleRead() {
	info := buildinfo.Read()
	fmt.Println(strings.HasPrefix(info.Go, "go1."), strings.Contains(info.Platform, "/"))
	// Output: true true
}
