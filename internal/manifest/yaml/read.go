package yaml

import (
	"bytes"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/value"

	lib "go.yaml.in/yaml/v4"
)

// Read reads the one document of a file. The name of the file is for messages.
// The error, if there is one, is a [diag.List] of everything that is wrong.
func Read(file string, data []byte, opts Options) (*Doc, error) {
	docs, err := ReadAll(file, data, opts)
	switch {
	case err != nil:
		return nil, err
	case len(docs) > 1:
		p := diag.New(ClassRead, "expected a single document in the stream, but found more")
		p.File, p.Hint = file, "remove what follows the line with ---, or split the file"
		return nil, diag.List{p}
	case len(docs) == 0:
		return &Doc{Root: value.OfNull()}, nil
	}
	return docs[0], nil
}

// ReadAll reads all documents of a stream. An empty stream has none.
func ReadAll(file string, data []byte, opts Options) ([]*Doc, error) {
	if i := bytes.IndexByte(data, 0); i >= 0 {
		e := syntaxError{placeOf(data, i), badNull, "save the file as UTF-8 text"}
		return nil, diag.List{e.problem(file)}
	}
	nodes, err := parse(data)
	if err != nil {
		return nil, diag.List{err.problem(file)}
	}
	var docs []*Doc
	var problems diag.List
	for _, node := range nodes {
		doc, found := convert(file, node, opts)
		docs, problems = append(docs, doc), append(problems, found...)
	}
	if len(docs) == 0 && hasLines(data) {
		docs = []*Doc{{Root: value.OfNull()}}
	}
	problems.Sort()
	return docs, problems.Err()
}

func convert(file string, node *lib.Node, opts Options) (*Doc, diag.List) {
	c := newConverter(file, opts)
	root := c.value(node)
	return &Doc{Root: root, Bulk: c.bulk}, c.problems
}

// hasLines reports whether js-yaml finds an empty document, null, in a stream
// without content, and not no document at all.
func hasLines(data []byte) bool {
	data = bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\ufeff")), " ")
	return len(bytes.TrimSuffix(data, []byte("\n"))) > 0
}
