// Package value is the data model of a document: what a YAML or JSON file can
// hold, with the order of keys kept and with null, absent and a time apart.
//
// It is not for bulk data: observations live in frames (package frame), and a
// document refers to them with a [Bulk] handle. Numbers are float64 as in the
// manifests of Impact Framework, whose text form [AppendNumber] writes.
package value

import (
	"math"
	"unsafe"
)

// Kind says what a [Value] holds.
type Kind uint8

// The kinds of a value. Absent is the zero value: there is no such key, which
// is not the same as a key whose value is Null.
const (
	Absent Kind = iota
	Null
	Bool
	Number
	Text
	Time
	List
	Object
	Bulk
)

var kindNames = [...]string{"undefined", "null", "boolean", "number", "string", "date", "array", "object", "array"} //archtest:table names of the kinds, never written

// String returns the name that messages use for the kind; these are the names
// of JavaScript's types, which Impact Framework's users know.
func (k Kind) String() string { return kindNames[k] }

// Value is one value of a document. The zero value is absent. Values are
// immutable, apart from what a [Map] reached through [Value.Map] holds.
//
// Trees of many small components are made of values, so one takes 24 bytes:
// texts and lists are kept as pointer and length.
type Value struct {
	kind Kind
	num  float64        // Number; Bool as 0 or 1; Time in ms since 1970 UTC; Bulk as its index; Text and List as their length
	ref  unsafe.Pointer // Text: its bytes; List: its items; Object: the *Map
}

// OfNull returns null.
func OfNull() Value { return Value{kind: Null} }

// OfBool returns a boolean.
func OfBool(b bool) Value {
	if b {
		return Value{kind: Bool, num: 1}
	}
	return Value{kind: Bool}
}

// OfNumber returns a number.
func OfNumber(f float64) Value { return Value{kind: Number, num: f} }

// OfText returns a text.
func OfText(s string) Value {
	return Value{kind: Text, num: float64(len(s)), ref: unsafe.Pointer(unsafe.StringData(s))}
}

// OfTime returns a time, given in milliseconds since 1970-01-01 UTC.
func OfTime(ms int64) Value { return Value{kind: Time, num: float64(ms)} }

// OfList returns a list. The caller must not change list afterwards.
func OfList(list []Value) Value {
	return Value{kind: List, num: float64(len(list)), ref: unsafe.Pointer(unsafe.SliceData(list))}
}

// OfMap returns an object.
func OfMap(m *Map) Value { return Value{kind: Object, ref: unsafe.Pointer(m)} }

// OfBulk returns the handle of the bulk list with the given index.
func OfBulk(index int) Value { return Value{kind: Bulk, num: float64(index)} }

// Kind returns what the value holds.
func (v Value) Kind() Kind { return v.kind }

// IsNullish reports whether the value is absent or null.
func (v Value) IsNullish() bool { return v.kind == Absent || v.kind == Null }

// Float returns the number, and whether the value is one.
func (v Value) Float() (float64, bool) {
	if v.kind != Number {
		return 0, false
	}
	return v.num, true
}

// Str returns the text, and whether the value is one.
func (v Value) Str() (string, bool) {
	if v.kind != Text {
		return "", false
	}
	return v.text(), true
}

// text returns the text of a Text.
func (v Value) text() string { return unsafe.String((*byte)(v.ref), int(v.num)) }

// Bool returns the boolean, and whether the value is one.
func (v Value) Bool() (b, ok bool) { return v.num != 0 && v.kind == Bool, v.kind == Bool }

// Millis returns the time in ms since 1970-01-01 UTC, and whether the value is
// a time.
func (v Value) Millis() (int64, bool) {
	if v.kind != Time {
		return 0, false
	}
	return int64(v.num), true
}

// BulkIndex returns the index of a bulk list, and whether the value is one.
func (v Value) BulkIndex() (int, bool) {
	if v.kind != Bulk {
		return 0, false
	}
	return int(v.num), true
}

// List returns the items of a list, nil for anything else. The caller must not
// change them.
func (v Value) List() []Value {
	if v.kind != List {
		return nil
	}
	return unsafe.Slice((*Value)(v.ref), int(v.num))
}

// Map returns the map of an object, nil for anything else. A nil [*Map] is an
// empty one to all its reading methods.
func (v Value) Map() *Map {
	if v.kind != Object {
		return nil
	}
	return (*Map)(v.ref)
}

// Truthy reports whether JavaScript takes the value for true.
func (v Value) Truthy() bool {
	switch v.kind {
	case Absent, Null:
		return false
	case Bool, Number:
		return v.num != 0 && !math.IsNaN(v.num)
	case Text:
		return v.num != 0
	}
	return true
}

// Equal reports whether two values are the same: kind, content and, in
// objects, the order of keys. NaN equals NaN.
func Equal(a, b Value) bool {
	if a.kind != b.kind {
		return false
	}
	switch a.kind {
	case Bool, Number, Time, Bulk:
		return a.num == b.num && math.Signbit(a.num) == math.Signbit(b.num) || a.num != a.num && b.num != b.num
	case Text:
		return a.text() == b.text()
	case List:
		return equalLists(a.List(), b.List())
	case Object:
		return equalMaps(a.Map(), b.Map())
	}
	return true
}

func equalLists(a, b []Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

func equalMaps(a, b *Map) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i := range a.Len() {
		if a.Key(i) != b.Key(i) || !Equal(a.At(i), b.At(i)) {
			return false
		}
	}
	return true
}

// Clone returns a copy that shares no map with v.
func (v Value) Clone() Value {
	switch v.kind {
	case List:
		list := make([]Value, len(v.List()))
		for i, item := range v.List() {
			list[i] = item.Clone()
		}
		return OfList(list)
	case Object:
		return OfMap(v.Map().Clone())
	}
	return v
}
