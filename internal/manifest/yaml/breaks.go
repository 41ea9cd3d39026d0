package yaml

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	lib "go.yaml.in/yaml/v4"
)

// breaks hides the three characters that end a line for the library, as they
// did in YAML 1.1, but are ordinary ones for js-yaml and in YAML 1.2.
type breaks struct {
	characters, stand []string // what stands for which, until the text is parsed
}

// foreignBreaks returns what it takes to hide those of the characters that the
// text holds.
func foreignBreaks(data []byte) breaks {
	var b breaks
	for _, c := range []string{"\u0085", "\u2028", "\u2029"} {
		if bytes.Contains(data, []byte(c)) {
			b.characters = append(b.characters, c)
		}
	}
	if len(b.characters) > 0 {
		b.stand = standIns(data, len(b.characters))
	}
	return b
}

// privateUse is a character for private use, be it written or escaped.
var privateUse = regexp.MustCompile(`[\x{e000}-\x{f8ff}]|\\(?:u|U0000)([efEF][0-9a-fA-F]{3})`)

// standIns returns n characters for private use that no text of the document
// holds. A document that holds all there are gets what it has.
func standIns(data []byte, n int) []string {
	used := make(map[rune]bool)
	if bytes.ContainsAny(data, "\ue000\ue001\ue002\ue003") || bytes.Contains(data, []byte(`\u`)) || bytes.Contains(data, []byte(`\U`)) {
		for _, match := range privateUse.FindAllSubmatch(data, -1) {
			r, _ := utf8.DecodeRune(match[0])
			if match[1] != nil {
				v, _ := strconv.ParseUint(string(match[1]), 16, 16)
				r = rune(v)
			}
			used[r] = true
		}
	}
	var free []string
	for r := '\ue000'; len(free) < n; r++ {
		if !used[r] || r > '\uf8ff' {
			free = append(free, string(r))
		}
	}
	return free
}

// hide returns the text without the characters.
func (b breaks) hide(data []byte) []byte {
	for i, c := range b.characters {
		data = bytes.ReplaceAll(data, []byte(c), []byte(b.stand[i]))
	}
	return data
}

// show puts the characters back.
func (b breaks) show(n *lib.Node) {
	if len(b.characters) == 0 {
		return
	}
	for i, c := range b.characters {
		n.Value = strings.ReplaceAll(n.Value, b.stand[i], c)
	}
	for _, child := range n.Content {
		b.show(child)
	}
}
