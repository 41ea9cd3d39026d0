// Package term shows results to a person at a terminal: trees of totals, lists
// of problems, the progress of long work.
//
// Its rules: colour and progress only on a terminal, never with NO_COLOR; what
// does not fit the width is left out and named, never wrapped; text from
// manifests cannot move the cursor or change colours. What a reader would get
// wrong: parts are shown so that they add up to their whole as printed, so the
// last digit of a part may differ by one from the part rounded on its own. The
// full figures are in the files.
package term

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Screen is what text is shown on. The zero value is a file: no limit to the
// width, no colour.
type Screen struct {
	Width    int  // columns; 0 for no limit
	Terminal bool // a person is watching: progress makes sense
	Colour   bool
}

// ScreenOf returns the screen that a writer leads to.
func ScreenOf(w io.Writer) Screen {
	file, ok := w.(interface{ Fd() uintptr })
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return Screen{}
	}
	s := Screen{Terminal: true, Colour: os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
	if width, _, err := term.GetSize(int(file.Fd())); err == nil {
		s.Width = width
	}
	return s
}

// style is how a piece of text stands out: an SGR sequence of ECMA-48, section
// 8.3.117, or nothing.
type style string

const (
	normal style = ""
	bold   style = "\x1b[1m"
	dim    style = "\x1b[2m"
	red    style = "\x1b[31m"
	green  style = "\x1b[32m"
	reset        = "\x1b[0m"
)

// paint returns text in a style, if the screen has colours.
func (s Screen) paint(st style, text string) string {
	if !s.Colour || st == normal || text == "" {
		return text
	}
	return string(st) + text + reset
}
