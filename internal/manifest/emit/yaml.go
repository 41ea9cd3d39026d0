package emit

import (
	"strconv"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// maxImplicitKey is the length in UTF-16 units above which a key needs the
// explicit form, "? key". (YAML 1.2.2, section 8.2.2, where it is 1024.)
const maxImplicitKey = 1024

// printer writes YAML. A level is a depth of nesting: what stands at level n
// is indented by 2n spaces. A block is compact when its first line goes on
// where its parent left off, as after "- ".
type printer struct{ output }

func (p *printer) parts(parts []part, level int, compact bool) {
	for i, x := range parts {
		explicit := p.key(x.name, level, compact && i == 0)
		switch {
		case x.frame != nil:
			p.space(explicit || x.frame.Len() == 0)
			p.frameRows(x.frame, level+1, explicit)
		case x.node != nil:
			p.node(x.node, level+1, explicit)
		case x.children != nil:
			p.space(explicit)
			p.children(x.children, level+1, explicit)
		default:
			p.after(x.v, level+1, explicit)
		}
		p.spill()
	}
	if len(parts) == 0 {
		p.buf = append(p.buf, "{}"...)
	}
}

// node writes a node behind the ":" of its name.
func (p *printer) node(n *tree.Node, level int, compact bool) {
	if n.Attrs == nil {
		p.after(value.OfNull(), level, compact)
		return
	}
	parts := nodeParts(n, p.opts)
	p.space(compact || len(parts) == 0)
	p.parts(parts, level, compact)
}

func (p *printer) children(children []*tree.Node, level int, compact bool) {
	for i, child := range children {
		explicit := p.key(child.Name, level, compact && i == 0)
		p.node(child, level+1, explicit)
		p.spill()
	}
}

func (p *printer) space(wanted bool) {
	if wanted {
		p.buf = append(p.buf, ' ')
	}
}

// after writes a value behind the ":" of a key at the level above.
func (p *printer) after(v value.Value, level int, compact bool) {
	p.space(compact || !p.opensBlock(v))
	p.value(v, level, compact)
}

// opensBlock reports whether a value takes lines of its own.
func (p *printer) opensBlock(v value.Value) bool {
	switch v.Kind() {
	case value.List:
		return len(v.List()) > 0
	case value.Object:
		return hasPairs(v.Map())
	case value.Bulk:
		return p.frame(v).Len() > 0
	}
	return false
}

func (p *printer) value(v value.Value, level int, compact bool) {
	switch v.Kind() {
	case value.List:
		p.list(v.List(), level, compact)
	case value.Object:
		p.mapping(v.Map(), level, compact)
	case value.Bulk:
		p.frameRows(p.frame(v), level, compact)
	default:
		p.buf = appendScalar(p.buf, v, level)
	}
}

func (p *printer) mapping(m *value.Map, level int, compact bool) {
	first := compact
	for name, v := range m.All() {
		if v.Kind() == value.Absent {
			continue
		}
		explicit := p.key(name, level, first)
		p.after(v, level+1, explicit)
		p.spill()
		first = false
	}
	if !hasPairs(m) {
		p.buf = append(p.buf, "{}"...)
	}
}

func (p *printer) list(items []value.Value, level int, compact bool) {
	for i, item := range items {
		p.dash(level, compact && i == 0)
		p.value(item, level+1, true)
		p.spill()
	}
	if len(items) == 0 {
		p.buf = append(p.buf, "[]"...)
	}
}

func (p *printer) frameRows(f *frame.Frame, level int, compact bool) {
	if f.Len() == 0 {
		p.buf = append(p.buf, "[]"...)
		return
	}
	p.rows(f, form{yamlSyntax, level}, compact)
}

// dash begins an item of a list.
func (p *printer) dash(level int, first bool) {
	if !first {
		p.newline(level)
	}
	p.buf = append(p.buf, "- "...)
}

// key begins a pair and ends behind its colon. It reports whether the key is
// in the explicit form, behind which the value is compact.
func (p *printer) key(name string, level int, first bool) (explicit bool) {
	if !first {
		p.newline(level)
	}
	start := len(p.buf)
	p.buf = appendText(p.buf, name, level+1, true)
	if len(p.buf)-start > maxImplicitKey && utf16Len(p.buf[start:]) > maxImplicitKey {
		text := string(p.buf[start:])
		p.buf = append(append(p.buf[:start], "? "...), text...)
		p.newline(level)
		explicit = true
	}
	p.buf = append(p.buf, ':')
	return explicit
}

func (p *printer) newline(level int) { p.buf = appendNewline(p.buf, level) }

func appendNewline(dst []byte, level int) []byte {
	dst = append(dst, '\n')
	for range level {
		dst = append(dst, "  "...)
	}
	return dst
}

// appendScalar writes a value that is not a list or an object. Absent is null:
// it is met only in a list, where leaving it out would move the others.
func appendScalar(dst []byte, v value.Value, level int) []byte {
	switch v.Kind() {
	case value.Bool:
		b, _ := v.Bool()
		return strconv.AppendBool(dst, b)
	case value.Number:
		f, _ := v.Float()
		return appendNumber(dst, f, yamlSyntax)
	case value.Text:
		s, _ := v.Str()
		return appendText(dst, s, level, false)
	case value.Time:
		ms, _ := v.Millis()
		return appendTime(dst, ms)
	}
	return append(dst, "null"...)
}
