package term

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// How many digits a column of numbers gets: enough to tell the largest value
// to fewestDigits and the smallest to smallDigits, but no more than mostDigits
// of the largest.
const (
	fewestDigits = 5
	smallDigits  = 2
	mostDigits   = 9
)

// negligible is what is shown as 0, so that powers of ten stay finite.
const negligible = 1e-290

// scale is how the numbers of a column are printed: divided by 10^exponent, a
// multiple of three, with so many decimals.
type scale struct{ exponent, decimals int }

// scaleOf chooses the scale for numbers, of which those that are not finite do
// not count.
func scaleOf(numbers []float64) scale {
	largest, smallest := 0.0, math.Inf(1)
	for _, f := range numbers {
		if abs := math.Abs(f); abs > negligible && !math.IsInf(abs, 0) {
			largest, smallest = max(largest, abs), min(smallest, abs)
		}
	}
	if largest == 0 {
		return scale{}
	}
	var s scale
	if largest < 1e-3 || largest >= 1e9 {
		s.exponent = 3 * int(math.Floor(math.Log10(largest)/3))
	}
	whole := magnitude(largest) - s.exponent
	wanted := smallDigits - (magnitude(smallest) - s.exponent)
	s.decimals = min(max(fewestDigits-whole, wanted, 0), max(mostDigits-whole, 0))
	s.decimals -= s.spareZeros(numbers)
	return s
}

// magnitude returns how many digits stand before the point: 2 for 12.3, 0 for
// 0.12, -1 for 0.012.
func magnitude(f float64) int { return int(math.Floor(math.Log10(f))) + 1 }

// spareZeros returns how many decimals are zero in all numbers.
func (s scale) spareZeros(numbers []float64) int {
	spare := s.decimals
	for _, f := range numbers {
		if f == 0 || math.IsNaN(f) || math.IsInf(f, 0) {
			continue
		}
		text := s.format(f)
		spare = min(spare, len(text)-len(strings.TrimRight(text, "0")))
	}
	return spare
}

// units returns a number as a whole number of the last digit shown, not yet
// rounded.
func (s scale) units(f float64) float64 { return f * math.Pow10(s.decimals-s.exponent) }

func (s scale) format(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "∞"
	case math.IsInf(f, -1):
		return "-∞"
	}
	return s.formatUnits(int64(math.RoundToEven(s.units(f))))
}

func (s scale) formatUnits(n int64) string {
	digits := strconv.FormatInt(max(n, -n), 10)
	if s.decimals > 0 {
		digits = strings.Repeat("0", max(0, s.decimals+1-len(digits))) + digits
		point := len(digits) - s.decimals
		digits = digits[:point] + "." + digits[point:]
	}
	if n < 0 {
		return "-" + digits
	}
	return digits
}

// prefix returns what the unit of the column is multiplied by, such as 10⁻⁶.
func (s scale) prefix() string {
	if s.exponent == 0 {
		return ""
	}
	superscript := strings.NewReplacer("-", "⁻", "0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴",
		"5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹")
	return "10" + superscript.Replace(strconv.Itoa(s.exponent))
}

// divide rounds parts to whole numbers whose sum is whole: all are rounded
// down, and what is left is given out one by one to the largest remainders, of
// equal ones to the first.
func divide(whole int64, parts []float64) []int64 {
	rounded := make([]int64, len(parts))
	order := make([]int, len(parts))
	left := whole
	for i, part := range parts {
		order[i] = i
		rounded[i] = int64(math.Floor(part))
		left -= rounded[i]
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := parts[a]-math.Floor(parts[a]), parts[b]-math.Floor(parts[b])
		switch {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	for i := 0; left > 0 && len(order) > 0; i++ {
		rounded[order[i%len(order)]]++
		left--
	}
	for i := len(order) - 1; left < 0 && i >= 0; i-- { // sums of floats differ in their last digits
		rounded[order[i]]--
		left++
	}
	return rounded
}
