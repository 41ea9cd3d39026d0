package yaml_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/yaml"
	"github.com/dendro-carbon/dendro/internal/testenv"
	"github.com/dendro-carbon/dendro/internal/value"
)

// shownDocs writes all that can be told of documents: values, lines, columns.
func shownDocs(docs []*yaml.Doc) string {
	var b strings.Builder
	for _, doc := range docs {
		shownAll(&b, doc.Root, 0)
		for i := range doc.Bulk {
			bulk := &doc.Bulk[i]
			fmt.Fprintf(&b, "\nbulk %d:", i)
			for row := range bulk.Frame.Len() {
				fmt.Fprintf(&b, "\n%d:", bulk.Lines.At(row))
				shownAll(&b, value.OfMap(bulk.Frame.Row(row)), 0)
			}
			for _, c := range bulk.Frame.Columns() {
				fmt.Fprintf(&b, "\n%s is %s", c.Name(), [...]string{
					frame.Constant: "constant",
					frame.Numbers:  "numbers", frame.Times: "times", frame.Texts: "texts", frame.Mixed: "mixed",
				}[c.Rep()])
			}
		}
	}
	return b.String()
}

func shownAll(b *strings.Builder, v value.Value, depth int) {
	m := v.Map()
	if m == nil {
		for _, item := range v.List() {
			shownAll(b, item, depth+1)
		}
		if i, ok := v.BulkIndex(); ok {
			fmt.Fprintf(b, "bulk %d", i)
		} else if v.Kind() != value.List {
			appendShown(b, v)
		}
		return
	}
	for i := range m.Len() {
		fmt.Fprintf(b, "\n%*s%d %s: ", depth*2, "", m.LineAt(i), m.Key(i))
		shownAll(b, m.At(i), depth+1)
	}
}

// compare reads a text with the scanner of lists and without, and fails the
// test if it makes any difference.
func compare(t *testing.T, text string) {
	t.Helper()
	for i := range 4 {
		o := yaml.Options{IntegerKeysFirst: i%2 == 1}
		if i >= 2 {
			o = o.InChunks(1) // each component apart
		}
		got, gotErr := yaml.ReadAll("m.yml", []byte(text), o)
		o.LibraryOnly = true
		want, wantErr := yaml.ReadAll("m.yml", []byte(text), o)
		if gotErr == nil && wantErr != nil && strings.HasPrefix(strings.TrimLeft(text, "\ufeff \t\r\n"), "{") && json.Valid([]byte(strings.TrimPrefix(text, "\ufeff"))) {
			continue // the library refuses a few JSON texts
		}
		if !sameErrors(gotErr, wantErr) {
			t.Fatalf("%q\nwith the scanner: %v\nwithout:          %v", text, gotErr, wantErr)
		}
		if g, w := shownDocs(got), shownDocs(want); wantErr == nil && g != w {
			t.Fatalf("%q\nwith the scanner: %s\nwithout:          %s", text, g, w)
		}
	}
}

// sameErrors reports whether two errors are the same. The library looks ahead
// and may find an error further down first, which it does not when that part of
// the text is not there: then the one above it is as good.
func sameErrors(got, want error) bool {
	var g, w diag.List
	if !errors.As(got, &g) || !errors.As(want, &w) {
		return got == nil && want == nil
	}
	return got.Error() == want.Error() || len(g) == 1 && len(w) == 1 && g[0].Line < w[0].Line
}

func TestScannerIsTheLibrary(t *testing.T) {
	t.Parallel()
	for name, text := range cases(t) {
		t.Run(name, func(t *testing.T) { compare(t, text) })
	}
}

func TestScannerIsTheLibraryOnRecordedManifests(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(testenv.Oracle(t), "if", "*", "*.yml"))
	if err != nil || len(files) < 100 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, string(data))
	}
}

// JSON is read without the library, to the same effect.
func TestJSONIsYAML(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{}`, ` {"a": 1} `, "\ufeff{\"a\":1}", "{\n \"a\": 1,\n \"b\": [1, 2.5e3, -0, -0.0, 1e400, true, false, null, \"x\"]\n}\n",
		`{"10": 1, "b": 2, "9": {"2": 1, "1": 2}}`, `{"s": "a\n\t\"\u00e9\/\\", "<<": {"x": 1}}`, `{"2024-01-01": "2024-01-01", "true": "true"}`,
		"{\"inputs\": [\n{\"a\": 1},\n\n{\"a\": 2, \"b\": [{}]}\n]}", `{"inputs": [], "outputs": [1, {"inputs": [{"a": 1}]}]}`,
		`{"outputs": [{"inputs": [{"a": 1}]}]}`, "{\"a\": 1,\n\"é\": 2, \"a\": 3}", `{"a": 1} x`, `{"a": 1,}`, `{"a": 01}`, `{"inputs": {"a": [{}]}}`,
	} {
		for _, integers := range []bool{false, true} {
			o := yaml.Options{IntegerKeysFirst: integers}
			got, gotErr := yaml.ReadAll("m.yml", []byte(text), o)
			o.LibraryOnly = true
			want, wantErr := yaml.ReadAll("m.yml", []byte(text), o)
			if fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
				t.Errorf("%s\nas JSON: %v\nas YAML: %v", text, gotErr, wantErr)
			}
			if g, w := shownDocs(got), shownDocs(want); wantErr == nil && g != w {
				t.Errorf("%s\nas JSON: %s\nas YAML: %s", text, g, w)
			}
		}
	}
}

// What a JSON text may hold and the library refuses.
func TestJSONBeyondTheLibrary(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("k", 2000)
	for text, want := range map[string]string{
		`{"a": "\ud83d\ude00"}`:    `{"a":"😀"}`,
		"{\n\t\"a\": [\n\t\t1]\n}": `{"a":[1]}`,
		`{"` + long + `": 1}`:      `{"` + long + `":1}`,
	} {
		doc, err := yaml.Read("m.json", []byte(text), yaml.Options{})
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := show(doc.Root); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Half a pair of surrogates is no character, in YAML as in JSON.
func TestHalfSurrogates(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`a: "\ud83d"`:                       `{"a":"\ufffd"}`,
		`{"a": "\ud83d"}`:                   `{"a":"\ufffd"}`,
		`a: "\ude00\ud83d x"`:               `{"a":"\ufffd\ufffd x"}`,
		`a: "\ud83d\ud83d\ude00"`:           `{"a":"\ufffd😀"}`,
		"a: \"\\ud83d\u2028\\ue000\"":       "{\"a\":\"\ufffd\u2028\ue000\"}",
		"a: \"\\ud83d\\ue000ud83d\\ue001\"": "{\"a\":\"\ufffd\ue000ud83d\ue001\"}",
	} {
		doc, err := yaml.Read("m.yml", []byte(text), yaml.Options{})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := doc.Root.Map().Get("a").String(); `{"a":"`+got+`"}` != strings.ReplaceAll(want, `\ufffd`, "\ufffd") {
			t.Errorf("%s: got %q, want %s", text, got, want)
		}
	}
}

// Large maps are read in chunks only where a chunk means the same on its own.
func TestChunksAreTheLibrary(t *testing.T) {
	t.Parallel()
	for _, entries := range []string{
		"  a: 1\n  b: 2\n", "  a: 1\n\n  # c\n# c\n  b: 2\n", "  a: 1\n  b: 2\n  a: 3\n", "  a: {x: 1,\n  b: 2}\n  c: 3\n",
		"  a: &x 1\n  b: *x\n", "  a: 1\n  b: *x\n", "  a: 1\n  <<: {c: 1}\n  b: 1\n", "  a: \"x\n  b: y\"\n  c: 1\n", "  a: |\n    x\n\n\n  b: 1\n",
		"  a: |+\n    x\n\n\n  b: |+\n    x\n\n", "  ? a\n  : 1\n  b: 1\n", "  a: 1\n  : 2\n", "  a\n  b: 1\n", "  a: 1\n b: 1\n", "  a: 1\n\tb: 1\n", "  a: !!map\n  b: !!str 1\n",
		"  a:\n    inputs:\n      - x: 1\n  b:\n    inputs:\n    - x: 2\n    - x: 3\n", "  a:\n    children:\n      c: {inputs: [{x: 1}]}\n      d: {inputs: [{x: 1}]}\n  b: {outputs: [{x: 1}]}\n",
		"  10: 1\n  b: 2\n  9: 3\n", "  a: [\n  b: 1\n", "  a: 1\n  b: [1,\n", "  a:\n  - x: 1\n  b:\n  - x: 1\n", "  a:\n    - inputs:\n      - x: 1\n  b:\n    - inputs:\n      - x: 1\n",
		"  a: list-0\n  b: list-1\n", "  a: 1\r\n  b: 1\r\n", "  'a': 1\n  \"b\": 2\n  ü: 3\n", "  a: 'x\n\n  b: y'\n  c: 1\n", "  a: 1\n  ---\n  b: 1\n", "  a: 1\n---\n  b: 1\n",
	} {
		for _, frame := range []string{
			"children:\n%s", "tree:\n  x: 1\nchildren: # c\n%slast: 1\n", "x: |\n children:\n%s", "x: &y\n children:\n%sz: *y\n", "inputs:\n - a: 1\n   children:\n  %s",
			"x: {\n children:\n%s}\n", "x: '\n children:\n%s'\n", "children:\n  z:\n   children:\n  %s", "- children:\n%s- children:\n%s", "x:\n children:\n%s children:\n%s",
		} {
			compare(t, strings.ReplaceAll(frame, "%s", entries))
			compare(t, strings.ReplaceAll(frame, "%s", strings.ReplaceAll("  "+strings.TrimSuffix(entries, "\n"), "\n", "\n  ")+"\n"))
		}
	}
}

func TestMapsAreReadInChunks(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"children:\n  a: 1\n  b: 2\n":                                       true,
		"tree:\n  children:\n    a: {x: [1]}\n    b:\n      y: |\n       z": true,
		"children:\n  a: 1\n":                                               false, // one chunk
		"children:\n  a: &x 1\n  b: *x\n":                                   false,
		"children:\n  a: 1\n  <<: {b: 1}\n":                                 false,
		"x: |\n children:\n  a: 1\n  b: 2\n":                                false, // a text
	} {
		if got := yaml.Chunked([]byte(text)); got != want {
			t.Errorf("%q: in chunks is %v", text, got)
		}
	}
}

func FuzzScannerIsTheLibrary(f *testing.F) {
	for _, text := range cases(f) {
		f.Add(text)
	}
	f.Fuzz(compare)
}

// pieces are put together at random: most make sense where they land often
// enough.
var pieces = []string{
	"inputs:", "outputs:", "inputs: ", "inputs: # c", "- ", "- a: ", "a: ", "b: ", "c:", "'q': ", `"q":`, "x/y: ", "- inputs:",
	"1", "-2.5", "0x1F", "1e3", ".5", "'2024-01-01T00:00:00.000Z'", "2024-01-01T00:00:00Z", "2024-01-01", "'x'", "'it''s'", `"x\n"`, `"x"`, "text",
	"two words", "a:b", "a#b", "# comment", "a: b", "x: 'y", "'", `"`, "{a: 1, b: 'x'}", "- {a: 1, b: text}", "- {'a':1,\"b\": 2}", "- {a: 1", "}", "[1, 2]", "[", "]", "{", "|", ">-", "&x 1", "*x", "!!str 1",
	"<<: {a: 1}", "---", "...", "~", "null", "true", ".nan", "é", "\u2028", "\u0085", "-", "?", ":", ",", "? a", ": b", "%", "@", "`", "- -", "10: ", "9: ", "a: 1", "  b: 2", "- a: 1\n  b: 2", "- a: 1\n  b: 3\n", "-   a: 1",
	"\t", "\r", "\r\n", "\x01", "\xff", "\ufeff", "list-0", "tree:", "- inputs:\n  - a: 1\n  - a: 2\n", "children:", "children:\n  a: 1\n  b: 2\n  c:\n", "inputs:\n- a: 1\n- a: 2\n", "inputs:\n  - a: 1\n    b: x\n  - a: 2\n    b: y\n",
}

func randomText(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(12) {
		b.WriteString(strings.Repeat(" ", []int{0, 0, 0, 2, 2, 4, 4, 6, 1, 3}[r.IntN(10)]))
		for range 1 + r.IntN(3) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		if r.IntN(20) > 0 {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// randomManifest returns a manifest with lists that are mostly plain enough to
// be scanned, each with a style of its own, and now and then one that is not.
func randomManifest(r *rand.Rand) string {
	var b strings.Builder
	b.WriteString("name: x\ntree:\n  children:\n")
	for i := range 1 + r.IntN(3) {
		fmt.Fprintf(&b, "    c%d:\n      %s:\n", i, []string{"inputs", "outputs"}[r.IntN(2)])
		l := listStyle{
			r: r, dash: strings.Repeat(" ", 6+2*r.IntN(2)) + "-" + strings.Repeat(" ", 1+r.IntN(3)), flow: r.IntN(4) == 0,
			end: []string{"\n", "\n", "\n", "\r\n", " \n", " # c\n"}[r.IntN(6)], odd: r.IntN(3) == 0,
		}
		l.write(&b)
	}
	if r.IntN(2) == 0 {
		b.WriteString("last: 1\n")
	}
	return b.String()
}

// listStyle writes a list.
type listStyle struct {
	r         *rand.Rand
	dash, end string
	flow, odd bool
}

func (l listStyle) write(b *strings.Builder) {
	keys := []string{"timestamp", "duration", "cpu/utilization", "'q k'", `"d"`, "e"}[:1+l.r.IntN(6)]
	indent := strings.Repeat(" ", len(l.dash))
	for range 1 + l.r.IntN(5) {
		lead := l.dash
		if l.flow {
			b.WriteString(lead + "{")
			lead = ""
		}
		for i, key := range keys {
			if l.r.IntN(12) == 0 && i > 0 {
				continue
			}
			v := l.value()
			switch {
			case l.flow:
				b.WriteString(lead + key + ": " + v)
				lead = ", "
			default:
				b.WriteString(lead + key + ":" + strings.Repeat(" ", 1+l.r.IntN(12)/11) + v + l.end)
				lead = indent
			}
		}
		if l.flow {
			b.WriteString("}" + l.end)
		}
		if l.r.IntN(15) == 0 {
			b.WriteString([]string{"\n", "   \n", "# c\n"}[l.r.IntN(3)])
		}
	}
}

func (l listStyle) value() string {
	if l.odd && l.r.IntN(10) == 0 {
		return []string{"[1]", "{a: 1}", "'it''s'", `"a\\n"`, "", "|\n              x", "!!str 1", "x\n              y", "'", "<<", "a: b", "\t1", "{", "- x"}[l.r.IntN(14)]
	}
	return []string{
		"1", "-2", "60", "0.5", "1e-7", "123456789.25", "0x1F", ".5", "-0", "-0.0", "1_000", "'2024-01-01T00:00:00.000Z'",
		"2024-01-01T00:00:00.000Z", "2024-01-02T03:04:05Z", "2024-01-01", "2024-01-01T00:00", "'2024-01-01T00:01:00Z'", "text", "two words", "true", "null", "~", "'x'",
		`"x"`, "a:b", "a#b", "http://x/y?z", "é", "+1", ".nan", "12abc", "007",
	}[l.r.IntN(32)]
}

func TestScannerIsTheLibraryOnRandomManifests(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	scanned, others := 0, 0
	for range 200 {
		text := randomManifest(r)
		compare(t, text)
		s, a, w := yaml.Ways([]byte(text))
		scanned, others = scanned+s, others+a+w
	}
	if scanned < 120 || others < 35 {
		t.Errorf("%d lists were scanned, %d were not; both ways are to be tested", scanned, others)
	}
}

func TestScannerIsTheLibraryOnRandomTexts(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 800 {
		compare(t, randomText(r))
	}
}
