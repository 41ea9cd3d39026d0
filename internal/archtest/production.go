package archtest

import (
	"fmt"
	"go/ast"
	"strings"
)

// productionImports are packages that no production code links, in any ring.
func productionImports() []ban {
	const tests = "test code would become part of the program; move the helper into a package of ring test"
	return []ban{
		{"C", "the program is one static binary without cgo"},
		{"testing", tests},
		{"testing/", tests},
		{"github.com/google/go-cmp/", tests},
		{"github.com/rogpeppe/go-internal/", tests},
		{"go.uber.org/goleak", tests},
		{"github.com/stretchr/testify/", "tests use the standard library and go-cmp"},
		{"log", "log through a *slog.Logger that the constructor takes"},
		{"io/ioutil", "deprecated: io and os have what it had"},
	}
}

// exits are the calls that end the program, which only main may.
func exits() []string {
	return []string{
		"os.Exit", "log.Fatal", "log.Fatalf", "log.Fatalln", "log.Panic", "log.Panicf", "log.Panicln",
		"runtime.Goexit",
	}
}

// checkProduction bans what production code of every ring does without. In
// tests it bans testify and dot imports.
func checkProduction(m *Module) []Problem {
	var problems []Problem
	for _, pkg := range m.Packages {
		_, ring, _ := m.Rings.find(pkg.Path)
		for _, file := range pkg.all() {
			isTest := ring == ringTest || strings.HasSuffix(file.Path, "_test.go")
			for _, imp := range file.Imports {
				if text := unfit(imp, isTest); text != "" {
					problems = append(problems, Problem{File: file.Path, Line: imp.Line, Text: text})
				}
			}
			if !isTest && !strings.HasPrefix(pkg.Path, "cmd/") {
				problems = append(problems, m.endings(file)...)
			}
		}
	}
	return problems
}

// unfit returns why a file must not have the import.
func unfit(imp Import, isTest bool) string {
	if imp.Name == "." {
		return fmt.Sprintf("dot import of %s: a reader cannot see where names come from; import it by name", imp.Path)
	}
	for _, b := range productionImports() {
		below, tree := strings.CutSuffix(b.name, "/")
		if imp.Path != below && (!tree || !strings.HasPrefix(imp.Path, b.name)) {
			continue
		}
		if isTest && !strings.Contains(imp.Path, "testify") {
			return ""
		}
		return fmt.Sprintf("import of %s: %s", imp.Path, b.reason)
	}
	return ""
}

// endings finds calls that end the program.
func (m *Module) endings(file *File) []Problem {
	var problems []Problem
	file.uses(func(importPath, name string, at ast.Node) {
		for _, exit := range exits() {
			if importPath+"."+name == exit {
				problems = append(problems, m.problem(file, at,
					"%s outside cmd: return an error; cli.Run turns it into an exit status", exit))
			}
		}
	})
	return problems
}
