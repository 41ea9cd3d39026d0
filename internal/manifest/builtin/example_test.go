package builtin_test

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/manifest/builtin"
)

// What plugins take for granted, for those who explain a figure.
func ExampleEmbodiedSetting() {
	fmt.Println(builtin.EmbodiedSetting("lifespan"))
	fmt.Println(builtin.EmbodiedSetting("colour"))
	fmt.Println(builtin.SecondsIn("hour"), builtin.SecondsIn("fortnight"))
	// Output:
	// 1.26144e+08 true
	// 0 false
	// 3600 0
}
