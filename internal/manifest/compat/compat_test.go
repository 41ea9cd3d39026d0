package compat_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/golden"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/testenv"
)

func ExampleIF11() {
	right, as := compat.Options{}, compat.IF11()
	fmt.Println(right.UnknownMetricCopies, as.UnknownMetricCopies)
	// Output: false true
}

// Every option is in the table once, so that IF11 sets all of them and the
// documents list all of them.
func TestTableIsComplete(t *testing.T) {
	names := make(map[string]bool)
	for _, d := range compat.Table() {
		if names[d.Name] {
			t.Errorf("%s is listed twice", d.Name)
		}
		names[d.Name] = true
		var o compat.Options
		*d.Field(&o) = true
		if o == (compat.Options{}) {
			t.Errorf("%s switches nothing", d.Name)
		}
	}
	v := reflect.ValueOf(compat.IF11())
	for i := range v.NumField() {
		if !v.Field(i).Bool() {
			t.Errorf("option %s is not in the table", v.Type().Field(i).Name)
		}
	}
	if v.NumField() != len(names) {
		t.Errorf("%d options, %d rows", v.NumField(), len(names))
	}
}

// The table in docs/COMPATIBILITY.md is this one.
func TestDocument(t *testing.T) {
	const begin, end = "<!-- differences -->\n", "<!-- end of differences -->"
	path := filepath.Join(testenv.Root(t), "docs", "COMPATIBILITY.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(text), begin)
	table, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("%s has no place for the table: %s…%s", path, begin, end)
	}
	want := compat.Markdown()
	switch {
	case table == want:
	case golden.Update():
		if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Error("the table of differences in docs/COMPATIBILITY.md is not that of package compat: run make golden")
	}
}
