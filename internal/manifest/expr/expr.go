// Package expr is the arithmetic that a manifest may hold inline: in a plugin's
// config, in the name of its output, in the inputs. An expression begins with an
// equals sign (a constant in config may go without it):
//
//	expression = term   { ("+" | "-") term }
//	term       = factor { ("*" | "/") factor }
//	factor     = ("+" | "-") factor | "(" expression ")" | number | name
//	number     = digits [ "." digits ] [ ("e" | "E") [ "+" | "-" ] digits ]
//	name       = "'" any "'" | '"' any '"' | word { ("/" | "-") word }
//	word       = letters, digits, "_" and "."; not a number
//
// What a reader would get wrong: the names of metrics hold slashes and dashes,
// which are operators too. Quotes always decide: 'cpu/energy' is one metric.
// Without quotes, words that are joined by / or - without white space are the
// longest metric that the row has, so cpu/energy is the metric of that name if
// there is one, and else cpu divided by energy; cpu / energy is a division. A
// run of words none of which is known is one unknown name.
//
// Calculation is in float64 and from left to right among equals. Dividing by
// zero is an error. The functions whose names begin with Script are not part of
// this: they do what Impact Framework does.
package expr

import (
	"fmt"
	"slices"
	"strings"
)

// Expr is an expression that has been read but not bound to the metrics of any
// rows. It is immutable.
type Expr struct {
	text   string
	tokens []token
}

// Is reports whether a text is meant as an expression: whether it begins with
// an equals sign.
func Is(s string) bool { return strings.HasPrefix(strings.TrimLeft(s, " \t\n\r"), "=") }

// Parse reads an expression, with or without its equals sign. The error says
// what is wrong and where.
func Parse(s string) (*Expr, error) {
	body := s
	if Is(s) {
		_, body, _ = strings.Cut(s, "=")
	}
	tokens, err := lex(body)
	if err != nil {
		return nil, err
	}
	e := &Expr{text: s, tokens: tokens}
	if _, err := compile(e.resolve(func(string) bool { return false })); err != nil {
		return nil, err
	}
	return e, nil
}

// String returns the text that was read.
func (e *Expr) String() string { return e.text }

// Bind decides which words are metrics: those for which known is true.
func (e *Expr) Bind(known func(name string) bool) *Formula {
	code, err := compile(e.resolve(known))
	if err != nil {
		panic(err) //archtest:invariant which words are names does not change the syntax, which Parse has checked
	}
	f := &Formula{code: code}
	for _, op := range code {
		if op.kind == pushName && !slices.Contains(f.names, op.name) {
			f.names = append(f.names, op.name)
		}
	}
	return f
}

// resolve replaces runs by the names, numbers and operators that they are.
func (e *Expr) resolve(known func(name string) bool) []token {
	var out []token
	for _, t := range e.tokens {
		if t.kind != run {
			out = append(out, t)
			continue
		}
		for i := 0; i < len(t.pieces); {
			n, name := t.longest(i, known)
			if name {
				out = append(out, token{kind: nameToken, text: t.join(i, n), at: t.at})
			} else {
				out = append(out, t.pieces[i])
			}
			if i += 2*n - 1; i < len(t.pieces) {
				out = append(out, t.pieces[i])
				i++
			}
		}
	}
	return out
}

// longest returns how many words from piece i on are one name. If name is
// false the piece is a number.
func (t token) longest(i int, known func(string) bool) (n int, name bool) {
	words := (len(t.pieces) - i + 1) / 2
	for n := words; n > 0; n-- {
		if !t.allNumbers(i, n) && known(t.join(i, n)) {
			return n, true
		}
	}
	if t.pieces[i].kind == numberToken {
		return 1, false
	}
	for n = 1; n < words && t.pieces[i+2*n].kind != numberToken; n++ {
	}
	return n, true
}

func (t token) allNumbers(i, n int) bool {
	for k := range n {
		if t.pieces[i+2*k].kind != numberToken {
			return false
		}
	}
	return true
}

func (t token) join(i, n int) string {
	var b strings.Builder
	for _, piece := range t.pieces[i : i+2*n-1] {
		b.WriteString(piece.text)
	}
	return b.String()
}

// parser turns tokens into code for a stack machine.
type parser struct {
	tokens []token
	code   []instruction
	depth  int
}

func compile(tokens []token) ([]instruction, error) {
	p := &parser{tokens: tokens}
	if err := p.expression(); err != nil {
		return nil, err
	}
	if t := p.next(); t.kind != endToken {
		return nil, fmt.Errorf("%s stands where an operator is missing", t.where())
	}
	return p.code, nil
}

func (p *parser) next() token {
	if len(p.tokens) == 0 {
		return token{kind: endToken}
	}
	return p.tokens[0]
}

// take skips the next token if it is one of the operators.
func (p *parser) take(operators string) (byte, bool) {
	t := p.next()
	if t.kind != operatorToken || !strings.Contains(operators, t.text) {
		return 0, false
	}
	p.tokens = p.tokens[1:]
	return t.text[0], true
}

func (p *parser) expression() error { return p.chain("+-", p.term) }
func (p *parser) term() error       { return p.chain("*/", p.factor) }

// chain reads operands with operators of one rank between, from left to right.
func (p *parser) chain(operators string, operand func() error) error {
	if err := operand(); err != nil {
		return err
	}
	for {
		op, ok := p.take(operators)
		if !ok {
			return nil
		}
		if err := operand(); err != nil {
			return err
		}
		p.code = append(p.code, instruction{kind: binary, op: operator(op)})
	}
}

func (p *parser) factor() error {
	if p.depth++; p.depth > maxDepth {
		return fmt.Errorf("signs and parentheses are nested more than %d deep", maxDepth)
	}
	defer func() { p.depth-- }()
	if op, ok := p.take("+-"); ok {
		if err := p.factor(); err != nil {
			return err
		}
		if op == '-' {
			p.code = append(p.code, instruction{kind: negate})
		}
		return nil
	}
	if _, ok := p.take("("); ok {
		if err := p.expression(); err != nil {
			return err
		}
		if _, ok := p.take(")"); !ok {
			return fmt.Errorf("%s stands where a ) is missing", p.next().where())
		}
		return nil
	}
	t := p.next()
	switch t.kind {
	case numberToken:
		p.code = append(p.code, instruction{kind: pushNumber, number: t.number})
	case nameToken:
		p.code = append(p.code, instruction{kind: pushName, name: t.text})
	default:
		return fmt.Errorf("%s stands where a number or a name is missing", t.where())
	}
	p.tokens = p.tokens[1:]
	return nil
}
