package yaml

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	lib "go.yaml.in/yaml/v4"
)

// surrogates hides escapes such as \ud83d\ude00 from the library, which refuses
// the halves of a pair; js-yaml puts the character together, as JSON does. Whether
// the text is an escape is known only once it is parsed, so a stand-in takes the
// place of the backslash until then.
type surrogates struct {
	stand string // "" if there is nothing to hide
}

// halfEscape is a text that may be the escape of half a pair, with all
// backslashes before it.
var halfEscape = regexp.MustCompile(`\\+u[dD][89a-fA-F][0-9a-fA-F]{2}`)

// hideSurrogates returns the text with the escapes hidden.
func hideSurrogates(data []byte) (surrogates, []byte) {
	if !bytes.Contains(data, []byte(`\ud`)) && !bytes.Contains(data, []byte(`\uD`)) {
		return surrogates{}, data
	}
	s := surrogates{stand: standIns(data, 1)[0]}
	return s, halfEscape.ReplaceAllFunc(data, func(match []byte) []byte {
		slashes := bytes.IndexByte(match, 'u')
		if slashes%2 == 0 { // the backslash before the u is escaped itself
			return match
		}
		return bytes.Join([][]byte{match[:slashes-1], match[slashes:]}, []byte(s.stand))
	})
}

// show puts characters in the place of escapes, and backslashes where there was
// no escape.
func (s surrogates) show(n *lib.Node) {
	if s.stand == "" {
		return
	}
	if strings.Contains(n.Value, s.stand) {
		if n.Kind == lib.ScalarNode && n.Style&lib.DoubleQuotedStyle != 0 {
			n.Value = s.characters(n.Value)
		} else {
			n.Value = strings.ReplaceAll(n.Value, s.stand, `\`)
		}
	}
	for _, child := range n.Content {
		s.show(child)
	}
}

// characters returns the text with each pair put together. Half a pair is no
// character, and becomes U+FFFD.
func (s surrogates) characters(text string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, s.stand)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		high, rest, ok := half(after)
		if !ok { // a document that holds all stand-ins itself
			b.WriteString(s.stand)
			text = after
			continue
		}
		if next, follows := strings.CutPrefix(rest, s.stand); follows {
			low, behind, _ := half(next)
			if pair := utf16.DecodeRune(high, low); pair != utf8.RuneError {
				high, rest = pair, behind
			}
		}
		b.WriteRune(high) // writes U+FFFD for half a pair
		text = rest
	}
}

// half reads the uXXXX at the beginning of a text.
func half(s string) (r rune, rest string, ok bool) {
	if len(s) < 5 || s[0] != 'u' {
		return 0, s, false
	}
	v, err := strconv.ParseUint(s[1:5], 16, 16)
	return rune(v), s[5:], err == nil
}
