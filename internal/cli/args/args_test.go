package args_test

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/cli/args"
)

func Example() {
	one := args.One("the file of a backup")
	fmt.Println(one(nil, nil))
	fmt.Println(one(nil, []string{"a.db", "b.db"}))
	fmt.Println(args.None(nil, []string{"extra"}))
	fmt.Println(args.AtMost(2)(nil, []string{"a", "b"}))
	// Output:
	// nothing given: give the file of a backup
	// unexpected argument "b.db"
	// unexpected argument "extra"
	// <nil>
}
