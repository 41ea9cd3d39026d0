package diag_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/diag"
)

func ExampleDistance() {
	fmt.Println(diag.Distance("wbe", "web"), diag.Distance("karbon", "carbon"))
	// Output: 1 1
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "", 3},
		{"same", "same", 0},
		{"carbn", "carbon", 1},
		{"carbonn", "carbon", 1},
		{"karbon", "carbon", 1},
		{"wbe", "web", 1},
		{"kitten", "sitting", 3},
		{"énergie", "energie", 1},
		{strings.Repeat("a", 100), strings.Repeat("a", 99), 100},
	} {
		if got := diag.Distance(test.a, test.b); got != test.want {
			t.Errorf("%q, %q: %d, want %d", test.a, test.b, got, test.want)
		}
	}
}
