package pattern_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest/pattern"
)

func ExampleParse() {
	for _, match := range []string{"^[^,]+", `(\d+) cores`, "/o/g", "/INTEL/i"} {
		p, err := pattern.Parse(match)
		if err != nil {
			fmt.Println(err)
			continue
		}
		found, ok := p.Find("Intel Xeon, 42 cores, foo")
		fmt.Printf("%s: %q %v\n", match, found, ok)
	}
	// Output:
	// ^[^,]+: "Intel Xeon" true
	// (\d+) cores: "42" true
	// /o/g: "o o o o" true
	// /INTEL/i: "Intel" true
}

func ExampleParseScript() {
	for _, match := range []string{"(f)(o)", "/o/g", "[^,]*", "a/b"} {
		p, err := pattern.ParseScript(pattern.Slashed(match))
		if err != nil {
			fmt.Println(err)
			continue
		}
		found, _ := p.Find("foo,bar")
		fmt.Printf("%s: %q\n", match, found)
	}
	// Output:
	// (f)(o): "fo f o"
	// /o/g: "o o"
	// [^,]*: "foo"
	// SyntaxError: Invalid regular expression flags
	//   Try: /a/b/: write a slash within a pattern as \/
}

// TestScript holds the translation to what JavaScript (V8 11.3) finds.
func TestScript(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ match, text, want string }{
		{`/[^,]*/g`, "foo,bar", "foo  bar "},
		{`/a*/g`, "baaau", " aaa  "},
		{`/\b/g`, "ab cd", "   "},
		{`\d+`, "8170M", "8170"},
		{`(\w)(\d)?`, "x1", "x1 x 1"},
		{`(\w)(\d)?`, "xy", "x x "},
		{`/(a)|(b)/g`, "ab", "a b"},
		{`.`, "\u2028é", "é"},
		{`.+`, "a\rb", "a"},
		{`\s`, "a\u00a0b", "\u00a0"},
		{`[\s]+`, "a \u3000b", " \u3000"},
		{`\S+`, "\ufeffab", "ab"},
		{`[^\S]+`, "a \tb", " \t"},
		{`\u0061\x62`, "ab", "ab"},
		{`[\u0061-\u0063]+`, "xabc", "abc"},
		{`\cA`, "a\x01", "\x01"},
		{`a{`, "a{", "a{"},
		{`a{,2}`, "a{,2}", "a{,2}"},
		{`a{2}`, "aaa", "aa"},
		{`[[]`, "[", "["},
		{`[^]`, "\n", "\n"},
		{`[\-x]+`, "a-x", "-x"},
		{`[\b]`, "\b", "\b"},
		{`\R\é`, "Ré", "Ré"},
		{`(?<n>a)b`, "ab", "ab a"},
		{`(?:f)(o+)`, "foo", "foo oo"},
		{`[/]`, "a/b", "/"},
		{`a\/b`, "a/b", "a/b"},
		{`//`, "anything", ""},
		{`\0`, "a\x00", "\x00"},
		{`\012`, "a\n", "\n"},
		{`]}`, "]}", "]}"},
		{`\A`, "A", "A"},
		{`\pL`, "pL", "pL"},
	} {
		p, err := pattern.ParseScript(pattern.Slashed(test.match))
		if err != nil {
			t.Errorf("%s: %v", test.match, err)
			continue
		}
		if got, _ := p.Find(test.text); got != test.want {
			t.Errorf("%s in %q: got %q, want %q", test.match, test.text, got, test.want)
		}
	}
}

func TestScriptErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ match, want string }{
		{"/O/i", "SyntaxError: Unexpected end of input"},
		{"a/b", "SyntaxError: Invalid regular expression flags"},
		{"/", "SyntaxError: Invalid regular expression: missing /"},
		{"(", "SyntaxError: Invalid regular expression: /(/: Unterminated group"},
		{")", "SyntaxError: Invalid regular expression: /)/: Unmatched ')'"},
		{"*", "SyntaxError: Invalid regular expression: /*/: Nothing to repeat"},
		{"^*", "SyntaxError: Invalid regular expression: /^*/: Nothing to repeat"},
		{`a\b{2}`, `SyntaxError: Invalid regular expression: /a\b{2}/: Nothing to repeat`},
		{"a**", "SyntaxError: Invalid regular expression: /a**/: Nothing to repeat"},
		{"[b-a]", "SyntaxError: Invalid regular expression: /[b-a]/: Range out of order in character class"},
		{"(?=a)", "SyntaxError: Invalid regular expression: /(?=a)/: lookahead (?="},
		{"(?<!a)b", "SyntaxError: Invalid regular expression: /(?<!a)b/: lookbehind (?<!"},
		{`(a)\1`, `SyntaxError: Invalid regular expression: /(a)\1/: backreference \1`},
		{"(?i)a", "SyntaxError: Invalid regular expression: /(?i)a/: invalid group (?i"},
	} {
		_, err := pattern.ParseScript(pattern.Slashed(test.match))
		var problem *diag.Problem
		if !errors.As(err, &problem) || problem.Short() != test.want || problem.Hint == "" {
			t.Errorf("%s: got %v, want %s and a hint", test.match, err, test.want)
		}
	}
}

func TestPlainErrors(t *testing.T) {
	t.Parallel()
	for _, match := range []string{"(", "(?=a)", `(a)\1`, "/(/g", strings.Repeat("(a{1000}){1000}", 2)} {
		if _, err := pattern.Parse(match); err == nil {
			t.Errorf("%s was read", match)
		}
	}
}

// TestHostilePattern matches what takes a backtracking engine forever.
func TestHostilePattern(t *testing.T) {
	t.Parallel()
	p, err := pattern.Parse("^(a+)+$")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := p.Find(strings.Repeat("a", 100_000) + "b"); ok {
		t.Error("it matched")
	}
}

func FuzzPattern(f *testing.F) {
	for _, match := range []string{"^[^,]+", "/(a)|b/g", `[\s\S]`, `\u00e9{2,}`, "[^]", "(?<n>x)", `\`, "/[/]/g", "a{1,"} {
		f.Add(match, "foo,bar é")
	}
	f.Fuzz(func(t *testing.T, match, text string) {
		if p, err := pattern.Parse(match); err == nil {
			p.Find(text)
			p.Differs()
		}
		if p, err := pattern.ParseScript(pattern.Slashed(match)); err == nil {
			p.Find(text)
		}
	})
}

func BenchmarkFind(b *testing.B) {
	p, err := pattern.Parse(`^[^,]+`)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		p.Find("Intel® Xeon® Platinum 8272CL,Intel® Xeon® 8171M 2.1 GHz")
	}
}
