package archtest_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/dendro-carbon/dendro/internal/archtest"
	"github.com/dendro-carbon/dendro/internal/golden"
	"github.com/dendro-carbon/dendro/internal/testenv"
)

//go:generate go test . -run ^TestPackageTable$ -update

// TestModule holds this module to the rules.
func TestModule(t *testing.T) {
	t.Parallel()
	m := load(t, os.DirFS(testenv.Root(t)), archtest.Rings())
	for _, rule := range archtest.RuleNames() {
		t.Run(rule, func(t *testing.T) {
			for _, problem := range archtest.Check(m, rule) {
				t.Error(problem)
			}
		})
	}
}

// TestPackageTable writes the package table of docs/ARCHITECTURE.md under
// -update; the rule "architecture" compares it otherwise.
func TestPackageTable(t *testing.T) {
	if !golden.Update() {
		t.Skip("nothing to write without -update")
	}
	root := testenv.Root(t)
	path := filepath.Join(root, "docs", "ARCHITECTURE.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	written, err := archtest.WithPackageTable(load(t, os.DirFS(root), archtest.Rings()), string(text))
	if err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, path, written)
}

// TestRules runs each rule on small modules that break it. testdata/RULE.txtar
// or testdata/RULE-*.txtar holds the module's files, "rings" (its table: a ring
// and a package a line) and "want" (the problems).
func TestRules(t *testing.T) {
	t.Parallel()
	covered := map[string]bool{}
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range archives {
		rule, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(path), ".txtar"), "-")
		covered[rule] = true
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files, rings := module(t, archive)
			var got strings.Builder
			for _, problem := range archtest.Check(load(t, files, rings), rule) {
				got.WriteString(problem.String() + "\n")
			}
			if got.Len() == 0 {
				t.Error("the rule finds nothing here, so this does not show that it can fail")
			}
			archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
			archive.Files = append(archive.Files, txtar.File{Name: "want", Data: []byte(got.String())})
			golden.Equal(t, path, txtar.Format(archive))
		})
	}
	for _, rule := range archtest.RuleNames() {
		if !covered[rule] {
			t.Errorf("no testdata/%s.txtar shows that this rule can fail", rule)
		}
	}
}

// module returns the files and the ring table of an archive.
func module(t *testing.T, archive *txtar.Archive) (fs.FS, archtest.Table) {
	t.Helper()
	files := fstest.MapFS{"go.mod": {Data: []byte("module example.org/m\n\ngo 1.26\n")}}
	var rings archtest.Table
	for _, file := range archive.Files {
		switch file.Name {
		case "want":
		case "rings":
			rings = parseRings(t, string(file.Data))
		default:
			files[file.Name] = &fstest.MapFile{Data: expand(t, string(file.Data))}
		}
	}
	return files, rings
}

func parseRings(t *testing.T, text string) archtest.Table {
	t.Helper()
	var rings archtest.Table
	for line := range strings.Lines(text) {
		ring, path, _ := strings.Cut(strings.TrimSpace(line), " ")
		number, err := strconv.Atoi(strings.Replace(ring, "test", "-1", 1))
		if err != nil {
			t.Fatal(err)
		}
		rings = append(rings, archtest.Entry{Ring: archtest.Ring(number), Path: path})
	}
	return rings
}

// expand writes a line "@N text" out as N lines of the text, so that files
// above a limit stay short in an archive.
func expand(t *testing.T, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	for line := range strings.Lines(text) {
		times := 1
		if repeat, ok := strings.CutPrefix(line, "@"); ok {
			var number string
			number, line, _ = strings.Cut(repeat, " ")
			var err error
			if times, err = strconv.Atoi(number); err != nil {
				t.Fatal(err)
			}
		}
		out.WriteString(strings.Repeat(line, times))
	}
	return out.Bytes()
}

func load(t *testing.T, files fs.FS, rings archtest.Table) *archtest.Module {
	t.Helper()
	m, err := archtest.Load(files, rings)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
