package archtest

import (
	"fmt"
	"go/doc"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

const (
	modFile          = "go.mod"
	dependenciesFile = "docs/DEPENDENCIES.md"
	architectureFile = "docs/ARCHITECTURE.md"

	// The package table lies between these lines and is written by
	// `make generate`.
	tableBegin = "<!-- packages: begin, written by `make generate` -->\n"
	tableEnd   = "<!-- packages: end -->\n"
)

// checkDependencies holds the rows of docs/DEPENDENCIES.md equal to the direct
// requirements of go.mod, with every cell filled.
func checkDependencies(m *Module) []Problem {
	mod, err := fs.ReadFile(m.files, modFile)
	if err != nil {
		return []Problem{{File: modFile, Line: 1, Text: err.Error()}}
	}
	text, err := fs.ReadFile(m.files, dependenciesFile)
	required := requirements(string(mod))
	if err != nil {
		if len(required) == 0 {
			return nil
		}
		return []Problem{{File: dependenciesFile, Line: 1, Text: err.Error()}}
	}
	var problems []Problem
	listed := map[string]bool{}
	for _, row := range rows(string(text), "module") {
		name := strings.Trim(row.cells[0], "`")
		listed[name] = true
		if !slices.ContainsFunc(required, func(r requirement) bool { return r.module == name }) {
			problems = append(problems, Problem{File: dependenciesFile, Line: row.line, Text: fmt.Sprintf(
				"%s is not a direct requirement of go.mod: remove the row", name)})
		}
		if len(row.cells) != 5 || slices.Contains(row.cells, "") {
			problems = append(problems, Problem{File: dependenciesFile, Line: row.line, Text: fmt.Sprintf(
				"%s: fill five cells: module, what for, why this one, licence, what it would take to leave it", name)})
		}
	}
	for _, r := range required {
		if !listed[r.module] {
			problems = append(problems, Problem{File: modFile, Line: r.line, Text: fmt.Sprintf(
				"%s has no row in %s: say what for, why this one, its licence, what it would take to leave it",
				r.module, dependenciesFile)})
		}
	}
	return problems
}

// A requirement is a module that go.mod names for this module's own imports.
type requirement struct {
	module string
	line   int
}

func requirements(mod string) []requirement {
	direct := regexp.MustCompile(`^(?:require\s+|\s+)([^\s()]+)\s+v[^\s]+\s*(//.*)?$`)
	var found []requirement
	inside := false
	number := 0
	for line := range strings.Lines(mod) {
		number++
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "require (":
			inside = true
		case line == ")":
			inside = false
		case inside || strings.HasPrefix(line, "require "):
			if match := direct.FindStringSubmatch(line); match != nil && !strings.Contains(match[2], "indirect") {
				found = append(found, requirement{match[1], number})
			}
		}
	}
	return found
}

// A row of a Markdown table, without its outer bars.
type row struct {
	line  int
	cells []string
}

// rows returns the rows of the tables whose first column has the heading.
func rows(text, heading string) []row {
	var found []row
	inside := false
	number := 0
	for line := range strings.Lines(text) {
		number++
		cells, ok := cells(line)
		switch {
		case !ok:
			inside = false
		case cells[0] == heading:
			inside = true
		case inside && strings.Trim(cells[0], "-: ") != "":
			found = append(found, row{number, cells})
		}
	}
	return found
}

// cells divides a line of a Markdown table. A bar inside a cell is written \|.
func cells(line string) ([]string, bool) {
	inner, ok := strings.CutPrefix(strings.TrimSpace(line), "|")
	if !ok {
		return nil, false
	}
	const bar = "\x00"
	inner = strings.ReplaceAll(strings.TrimSuffix(inner, "|"), `\|`, bar)
	parts := strings.Split(inner, "|")
	for i, part := range parts {
		parts[i] = strings.ReplaceAll(strings.TrimSpace(part), bar, "|")
	}
	return parts, true
}

// checkArchitecture holds the package table of docs/ARCHITECTURE.md equal to the
// packages there are.
func checkArchitecture(m *Module) []Problem {
	text, err := fs.ReadFile(m.files, architectureFile)
	if err != nil {
		return []Problem{{File: architectureFile, Line: 1, Text: err.Error()}}
	}
	want, err := WithPackageTable(m, string(text))
	if err != nil {
		return []Problem{{File: architectureFile, Line: 1, Text: err.Error()}}
	}
	if want == string(text) {
		return nil
	}
	line := 1
	for a, b := string(text), want; ; line++ {
		nextA, restA, _ := strings.Cut(a, "\n")
		nextB, restB, _ := strings.Cut(b, "\n")
		if nextA != nextB {
			return []Problem{{File: architectureFile, Line: line, Text: fmt.Sprintf(
				"the package table is out of date, run `make generate`\n\thave: %s\n\twant: %s", nextA, nextB)}}
		}
		a, b = restA, restB
	}
}

// WithPackageTable returns the text of docs/ARCHITECTURE.md with the table of
// the packages as they are: ring, path and the first sentence of the package
// comment.
func WithPackageTable(m *Module, text string) (string, error) {
	before, rest, ok := strings.Cut(text, tableBegin)
	_, after, closed := strings.Cut(rest, tableEnd)
	if !ok || !closed {
		return "", fmt.Errorf("no lines %q and %q around the package table", tableBegin, tableEnd)
	}
	var table strings.Builder
	table.WriteString("| ring | package | what it is |\n|---|---|---|\n")
	for _, entry := range m.Rings {
		if pkg := m.find(entry.Path); pkg != nil {
			fmt.Fprintf(&table, "| %v | `%s` | %s |\n", entry.Ring, entry.Path, strings.ReplaceAll(pkg.synopsis(), "|", `\|`))
		}
	}
	return before + tableBegin + table.String() + tableEnd + after, nil
}

func (m *Module) find(path string) *Package {
	for _, pkg := range m.Packages {
		if pkg.Path == path {
			return pkg
		}
	}
	return nil
}

// synopsis returns the first sentence of the package comment, without the
// package's name and the brackets of links.
func (p *Package) synopsis() string {
	for _, file := range p.Production {
		if file.AST.Doc == nil {
			continue
		}
		sentence := new(doc.Package).Synopsis(file.AST.Doc.Text())
		_, sentence, _ = strings.Cut(sentence, " ") // "Package"
		_, sentence, _ = strings.Cut(sentence, " ") // its name
		links := regexp.MustCompile(`\[([\w.]+)\]`)
		return strings.TrimSuffix(links.ReplaceAllString(sentence, "$1"), ".")
	}
	return ""
}
