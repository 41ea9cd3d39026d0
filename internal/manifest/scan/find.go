package scan

import "strings"

// List is a place in a text that looks like a key with a list of observations
// below it:
//
//	inputs:
//	  - timestamp: 2024-01-01T00:00:00Z
//	    duration: 60
//
// or, if it has Chunks, like a key with a large map below it. It looks so by
// indentation alone. The place may lie within a quoted or a block scalar, so
// whoever takes the list out of the text must make sure that the key is one.
type List struct {
	Key     string
	Colon   int // offset just behind the key's colon
	KeyLine int // line of the key, counting from 1

	Start, End int // offsets of the list's lines, blank lines behind it included
	Line       int // line of Start
	Lines      int // number of lines from Start to End
	Indent     int // spaces before the dashes, or before the keys of the map
	Rows       int // lines that begin with a dash or a key at that indentation

	// Chunks are the parts of a map, each of whole entries. A list has none.
	Chunks []Chunk
}

// Chunk is a part of a map, from Start to the next one.
type Chunk struct {
	Start int // offset of a line with a key
	Line  int // its number
}

// Options say what [Find] finds.
type Options struct {
	Keys []string // of lists
	// Map is the key of maps that are to be found as well if that makes more than
	// one chunk; "" finds none.
	Map string
	// Chunk is how many bytes a chunk has at least, the last one apart.
	Chunk int
	// Line is the number of the first line; 0 is 1.
	Line int
}

// Find returns the lists and maps under the given keys, from the top. They do
// not overlap: what lies within one is not looked at.
func Find(src string, o Options) []List {
	f := finder{src: src, options: o, line: max(o.Line, 1), maps: []string{o.Map}}
	var lists []List
	for f.pos < len(src) {
		list, ok := f.key(o.Keys)
		isMap := !ok && o.Map != "" && f.vain <= vainly*len(src)
		if isMap {
			list, ok = f.key(f.maps)
		}
		f.next()
		switch {
		case !ok:
		case isMap && f.block(&list), !isMap && f.extent(&list):
			lists = append(lists, list)
		}
	}
	return lists
}

// finder goes through a text line by line.
type finder struct {
	src     string
	options Options
	pos     int // begin of a line
	line    int // its number
	maps    []string
	vain    int // bytes that were looked at for maps that are none
}

// vainly is how many times its length a text is looked through for maps that
// turn out to be none, at most.
const vainly = 4

// rest returns the current line and what follows it.
func (f *finder) rest() string { return f.src[f.pos:] }

// next goes to the next line.
func (f *finder) next() {
	n := strings.IndexByte(f.rest(), '\n')
	if n < 0 {
		f.pos = len(f.src)
		return
	}
	f.pos += n + 1
	f.line++
}

// key reports whether the current line has one of some keys and nothing behind
// it. The key may stand behind the dashes of items. The list's Indent is
// the column of the key.
func (f *finder) key(keys []string) (list List, ok bool) {
	p := f.pos
	for p < len(f.src) && (f.src[p] == ' ' || f.src[p] == '-' && strings.HasPrefix(f.src[p:], "- ")) {
		p++
	}
	for _, key := range keys {
		if !strings.HasPrefix(f.src[p:], key) {
			continue
		}
		colon := p + len(key)
		if colon < len(f.src) && f.src[colon] == ':' && endsLine(f.src[colon+1:]) {
			return List{Key: key, Colon: colon + 1, KeyLine: f.line, Indent: p - f.pos}, true
		}
	}
	return List{}, false
}

// endsLine reports whether nothing but spaces, or spaces and a comment, is left
// of a line.
func endsLine(rest string) bool {
	text := strings.TrimLeft(rest, " ")
	switch {
	case text == "" || text[0] == '\n' || strings.HasPrefix(text, "\r\n"):
		return true
	case text[0] == '#':
		return len(text) < len(rest)
	}
	return false
}

// extent finds the lines of the list below a key, in the column Indent, and
// goes behind them. It is false when there is no list, or when the line behind it
// does not belong to the key's map or to one around it.
func (f *finder) extent(list *List) bool {
	column := list.Indent
	for f.pos < len(f.src) && blank(f.rest()) {
		f.next()
	}
	list.Start, list.Line, list.Indent = f.pos, f.line, spaces(f.rest())
	if list.Indent < column || !isDash(f.rest()[list.Indent:]) {
		return false
	}
	behind, indent := 0, f.src[f.pos:f.pos+list.Indent]
	for ; f.pos < len(f.src); f.next() {
		rest, ok := strings.CutPrefix(f.rest(), indent)
		switch {
		case ok && strings.HasPrefix(rest, " "): // within an item, or blank
			continue
		case ok && isDash(rest):
			list.Rows++
			continue
		case blank(f.rest()):
			continue
		}
		behind = spaces(f.rest())
		if !solid(f.rest()[behind:]) {
			return false
		}
		break
	}
	list.End, list.Lines = f.pos, f.line-list.Line
	if list.End == len(f.src) && !strings.HasSuffix(f.src, "\n") {
		list.Lines++
	}
	return behind <= column
}

// blank reports whether a line has nothing but spaces or a comment.
func blank(rest string) bool {
	n := spaces(rest)
	if n == len(rest) {
		return true
	}
	c := rest[n]
	return c == '\n' || c == '#' || c == '\r' && strings.HasPrefix(rest[n:], "\r\n")
}

// solid reports whether what is here is neither white space nor a mark that
// YAML skips: the line is not an empty one.
func solid(rest string) bool {
	return rest[0] > ' ' && !strings.HasPrefix(rest, "\ufeff")
}

// isDash reports whether an item of a block list begins here.
func isDash(rest string) bool {
	return strings.HasPrefix(rest, "-") && (len(rest) == 1 || rest[1] == ' ' || rest[1] == '\n' || rest[1] == '\r')
}

// spaces returns the number of spaces at the beginning.
func spaces(s string) int {
	n := 0
	for n < len(s) && s[n] == ' ' {
		n++
	}
	return n
}
