package yaml

import (
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	lib "go.yaml.in/yaml/v4"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/scan"
)

// split is a text from which lists of observations have been taken out: the
// rest, which the library reads, holds a mark in the place of each.
//
// Package scan finds lists by their looks alone, so each has to be confirmed: the
// library must meet the mark as the value of the key in a block map, on the line
// where it was put. Up to there it has read what is written, so the list would
// have been read there too. A list that is not confirmed goes back into the text.
type split struct {
	data  []byte
	src   string // data; nothing of it is kept
	above int    // lines of the file above it
	depth int    // large maps around it
	tools *sync.Pool
	parts []*part
	rest  []byte
	cuts  []cut // in order
}

// part is a list that has been taken out.
type part struct {
	scan.List
	bulk      Bulk
	block     *block    // what it is, if it is a large map and not a list
	problems  diag.List // with lines of the file
	scanned   bool      // the library has not seen it
	refused   bool      // it stays in the text
	markLine  int       // line of the mark in rest
	markEnd   int       // offset in rest of the line behind it
	confirmed bool      // the library has met the mark
	unfit     bool      // it did so in a place where there are no frames
}

// cut says that the lines of rest from a line on are those of src further
// down.
type cut struct{ line, shift int }

// newSplit returns the text of a file, of which nothing has been taken out.
func newSplit(data []byte) *split {
	return &split{
		data: data, src: unsafe.String(unsafe.SliceData(data), len(data)),
		tools: &sync.Pool{New: func() any { return new(tools) }},
	}
}

// tools are what a goroutine reads with.
type tools struct {
	rows    scan.Reader
	builder frame.Builder
}

// find finds and reads the lists of a text, and its large maps. It is false when
// one of those cannot be read apart.
func (s *split) find(file string, opts Options) bool {
	if opts.LibraryOnly || hasLoneReturn(s.src) {
		return true
	}
	o := scan.Options{Keys: opts.bulkKeys(), Chunk: opts.chunk(), Line: s.above + 1}
	if s.depth < maxBlocks && !opts.whole {
		o.Map = blockKey
	}
	lists := scan.Find(s.src, o)
	parts := make([]part, len(lists)) // most of them are small
	s.parts = make([]*part, len(lists))
	for i, list := range lists {
		s.parts[i] = &parts[i]
		parts[i].List = list
	}
	s.readParts(file, opts)
	return !slices.ContainsFunc(s.parts, func(p *part) bool { return p.Chunks != nil && p.refused })
}

// hasLoneReturn reports whether there is a carriage return that is a line break
// of its own: lines are counted by newlines here.
func hasLoneReturn(src string) bool {
	for {
		i := strings.IndexByte(src, '\r')
		if i < 0 {
			return false
		}
		if !strings.HasPrefix(src[i+1:], "\n") {
			return true
		}
		src = src[i+2:]
	}
}

// readParts reads the lists, several at a time.
func (s *split) readParts(file string, opts Options) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(s.parts)) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(s.parts)); i = next.Add(1) - 1 {
				s.read1(s.parts[i], file, opts)
			}
		})
	}
	wg.Wait()
}

// read1 reads a list by scanning, else by the library, on its own; a map in
// chunks.
func (s *split) read1(p *part, file string, opts Options) {
	if p.Chunks != nil {
		p.block = s.readBlock(p, file, opts)
		p.refused = p.block == nil
		return
	}
	t := s.tools.Get().(*tools)
	defer s.tools.Put(t)
	f, lines, ok := t.rows.Rows(s.src, p.List, opts.IntegerKeysFirst)
	if ok {
		p.bulk, p.scanned = Bulk{f, &lines}, true
		return
	}
	nodes, err := parse(s.data[p.Start:p.End])
	if err != nil || len(nodes) != 1 || !isBulk(nodes[0].Content[0]) || !standsAlone(nodes[0]) {
		p.refused = true
		return
	}
	c := newConverter(file, opts)
	c.builder = &t.builder
	c.lineOf = func(line int) int { return line + p.Line - 1 }
	list := nodes[0].Content[0]
	p.bulk, ok = bulkOf(c.builder, c.rows(list))
	p.problems, p.refused = c.problems, !ok
	if !ok {
		return
	}
	for _, item := range list.Content {
		p.bulk.Lines.Add(c.lineOf(item.Line))
	}
}

// standsAlone reports whether a node means the same wherever it stands: it has
// no anchors, aliases or tags.
func standsAlone(n *lib.Node) bool {
	if n.Anchor != "" || n.Kind == lib.AliasNode || n.Style&lib.TaggedStyle != 0 {
		return false
	}
	for _, child := range n.Content {
		if !standsAlone(child) {
			return false
		}
	}
	return true
}

// mark is what stands for the i-th list.
func mark(i int) string { return markPrefix + strconv.Itoa(i) }

const markPrefix = "list-"

// cutOut makes the rest from the parts that are not refused.
func (s *split) cutOut() {
	s.rest, s.cuts = nil, nil
	at, shift := 0, s.above
	for i, p := range s.parts {
		p.confirmed, p.unfit = false, false
		if p.refused {
			continue
		}
		s.rest = append(s.rest, s.src[at:p.Colon]...)
		s.rest = append(s.rest, " "+mark(i)...)
		s.rest = append(s.rest, s.src[p.Colon:p.Start]...)
		p.markEnd = len(s.rest)
		p.markLine = p.KeyLine - shift
		s.cuts = append(s.cuts, cut{p.Line - shift, shift + p.Lines})
		at, shift = p.End, shift+p.Lines
	}
	if at == 0 {
		s.rest = s.data
		return
	}
	s.rest = append(s.rest, s.src[at:]...)
}

// lineOf returns the line of src that a line of rest is.
func (s *split) lineOf(line int) int {
	i, found := slices.BinarySearchFunc(s.cuts, line, func(c cut, line int) int { return c.line - line })
	if !found {
		i--
	}
	if i < 0 {
		return line + s.above
	}
	return line + s.cuts[i].shift
}

// partAt returns the list that a node stands for, nil if it stands for itself.
func (s *split) partAt(n *lib.Node) *part {
	digits, ok := strings.CutPrefix(n.Value, markPrefix)
	if !ok || n.Kind != lib.ScalarNode || !isPlain(n) {
		return nil
	}
	i, err := strconv.Atoi(digits)
	if err != nil || i < 0 || i >= len(s.parts) || s.parts[i].refused || s.parts[i].markLine != n.Line {
		return nil
	}
	return s.parts[i]
}

// confirm sees to it that all lists with marks in the documents are confirmed.
// If some are not, they go back into the text, and it is false.
func (s *split) confirm() bool {
	ok := true
	for _, p := range s.parts {
		if !p.refused && (!p.confirmed || p.unfit) {
			p.refused, ok = true, false
		}
	}
	return ok
}

// giveUp puts all lists back into the text.
func (s *split) giveUp() {
	for _, p := range s.parts {
		p.refused = true
	}
}

// genuine reports whether an error of the rest is one of the text: all lists
// above it are lists. The text up to the last of them says so.
func (s *split) genuine(file string, opts Options, e *syntaxError) bool {
	above := slices.DeleteFunc(slices.Clone(s.parts), func(p *part) bool { return p.refused || p.below(s.src, e.at) })
	if len(above) == 0 {
		return true
	}
	if e.at.line == 0 {
		return false
	}
	nodes, err := parse(s.rest[:above[len(above)-1].markEnd])
	if err != nil {
		return false
	}
	for _, node := range nodes {
		s.convert(file, opts, node)
	}
	return !slices.ContainsFunc(above, func(p *part) bool { return !p.confirmed || p.unfit })
}

// below reports whether the mark stands behind a place in the rest.
func (p *part) below(src string, at place) bool {
	column := p.Colon - strings.LastIndexByte(src[:p.Colon], '\n')
	return at.line > 0 && (p.markLine > at.line || p.markLine == at.line && column > at.column)
}
