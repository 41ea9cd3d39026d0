package account

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Ledgers keep labels as JSON, and reading a hundred thousand of them is what a new
// process does first. So the plain text, which nearly all labels are, is written and
// read here directly, and the library does the rest.

// MarshalJSON writes an object with the names in order. The text is canonical:
// equal labels have equal bytes, so stores may use it as a key.
func (l Labels) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, 2*len(l.packed)+2)
	b = append(b, '{')
	for name, value := range l.All() {
		if !isPlain(name) || !isPlain(value) {
			return l.marshal()
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), name...), `":"`...)
		b = append(append(b, value...), '"')
	}
	return append(b, '}'), nil
}

// isPlain reports whether the library writes a text as it is, between quotes.
func isPlain(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c >= utf8.RuneSelf:
			return false
		case c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' || c == 0x7f:
			return false
		}
	}
	return true
}

func (l Labels) marshal() ([]byte, error) {
	m := make(map[string]string, 8)
	for name, value := range l.All() {
		m[name] = value
	}
	return json.Marshal(m) // sorts by name
}

// UnmarshalJSON reads an object of strings. It returns [ErrLabel] as
// [NewLabels] does.
func (l *Labels) UnmarshalJSON(text []byte) error {
	if packed, ok := packPlain(string(text)); ok {
		l.packed = packed
		return nil
	}
	var m map[string]string
	if err := json.Unmarshal(text, &m); err != nil {
		return fmt.Errorf("labels: %w", err)
	}
	read, err := NewLabels(m)
	if err != nil {
		return err
	}
	*l = read
	return nil
}

// packPlain reads an object as [Labels.MarshalJSON] writes it: names in order, no
// spaces, no escapes, no empty text. It reports false for any other.
func packPlain(text string) (packed string, ok bool) {
	rest, ok := strings.CutPrefix(text, "{")
	if !ok {
		return "", false
	}
	if rest == "}" {
		return "", true
	}
	b := make([]byte, 0, len(text))
	last := ""
	for more := true; more; {
		var name, value string
		if name, rest, ok = cutPlain(rest, ':'); !ok || name <= last {
			return "", false
		}
		if value, rest, ok = cutPlain(rest, ','); !ok {
			if value, rest, ok = cutPlain(rest, '}'); !ok || rest != "" {
				return "", false
			}
			more = false
		}
		b, last = appendText(appendText(b, name), value), name
	}
	return string(b), true
}

// cutPlain cuts a string in quotes and the character behind it off a text. Where it
// reports false, all of the text is left.
func cutPlain(text string, behind byte) (s, rest string, ok bool) {
	if len(text) < 4 || text[0] != '"' {
		return "", text, false
	}
	end := strings.IndexByte(text[1:], '"') + 1
	if end <= 1 || end+1 >= len(text) || text[end+1] != behind || !isPlain(text[1:end]) {
		return "", text, false
	}
	return text[1:end], text[end+2:], true
}
