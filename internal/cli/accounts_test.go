package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMatches holds that a comma divides pairs and not values.
func TestMatches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ given, want []string }{
		{[]string{"a=b"}, []string{"a=b"}},
		{[]string{"a=b,c=d", "e=f"}, []string{"a=b", "c=d", "e=f"}},
		{[]string{"machine=Artemis, (Matlab),project=X"}, []string{"machine=Artemis, (Matlab)", "project=X"}},
		{[]string{"nonsense"}, []string{"nonsense"}},
		{[]string{",a=b"}, []string{"", "a=b"}},
		{[]string{""}, []string{""}},
	} {
		f := accountFlags{account: c.given}
		if diff := cmp.Diff(c.want, f.matches()); diff != "" {
			t.Errorf("%q: %s", c.given, diff)
		}
	}
}

// TestFlagWords holds that mistakes are told in the words of the command line.
func TestFlagWords(t *testing.T) {
	t.Parallel()
	got := flagWords("month: \"x\" is not a month\n  Try: write it as 2026-01\nas_known_at: no\nwindow: named in two ways")
	want := "--month: \"x\" is not a month\n  Try: write it as 2026-01\n--as-known-at: no\nwindow: named in two ways"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
