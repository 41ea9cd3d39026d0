package aggregate

import (
	"math"
	"math/bits"
	"slices"
)

// The inner loops. Each result is one chain of additions from left to right that
// begins at 0, so that its bits do not depend on how the work is cut up; speed
// comes from running independent chains side by side. The slices of a call have
// one length: cutting them to it lets the compiler drop the checks of indexes.

// block is how many sums are worked on at a time: they and the columns that are
// added to them fit into the first cache.
const block = 512

// addAll adds columns to the sums, the first first. It goes through the sums once
// and adds all columns to a block of them, so that long sums are read and
// written once and not for each column.
func addAll(sums []float64, columns [][]float64) {
	for lo := 0; lo < len(sums); lo += block {
		hi := min(lo+block, len(sums))
		rest := columns
		for ; len(rest) >= 4; rest = rest[4:] {
			addFour(sums[lo:hi], rest[0][lo:hi], rest[1][lo:hi], rest[2][lo:hi], rest[3][lo:hi])
		}
		for ; len(rest) >= 2; rest = rest[2:] {
			addTwo(sums[lo:hi], rest[0][lo:hi], rest[1][lo:hi])
		}
		if len(rest) == 1 {
			addOne(sums[lo:hi], rest[0][lo:hi])
		}
	}
}

func addOne(sums, a []float64) {
	a = a[:len(sums)]
	for i := range sums {
		sums[i] += a[i]
	}
}

func addTwo(sums, a, b []float64) {
	a, b = a[:len(sums)], b[:len(sums)]
	for i := range sums {
		sums[i] = sums[i] + a[i] + b[i]
	}
}

func addFour(sums, a, b, c, d []float64) {
	a, b, c, d = a[:len(sums)], b[:len(sums)], c[:len(sums)], d[:len(sums)]
	for i := range sums {
		sums[i] = sums[i] + a[i] + b[i] + c[i] + d[i]
	}
}

// addConstant adds the same number to every sum.
func addConstant(sums []float64, f float64) {
	for i := range sums {
		sums[i] += f
	}
}

// sumOne returns the sum of a column. One chain of additions waits for each
// result, so it runs at a fraction of the speed of [sumFour].
func sumOne(a []float64) float64 {
	sum := 0.0
	for _, f := range a {
		sum += f
	}
	return sum
}

// sumFour returns the sums of four columns.
func sumFour(x *[4][]float64) [4]float64 {
	a := x[0]
	b, c, d := x[1][:len(a)], x[2][:len(a)], x[3][:len(a)]
	var sa, sb, sc, sd float64
	for i := range a {
		sa += a[i]
		sb += b[i]
		sc += c[i]
		sd += d[i]
	}
	return [4]float64{sa, sb, sc, sd}
}

// sumConstant returns the sum of n times f: by one multiplication when every
// sum on the way is exact, else addition by addition, which rounds otherwise.
func sumConstant(f float64, n int) float64 {
	if exactMultiples(f, n) {
		return 0 + float64(f*float64(n)) // -0 is 0
	}
	sum := 0.0
	for range n {
		sum += f
	}
	return sum
}

// exactMultiples reports whether 1·f to n·f all fit into the 53 bits of a
// float64.
func exactMultiples(f float64, n int) bool {
	if f == 0 {
		return true
	}
	if size := math.Abs(f); !(size > 1e-270 && size < 1e270) {
		return false
	}
	mantissa := math.Float64bits(f)&(1<<52-1) | 1<<52
	return uint64(n) <= 1<<53/(mantissa>>bits.TrailingZeros64(mantissa))
}

// divide divides a column by a number.
func divide(to, a []float64, f float64) {
	a = a[:len(to)]
	for i := range to {
		to[i] = a[i] / f
	}
}

// equalTimes reports whether two columns of instants are the same. Arrays are
// compared at the speed of memory, slices number by number.
func equalTimes(a, b []int64) bool {
	if len(a) != len(b) {
		return false
	}
	for len(a) >= 64 {
		if *(*[64]int64)(a) != *(*[64]int64)(b) {
			return false
		}
		a, b = a[64:], b[64:]
	}
	return slices.Equal(a, b)
}
