package yaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	lib "go.yaml.in/yaml/v4"

	"github.com/dendro-carbon/dendro/internal/diag"
)

// maxDepth is how deep lists and maps may be nested. js-yaml stops at 100;
// real trees have a handful of levels of two maps each.
const maxDepth = 1000

// limits tells the library when to give up. Aliases are bounded where they
// are followed, see [converter].
type limits struct{}

func (limits) CheckDepth(depth int, _ *lib.DepthContext) error {
	if depth > maxDepth {
		return fmt.Errorf("nesting exceeded maxDepth (%d)", maxDepth)
	}
	return nil
}

func (limits) CheckAlias(int, int) error { return nil }

// place is where in a text something stands, counting from 1; 0 is unknown.
type place struct{ line, column int }

// syntaxError is what is wrong with a text that is not YAML.
type syntaxError struct {
	at   place
	text string
	hint string
}

func (e *syntaxError) Error() string { return e.text }

// parse returns the documents of a text as trees of nodes; a document without
// content is nil.
func parse(data []byte) (docs []*lib.Node, err error) {
	defer func() {
		if r := recover(); r != nil { // a bug of the library must not end the program
			docs, err = nil, &syntaxError{text: fmt.Sprintf("the YAML reader gave up: %v", r)}
		}
	}()
	loader, err := lib.NewLoader(bytes.NewReader(data), lib.WithPlugin(limits{}))
	if err != nil {
		return nil, err
	}
	for {
		node := new(lib.Node)
		switch err := loader.Load(node); {
		case err == io.EOF:
			return docs, nil
		case err != nil:
			return docs, readable(err)
		}
		docs = append(docs, node)
	}
}

// readable turns an error of the library into one for a person, in js-yaml's
// words where both mean the same.
func readable(err error) error {
	var load *lib.LoadError
	if !errors.As(err, &load) {
		return &syntaxError{text: strings.TrimPrefix(err.Error(), "yaml: ")}
	}
	at := place{load.Mark.Line, load.Mark.Column}
	if at.line == 0 {
		at = place{load.ContextMark.Line, load.ContextMark.Column}
	}
	for _, w := range wordings() {
		if strings.Contains(load.Message, w.library) {
			return &syntaxError{at: at, text: w.text, hint: w.hint}
		}
	}
	return &syntaxError{at: at, text: load.Message}
}

// wording is how an error of the library is told.
type wording struct{ library, text, hint string }

func wordings() []wording {
	return []wording{
		{"mapping values are not allowed", "bad indentation of a mapping entry",
			"align the key with its siblings, or quote a text that holds ': '"},
		{"did not find expected key", "bad indentation of a mapping entry", "align the key with its siblings"},
		{"did not find expected '-'", "bad indentation of a sequence entry", "align the item with its siblings"},
		{"block sequence entries are not allowed", "bad indentation of a sequence entry",
			"put the list on lines of its own, below its key"},
		{"expected ',' or", "missed comma between flow collection entries", "add the comma or the closing bracket"},
		{"could not find expected ':'", "can not read an implicit mapping pair; a colon is missed",
			"put a colon and a space between key and value"},
		{"cannot start any token", "a character that cannot begin a value",
			"quote the text; indent with spaces, not with tabs"},
		{"found a tab character", "tab characters must not be used in indentation", "indent with spaces"},
		{"unknown escape character", "unknown escape sequence", "use single quotes, or double the backslash"},
		{"unexpected end of stream", "unexpected end of the stream within a quoted scalar", "add the closing quote"},
		{"unknown anchor", "unidentified alias", "define the anchor (&name) above the alias (*name)"},
		{"exceeded maxDepth", fmt.Sprintf("nesting exceeded maxDepth (%d)", maxDepth), "nest less deeply"},
		{"UTF-8", "the stream is not valid UTF-8", "save the file as UTF-8"},
		{"control characters", "the stream contains non-printable characters", "remove or escape them"},
	}
}

// problem makes a located problem in the form of js-yaml's messages.
func problem(file string, at place, text, hint string) *diag.Problem {
	p := diag.New(ClassRead, "%s", text)
	if at.line > 0 {
		p = diag.New(ClassRead, "%s (%d:%d)", text, at.line, at.column)
	}
	p.File, p.Line, p.Hint = file, at.line, hint
	return p
}
