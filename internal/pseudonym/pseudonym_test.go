package pseudonym_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/pseudonym"
)

// One person has one pseudonym, whatever the label; what is not a person stays.
func ExampleNames() {
	names, err := pseudonym.New([]byte("a key of an example"), "owner")
	if err != nil {
		fmt.Println(err)
		return
	}
	labels, _ := account.LabelsOf("group", "IDAaaS_Muon", "user", "aa123456", "pi", "aa123456", "owner", "bb234567")
	fmt.Println(names.Rename(labels))
	fmt.Println(names.Of("aa123456"), names.Renames("user"), names.Renames("group"))
	// Output:
	// {group="IDAaaS_Muon", owner="p-ab8mp0an60b4t4yx", pi="p-2xfm7kkryq5pjzxy", user="p-2xfm7kkryq5pjzxy"}
	// p-2xfm7kkryq5pjzxy true false
}

// TestKeys holds that another key gives other pseudonyms, that a short key is
// refused, and that nobody stays nobody.
func TestKeys(t *testing.T) {
	t.Parallel()
	if _, err := pseudonym.New([]byte("short")); !errors.Is(err, pseudonym.ErrKey) {
		t.Error(err)
	}
	one, err := pseudonym.New([]byte(strings.Repeat("1", pseudonym.KeyLength)))
	if err != nil {
		t.Fatal(err)
	}
	other, err := pseudonym.New([]byte(strings.Repeat("2", pseudonym.KeyLength)))
	if err != nil {
		t.Fatal(err)
	}
	if a, b := one.Of("aa123456"), other.Of("aa123456"); a == b || one.Of("aa123456") != a || one.Of("") != "" {
		t.Errorf("%s and %s", a, b)
	}
	seen := map[string]bool{}
	for i := range 10_000 {
		seen[one.Of(fmt.Sprint("user", i))] = true
	}
	if len(seen) != 10_000 {
		t.Errorf("%d pseudonyms of 10,000 names", len(seen))
	}
}
