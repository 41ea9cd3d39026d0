package archtest

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// checkState refuses package-level state and what runs or ends without being
// called: init functions and panics.
func checkState(m *Module) []Problem {
	var problems []Problem
	for _, pkg := range m.Packages {
		tables := map[string]*ast.ValueSpec{}
		for _, file := range pkg.Production {
			problems = append(problems, m.variables(file, tables)...)
			problems = append(problems, m.surprises(file)...)
		}
		for _, file := range pkg.Production {
			problems = append(problems, m.changes(file, tables)...)
		}
	}
	return problems
}

// variables finds package-level variables that may be changed. It adds the
// names of all others to tables.
func (m *Module) variables(file *File, tables map[string]*ast.ValueSpec) []Problem {
	var problems []Problem
	for _, decl := range file.AST.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.VAR {
			continue
		}
		for _, spec := range group.Specs {
			spec := spec.(*ast.ValueSpec)
			fixed := constant(file, group, spec)
			marked := !fixed && m.excused(file, markTable, spec, group)
			for _, name := range spec.Names {
				if name.Name == "_" { // holds nothing that could change
					continue
				}
				tables[name.Name] = spec
				switch {
				case fixed:
				case !marked:
					problems = append(problems, m.problem(file, name,
						"package-level variable %s: make it a constant, a function or a field; a table that nothing "+
							"changes says //archtest:table REASON", name.Name))
				case name.IsExported():
					problems = append(problems, m.problem(file, name,
						"table %s is exported, so anyone can change it: export a function that reads it", name.Name))
				}
			}
		}
	}
	return problems
}

// constant reports whether a declaration is of the kinds that need no excuse:
// errors, compiled patterns, embedded files, checks by the compiler.
func constant(file *File, group *ast.GenDecl, spec *ast.ValueSpec) bool {
	for _, doc := range []*ast.CommentGroup{group.Doc, spec.Doc} {
		if doc != nil && slices.ContainsFunc(doc.List, isEmbed) {
			return true
		}
	}
	if len(spec.Names) == 1 && spec.Names[0].Name == "_" {
		return true
	}
	for _, value := range spec.Values {
		if !fixedValue(file, spec.Names[0].Name, value) {
			return false
		}
	}
	return len(spec.Values) > 0
}

func isEmbed(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") }

// fixedValue reports whether the value is an error or a compiled pattern. An
// error may be a struct of its own if the name says that it is one.
func fixedValue(file *File, name string, value ast.Expr) bool {
	if unary, ok := value.(*ast.UnaryExpr); ok && unary.Op == token.AND {
		value = unary.X
	}
	switch value := value.(type) {
	case *ast.CompositeLit:
		return strings.HasPrefix(name, "Err") || strings.HasPrefix(name, "err")
	case *ast.CallExpr:
		selector, ok := value.Fun.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		x, ok := selector.X.(*ast.Ident)
		return ok && slices.Contains([]string{"errors.New", "fmt.Errorf", "regexp.MustCompile"}, x.Name+"."+selector.Sel.Name)
	}
	return false
}

// surprises finds init functions and panics.
func (m *Module) surprises(file *File) []Problem {
	var problems []Problem
	ast.Inspect(file.AST, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				problems = append(problems, m.problem(file, n,
					"init function: nothing happens on import; register it by a line in app or cli"))
			}
		case *ast.CallExpr:
			fun, ok := n.Fun.(*ast.Ident)
			if ok && fun.Name == "panic" && !m.excused(file, markInvariant, n) {
				problems = append(problems, m.problem(file, n,
					"panic: return an error; where only a mistake of ours leads, say //archtest:invariant REASON"))
			}
		}
		return true
	})
	return problems
}

// changes finds writes to the package-level variables named in tables.
func (m *Module) changes(file *File, tables map[string]*ast.ValueSpec) []Problem {
	var problems []Problem
	written := func(target ast.Expr) {
		name := root(target)
		if name == nil {
			return
		}
		if spec := tables[name.Name]; spec != nil && declaredBy(name, spec) {
			problems = append(problems, m.problem(file, target,
				"%s is package-level and is changed here: keep state in a value that New returns", name.Name))
		}
	}
	ast.Inspect(file.AST, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, target := range n.Lhs {
					written(target)
				}
			}
		case *ast.IncDecStmt:
			written(n.X)
		case *ast.CallExpr:
			fun, ok := n.Fun.(*ast.Ident)
			if ok && len(n.Args) > 0 && (fun.Name == "delete" || fun.Name == "clear") {
				written(n.Args[0])
			}
		}
		return true
	})
	return problems
}

// root returns the variable that an expression such as v.f[i] is a part of.
func root(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// declaredBy reports whether a name means the package-level variable of that
// declaration and not a local one. The parser resolves names within the file;
// what it leaves open was declared in another file of the package. That is
// enough here and works while the package does not compile.
func declaredBy(name *ast.Ident, spec *ast.ValueSpec) bool {
	return name.Obj == nil || name.Obj.Decl == spec
}
