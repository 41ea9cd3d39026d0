package scan

import "strings"

// flowMap adds the pairs of a map in braces that stands on one line, s being
// what follows the opening brace. It returns what follows the line.
func (r *rows) flowMap(s string) (rest string, ok bool) {
	s = s[spaces(s):]
	if strings.HasPrefix(s, "}") {
		return endLine(s[1:])
	}
	for {
		s, ok = r.flowPair(s)
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

// flowPair adds the pair at the beginning of s and returns what follows it.
func (r *rows) flowPair(s string) (rest string, ok bool) {
	name, length, ok := flowKey(s)
	if !ok || r.integers && name[0]-'0' <= 9 {
		return "", false
	}
	col, expected := r.b.Expect()
	if expected != name {
		col = r.b.Column(name)
	}
	s = s[length:]
	s = s[spaces(s):]
	if s == "" {
		return "", false
	}
	if s[0] == '\'' || s[0] == '"' {
		s, ok = r.quoted(s, col)
	} else {
		s, ok = r.flowPlain(s, col)
	}
	return s[spaces(s):], ok
}

// flowPlain adds the unquoted scalar at the beginning of s.
func (r *rows) flowPlain(s string, col int) (rest string, ok bool) {
	if !beginsPlain(s) {
		return "", false
	}
	n := strings.IndexAny(s, ",[]{}\n")
	if n < 0 || s[n] != ',' && s[n] != '}' {
		return "", false
	}
	text := strings.TrimRight(s[:n], " ")
	if !flowText(text) {
		return "", false
	}
	r.resolved(col, text)
	return s[n:], true
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
