package yaml_test

import (
	"fmt"
	"testing"

	"github.com/dendro-carbon/dendro/internal/manifest/yaml"
	"github.com/dendro-carbon/dendro/internal/value"
)

const manifest = `name: two rows
tree:
  children:
    a:
      inputs:
        - timestamp: '2024-01-01T00:00:00.000Z'
          duration: 60
          energy: 0.5
        - timestamp: '2024-01-01T00:01:00.000Z'
          duration: 60
          energy: 0.25
`

func ExampleRead() {
	doc, err := yaml.Read("m.yml", []byte(manifest), yaml.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	tree := doc.Root.Map().Get("tree").Map()
	inputs := tree.Get("children").Map().Get("a").Map().Get("inputs")
	i, _ := inputs.BulkIndex()
	b := &doc.Bulk[i]
	energy, _ := b.Frame.Vec("energy")
	fmt.Println(b.Frame.Len(), "rows; row 1 is on line", b.Lines.At(1), "and used", energy.At(1))
	// Output: 2 rows; row 1 is on line 9 and used 0.25
}

func ExampleRead_errors() {
	_, err := yaml.Read("m.yml", []byte("tree: {children: {a: {}, a: {}}}\nname: x\nname: y\n"), yaml.Options{})
	fmt.Println(err)
	// Output:
	// m.yml:1: ReadFileError: duplicated mapping key (1:26)
	//   Try: keep one of the keys "a"
	// m.yml:3: ReadFileError: duplicated mapping key (3:1)
	//   Try: keep one of the keys "name"
}

func ExampleReadAll() {
	docs, _ := yaml.ReadAll("output", []byte("- energy: 1\n---\nenergy: 2\n"), yaml.Options{})
	for _, doc := range docs {
		fmt.Println(doc.Root.Kind())
	}
	// Output:
	// array
	// object
}

func ExampleDoc_Plain() {
	doc, _ := yaml.Read("m.yml", []byte("inputs: [{energy: 1}, {energy: 2}]"), yaml.Options{})
	inputs := doc.Root.Map().Get("inputs")
	fmt.Println(inputs.Kind() == value.Bulk, len(doc.Plain(inputs).List()))
	// Output: true 2
}

func TestReadAllCountsDocumentsAsJSYAML(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "\n": "", "   ": "", "  \n": "", "\ufeff": "",
		"\n\n": "null", "# c": "null", "---": "null", "--- # c\n": "null", "null": "null", "\t\n": "null",
		"a\n---\n": `"a" null`, "a\n...\n": `"a"`, "a\n...\n# c\n": `"a"`, "---\na\n---\nb\n": `"a" "b"`, "a\n...\n---\nb": `"a" "b"`,
		"---\n---\n": "null null", "%YAML 1.2\n---\na\n...\n%YAML 1.2\n---\nb\n": `"a" "b"`,
		"inputs:\n- a: 1\n---\ninputs:\n- a: 2\n- a: 3\n": `{"inputs":[{"a":1}]} {"inputs":[{"a":2},{"a":3}]}`,
	} {
		docs, err := yaml.ReadAll("m.yml", []byte(text), yaml.Options{})
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		got := ""
		for i, doc := range docs {
			if i > 0 {
				got += " "
			}
			got += show(doc.Plain(doc.Root))
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// Which lists become frames, and where.
func TestBulk(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"inputs:\n- a: 1\noutputs:\n- a: 1\nothers:\n- a: 1\n": 2,
		"inputs: []\noutputs: [1]\n":                           0,
		"inputs: [{}]\n":                                       1,
		"inputs: [{a: 1}, 2]\n":                                0,
		"inputs: {a: 1}\n":                                     0,
		"a: [{inputs: [{a: 1}]}, {outputs: [{a: 1}]}]\n":       2,
		"outputs: [{inputs: [{a: 1}]}]\n":                      1, // none within a row
		"inputs: &x [{a: 1}]\noutputs: *x\n":                   1, // shared
		"x: &x [{a: 1}]\ninputs: *x\n":                         1,
		"inputs: [&r {a: 1}, *r]\n":                            1,
		"inputs: !!seq [{a: 1}]\n":                             0,
		"inputs: [!!set {a}]\n":                                1,
	} {
		doc, err := yaml.Read("m.yml", []byte(text), yaml.Options{})
		if err != nil || len(doc.Bulk) != want {
			t.Errorf("%q: got %d frames, %v; want %d", text, len(doc.Bulk), err, want)
		}
	}
}

func TestBulkKeys(t *testing.T) {
	t.Parallel()
	text := []byte("inputs:\n- a: 1\nrows:\n- a: 1\n")
	doc, err := yaml.Read("m.yml", text, yaml.Options{BulkKeys: []string{"rows"}})
	if err != nil || len(doc.Bulk) != 1 || doc.Root.Map().Get("rows").Kind() != value.Bulk {
		t.Errorf("got %s, %v", show(doc.Plain(doc.Root)), err)
	}
	doc, err = yaml.Read("m.yml", text, yaml.Options{BulkKeys: []string{}})
	if err != nil || len(doc.Bulk) != 0 {
		t.Errorf("no keys: got %d frames, %v", len(doc.Bulk), err)
	}
}

// The ways in which lists are written that are scanned, and those that the
// library reads: a change of either is a change of speed.
func TestWays(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		manifest:                             "1 0 0",
		"inputs:\n  - {a: 1, b: 'x'}\n":      "1 0 0",
		"inputs: # c\n  - a: 1 # c\n  # c\n": "1 0 0",
		"- inputs:\n  - a: 1\n":              "1 0 0",
		"inputs:\r\n- a: 1\r\n":              "1 0 0",
		"inputs:\n  - a: |\n      x\n":       "0 1 0",
		"inputs:\n  - a: [1]\n":              "0 1 0",
		"inputs:\n  - a: 'it''s'\n":          "0 1 0",
		"inputs:\n  - a: &x 1\n":             "0 0 1",
		"inputs:\n  - a: !!str 1\n":          "0 0 1",
		"inputs:\n  - 1\n":                   "0 0 1",
		"x: |\n  inputs:\n  - a: 1\n":        "0 0 1",
		"inputs: &x\n  - a: 1\n":             "0 0 0",
		"inputs: [{a: 1}]\n":                 "0 0 0",
	} {
		scanned, alone, withRest := yaml.Ways([]byte(text))
		if got := fmt.Sprint(scanned, alone, withRest); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}
