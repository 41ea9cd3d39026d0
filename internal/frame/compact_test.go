package frame_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/dendro-carbon/dendro/internal/frame"
)

func ExampleNumbersOf() {
	same, other := frame.NumbersOf("a", []float64{2, 2}), frame.NumbersOf("a", []float64{2, 3})
	_, constant := same.Constant()
	_, different := other.Constant()
	fmt.Println(constant, different)
	// Output: true false
}

func TestNumbersOfKeepsTheSignOfZero(t *testing.T) {
	c := frame.NumbersOf("a", []float64{0, math.Copysign(0, -1)})
	if v, _ := c.Vec(); !math.Signbit(v.At(1)) {
		t.Error("-0 became 0")
	}
	if c := frame.NumbersOf("a", nil); c.Len() != 0 {
		t.Errorf("%d rows of none", c.Len())
	}
}
