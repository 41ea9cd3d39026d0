package account_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/account"
)

func ExampleLabels() {
	l, _ := account.LabelsOf("machine_name", `Artemis "Matlab"`, "cloud_project_name", "CDAaaS", "user", "")
	named, _ := l.With("facility", "CLF")
	text, _ := json.Marshal(named)
	fmt.Println(l)
	fmt.Println(string(text))
	// Output:
	// {cloud_project_name="CDAaaS", machine_name="Artemis \"Matlab\""}
	// {"cloud_project_name":"CDAaaS","facility":"CLF","machine_name":"Artemis \"Matlab\""}
}

func mustLabels(t testing.TB, namesAndValues ...string) account.Labels {
	t.Helper()
	l, err := account.LabelsOf(namesAndValues...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLabelsAreValues(t *testing.T) {
	t.Parallel()
	a := mustLabels(t, "x", "1", "y", "2")
	b := mustLabels(t, "y", "2", "x", "1")
	if a != b || a.Compare(b) != 0 {
		t.Errorf("%v and %v differ by their order", a, b)
	}
	if a == mustLabels(t, "x", "12", "y", "") || mustLabels(t, "a", "bc") == mustLabels(t, "ab", "c") {
		t.Error("different labels are equal")
	}
	if (account.Labels{}) != mustLabels(t) || (account.Labels{}) != mustLabels(t, "x", "") {
		t.Error("the zero value is the empty set")
	}
	long := strings.Repeat("ä", 300) // lengths of two bytes
	if got := mustLabels(t, "n", long, "o", "p"); got.Get("n") != long || got.Get("o") != "p" || got.Len() != 2 {
		t.Errorf("long value: %v", got)
	}
	if a.Get("z") != "" || a.Get("x") != "1" {
		t.Error("Get")
	}
}

func TestLabelsRefuse(t *testing.T) {
	t.Parallel()
	for name, pairs := range map[string][]string{
		"odd": {"x"}, "twice": {"x", "1", "x", "2"}, "no name": {"", "1"},
		"name not UTF-8": {"\xff", "1"}, "value not UTF-8": {"x", "\xff"},
	} {
		if l, err := account.LabelsOf(pairs...); !errors.Is(err, account.ErrLabel) || l != (account.Labels{}) {
			t.Errorf("%s: %v, %v", name, l, err)
		}
	}
	var l account.Labels
	for _, bad := range []string{`{"x":1}`, `[]`, `{"":"1"}`, `{`} {
		if err := json.Unmarshal([]byte(bad), &l); err == nil {
			t.Errorf("%s: want an error", bad)
		}
	}
}

func TestLabelsCompare(t *testing.T) {
	t.Parallel()
	sorted := []account.Labels{
		{},
		mustLabels(t, "a", "1"), mustLabels(t, "a", "1", "b", "1"), mustLabels(t, "a", "1", "b", "2"),
		mustLabels(t, "a", "10"), mustLabels(t, "a", "2"), mustLabels(t, "aa", "0"), mustLabels(t, "b", "0"),
	}
	for i, x := range sorted {
		for j, y := range sorted {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := x.Compare(y); got != want {
				t.Errorf("%v.Compare(%v) = %d, want %d", x, y, got, want)
			}
		}
	}
}

// FuzzLabels holds Merge, Without, With and JSON against plain maps.
func FuzzLabels(f *testing.F) {
	f.Add("a=1,b=2", "b=3,c=4", "a")
	f.Add("", "x=y", "x")
	f.Add("n=\n\"\\,z=ü", "n=", "zz")
	f.Fuzz(func(t *testing.T, left, right, without string) {
		x, y := parsePairs(left), parsePairs(right)
		a, errA := account.NewLabels(x)
		b, errB := account.NewLabels(y)
		if errA != nil || errB != nil {
			return
		}
		merged := maps.Clone(x)
		maps.Copy(merged, y)
		for name, v := range y {
			if v == "" && x[name] != "" {
				merged[name] = x[name] // no label overrides none
			}
		}
		checkLabels(t, "merge", a.Merge(b), merged)
		delete(merged, without)
		checkLabels(t, "without", a.Merge(b).Without(without), merged)
		text, err := json.Marshal(a)
		var back account.Labels
		if err != nil || json.Unmarshal(text, &back) != nil || back != a {
			t.Fatalf("JSON round trip of %v: %s, %v", a, text, err)
		}
		if (a.Compare(b) == 0) != (a == b) || a.Compare(b) != -b.Compare(a) {
			t.Fatalf("Compare of %v and %v", a, b)
		}
	})
}

func parsePairs(s string) map[string]string {
	m := map[string]string{}
	for part := range strings.SplitSeq(s, ",") {
		if name, value, ok := strings.Cut(part, "="); ok {
			m[name] = value
		}
	}
	return m
}

func checkLabels(t *testing.T, what string, got account.Labels, want map[string]string) {
	t.Helper()
	maps.DeleteFunc(want, func(_, v string) bool { return v == "" })
	m := maps.Collect(got.All())
	if !maps.Equal(m, want) {
		t.Fatalf("%s: %v, want %v", what, m, want)
	}
	if names := slices.Collect(maps.Keys(m)); got.Len() != len(names) {
		t.Fatalf("%s: a name twice in %v", what, got)
	}
	rebuilt, err := account.NewLabels(want)
	if err != nil || rebuilt != got {
		t.Fatalf("%s: %v is not canonical", what, got)
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	for k := account.KindAccount; k <= account.KindOther; k++ {
		text, err := k.MarshalText()
		var back account.Kind
		if err != nil || back.UnmarshalText(text) != nil || back != k {
			t.Errorf("%v: %s, %v", k, text, err)
		}
	}
	var k account.Kind
	if err := k.UnmarshalText([]byte("user")); err == nil || account.Kind(99).String() != "kind(99)" {
		t.Error("unknown kinds")
	}
	for k := account.IntensityActual; k <= account.IntensityAnnual; k++ {
		text, err := k.MarshalText()
		var back account.IntensityKind
		if err != nil || back.UnmarshalText(text) != nil || back != k {
			t.Errorf("%v: %s, %v", k, text, err)
		}
	}
}

func BenchmarkLabels(b *testing.B) {
	l := mustLabels(b, "cloud_project_name", "IDAaaS", "facility", "ISIS", "instance", "172.16.100.50:9100", "machine_name", "Muon")
	b.Run("get", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if l.Get("machine_name") == "" {
				b.Fatal()
			}
		}
	})
}
