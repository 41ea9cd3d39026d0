package canon_test

import (
	"fmt"
	"math/big"
	"testing"

	"github.com/dendro-carbon/dendro/internal/canon"
)

func ExampleAppendDecimal() {
	for _, text := range []string{"1.0", "1e-7", "-0.0", "12.50E3", "123456789.123456789"} {
		out, ok := canon.AppendDecimal(nil, []byte(text))
		fmt.Printf("%s %v\n", out, ok)
	}
	_, ok := canon.AppendDecimal(nil, []byte("1e99"))
	fmt.Println(ok)
	// Output:
	// 1 true
	// 0.0000001 true
	// 0 true
	// 12500 true
	// 123456789.123456789 true
	// false
}

// FuzzExact holds the exact form to the values of the numbers in it, and to itself.
func FuzzExact(f *testing.F) {
	for _, text := range []string{"1.50", "0e999999999999", "-0", "1e-64", "1e64", "0.1e1", "12345678901234567890.123456789", "1e5000000000"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := canon.Canonicalizer{Exact: true}
		once, err := c.Append(nil, []byte(text))
		if err != nil {
			return
		}
		if again, err := c.Append(nil, once); err != nil || string(again) != string(once) {
			t.Fatalf("%s is canonical, and again %s, %v", once, again, err)
		}
		want, ok := new(big.Rat).SetString(string(once))
		if !ok || len(text) > 200 {
			return // not a number alone
		}
		if have, ok := new(big.Rat).SetString(text); ok && have.Cmp(want) != 0 {
			t.Errorf("%s became %s", text, once)
		}
	})
}
