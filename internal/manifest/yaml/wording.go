package yaml

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	lib "go.yaml.in/yaml/v4"

	"github.com/dendro-carbon/dendro/internal/diag"
)

// What is wrong, in js-yaml's words, where scripts may look for them.
const (
	badMapping  = "bad indentation of a mapping entry"
	badSequence = "bad indentation of a sequence entry"
	badTab      = "tab characters must not be used in indentation"
	badFlow     = "missed comma between flow collection entries"
	badEnd      = "end of the stream or a document separator is expected"
	badPair     = "can not read an implicit mapping pair; a colon is missed"
	badNull     = "null byte is not allowed in input"
	badText     = "the stream contains non-printable characters"
)

const tooDeep = "nesting exceeded maxDepth (1000)"

// place is where in a text something stands, counting from 1; 0 is unknown.
type place struct{ line, column int }

// placeOf returns the place of a byte.
func placeOf(data []byte, i int) place {
	before := data[:min(i, len(data))]
	return place{1 + bytes.Count(before, []byte("\n")), i - bytes.LastIndexByte(before, '\n')}
}

// byteAt returns the byte at a place, 0 when there is none.
func byteAt(data []byte, at place) byte {
	for ; at.line > 1; at.line-- {
		_, rest, ok := bytes.Cut(data, []byte("\n"))
		if !ok {
			return 0
		}
		data = rest
	}
	if at.column < 1 || at.column > len(data) {
		return 0
	}
	return data[at.column-1]
}

// syntaxError is what is wrong with a text that is not YAML.
type syntaxError struct {
	at         place
	text, hint string
	began      int // line on which what is wrong begins; 0 is that of at
}

func (e *syntaxError) Error() string { return e.text }

// problem locates the error in a file, in the form of js-yaml's messages.
func (e *syntaxError) problem(file string) *diag.Problem {
	p := diag.New(ClassRead, "%s", e.text).WithHint("%s", e.hint)
	if e.at.line > 0 {
		p.Text += fmt.Sprintf(" (%d:%d)", e.at.line, e.at.column)
	}
	if p.File, p.Line = file, e.at.line; e.began > 0 {
		p.Line = e.began
	}
	return p
}

// duplicate is about a key that a map has twice.
func duplicate(at place, key string) *syntaxError {
	return &syntaxError{at: at, text: "duplicated mapping key", hint: fmt.Sprintf("keep one of the keys %q", key)}
}

// readable turns an error of the library about a text into one for a person.
func readable(err error, data []byte) *syntaxError {
	var load *lib.LoadError
	if !errors.As(err, &load) {
		return &syntaxError{text: strings.TrimPrefix(err.Error(), "yaml: ")}
	}
	if load.Stage == lib.ReaderStage {
		return unreadable(load, data)
	}
	at, from := place{load.Mark.Line, load.Mark.Column}, place{load.ContextMark.Line, load.ContextMark.Column}
	if at.line == 0 {
		at = from
	}
	e := reword(load.Message, load.ContextMsg, byteAt(data, at), byteAt(data, from))
	if load.Mark.Index >= len(bytes.TrimRight(data, " \n\r")) && from.line > 0 && from.line < at.line {
		e.began = from.line // what was begun there is not ended: nothing is wrong with the end
	}
	if e.text == badSequence && at.column <= from.column {
		e.text = badMapping // the list has ended
	}
	e.at = at
	return e
}

// unreadable is about bytes that are no characters of a YAML text.
func unreadable(load *lib.LoadError, data []byte) *syntaxError {
	at := placeOf(data, load.Mark.Index)
	if strings.Contains(load.Message, "control characters") {
		return &syntaxError{at: at, text: badText, hint: "remove the character, or write it as an escape in double quotes"}
	}
	return &syntaxError{at: at, text: load.Message, hint: "save the file as UTF-8"}
}

// reword finds the words for a message of the library, given the characters
// at which it found the problem and at which the construct began.
func reword(message, context string, at, from byte) *syntaxError {
	has := func(part string) bool { return strings.Contains(message, part) }
	switch {
	case has("exceeded maxDepth"):
		return &syntaxError{text: tooDeep, hint: "nest less deeply"}
	case at == '\t' && (has("cannot start any token") || has("tab")):
		return &syntaxError{text: badTab, hint: "indent with spaces"}
	case has("mapping values are not allowed"):
		return &syntaxError{text: badMapping, hint: "align the key with its siblings, or quote a text that holds ': '"}
	case has("cannot start any token"), has("expected node content") && !strings.Contains(context, "flow"):
		return &syntaxError{text: badMapping, hint: "quote a text that begins with a character that YAML uses itself"}
	case has("expected key"), has("mapping keys are not allowed"):
		return &syntaxError{text: badMapping, hint: "align the key with its siblings"}
	case has("block sequence entries"):
		return &syntaxError{text: badMapping, hint: "put the item on a line of its own"}
	case has("expected '-'"):
		return &syntaxError{text: badSequence, hint: "align the item with its siblings"}
	case has("expected ',' or"), has("expected node content"):
		return &syntaxError{text: badFlow, hint: "add the comma or the closing bracket"}
	case has("expected ':'"):
		return &syntaxError{text: badPair, hint: "put a colon and a space between key and value"}
	case has("<document start>"):
		return &syntaxError{text: badEnd, hint: "check the indentation, or quote the whole text"}
	}
	return rewordScalar(message, from)
}

func rewordScalar(message string, from byte) *syntaxError {
	switch {
	case strings.Contains(message, "unknown escape character"):
		return &syntaxError{text: "unknown escape sequence", hint: "use single quotes, or double the backslash"}
	case strings.Contains(message, "unexpected end of stream"):
		kind := "double"
		if from == '\'' {
			kind = "single"
		}
		return &syntaxError{text: "unexpected end of the stream within a " + kind + " quoted scalar", hint: "add the closing quote"}
	case strings.Contains(message, "unknown anchor"):
		name := strings.Trim(strings.TrimPrefix(strings.TrimSuffix(message, " referenced"), "unknown anchor "), "'")
		return &syntaxError{text: fmt.Sprintf("unidentified alias %q", name), hint: "define the anchor above the alias"}
	case strings.Contains(message, "undefined tag handle"):
		return &syntaxError{text: "undeclared tag handle", hint: "remove the tag"}
	}
	return &syntaxError{text: message}
}
