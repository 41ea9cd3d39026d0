package yaml

import (
	"bytes"
	"strings"

	lib "go.yaml.in/yaml/v4"
)

// breaks hides the three characters that end a line for the library, as they
// did in YAML 1.1, but are ordinary ones for js-yaml and in YAML 1.2.
type breaks struct {
	characters, stand []string // what stands for which, until the text is parsed
}

// foreignBreaks returns what it takes to hide those of the characters that the
// text holds: characters for private use that it does not hold.
func foreignBreaks(data []byte) breaks {
	var b breaks
	free := '\ue000'
	for _, c := range []string{"\u0085", "\u2028", "\u2029"} {
		if !bytes.Contains(data, []byte(c)) {
			continue
		}
		for bytes.ContainsRune(data, free) && free < '\uf8ff' {
			free++
		}
		b.characters, b.stand = append(b.characters, c), append(b.stand, string(free))
		free++
	}
	return b
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
