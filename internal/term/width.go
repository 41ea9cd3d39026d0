package term

import (
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

// width returns how many columns a text takes.
func width(s string) int { return uniseg.StringWidth(s) }

// padRight and padLeft fill a text up to n columns.
func padRight(s string, n int) string { return s + blanks(n-width(s)) }
func padLeft(s string, n int) string  { return blanks(n-width(s)) + s }

func blanks(n int) string { return strings.Repeat(" ", max(0, n)) }

// ellipsis stands for what was cut off.
const ellipsis = "…"

// truncate cuts a text to n columns, between characters as a person sees them.
func truncate(s string, n int) string {
	if width(s) <= n {
		return s
	}
	if n <= 0 {
		return ""
	}
	used, end := 0, 0
	for characters := uniseg.NewGraphemes(s); characters.Next(); {
		if used += characters.Width(); used > n-1 {
			break
		}
		_, end = characters.Positions()
	}
	return s[:end] + ellipsis
}

// printable replaces what would act on a terminal instead of being shown:
// control characters, and those that turn the direction of writing around.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) || c == '\u2028' || c == '\u2029' {
			return unicode.ReplacementChar
		}
		return c
	}, s)
}
