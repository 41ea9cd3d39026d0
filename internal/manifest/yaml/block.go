package yaml

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	lib "go.yaml.in/yaml/v4"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/value"
)

// blockKey is the key of the maps that can be large: the components of a tree.
const blockKey = "children"

// maxBlocks is how deep large maps within large maps are read in chunks. Each
// level looks at the lines of all below it.
const maxBlocks = 16

// block is a large map that has been read in chunks, each by the library on its
// own, so that the library's nodes of the whole are never there at once.
type block struct {
	entries *value.Map
	bulk    []Bulk // of the handles in it
	base    int    // what has been added to them
}

// readBlock reads a large map, several chunks at a time. It is nil if that
// cannot be done: the map is not what it looks like, it is not right, or one
// chunk needs another.
func (s *split) readBlock(p *part, file string, opts Options) *block {
	chunks := make([]*Doc, len(p.Chunks))
	problems := make([]diag.List, len(p.Chunks))
	var next atomic.Int64
	var failed atomic.Bool
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(chunks)) {
		wg.Go(func() {
			for i := int(next.Add(1) - 1); i < len(chunks) && !failed.Load(); i = int(next.Add(1) - 1) {
				chunks[i], problems[i] = s.chunk(p, i).readChunk(file, opts)
				if chunks[i] == nil {
					failed.Store(true)
				}
			}
		})
	}
	wg.Wait()
	if failed.Load() {
		return nil
	}
	p.problems = slices.Concat(problems...)
	return p.join(chunks, file, opts)
}

// chunk returns the i-th chunk of a map.
func (s *split) chunk(p *part, i int) *split {
	end := p.End
	if i+1 < len(p.Chunks) {
		end = p.Chunks[i+1].Start
	}
	at := p.Chunks[i]
	c := newSplit(s.data[at.Start:end])
	c.above, c.depth, c.tools = at.Line-1, s.depth+1, s.tools
	return c
}

// readChunk returns the document that a chunk is, nil if it is not a map that
// means the same wherever it stands.
func (s *split) readChunk(file string, opts Options) (*Doc, diag.List) {
	if !s.find(file, opts) {
		return nil, nil
	}
	for {
		s.cutOut()
		nodes, err := parse(s.rest)
		if err != nil || len(nodes) != 1 || !isChunk(nodes[0].Content[0]) || !standsAlone(nodes[0]) {
			return nil, nil
		}
		doc, problems := s.convert(file, opts, nodes[0])
		if s.confirm() {
			return doc, problems
		}
		s.giveUp()
	}
}

// isChunk reports whether a node is a map written as a block, all keys of which
// are its own.
func isChunk(n *lib.Node) bool {
	if n.Kind != lib.MappingNode || n.Style&lib.FlowStyle != 0 {
		return false
	}
	for i := 0; i < len(n.Content); i += 2 {
		if isMerge(n.Content[i]) {
			return false
		}
	}
	return true
}

// join puts the chunks of a map together. It adds the keys that several have to
// the problems.
func (p *part) join(chunks []*Doc, file string, opts Options) *block {
	b := &block{entries: value.NewMap(p.Rows)}
	for i, chunk := range chunks {
		shift(chunk.Root, len(b.bulk))
		b.bulk = append(b.bulk, chunk.Bulk...)
		m := chunk.Root.Map()
		for k := range m.Len() {
			if b.entries.Has(m.Key(k)) {
				e := duplicate(place{m.LineAt(k), p.Indent + 1}, m.Key(k))
				p.problems = append(p.problems, e.problem(file))
				continue
			}
			b.entries.SetAt(m.Key(k), m.At(k), m.LineAt(k))
		}
		chunks[i] = nil
	}
	if opts.IntegerKeysFirst {
		b.entries.IntegerKeysFirst()
	}
	return b
}

// block returns the map that has been read in chunks.
func (c *converter) block(p *part) value.Value {
	v := value.OfMap(p.block.entries)
	shift(v, len(c.bulk)-p.block.base)
	p.block.base = len(c.bulk)
	c.bulk = append(c.bulk, p.block.bulk...)
	c.problems = append(c.problems, p.problems...)
	return v
}

// shift adds to the indexes of all handles in a value.
func shift(v value.Value, by int) {
	if by == 0 {
		return
	}
	for _, item := range v.List() {
		shift(item, by)
	}
	m := v.Map()
	for i := range m.Len() {
		if index, ok := m.At(i).BulkIndex(); ok {
			m.SetAt(m.Key(i), value.OfBulk(index+by), 0)
			continue
		}
		shift(m.At(i), by)
	}
}
