package yaml_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest/yaml"
	"github.com/dendro-carbon/dendro/internal/value"
)

// recorded is what js-yaml made of a case; see testdata/record.mjs.
type recorded struct {
	Value, Error string
	Line, Column int
}

// cases returns the documents of testdata/cases.txt by name.
func cases(t testing.TB) map[string]string {
	t.Helper()
	data, err := os.ReadFile("testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	escape := regexp.MustCompile(`\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|[rt0\\])`)
	docs := map[string]string{}
	for _, part := range strings.Split("\n"+string(data), "\n=== ")[1:] {
		name, text, _ := strings.Cut(part+"\n", "\n")
		text = strings.TrimSuffix(text, "\\\n")
		docs[name] = escape.ReplaceAllStringFunc(text, func(s string) string {
			switch s[1] {
			case '0':
				return "\x00"
			case '\\':
				return `\`
			case 'x':
				s = `\u00` + s[2:]
			}
			plain, err := strconv.Unquote(`"` + s + `"`)
			if err != nil {
				t.Fatalf("%s: %q: %v", name, s, err)
			}
			return plain
		})
	}
	return docs
}

// show writes a value as record.mjs does.
func show(v value.Value) string {
	var b strings.Builder
	appendShown(&b, v)
	return b.String()
}

func appendShown(b *strings.Builder, v value.Value) {
	switch v.Kind() {
	case value.Text:
		s, _ := v.Str()
		b.WriteString(quote(s))
	case value.Time:
		ms, _ := v.Millis()
		fmt.Fprintf(b, "@%d", ms)
	case value.List:
		b.WriteByte('[')
		for i, item := range v.List() {
			if i > 0 {
				b.WriteByte(',')
			}
			appendShown(b, item)
		}
		b.WriteByte(']')
	case value.Object:
		b.WriteByte('{')
		for i := range v.Map().Len() {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(quote(v.Map().Key(i)) + ":")
			appendShown(b, v.Map().At(i))
		}
		b.WriteByte('}')
	default:
		if f, ok := v.Float(); ok && f == 0 && 1/f < 0 {
			b.WriteString("-0")
			return
		}
		b.WriteString(v.String())
	}
}

// quote writes a text as JSON.stringify does.
func quote(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err)
	}
	return strings.NewReplacer(`\u2028`, "\u2028", `\u2029`, "\u2029").Replace(strings.TrimSuffix(b.String(), "\n"))
}

// Each case has the value, or fails, as with js-yaml. The differences are few:
// ourErrors and ourValues.
func TestReadAsJSYAML(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/jsyaml.json")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]recorded{}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	for name, doc := range cases(t) {
		t.Run(name, func(t *testing.T) {
			w, ok := want[name]
			if !ok {
				t.Fatal("not recorded: run record.mjs")
			}
			got, err := yaml.Read("m.yml", []byte(doc), yaml.Options{IntegerKeysFirst: true})
			if err != nil {
				checkError(t, name, w, err)
				return
			}
			if ours, ok := ourValues[name]; ok {
				w = recorded{Value: ours}
			}
			if w.Error != "" {
				t.Fatalf("got %s, want the error %q", show(got.Plain(got.Root)), w.Error)
			}
			if shown := show(got.Plain(got.Root)); shown != w.Value {
				t.Errorf("got  %s\nwant %s", shown, w.Value)
			}
		})
	}
}

func checkError(t *testing.T, name string, want recorded, err error) {
	t.Helper()
	var list diag.List
	if !errors.As(err, &list) || len(list) == 0 || list[0].Class != yaml.ClassRead || list[0].File != "m.yml" {
		t.Fatalf("got %#v, want a list of %s in m.yml", err, yaml.ClassRead)
	}
	got, _, _ := strings.Cut(list[0].Text, " (")
	if ours, ok := ourErrors[name]; ok {
		if list[0].Text != ours {
			t.Errorf("got %q, want %q", list[0].Text, ours)
		}
		return
	}
	if want.Error == "" {
		t.Fatalf("got %v\nwant %s", err, want.Value)
	}
	// js-yaml points behind a value, sometimes to the next line; we to its
	// beginning. Of what is not ended we give the line on which it begins.
	unended := strings.HasPrefix(got, "unexpected end")
	if got != want.Error || list[0].Line > want.Line || list[0].Line < want.Line-1 && !unended {
		t.Errorf("\ngot  %s\nwant %s (%d:%d)", list[0].Text, want.Error, want.Line, want.Column)
	}
}

// ourErrors are the errors in which we differ from js-yaml in more than the
// column.
var ourErrors = map[string]string{
	// js-yaml lets these pass.
	"quote and comment": "found a comment without preceding whitespace (3:11)",
	"alias in itself":   "alias \"x\" stands within what it refers to (1:12)",
	// The library notices these in another way.
	"control character":     "the stream contains non-printable characters (1:5)",
	"indicators as values":  "bad indentation of a mapping entry (2:8)",
	"list and deeper text":  "can not read an implicit mapping pair; a colon is missed (6:1)",
	"missing colon":         "can not read an implicit mapping pair; a colon is missed (3:1)",
	"multi line key":        "bad indentation of a mapping entry (2:2)",
	"just a bracket":        "bad indentation of a mapping entry (1:1)",
	"tab after dash":        "tab characters must not be used in indentation (2:2)",
	"undeclared tag handle": "undeclared tag handle (1:1)",
	"comma twice":           "missed comma between flow collection entries (1:5)",
}

// ourValues are documents that js-yaml refuses, but that are YAML.
var ourValues = map[string]string{
	"empty key":        `{"inputs":[{"null":1}]}`,
	"delete character": "{\"a\":\"\x7f\"}",
}
