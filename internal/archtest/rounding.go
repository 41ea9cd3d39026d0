package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// The language lets a compiler join a multiplication and an addition of floats
// into one operation that rounds once, and on some machines the compiler does:
// the same program then gives other bits. It may do so across statements and,
// after inlining, across calls; only an explicit conversion forbids it. So in
// rings 0 to 2 no sum may have an operand that is a product, or that may hold
// one, without a conversion between.
//
// A variable, field, parameter or result "holds a product" if one is assigned,
// passed or returned to it anywhere in these rings. Elements of slices and maps
// are left out: they lie in memory, and the compiler joins no operations through
// a loop.

// rounding follows products through variables, fields, parameters and results.
type rounding struct {
	module *Module
	info   *types.Info
	holds  map[types.Object]token.Pos // and where the product was made
	news   bool                       // holds grew in this pass
}

// checkRounding finds sums that may be joined with a product.
func checkRounding(m *Module) []Problem {
	code, problems := m.typecheck()
	r := &rounding{module: m, info: code.info, holds: map[types.Object]token.Pos{}}
	for again := true; again; again = r.news {
		r.news = false
		for _, file := range code.files {
			r.spread(file.AST)
		}
	}
	for _, file := range code.files {
		problems = append(problems, r.sums(file)...)
	}
	return problems
}

// spread makes one pass: whatever gets a value that is a product holds one.
func (r *rounding) spread(syntax *ast.File) {
	for _, decl := range syntax.Decls {
		var results *types.Tuple
		if function, ok := decl.(*ast.FuncDecl); ok {
			if object, ok := r.info.Defs[function.Name].(*types.Func); ok {
				results = object.Signature().Results()
			}
		}
		r.spreadIn(decl, results)
	}
}

// spreadIn looks at the code of one function; its returns go to results.
func (r *rounding) spreadIn(code ast.Node, results *types.Tuple) {
	ast.Inspect(code, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			if signature, ok := r.info.TypeOf(n).(*types.Signature); ok {
				r.spreadIn(n.Body, signature.Results())
			}
			return false
		case *ast.AssignStmt:
			r.assign(n)
		case *ast.ValueSpec:
			for i, value := range n.Values {
				if i < len(n.Names) {
					r.hold(r.info.Defs[n.Names[i]], r.product(value))
				}
			}
		case *ast.ReturnStmt:
			for i, value := range n.Results {
				if results != nil && i < results.Len() {
					r.hold(results.At(i), r.product(value))
				}
			}
		case *ast.CompositeLit:
			r.literal(n)
		case *ast.CallExpr:
			r.call(n)
		}
		return true
	})
}

func (r *rounding) assign(n *ast.AssignStmt) {
	switch {
	case n.Tok == token.MUL_ASSIGN && isFloat(r.info.TypeOf(n.Lhs[0])):
		r.hold(r.variable(n.Lhs[0]), n.Pos())
	case n.Tok != token.ASSIGN && n.Tok != token.DEFINE:
	case len(n.Lhs) == len(n.Rhs):
		for i, value := range n.Rhs {
			r.hold(r.variable(n.Lhs[i]), r.product(value))
		}
	default:
		call, ok := ast.Unparen(n.Rhs[0]).(*ast.CallExpr)
		if !ok {
			return
		}
		if called := r.called(call); called != nil {
			for i := range n.Lhs {
				r.hold(r.variable(n.Lhs[i]), r.holds[called.Results().At(i)])
			}
		}
	}
}

func (r *rounding) literal(n *ast.CompositeLit) {
	of := r.info.TypeOf(n)
	if of == nil {
		return
	}
	if pointer, ok := of.Underlying().(*types.Pointer); ok { // an element of []*T written {…}
		of = pointer.Elem()
	}
	structure, ok := of.Underlying().(*types.Struct)
	if !ok {
		return
	}
	for i, element := range n.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			if key, ok := pair.Key.(*ast.Ident); ok {
				r.hold(r.variable(key), r.product(pair.Value))
			}
		} else {
			r.hold(structure.Field(i).Origin(), r.product(element))
		}
	}
}

func (r *rounding) call(n *ast.CallExpr) {
	called := r.called(n)
	if called == nil {
		return
	}
	parameters := called.Params()
	for i, argument := range n.Args {
		if i < parameters.Len() {
			r.hold(parameters.At(i), r.product(argument))
		}
	}
}

// product returns where the product was made that an expression is, or may
// hold, without anything having rounded it; no position if it is none.
func (r *rounding) product(e ast.Expr) token.Pos {
	if of := r.info.Types[e]; of.Value != nil || of.IsType() {
		return token.NoPos
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return r.product(e.X)
	case *ast.UnaryExpr:
		if e.Op == token.SUB || e.Op == token.ADD {
			return r.product(e.X)
		}
	case *ast.BinaryExpr:
		if e.Op == token.MUL && isFloat(r.info.TypeOf(e)) {
			return e.Pos()
		}
	case *ast.CallExpr:
		// A conversion, which rounds, is not called.
		if called := r.called(e); called != nil && called.Results().Len() == 1 {
			return r.holds[called.Results().At(0)]
		}
	default:
		return r.holds[r.variable(e)]
	}
	return token.NoPos
}

// variable returns what an expression names, as a value or through a pointer.
func (r *rounding) variable(e ast.Expr) types.Object {
	switch e := e.(type) {
	case *ast.Ident:
		if object, ok := r.info.ObjectOf(e).(*types.Var); ok {
			return object.Origin()
		}
	case *ast.SelectorExpr:
		if field, ok := r.info.Uses[e.Sel].(*types.Var); ok {
			return field.Origin()
		}
	case *ast.StarExpr:
		return r.variable(e.X)
	case *ast.ParenExpr:
		return r.variable(e.X)
	}
	return nil
}

// called returns the signature of what a call goes to, as it was declared, or
// nil for conversions and builtins. A function literal has the signature of the
// variable that holds it.
func (r *rounding) called(call *ast.CallExpr) *types.Signature {
	fun := ast.Unparen(call.Fun)
	if r.info.Types[fun].IsType() {
		return nil
	}
	name := fun
	switch generic := fun.(type) {
	case *ast.IndexExpr:
		name = generic.X
	case *ast.IndexListExpr:
		name = generic.X
	}
	if selector, ok := name.(*ast.SelectorExpr); ok {
		name = selector.Sel
	}
	if ident, ok := name.(*ast.Ident); ok {
		if function, ok := r.info.Uses[ident].(*types.Func); ok {
			return function.Origin().Signature()
		}
	}
	signature, _ := r.info.TypeOf(fun).(*types.Signature)
	return signature
}

// hold notes that an object may hold the product that was made at a position.
func (r *rounding) hold(object types.Object, made token.Pos) {
	if object != nil && made.IsValid() && !r.holds[object].IsValid() {
		r.holds[object] = made
		r.news = true
	}
}

// sums finds the additions and subtractions with such an operand.
func (r *rounding) sums(file *File) []Problem {
	var problems []Problem
	operand := func(e ast.Expr) {
		made := r.product(e)
		if !made.IsValid() {
			return
		}
		text := "some machines round this product and the sum in one: write float64(x*y)"
		if at := r.module.fset.Position(made); made < e.Pos() || made > e.End() {
			text = fmt.Sprintf("%s may hold the product of %s:%d, and some machines round it and this sum in one: "+
				"write float64(x*y) there", types.ExprString(e), at.Filename, at.Line)
		}
		problems = append(problems, r.module.problem(file, e, "%s", text))
	}
	ast.Inspect(file.AST, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if (n.Op == token.ADD || n.Op == token.SUB) && isFloat(r.info.TypeOf(n)) {
				operand(n.X)
				operand(n.Y)
			}
		case *ast.AssignStmt:
			if (n.Tok == token.ADD_ASSIGN || n.Tok == token.SUB_ASSIGN) && isFloat(r.info.TypeOf(n.Lhs[0])) {
				operand(n.Lhs[0])
				operand(n.Rhs[0])
			}
		case *ast.IncDecStmt:
			operand(n.X)
		}
		return true
	})
	return problems
}

// isFloat reports whether values of a type are floats, or may be for a type
// parameter.
func isFloat(t types.Type) bool {
	if t == nil {
		return false
	}
	if parameter, ok := types.Unalias(t).(*types.TypeParam); ok {
		constraint, ok := parameter.Constraint().Underlying().(*types.Interface)
		return ok && admitsFloat(constraint)
	}
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsFloat != 0
}

func admitsFloat(constraint *types.Interface) bool {
	for embedded := range constraint.EmbeddedTypes() {
		switch embedded := types.Unalias(embedded).Underlying().(type) {
		case *types.Union:
			for term := range embedded.Terms() {
				if isFloat(term.Type()) {
					return true
				}
			}
		case *types.Interface:
			if admitsFloat(embedded) {
				return true
			}
		case *types.Basic:
			if isFloat(embedded) {
				return true
			}
		}
	}
	return false
}
