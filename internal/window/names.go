package window

import (
	"unicode"
	"unicode/utf8"
)

// Numbers of names that are not names.
const (
	noName    int32 = iota // none was given
	otherName              // too many were given
	firstName
)

// The longest names that are kept, in bytes.
const (
	maxName     = 256
	maxEndpoint = 512
)

// names numbers names in the order in which they come, up to a limit.
type names struct {
	ids   map[string]int32 // by spelling
	list  []string         // by number
	limit int
	size  int   // the longest name that is kept, in bytes
	fold  bool  // case does not matter
	last  int32 // what comes again and again is not looked up
	buf   []byte
}

func newNames(limit, size int, fold bool) names {
	n := names{ids: map[string]int32{}, limit: limit, size: size, fold: fold}
	n.reset()
	return n
}

// reset forgets all names and keeps the memory.
func (n *names) reset() {
	clear(n.ids)
	n.list = append(n.list[:0], "", "other")
	n.last = noName
}

// id returns the number of a name. The name's memory is not kept.
func (n *names) id(name string) int32 {
	if name == n.list[n.last] && n.last != otherName {
		return n.last
	}
	if name == "" {
		return noName
	}
	id, ok := n.ids[name]
	if !ok {
		if id = n.add(name); id == otherName {
			return id
		}
	}
	n.last = id
	return id
}

// add returns the number of a spelling that was not seen yet.
func (n *names) add(name string) int32 {
	key := n.key(name)
	id, ok := n.ids[string(key)]
	if !ok {
		if len(n.list)-int(firstName) >= n.limit {
			return otherName
		}
		id = int32(len(n.list))
		n.list = append(n.list, string(key))
		n.ids[n.list[id]] = id
	}
	const spellings = 4 // of a name, on average; more are worked out again each time
	if string(key) != name && len(name) <= n.size && len(n.ids) < spellings*n.limit {
		n.ids[string(append([]byte(nil), name...))] = id
	}
	return id
}

// key returns the name as it is kept: at most size bytes and, if case does not
// matter, in lower case. It lies in the table's memory.
func (n *names) key(name string) []byte {
	n.buf = n.buf[:0]
	for _, r := range name {
		if n.fold {
			r = unicode.ToLower(r)
		}
		if len(n.buf)+utf8.RuneLen(r) > n.size {
			break
		}
		n.buf = utf8.AppendRune(n.buf, r)
	}
	return n.buf
}
