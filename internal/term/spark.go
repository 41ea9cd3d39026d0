package term

import (
	"math"
	"strings"

	"github.com/dendro-carbon/dendro/internal/frame"
)

// levels are the heights of a spark line, from zero to the largest value.
const levels = "▁▂▃▄▅▆▇█"

// spark draws a metric over time in at most so many columns. The rows are
// divided evenly among the columns, each showing the average of its rows: from
// zero, or from the least value if that is below zero, to the largest. Rows in
// which the metric is missing or no number are left out; a column without any
// is a gap.
func spark(f *frame.Frame, metric string, columns int) string {
	return draw(f.Len(), columns, func(from, to int) float64 { return mean(f, metric, from, to) })
}

// draw draws n values in at most so many columns, each of the mean of its part.
func draw(n, columns int, mean func(from, to int) float64) string {
	columns = min(columns, n)
	means := make([]float64, columns)
	low, high := 0.0, 0.0
	for i := range means {
		means[i] = mean(n*i/columns, n*(i+1)/columns)
		if !math.IsNaN(means[i]) {
			low, high = min(low, means[i]), max(high, means[i])
		}
	}
	runes := []rune(levels)
	var b strings.Builder
	for _, m := range means {
		switch {
		case math.IsNaN(m):
			b.WriteByte(' ')
		case high == low:
			b.WriteRune(runes[0])
		default:
			b.WriteRune(runes[int(math.Round((m-low)/(high-low)*float64(len(runes)-1)))])
		}
	}
	return b.String()
}

// mean returns the average of the finite numbers of a metric in rows [from, to),
// NaN if there is none.
func mean(f *frame.Frame, metric string, from, to int) float64 {
	sum, n := 0.0, 0
	v, ok := f.Vec(metric)
	for row := from; row < to; row++ {
		x := math.NaN()
		if ok {
			x = v.At(row)
		} else if number, isNumber := f.At(row, metric).Float(); isNumber {
			x = number
		}
		if !math.IsNaN(x) && !math.IsInf(x, 0) {
			sum += x
			n++
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return min(max(sum/float64(n), -huge), huge)
}

// huge is as far from zero as a spark line looks: differences stay finite.
const huge = math.MaxFloat64 / 4
