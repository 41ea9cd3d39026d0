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
	data = breaks.hide(acceptVersion(data))
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
		breaks.show(node)
		docs = append(docs, node)
	}
}

// acceptVersion returns the text with a directive %YAML 1.2 at its beginning
// turned into %YAML 1.1, the only one that the library lets pass. It makes no
// difference to the library which one it is.
func acceptVersion(data []byte) []byte {
	rest := bytes.TrimPrefix(data, []byte("\ufeff"))
	for len(rest) > 0 && (rest[0] == '%' || rest[0] == '#' || rest[0] == '\n' || rest[0] == '\r') {
		line, next, _ := bytes.Cut(rest, []byte("\n"))
		if version, ok := bytes.CutPrefix(line, []byte("%YAML 1.")); ok && len(version) > 0 && version[0] != '1' {
			data = bytes.Clone(data)
			data[len(data)-len(rest)+len("%YAML 1.")] = '1'
			return data
		}
		rest = next
	}
	return data
}
