package archtest

import (
	"cmp"
	"go/ast"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// unwritten lists packages of rings 0 to 3 that are being written, or whose
// examples are. A package that is done is taken off.
func unwritten() []string {
	return []string{
		"internal/window",

		"internal/ledger/relational",
	}
}

// standardMethods are the methods by which the standard library knows a value:
// whoever prints, compares or encodes one calls them without knowing.
func standardMethods() []string {
	return []string{
		"Compare", "Error", "Format", "GoString", "Hint", "Is", "MarshalJSON", "MarshalText", "String",
		"UnmarshalJSON", "UnmarshalText", "Unwrap", "Write",
	}
}

// checkExamples wants every exported function and method of rings 0 to 3 to be
// called by an example of its package whose output is compared.
func checkExamples(m *Module) []Problem {
	c, err := newChecker(m, m.Packages, (*Package).all)
	if err != nil {
		return []Problem{{File: "go.mod", Line: 1, Text: err.Error()}}
	}
	var problems []Problem
	for _, pkg := range m.Packages {
		exported := m.exported(pkg)
		if len(exported) == 0 {
			continue
		}
		shown := c.shown(pkg)
		for _, e := range exported {
			excused := m.excused(e.file, markUnshown, e.decl)
			switch {
			case shown[e.name] && excused:
				problems = append(problems, m.problem(e.file, e.decl, "%s has an example: remove //archtest:%s", e.name, markUnshown))
			case !shown[e.name] && !excused:
				problems = append(problems, m.problem(e.file, e.decl,
					"no example with output calls %s: show in one of package %s what it is for; "+
						"what no example can run says //archtest:%s REASON", e.name, pkg.Path, markUnshown))
			}
		}
	}
	return problems
}

// An exportedFunction is a function, or a method of an exported type, that needs
// an example. A method's name has the type's before it.
type exportedFunction struct {
	name string
	file *File
	decl *ast.FuncDecl
}

// exported returns the functions of a package that need examples, by name.
func (m *Module) exported(pkg *Package) []exportedFunction {
	_, ring, known := m.Rings.find(pkg.Path)
	if !known || ring < ringPublic || ring > ringPorts || slices.Contains(unwritten(), pkg.Path) {
		return nil
	}
	var found []exportedFunction
	for _, file := range pkg.Production {
		for _, decl := range file.AST.Decls {
			function, ok := decl.(*ast.FuncDecl)
			if !ok || !function.Name.IsExported() || file.Generated {
				continue
			}
			name := function.Name.Name
			if function.Recv != nil {
				if !receiverExported(function) || slices.Contains(standardMethods(), name) {
					continue
				}
				name = receiver(function) + "." + name
			}
			found = append(found, exportedFunction{name, file, function})
		}
	}
	slices.SortStableFunc(found, func(a, b exportedFunction) int { return cmp.Compare(a.name, b.name) })
	return found
}

// receiver returns the name of the type that a method belongs to.
func receiver(function *ast.FuncDecl) string {
	text := types.ExprString(function.Recv.List[0].Type)
	text, _, _ = strings.Cut(strings.TrimPrefix(text, "*"), "[")
	return text
}

// shown returns the names of the package's functions that its examples use. A
// test file that does not compile is the compiler's affair: what it calls is
// not shown.
func (c *checker) shown(pkg *Package) map[string]bool {
	inside, outside := pkg.Production, []*File(nil)
	for _, file := range pkg.Tests {
		if strings.HasSuffix(file.AST.Name.Name, "_test") {
			outside = append(outside, file)
			continue
		}
		inside = append(slices.Clip(inside), file)
	}
	shown := map[string]bool{}
	path := c.module.Path + "/" + pkg.Path
	for _, files := range [][]*File{inside, outside} {
		if !slices.ContainsFunc(files, hasExample) {
			continue
		}
		c.checkFiles(path, files)
		for _, file := range files {
			for _, example := range examples(file) {
				c.calls(example, path, shown)
			}
		}
	}
	return shown
}

// calls notes the package's functions that are named in a body, called or
// handed on.
func (c *checker) calls(body ast.Node, path string, shown map[string]bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		name, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		function, ok := c.info.Uses[name].(*types.Func)
		if ok && function.Pkg() != nil && function.Pkg().Path() == path {
			shown[nameOf(function)] = true
		}
		return true
	})
}

// nameOf returns the name of a function as [Module.exported] has it.
func nameOf(function *types.Func) string {
	recv := function.Signature().Recv()
	if recv == nil {
		return function.Name()
	}
	t := recv.Type()
	if pointer, ok := t.(*types.Pointer); ok {
		t = pointer.Elem()
	}
	if named, ok := t.(*types.Named); ok {
		return named.Obj().Name() + "." + function.Name()
	}
	return function.Name()
}

func hasExample(file *File) bool {
	return len(examples(file)) > 0
}

// examples returns the bodies of a test file's examples that have an output.
func examples(file *File) []*ast.BlockStmt {
	if !strings.HasSuffix(file.Path, "_test.go") {
		return nil
	}
	var found []*ast.BlockStmt
	for _, decl := range file.AST.Decls {
		function, ok := decl.(*ast.FuncDecl)
		if ok && function.Recv == nil && function.Body != nil && strings.HasPrefix(function.Name.Name, "Example") &&
			hasOutput(file.AST, function.Body) {
			found = append(found, function.Body)
		}
	}
	return found
}

// hasOutput reports whether the last comment of an example says what it prints.
func hasOutput(file *ast.File, body *ast.BlockStmt) bool {
	output := regexp.MustCompile(`(?i)^[[:space:]]*(unordered )?output:`)
	last := ""
	for _, group := range file.Comments {
		if body.Pos() <= group.Pos() && group.End() <= body.End() {
			last = group.Text()
		}
	}
	return output.MatchString(last)
}

// useUnshown marks the exceptions that stand at a function that needs an
// example.
func useUnshown(m *Module) {
	for _, pkg := range m.Packages {
		for _, e := range m.exported(pkg) {
			m.excused(e.file, markUnshown, e.decl)
		}
	}
}
