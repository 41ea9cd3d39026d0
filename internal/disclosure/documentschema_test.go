package disclosure_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/golden"
	"github.com/dendro-carbon/dendro/unit"
)

const schemaFile = "../../docs/schema/dendro-disclosure-v1.json"

func readSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(schemaFile, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// full is a document in which nothing is left out.
func full(t *testing.T) *disclosure.Document {
	t.Helper()
	old, text := made(t, january(), request())
	p, r := january(), request()
	p.Ledger = &disclosure.LedgerInput{KnownAt: time.Date(2026, 2, 1, 0, 0, 0, 1000, time.UTC), Restatements: 3}
	p.Quality.Findings = []disclosure.Finding{{Code: disclosure.FindingChain, Grave: true, Input: "windows-1.ndjson", Count: 2, Text: "2 breaks"}}
	p.Report.Methodologies, p.Report.Coefficients, p.Report.Versions = []string{"sci_v1"}, []string{"a=1"}, []string{"0.11.1"}
	p.Rows[0].Energy += 5
	p.Total.Energy += 5
	r.Org.Organisation = disclosure.Organisation{
		Name: "Example", Country: "FR", Sector: "62.01",
		Identifiers: disclosure.Identifiers{Siren: "1", VAT: "2", LEI: "3", OpenCorporate: "https://example.org/4", Domain: "example.org"},
	}
	r.Org.Scope.Requests = new(uint64(1000))
	r.Org.Scope.Environments = []string{"prod"}
	r.Org.Scope.Excluded = []disclosure.ReasonedService{{Service: "batch", Reason: "no spans"}}
	r.Org.Scope.Absent = []disclosure.Reasoned{{Name: "test", Reason: "small"}}
	r.Org.Notes.References = map[string]string{"method": "https://example.org/method"}
	r.Org.Acknowledged = map[string]string{"chain-broken": "a disk was replaced"}
	r.Accounts = []byte(`{"policy":{"name":"default"}}`)
	r.Restates = &disclosure.Old{Document: old, SHA256: disclosure.Hash(text)}
	r.Reasons = []disclosure.Reason{{Cause: disclosure.CauseLate, Slots: 2, Energy: 5}}
	r.Previous = &disclosure.Link{ID: old.ID, SHA256: disclosure.Hash(text)}
	d, _ := made(t, p, r)
	return d
}

func TestDocumentsFollowTheSchema(t *testing.T) {
	t.Parallel()
	schema := readSchema(t)
	small := request()
	small.Org, small.Intent = nil, disclosure.Internal
	empty := &disclosure.Period{Span: january().Span}
	none, _ := made(t, empty, small)
	plain, _ := made(t, january(), small)
	for name, d := range map[string]*disclosure.Document{"full": full(t), "plain": plain, "empty": none} {
		text, err := d.Text()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := disclosure.Parse(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
	}
}

// TestSchemaHasEveryMember compares the members of the schema with those of the types, so
// that neither has one that the other lacks.
func TestSchemaHasEveryMember(t *testing.T) {
	t.Parallel()
	root := schemaTree(t)
	want := map[string]bool{}
	members(reflect.TypeFor[disclosure.Document](), "", want)
	have := map[string]bool{}
	for _, m := range root.list("") {
		have[m.path] = true
		if m.node.Description == "" {
			t.Errorf("%s has no description", m.path)
		}
	}
	for path := range want {
		if !have[path] {
			t.Errorf("the schema lacks %s", path)
		}
	}
	for path := range have {
		if !want[path] {
			t.Errorf("the document has no %s", path)
		}
	}
}

// members adds the paths of all members that a type is written with.
func members(t reflect.Type, path string, found map[string]bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice && t != reflect.TypeFor[json.RawMessage]() {
		if t.Kind() == reflect.Slice {
			path += "[]"
		}
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || slices.Contains([]reflect.Type{
		reflect.TypeFor[time.Time](), reflect.TypeFor[account.Labels](), reflect.TypeFor[unit.Energy](),
	}, t) {
		return
	}
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous && name == "" {
			members(field.Type, path, found)
			continue
		}
		at := strings.TrimPrefix(path+"."+name, ".")
		found[at] = true
		members(field.Type, at, found)
	}
}

// node is what of a schema is read here.
type node struct {
	Type        any              `json:"type"`
	Description string           `json:"description"`
	Properties  ordered          `json:"properties"`
	Items       *node            `json:"items"`
	Enum        []string         `json:"enum"`
	AnyOf       []*node          `json:"anyOf"`
	Ref         string           `json:"$ref"`
	Defs        map[string]*node `json:"$defs"`
}

// ordered is the members of an object in the order of the file.
type ordered []property

type property struct {
	name string
	node *node
}

func (o *ordered) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var n node
		if err := d.Decode(&n); err != nil {
			return err
		}
		*o = append(*o, property{fmt.Sprint(name), &n})
	}
	return nil
}

func schemaTree(t *testing.T) *node {
	t.Helper()
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var root node
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	root.resolve(root.Defs)
	return &root
}

// resolve replaces references by what they are to.
func (n *node) resolve(defs map[string]*node) {
	if target := defs[strings.TrimPrefix(n.Ref, "#/$defs/")]; target != nil {
		description := n.Description
		*n = *target
		if description != "" {
			n.Description = description
		}
	}
	for _, p := range n.Properties {
		p.node.resolve(defs)
	}
	if n.Items != nil {
		n.Items.resolve(defs)
	}
	for _, alternative := range n.AnyOf {
		alternative.resolve(defs)
	}
}

type listed struct {
	path string
	node *node
}

// list returns all members in order, with their paths.
func (n *node) list(path string) []listed {
	var all []listed
	for _, p := range n.Properties {
		at := strings.TrimPrefix(path+"."+p.name, ".")
		all = append(all, listed{at, p.node})
		all = append(all, p.node.list(at)...)
	}
	if n.Items != nil {
		all = append(all, n.Items.list(path+"[]")...)
	}
	for _, alternative := range n.AnyOf {
		all = append(all, alternative.list(path)...)
	}
	return all
}

// TestSchemaReference writes docs/schema/README.md from the schema.
func TestSchemaReference(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	root := schemaTree(t)
	fmt.Fprintf(&b, "# The members of a disclosure\n\nWritten by `go test ./internal/disclosure -update` from [dendro-disclosure-v1.json](dendro-disclosure-v1.json)"+
		" (JSON Schema, draft 2020-12).\n\n%s\n\n| member | type | what it is |\n|---|---|---|\n", root.Description)
	for _, m := range root.list("") {
		text := m.node.Description
		if len(m.node.Enum) > 0 {
			text += ": `" + strings.Join(m.node.Enum, "`, `") + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", m.path, m.node.typeName(), text)
	}
	golden.Equal(t, "../../docs/schema/README.md", b.String())
}

func (n *node) typeName() string {
	switch t := n.Type.(type) {
	case string:
		return t
	case []any:
		return fmt.Sprint(t[0]) + " or null"
	}
	return "object or null"
}
