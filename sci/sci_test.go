package sci_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/dendro-carbon/dendro/sci"
)

func ExampleScore() {
	o := sci.Operational(0.05, 800)
	m := sci.Embodied(sci.Equipment{
		Total:    1_205_520, // 1205.52 kg over its life
		Reserved: 3600, Lifespan: 4 * 365 * 24 * 3600,
		Resources: 1, AllResources: 64,
	})
	fmt.Printf("O %.4f g, M %.6f g, SCI %.6f g per request\n", o, m, sci.Score(o, m, 1000))
	// Output: O 40.0000 g, M 0.537564 g, SCI 0.040538 g per request
}

func TestFormulas(t *testing.T) {
	t.Parallel()
	if got := sci.Operational(0.5, 231.5); got != 115.75 {
		t.Errorf("O = %v, want 115.75", got)
	}
	half := sci.Equipment{Total: 1000, Reserved: 1, Lifespan: 2, Resources: 1, AllResources: 4}
	if got := sci.Embodied(half); got != 125 {
		t.Errorf("M = %v, want 125", got)
	}
	if got := sci.Score(3, 5, 4); got != 2 {
		t.Errorf("SCI = %v, want 2", got)
	}
	if got := sci.Score(1, 0, 0); !math.IsInf(got, 1) {
		t.Errorf("SCI per nothing = %v, want +Inf", got)
	}
}
