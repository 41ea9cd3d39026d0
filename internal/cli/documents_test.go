package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDidYouMean(t *testing.T) {
	t.Parallel()
	names := []string{"web", "web/front", "db", "cpu/energy", "energy"}
	for name, want := range map[string]string{
		"wbe":     "did you mean web?",
		"fronts":  "did you mean web/front?",
		"enregy":  "did you mean cpu/energy, energy?",
		"Energy":  "did you mean cpu/energy, energy?",
		"nothing": "there are web, web/front, db, cpu/energy, energy",
	} {
		if d := cmp.Diff(want, didYouMean(name, names)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	many := make([]string, 15)
	for i := range many {
		many[i] = string(rune('a' + i))
	}
	if d := cmp.Diff("there are a, b, c, d, e, f, g, h, i, j, k, l and 3 more", didYouMean("zzzzzz", many)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got := didYouMean("nothing", []string{"web"}); got != "there is web" {
		t.Errorf("of one: %q", got)
	}
	if got := didYouMean("x", nil); got != "" {
		t.Errorf("of nothing: %q", got)
	}
}

// What surrounds a result is cut off; a document without the lines is whole.
func TestBetween(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"log\n# start\na: 1\n\n# end\nlog\n": "a: 1\n\n",
		"# start\na: 1\n# end":               "a: 1\n",
		"a: 1\n":                             "a: 1\n",
		"# start\na: 1\n":                    "# start\na: 1\n",
		"a: '# start'\n":                     "a: '# start'\n",
		"":                                   "",
	} {
		if d := cmp.Diff(want, string(between([]byte(text)))); d != "" {
			t.Errorf("%q (-want +got):\n%s", text, d)
		}
	}
}
