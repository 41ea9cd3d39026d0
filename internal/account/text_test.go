package account_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dendro-carbon/dendro/internal/account"
)

func ExampleVisibleText() {
	fmt.Println(account.VisibleText("käfer-07"))
	fmt.Println(account.VisibleText("k\xe4fer-07")) // Latin-1

	b := account.Batch{
		Subjects: []account.Subject{{Host: "a\xff"}, {Host: "b"}}, Origins: []account.Origin{{Source: "file"}},
		Facts: []account.Fact{{Subject: 0, To: 1, Busy: 7}, {Subject: 1, To: 1, Busy: 8}},
	}
	b.MakeVisible()
	fmt.Printf("%q %v\n", b.Subjects[0].Host, b.Facts[0].Busy)

	h := account.Holding{Host: "k\xe4fer-07", Experiments: []account.Experiment{{Members: []string{"a\x80"}}}}.Visible()
	fmt.Println(h.Host, h.Experiments[0].Members)
	// Output:
	// käfer-07
	// k�E4fer-07
	// "a�FF" 0.000007 s
	// k�E4fer-07 [a�80]
}

func FuzzVisibleText(f *testing.F) {
	f.Add("a\xff", "a\xfe")
	f.Add("\x00", "�")
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := account.VisibleText(a), account.VisibleText(b)
		switch {
		case !utf8.ValidString(x) || account.VisibleText(x) != x:
			t.Errorf("%q becomes %q", a, x)
		case utf8.ValidString(a) && x != a:
			t.Errorf("%q is changed to %q", a, x)
		case a != b && x == y && !strings.Contains(a+b, "\uFFFD"):
			t.Errorf("%q and %q both become %q", a, b, x)
		}
	})
}
