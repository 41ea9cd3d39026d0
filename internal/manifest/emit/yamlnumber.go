package emit

import (
	"bytes"
	"math"

	"github.com/dendro-carbon/dendro/internal/value"
)

// appendYAMLNumber writes a number as js-yaml 4 does: as JavaScript, but a
// fraction in scientific form always has a point ("1.e-7"), and the numbers
// that are none have names of YAML's.
func appendYAMLNumber(dst []byte, f float64) []byte {
	switch {
	case f == 0 && math.Signbit(f):
		return append(dst, "-0.0"...)
	case f != f:
		return append(dst, ".nan"...)
	case math.IsInf(f, 1):
		return append(dst, ".inf"...)
	case math.IsInf(f, -1):
		return append(dst, "-.inf"...)
	}
	start := len(dst)
	dst = value.AppendNumber(dst, f)
	if math.Abs(f) < 1e-6 && f != 0 {
		return pointed(dst, start)
	}
	return dst
}

// pointed adds the point to a number in scientific form that has none.
func pointed(dst []byte, start int) []byte {
	if bytes.IndexByte(dst[start:], '.') >= 0 {
		return dst
	}
	e := start + bytes.IndexByte(dst[start:], 'e')
	dst = append(dst, 0)
	copy(dst[e+1:], dst[e:])
	dst[e] = '.'
	return dst
}
