package curve

import "math"

// maxDense bounds the points of a curve whose spline needs the whole matrix.
const maxDense = 512

// slopesOfAny is [slopes] for points some of which have the same x. There is no
// spline through them, but Impact Framework's elimination gives some numbers, and
// this one the same: the largest coefficient in a column leads, ties to the
// first row, and a slope whose coefficient is not a number is 0. For more than
// maxDense points all slopes are not a number.
func slopesOfAny(x, y []float64) []float64 {
	m := len(x)
	out := make([]float64, m)
	if m > maxDense {
		for i := range out {
			out[i] = math.NaN()
		}
		return out
	}
	a := make([][]float64, m)
	for i := range a {
		a[i] = make([]float64, m+1)
		lower, diagonal, upper, right := splineRow(x, y, i)
		if i > 0 {
			a[i][i-1] = lower
		}
		a[i][i] = diagonal
		if i < m-1 {
			a[i][i+1] = upper
		}
		a[i][m] = right
	}
	eliminate(a)
	for i := m - 1; i >= 0; i-- {
		if d := a[i][i]; d != 0 && d == d {
			out[i] = a[i][m] / d
		}
		for j := range i {
			a[j][m] -= float64(a[j][i] * out[i])
		}
	}
	return out
}

// eliminate brings the rows of a matrix to echelon form.
func eliminate(a [][]float64) {
	m := len(a)
	for h, k := 0, 0; h < m && k <= m; k++ {
		lead, most := 0, math.Inf(-1)
		for i := h; i < m; i++ {
			if abs := math.Abs(a[i][k]); abs > most {
				lead, most = i, abs
			}
		}
		if a[lead][k] == 0 {
			continue
		}
		a[h], a[lead] = a[lead], a[h]
		for i := h + 1; i < m; i++ {
			f := a[i][k] / a[h][k]
			a[i][k] = 0
			for j := k + 1; j <= m; j++ {
				a[i][j] -= float64(a[h][j] * f)
			}
		}
		h++
	}
}
