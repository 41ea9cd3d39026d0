package scan

import (
	"strings"

	"github.com/dendro-carbon/dendro/internal/value"
)

// flowMap adds the pairs of a map in braces that stands on one line, s being
// what follows the opening brace. It returns what follows the line.
func (r *rows) flowMap(s string) (rest string, ok bool) {
	s = s[spaces(s):]
	if strings.HasPrefix(s, "}") {
		return endLine(s[1:])
	}
	for i := 0; ; i++ {
		s, ok = r.flowPair(s, i)
		if !ok || s == "" {
			return "", false
		}
		switch s[0] {
		case ',':
			s = s[1:]
			s = s[spaces(s):]
		case '}':
			return endLine(s[1:])
		default:
			return "", false
		}
	}
}

// flowPair adds the i-th pair of a map and returns what follows it and the
// spaces behind it.
func (r *rows) flowPair(s string, i int) (rest string, ok bool) {
	if i == len(r.flow) || !strings.HasPrefix(s, r.flow[i].text) {
		name, length, ok := flowKey(s)
		if !ok || r.integers && name[0]-'0' <= 9 || r.b.Sparse() {
			return "", false
		}
		length += spaces(s[length:])
		r.flow = append(r.flow[:i], lead{text: s[:length], col: r.b.Column(name)})
	}
	g := &r.flow[i]
	s = s[len(g.text):]
	s = s[spaces(s):]
	if g.written != "" && strings.HasPrefix(s, g.written) {
		r.b.Borrowed(g.col, g.value)
		return s[len(g.written)-1:], true
	}
	s, ok = r.flowScalar(s, g)
	return s[spaces(s):], ok
}

// flowScalar adds the value at the beginning of s and returns what follows it.
func (r *rows) flowScalar(s string, g *lead) (rest string, ok bool) {
	if s == "" {
		return "", false
	}
	text := ""
	if s[0] == '\'' || s[0] == '"' {
		text, rest, ok = quoted(s)
	} else {
		var v value.Value
		v, rest, ok = flowPlain(s)
		if v.Kind() != value.Text {
			r.b.Value(g.col, v)
			return rest, ok
		}
		text, _ = v.Str()
	}
	if !ok || rest == "" || rest[0] != ',' && rest[0] != '}' {
		return "", false
	}
	return rest, r.text(g, text, s[:len(s)-len(rest)+1])
}

// flowPlain returns the value of the unquoted scalar at the beginning of s.
func flowPlain(s string) (v value.Value, rest string, ok bool) {
	if f, n := decimal(s); n > 0 && n < len(s) && (s[n] == ',' || s[n] == '}') {
		return value.OfNumber(f), s[n:], true
	}
	n := 0
	for n < len(s) && classes[s[n]] != bracket && classes[s[n]] != foreign {
		n++
	}
	text := strings.TrimRight(s[:n], " ")
	if n == len(s) || !beginsPlain(s[:n]) || !flowText(text) {
		return value.Value{}, "", false
	}
	return Resolve(text), s[n:], true
}

// flowText reports whether an unquoted text without brackets and commas is one
// also within braces.
func flowText(s string) bool {
	for i := range len(s) {
		switch s[i] {
		case ':', '?':
			if i+1 == len(s) || s[i+1] == ' ' {
				return false
			}
		case '#', '"', '\'':
			return false
		}
	}
	return printable(s)
}

// flowKey is key within braces: behind a quoted key the value may follow at
// once.
func flowKey(s string) (name string, length int, ok bool) {
	if s != "" && (s[0] == '\'' || s[0] == '"') {
		return quotedKey(s)
	}
	name, length, ok = key(s)
	if !ok || length >= len(s) || s[length] != ' ' || strings.ContainsAny(name, ",[]{}") || !flowText(name) {
		return "", 0, false
	}
	return name, length, true
}
