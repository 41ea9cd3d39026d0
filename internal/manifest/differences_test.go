package manifest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/files"
	"github.com/dendro-carbon/dendro/internal/value"
)

// TestDifferences runs testdata/differences: for each difference of the table a
// manifest, and what it gives under Impact Framework's options and by default.
// The file's comment says what is at stake. Expectations are lines such as
//
//	tree.children.a.outputs.0.s = 3
//	error: part of a message
//	notice: part of a notice
//
// A line without a value, "tree.children.a.outputs.0.s =", means absent.
func TestDifferences(t *testing.T) {
	for _, d := range compat.Table() {
		t.Run(d.Name, func(t *testing.T) {
			path := filepath.Join("testdata", "differences", d.Name+".txtar")
			if _, err := os.Stat(path); err != nil {
				t.Fatalf("the difference %q has no test: add %s", d.Name, path)
			}
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			difference(t, archive)
		})
	}
}

// unpack writes an archive's files into a folder, makes it the working one and
// returns their texts by name.
func unpack(t *testing.T, archive *txtar.Archive) map[string]string {
	t.Helper()
	sections := make(map[string]string)
	dir := t.TempDir()
	for _, f := range archive.Files {
		sections[f.Name] = string(f.Data)
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	return sections
}

func difference(t *testing.T, archive *txtar.Archive) {
	sections := unpack(t, archive)
	for name, opts := range map[string]compat.Options{"if-1.1": compat.IF11(), "default": {}} {
		want, ok := sections[name]
		if !ok {
			t.Fatalf("no section %q", name)
		}
		flags := strings.Fields(sections["flags"])
		expectations(t, name, runWith([]byte(sections["manifest.yml"]), opts, flags), want)
	}
}

// outcome is what a run gave, as a document to look values up in.
type outcome struct {
	tree    value.Value
	err     error
	notices string
}

func runWith(data []byte, opts compat.Options, flags []string) outcome {
	m, err := manifest.Read("manifest.yml", data, opts)
	if err != nil {
		return outcome{err: err}
	}
	o := manifest.Options{AllowShell: true, Files: files.New(files.Options{Offline: true})}
	for _, flag := range flags {
		switch flag {
		case "--observe":
			o.Phases.Observe = true
		case "--regroup":
			o.Phases.Regroup = true
		case "--compute":
			o.Phases.Compute = true
		case "--append":
			o.Append = true
		}
	}
	result, err := m.Run(context.Background(), o)
	out := outcome{tree: treeValue(result.Tree), err: err}
	for _, n := range result.Notices {
		out.notices += fmt.Sprintln(n)
	}
	return out
}

func expectations(t *testing.T, mode string, got outcome, want string) {
	t.Helper()
	wantsError := false
	for line := range strings.Lines(want) {
		line = strings.TrimSpace(line)
		if text, ok := strings.CutPrefix(line, "error: "); ok {
			wantsError = true
			if got.err == nil || !strings.Contains(got.err.Error(), text) {
				t.Errorf("%s: the error does not say %q: %v", mode, text, got.err)
			}
			continue
		}
		if text, ok := strings.CutPrefix(line, "notice: "); ok {
			if !strings.Contains(got.notices, text) {
				t.Errorf("%s: no notice says %q: %s", mode, text, got.notices)
			}
			continue
		}
		if path, text, ok := strings.Cut(line, " ="); ok {
			if v := lookup(got.tree, strings.TrimSpace(path)); show(v) != strings.TrimSpace(text) {
				t.Errorf("%s: %s is %s, want %s", mode, path, show(v), text)
			}
		}
	}
	if got.err != nil && !wantsError {
		t.Errorf("%s: %v", mode, got.err)
	}
	if mode == "if-1.1" && got.notices != "" {
		t.Errorf("notices under Impact Framework's options: %s", got.notices)
	}
}

// lookup follows a path; the keys themselves may hold dots if quoted.
func lookup(v value.Value, path string) value.Value {
	for _, key := range pathKeys(strings.TrimPrefix(path, "tree")) {
		if i, err := strconv.Atoi(key); err == nil && v.Kind() == value.List {
			if i >= len(v.List()) {
				return value.Value{}
			}
			v = v.List()[i]
			continue
		}
		v = v.Map().Get(key)
	}
	return v
}

func pathKeys(path string) []string {
	var keys []string
	for path != "" {
		path = strings.TrimPrefix(path, ".")
		if quoted, err := strconv.QuotedPrefix(path); err == nil {
			key, _ := strconv.Unquote(quoted)
			keys, path = append(keys, key), path[len(quoted):]
			continue
		}
		key, rest, _ := strings.Cut(path, ".")
		keys, path = append(keys, key), rest
	}
	return keys
}

func show(v value.Value) string {
	switch v.Kind() {
	case value.Absent:
		return ""
	case value.List:
		var items []string
		for _, item := range v.List() {
			items = append(items, show(item))
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	return v.String()
}
