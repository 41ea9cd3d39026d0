package scan

import "strings"

// block finds the lines of the map below a key, in the column Indent, and goes
// behind them. If there is no such map, or only one chunk of it, it is false and
// stays where it is.
func (f *finder) block(list *List) bool {
	begin := *f
	column := list.Indent
	for f.pos < len(f.src) && blank(f.rest()) {
		f.next()
	}
	list.Start, list.Line, list.Indent = f.pos, f.line, spaces(f.rest())
	if list.Indent <= column || !f.entries(list, column) || len(list.Chunks) < 2 {
		begin.vain += f.pos - begin.pos
		*f = begin
		return false
	}
	list.End, list.Lines = f.pos, f.line-list.Line
	if list.End == len(f.src) && !strings.HasSuffix(f.src, "\n") {
		list.Lines++
	}
	return true
}

// entries goes behind the entries of a map and notes its chunks. It is false
// when a line between them belongs to no entry.
func (f *finder) entries(list *List, column int) bool {
	indent := f.src[f.pos : f.pos+list.Indent]
	for ; f.pos < len(f.src); f.next() {
		rest, ok := strings.CutPrefix(f.rest(), indent)
		switch {
		case ok && strings.HasPrefix(rest, " "): // within an entry, or blank
			continue
		case blank(f.rest()):
			continue
		case !ok:
			behind := spaces(f.rest())
			return behind <= column && solid(f.rest()[behind:])
		case !beginsKey(rest[0]):
			return false
		}
		list.Rows++
		if n := len(list.Chunks); n == 0 || f.pos-list.Chunks[n-1].Start >= f.options.Chunk {
			list.Chunks = append(list.Chunks, Chunk{f.pos, f.line})
		}
	}
	return true
}

// beginsKey reports whether a line that begins with the byte can be nothing but
// a key, wherever it stands between the entries of a map.
func beginsKey(c byte) bool {
	switch {
	case c == '_', c == '"', c == '\'', c >= 0x80:
		return true
	}
	return c-'0' <= 9 || c|0x20 >= 'a' && c|0x20 <= 'z'
}
