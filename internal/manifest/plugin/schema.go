package plugin

import (
	"fmt"
	"math"
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Schema looks at one value and reports to r what is wrong with it; path is
// the value's place as messages write it. It returns false when the value is of
// the wrong type, so that nothing more can be said of what holds it, and true
// when it is right or only out of bounds. This is how zod, whose wording the
// messages have, decides whether to go on with refinements.
type Schema func(v value.Value, path string, r *Report) bool

// issue is one message about one place.
type issue struct {
	path string // "" when the message is about the whole
	text string
	code string // empty when the message stands for itself
}

// Report collects issues in the order in which they are found.
type Report struct {
	issues []issue
}

// Add reports an issue. The path is the value's place, or "" for a message about
// the whole, which then stands as it is.
func (r *Report) Add(path, code, format string, args ...any) {
	r.issues = append(r.issues, issue{path, fmt.Sprintf(format, args...), code})
}

// OK reports whether nothing is wrong.
func (r *Report) OK() bool { return len(r.issues) == 0 }

// text returns all issues in one line, joined by commas. at stands before each
// code, such as " at index 0".
func (r *Report) text(at string) string {
	parts := make([]string, len(r.issues))
	for i, is := range r.issues {
		parts[i] = is.text
		if is.path != "" && is.code != "" {
			parts[i] = `"` + is.path + `" parameter is ` + strings.ToLower(is.text) + at + ". Error code: " + is.code + "."
		}
	}
	return strings.Join(parts, ",")
}

// Problem returns the issues as one problem, nil when there are none.
func (r *Report) Problem(at string) *diag.Problem {
	if r.OK() {
		return nil
	}
	return &diag.Problem{Class: InputValidation, Text: r.text(at)}
}

// InputValidation is the class of all that a schema finds.
const InputValidation = "InputValidationError"

// received returns what messages call the type of a value.
func received(v value.Value) string {
	if f, ok := v.Float(); ok && math.IsNaN(f) {
		return "nan"
	}
	return v.Kind().String()
}

// WrongType reports that a value is not what was expected, or not there.
func WrongType(v value.Value, path, expected string, r *Report) bool {
	if v.Kind() == value.Absent {
		r.Add(path, "invalid_type", "Required")
	} else {
		r.Add(path, "invalid_type", "Expected %s, received %s", expected, received(v))
	}
	return false
}

// Text accepts texts of at least so many characters.
func Text(least int) Schema {
	return func(v value.Value, path string, r *Report) bool {
		s, ok := v.Str()
		if !ok {
			return WrongType(v, path, "string", r)
		}
		if len(s) < least {
			r.Add(path, "too_small", "String must contain at least %d character(s)", least)
		}
		return true
	}
}

// Bounds are what a number must be, beside not NaN.
type Bounds struct {
	least  float64
	closed bool // least itself is allowed
	open   bool // there is no bound at all
}

// AnyNumber is no bound at all.
func AnyNumber() Bounds { return Bounds{open: true} }

// AtLeast allows a number and all above it.
func AtLeast(least float64) Bounds { return Bounds{least: least, closed: true} }

// MoreThan allows all numbers above one.
func MoreThan(least float64) Bounds { return Bounds{least: least} }

// holds reports whether a number is within the bounds; NaN never is.
func (b Bounds) holds(f float64) bool {
	switch {
	case b.open:
		return f == f
	case b.closed:
		return f >= b.least
	}
	return f > b.least
}

// Number accepts numbers within the bounds.
func Number(b Bounds) Schema {
	return func(v value.Value, path string, r *Report) bool {
		f, ok := v.Float()
		if !ok || math.IsNaN(f) {
			return WrongType(v, path, "number", r)
		}
		switch {
		case b.holds(f):
		case b.closed:
			r.Add(path, "too_small", "Number must be greater than or equal to %s", value.NumberText(b.least))
		default:
			r.Add(path, "too_small", "Number must be greater than %s", value.NumberText(b.least))
		}
		return true
	}
}

// Boolean accepts true and false.
func Boolean() Schema { return ofKind(value.Bool) }

// Date accepts times that are not texts.
func Date() Schema { return ofKind(value.Time) }

func ofKind(kind value.Kind) Schema {
	return func(v value.Value, path string, r *Report) bool {
		return v.Kind() == kind || WrongType(v, path, kind.String(), r)
	}
}

// Literal accepts one text.
func Literal(s string) Schema {
	return func(v value.Value, path string, r *Report) bool {
		if got, ok := v.Str(); ok && got == s {
			return true
		}
		r.Add(path, "invalid_literal", "Invalid literal value, expected %q", s)
		return false
	}
}

// OneOf accepts the given texts.
func OneOf(names ...string) Schema {
	return func(v value.Value, path string, r *Report) bool {
		expected := "'" + strings.Join(names, "' | '") + "'"
		s, ok := v.Str()
		if !ok {
			return WrongType(v, path, expected, r)
		}
		for _, name := range names {
			if s == name {
				return true
			}
		}
		r.Add(path, "invalid_enum_value", "Invalid enum value. Expected %s, received '%s'", expected, s)
		return false
	}
}

// OneOfEnum is [oneOf] for names that are an enumeration of a program, which may
// have numbers too.
func OneOfEnum(names ...string) Schema {
	known := OneOf(names...)
	return func(v value.Value, path string, r *Report) bool {
		if _, ok := v.Float(); ok {
			v = value.OfText(v.String())
		}
		return known(v, path, r)
	}
}

// AnyOf accepts what one of the schemas accepts. What is of a right type and
// out of bounds is reported so; else the message is that of the first schema.
func AnyOf(schemas ...Schema) Schema {
	return func(v value.Value, path string, r *Report) bool {
		var dirty, first *Report
		for _, s := range schemas {
			var try Report
			fits := s(v, path, &try)
			switch {
			case try.OK():
				return true
			case fits && dirty == nil:
				dirty = &try
			}
			if first == nil {
				first = &try
			}
		}
		if dirty != nil {
			r.issues = append(r.issues, dirty.issues...)
			return true
		}
		is := first.issues[0]
		r.Add(is.path, "invalid_union", "%s", is.text)
		return false
	}
}

// Optional accepts what is absent, and what the schema accepts.
func Optional(s Schema) Schema {
	return func(v value.Value, path string, r *Report) bool {
		return v.Kind() == value.Absent || s(v, path, r)
	}
}

// ListOf accepts lists whose items the schema accepts.
func ListOf(item Schema) Schema {
	return func(v value.Value, path string, r *Report) bool {
		if v.Kind() != value.List {
			return WrongType(v, path, "array", r)
		}
		ok := true
		for i, x := range v.List() {
			ok = item(x, join(path, fmt.Sprintf("[%d]", i)), r) && ok
		}
		return ok
	}
}

// RecordOf accepts objects whose values, whatever their keys, the schema
// accepts.
func RecordOf(item Schema) Schema {
	return func(v value.Value, path string, r *Report) bool {
		if v.Kind() != value.Object {
			return WrongType(v, path, "object", r)
		}
		ok := true
		for key, x := range v.Map().All() {
			ok = item(x, join(path, key), r) && ok
		}
		return ok
	}
}

// Field is one key of an object.
type Field struct {
	name   string
	Schema Schema
}

// Object accepts objects whose fields their schemas accept, whatever other keys
// they have.
func Object(fields ...Field) Schema {
	return func(v value.Value, path string, r *Report) bool {
		if v.Kind() != value.Object {
			return WrongType(v, path, "object", r)
		}
		ok := true
		for _, f := range fields {
			ok = f.Schema(v.Map().Get(f.name), join(path, f.name), r) && ok
		}
		return ok
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// key returns the first key of the first issue's path.
func (r *Report) key() string {
	if r.OK() {
		return ""
	}
	key, _, _ := strings.Cut(r.issues[0].path, ".")
	return key
}

// Key returns a field of an object.
func Key(name string, s Schema) Field { return Field{name, s} }
