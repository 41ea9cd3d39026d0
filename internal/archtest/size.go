package archtest

import (
	"fmt"
	"go/ast"
)

// The limits. Good Go stays far below them; they stop the tail, the one file or
// function that grows without end.
const (
	maxFunction   = 100   // lines, unless //archtest:long
	maxFile       = 700   // lines of production code
	maxTestFile   = 1_200 // lines
	maxPackage    = 4_000 // lines of production code
	maxMethods    = 8     // of an interface
	maxParameters = 6     // after a context
	maxResults    = 4
	maxNesting    = 4
)

// checkSize holds files, functions and interfaces to the limits. Generated
// files are as long as what they are made from.
func checkSize(m *Module) []Problem {
	var problems []Problem
	for _, pkg := range m.Packages {
		total := 0
		for _, file := range pkg.Production {
			if file.Generated {
				continue
			}
			total += file.Lines
			problems = append(problems, fileSize(file, maxFile)...)
			problems = append(problems, m.shapes(file)...)
		}
		for _, file := range pkg.Tests {
			problems = append(problems, fileSize(file, maxTestFile)...)
		}
		for _, file := range pkg.all() {
			if !file.Generated {
				problems = append(problems, m.long(file)...)
			}
		}
		if total > maxPackage {
			problems = append(problems, Problem{File: pkg.first().Path, Line: 1, Text: fmt.Sprintf(
				"package %s has %d lines, the limit is %d: it does more than one thing, divide it", pkg.Path, total, maxPackage)})
		}
	}
	return problems
}

func fileSize(file *File, limit int) []Problem {
	if file.Lines <= limit {
		return nil
	}
	return []Problem{{File: file.Path, Line: 1, Text: fmt.Sprintf(
		"file has %d lines, the limit is %d: divide it by type or by verb", file.Lines, limit)}}
}

// long finds functions above the limit.
func (m *Module) long(file *File) []Problem {
	var problems []Problem
	for _, decl := range file.AST.Decls {
		function, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if n := m.lines(function); n > maxFunction && !m.excused(file, markLong, function) {
			problems = append(problems, m.problem(file, function,
				"%s has %d lines, the limit is %d: take steps out; wiring and tables may say //archtest:long REASON",
				function.Name.Name, n, maxFunction))
		}
	}
	return problems
}

// shapes finds interfaces, signatures and bodies that ask too much of a reader.
func (m *Module) shapes(file *File) []Problem {
	var problems []Problem
	ast.Inspect(file.AST, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.TypeSpec:
			iface, ok := n.Type.(*ast.InterfaceType)
			if ok && methods(iface) > maxMethods {
				problems = append(problems, m.problem(file, n,
					"interface %s has %d methods, the limit is %d: divide it by who calls them",
					n.Name.Name, methods(iface), maxMethods))
			}
		case *ast.FuncDecl:
			problems = append(problems, m.signature(file, n)...)
			if n.Body != nil {
				problems = append(problems, m.depth(file, n, n.Body)...)
			}
		case *ast.FuncLit:
			problems = append(problems, m.depth(file, n, n.Body)...)
		}
		return true
	})
	return problems
}

func (m *Module) signature(file *File, function *ast.FuncDecl) []Problem {
	var problems []Problem
	parameters := count(function.Type.Params)
	if parameters > 0 && waits(function) {
		parameters--
	}
	if parameters > maxParameters {
		problems = append(problems, m.problem(file, function,
			"%s takes %d parameters, the limit is %d after the context: make them a struct",
			function.Name.Name, parameters, maxParameters))
	}
	if results := count(function.Type.Results); results > maxResults {
		problems = append(problems, m.problem(file, function,
			"%s returns %d results, the limit is %d: make them a struct", function.Name.Name, results, maxResults))
	}
	return problems
}

func (m *Module) depth(file *File, function ast.Node, body *ast.BlockStmt) []Problem {
	n := nesting(body)
	if n <= maxNesting {
		return nil
	}
	return []Problem{m.problem(file, function,
		"this function is nested %d deep, the limit is %d: return early or take the inner part out", n, maxNesting)}
}

// waits reports whether the first parameter is a context.
func waits(function *ast.FuncDecl) bool {
	selector, ok := function.Type.Params.List[0].Type.(*ast.SelectorExpr)
	return ok && selector.Sel.Name == "Context"
}

// methods counts the methods of an interface; one that is embedded counts as
// one, because a reader has to know it too.
func methods(iface *ast.InterfaceType) int {
	n := 0
	for _, field := range iface.Methods.List {
		if _, union := field.Type.(*ast.BinaryExpr); !union {
			n += max(1, len(field.Names))
		}
	}
	return n
}

// count counts parameters or results, named or not.
func count(fields *ast.FieldList) int {
	if fields == nil {
		return 0
	}
	n := 0
	for _, field := range fields.List {
		n += max(1, len(field.Names))
	}
	return n
}

// nesting returns how deep conditions and loops stand in one another. A chain
// of else-ifs is one level; a function literal counts on its own.
func nesting(outer ast.Node) int {
	deepest := 0
	ast.Inspect(outer, func(inner ast.Node) bool {
		if inner == outer {
			return true
		}
		switch inner.(type) {
		case *ast.FuncLit:
			return false
		case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			level := 1
			if chain, ok := outer.(*ast.IfStmt); ok && chain.Else == inner {
				level = 0
			}
			deepest = max(deepest, level+nesting(inner))
			return false
		}
		return true
	})
	return deepest
}
