package intensity_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/intensity"
)

func ExampleNoRegion() {
	fmt.Println(intensity.NoRegion("static", "GBX", []string{"GB", "GBR", "FR", "WORLD"}))
	// Output: region is not known to the intensity source: static has no "GBX"; did you mean "GB" or "GBR"?
}

func TestNoRegion(t *testing.T) {
	t.Parallel()
	known := []string{"GB-London", "GB-South England", "GB-South Scotland", "GB-South Wales", "GB-South West England"}
	for _, tt := range []struct {
		region string
		known  []string
		want   string
	}{
		{"gb-london", known, `did you mean "GB-London"?`},
		{"south", known, `did you mean "GB-South England" or "GB-South Scotland" or "GB-South Wales"?`},
		{"", known, `no region is given; name one, such as "GB-London"`},
		{"Neverland", known, `its 5 regions have names such as "GB-London"`},
		{strings.Repeat("x", 1000), known, `its 5 regions`},
		{"GB", nil, `its 0 regions have names such as none`},
	} {
		err := intensity.NoRegion("s", tt.region, tt.known)
		if !errors.Is(err, intensity.ErrRegion) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, want %q", tt.region, err, tt.want)
		}
	}
}
