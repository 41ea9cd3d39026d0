// Package curve draws lines, polynomials and natural cubic splines through given
// points.
//
// Every formula rounds term by term in one fixed order, the one of Impact
// Framework, so that results agree with it to the last bit. What a reader would
// get wrong: points of equal x are allowed. A line jumps there; a polynomial and
// a spline give what their formulas give, which is mostly not a number.
package curve

import "math"

// Curve is a function through given points. It is immutable.
type Curve interface {
	// At returns the function's value at v.
	At(v float64) float64
}

// The methods.
const (
	Linear     = "linear"
	Spline     = "spline"
	Polynomial = "polynomial"
)

// New returns the curve of a method, Linear if it is none of the others, through
// at least two points with x ascending. It keeps x and y.
func New(method string, x, y []float64) Curve {
	switch method {
	case Spline:
		return &spline{x: x, y: y, slopes: slopes(x, y)}
	case Polynomial:
		return &polynomial{x: x, y: y}
	}
	return newLine(x, y)
}

// line goes straight from point to point. Outside of them it is 0.
type line struct {
	x, y  []float64
	ratio []float64 // the slope behind each point but the last
}

func newLine(x, y []float64) *line {
	l := &line{x: x, y: y, ratio: make([]float64, len(x)-1)}
	for i := range l.ratio {
		l.ratio[i] = (y[i+1] - y[i]) / (x[i+1] - x[i])
	}
	return l
}

func (l *line) At(v float64) float64 {
	i := LastNotAbove(l.x, v)
	switch {
	case i < 0 || i == len(l.x)-1 && l.x[i] != v:
		return 0 + float64((v-0)*0) // 0, or NaN for what is not a number
	case l.x[i] == v:
		return l.y[i] + float64((v-l.x[i])*0)
	}
	return l.y[i] + float64((v-l.x[i])*l.ratio[i])
}

// LastNotAbove returns the last index whose x is at most v, -1 if there is none.
func LastNotAbove(x []float64, v float64) int {
	low, high := -1, len(x) // x[low] <= v, not x[high] <= v
	for high-low > 1 {
		mid := int(uint(low+high) >> 1)
		if x[mid] <= v {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

// polynomial is the one of lowest degree through all points, in Lagrange's form.
type polynomial struct {
	x, y []float64
}

func (p *polynomial) At(v float64) float64 {
	sum := 0.0
	for i, xi := range p.x {
		product := 1.0
		for j, xj := range p.x {
			if j != i {
				product = float64(product*(v-xj)) / (xi - xj)
			}
		}
		sum += float64(p.y[i] * product)
	}
	return sum
}

// spline is the natural cubic spline. (Its form is that of
// https://en.wikipedia.org/wiki/Spline_interpolation, symmetrical in the slopes
// at both ends of each piece.)
type spline struct {
	x, y   []float64
	slopes []float64
}

func (s *spline) At(v float64) float64 {
	i := firstNotBelow(s.x, v)
	if i == len(s.x) {
		return math.NaN()
	}
	h, dy := s.x[i]-s.x[i-1], s.y[i]-s.y[i-1]
	t := (v - s.x[i-1]) / h
	a := float64(s.slopes[i-1]*h) - dy
	b := float64(-s.slopes[i]*h) + dy
	return float64((1-t)*s.y[i-1]) + float64(t*s.y[i]) + float64(float64(t*(1-t))*(float64(a*(1-t))+float64(b*t)))
}

// firstNotBelow returns the first index from 1 on whose x is at least v; 1 for
// what is not a number, len(x) if all are below.
func firstNotBelow(x []float64, v float64) int {
	if v != v {
		return 1
	}
	low, high := 0, len(x)
	for high-low > 1 {
		mid := int(uint(low+high) >> 1)
		if x[mid] < v {
			low = mid
		} else {
			high = mid
		}
	}
	return low + 1
}

// slopes solves for the slopes of the spline in its points: a tridiagonal system
// whose rows dominate, so that elimination needs no exchange of rows. Points of
// equal x make it singular, and need [slopesOfAny].
func slopes(x, y []float64) []float64 {
	n := len(x) - 1
	diagonal, upper, right := make([]float64, n+1), make([]float64, n+1), make([]float64, n+1)
	lower := make([]float64, n+1)
	for i := range n + 1 {
		lower[i], diagonal[i], upper[i], right[i] = splineRow(x, y, i)
	}
	for k := range n {
		if !(math.Abs(diagonal[k]) >= math.Abs(lower[k+1])) || diagonal[k] == 0 {
			return slopesOfAny(x, y)
		}
		f := lower[k+1] / diagonal[k]
		diagonal[k+1] -= float64(upper[k] * f)
		right[k+1] -= float64(right[k] * f)
	}
	out := make([]float64, n+1)
	for i := n; i >= 0; i-- {
		if d := diagonal[i]; d != 0 && d == d {
			out[i] = right[i] / d
		}
		if i > 0 {
			right[i-1] -= float64(upper[i-1] * out[i])
		}
	}
	return out
}

// splineRow returns the coefficients of equation i: of the slope before, its
// own, the slope after, and the right side.
func splineRow(x, y []float64, i int) (lower, diagonal, upper, right float64) {
	n := len(x) - 1
	switch i {
	case 0:
		h := x[1] - x[0]
		return 0, 2 / h, 1 / h, float64(3*(y[1]-y[0])) / float64(h*h)
	case n:
		h := x[n] - x[n-1]
		return 1 / h, 2 / h, 0, float64(3*(y[n]-y[n-1])) / float64(h*h)
	}
	before, after := x[i]-x[i-1], x[i+1]-x[i]
	return 1 / before, 2 * (1/before + 1/after), 1 / after,
		3 * ((y[i]-y[i-1])/float64(before*before) + (y[i+1]-y[i])/float64(after*after))
}
