package classify

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/dendro-carbon/dendro/internal/window"
)

// The most bytes that are kept of a text.
const (
	MaxService     = 256
	MaxEnvironment = 256
	MaxEndpoint    = 512
	MaxCallee      = 255 // of a host name, RFC 1035 section 2.3.4
	maxRegion      = 64
)

// Cut returns text up to limit bytes, and no half of a character.
func Cut(text []byte, limit int) []byte {
	if len(text) <= limit {
		return text
	}
	end := limit
	for end > 0 && end > limit-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// ValidRegion reports whether text can be the id of a cloud region: 1 to 64
// ASCII letters, digits, hyphens and underscores.
func ValidRegion(text []byte) bool {
	if len(text) == 0 || len(text) > maxRegion {
		return false
	}
	for _, b := range text {
		switch {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', b == '-', b == '_':
		default:
			return false
		}
	}
	return true
}

// Endpoint returns what may be kept of an endpoint such as "GET /orders?id=7":
// without query and fragment, where secrets travel, without user and password
// of a URL, and at most [MaxEndpoint] bytes. The result aliases text where
// nothing has to be taken from its middle.
func Endpoint(text []byte) []byte {
	if end := bytes.IndexAny(text, "?#"); end >= 0 {
		text = text[:end]
	}
	if begin := bytes.Index(text, []byte("//")); begin >= 0 {
		begin += len("//")
		end := len(text)
		if slash := bytes.IndexByte(text[begin:], '/'); slash >= 0 {
			end = begin + slash
		}
		if at := bytes.LastIndexByte(text[begin:end], '@'); at >= 0 {
			text = append(bytes.Clone(text[:begin]), text[begin+at+1:]...)
		}
	}
	return Cut(text, MaxEndpoint)
}

// Callee returns the host of a URL: what stands between `://` and the next
// slash, without user, password and port; an IPv6 address comes without its
// brackets. It is empty for what is no http or https URL. The result aliases
// the URL.
func Callee(url []byte) []byte {
	rest, ok := afterScheme(url)
	if !ok {
		return nil
	}
	if end := bytes.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	if at := bytes.LastIndexByte(rest, '@'); at >= 0 {
		rest = rest[at+1:]
	}
	if len(rest) > 0 && rest[0] == '[' {
		end := max(bytes.IndexByte(rest, ']'), 1)
		return host(rest[1:end])
	}
	if colon := bytes.IndexByte(rest, ':'); colon >= 0 {
		rest = rest[:colon]
	}
	return host(rest)
}

// host returns the name of a host, or nothing if it is too long to be one.
func host(name []byte) []byte {
	if len(name) > MaxCallee {
		return nil
	}
	return name
}

// afterScheme returns what follows http:// or https://, in any case.
func afterScheme(url []byte) (rest []byte, ok bool) {
	for _, scheme := range [...]string{"http://", "https://"} {
		if len(url) >= len(scheme) && strings.EqualFold(string(url[:len(scheme)]), scheme) {
			return url[len(scheme):], true
		}
	}
	return nil, false
}

// Verb returns the verb of a SQL statement: its first word between ASCII white
// space, in any case. A statement that begins otherwise, such as with a bracket,
// a comment or WITH, has [window.VerbOther].
func Verb(statement []byte) window.Verb {
	begin := 0
	for begin < len(statement) && isSpace(statement[begin]) {
		begin++
	}
	const word = len("SELECT") // all four verbs are as long
	rest := statement[begin:]
	if len(rest) < word || len(rest) > word && !isSpace(rest[word]) {
		return window.VerbOther
	}
	var lower [word]byte
	for i := range lower {
		lower[i] = rest[i] | 0x20 // turns no other ASCII character into a letter
	}
	switch string(lower[:]) {
	case "select":
		return window.VerbSelect
	case "insert":
		return window.VerbInsert
	case "update":
		return window.VerbUpdate
	case "delete":
		return window.VerbDelete
	}
	return window.VerbOther
}

// isSpace reports ASCII white space; a vertical tab is none.
func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\f' || b == '\r' }
