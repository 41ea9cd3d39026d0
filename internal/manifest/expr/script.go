package expr

import (
	"math"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/value"
)

// The functions whose names begin with Script evaluate arithmetic as Impact
// Framework 1.1.0 does: not by a grammar but by substituting values into the
// text and giving the text to JavaScript. They reproduce what comes of it, which
// is why 10 - a is nothing when a is negative, and why co2 is no name.

// The patterns by which Impact Framework takes expressions apart.
var (
	scriptNumbers = regexp.MustCompile(`^=?[0-9+\-*/` + scriptSpace + `]+$`)
	scriptName    = regexp.MustCompile(`["']?([a-zA-Z]+(?:[-_/][a-zA-Z]+)*)["']?`)
	scriptSimple  = regexp.MustCompile(`^\d+(\.\d+)?([+\-*/]\d+(\.\d+)?)*$`)
	scriptValid   = regexp.MustCompile(`^[` + scriptSpace + `]*(\d+(\.\d+)?|["']?[a-zA-Z0-9\-_]+["']?)` +
		`([` + scriptSpace + `]*[-+*/][` + scriptSpace + `]*(\d+(\.\d+)?|["']?[a-zA-Z0-9\-_]+["']?))*[` + scriptSpace + `]*$`)
	scriptTokens  = regexp.MustCompile(`([` + scriptSpace + `]*[+\-*/&][` + scriptSpace + `]*)|(\b\d+\b)|("[^"]+"|'[^']+')|(\b\w[\w-]*\b)`)
	scriptFirst   = regexp.MustCompile(`[-+]?[0-9]*\.?[0-9]+`)
	scriptPostfix = regexp.MustCompile(`\d[` + scriptSpace + `]*(\+\+|--)`)
	scriptQuoted  = regexp.MustCompile(`^['"](.*)['"]$`)
)

// Lookup returns what a row holds under a name; ok is false if the row does not
// have the name. What it has may be absent: a text that had no value.
type Lookup func(name string) (v value.Value, ok bool)

// ScriptName returns the name of the metric in an expression: the first run of
// ASCII letters joined by -, _ or /. An expression without names is its value,
// and a text in which there is neither stays as it is. The error is
// JavaScript's.
func ScriptName(s string) (value.Value, error) {
	numbers := scriptNumbers.MatchString(s)
	if numbers {
		v, ok := evalScript(strings.Replace(s, "=", "", 1))
		if !ok {
			return value.Value{}, brokenScript(s)
		}
		if f := ScriptNumber(v); f == f && !math.IsInf(f, 0) {
			return v, nil
		}
	}
	if m := scriptName.FindStringSubmatch(s); m != nil {
		return value.OfText(m[1]), nil
	}
	if numbers {
		return value.Value{}, nil
	}
	return value.OfText(s), nil
}

// brokenScript is the problem of numbers and operators that are not arithmetic.
func brokenScript(s string) *diag.Problem {
	text := "Unexpected end of input"
	last := strings.TrimRight(s, scriptSpace)
	switch {
	case scriptPostfix.MatchString(s):
		text = "Invalid left-hand side expression in postfix operation"
	case strings.Contains(s, "++") || strings.Contains(s, "--"):
		text = "Invalid left-hand side expression in prefix operation"
	case last != "" && isDigit(last[len(last)-1]):
		text = "Unexpected number"
	}
	return diag.New("SyntaxError", "%s", text).WithHint("%q is not arithmetic", s)
}

// ScriptSimple returns the value of a config value that is a constant
// expression without spaces or signs; any other value is returned as it is.
func ScriptSimple(v value.Value) (value.Value, error) {
	s, ok := v.Str()
	if !ok {
		return v, nil
	}
	s = strings.Replace(s, "=", "", 1)
	if !scriptSimple.MatchString(s) {
		return v, nil
	}
	return scriptResult(s)
}

// scriptResult evaluates an arithmetic text. What is not a number is absent.
func scriptResult(s string) (value.Value, error) {
	v, ok := evalScript(s)
	f := ScriptNumber(v)
	switch {
	case !ok || f != f:
		return value.Value{}, nil
	case v.Kind() == value.Number && math.IsInf(f, 1):
		return value.Value{}, diag.New("ZeroDivisionArithmeticOperationError",
			"The input expression contains a division by zero: `%s`.", s)
	}
	return v, nil
}

// ScriptEvaluates reports whether a text is one that [ScriptValue] evaluates:
// it has an equals sign, or is nothing but numbers and operators.
func ScriptEvaluates(s string) bool {
	return strings.IndexByte(s, '=') >= 0 || scriptArithmetic(s)
}

// ScriptReads reports whether [ScriptValue] of a text may depend on the row.
func ScriptReads(s string) bool {
	return strings.IndexByte(s, '=') >= 0 && !scriptArithmetic(strings.Replace(s, "=", "", 1))
}

// scriptArithmetic reports whether a text is numbers with operators between.
// (A regular expression would do; this is asked of every text of the inputs.)
func scriptArithmetic(s string) bool {
	if s != "" && '9' < s[0] && s[0] < utf8.RuneSelf {
		return false // nearly all labels end here
	}
	s = strings.TrimLeft(s, scriptSpace)
	for {
		n := scriptDigits(s)
		if n == 0 {
			return false
		}
		s = strings.TrimLeft(s[n:], scriptSpace)
		if s == "" {
			return true
		}
		if strings.IndexByte("+-*/", s[0]) < 0 {
			return false
		}
		s = strings.TrimLeft(s[1:], scriptSpace)
	}
}

// scriptDigits returns the length of the number at the start of s.
func scriptDigits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	if n > 0 && n+1 < len(s) && s[n] == '.' && isDigit(s[n+1]) {
		n++
		for n < len(s) && isDigit(s[n]) {
			n++
		}
	}
	return n
}

// ScriptValue evaluates a text with the values of a row. A text that is no
// expression is returned as it is; an expression without a value is absent.
func ScriptValue(s string, row Lookup) (value.Value, error) {
	if !ScriptEvaluates(s) {
		return value.OfText(s), nil
	}
	stripped := strings.Replace(s, "=", "", 1)
	if scriptArithmetic(stripped) {
		return scriptResult(stripped)
	}
	var text strings.Builder
	for _, token := range tokensOf(s) {
		part, err := scriptOperand(token, s, row)
		if err != nil {
			return value.Value{}, err
		}
		text.WriteString(part)
	}
	return scriptResult(text.String())
}

// tokensOf splits an expression into operators, numbers, names and what is left
// between them, all without quotes and the white space around.
func tokensOf(s string) []string {
	s = strings.Trim(strings.Replace(s, "=", "", 1), scriptSpace)
	var tokens []string
	add := func(part string) {
		if part == "" {
			return
		}
		part = strings.Trim(part, scriptSpace)
		if m := scriptQuoted.FindStringSubmatch(part); m != nil {
			part = m[1]
		}
		tokens = append(tokens, part)
	}
	end := 0
	for _, m := range scriptTokens.FindAllStringIndex(s, -1) {
		add(s[end:m[0]])
		add(s[m[0]:m[1]])
		end = m[1]
	}
	add(s[end:])
	return tokens
}

// scriptOperand returns the text that takes a token's place.
func scriptOperand(token, whole string, row Lookup) (string, error) {
	if f := value.ToNumber(token); token != "" && f == f {
		return token, nil
	}
	if len(utf16.Encode([]rune(token))) == 1 {
		if strings.Contains("+-*/", token) {
			return token, nil
		}
		return "", diag.New("WrongArithmeticExpressionError",
			"The operator in `%s` should be one of these arithmetic operators: *, +, - or /.", whole)
	}
	v, ok := row(token)
	if !ok {
		return "", diag.New("InputValidationError", "%s is missing from the input array or has nullish value.", token).
			WithMetric(token)
	}
	if f := ScriptNumber(v); f != f {
		return "", diag.New("InputValidationError",
			"The value of the `%s` parameter in the input array is not a number.", token).WithMetric(token)
	}
	if inner, isText := v.Str(); isText && isScript(whole) {
		var err error
		if v, err = ScriptValue(inner, row); err != nil {
			return "", err
		}
	}
	if v.IsNullish() {
		return "", nil
	}
	return v.String(), nil
}

// isScript reports whether a text has the form of an expression.
func isScript(s string) bool {
	name, err := ScriptName(s)
	if t, ok := name.Str(); err != nil || ok && t == s {
		return false
	}
	return scriptValid.MatchString(strings.Replace(s, "=", "", 1))
}

// CheckScript holds the text of a config value to the form of an expression:
// one that looks like an expression must have an equals sign, and the other way
// round. It returns the value to check further: a constant expression's value,
// or, where a number is wanted, the first number in the text.
func CheckScript(key, s string, wantNumber bool) (value.Value, error) {
	bare := strings.Replace(s, "=", "", 1)
	if _, err := ScriptName(bare); err != nil {
		return value.Value{}, err
	}
	valid := isScript(bare)
	if valid {
		v, err := scriptResult(bare)
		if err != nil {
			return value.Value{}, err
		}
		if f := ScriptNumber(v); v.Truthy() && f == f {
			return v, nil
		}
		if f := value.ToNumber(s); f == f {
			return value.OfText(s), nil
		}
	}
	if strings.Contains(s, "=") != valid {
		return value.Value{}, diag.New("InputValidationError", "The `%s` contains an invalid arithmetic expression. "+
			"It should start with `=` and include the symbols `*`, `+`, `-` and `/`.", key)
	}
	if wantNumber {
		if first := scriptFirst.FindString(bare); first != "" {
			return value.OfNumber(value.ParseFloat(first)), nil
		}
	}
	return value.OfText(s), nil
}

// ScriptOutput takes the name of an output apart. For a plain name it returns
// the name. For an expression it returns the name in it and what becomes of the
// plugin's result v; a result that is not a number is absent.
func ScriptOutput(output string, v value.Value) (name string, result value.Value, err error) {
	checked, err := ScriptName(output)
	if err != nil {
		return "", v, err
	}
	if t, ok := checked.Str(); ok && t == output {
		return output, v, nil
	}
	if !strings.Contains(output, "=") || !checked.Truthy() || !isScript(output) {
		return "", v, diag.New("WrongArithmeticExpressionError", "The output parameter `%s` contains an invalid arithmetic expression. "+
			"It should start with `=` and include the symbols `*`, `+`, `-` and `/`.", output)
	}
	if v.Kind() == value.Absent {
		return "", v, diag.New("TypeError", "Cannot read properties of undefined (reading 'toString')")
	}
	text := strings.Replace(strings.Replace(output, "=", "", 1), checked.String(), v.String(), 1)
	result, err = scriptResult(strings.NewReplacer("'", "", `"`, "").Replace(text))
	return checked.String(), result, err
}
