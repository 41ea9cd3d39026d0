package builtin

import (
	"slices"
	"strings"
	"testing"
)

func TestSplitCommand(t *testing.T) {
	t.Parallel()
	for command, want := range map[string][]string{
		"a  b\tc\n":         {"a", "b", "c"},
		`a 'b c' "d e"f`:    {"a", "b c", "d ef"},
		`a '' ""`:           {"a", "", ""},
		`a\ b \\ \"`:        {"a b", `\`, `"`},
		`"a\"b\\c\d" '\n$'`: {`a"b\c\d`, `\n$`},
		`$HOME *.csv > x`:   {"$HOME", "*.csv", ">", "x"},
		"":                  nil,
	} {
		got, err := splitCommand(command)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %q, %v; want %q", command, got, err, want)
		}
	}
	for _, command := range []string{"a 'b", `a "b\"`} {
		if got, err := splitCommand(command); err == nil {
			t.Errorf("%s: got %q", command, got)
		}
	}
}

// FuzzSplitCommand holds that arguments survive quoting.
func FuzzSplitCommand(f *testing.F) {
	f.Add("cat", "a b", "it's")
	f.Add("", `\`, `"`)
	f.Add("a\nb", "\t", "'")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		args := []string{a, b, c}
		double := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
		single := strings.NewReplacer(`'`, `'\''`)
		command := `"` + double.Replace(a) + `" '` + single.Replace(b) + `' "` + double.Replace(c) + `"`
		got, err := splitCommand(command)
		if err != nil || !slices.Equal(got, args) {
			t.Errorf("%s: got %q, %v", command, got, err)
		}
		_, _ = splitCommand(a) // any text at all
	})
}
