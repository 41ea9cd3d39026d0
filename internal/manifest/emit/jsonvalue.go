package emit

import (
	"strconv"
	"unicode/utf8"

	"github.com/dendro-carbon/dendro/internal/value"
)

// AppendJSON appends a value as JSON in one line, without spaces, as JavaScript's
// JSON.stringify does: numbers that are none are null, times are texts, and keys
// of maps whose values are absent are left out. Elsewhere absent is null.
func AppendJSON(dst []byte, v value.Value) []byte {
	switch v.Kind() {
	case value.Bool:
		b, _ := v.Bool()
		return strconv.AppendBool(dst, b)
	case value.Number:
		f, _ := v.Float()
		return appendNumber(dst, f, jsonSyntax)
	case value.Text:
		s, _ := v.Str()
		return appendJSONText(dst, s)
	case value.Time:
		ms, _ := v.Millis()
		return append(appendTime(append(dst, '"'), ms), '"')
	case value.List:
		return appendJSONList(dst, v.List())
	case value.Object:
		return appendJSONObject(dst, v.Map())
	}
	return append(dst, "null"...)
}

func appendJSONList(dst []byte, items []value.Value) []byte {
	dst = append(dst, '[')
	for i, item := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendJSON(dst, item)
	}
	return append(dst, ']')
}

func appendJSONObject(dst []byte, m *value.Map) []byte {
	dst = append(dst, '{')
	first := true
	for name, v := range m.All() {
		if v.Kind() == value.Absent {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		dst = append(appendJSONText(dst, name), ':')
		dst = AppendJSON(dst, v)
		first = false
	}
	return append(dst, '}')
}

// appendJSONText writes a text in quotes. What is not UTF-8 becomes U+FFFD.
func appendJSONText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c, n := rune(s[i]), 1
		if c >= utf8.RuneSelf {
			c, n = utf8.DecodeRuneInString(s[i:])
		}
		if c < ' ' || c == '"' || c == '\\' || c == utf8.RuneError && n == 1 {
			dst = append(dst, s[start:i]...)
			dst = appendJSONEscape(dst, c)
			start = i + n
		}
		i += n
	}
	return append(append(dst, s[start:]...), '"')
}

// appendJSONEscape writes a character that cannot stand for itself.
func appendJSONEscape(dst []byte, c rune) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', byte(c))
	case '\n':
		return append(dst, `\n`...)
	case '\t':
		return append(dst, `\t`...)
	case '\r':
		return append(dst, `\r`...)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case utf8.RuneError:
		return utf8.AppendRune(dst, c)
	}
	return append(append(dst, `\u00`...), hexDigits[c>>4], hexDigits[c&15])
}

const hexDigits = "0123456789abcdef"
