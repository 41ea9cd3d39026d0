// Package attribution divides a whole among parties so that nothing is lost or
// invented: the parts sum to the whole exactly, and each is within one unit of
// its real share.
//
// The method is the largest remainder (Hamilton): every party first gets its
// share rounded towards zero, then the units that are left go, one each, to the
// parties whose shares were cut most; ties go to the lower index. A party
// of weight zero gets zero. The result depends on the order of the weights only
// through those ties, so callers put parties in a canonical order first.
package attribution

import (
	"cmp"
	"errors"
	"math/big"
	"math/bits"
	"slices"

	"github.com/dendro-carbon/dendro/internal/wide"
)

// ErrNoWeight reports a whole other than zero with nobody to carry it: no
// parties, or all of weight zero. The caller books such a whole as a rest.
var ErrNoWeight = errors.New("nothing to divide by: every weight is zero")

// Divide returns the parts of whole in proportion to weights, one part per
// weight. A negative whole gives the negated parts of its magnitude. It returns
// [ErrNoWeight] when whole is not zero and all weights are.
func Divide[Q ~int64](whole Q, weights []uint64) ([]Q, error) {
	return AppendDivide(make([]Q, 0, len(weights)), whole, weights)
}

// AppendDivide appends to dst what [Divide] returns. On error it returns dst as
// it was.
func AppendDivide[Q ~int64](dst []Q, whole Q, weights []uint64) ([]Q, error) {
	var sum uint64
	for _, w := range weights {
		var carry uint64
		if sum, carry = bits.Add64(sum, w, 0); carry != 0 {
			return appendBig(dst, whole, weights, widen)
		}
	}
	if sum == 0 {
		return appendZeros(dst, whole, len(weights))
	}
	return appendNarrow(dst, whole, weights, sum), nil
}

// DivideWide is [Divide] for weights of 128 bits.
func DivideWide[Q ~int64](whole Q, weights []wide.Uint) ([]Q, error) {
	var stack [16]uint64
	narrow := stack[:0]
	fits, zero := true, true
	for _, w := range weights {
		n, ok := w.Narrow()
		narrow = append(narrow, n)
		fits = fits && ok
		zero = zero && w.IsZero()
	}
	dst := make([]Q, 0, len(weights))
	switch {
	case zero:
		return appendZeros(dst, whole, len(weights))
	case fits:
		return AppendDivide(dst, whole, narrow)
	}
	return appendBig(dst, whole, weights, wide.Uint.Big)
}

func appendZeros[Q ~int64](dst []Q, whole Q, n int) ([]Q, error) {
	if whole != 0 {
		return dst, ErrNoWeight
	}
	for range n {
		dst = append(dst, 0)
	}
	return dst, nil
}

// appendNarrow divides by weights whose sum, above zero, fits 64 bits.
func appendNarrow[Q ~int64](dst []Q, whole Q, weights []uint64, sum uint64) []Q {
	m := magnitude(int64(whole))
	start := len(dst)
	left := m
	var stack [16]uint64 // most wholes have few parties: no allocation then
	remainders := stack[:0]
	for _, w := range weights {
		hi, lo := bits.Mul64(m, w)
		q, r := bits.Div64(hi, lo, sum) // hi < sum, because w <= sum and m < 2^64
		dst = append(dst, Q(q))
		remainders = append(remainders, r)
		left -= q
	}
	parts := dst[start:]
	handOut(parts, int(left), func(i, j int) int { return cmp.Compare(remainders[j], remainders[i]) })
	if whole < 0 {
		negate(parts)
	}
	return dst
}

// appendBig is the same division without bounds on the weights.
func appendBig[Q ~int64, W any](dst []Q, whole Q, weights []W, toBig func(W) *big.Int) ([]Q, error) {
	sum := new(big.Int)
	for _, w := range weights {
		sum.Add(sum, toBig(w))
	}
	m := new(big.Int).SetUint64(magnitude(int64(whole)))
	start := len(dst)
	left := m.Uint64()
	remainders := make([]*big.Int, len(weights))
	for i, w := range weights {
		q, r := new(big.Int), new(big.Int)
		q.QuoRem(r.Mul(m, toBig(w)), sum, r)
		dst = append(dst, Q(q.Uint64()))
		remainders[i] = r
		left -= q.Uint64()
	}
	parts := dst[start:]
	handOut(parts, int(left), func(i, j int) int { return remainders[j].Cmp(remainders[i]) })
	if whole < 0 {
		negate(parts)
	}
	return dst, nil
}

// handOut gives one unit each to the first n parties in the order of compare,
// ties to the lower index. n is less than the number of parties whose share was
// cut, because the cuts are fractions that sum to n; so none of weight zero,
// whose remainder is zero, is ever among them.
func handOut[Q ~int64](parts []Q, n int, compare func(i, j int) int) {
	if n == 0 {
		return
	}
	var stack [16]int
	order := stack[:0]
	for i := range parts {
		order = append(order, i)
	}
	slices.SortStableFunc(order, compare)
	for _, i := range order[:n] {
		parts[i]++
	}
}

func negate[Q ~int64](parts []Q) {
	for i := range parts {
		parts[i] = -parts[i]
	}
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

func widen(w uint64) *big.Int { return new(big.Int).SetUint64(w) }
