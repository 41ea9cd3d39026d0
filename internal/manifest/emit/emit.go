// Package emit writes manifests: as YAML, as JSON and as a CSV table.
//
// YAML is written byte for byte as js-yaml 4 does with
// dump(document, {noRefs: true}), which is how Impact Framework writes its
// results: block style indented by two, lines folded at 80, single quotes where
// quotes are needed. What a reader would get wrong: a value that is absent is
// left out, in observations and everywhere else, while null is written.
package emit

import (
	"io"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Document is a manifest to be written. Nothing of it is changed.
type Document struct {
	// Head holds all top-level keys but tree, in order.
	Head *value.Map
	// Tree is written under the key tree, behind the others; nil leaves the key
	// out.
	Tree *tree.Node
	// Bulk holds the lists that values of kind [value.Bulk] stand for. A handle
	// without a frame is written as an empty list.
	Bulk []*frame.Frame
}

// Options say what of a document is written, and with how much of the machine.
// The zero value writes everything on one core.
type Options struct {
	// OnlyAggregated writes of each component its children, its aggregated values
	// and what these leave out, and nothing else. The head is written as it is.
	OnlyAggregated bool
	// Workers is how many goroutines render at the same time; below 2 the
	// caller's goroutine does everything. What is written does not depend on it.
	Workers int
}

// YAML writes the document. The only errors are those of w.
func YAML(w io.Writer, doc *Document, opts Options) error {
	return run(w, opts.Workers, func(pipe *pipeline) {
		p := &printer{output{pipe: pipe, bulk: doc.Bulk, opts: opts}}
		p.parts(doc.parts(), 0, true)
		p.buf = append(p.buf, '\n')
		p.drain()
	})
}

// Value writes one value as a YAML document. An absent value writes nothing,
// and a bulk handle an empty list. The only errors are those of w.
func Value(w io.Writer, v value.Value) error {
	if v.Kind() == value.Absent {
		return nil
	}
	p := &printer{}
	p.value(v, 0, true)
	_, err := w.Write(append(p.buf, '\n'))
	return err
}
