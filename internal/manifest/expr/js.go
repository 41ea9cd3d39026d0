package expr

import (
	"math"
	"strconv"
	"strings"

	"github.com/dendro-carbon/dendro/internal/value"
)

// evalScript evaluates an arithmetic text as JavaScript's eval does in strict
// mode, as far as texts can be arithmetic: numbers, + - * / **, signs, a comment
// to the end of the line, and the few names that are values. ok is false where
// JavaScript would raise an error. The value is a number, a boolean, null, or
// absent for undefined.
func evalScript(text string) (v value.Value, ok bool) {
	p := &scriptParser{rest: text}
	p.space()
	if p.rest == "" {
		return value.Value{}, true
	}
	v, ok = p.additive()
	p.space()
	return v, ok && p.rest == ""
}

// scriptParser reads an arithmetic text from left to right.
type scriptParser struct {
	rest  string
	depth int
}

// maxDepth bounds how deep signs and powers may be nested.
const maxDepth = 1000

// space skips white space and a comment up to the end of the line.
func (p *scriptParser) space() {
	p.rest = strings.TrimLeft(p.rest, scriptSpace)
	if strings.HasPrefix(p.rest, "//") {
		p.rest = ""
	}
}

// scriptSpace is what JavaScript takes for white space.
const scriptSpace = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a" +
	"\u2028\u2029\u202f\u205f\u3000\ufeff"

// take skips an operator if it is next. A doubled sign is an operator of its
// own, which no arithmetic text can use.
func (p *scriptParser) take(op string) bool {
	p.space()
	if !strings.HasPrefix(p.rest, op) {
		return false
	}
	after := p.rest[len(op):]
	if op == "*" && strings.HasPrefix(after, "*") || (op == "+" || op == "-") && strings.HasPrefix(after, op) {
		return false
	}
	p.rest = after
	return true
}

func (p *scriptParser) additive() (value.Value, bool) {
	left, ok := p.multiplicative()
	for ok {
		var right value.Value
		switch {
		case p.take("+"):
			right, ok = p.multiplicative()
			left = value.OfNumber(ScriptNumber(left) + ScriptNumber(right))
		case p.take("-"):
			right, ok = p.multiplicative()
			left = value.OfNumber(ScriptNumber(left) - ScriptNumber(right))
		default:
			return left, true
		}
	}
	return left, false
}

func (p *scriptParser) multiplicative() (value.Value, bool) {
	left, ok := p.power()
	for ok {
		var right value.Value
		switch {
		case p.take("*"):
			right, ok = p.power()
			left = value.OfNumber(ScriptNumber(left) * ScriptNumber(right))
		case p.take("/"):
			right, ok = p.power()
			left = value.OfNumber(ScriptNumber(left) / ScriptNumber(right))
		default:
			return left, true
		}
	}
	return left, false
}

// power reads a signed value, or a power, whose base must have no sign.
func (p *scriptParser) power() (value.Value, bool) {
	if p.depth++; p.depth > maxDepth {
		return value.Value{}, false
	}
	defer func() { p.depth-- }()
	if sign := p.sign(); sign != 0 {
		v, ok := p.power()
		return value.OfNumber(sign * ScriptNumber(v)), ok && !p.take("**")
	}
	base, ok := p.primary()
	if !ok || !p.take("**") {
		return base, ok
	}
	exponent, ok := p.power()
	return value.OfNumber(Pow(ScriptNumber(base), ScriptNumber(exponent))), ok
}

func (p *scriptParser) sign() float64 {
	switch {
	case p.take("+"):
		return 1
	case p.take("-"):
		return -1
	}
	return 0
}

// primary reads a number, or a name that stands for a value.
func (p *scriptParser) primary() (value.Value, bool) {
	p.space()
	n := 0
	for n < len(p.rest) && (isWordByte(p.rest[n]) || p.rest[n] == '.' || isExponentSign(p.rest, n)) {
		n++
	}
	word := p.rest[:n]
	p.rest = p.rest[n:]
	switch word {
	case "true", "false":
		return value.OfBool(word == "true"), true
	case "null":
		return value.OfNull(), true
	case "undefined":
		return value.Value{}, true
	case "NaN":
		return value.OfNumber(math.NaN()), true
	case "Infinity":
		return value.OfNumber(math.Inf(1)), true
	}
	f, ok := scriptLiteral(word)
	return value.OfNumber(f), ok
}

func isWordByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// isExponentSign reports whether the sign at i belongs to a number such as
// 1e-7.
func isExponentSign(s string, i int) bool {
	if i < 2 || s[i] != '+' && s[i] != '-' || s[i-1] != 'e' && s[i-1] != 'E' || i+1 == len(s) || !isDigit(s[i+1]) {
		return false
	}
	for _, c := range []byte(s[:i-1]) {
		if !isDigit(c) && c != '.' {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// scriptLiteral reads a number as it may stand in JavaScript's source: no
// leading zeros.
func scriptLiteral(s string) (float64, bool) {
	if s == "" || !isDigit(s[0]) && s[0] != '.' || strings.Contains(s, "_") {
		return 0, false
	}
	if len(s) > 1 && s[0] == '0' {
		switch s[1] | 0x20 {
		case 'x', 'o', 'b':
			n, err := strconv.ParseUint(s, 0, 64)
			return float64(n), err == nil
		}
		if isDigit(s[1]) {
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil || math.IsInf(f, 0)
}

// ScriptNumber returns the number that JavaScript makes of a value where it
// needs one: null is 0, true is 1, a text is read, a time is its milliseconds, a
// list is what it holds; NaN when there is none.
func ScriptNumber(v value.Value) float64 {
	if f, ok := v.Float(); ok {
		return f
	}
	if s, ok := v.Str(); ok {
		return value.ToNumber(s)
	}
	if ms, ok := v.Millis(); ok {
		return float64(ms)
	}
	if b, ok := v.Bool(); ok && b {
		return 1
	} else if ok || v.Kind() == value.Null {
		return 0
	}
	switch list := v.List(); {
	case v.Kind() != value.List || len(list) > 1:
		return math.NaN()
	case len(list) == 0:
		return 0
	default:
		return ScriptNumber(list[0])
	}
}
