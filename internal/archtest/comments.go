package archtest

import (
	"go/ast"
	"strings"
)

// checkComments wants a package comment in every package, once, and a comment
// on every exported name that begins with the name.
func checkComments(m *Module) []Problem {
	var problems []Problem
	for _, pkg := range m.Packages {
		if len(pkg.Production) == 0 {
			continue
		}
		problems = append(problems, m.packageComment(pkg)...)
		for _, file := range pkg.Production {
			if file.Generated || file.AST.Name.Name == "main" {
				continue
			}
			for _, decl := range file.AST.Decls {
				problems = append(problems, m.comments(file, decl)...)
			}
		}
	}
	return problems
}

func (m *Module) packageComment(pkg *Package) []Problem {
	var with []*File
	for _, file := range pkg.Production {
		if file.AST.Doc != nil {
			with = append(with, file)
		}
	}
	if len(with) == 0 {
		return []Problem{m.problem(pkg.Production[0], pkg.Production[0].AST,
			"package %s has no comment: say what it does, what it does not, and what a reader would get wrong", pkg.Path)}
	}
	if len(with) > 1 {
		return []Problem{m.problem(with[1], with[1].AST,
			"package comment also in %s: keep one", with[0].Path)}
	}
	begin := "Package " + with[0].AST.Name.Name + " "
	if with[0].AST.Name.Name == "main" {
		begin = "Command " + lastElement(pkg.Path) + " "
	}
	if !strings.HasPrefix(with[0].AST.Doc.Text(), begin) {
		return []Problem{m.problem(with[0], with[0].AST, "package comment does not begin with %q", begin)}
	}
	return nil
}

// comments finds exported names of a declaration without a comment.
func (m *Module) comments(file *File, decl ast.Decl) []Problem {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Name.IsExported() && (decl.Recv == nil || receiverExported(decl)) {
			return m.comment(file, decl.Name, decl.Doc)
		}
	case *ast.GenDecl:
		var problems []Problem
		for _, spec := range decl.Specs {
			problems = append(problems, m.specComment(file, decl, spec)...)
		}
		return problems
	}
	return nil
}

// specComment wants a comment on a type, constant or variable. In a group of
// constants or variables that of the group, or one at the end of the line, will
// do.
func (m *Module) specComment(file *File, group *ast.GenDecl, spec ast.Spec) []Problem {
	alone := !group.Lparen.IsValid()
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		doc := spec.Doc
		if alone {
			doc = group.Doc
		}
		if spec.Name.IsExported() {
			return m.comment(file, spec.Name, doc)
		}
	case *ast.ValueSpec:
		for _, name := range spec.Names {
			switch {
			case !name.IsExported():
			case alone && len(spec.Names) == 1:
				return m.comment(file, name, group.Doc)
			case group.Doc == nil && spec.Doc == nil && spec.Comment == nil:
				return m.comment(file, name, nil)
			}
		}
	}
	return nil
}

func (m *Module) comment(file *File, name *ast.Ident, doc *ast.CommentGroup) []Problem {
	if doc == nil || doc.Text() == "" {
		return []Problem{m.problem(file, name,
			"%s is exported and has no comment: say its contract (units, errors, who owns what)", name.Name)}
	}
	text := doc.Text()
	for _, article := range []string{"A ", "An ", "The "} {
		text = strings.TrimPrefix(text, article)
	}
	rest, ok := strings.CutPrefix(text, name.Name)
	if !ok || rest == "" || !strings.ContainsAny(rest[:1], " \n,.':;") {
		return []Problem{m.problem(file, name, "the comment of %s does not begin with %q", name.Name, name.Name)}
	}
	return nil
}

func receiverExported(function *ast.FuncDecl) bool {
	e := function.Recv.List[0].Type
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return true
		}
	}
}
