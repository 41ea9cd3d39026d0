package archtest

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/types"
	"io"
	"os"
	"os/exec"
	"strings"
)

// checked is what the type checker found out about rings 0 to 2.
type checked struct {
	info  *types.Info
	files []*File
}

// checker type-checks packages from source, those they import first. The
// standard library comes from the go command's export data.
type checker struct {
	module   *Module
	info     *types.Info
	standard types.Importer
	done     map[string]*types.Package
	files    []*File
	problems []Problem
}

// typecheck checks the pure packages as this machine builds them. What does not
// type-check is returned as problems: no rule about values holds there.
func (m *Module) typecheck() (checked, []Problem) {
	c := &checker{
		module: m,
		info: &types.Info{
			Types:      map[ast.Expr]types.TypeAndValue{},
			Defs:       map[*ast.Ident]types.Object{},
			Uses:       map[*ast.Ident]types.Object{},
			Selections: map[*ast.SelectorExpr]*types.Selection{},
		},
		done: map[string]*types.Package{},
	}
	if err := c.findStandard(); err != nil {
		return checked{}, []Problem{{File: "go.mod", Line: 1, Text: err.Error()}}
	}
	for _, pkg := range m.pure() {
		if _, err := c.Import(m.Path + "/" + pkg.Path); err != nil {
			c.fail(pkg.first().Path, 1, err)
		}
	}
	return checked{c.info, c.files}, c.problems
}

// Import returns a package by its import path, for the type checker.
func (c *checker) Import(importPath string) (*types.Package, error) {
	path, local := c.module.local(importPath)
	if !local {
		return c.standard.Import(importPath)
	}
	if pkg, ok := c.done[path]; ok {
		return pkg, nil
	}
	for _, pkg := range c.module.pure() {
		if pkg.Path == path {
			c.done[path] = nil // an import cycle ends here
			c.done[path] = c.check(pkg)
			return c.done[path], nil
		}
	}
	return nil, fmt.Errorf("%s is not a package of rings 0 to 2", importPath)
}

func (c *checker) check(pkg *Package) *types.Package {
	var syntax []*ast.File
	for _, file := range pkg.Production {
		if builtHere(file) {
			syntax = append(syntax, file.AST)
			c.files = append(c.files, file)
		}
	}
	config := types.Config{Importer: c, Error: func(err error) {
		if wrong, ok := errors.AsType[types.Error](err); ok {
			at := wrong.Fset.Position(wrong.Pos)
			c.fail(at.Filename, at.Line, errors.New(wrong.Msg))
		}
	}}
	checked, _ := config.Check(c.module.Path+"/"+pkg.Path, c.module.fset, syntax, c.info) // errors went to config.Error
	return checked
}

func (c *checker) fail(file string, line int, err error) {
	c.problems = append(c.problems, Problem{File: file, Line: line, Text: "does not type-check: " + err.Error()})
}

// builtHere reports whether the build constraints of a file let it take part
// on this machine.
func builtHere(file *File) bool {
	context := build.Default
	context.OpenFile = func(string) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(file.source)), nil
	}
	match, err := context.MatchFile("", lastElement(file.Path))
	return match && err == nil
}

// findStandard asks the go command for the export data of the standard
// packages that the pure rings import.
func (c *checker) findStandard() error {
	var wanted []string
	for _, pkg := range c.module.pure() {
		for _, file := range pkg.Production {
			for _, imp := range file.Imports {
				if _, local := c.module.local(imp.Path); !local && standard(imp.Path) {
					wanted = append(wanted, imp.Path)
				}
			}
		}
	}
	exports := map[string]string{}
	if len(wanted) > 0 {
		list := exec.Command("go", append([]string{"list", "-export", "-deps", "-f", "{{.ImportPath}}={{.Export}}"}, wanted...)...)
		out, err := list.Output()
		if err != nil {
			return fmt.Errorf("%v: %w", list, err)
		}
		for line := range strings.Lines(string(out)) {
			path, file, _ := strings.Cut(strings.TrimSpace(line), "=")
			exports[path] = file
		}
	}
	c.standard = importer.ForCompiler(c.module.fset, "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("no export data of %s", path)
		}
		return os.Open(exports[path])
	})
	return nil
}
