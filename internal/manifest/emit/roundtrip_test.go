package emit_test

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/manifest/emit"
	"github.com/dendro-carbon/dendro/internal/manifest/yaml"
	"github.com/dendro-carbon/dendro/internal/value"
)

// What is written reads back as what it was, with and without the scanner of
// observations.
func TestReadBack(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		doc, whole := randomDocument(rand.New(rand.NewPCG(seed, 6)))
		checkReadBack(t, render(t, emit.YAML, doc, emit.Options{}), whole)
	}
}

func FuzzReadBack(f *testing.F) {
	for seed := range uint64(5) {
		f.Add(seed, "a: b", "key")
	}
	for _, s := range hard {
		f.Add(uint64(0), s, "k"+s)
	}
	f.Fuzz(func(t *testing.T, seed uint64, text, key string) {
		r := rand.New(rand.NewPCG(seed, 7))
		text, key = valid(text), valid(key)
		list := value.OfList([]value.Value{value.OfText(text), value.OfMap(pairsOf("k"+key, value.OfText(text), "b", randomValue(r, 3)))})
		whole := value.OfMap(pairsOf("a", list, "k"+key, value.OfText(text), "inputs", rowsValue(randomFrame(r))))
		checkReadBack(t, written(t, whole), whole)
	})
}

// valid replaces what is not UTF-8, as the writer does.
func valid(s string) string { return string([]rune(s)) }

func checkReadBack(t *testing.T, text string, whole value.Value) {
	t.Helper()
	want := present(whole)
	for _, libraryOnly := range []bool{false, true} {
		doc, err := yaml.Read("m.yml", []byte(text), yaml.Options{LibraryOnly: libraryOnly})
		if err != nil {
			t.Fatalf("library only %v: %v\n%s", libraryOnly, err, text)
		}
		if got := doc.Plain(doc.Root); !value.Equal(got, want) {
			t.Fatalf("library only %v:\n%s\n%s", libraryOnly, cmp.Diff(encode(want), encode(got)), text)
		}
	}
}

// present returns a value without what is absent.
func present(v value.Value) value.Value {
	switch v.Kind() {
	case value.Absent:
		return value.OfNull()
	case value.List:
		items := make([]value.Value, len(v.List()))
		for i, item := range v.List() {
			items[i] = present(item)
		}
		return value.OfList(items)
	case value.Object:
		m := value.NewMap(v.Map().Len())
		for name, item := range v.Map().All() {
			if item.Kind() != value.Absent {
				m.Set(name, present(item))
			}
		}
		return value.OfMap(m)
	}
	return v
}
