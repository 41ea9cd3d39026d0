package scan

import (
	"strings"
	"unicode/utf8"

	"github.com/dendro-carbon/dendro/internal/value"
)

// maxKey is how long a key may be here; the library has its own limit.
const maxKey = 1000

// The classes of bytes in an unquoted text.
const (
	ordinary = iota
	colon    // ends the text when white space follows
	hash     // begins a comment behind white space
	bracket  // ends the text within braces, as the comma does
	wide     // part of a character that is not ASCII
	foreign  // for the library: control characters, tabs
)

//archtest:table classes of bytes, never written
var classes = makeClasses()

func makeClasses() (c [256]uint8) {
	for i := range c {
		switch {
		case i < ' ' || i == 0x7f:
			c[i] = foreign
		case i > 0x7f:
			c[i] = wide
		}
	}
	c[':'], c['#'] = colon, hash
	for _, b := range []byte(",[]{}") {
		c[b] = bracket
	}
	return c
}

// printable reports whether a text holds only characters that mean nothing to
// YAML but themselves: no control characters, no line breaks of any kind.
func printable(s string) bool {
	for i := range len(s) {
		switch classes[s[i]] {
		case foreign:
			return false
		case wide:
			return printableWide(s[i:])
		}
	}
	return true
}

func printableWide(s string) bool {
	for i, c := range s {
		switch {
		case c < ' ', c >= 0x7f && c <= 0x9f, c == '\u2028', c == '\u2029', c == '\ufeff', c == '\ufffe', c == '\uffff':
			return false
		case c == utf8.RuneError && !strings.HasPrefix(s[i:], "\ufffd"):
			return false
		}
	}
	return true
}

// beginsPlain reports whether an unquoted text may begin so.
func beginsPlain(s string) bool {
	if s == "" {
		return false
	}
	switch s[0] {
	case ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`', ' ':
		return false
	case '-', '?', ':':
		return len(s) > 1 && s[1] != ' '
	}
	return true
}

// plainText returns the unquoted text that takes a line, apart from a comment
// behind it.
func plainText(line string) (text string, ok bool) {
	if !beginsPlain(line) {
		return "", false
	}
	isWide := false
	for i := range len(line) {
		switch classes[line[i]] {
		case colon:
			if i+1 == len(line) || line[i+1] == ' ' {
				return "", false
			}
		case hash:
			if line[i-1] == ' ' {
				return strings.TrimRight(line[:i], " "), printable(line)
			}
		case wide:
			isWide = true
		case foreign:
			return "", false
		}
	}
	return strings.TrimRight(line, " "), !isWide || printableWide(line)
}

// key returns the name of the key at the beginning of s and the length of what
// it is written with, the colon included.
func key(s string) (name string, length int, ok bool) {
	if s != "" && (s[0] == '\'' || s[0] == '"') {
		return quotedKey(s)
	}
	if !beginsPlain(s) {
		return "", 0, false
	}
	for i := range min(len(s), maxKey) {
		switch classes[s[i]] {
		case colon:
			if i+1 == len(s) || s[i+1] == ' ' || s[i+1] == '\n' || s[i+1] == '\r' {
				name = strings.TrimRight(s[:i], " ")
				return name, i + 1, isName(name)
			}
		case hash:
			if s[i-1] == ' ' {
				return "", 0, false
			}
		case foreign:
			return "", 0, false
		}
	}
	return "", 0, false
}

// isName reports whether an unquoted key is a text, and not the key that merges.
func isName(s string) bool {
	return s != "<<" && printable(s) && Resolve(s).Kind() == value.Text
}

// quotedKey is key for a quoted one.
func quotedKey(s string) (name string, length int, ok bool) {
	n := strings.IndexByte(s[1:], s[0])
	if n <= 0 || n > maxKey || n+2 >= len(s) || s[n+2] != ':' {
		return "", 0, false
	}
	name = s[1 : 1+n]
	return name, n + 3, printable(name) && (s[0] == '\'' || strings.IndexByte(name, '\\') < 0)
}

// endLine returns what follows the line of which s is the end; ok is false if
// there is more than spaces and a comment.
func endLine(s string) (rest string, ok bool) {
	if s == "" {
		return "", true
	}
	if s[0] == '\n' {
		return s[1:], true
	}
	line, rest, _ := strings.Cut(s, "\n")
	line = strings.TrimSuffix(line, "\r")
	text := strings.TrimLeft(line, " ")
	if text == "" {
		return rest, true
	}
	return rest, text[0] == '#' && len(text) < len(line) && printable(text)
}

// quoted returns the quoted text at the beginning of s, which may not be
// [printable], and what follows the closing quote.
func quoted(s string) (text, rest string, ok bool) {
	n := strings.IndexByte(s[1:], s[0])
	if n < 0 {
		return "", "", false
	}
	text, rest = s[1:1+n], s[n+2:]
	if s[0] == '"' && strings.IndexByte(text, '\\') >= 0 || strings.HasPrefix(rest, s[:1]) {
		return "", "", false
	}
	return text, rest, true
}
