// Package testenv tells tests what they may use around them: recorded results
// of other systems, real servers. A suite that lacks something is skipped and
// says so; under DENDRO_REQUIRE (a comma list of names, set by CI) it fails
// instead, so that nothing is left out in silence.
//
// Three variables are read: DENDRO_ORACLE, the folder of the recorded results;
// DENDRO_REQUIRE; and DENDRO_SKIPPED, a file to which every skip adds a line
// "name<TAB>test<TAB>why" and from which `make test` prints its closing list.
package testenv

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Root returns the folder that holds the module's go.mod.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatalf("module root: %v", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("module root: no go.mod above the folder of this test")
		}
		dir = parent
	}
}

// Oracle returns the folder of recorded results: DENDRO_ORACLE, or
// ../shared/oracle beside the module. It skips the test, by [Skip] under the
// name "oracle", if there is none. The files are not to be changed.
func Oracle(t testing.TB) string {
	t.Helper()
	dir, set := os.LookupEnv("DENDRO_ORACLE")
	if !set || dir == "" {
		dir = filepath.Join(Root(t), "..", "shared", "oracle")
	}
	if !filepath.IsAbs(dir) {
		// Tests run in their own folders; the person who set the variable
		// stood at the root.
		dir = filepath.Join(Root(t), dir)
	}
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		Skip(t, "oracle", fmt.Sprintf("no folder %s; set DENDRO_ORACLE", dir))
	}
	return dir
}

// Required reports whether DENDRO_REQUIRE names the suite.
func Required(name string) bool {
	names := strings.FieldsFunc(os.Getenv("DENDRO_REQUIRE"), func(r rune) bool { return r == ',' || r == ' ' })
	return slices.Contains(names, name)
}

// Skip ends a test that cannot run here: as failed if its name is in
// DENDRO_REQUIRE, as skipped otherwise. The reason says what is missing and how
// to provide it.
func Skip(t testing.TB, name, why string) {
	t.Helper()
	if Required(name) {
		t.Fatalf("%s is required here (DENDRO_REQUIRE) and cannot run: %s", name, why)
	}
	if err := record(name, t.Name(), why); err != nil {
		t.Fatalf("record the skip of %s: %v", name, err)
	}
	t.Skipf("%s not run: %s", name, why)
}

// record adds one line to the file DENDRO_SKIPPED. The test processes of many
// packages write there at once: one short write in append mode keeps lines whole.
func record(name, test, why string) error {
	path := os.Getenv("DENDRO_SKIPPED")
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	oneLine := strings.NewReplacer("\n", " ", "\t", " ")
	line := fmt.Sprintf("%s\t%s\t%s\n", name, test, oneLine.Replace(why))
	if _, err := file.WriteString(line); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
