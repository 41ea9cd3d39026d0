package emit

import (
	"strings"
	"unicode/utf8"
)

// textStyle is a way to write a text in YAML.
type textStyle uint8

const (
	plain textStyle = iota
	singleQuoted
	literal // | and the lines as they are
	folded  // > and the lines broken at spaces
	doubleQuoted
	notUTF8 // in none, before it is repaired
)

// foldWidth is where lines are folded; the deeper the nesting, the less is left
// of it, down to minWidth. (js-yaml 4, the default of its option lineWidth.)
const (
	foldWidth = 80
	minWidth  = 40
)

// appendText writes a text that stands at a level, as a key or as a value.
func appendText(dst []byte, s string, level int, key bool) []byte {
	if simple(s) {
		return append(dst, s...)
	}
	return appendHardText(dst, s, level, key)
}

// simple reports whether a text is plain in every place. It is quick, and may
// say no to a text that is.
func simple(s string) bool {
	if len(s) == 0 || len(s) > minWidth || !isLetter(s[0]) || s[len(s)-1] == ' ' {
		return false
	}
	for i := 1; i < len(s); i++ {
		if !harmless[s[i]] {
			return false
		}
	}
	return len(s) > len("false") || !meansOther(s)
}

// harmless holds the characters that mean nothing in a plain text behind its
// first letter, unless a space is the last.
//
//archtest:table one look-up per character of every text
var harmless = func() (set [256]bool) {
	for c := range 128 {
		set[c] = isLetter(byte(c)) || '0' <= c && c <= '9' || strings.IndexByte(" _-+./()%,", byte(c)) >= 0
	}
	return set
}()

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// appendHardText is appendText without the shortcut.
func appendHardText(dst []byte, s string, level int, key bool) []byte {
	style := styleOf(s, widthAt(level), key)
	if style == notUTF8 {
		s = strings.ToValidUTF8(s, string(utf8.RuneError))
		style = styleOf(s, widthAt(level), key)
	}
	return appendStyled(dst, s, style, level)
}

// widthAt returns where lines of text at a level are folded, behind the indent.
func widthAt(level int) int { return max(minWidth, foldWidth-indentAt(level)) }

// indentAt returns how far the lines of a text at a level are indented.
func indentAt(level int) int { return 2 * max(1, level) }

func appendStyled(dst []byte, s string, style textStyle, level int) []byte {
	switch style {
	case plain:
		return append(dst, s...)
	case singleQuoted:
		return appendSingleQuoted(dst, s)
	case doubleQuoted:
		return appendDoubleQuoted(dst, s)
	case literal:
		return appendBlock(append(dst, '|'), s, s, indentAt(level))
	case folded:
		return appendBlock(append(dst, '>'), s, fold(s, widthAt(level)), indentAt(level))
	}
	return appendHardText(dst, s, level, false)
}

// styleOf chooses the style of a text. A key takes one line whatever its length.
func styleOf(s string, width int, key bool) textStyle {
	if s == "" || oldBool(s) || base60(s) {
		return singleQuoted
	}
	canBePlain := startsPlain(s) && s[len(s)-1] != ' ' && s[len(s)-1] != ':'
	breaks, tooLong := false, false
	units, start := 0, 0 // the current line: its length in UTF-16 units, where it starts
	for i := 0; i < len(s); i++ {
		c := s[i]
		units++
		if c > '#' && c < 0x7f && c != ':' {
			continue
		}
		switch {
		case c == ' ':
			canBePlain = canBePlain && s[i-1] != ':'
		case c == '#':
			canBePlain = canBePlain && s[i-1] != ' '
		case c == '\n' && !key:
			breaks = true
			tooLong = tooLong || units-1 > width && s[start] != ' '
			units, start = 0, i+1
		case c < ' ' || c == 0x7f:
			return doubleQuoted
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				return notUTF8
			}
			if !printable(r) {
				return doubleQuoted
			}
			i += n - 1
			units += utf16Width(r) - 1
		}
	}
	tooLong = !key && (tooLong || units > width && s[start] != ' ')
	switch {
	case tooLong:
		return folded
	case breaks:
		return literal
	case canBePlain && !meansOther(s):
		return plain
	}
	return singleQuoted
}

// startsPlain reports whether the first character is no indicator.
func startsPlain(s string) bool {
	return !strings.ContainsRune(" -?:,[]{}#&*!|=>'\"%@`", rune(s[0])) // what is not printable is found later
}

// printable reports whether a character may stand outside of double quotes.
func printable(c rune) bool {
	switch {
	case c < 0x7f:
		return c >= ' '
	case c < 0xa1, c == 0x2028, c == 0x2029, c == 0xfeff, c == 0xfffe, c == 0xffff:
		return false
	}
	return true
}

func utf16Width(c rune) int {
	if c > 0xffff {
		return 2
	}
	return 1
}

func utf16Len(s []byte) int {
	n := 0
	for _, c := range string(s) {
		n += utf16Width(c)
	}
	return n
}

func appendSingleQuoted(dst []byte, s string) []byte {
	dst = append(dst, '\'')
	for {
		i := strings.IndexByte(s, '\'')
		if i < 0 {
			return append(append(dst, s...), '\'')
		}
		dst = append(append(dst, s[:i]...), "''"...)
		s = s[i+1:]
	}
}

func appendDoubleQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for _, c := range s {
		switch name := escapeName(c); {
		case name != 0:
			dst = append(dst, '\\', name)
		case printable(c):
			dst = utf8.AppendRune(dst, c)
		case c <= 0xff:
			dst = appendHex(append(dst, `\x`...), c, 2)
		default:
			dst = appendHex(append(dst, `\u`...), c, 4) // above U+FFFF all are printable
		}
	}
	return append(dst, '"')
}

// escapeName returns the letter behind a backslash that stands for a character,
// 0 if there is none. (YAML 1.2.2, section 5.7.)
func escapeName(c rune) byte {
	switch c {
	case 0:
		return '0'
	case '\a':
		return 'a'
	case '\b':
		return 'b'
	case '\t':
		return 't'
	case '\n':
		return 'n'
	case '\v':
		return 'v'
	case '\f':
		return 'f'
	case '\r':
		return 'r'
	case 0x1b:
		return 'e'
	case '"', '\\':
		return byte(c)
	case 0x85:
		return 'N'
	case 0xa0:
		return '_'
	case 0x2028:
		return 'L'
	case 0x2029:
		return 'P'
	}
	return 0
}

func appendHex(dst []byte, c rune, digits int) []byte {
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		dst = append(dst, "0123456789ABCDEF"[c>>shift&15])
	}
	return dst
}
