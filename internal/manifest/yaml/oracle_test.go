package yaml_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/manifest/yaml"
	"github.com/dendro-carbon/dendro/internal/testenv"
	"github.com/dendro-carbon/dendro/internal/value"
)

// asRecorded turns a value into what the recordings show of it: times and
// numbers that JSON does not have as texts.
func asRecorded(v value.Value) value.Value {
	if f, ok := v.Float(); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
		return value.OfText(v.String())
	}
	switch v.Kind() {
	case value.Time:
		return value.OfText(v.String())
	case value.List:
		var list []value.Value
		for _, item := range v.List() {
			list = append(list, asRecorded(item))
		}
		return value.OfList(list)
	case value.Object:
		m := value.NewMap(0)
		for key, item := range v.Map().All() {
			m.Set(key, asRecorded(item))
		}
		return value.OfMap(m)
	}
	return v
}

// readPlain reads a file as JavaScript would and returns it without frames.
func readPlain(t *testing.T, file string) *value.Map {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := yaml.Read(file, data, yaml.Options{IntegerKeysFirst: true})
	if err != nil {
		t.Fatal(err)
	}
	return asRecorded(doc.Plain(doc.Root)).Map()
}

// Impact Framework writes back what it has read: the whole tree when it fails,
// the inputs when it does not.
func TestReadIsWhatImpactFrameworkRead(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(testenv.Oracle(t), "if", "*", "*.yml"))
	if err != nil {
		t.Fatal(err)
	}
	trees, lists := 0, 0
	for _, file := range files {
		if strings.HasSuffix(file, "core-dup-keys.yml") {
			continue // it is refused, see TestRefusesDuplicateKeys
		}
		recorded := readPlain(t, strings.TrimSuffix(file, ".yml")+".json")
		got, want := readPlain(t, file).Get("tree"), recorded.Get("tree")
		if status, _ := recorded.Get("status").Str(); status == "fail" {
			trees++
			if g, w := show(got), show(want); g != w {
				t.Errorf("%s:\ngot  %s\nwant %s", filepath.Base(file), g, w)
			}
			continue
		}
		lists += checkInputs(t, filepath.Base(file), got.Map(), want.Map(), false)
	}
	if trees < 100 || lists < 100 {
		t.Errorf("compared %d trees and %d lists of inputs; expected more", trees, lists)
	}
}

// checkInputs compares the inputs of a node and of those below it, and returns
// how many there were. Where plugins observe, the inputs are theirs.
func checkInputs(t *testing.T, name string, got, want *value.Map, observed bool) int {
	t.Helper()
	observed = observed || got.Get("pipeline").Map().Has("observe")
	n := 0
	if inputs := got.Get("inputs"); !observed && want.Has("inputs") {
		n++
		if g, w := show(inputs), show(want.Get("inputs")); g != w {
			t.Errorf("%s:\ngot  %s\nwant %s", name, g, w)
		}
	}
	for key, child := range got.Get("children").Map().All() {
		n += checkInputs(t, name, child.Map(), want.Get("children").Map().Get(key).Map(), observed)
	}
	return n
}

func TestRefusesDuplicateKeys(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join(testenv.Oracle(t), "if", "quirks", "core-dup-keys.yml"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = yaml.Read("core-dup-keys.yml", data, yaml.Options{})
	if err == nil || !strings.HasPrefix(err.Error(), "core-dup-keys.yml:3: ReadFileError: duplicated mapping key (3:26)") {
		t.Errorf("got %v", err)
	}
}
