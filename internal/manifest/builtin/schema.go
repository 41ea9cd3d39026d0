package builtin

import (
	"fmt"
	"math"
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/value"
)

// A schema looks at one value and reports to r what is wrong with it; path is
// the value's place as messages write it. It returns false when the value is of
// the wrong type, so that nothing more can be said of what holds it, and true
// when it is right or only out of bounds. This is how zod, whose wording the
// messages have, decides whether to go on with refinements.
type schema func(v value.Value, path string, r *report) bool

// issue is one message about one place.
type issue struct {
	path string // "" when the message is about the whole
	text string
	code string // empty when the message stands for itself
}

// report collects issues in the order in which they are found.
type report struct {
	issues []issue
}

func (r *report) add(path, code, format string, args ...any) {
	r.issues = append(r.issues, issue{path, fmt.Sprintf(format, args...), code})
}

// ok reports whether nothing is wrong.
func (r *report) ok() bool { return len(r.issues) == 0 }

// text returns all issues in one line, joined by commas. at stands before each
// code, such as " at index 0".
func (r *report) text(at string) string {
	parts := make([]string, len(r.issues))
	for i, is := range r.issues {
		parts[i] = is.text
		if is.path != "" && is.code != "" {
			parts[i] = `"` + is.path + `" parameter is ` + strings.ToLower(is.text) + at + ". Error code: " + is.code + "."
		}
	}
	return strings.Join(parts, ",")
}

// problem returns the issues as one problem, nil when there are none.
func (r *report) problem(at string) *diag.Problem {
	if r.ok() {
		return nil
	}
	return &diag.Problem{Class: inputValidation, Text: r.text(at)}
}

// inputValidation is the class of all that a schema finds.
const inputValidation = "InputValidationError"

// received returns what messages call the type of a value.
func received(v value.Value) string {
	if f, ok := v.Float(); ok && math.IsNaN(f) {
		return "nan"
	}
	return v.Kind().String()
}

// wrongType reports that a value is not what was expected, or not there.
func wrongType(v value.Value, path, expected string, r *report) bool {
	if v.Kind() == value.Absent {
		r.add(path, "invalid_type", "Required")
	} else {
		r.add(path, "invalid_type", "Expected %s, received %s", expected, received(v))
	}
	return false
}

// text accepts texts of at least so many characters.
func text(least int) schema {
	return func(v value.Value, path string, r *report) bool {
		s, ok := v.Str()
		if !ok {
			return wrongType(v, path, "string", r)
		}
		if len(s) < least {
			r.add(path, "too_small", "String must contain at least %d character(s)", least)
		}
		return true
	}
}

// bounds are what a number must be, beside not NaN.
type bounds struct {
	least  float64
	closed bool // least itself is allowed
	open   bool // there is no bound at all
}

func anyNumber() bounds             { return bounds{open: true} }
func atLeast(least float64) bounds  { return bounds{least: least, closed: true} }
func moreThan(least float64) bounds { return bounds{least: least} }

// holds reports whether a number is within the bounds; NaN never is.
func (b bounds) holds(f float64) bool {
	switch {
	case b.open:
		return f == f
	case b.closed:
		return f >= b.least
	}
	return f > b.least
}

// number accepts numbers within the bounds.
func number(b bounds) schema {
	return func(v value.Value, path string, r *report) bool {
		f, ok := v.Float()
		if !ok || math.IsNaN(f) {
			return wrongType(v, path, "number", r)
		}
		switch {
		case b.holds(f):
		case b.closed:
			r.add(path, "too_small", "Number must be greater than or equal to %s", value.NumberText(b.least))
		default:
			r.add(path, "too_small", "Number must be greater than %s", value.NumberText(b.least))
		}
		return true
	}
}

// boolean accepts true and false.
func boolean() schema { return ofKind(value.Bool) }

// date accepts times that are not texts.
func date() schema { return ofKind(value.Time) }

func ofKind(kind value.Kind) schema {
	return func(v value.Value, path string, r *report) bool {
		return v.Kind() == kind || wrongType(v, path, kind.String(), r)
	}
}

// literal accepts one text.
func literal(s string) schema {
	return func(v value.Value, path string, r *report) bool {
		if got, ok := v.Str(); ok && got == s {
			return true
		}
		r.add(path, "invalid_literal", "Invalid literal value, expected %q", s)
		return false
	}
}

// oneOf accepts the given texts.
func oneOf(names ...string) schema {
	return func(v value.Value, path string, r *report) bool {
		expected := "'" + strings.Join(names, "' | '") + "'"
		s, ok := v.Str()
		if !ok {
			return wrongType(v, path, expected, r)
		}
		for _, name := range names {
			if s == name {
				return true
			}
		}
		r.add(path, "invalid_enum_value", "Invalid enum value. Expected %s, received '%s'", expected, s)
		return false
	}
}

// oneOfEnum is [oneOf] for names that are an enumeration of a program, which may
// have numbers too.
func oneOfEnum(names ...string) schema {
	known := oneOf(names...)
	return func(v value.Value, path string, r *report) bool {
		if _, ok := v.Float(); ok {
			v = value.OfText(v.String())
		}
		return known(v, path, r)
	}
}

// anyOf accepts what one of the schemas accepts. What is of a right type and
// out of bounds is reported so; else the message is that of the first schema.
func anyOf(schemas ...schema) schema {
	return func(v value.Value, path string, r *report) bool {
		var dirty, first *report
		for _, s := range schemas {
			var try report
			fits := s(v, path, &try)
			switch {
			case try.ok():
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
		r.add(is.path, "invalid_union", "%s", is.text)
		return false
	}
}

// optional accepts what is absent, and what the schema accepts.
func optional(s schema) schema {
	return func(v value.Value, path string, r *report) bool {
		return v.Kind() == value.Absent || s(v, path, r)
	}
}

// listOf accepts lists whose items the schema accepts.
func listOf(item schema) schema {
	return func(v value.Value, path string, r *report) bool {
		if v.Kind() != value.List {
			return wrongType(v, path, "array", r)
		}
		ok := true
		for i, x := range v.List() {
			ok = item(x, join(path, fmt.Sprintf("[%d]", i)), r) && ok
		}
		return ok
	}
}

// recordOf accepts objects whose values, whatever their keys, the schema
// accepts.
func recordOf(item schema) schema {
	return func(v value.Value, path string, r *report) bool {
		if v.Kind() != value.Object {
			return wrongType(v, path, "object", r)
		}
		ok := true
		for key, x := range v.Map().All() {
			ok = item(x, join(path, key), r) && ok
		}
		return ok
	}
}

// field is one key of an object.
type field struct {
	name   string
	schema schema
}

// object accepts objects whose fields their schemas accept, whatever other keys
// they have.
func object(fields ...field) schema {
	return func(v value.Value, path string, r *report) bool {
		if v.Kind() != value.Object {
			return wrongType(v, path, "object", r)
		}
		ok := true
		for _, f := range fields {
			ok = f.schema(v.Map().Get(f.name), join(path, f.name), r) && ok
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
func (r *report) key() string {
	if r.ok() {
		return ""
	}
	key, _, _ := strings.Cut(r.issues[0].path, ".")
	return key
}
