// Package yaml reads documents: manifests, and whatever else is YAML or JSON,
// with the meaning that js-yaml 4 (default schema) gives them, which is how
// Impact Framework understands its manifests.
//
// The lists of observations, by far the most of a large manifest, do not become
// values: each is a frame in [Doc].Bulk, and the document holds a handle
// ([value.OfBulk]) in its place. They are read by package scan where they are
// plain enough, by the YAML library otherwise; the result is the same.
//
// Input is not trusted: nesting, the expansion of aliases and the work are
// bounded, and what is wrong is reported with its line, as much of it at once as
// can be known.
package yaml

import (
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/scan"
	"github.com/dendro-carbon/dendro/internal/value"
)

// ClassRead is the class of the problems of a document that cannot be read.
const ClassRead = "ReadFileError"

// Options say how a document is read. The zero value is the default.
type Options struct {
	// IntegerKeysFirst moves keys that are canonical integers to the front of
	// every map, as JavaScript does.
	IntegerKeysFirst bool
	// BulkKeys are the keys whose lists become frames; nil is inputs and outputs.
	BulkKeys []string
	// LibraryOnly leaves the scanner of lists out. It is for tests: the result is
	// the same, later.
	LibraryOnly bool

	whole      bool // large maps are not read in chunks
	chunkBytes int  // 0 is chunkBytes; for tests
}

// chunkBytes is how much of a large map is read at once: the library needs some
// fifty times of it while it reads.
const chunkBytes = 64 << 10

// chunk returns how many bytes of a large map are read at once.
func (o Options) chunk() int {
	if o.chunkBytes > 0 {
		return o.chunkBytes
	}
	return chunkBytes
}

// bulkKeys returns the keys whose lists become frames.
func (o Options) bulkKeys() []string {
	if o.BulkKeys == nil {
		return []string{"inputs", "outputs"}
	}
	return o.BulkKeys
}

// Doc is a document that has been read. It refers to nothing of the bytes it was
// read from.
type Doc struct {
	// Root is the document; null when it is empty.
	Root value.Value
	// Bulk holds the lists that became frames; a value.OfBulk(i) in Root stands
	// for Bulk[i]. Every list with at least one item under one of the bulk keys,
	// all of whose items are maps, is one, wherever in the document it is; but a
	// frame holds no handles.
	Bulk []Bulk
}

// Plain returns a copy of a value with every handle in it replaced by its list.
func (d *Doc) Plain(v value.Value) value.Value {
	if i, ok := v.BulkIndex(); ok {
		return d.Bulk[i].List()
	}
	switch v.Kind() {
	case value.List:
		list := make([]value.Value, len(v.List()))
		for i, item := range v.List() {
			list[i] = d.Plain(item)
		}
		return value.OfList(list)
	case value.Object:
		m := v.Map()
		plain := value.NewMap(m.Len())
		for i := range m.Len() {
			plain.SetAt(m.Key(i), d.Plain(m.At(i)), m.LineAt(i))
		}
		return value.OfMap(plain)
	}
	return v
}

// Bulk is a list of observations.
type Bulk struct {
	Frame *frame.Frame
	Lines *scan.Lines // on which the rows begin
}

// List returns the list as plain values.
func (b *Bulk) List() value.Value {
	list := make([]value.Value, b.Frame.Len())
	for i, row := range b.Frame.Rows() {
		list[i] = value.OfMap(row)
	}
	return value.OfList(list)
}
