package value

import (
	"iter"
	"slices"
)

// Map is an object: keys in order, each with its value and the line of the
// source on which the key stands (0 when it did not come from a file). The
// zero value is an empty map. A nil *Map reads as an empty one.
type Map struct {
	entries []entry
	index   map[string]int // built once the map is too long for a linear search
}

type entry struct {
	key  string
	val  Value
	line int32
}

// linearMax is the length up to which looking at every key is faster than
// hashing one.
const linearMax = 12

// NewMap returns an empty map with room for n keys.
func NewMap(n int) *Map { return &Map{entries: make([]entry, 0, n)} }

// Len returns the number of keys.
func (m *Map) Len() int {
	if m == nil {
		return 0
	}
	return len(m.entries)
}

// Key returns the i-th key.
func (m *Map) Key(i int) string { return m.entries[i].key }

// At returns the i-th value.
func (m *Map) At(i int) Value { return m.entries[i].val }

// LineAt returns the source line of the i-th key, 0 when unknown.
func (m *Map) LineAt(i int) int { return int(m.entries[i].line) }

// Find returns the position of a key, or -1.
func (m *Map) Find(key string) int {
	if m == nil {
		return -1
	}
	if m.index != nil {
		if i, ok := m.index[key]; ok {
			return i
		}
		return -1
	}
	for i := range m.entries {
		if m.entries[i].key == key {
			return i
		}
	}
	return -1
}

// Has reports whether the key is there, be its value null or not.
func (m *Map) Has(key string) bool { return m.Find(key) >= 0 }

// Get returns the value of a key, absent if there is none.
func (m *Map) Get(key string) Value {
	if i := m.Find(key); i >= 0 {
		return m.entries[i].val
	}
	return Value{}
}

// Line returns the source line of a key, 0 when unknown.
func (m *Map) Line(key string) int {
	if i := m.Find(key); i >= 0 {
		return int(m.entries[i].line)
	}
	return 0
}

// Set gives a key a value: in place when the key is there, else at the end.
func (m *Map) Set(key string, v Value) { m.SetAt(key, v, 0) }

// SetAt is [Map.Set] with the source line of the key; 0 keeps the line that the
// key has.
func (m *Map) SetAt(key string, v Value, line int) {
	if i := m.Find(key); i >= 0 {
		m.entries[i].val = v
		if line != 0 {
			m.entries[i].line = int32(line)
		}
		return
	}
	m.entries = append(m.entries, entry{key: key, val: v, line: int32(line)})
	if m.index != nil {
		m.index[key] = len(m.entries) - 1
	} else if len(m.entries) > linearMax {
		m.reindex()
	}
}

// Delete removes a key, if it is there.
func (m *Map) Delete(key string) {
	i := m.Find(key)
	if i < 0 {
		return
	}
	m.entries = slices.Delete(m.entries, i, i+1)
	if m.index != nil {
		m.reindex()
	}
}

// All ranges over keys and values in order.
func (m *Map) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		for i := range m.Len() {
			if !yield(m.entries[i].key, m.entries[i].val) {
				return
			}
		}
	}
}

// Keys returns the keys in order.
func (m *Map) Keys() []string {
	keys := make([]string, m.Len())
	for i := range keys {
		keys[i] = m.entries[i].key
	}
	return keys
}

// Clone returns a deep copy.
func (m *Map) Clone() *Map {
	c := NewMap(m.Len())
	for i := range m.Len() {
		e := m.entries[i]
		c.entries = append(c.entries, entry{e.key, e.val.Clone(), e.line})
	}
	if c.Len() > linearMax {
		c.reindex()
	}
	return c
}

// IntegerKeysFirst moves the keys that are canonical non-negative integers to
// the front, in ascending order. JavaScript orders every object so; which
// child is the first or the last depends on it.
func (m *Map) IntegerKeysFirst() {
	if !slices.ContainsFunc(m.entries, func(e entry) bool { return isIndex(e.key) }) {
		return
	}
	slices.SortStableFunc(m.entries, func(a, b entry) int { return compareKeys(a.key, b.key) })
	if m.index != nil {
		m.reindex()
	}
}

func (m *Map) reindex() {
	m.index = make(map[string]int, 2*len(m.entries))
	for i := range m.entries {
		m.index[m.entries[i].key] = i
	}
}

// isIndex reports whether JavaScript treats the key as an array index: "0",
// or digits without a leading zero up to 2^32-2.
func isIndex(key string) bool {
	if key == "" || len(key) > 10 || key[0] == '0' && len(key) > 1 {
		return false
	}
	for _, c := range []byte(key) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(key) < 10 || key <= "4294967294"
}

func compareKeys(a, b string) int {
	switch ai, bi := isIndex(a), isIndex(b); {
	case ai && bi:
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		if a < b {
			return -1
		}
		return 1
	case ai:
		return -1
	case bi:
		return 1
	}
	return 0
}
