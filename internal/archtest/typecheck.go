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
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// checked is what the type checker found out about some packages.
type checked struct {
	info  *types.Info
	files []*File
}

// checker type-checks packages from source, those they import first. What is
// not of this module comes from the go command's export data.
type checker struct {
	module   *Module
	packages []*Package // that may be checked from source
	info     *types.Info
	exports  types.Importer
	done     map[string]*types.Package
	files    []*File
	problems []Problem
}

// typecheck checks the pure packages as this machine builds them. What does not
// type-check is returned as problems: no rule about values holds there.
func (m *Module) typecheck() (checked, []Problem) {
	c, err := newChecker(m, m.pure(), (*Package).production)
	if err != nil {
		return checked{}, []Problem{{File: "go.mod", Line: 1, Text: err.Error()}}
	}
	for _, pkg := range c.packages {
		if _, err := c.Import(m.Path + "/" + pkg.Path); err != nil {
			c.fail(pkg.first().Path, 1, err)
		}
	}
	return checked{c.info, c.files}, c.problems
}

// newChecker returns a checker of packages. What the given files of theirs
// import from elsewhere comes from export data.
func newChecker(m *Module, packages []*Package, files func(*Package) []*File) (*checker, error) {
	c := &checker{
		module: m, packages: packages,
		info: &types.Info{
			Types:      map[ast.Expr]types.TypeAndValue{},
			Defs:       map[*ast.Ident]types.Object{},
			Uses:       map[*ast.Ident]types.Object{},
			Selections: map[*ast.SelectorExpr]*types.Selection{},
		},
		done: map[string]*types.Package{},
	}
	return c, c.findExports(files)
}

// Import returns a package by its import path, for the type checker.
func (c *checker) Import(importPath string) (*types.Package, error) {
	path, local := c.module.local(importPath)
	if !local {
		return c.exports.Import(importPath)
	}
	if pkg, ok := c.done[path]; ok {
		return pkg, nil
	}
	for _, pkg := range c.packages {
		if pkg.Path == path {
			c.done[path] = nil // an import cycle ends here
			c.done[path] = c.check(pkg)
			return c.done[path], nil
		}
	}
	return nil, fmt.Errorf("%s is not among the packages that are checked", importPath)
}

func (c *checker) check(pkg *Package) *types.Package {
	return c.checkFiles(c.module.Path+"/"+pkg.Path, pkg.Production)
}

func (c *checker) checkFiles(path string, files []*File) *types.Package {
	var syntax []*ast.File
	for _, file := range files {
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
	checked, _ := config.Check(path, c.module.fset, syntax, c.info) // errors went to config.Error
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

// findExports asks the go command for the export data of what the files import
// from outside the module.
func (c *checker) findExports(files func(*Package) []*File) error {
	wanted := map[string]bool{}
	for _, pkg := range c.packages {
		for _, file := range files(pkg) {
			for _, imp := range file.Imports {
				if _, local := c.module.local(imp.Path); !local && imp.Path != "C" && imp.Path != "unsafe" {
					wanted[imp.Path] = true
				}
			}
		}
	}
	exports := map[string]string{}
	if len(wanted) > 0 {
		args := append([]string{"list", "-e", "-export", "-deps", "-f", "{{.ImportPath}}={{.Export}}"},
			slices.Sorted(maps.Keys(wanted))...)
		list := exec.Command("go", args...)
		out, err := list.Output()
		if err != nil {
			return fmt.Errorf("%v: %w", list, err)
		}
		for line := range strings.Lines(string(out)) {
			path, file, _ := strings.Cut(strings.TrimSpace(line), "=")
			exports[path] = file
		}
	}
	c.exports = importer.ForCompiler(c.module.fset, "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("no export data of %s", path)
		}
		return os.Open(exports[path])
	})
	return nil
}
