package frame

import (
	"math"

	"github.com/dendro-carbon/dendro/internal/value"
)

// NumbersOf is [NewNumbers] for numbers that may all be the same, to the bit:
// the column is constant then.
func NumbersOf(name string, nums []float64) *Column {
	for _, f := range nums {
		if math.Float64bits(f) != math.Float64bits(nums[0]) {
			return NewNumbers(name, nums)
		}
	}
	if len(nums) == 0 {
		return NewNumbers(name, nums)
	}
	return NewConstant(name, len(nums), value.OfNumber(nums[0]))
}
