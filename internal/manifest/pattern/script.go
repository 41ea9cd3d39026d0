package pattern

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"

	"github.com/dendro-carbon/dendro/internal/diag"
)

// ParseScript reads a pattern as Impact Framework does, which hands it to
// JavaScript's eval: the text must be a regular expression literal in full.
// Dialects differ, so the literal is translated to RE2; what RE2 cannot do is an
// error that says so.
func ParseScript(match string) (*Pattern, error) {
	if strings.HasPrefix(match, "//") {
		// A comment: its value is undefined, which matches as an empty pattern.
		return &Pattern{re: regexp.MustCompile(""), script: true}, nil
	}
	end := literalEnd(match)
	if end < 0 {
		return nil, diag.New("SyntaxError", "Invalid regular expression: missing /").WithHint("%s is no pattern", match)
	}
	flags := match[end+1:]
	if rest := strings.TrimLeft(flags, "dgimsuvy"); rest == "/" {
		return nil, diag.New("SyntaxError", "Unexpected end of input").
			WithHint("%s: the only flag is g, as in /pattern/g", match)
	} else if rest != "" || len(flags) > 1 {
		return nil, diag.New("SyntaxError", "Invalid regular expression flags").
			WithHint("%s: write a slash within a pattern as \\/", match)
	}
	body, err := translate(match[1:end])
	if err != nil {
		return nil, badPattern(match, err)
	}
	re, err := regexp.Compile(body)
	if err != nil {
		return nil, badPattern(match, err)
	}
	return &Pattern{re: re, all: flags == "g", script: true, local: !anchored(body)}, nil
}

// literalEnd returns the index of the slash that closes a literal, -1 if none
// does: the first one that is neither escaped nor in a class.
func literalEnd(match string) int {
	class := false
	for i := 1; i < len(match); i++ {
		switch match[i] {
		case '\\':
			i++
		case '[':
			class = true
		case ']':
			class = false
		case '\n', '\r':
			return -1
		case '/':
			if !class {
				return i
			}
		}
	}
	return -1
}

// anchored reports whether a pattern looks at what is around it, so that it
// cannot be applied to the rest of a text alone.
func anchored(body string) bool {
	re, err := syntax.Parse(body, syntax.Perl)
	if err != nil {
		return true
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return true
	}
	for _, inst := range prog.Inst {
		if inst.Op == syntax.InstEmptyWidth && syntax.EmptyOp(inst.Arg)&^(syntax.EmptyEndText|syntax.EmptyEndLine) != 0 {
			return true
		}
	}
	return false
}

func runeLen(s string, at int) int {
	if at >= len(s) {
		return 1
	}
	_, n := utf8.DecodeRuneInString(s[at:])
	return n
}

// The sets that are larger in JavaScript than in RE2.
const (
	scriptSpaces   = `\t\n\v\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`
	scriptNoSpaces = `\x00-\x08\x0e-\x1f!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}` +
		`\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}`
	scriptDot = `[^\n\r\x{2028}\x{2029}]`
)

// translator turns a JavaScript pattern (without the flags u and v) into RE2.
type translator struct {
	in    string
	i     int
	out   strings.Builder
	class bool // within brackets
	// bare says that what stands last is an assertion, which cannot be repeated.
	bare bool
}

// translate returns the pattern in RE2's syntax. An error says what RE2 has no
// counterpart of; what is wrong in both dialects is left to RE2.
func translate(pattern string) (string, error) {
	t := &translator{in: pattern}
	for t.i < len(t.in) {
		if err := t.step(); err != nil {
			return "", err
		}
	}
	return t.out.String(), nil
}

func (t *translator) step() error {
	c := t.in[t.i]
	bare := t.bare
	t.bare = false
	switch {
	case c == '\\':
		return t.escape()
	case t.class:
		return t.inClass(c)
	case c == '[':
		return t.openClass()
	case c == '.':
		t.emit(scriptDot, 1)
	case c == '(' && strings.HasPrefix(t.in[t.i:], "(?"):
		return t.group()
	case c == '{' && !isQuantifier(t.in[t.i:]):
		t.emit(`\{`, 1)
	case bare && strings.IndexByte("*+?{", c) >= 0:
		return &syntax.Error{Code: syntax.ErrMissingRepeatArgument, Expr: string(c)}
	case c == '^' || c == '$':
		t.bare = true
		t.emit(string(c), 1)
	default:
		t.emit(t.in[t.i:t.i+1], 1)
	}
	return nil
}

// emit writes text in the place of n bytes of the pattern.
func (t *translator) emit(text string, n int) {
	t.out.WriteString(text)
	t.i += n
}

// isQuantifier reports whether a brace opens a count such as {2} or {2,5}. Any
// other brace is a character.
func isQuantifier(s string) bool {
	end := strings.IndexByte(s, '}')
	if end < 2 {
		return false
	}
	low, high, _ := strings.Cut(s[1:end], ",")
	return low != "" && strings.Trim(low, "0123456789") == "" && strings.Trim(high, "0123456789") == ""
}

// group writes what opens a group with an option.
func (t *translator) group() error {
	rest := t.in[t.i+2:]
	switch {
	case strings.HasPrefix(rest, ":"):
		t.emit("(?:", 3)
	case strings.HasPrefix(rest, "=") || strings.HasPrefix(rest, "!"):
		return fmt.Errorf("lookahead (?%s", rest[:1])
	case strings.HasPrefix(rest, "<=") || strings.HasPrefix(rest, "<!"):
		return fmt.Errorf("lookbehind (?%s", rest[:2])
	case strings.HasPrefix(rest, "<"):
		t.emit("(?<", 3)
	default:
		return fmt.Errorf("invalid group (?%.1s", rest)
	}
	return nil
}

func (t *translator) openClass() error {
	switch {
	case strings.HasPrefix(t.in[t.i:], "[^]"):
		t.emit(`[\x00-\x{10ffff}]`, 3)
	case strings.HasPrefix(t.in[t.i:], "[]"):
		t.emit(`[^\x00-\x{10ffff}]`, 2)
	case strings.HasPrefix(t.in[t.i:], "[^"):
		t.class = true
		t.emit("[^", 2)
	default:
		t.class = true
		t.emit("[", 1)
	}
	return nil
}

func (t *translator) inClass(c byte) error {
	switch c {
	case ']':
		t.class = false
		t.emit("]", 1)
	case '[': // RE2 would look for [:name:]
		t.emit(`\[`, 1)
	default:
		t.emit(t.in[t.i:t.i+1], 1)
	}
	return nil
}

// escape writes a backslash and what belongs to it.
func (t *translator) escape() error {
	if t.i+1 >= len(t.in) {
		return fmt.Errorf(`\ at end of pattern`)
	}
	c := t.in[t.i+1]
	switch {
	case strings.IndexByte("dDwWnrtfv", c) >= 0:
		t.emit(`\`+string(c), 2)
	case c == 's' || c == 'S':
		t.space(c == 'S')
	case c == 'b' && t.class:
		t.emit(`\x08`, 2)
	case (c == 'b' || c == 'B') && !t.class:
		t.bare = true
		t.emit(`\`+string(c), 2)
	case c == 'x' && isHex(t.in, t.i+2, 2):
		t.emit(`\x{`+t.in[t.i+2:t.i+4]+`}`, 4)
	case c == 'u' && isHex(t.in, t.i+2, 4):
		t.emit(`\x{`+t.in[t.i+2:t.i+6]+`}`, 6)
	case c == 'c' && t.i+2 < len(t.in) && isLetter(t.in[t.i+2]):
		t.emit(fmt.Sprintf(`\x{%x}`, t.in[t.i+2]&31), 3)
	case c == '0':
		t.octal()
	case '0' <= c && c <= '9':
		return fmt.Errorf(`backreference \%c`, c)
	case c == 'k' && strings.Contains(t.in, "(?<"):
		return fmt.Errorf(`backreference \k`)
	case c < utf8.RuneSelf && !isWord(c): // RE2 escapes what is no letter or digit
		t.emit(`\`+string(c), 2)
	default: // any other character stands for itself
		t.emit("", 1)
		_, n := utf8.DecodeRuneInString(t.in[t.i:])
		t.emit(t.in[t.i:t.i+n], n)
	}
	return nil
}

func isWord(c byte) bool { return '0' <= c && c <= '9' || isLetter(c) }

// octal writes a character given by a zero and up to two octal digits.
func (t *translator) octal() {
	n, code := 2, 0
	for n < 4 && t.i+n < len(t.in) && '0' <= t.in[t.i+n] && t.in[t.i+n] <= '7' {
		code = code*8 + int(t.in[t.i+n]-'0')
		n++
	}
	t.emit(fmt.Sprintf(`\x{%x}`, code), n)
}

// space writes \s or \S.
func (t *translator) space(not bool) {
	set := scriptSpaces
	if not && t.class {
		set = scriptNoSpaces
	}
	switch {
	case t.class:
		t.emit(set, 2)
	case not:
		t.emit("[^"+set+"]", 2)
	default:
		t.emit("["+set+"]", 2)
	}
}

func isHex(s string, at, n int) bool {
	if at+n > len(s) {
		return false
	}
	return strings.Trim(s[at:at+n], "0123456789abcdefABCDEF") == ""
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
