package archtest

import (
	"bufio"
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Module is the source of a Go module, parsed but not built: rules hold also
// for files that this machine leaves out, and while a package does not compile.
type Module struct {
	Path     string
	Rings    Table
	Packages []*Package // in the order of their paths

	fset  *token.FileSet
	files fs.FS
}

// Package is the Go files of one folder.
type Package struct {
	Path       string // in the module: "internal/frame"
	Production []*File
	Tests      []*File
}

// File is one Go file.
type File struct {
	Path      string // in the module: "internal/frame/frame.go"
	Lines     int
	Generated bool
	Imports   []Import
	AST       *ast.File

	source  []byte
	markers []*marker
}

// Import is one import of a file.
type Import struct {
	Name string // by which the file calls it; "." and "_" as written
	Path string
	Line int
}

// Load parses the module at the root of files. Folders that the go command
// passes over (testdata, vendor, names that begin with a dot or an underscore)
// and modules nested inside are left out.
func Load(files fs.FS, rings Table) (*Module, error) {
	m := &Module{Rings: rings, fset: token.NewFileSet(), files: files}
	mod, err := fs.ReadFile(files, "go.mod")
	if err != nil {
		return nil, err
	}
	m.Path = modulePath(mod)
	byPath := map[string]*Package{}
	err = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return m.enter(name)
		}
		if path.Ext(name) != ".go" || strings.HasPrefix(path.Base(name), "_") {
			return nil
		}
		file, err := m.parse(name)
		if err != nil {
			return err
		}
		pkg := byPath[path.Dir(name)]
		if pkg == nil {
			pkg = &Package{Path: path.Dir(name)}
			byPath[pkg.Path] = pkg
			m.Packages = append(m.Packages, pkg)
		}
		if strings.HasSuffix(name, "_test.go") {
			pkg.Tests = append(pkg.Tests, file)
		} else {
			pkg.Production = append(pkg.Production, file)
		}
		return nil
	})
	slices.SortFunc(m.Packages, func(a, b *Package) int { return strings.Compare(a.Path, b.Path) })
	return m, err
}

// enter decides whether the go command would look into a folder.
func (m *Module) enter(name string) error {
	base := path.Base(name)
	switch {
	case name == ".":
		return nil
	case base == "testdata", base == "vendor", base == "node_modules", base[0] == '.', base[0] == '_':
		return fs.SkipDir
	}
	if _, err := fs.Stat(m.files, path.Join(name, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}

func (m *Module) parse(name string) (*File, error) {
	source, err := fs.ReadFile(m.files, name)
	if err != nil {
		return nil, err
	}
	syntax, err := parser.ParseFile(m.fset, name, source, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	file := &File{
		Path:      name,
		Lines:     bytes.Count(source, []byte("\n")),
		Generated: ast.IsGenerated(syntax),
		AST:       syntax,
		source:    source,
	}
	for _, spec := range syntax.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: import %s: %w", name, spec.Path.Value, err)
		}
		imp := Import{Name: lastElement(imported), Path: imported, Line: m.line(spec)}
		if spec.Name != nil {
			imp.Name = spec.Name.Name
		}
		file.Imports = append(file.Imports, imp)
	}
	file.markers = m.readMarkers(syntax)
	return file, nil
}

// lastElement returns the name that a package of this path has by custom.
func lastElement(importPath string) string {
	base := path.Base(importPath)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		return path.Base(path.Dir(importPath))
	}
	return base
}

// modulePath reads the module line of a go.mod.
func modulePath(mod []byte) string {
	lines := bufio.NewScanner(bytes.NewReader(mod))
	for lines.Scan() {
		if name, ok := strings.CutPrefix(lines.Text(), "module "); ok {
			return strings.TrimSpace(name)
		}
	}
	return ""
}

// local returns the path of an import inside the module.
func (m *Module) local(imported string) (string, bool) {
	return strings.CutPrefix(imported, m.Path+"/")
}

// all returns production code and tests.
func (p *Package) all() []*File { return slices.Concat(p.Production, p.Tests) }

func (p *Package) production() []*File { return p.Production }

// first returns a file that stands for the package in a message.
func (p *Package) first() *File { return p.all()[0] }

func (m *Module) line(node ast.Node) int { return m.fset.Position(node.Pos()).Line }

// lines counts the lines from the beginning to the end of a node.
func (m *Module) lines(node ast.Node) int {
	return m.fset.Position(node.End()).Line - m.line(node) + 1
}

// problem makes a Problem at a node of a file.
func (m *Module) problem(file *File, node ast.Node, format string, args ...any) Problem {
	return Problem{File: file.Path, Line: m.line(node), Text: fmt.Sprintf(format, args...)}
}

// uses calls found for every name that the file takes from an imported
// package: the import path, the name and the place.
func (f *File) uses(found func(importPath, name string, at ast.Node)) {
	byName := map[string]string{}
	for _, imp := range f.Imports {
		byName[imp.Name] = imp.Path
	}
	ast.Inspect(f.AST, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := selector.X.(*ast.Ident); ok && byName[x.Name] != "" {
			found(byName[x.Name], selector.Sel.Name, selector)
		}
		return true
	})
}
