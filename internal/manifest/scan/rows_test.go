package scan_test

import (
	"fmt"
	"strings"
	"testing"
	"unsafe"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/scan"
)

var lists = scan.Options{Keys: []string{"inputs", "outputs"}}

const list = `tree:
  inputs:
    - timestamp: 2024-01-01T00:00:00Z
      energy: 0.5
    - timestamp: 2024-01-01T00:01:00Z
      energy: 0.25
  name: x
`

func ExampleFind() {
	for _, l := range scan.Find(list, lists) {
		fmt.Printf("%s on line %d: lines %d to %d, %d rows\n", l.Key, l.KeyLine, l.Line, l.Line+l.Lines-1, l.Rows)
	}
	// Output: inputs on line 2: lines 3 to 6, 2 rows
}

func ExampleReader_Rows() {
	l := scan.Find(list, lists)[0]
	f, lines, ok := new(scan.Reader).Rows(list, l, false)
	energy, _ := f.Vec("energy")
	fmt.Println(ok, f.Len(), energy.At(1), lines.At(1))
	// Output: true 2 0.25 5
}

func TestFind(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                             "",
		"inputs:\n":                    "",
		"inputs:\n- a: 1":              "inputs 1-2 @0 1",
		"inputs:\n- a: 1\n":            "inputs 1-2 @0 1",
		"inputs:\n\n  # c\n  - a: 1\n": "inputs 1-4 @2 1",
		"inputs:   # c\n- a: 1\n":      "inputs 1-2 @0 1",
		"inputs:#c\n- a: 1\n":          "",
		"inputs: [1]\n":                "",
		"inputs:\nx: 1\n":              "",
		"inputs:\n  a: 1\n":            "",
		"myinputs:\n- a: 1\n":          "",
		"inputsx:\n- a: 1\n":           "",
		"- inputs:\n  - a: 1\n- outputs:\n    - b: 1\n": "inputs 1-2 @2 1, outputs 3-4 @4 1",
		"- - inputs:\n    - a: 1\n":                     "inputs 1-2 @4 1",
		"- inputs:\n- a: 1\n":                           "", // the list is that of the map's own item
		"inputs:\n  - a: 1\n\n\nb: 1\n":                 "inputs 1-2..4 @2 1",
		"inputs:\n  - a: 1\n b: 1\n":                    "", // indented neither as list nor as key
		"inputs:\n  - a: 1\n  b: 1\n":                   "",
		"inputs:\n  - a: 1\n\tb: 1\n":                   "", // a tab hides where the list ends
		"inputs:\n  - a: 1\n---\nb: 1\n":                "inputs 1-2 @2 1",
		"inputs:\n- a: 1\n---\nb: 1\n":                  "inputs 1-2 @0 1",
		"inputs:\r\n  - a: 1\r\n  - a: 2\r\n":           "inputs 1-2..3 @2 2",
		"inputs:\n  - inputs:\n    - a: 1\n":            "inputs 1-2..3 @2 1",
		"inputs:\n  -a: 1\n":                            "",
		"inputs:\n  -\n    a: 1\n":                      "inputs 1-2..3 @2 1",
	} {
		var got []string
		for _, l := range scan.Find(text, lists) {
			span := fmt.Sprint(l.Line)
			if l.Lines > 1 {
				span += fmt.Sprintf("..%d", l.Line+l.Lines-1)
			}
			got = append(got, fmt.Sprintf("%s %d-%s @%d %d", l.Key, l.KeyLine, span, l.Indent, l.Rows))
		}
		if g := strings.Join(got, ", "); g != want {
			t.Errorf("%q: got %q, want %q", text, g, want)
		}
	}
}

func TestFindMaps(t *testing.T) {
	t.Parallel()
	o := scan.Options{Keys: []string{"inputs"}, Map: "children", Chunk: 1, Line: 11}
	for text, want := range map[string]string{
		"children:\n a: 1\n b: 2\n":                         "children 2: 12 13",
		"children:\n\n a:\n  x: 1\n# c\n\n b: 2\nz: 1\n":    "children 2: 13 17",
		"children:\n a: 1\n":                                "",
		"children:\n a: 1\n b: 2\n  c: 3\n d: 4\n":          "children 3: 12 13 15",
		"children:\n  a: 1\n b: 2\n":                        "",
		"children:\n a: 1\n - b\n":                          "",
		"children:\n a: 1\n b: 2\n\tc: 1\n":                 "",
		"children:\na: 1\nb: 2\n":                           "",
		"children: x\n a: 1\n b: 2\n":                       "",
		"children:\n a:\n  inputs:\n  - x: 1\n":             "inputs 1:",
		"- children:\n   a: 1\n   inputs:\n    - x: 1\n- y": "children 2: 12 13",
	} {
		got := ""
		for _, l := range scan.Find(text, o) {
			got += fmt.Sprintf("%s %d:", l.Key, l.Rows)
			for _, c := range l.Chunks {
				got += fmt.Sprint(" ", c.Line)
			}
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// What looks like a map over and over must not be looked at over and over.
func TestFindLooksAtMapsThatAreNoneAFewTimes(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for depth := range 2000 {
		text.WriteString(strings.Repeat(" ", depth) + "children:\n")
	}
	text.WriteString("\tx")
	if found := scan.Find(text.String(), scan.Options{Map: "children", Chunk: 1}); len(found) != 0 {
		t.Errorf("found %v", found)
	}
}

// scanned returns the rows of the only list of a text, written out, or why
// there is none.
func scanned(t *testing.T, items string, integers bool) string {
	t.Helper()
	text := "inputs:\n" + items
	found := scan.Find(text, lists)
	if len(found) != 1 {
		t.Fatalf("%q: %d lists", text, len(found))
	}
	f, lines, ok := new(scan.Reader).Rows(text, found[0], integers)
	if !ok {
		return "for the library"
	}
	return written(f, lines)
}

func written(f *frame.Frame, lines scan.Lines) string {
	var b strings.Builder
	for row := range f.Len() {
		fmt.Fprintf(&b, "%d:", lines.At(row))
		for k, v := range f.Row(row).All() {
			fmt.Fprintf(&b, " %s=%v", k, v)
		}
		b.WriteByte(';')
	}
	return b.String()
}

func TestRows(t *testing.T) {
	t.Parallel()
	for items, want := range map[string]string{
		"- a: 1\n  b: x\n- a: 2\n  b: y\n":                                    "2: a=1 b=x;4: a=2 b=y;",
		"- a: 1\n- a: 2":                                                      "2: a=1;3: a=2;",
		"- a: 1\n- b: 2\n  a: 3\n- a: 4\n":                                    "2: a=1;3: b=2 a=3;5: a=4;",
		"- a: 1\n  b: 2\n- a: 3\n- a: 4\n  b: 5\n  c: 6\n":                    "2: a=1 b=2;4: a=3;5: a=4 b=5 c=6;",
		"-   a: 1\n    b: 2\n- c: 3\n  d: 4\n":                                "2: a=1 b=2;4: c=3 d=4;",
		"- a: 1\r\n  b: x\r\n- a: 2\r\n  b: y\r\n":                            "2: a=1 b=x;4: a=2 b=y;",
		"- a:\n  b:   \n- a:\n  b: 1\n- a: 2\n  b:\n":                         "2: a=null b=null;4: a=null b=1;6: a=2 b=null;",
		"- a: 1 # c\n  b: 'x' # c\n  c: text # c\n":                           "2: a=1 b=x c=text;",
		"# c\n- a: 1\n\n   # c\n  b: 2\n\n- a: 3\n  b: 4\n":                   "3: a=1 b=2;8: a=3 b=4;",
		"- 'a b': 1\n  \"c\": 2\n- 'a b': 3\n  \"c\": 4\n":                    "2: a b=1 c=2;4: a b=3 c=4;",
		"- a: 'x'\n- a: 'x'\n- a: \"x\"\n- a: x\n":                            "2: a=x;3: a=x;4: a=x;5: a=x;",
		"- a: aws\n- a: aws\n- a: aws2\n- a: aws\n":                           "2: a=aws;3: a=aws;4: a=aws2;5: a=aws;",
		"- a : 1\n  b  : 2\n":                                                 "2: a=1 b=2;",
		"- a: 1\n- a: \n- a:   \n- a:\n":                                      "2: a=1;3: a=null;4: a=null;5: a=null;",
		"- a:   1\n- a: 2\n- a:    3\n":                                       "2: a=1;3: a=2;4: a=3;",
		"- a: http://x/y#z\n  b: a:b\n  c: it's\n  d: é\n":                    "2: a=http://x/y#z b=a:b c=it's d=é;",
		"- {a: 1, b: x, c: '2', d: null}\n- {a: 2, b: x, c: \"3\", d: 4.5}\n": "2: a=1 b=x c=2 d=null;3: a=2 b=x c=3 d=4.5;",
		"- {}\n- {\"a\":1,'b': 2}\n- { a: 1 , b: two words }  # c\n":          "2:;3: a=1 b=2;4: a=1 b=two words;",
		"- {a: 1}\n- a: 2\n- {a: 3}\n":                                        "2: a=1;3: a=2;4: a=3;",
	} {
		if got := scanned(t, items, false); got != want {
			t.Errorf("%q: got %q, want %q", items, got, want)
		}
	}
}

func TestRowsLeavesToTheLibrary(t *testing.T) {
	t.Parallel()
	for _, items := range []string{
		"- 1\n", "- a: 1\n- 2\n", "- - a: 1\n", "-\n  a: 1\n", "- a: 1\n-\n", "- [1]\n", "- {a: 1\n  }\n", "- {a: 1} x\n", "- {a: {b: 1}}\n", "- {a: [1]}\n", "- {a}\n",
		"- {a: 1,}\n", "- {a:1}\n", "- {a: , b: 1}\n", "- {? a: 1}\n", "- {a: b: c}\n", "- {'a' : 1}\n", "- {<<: {a: 1}}\n", "- {a: 1\n", "- {a: 'x', b: 'y}\n",
		"- a: [1]\n", "- a: {}\n", "- a: &x 1\n", "- a: *x\n", "- a: !!str 1\n", "- a: |\n    x\n", "- a: >-\n    x\n", "- a: 'x\n    y'\n", "- a: x\n    y\n", "- a:\n    b: 1\n",
		"- a:\n    - 1\n", "- a:\n  - 1\n", "- a: 'it''s'\n", "- a: \"x\\n\"\n", "- a: 'x\n", "- a: 'x' y\n", "- a: 'x'#c\n", "- a: b: c\n", "- a: b:\n", "- a: # c\n", "- a: -\n", "- a: - 1\n",
		"- a: @x\n", "- a: `x`\n", "- a: %x\n", "- a: ,\n", "- a: ]\n", "- a: ? x\n", "- a:\t1\n", "- a: 1\t\n", "- a: \x01\n", "- a: '\x7f'\n", "- a: \xff\n", "- a: 'x\u2028y'\n",
		"- a: x\u0085y\n", "- a: \ufeff\n", "- a: 1\r  b: 2\n", "- a: 1\n  a: 2\n", "- a: 1\n  'a': 2\n", "- <<: {a: 1}\n", "- <<: 1\n", "- 1: x\n", "- true: x\n", "- ~: x\n", "- 2024-01-01: x\n",
		"- ? a\n  : 1\n", "- : 1\n", "- ''\n", "- '': 1\n", "- 'a': 1\n   b: 2\n", "- a: 1\n   b: 2\n", "- a: 1\n b: 2\n", "- \"a\\n\": 1\n", "- a #b: 1\n", "- a\n", "- a:1\n", "- 'a':1\n",
		"- " + strings.Repeat("k", 1500) + ": 1\n", "- a: 1\n# \x01\n- a: 2\n", "- a: 1 # \x01\n",
	} {
		if got := scanned(t, items, false); got != "for the library" {
			t.Errorf("%q was read as %q", items, got)
		}
	}
	if got := scanned(t, "- b: 1\n  '10': 2\n", true); got != "for the library" {
		t.Errorf("integer keys are to come first: got %q", got)
	}
	if got := scanned(t, "- b: 1\n  '10': 2\n", false); got != "2: b=1 10=2;" {
		t.Errorf("got %q", got)
	}
}

// What is scanned is a copy: the source may go.
func TestRowsKeepsNothing(t *testing.T) {
	t.Parallel()
	buf := []byte("inputs:\n- name: one\n  label: same\n- name: two\n  label: same\n- name: 3\n  label: ~\n- {name: x, label: y}\n")
	src := unsafe.String(&buf[0], len(buf))
	f, lines, _ := new(scan.Reader).Rows(src, scan.Find(src, lists)[0], false)
	want := strings.Clone(written(f, lines))
	clear(buf)
	if got := written(f, lines); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	for _, want := range [][]int{{}, {5}, {5, 8}, {5, 8, 11, 14}, {5, 8, 12, 13, 20}, {5, 5, 5}, {1, 2, 3, 5}} {
		var l scan.Lines
		for _, line := range want {
			l.Add(line)
		}
		for row, line := range want {
			if got := l.At(row); got != line {
				t.Errorf("%v: row %d is on line %d", want, row, got)
			}
		}
	}
}
