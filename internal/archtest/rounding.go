package archtest

import (
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
	holds  map[types.Object]bool
	news   bool // holds grew in this pass
}

// checkRounding finds sums that may be joined with a product.
func checkRounding(m *Module) []Problem {
	code, problems := m.typecheck()
	r := &rounding{module: m, info: code.info, holds: map[types.Object]bool{}}
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
				if i < len(n.Names) && r.product(value) {
					r.hold(r.info.Defs[n.Names[i]])
				}
			}
		case *ast.ReturnStmt:
			for i, value := range n.Results {
				if results != nil && i < results.Len() && r.product(value) {
					r.hold(results.At(i))
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
		r.hold(r.variable(n.Lhs[0]))
	case n.Tok != token.ASSIGN && n.Tok != token.DEFINE:
	case len(n.Lhs) == len(n.Rhs):
		for i, value := range n.Rhs {
			if r.product(value) {
				r.hold(r.variable(n.Lhs[i]))
			}
		}
	default:
		call, ok := ast.Unparen(n.Rhs[0]).(*ast.CallExpr)
		if !ok {
			return
		}
		if called := r.called(call); called != nil {
			for i := range n.Lhs {
				if r.holds[called.Results().At(i)] {
					r.hold(r.variable(n.Lhs[i]))
				}
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
			if key, ok := pair.Key.(*ast.Ident); ok && r.product(pair.Value) {
				r.hold(r.variable(key))
			}
		} else if r.product(element) {
			r.hold(structure.Field(i).Origin())
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
		if i < parameters.Len() && r.product(argument) {
			r.hold(parameters.At(i))
		}
	}
}

// product reports whether an expression is a product, or may hold one, that
// nothing has rounded.
func (r *rounding) product(e ast.Expr) bool {
	if of := r.info.Types[e]; of.Value != nil || of.IsType() {
		return false
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return r.product(e.X)
	case *ast.UnaryExpr:
		return (e.Op == token.SUB || e.Op == token.ADD) && r.product(e.X)
	case *ast.BinaryExpr:
		return e.Op == token.MUL && isFloat(r.info.TypeOf(e))
	case *ast.CallExpr:
		called := r.called(e) // nil for a conversion, which rounds
		return called != nil && called.Results().Len() == 1 && r.holds[called.Results().At(0)]
	}
	object := r.variable(e)
	return object != nil && r.holds[object]
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

func (r *rounding) hold(object types.Object) {
	if object != nil && !r.holds[object] {
		r.holds[object] = true
		r.news = true
	}
}

// sums finds the additions and subtractions with such an operand.
func (r *rounding) sums(file *File) []Problem {
	var problems []Problem
	operand := func(e ast.Expr) {
		switch {
		case !r.product(e):
		case r.variable(ast.Unparen(e)) != nil:
			problems = append(problems, r.module.problem(file, e,
				"%s may hold a product that was not rounded, and some machines would join the two operations: "+
					"write float64(x*y) where it gets the product", types.ExprString(e)))
		default:
			problems = append(problems, r.module.problem(file, e,
				"some machines round this product and the sum in one: write float64(%s)", types.ExprString(e)))
		}
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
