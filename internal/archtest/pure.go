package archtest

import (
	"fmt"
	"go/ast"
	"strings"
)

// A ban names something that some code must do without, and why.
type ban struct{ name, reason string }

// pureImports are the packages of the standard library that rings 0 to 2 do
// without; a name that ends in a slash stands for all below it.
func pureImports() []ban {
	const (
		io     = "these rings do no I/O: take an io.Reader, an io.Writer or the data"
		silent = "a calculation returns what it found instead of logging it"
		chance = "the same input gives the same bytes: take random numbers as an argument"
	)
	return []ban{
		{"context", "what waits lies in an outer ring; a calculation takes values"},
		{"crypto/rand", chance},
		{"database/sql", io},
		{"expvar", "global state"},
		{"flag", "configuration comes as arguments"},
		{"io/ioutil", io},
		{"log", silent},
		{"log/slog", silent},
		{"math/rand", chance},
		{"math/rand/v2", chance},
		{"net", io},
		{"net/http", io},
		{"net/http/", io},
		{"net/rpc", io},
		{"net/smtp", io},
		{"os", io},
		{"os/", io},
		{"syscall", io},
	}
}

// pureNames are single names that rings 0 to 2 do without.
func pureNames() []ban {
	const (
		clock  = "a calculation gets its times as arguments"
		place  = "it reads the zone files or the zone of the machine: take a *time.Location"
		stream = "these rings do no I/O: return the text or take an io.Writer"
	)
	return []ban{
		{"time.Now", clock},
		{"time.Since", clock},
		{"time.Until", clock},
		{"time.Sleep", clock},
		{"time.After", clock},
		{"time.AfterFunc", clock},
		{"time.Tick", clock},
		{"time.NewTicker", clock},
		{"time.NewTimer", clock},
		{"time.LoadLocation", place},
		{"time.Local", place},
		{"fmt.Print", stream},
		{"fmt.Printf", stream},
		{"fmt.Println", stream},
	}
}

// checkPure holds rings 0 to 2 to the standard library without its I/O, clock
// and chance.
func checkPure(m *Module) []Problem {
	var problems []Problem
	names := map[string]string{}
	for _, b := range pureNames() {
		names[b.name] = b.reason
	}
	for _, pkg := range m.pure() {
		for _, file := range pkg.Production {
			for _, imp := range file.Imports {
				if text := m.impure(imp.Path); text != "" {
					problems = append(problems, Problem{File: file.Path, Line: imp.Line, Text: text})
				}
			}
			file.uses(func(importPath, name string, at ast.Node) {
				full := importPath + "." + name
				if reason := names[full]; reason != "" {
					problems = append(problems, m.problem(file, at, "%s in ring 0 to 2: %s", full, reason))
				}
			})
		}
	}
	return problems
}

// impure returns why a package of rings 0 to 2 must not import the path.
func (m *Module) impure(imported string) string {
	if _, local := m.local(imported); local {
		return "" // by the ring rule
	}
	if !standard(imported) {
		return fmt.Sprintf("import of %s: rings 0 to 2 use the standard library alone; "+
			"put a port in ring 3 and the library behind it in ring 4", imported)
	}
	for _, b := range pureImports() {
		if imported == b.name || strings.HasSuffix(b.name, "/") && strings.HasPrefix(imported, b.name) {
			return fmt.Sprintf("import of %s in ring 0 to 2: %s", imported, b.reason)
		}
	}
	return ""
}

// pure returns the packages of rings 0 to 2.
func (m *Module) pure() []*Package {
	var inside []*Package
	for _, pkg := range m.Packages {
		if _, ring, ok := m.Rings.find(pkg.Path); ok && ring >= ringPublic && ring <= ringPure {
			inside = append(inside, pkg)
		}
	}
	return inside
}

// standard reports whether an import path belongs to the standard library: its
// first element is no host name.
func standard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".") && first != "C"
}
