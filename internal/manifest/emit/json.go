package emit

import (
	"io"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// JSON writes the document as one JSON object: indented by two spaces, keys in
// order, each observation on a line of its own. What JSON cannot say is written
// as JavaScript's JSON.stringify does: numbers that are none (NaN, infinities)
// as null, -0 as 0, times as texts. The only errors are those of w.
func JSON(w io.Writer, doc *Document, opts Options) error {
	return run(w, opts.Workers, func(pipe *pipeline) {
		p := &jsonPrinter{output{pipe: pipe, bulk: doc.Bulk, opts: opts}}
		p.parts(doc.parts(), 0)
		p.buf = append(p.buf, '\n')
		p.drain()
	})
}

// jsonPrinter writes JSON. What stands at level n is indented by 2n spaces.
type jsonPrinter struct{ output }

func (p *jsonPrinter) parts(parts []part, level int) {
	p.open('{')
	for i, x := range parts {
		p.key(x.name, level+1, i == 0)
		switch {
		case x.frame != nil:
			p.frameRows(x.frame, level+1)
		case x.node != nil:
			p.parts(nodeParts(x.node, p.opts), level+1)
		case x.children != nil:
			p.children(x.children, level+1)
		default:
			p.value(x.v, level+1)
		}
		p.spill()
	}
	p.close('}', level, len(parts) == 0)
}

func (p *jsonPrinter) children(children []*tree.Node, level int) {
	p.open('{')
	for i, child := range children {
		p.key(child.Name, level+1, i == 0)
		if child.Attrs == nil {
			p.value(value.OfNull(), level+1)
		} else {
			p.parts(nodeParts(child, p.opts), level+1)
		}
		p.spill()
	}
	p.close('}', level, len(children) == 0)
}

func (p *jsonPrinter) value(v value.Value, level int) {
	switch v.Kind() {
	case value.List:
		p.open('[')
		for i, item := range v.List() {
			p.comma(level+1, i == 0)
			p.value(item, level+1)
			p.spill()
		}
		p.close(']', level, len(v.List()) == 0)
	case value.Object:
		p.object(v.Map(), level)
	case value.Bulk:
		p.frameRows(p.frame(v), level)
	default:
		p.buf = AppendJSON(p.buf, v)
	}
}

func (p *jsonPrinter) object(m *value.Map, level int) {
	p.open('{')
	first := true
	for name, v := range m.All() {
		if v.Kind() != value.Absent {
			p.key(name, level+1, first)
			p.value(v, level+1)
			p.spill()
			first = false
		}
	}
	p.close('}', level, first)
}

func (p *jsonPrinter) frameRows(f *frame.Frame, level int) {
	p.open('[')
	if f.Len() > 0 {
		p.rows(f, form{jsonSyntax, level}, false)
	}
	p.close(']', level, f.Len() == 0)
}

func (p *jsonPrinter) open(bracket byte) { p.buf = append(p.buf, bracket) }

func (p *jsonPrinter) close(bracket byte, level int, empty bool) {
	if !empty {
		p.buf = appendNewline(p.buf, level)
	}
	p.buf = append(p.buf, bracket)
}

func (p *jsonPrinter) comma(level int, first bool) {
	if !first {
		p.buf = append(p.buf, ',')
	}
	p.buf = appendNewline(p.buf, level)
}

func (p *jsonPrinter) key(name string, level int, first bool) {
	p.comma(level, first)
	p.buf = append(appendJSONText(p.buf, name), ": "...)
}
