package emit

import (
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/value"
)

// form is how a row is written in YAML or JSON at a level of nesting. A row
// begins with what parts it from the one before: in YAML a line break, in JSON
// a comma and a line break.
type form struct {
	syn   syntax
	level int // of the list
}

func (f form) open(dst []byte) []byte {
	if f.syn == jsonSyntax {
		return append(appendNewline(append(dst, ','), f.level+1), '{')
	}
	return append(appendNewline(dst, f.level), "- "...)
}

// between returns how many bytes at the start of a row part it from the one
// before, so that the first row can do without.
func (f form) between(compact bool) int {
	switch {
	case f.syn == jsonSyntax:
		return 1
	case compact:
		return 1 + 2*f.level
	}
	return 0
}

// key writes a key; explicit is to be passed on to value.
func (f form) key(dst []byte, name string, first bool) (_ []byte, explicit bool) {
	if f.syn == jsonSyntax {
		if !first {
			dst = append(dst, ',')
		}
		return append(appendJSONText(dst, name), ':'), false
	}
	p := printer{output{buf: dst}}
	explicit = p.key(name, f.level+1, first)
	return p.buf, explicit
}

// space writes what parts a scalar from its key.
func (f form) space(dst []byte) []byte {
	if f.syn == yamlSyntax {
		return append(dst, ' ')
	}
	return dst
}

func (f form) text(dst []byte, s string, styles *styleCache) []byte {
	switch f.syn {
	case jsonSyntax:
		return appendJSONText(dst, s)
	case csvSyntax:
		return appendCSVText(dst, s)
	}
	return styles.appendText(dst, s, f.level+2)
}

// value writes what follows a key.
func (f form) value(dst []byte, v value.Value, explicit bool) []byte {
	switch f.syn {
	case jsonSyntax:
		return AppendJSON(dst, v)
	case csvSyntax:
		return appendCSV(dst, v)
	}
	p := printer{output{buf: dst}}
	p.after(v, f.level+2, explicit)
	return p.buf
}

func (f form) close(dst []byte, empty bool) []byte {
	switch {
	case f.syn == jsonSyntax:
		return append(dst, '}')
	case empty:
		return append(dst, "{}"...)
	}
	return dst
}

// shape returns how rows with these columns are written.
func (f form) shape(cols []*frame.Column) shape {
	var s shape
	lead, first := f.open(nil), true
	for _, c := range cols {
		one, constant := c.Constant()
		if constant && one.Kind() == value.Absent {
			continue
		}
		explicit := false
		lead, explicit = f.key(lead, c.Name(), first)
		first = false
		switch {
		case constant:
			lead = f.value(lead, one, explicit)
		case c.Rep() == frame.Mixed:
			lead = s.add(lead, c, explicit, f.syn)
		default:
			lead = s.add(f.space(lead), c, explicit, f.syn)
		}
	}
	s.tail = f.close(lead, first)
	return s
}
