package emit

import (
	"fmt"
	"go/format"
	"math/big"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/golden"
)

// The table is recomputed with exact arithmetic and compared, digit by digit.
func TestPowersOfTen(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(`package emit

// pow10First is the exponent of the first power in pow10.
const pow10First = -292

// pow10 holds, for the exponents from -292 to 324, the first 128 bits of 10^e
// rounded up, high half first. TestPowersOfTen computes it and, under -update,
// writes this file.
//
//archtest:table computed once and for all
var pow10 = [...][2]uint64{
`)
	for e := -292; e <= 324; e++ {
		high, low := powerBits(e)
		fmt.Fprintf(&b, "{%#016x, %#016x},\n", high, low)
	}
	b.WriteString("}\n")
	source, err := format.Source([]byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "pow10.go", source)
}

// powerBits returns the first 128 bits of 10^e, rounded up unless exact.
func powerBits(e int) (high, low uint64) {
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(e, -e))), nil)
	num, den := ten, big.NewInt(1)
	if e < 0 {
		num, den = den, num
	}
	shift := 128 - (num.BitLen() - den.BitLen())
	for ; ; shift-- {
		n, d := new(big.Int).Set(num), new(big.Int).Set(den)
		if shift > 0 {
			n.Lsh(n, uint(shift))
		} else {
			d.Lsh(d, uint(-shift))
		}
		q, r := n.QuoRem(n, d, new(big.Int))
		if q.BitLen() > 128 {
			continue
		}
		if r.Sign() != 0 {
			q.Add(q, big.NewInt(1))
		}
		return new(big.Int).Rsh(q, 64).Uint64(), new(big.Int).And(q, new(big.Int).SetUint64(1<<64-1)).Uint64()
	}
}
