package yaml

import (
	"bytes"
	"fmt"
	"io"

	lib "go.yaml.in/yaml/v4"
)

// maxDepth is how deep lists and maps may be nested. js-yaml stops at 100;
// real trees have a handful of levels of two maps each.
const maxDepth = 1000

// limits tells the library when to give up. Aliases are bounded where they
// are followed, see [converter].
type limits struct{}

func (limits) CheckDepth(depth int, _ *lib.DepthContext) error {
	if depth > maxDepth {
		return errTooDeep
	}
	return nil
}

func (limits) CheckAlias(int, int) error { return nil }

// parse returns the documents of a text as trees of nodes.
func parse(data []byte) (docs []*lib.Node, failed *syntaxError) {
	defer func() {
		if r := recover(); r != nil { // a bug of the library must not end the program
			docs, failed = nil, &syntaxError{text: fmt.Sprintf("the YAML reader gave up: %v", r)}
		}
	}()
	breaks := foreignBreaks(data)
	halves, data := hideSurrogates(breaks.hide(acceptVersion(data)))
	loader, err := lib.NewLoader(bytes.NewReader(data), lib.WithPlugin(limits{}))
	if err != nil {
		return nil, readable(err, data)
	}
	for {
		node := new(lib.Node)
		switch err := loader.Load(node); {
		case err == io.EOF:
			return docs, nil
		case err != nil:
			return nil, readable(err, data)
		}
		halves.show(node)
		breaks.show(node)
		docs = append(docs, node)
	}
}

// acceptVersion returns the text with directives %YAML 1.2 turned into %YAML
// 1.1, the only version that the library lets pass. It makes no other difference
// to the library.
func acceptVersion(data []byte) []byte {
	at := len(data) - len(bytes.TrimPrefix(data, []byte("\ufeff")))
	for copied := false; ; {
		var versions []int
		at, versions = directives(data, at)
		for _, version := range versions {
			if !copied {
				data, copied = bytes.Clone(data), true
			}
			data[version] = '1'
		}
		end := bytes.Index(data[at:], []byte("\n..."))
		if end < 0 {
			return data
		}
		at += end + 1
		line, _, _ := bytes.Cut(data[at:], []byte("\n"))
		at = min(at+len(line)+1, len(data))
	}
}

// directives returns the offset of what follows the directives at an offset,
// and those of the minor versions other than 1 in them.
func directives(data []byte, at int) (end int, versions []int) {
	for at < len(data) && bytes.IndexByte([]byte("%#\r\n"), data[at]) >= 0 {
		line, _, _ := bytes.Cut(data[at:], []byte("\n"))
		if version, ok := bytes.CutPrefix(line, []byte("%YAML 1.")); ok && len(version) > 0 && version[0] != '1' {
			versions = append(versions, at+len("%YAML 1."))
		}
		at = min(at+len(line)+1, len(data))
	}
	return at, versions
}
