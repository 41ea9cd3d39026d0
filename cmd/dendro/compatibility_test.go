package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/testenv"
)

// TestComparisonNamesTests holds that what docs/COMPATIBILITY.md says of Ada is shown
// by tests that exist.
func TestComparisonNamesTests(t *testing.T) {
	t.Parallel()
	root := testenv.Root(t)
	text, err := os.ReadFile(filepath.Join(root, "docs", "COMPATIBILITY.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "<!-- ada -->")
	table, _, found := strings.Cut(table, "<!-- end of ada -->")
	rows := strings.Split(strings.TrimSpace(table), "\n")
	if !found || len(rows) < 30 {
		t.Fatalf("%d rows between the marks", len(rows))
	}
	for _, row := range rows[2:] {
		cells := strings.Split(strings.Trim(row, "| "), "|")
		shown := regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[len(cells)-1], -1)
		if len(cells) != 5 || len(shown) == 0 {
			t.Errorf("no test shows it: %s", row)
		}
		for _, name := range shown {
			if !exists(t, root, name[1]) {
				t.Errorf("there is no %s", name[1])
			}
		}
	}
}

// exists finds a file, or the test or benchmark of a package.
func exists(t *testing.T, root, name string) bool {
	t.Helper()
	folder, test, isTest := strings.Cut(name, ": ")
	if !isTest {
		_, err := os.Stat(filepath.Join(root, name))
		return err == nil
	}
	files, err := filepath.Glob(filepath.Join(root, folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc "+test+"(") {
			return true
		}
	}
	return false
}
