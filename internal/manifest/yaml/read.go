package yaml

import (
	"bytes"

	lib "go.yaml.in/yaml/v4"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/value"
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
		e := syntaxError{at: placeOf(data, i), text: badNull, hint: "save the file as UTF-8 text"}
		return nil, diag.List{e.problem(file)}
	}
	if !opts.LibraryOnly {
		if doc, problems, ok := readJSON(file, data, opts); ok {
			return []*Doc{doc}, atMost(problems).Err()
		}
	}
	s := newSplit(data)
	if !s.find(file, opts) {
		opts.whole = true
		s = newSplit(data)
		s.find(file, opts)
	}
	docs, problems := s.read(file, opts)
	if len(docs) == 0 && hasLines(data) {
		docs = []*Doc{{Root: value.OfNull()}}
	}
	problems.Sort()
	return docs, atMost(problems).Err()
}

// maxProblems is how many problems of a file are told.
const maxProblems = 100

// atMost cuts a long list of problems and says how many more there are.
func atMost(problems diag.List) diag.List {
	if len(problems) <= maxProblems {
		return problems
	}
	more := diag.New(ClassRead, "there are %d more problems", len(problems)-maxProblems)
	more.File = problems[0].File
	return append(problems[:maxProblems:maxProblems], more)
}

// read reads the text. Lists that turn out to be none are put back, and what is
// around them is read again: rarely once, and all of them at last.
func (s *split) read(file string, opts Options) ([]*Doc, diag.List) {
	for try := 0; ; try++ {
		if try == 3 {
			s.giveUp()
		}
		s.cutOut()
		nodes, err := parse(s.rest)
		if err != nil {
			if s.genuine(file, opts, err) {
				err.at.line = s.lineOf(err.at.line)
				if err.began > 0 {
					err.began = s.lineOf(err.began)
				}
				return nil, diag.List{err.problem(file)}
			}
			s.giveUp()
			continue
		}
		var docs []*Doc
		var problems diag.List
		for _, node := range nodes {
			doc, found := s.convert(file, opts, node)
			docs, problems = append(docs, doc), append(problems, found...)
		}
		if s.confirm() {
			return docs, problems
		}
	}
}

// convert returns the document that a node is.
func (s *split) convert(file string, opts Options, node *lib.Node) (*Doc, diag.List) {
	t := s.tools.Get().(*tools)
	defer s.tools.Put(t)
	c := newConverter(file, opts)
	c.builder = &t.builder
	c.parts, c.lineOf = s, s.lineOf
	root := c.value(node)
	return &Doc{Root: root, Bulk: c.bulk}, c.problems
}

// hasLines reports whether js-yaml finds an empty document, null, in a stream
// without content, and not no document at all.
func hasLines(data []byte) bool {
	data = bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\ufeff")), " ")
	return len(bytes.TrimSuffix(data, []byte("\n"))) > 0
}
