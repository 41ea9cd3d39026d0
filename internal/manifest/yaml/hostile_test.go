package yaml_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest/yaml"
)

// nested returns anchors each of which holds the one before it twice.
func nested(levels int, format string) string {
	var b strings.Builder
	b.WriteString("a0: &a0 {x: 1, y: [1, 2]}\n")
	for i := 1; i <= levels; i++ {
		fmt.Fprintf(&b, format, i, i-1)
	}
	return b.String()
}

// keys returns the rest of a row with so many keys, the first behind its dash.
func keys(n, v int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "    k%d: %d\n", i, v)
	}
	return b.String()[3:]
}

// childrenWithin returns trees within trees, so deep.
func childrenWithin(depth int) string {
	var b strings.Builder
	for d := range depth {
		b.WriteString(strings.Repeat(" ", 2*d) + "children:\n" + strings.Repeat(" ", 2*d+1) + "a:\n")
	}
	for d := depth - 1; d >= 0; d-- {
		b.WriteString(strings.Repeat(" ", 2*d+1) + "b: 1\n")
	}
	return b.String()
}

// Documents made to break a reader: each is read or refused with a located
// problem. That they end at all is the test.
func TestHostile(t *testing.T) {
	t.Parallel()
	rep := strings.Repeat
	for name, tt := range map[string]struct{ text, problem string }{
		"deep lists":          {rep("[", 100_000), "nesting exceeded maxDepth (1000) (1:1001)"},
		"deep maps":           {rep("{a: ", 100_000), "nesting exceeded maxDepth (1000) (1:4001)"},
		"deep block lists":    {rep("- ", 100_000), "nesting exceeded maxDepth (1000) (1:2001)"},
		"deep complex keys":   {rep("? ", 100_000), "nesting exceeded maxDepth (1000) (1:2001)"},
		"deep JSON":           {rep(`{"a":`, 100_000) + "1" + rep("}", 100_000), "nesting exceeded maxDepth (1000) (1:5001)"},
		"deep rows":           {"inputs:\n  - a: " + rep("[", 100_000), "nesting exceeded maxDepth (1000) (2:1008)"},
		"as deep as allowed":  {rep("[", 900) + rep("]", 900), ""},
		"alias bomb":          {nested(40, "a%d: &a%[1]d [*a%[2]d, *a%[2]d]\n"), "aliases add too much to the document (16:18)"},
		"map bomb":            {nested(40, "a%d: &a%[1]d {l: *a%[2]d, r: *a%[2]d}\n"), "aliases add too much to the document (16:15)"},
		"merge bomb":          {nested(40, "a%d: &a%[1]d {<<: [*a%[2]d, *a%[2]d], k%[1]d: *a%[2]d}\n"), "aliases add too much to the document (11:22)"},
		"row bomb":            {nested(40, "inputs%d: &a%[1]d [*a%[2]d, *a%[2]d]\n") + "inputs: [{a: *a39}, {a: *a39}]\n", "aliases add too much to the document (16:23)"},
		"bomb in rows":        {"inputs: &a [{x: &b [1, 2, 3]}, {x: *b}]\noutputs: [{a: *a}, {a: *a}]\n", ""},
		"alias in itself":     {"a: &x\n  b: [1, *x]\n", `alias "x" stands within what it refers to (2:10)`},
		"alias as a row":      {"inputs: &x\n  - a: 1\n  - *x\n", `alias "x" stands within what it refers to (3:5)`},
		"alias in a row":      {"inputs:\n  - &x\n    a: *x\n", `alias "x" stands within what it refers to (3:8)`},
		"merge of itself":     {"a: &x\n  <<: *x\n", `alias "x" stands within what it refers to (2:7)`},
		"huge integer":        {"a: " + rep("9", 1_000_000), ""},
		"huge hexadecimal":    {"a: 0x" + rep("f", 1_000_000), ""},
		"huge exponent":       {"a: 1e" + rep("9", 1_000_000), ""},
		"huge numbers in row": {"inputs:\n  - a: " + rep("9", 100_000) + "\n    b: 0." + rep("0", 100_000) + "1\n", ""},
		"many children": {"tree:\n  children:\n" + func() string {
			var b strings.Builder
			for i := range 50_000 {
				fmt.Fprintf(&b, "    c%d: {}\n", i)
			}
			return b.String()
		}(), ""},
		"children within children": {childrenWithin(400), ""},
		"many children, and one open": {"children:\n" + func() string {
			var b strings.Builder
			for i := range 20_000 {
				fmt.Fprintf(&b, "  c%d: {}\n", i)
			}
			return b.String()
		}() + "  x: 'y\n", "unexpected end of the stream within a single quoted scalar (20003:1)"},
		"many bulk keys":     {rep("- inputs:\n  - a: 1\n", 20_000), ""},
		"many lists in text": {"text: |\n" + rep("  inputs:\n  - a: 1\n", 20_000), ""},
		"many shapes":        {"inputs:\n" + rep("  - a: 1\n  - b: 1\n    a: 2\n  - c: 1\n", 10_000), ""},
		"rows with nothing in common": {"inputs:\n" + func() string {
			var b strings.Builder
			for i := range 20_000 {
				fmt.Fprintf(&b, "  - k%d: 1\n", i)
			}
			return b.String()
		}(), ""},
		"fillers for all memory": {"inputs:\n  -" + keys(1000, 1) + rep("  - x: 1\n  - x: 2\n", 10_000) + "  -" + keys(1000, 2), ""},
		"flow rows with nothing in common": {"inputs:\n" + func() string {
			var b strings.Builder
			for i := range 20_000 {
				fmt.Fprintf(&b, "  - {k%d: 1}\n", i)
			}
			return b.String()
		}(), ""},
		"JSON rows with nothing in common": {`{"inputs": [{}` + func() string {
			var b strings.Builder
			for i := range 20_000 {
				fmt.Fprintf(&b, ", {\"k%d\": 1}", i)
			}
			return b.String()
		}() + "]}", ""},
		"many columns": {"inputs:\n  - k: 1\n" + func() string {
			var b strings.Builder
			for i := range 3_000 {
				fmt.Fprintf(&b, "    k%d: 1\n", i)
			}
			return b.String()
		}(), ""},
		"many comments":       {rep("# c\n", 100_000) + "a: 1\n", ""},
		"many documents":      {rep("---\n", 10_000), "expected a single document in the stream, but found more"},
		"many duplicates":     {rep("a: 1\n", 10_000), "duplicated mapping key (2:1)"},
		"open quote":          {"a: \"" + rep("x\n", 100_000), "unexpected end of the stream within a double quoted scalar (100001:1)"},
		"open quote and rows": {"a: 'x\n" + rep("inputs:\n- b: 1\n", 5_000), "unexpected end of the stream within a single quoted scalar (10002:1)"},
		"open bracket":        {"a: [\n" + rep("inputs:\n- b: 1\n", 5_000), "missed comma between flow collection entries (3:1)"},
		"null byte":           {"inputs:\n  - a: \"\x00\"\n", "null byte is not allowed in input (2:9)"},
		"not UTF-8":           {"inputs:\n  - a: \xff\n", "invalid leading UTF-8 octet (value: 255) (2:8)"},
		"cut off UTF-8":       {"a: 1\nb: \xe2\x82", "incomplete UTF-8 octet sequence (2:4)"},
		"UTF-16":              {"\xff\xfea\x00:\x00", "null byte is not allowed in input (1:4)"},
		"tabs":                {rep("\t", 100_000), ""},
		"line breaks":         {rep("\r\n", 100_000), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := yaml.Read("m.yml", []byte(tt.text), yaml.Options{})
			var list diag.List
			switch {
			case tt.problem == "" && err != nil:
				t.Errorf("got %v", err)
			case tt.problem != "" && (!errors.As(err, &list) || list[0].Text != tt.problem):
				t.Errorf("got  %.200v\nwant %s", err, tt.problem)
			}
		})
	}
}

// No more is told than a person reads.
func TestProblemsAreCut(t *testing.T) {
	t.Parallel()
	_, err := yaml.Read("m.yml", []byte(strings.Repeat("a: 1\n", 1000)), yaml.Options{})
	var list diag.List
	if !errors.As(err, &list) || len(list) != 101 || list[100].Text != "there are 899 more problems" {
		t.Errorf("got %d problems, the last %v", len(list), list[len(list)-1])
	}
}
